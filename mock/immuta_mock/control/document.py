"""The document of the control API, and what it asks of each operation."""

from functools import cache
from typing import Any

from immuta_mock.checks import Checks, compile_checks
from immuta_mock.documents import read_document
from immuta_mock.spec import spec_directory

PREFIX = "/__mock__"


@cache
def control_document() -> dict[str, Any]:
    """The document, read once; nobody changes it."""
    return read_document(spec_directory() / "control.yaml")


@cache
def control_checks() -> dict[str, Checks]:
    """The checks of every operation, by operationId."""
    return compile_checks(control_document())
