"""Checks values against one schema of the document, and says what is wrong with them."""

from typing import Any

from jsonschema_rs import Draft4Validator

from immuta_mock.faults import Faults
from immuta_mock.schemas import FORMATS, json_schema

MOST_REASONS = 100


class SchemaCheck:
    """A compiled schema; `answer` says that it is for what the server sends, which is held to formats too."""

    def __init__(self, document: dict[str, Any], schema: dict[str, Any], *, answer: bool = False) -> None:
        root = json_schema(document, schema, response=answer)
        validator = Draft4Validator(root, formats=dict(FORMATS), validate_formats=answer)
        self.is_valid = validator.is_valid
        self._errors = validator.iter_errors
        self._faults = Faults(root)
        self.expected = self._faults.expected(root)

    def reasons(self, value: Any) -> list[str]:
        """What is wrong with the value, a clause each; of very many the first are told and the others counted."""
        told = [fault.clause for fault in self._faults.of(self._errors(value))]
        more = len(told) - MOST_REASONS
        return [*told[:MOST_REASONS], f"and {more} more"] if more > 0 else told
