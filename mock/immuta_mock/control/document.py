"""The document of the control API, what it asks of each operation, and the files that are written by its schemas."""

from functools import cache
from pathlib import Path
from typing import Any

from immuta_mock.checks import Checks, compile_checks
from immuta_mock.documents import SpecError, read_document
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.schemas import json_schema
from immuta_mock.spec import resolve, spec_directory

PREFIX = "/__mock__"


@cache
def control_document() -> dict[str, Any]:
    """The document, read once; nobody changes it."""
    return read_document(spec_directory() / "control.yaml")


@cache
def control_checks() -> dict[str, Checks]:
    """The checks of every operation, by operationId."""
    return compile_checks(control_document())


def seed_schema() -> dict[str, Any]:
    """The JSON Schema (draft 4) of a seed document, as editors take it."""
    document = control_document()
    return json_schema(document, resolve(document, "#/components/schemas/State"), response=False)


def effect_check() -> SchemaCheck:
    """The check of what a fault does."""
    return SchemaCheck(control_document(), {"$ref": "#/components/schemas/FaultEffect"})


def read_file(path: str | Path, schema: str) -> dict[str, Any]:
    """The document of a YAML or JSON file that fits the schema of this name. Raises SpecError."""
    found = read_document(Path(path))
    check = SchemaCheck(control_document(), {"$ref": f"#/components/schemas/{schema}"})
    if not check.is_valid(found):
        raise SpecError(f"{path}: {'; '.join(check.reasons(found))}.")
    return found
