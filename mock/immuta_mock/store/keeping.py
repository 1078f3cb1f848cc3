"""What a tenant's state is for those who keep it: records of JSON, each under a kind and a key."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from msgspec.json import decode, encode

from immuta_mock.errors import NotKept
from immuta_mock.store.clock import Setting
from immuta_mock.store.entries import (
    job_entry,
    job_of,
    moment,
    source_entry,
    source_of,
    token_entry,
    token_of,
    user_entry,
    user_of,
)
from immuta_mock.store.state import State

PATIENCE = 10.0
"""Seconds in which a step is tried that others overtake."""

Outcome = TypeVar("Outcome")


class CannotKeep(Exception):
    """What keeps the state cannot be used; the text says why and what to do in one line."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing kept; `text` is its JSON, None that it is no longer there."""

    kind: str
    key: str = field(repr=False)  # a token is one
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Missed:
    """What others have written to the records of a tenant, or with `whole` all that there is now."""

    records: Sequence[Record]
    whole: bool = False


class Overtaken(Exception):
    """Somebody else has written first, and nothing was written: take what was missed, and try again."""

    def __init__(self, keeper: "Keeper") -> None:
        super().__init__("somebody else has written first")
        self.keeper = keeper


def undisturbed(attempt: Callable[[], Outcome]) -> Outcome:
    """What an attempt comes to once nobody overtakes it; raises NotKept where that takes too long."""
    end, by = time.monotonic() + PATIENCE, None
    try:
        for times in itertools.count():
            try:
                return attempt()
            except Overtaken as overtaken:
                by = overtaken.keeper
                if time.monotonic() > end:
                    raise NotKept("others write to it all the time") from None
                by.give_way(times)
    finally:
        if by is not None:
            by.go_on()
    raise AssertionError("there is always a next time")


class Keeper(Protocol):
    """Where the records of one tenant last: for this process alone, or for others too that write them."""

    def read(self) -> Sequence[Record]:
        """All records, those of a kind in the order in which they first came; none for a tenant that is new."""

    def write(self, records: Iterable[Record], *, dropping: Iterable[str] = ()) -> None:
        """Take the place of the records of the same kind and key, and of all of the kinds in `dropping`.

        All of it lasts when this returns, or none of it and it raises NotKept or Overtaken.
        """

    def missed(self) -> Missed | None:
        """What others have written since the last time, as far as it is known here; None for nothing."""
        return None

    def catch_up(self) -> None:
        """Get to know all that others have written until now."""
        return

    def give_way(self, times: int) -> None:  # noqa: ARG002  # nobody overtakes where nobody else writes
        """Wait for the next attempt, after one was overtaken so many times before."""
        return

    def go_on(self) -> None:
        """Let others write again, whom many attempts may have kept from that."""
        return

    def forget(self) -> None:
        """Keep nothing of this tenant any more, whatever is still written; raises NotKept."""


class Keeping(Protocol):
    """What keeps the states of all tenants, for this process alone."""

    def tenants(self) -> Sequence[str]:
        """Those of which there is a state, the oldest first."""

    def of(self, tenant: str) -> Keeper:
        """The keeper of one tenant."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the records of one kind are told from one another and turned into JSON and back."""

    key: Callable[[str], Any]
    entry: Callable[[Any], Any]
    record: Callable[[Any], Any]


KINDS: Mapping[str, Kind] = {
    "user": Kind(int, user_entry, user_of),
    "counter": Kind(str, int, int),
    "dataSource": Kind(int, source_entry, source_of),
    "job": Kind(str, job_entry, job_of),
    "bulk": Kind(str, list, tuple),
    "token": Kind(str, token_entry, token_of),
}
"""The records of a state; beside them are kept the setting of the clock and the snapshots."""

CLOCK, SNAPSHOT = "clock", "snapshot"


def records_of(state: State) -> Iterator[Record]:
    """All records of a state."""
    for kind, table in state.tables().items():
        for key in table:
            yield _record(kind, key, table)


def changed_records(state: State) -> Iterator[Record]:
    """The records of a state that changed."""
    tables = state.tables()
    for kind, key in state.changed:
        yield _record(kind, key, tables[kind])


def changes_of(records: Iterable[Record]) -> dict[tuple[str, Any], Any]:
    """The records of a state as it has them, by kind and key; None for one that is no longer there."""
    kinds = ((KINDS[record.kind], record) for record in records if record.kind in KINDS)
    return {
        (record.kind, kind.key(record.key)): None if record.text is None else kind.record(decode(record.text))
        for kind, record in kinds
    }


def clock_record(setting: Setting) -> Record:
    """The record of how the clock is set."""
    ahead, frozen_at = setting.ahead // timedelta(microseconds=1), setting.frozen_at
    entry = {"aheadMicroseconds": ahead, "frozenAt": frozen_at.isoformat() if frozen_at is not None else None}
    return Record(CLOCK, "", _json(entry))


def snapshot_record(name: str, state: State | None) -> Record:
    """The record of a snapshot; of one that is no longer there without a state."""
    held = None if state is None else _json([[record.kind, record.key, record.text] for record in records_of(state)])
    return Record(SNAPSHOT, name, held)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the records of a tenant say."""

    state: State
    setting: Setting
    snapshots: dict[str, State]


def revived(records: Iterable[Record], seed: int) -> Kept:
    """What records say; raises CannotKeep for those that no store has written."""
    kept = list(records)
    try:
        snapshots = {record.key: snapshot_of(record, seed) for record in kept if record.kind == SNAPSHOT}
        settings = [setting_of(record) for record in kept if record.kind == CLOCK]
        return Kept(_state(kept, seed), settings[0], snapshots)
    except Exception as error:
        raise CannotKeep(f"its records contradict themselves ({type(error).__name__}: {error})") from None


def _state(records: Iterable[Record], seed: int) -> State:
    tables: dict[str, dict[Any, Any]] = {kind: {} for kind in KINDS}
    for (kind, key), record in changes_of(records).items():
        tables[kind][key] = record
    return State.of(tables, seed)


def snapshot_of(record: Record, seed: int) -> State:
    """The state that the record of a snapshot holds."""
    return _state((Record(*each) for each in decode(str(record.text))), seed)


def setting_of(record: Record) -> Setting:
    """How the clock is set by its record."""
    entry = decode(str(record.text))
    frozen_at = moment(entry["frozenAt"]) if entry["frozenAt"] is not None else None
    return Setting(timedelta(microseconds=entry["aheadMicroseconds"]), frozen_at)


def _record(kind: str, key: Any, table: Mapping[Any, Any]) -> Record:
    return Record(kind, str(key), _json(KINDS[kind].entry(table[key])) if key in table else None)


def _json(value: Any) -> str:
    return encode(value).decode()
