"""Turns the errors of a JSON Schema validator into faults that a reader can act on: where, what, and what instead.

The heart is the choice: where a value fits none of several branches, only the branch that it evidently means is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind
from msgspec import Struct
from msgspec.structs import replace

from immuta_mock.wording import describe, json_path, shown_at

Place = tuple[str | int, ...]
Schema = Mapping[str, Any]
Branch = list["Fault"]

NOWHERE = 1_000_000  # deeper than any place: the depth of a fault that is not there


class Fault(Struct, frozen=True):
    """`place` is where `value` is wrong, in `words` unless it is to be shown itself, or where one is missing.

    `expected` may be unknown. Most faults are weighed against others and never told, so texts are made when asked for,
    and the faults themselves in a ninth of the time that a dataclass takes.
    """

    place: Place
    expected: str
    value: Any = None  # it may be a secret
    words: str = ""
    mistyped: bool = False
    missing: bool = False

    def __repr__(self) -> str:
        return f"Fault({self.clause})"

    @property
    def found(self) -> str:
        """What is there instead."""
        return self.words or shown_at(self.place, self.value)

    @property
    def clause(self) -> str:
        if self.missing:
            return f"{json_path(self.place)} is missing" + (f" ({self.expected})" if self.expected else "")
        return f"{json_path(self.place)} is {self.found}, expected {self.expected}"


class Faults:
    """The faults of values checked against the schema `root`, in the order in which the validator finds them."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._expected: dict[int, str] = {}

    def of(self, errors: Iterable[ValidationError]) -> list[Fault]:
        """One fault for each place; a choice that fails only for what is told already is left out."""
        found: dict[Place, Fault] = {}
        choices: list[tuple[ValidationError, list[Branch]]] = []
        for error in errors:
            if isinstance(error.kind, _CHOICES):
                choices.append((error, [self.of(branch) for branch in error.kind.context]))
            else:
                fault = self._fault(error)
                found.setdefault(fault.place, fault)
        for error, branches in choices:
            for fault in self._of_choice(error, branches) if _is_news(branches, found) else ():
                found.setdefault(fault.place, fault)
        return list(found.values())

    def expected(self, schema: Schema) -> str:
        """What a schema asks for, as a noun phrase."""
        if id(schema) not in self._expected:  # a part of the root, which stays where it is
            self._expected[id(schema)] = describe(schema, self._resolve)
        return self._expected[id(schema)]

    def _fault(self, error: ValidationError) -> Fault:
        place, schema = tuple(error.instance_path), self._at(error.schema_path[:-1])
        if isinstance(error.kind, ValidationErrorKind.Required):
            name = error.kind.property
            member = schema.get("properties", {}).get(name)
            return Fault((*place, name), self.expected(member) if member is not None else "", missing=True)
        if isinstance(error.kind, ValidationErrorKind.AdditionalProperties):
            known = f"one of the fields {', '.join(schema.get('properties', ()))}"
            return Fault((*place, error.kind.unexpected[0]), known, words="unknown")
        expected = "nothing" if isinstance(error.kind, ValidationErrorKind.Not) else self.expected(schema)
        mistyped = isinstance(error.kind, ValidationErrorKind.Type)
        return Fault(place, expected, error.instance, mistyped=mistyped)

    def _of_choice(self, error: ValidationError, branches: list[Branch]) -> Branch:
        place = tuple(error.instance_path)
        schema = self._at(error.schema_path[:-1])
        options = [self._resolve(option) for option in schema[error.kind.name]]
        if isinstance(error.kind, ValidationErrorKind.OneOfMultipleValid):
            fitting = [option for option, branch in zip(options, branches, strict=True) if not branch]
            return [_fits_several(place, fitting)]
        if all(fault.place == place for branch in branches for fault in branch):
            return [Fault(place, self.expected(schema), error.instance, mistyped=True)]
        return _meant(place, branches)

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._at(schema["$ref"].removeprefix("#/").split("/"))
        return schema

    def _at(self, path: Sequence[str | int]) -> Any:
        node: Any = self._root
        for part in path:
            node = node[part]
        return node


_CHOICES = (
    ValidationErrorKind.AnyOf,
    ValidationErrorKind.OneOfNotValid,
    ValidationErrorKind.OneOfMultipleValid,
)


def _is_news(branches: list[Branch], found: Mapping[Place, Fault]) -> bool:
    """Whether no branch fails only in places that are told already."""
    return not any(branch and all(fault.place in found for fault in branch) for branch in branches)


def _fits_several(place: Place, options: list[Schema]) -> Fault:
    """The value fits several branches: the fault names what each of them requires and the others do not."""
    required = [set(option.get("required", ())) for option in options]
    own = sorted(name for names in required for name in names - set.intersection(*required))
    if not own:
        return Fault(place, "one that fits a single form", words="a value that fits several forms")
    names = " and ".join(own)
    return Fault(place, "only one of them", words=f"given with {names}")


def _meant(place: Place, branches: list[Branch]) -> Branch:
    """The faults of the branch that is evidently meant; of branches meant alike, alternatives or the shorter one."""
    ranks = [_rank(place, branch) for branch in branches]
    least = min(ranks)
    best = [branch for branch, rank in zip(branches, ranks, strict=True) if rank == least]
    if len(best) == 1:
        return best[0]
    return _missing_alternatives(place, best) or [_widened(fault, best) for fault in min(best, key=len)]


def _rank(place: Place, branch: Branch) -> tuple[bool, int, int]:
    """How far a branch is from what is meant.

    Furthest where the value itself has the wrong type, then the more of its members are missing, then the nearer to
    the value a wrong type is found.
    """
    mistyped = [len(fault.place) for fault in branch if fault.mistyped]
    return len(place) in mistyped, _missing_at(place, branch), -min(mistyped, default=NOWHERE)


def _missing_at(place: Place, branch: Branch) -> int:
    return sum(fault.missing and fault.place[:-1] == place for fault in branch)


def _missing_alternatives(place: Place, branches: list[Branch]) -> Branch:
    """What all branches have in common, and as one fault the one member that each of them, and no other, lacks."""
    shared = [fault for fault in branches[0] if all(fault in branch for branch in branches)]
    own = [[fault for fault in branch if fault not in shared] for branch in branches]
    names = dict.fromkeys(str(fault.place[-1]) for rest in own for fault in rest)
    if len(names) != len(branches) or not all(len(rest) == 1 == _missing_at(place, rest) for rest in own):
        return []
    first, *others = names
    return [*shared, Fault((*place, first), f"it or {' or '.join(others)} is needed", missing=True)] if others else []


def _widened(fault: Fault, branches: list[Branch]) -> Fault:
    """The fault with what every branch expects in its place."""
    same = [other.expected for branch in branches for other in branch if other.place == fault.place and other.expected]
    return replace(fault, expected=" or ".join(dict.fromkeys(same)))
