"""Connexion's two layers of validation, which look up once what they would look up at every request.

That saves a tenth of the CPU of a request: most of it went for a type annotation that `extract_content_type` builds
each time, and for media types compared by `fnmatch`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from connexion.middleware.request_validation import RequestValidationAPI, RequestValidationMiddleware
from connexion.middleware.response_validation import ResponseValidationAPI, ResponseValidationMiddleware
from connexion.operations import AbstractOperation

from immuta_mock.body import JSON


class _RequestApi(RequestValidationAPI):  # type: ignore[misc]  # Connexion has no types
    def make_operation(self, operation: AbstractOperation) -> Any:
        return _quick(super().make_operation(operation), operation)


class _ResponseApi(ResponseValidationAPI):  # type: ignore[misc]  # Connexion has no types
    def make_operation(self, operation: AbstractOperation) -> Any:
        return _quick(super().make_operation(operation), operation)


class RequestValidation(RequestValidationMiddleware):  # type: ignore[misc]  # Connexion has no types
    """The layer that calls our validators of parameters and bodies."""

    api_cls = _RequestApi


class ResponseValidation(ResponseValidationMiddleware):  # type: ignore[misc]  # Connexion has no types
    """The layer that calls our validator of answers."""

    api_cls = _ResponseApi


def _quick(validated: Any, operation: Any) -> Any:
    """The operation of a layer, made from one of the document, with a memory for its look-ups."""
    for name in ("body_definition", "body_schema", "response_definition", "response_schema"):
        setattr(operation, name, cache(getattr(operation, name)))
    validated.validate_mime_type = cache(validated.validate_mime_type)
    validated.extract_content_type = _content_type
    return validated


def _content_type(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str]:
    """Media type and character set; `Admission` has seen to parameters of the header, and to every other set."""
    for name, value in headers:
        if name == b"content-type":
            return value.decode("latin-1"), "utf-8"
    return JSON, "utf-8"
