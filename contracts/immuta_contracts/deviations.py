"""Known deviations of a tenant: each listed with a reason and a last day, until which it does not fail a run."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from immuta_contracts.connectors import C5
from immuta_contracts.errors import CannotRun
from immuta_contracts.promises import promises
from immuta_contracts.spec import Routes

DEFAULT_FILE = Path("deviations.toml")
PREFIXES = [connector.prefix for connector in C5]
NEEDED, OPTIONAL = ("promise", "reason", "expires"), ("operation", "connector")
State = Literal["known", "expired", "fixed", "not tried"]


class BadDeviations(CannotRun):
    """A file of known deviations cannot be used; the text says where, why and what would be right."""


@dataclass(frozen=True)
class Place:
    """Where a promise was tried: an operation id and the prefix of a connector, None where it is none in particular."""

    operation: str | None
    connector: str | None

    def meets(self, other: "Place") -> bool:
        """Whether nothing tells the two apart."""
        pairs = ((self.operation, other.operation), (self.connector, other.connector))
        return all(None in pair or pair[0] == pair[1] for pair in pairs)


@dataclass(frozen=True)
class Deviation:
    """A promise that the tenant is known to break, on one operation or connector when it names them.

    `expires` is the last day on which that is accepted.
    """

    promise: str
    reason: str
    expires: date
    operation: str | None = None
    connector: str | None = None

    def __str__(self) -> str:
        narrowed = [word for word in (self.operation, self.connector) if word]
        return f"{self.promise} [{', '.join(narrowed)}]" if narrowed else self.promise

    def as_toml(self) -> str:
        """The entry as it stands in a file."""
        fields = [(name, getattr(self, name)) for name in ("promise", *OPTIONAL, "reason", "expires")]
        lines = [f"{name} = {_quoted(value) if isinstance(value, str) else value}" for name, value in fields if value]
        return "\n".join(["[[deviation]]", *lines]) + "\n"

    def covers(self, place: Place) -> bool:
        """Whether a failure of the promise at that place is the known one."""
        return self.operation in (None, place.operation) and self.connector in (None, place.connector)


@dataclass(frozen=True)
class Listed:
    """A known deviation and what a run made of it; `fixed` when all that could show it was tried and kept.

    `open` names what could show it and was not.
    """

    deviation: Deviation
    state: State
    expired: bool
    open: tuple[str, ...] = ()

    def __str__(self) -> str:
        entry = self.deviation
        says = {
            "known": f"known until {entry.expires}: {entry.reason}",
            "expired": f"expired on {entry.expires} and still broken: {entry.reason}",
            "fixed": f"kept by now{f', expired on {entry.expires}' if self.expired else ''}: remove it",
            "not tried": "not all that could show it was tried",
        }
        return f"{entry}: {says[self.state]}"

    def as_json(self) -> dict[str, Any]:
        fields = {**vars(self.deviation), "expires": str(self.deviation.expires)}
        return {**fields, "state": self.state, "says": str(self), "open": list(self.open)}


def place_of(routes: Routes, promise: str, subject: str | None, called: Sequence[str | None]) -> Place:
    """Where a promise broke: on its subject, else on the last operation called that the document marks with it."""
    operations = {operation.id: operation for operation in routes.operations}
    met = [operations[name] for name in ([subject] if subject in operations else called) if name in operations]
    marked = [operation for operation in met if promise in operation.promises]
    on = next(reversed(marked or met), None)
    prefixes = {str(operation.connector) for operation in ([on] if on and on.connector else met) if operation.connector}
    if subject in PREFIXES:
        prefixes = {str(subject)}
    return Place(on.id if on else None, prefixes.pop() if len(prefixes) == 1 else None)


def reach(routes: Routes, deviation: Deviation) -> Place:
    """Where a deviation may show; an operation of a connector settles the connector too."""
    of_operation = place_of(routes, deviation.promise, deviation.operation, [])
    return Place(deviation.operation, deviation.connector or of_operation.connector)


def read(path: Path, routes: Routes) -> tuple[Deviation, ...]:
    """The known deviations of a file. Raises `BadDeviations`."""
    try:
        return parse(path.read_text("utf-8"), path, routes)
    except OSError as error:
        raise BadDeviations(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadDeviations(f"{path} is no UTF-8 text: {error}") from error


def parse(text: str, path: Path, routes: Routes) -> tuple[Deviation, ...]:
    """The known deviations of a text that is, or is to be, the file's. Raises `BadDeviations`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDeviations(f"{path} is no TOML: {error}") from error
    _known(document, ("deviation",), f"{path}: the key", "write each entry as [[deviation]]")
    entries = document.get("deviation", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadDeviations(f"{path}: `deviation` is no list of tables: write each entry as [[deviation]]")
    return tuple(_deviation(entry, f"{path}: deviation {number}", routes) for number, entry in enumerate(entries, 1))


def _deviation(entry: Mapping[str, Any], where: str, routes: Routes) -> Deviation:
    _known(entry, (*NEEDED, *OPTIONAL), f"{where}: the key")
    for name in NEEDED:
        if name not in entry:
            raise BadDeviations(f"{where} has no {name}: each needs {', '.join(NEEDED)}")
    for name in (each for each in entry if each != "expires"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise BadDeviations(f"{where}: {name} is {entry[name]!r}, expected a text that is not empty")
    _known([entry["promise"]], promises(), f"{where}: the promise")
    _known([entry.get("operation")], [None, *(o.id for o in routes.operations)], f"{where}: the operation")
    _known([entry.get("connector")], [None, *PREFIXES], f"{where}: the connector")
    return Deviation(**{**entry, "expires": _day(entry["expires"], where)})


def _known(
    words: Mapping[str, Any] | Sequence[str | None],
    known: Mapping[str, Any] | Sequence[str | None],
    what: str,
    advice: str = "",
) -> None:
    """Raises `BadDeviations` for the first of the words that is not known, with the known one that is nearest."""
    for word in words:
        if word not in known:
            texts = [each for each in known if each]
            near = get_close_matches(str(word).casefold(), {each.casefold(): each for each in texts}, 1, 0)
            nearest = next(each for each in texts if each.casefold() == near[0])
            raise BadDeviations(f"{what} {word!r} is not known: {advice or f'did you mean {nearest!r}?'}")


def _quoted(text: str) -> str:
    """A TOML string; what cannot be seen becomes a space, so that JSON's escapes are TOML's."""
    return json.dumps("".join(c if c.isprintable() else " " for c in text), ensure_ascii=False)


def _day(value: object, where: str) -> date:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BadDeviations(f"{where}: expires is {str(value)!r}, no date: write it like 2027-01-31") from error
