"""What Connexion is told of the document: operations, their security and their media types.

Connexion checks a document whole and copies it for each of its layers, which takes a third of a second for texts and
schemas that it has no use for here: parameters, bodies and answers are checked by validators of our own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connexion.exceptions import InvalidSpecification
from connexion.spec import Specification

from immuta_mock.checks import Checks, Document
from immuta_mock.spec import SpecError


def skeleton(document: Document, operations: Iterable[Checks]) -> Document:
    """A valid document with the operations of this one, and of them what Connexion needs."""
    paths: dict[str, dict[str, Any]] = {}
    for checks in operations:
        method = checks.method.lower()
        paths.setdefault(checks.path, {})[method] = _operation(checks, document["paths"][checks.path][method])
    return {
        "openapi": document["openapi"],
        "info": {name: document["info"][name] for name in ("title", "version")},
        "security": document["security"],
        "paths": paths,
        "components": {"securitySchemes": document["components"]["securitySchemes"]},
    }


def check_valid(document: Document) -> None:
    """Raises `SpecError` for a document that overlays have made invalid."""
    try:
        Specification.load(document)
    except InvalidSpecification as error:
        where = "/".join(str(part) for part in error.absolute_path)
        raise SpecError(f"with its overlays the document is no valid OpenAPI 3.0: {where}: {error.message}") from None
    except Exception as error:  # of libraries of its own, for references that lead nowhere
        raise SpecError(f"with its overlays the document is no valid OpenAPI 3.0: {error}") from error


def _operation(checks: Checks, definition: Mapping[str, Any]) -> dict[str, Any]:
    answer = {"description": "An answer that is no refusal.", "content": _content(["application/json"])}
    operation: dict[str, Any] = {"operationId": checks.operation_id, "responses": {"200": answer}}
    if "security" in definition:
        operation["security"] = definition["security"]
    if checks.bodies:
        operation["requestBody"] = {"content": _content(checks.bodies)}
    return operation


def _content(media_types: Iterable[str]) -> dict[str, Any]:
    return {media_type: {"schema": {"title": "Checked elsewhere."}} for media_type in media_types}
