"""Checks values against one schema of the document, and says what is wrong with them."""

from functools import cached_property, partial
from typing import Any

from jsonschema_rs import Draft4Validator, ValidationError, Validator

from immuta_mock.faults import Fault, Faults
from immuta_mock.forms import Forms
from immuta_mock.schemas import FORMATS, json_schema
from immuta_mock.sound_lists import SoundLists
from immuta_mock.spec import SpecError
from immuta_mock.wording import shown

MOST_REASONS = 100
MOST_ITEMS = 1000
_UNTOLD = "…"  # stands for values in the validator's own messages, which nobody reads and which take it long to write


class SchemaCheck:
    """A compiled schema; `answer` says that it is for what the server sends, which is held to formats too."""

    def __init__(self, document: dict[str, Any], schema: dict[str, Any], *, answer: bool = False) -> None:
        root = json_schema(document, schema, response=answer)
        try:
            validator = _compiled(root, answer=answer)
        except ValueError as error:
            raise SpecError(f"a schema of the document cannot be used: {shown(str(error))}") from None
        self.is_valid = validator.is_valid
        self._all_errors = validator.iter_errors
        self._validate = validator.validate
        self._faults = Faults(root)
        self._root, self._compile = root, partial(_compiled, answer=answer)
        self.expected = self._faults.expected(root)

    def reasons(self, value: Any, *, is_long: bool = False) -> list[str]:
        """What is wrong with a value that is not valid, a clause each; of very many the first are told.

        Of a long one only the beginning of its arrays is looked at, since each error costs time; where that much is
        valid, the first error is told alone.
        """
        short = self._sound_lists.shortened(value)
        excerpt, is_whole = _excerpt(short) if is_long else (short, True)
        told = [fault.clause for fault in self._told(value, excerpt)]
        more = len(told) - MOST_REASONS
        rest = [f"and {more} more"] if more > 0 else []
        return [*told[:MOST_REASONS], *(rest if is_whole else ["and perhaps more, for the arrays are very long"])]

    def faults(self, value: Any) -> list[Fault]:
        """The same for a reader who wants their places; of long arrays the beginning is looked at."""
        return self._told(value, _excerpt(value)[0])[:MOST_REASONS]

    def _told(self, value: Any, excerpt: Any) -> list[Fault]:
        errors = self._forms.errors_of(excerpt) or self._all_errors
        return self._faults.of(errors(excerpt)) or self._faults.of(self._first_error(value))

    @cached_property
    def _sound_lists(self) -> SoundLists:
        return SoundLists(self._root, self._compile)

    @cached_property
    def _forms(self) -> Forms:
        return Forms(self._root, self._compile)

    def _first_error(self, value: Any) -> list[ValidationError]:
        try:
            self._validate(value)
        except ValidationError as error:
            return [error]
        return []


def _compiled(schema: dict[str, Any], *, answer: bool) -> Validator:
    """A validator of a schema; raises ValueError for what is none."""
    return Draft4Validator(schema, formats=dict(FORMATS), validate_formats=answer, mask=_UNTOLD)


def _excerpt(value: Any) -> tuple[Any, bool]:
    """The value with no more than `MOST_ITEMS` items in all its arrays together, and whether it is whole."""
    left, is_whole = MOST_ITEMS, True

    def copied(node: Any) -> Any:
        nonlocal left, is_whole
        if isinstance(node, dict):
            return {name: copied(member) for name, member in node.items()}
        if not isinstance(node, list):
            return node
        kept = node[: max(left, 0)]
        left -= len(kept)
        is_whole = is_whole and len(kept) == len(node)
        return [copied(item) for item in kept]

    return copied(value), is_whole
