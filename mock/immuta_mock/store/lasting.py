"""How the state of a tenant changes: in steps, of which each is kept whole before it ends, or has not happened."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import RLock
from typing import TypeVar

from immuta_mock.errors import BadRequest, NoSuchSnapshot
from immuta_mock.store import jobs
from immuta_mock.store.clock import Clock, Setting
from immuta_mock.store.keeping import (
    CLOCK,
    KINDS,
    SNAPSHOT,
    Keeper,
    Record,
    changed_records,
    changes_of,
    clock_record,
    records_of,
    revived,
    setting_of,
    snapshot_of,
    snapshot_record,
    undisturbed,
)
from immuta_mock.store.state import State

MOST_SNAPSHOTS = 100

Outcome = TypeVar("Outcome")
Snapshots = Mapping[str, State]


class Lasting:
    """A state, its time and its snapshots behind one lock; in memory alone unless somebody keeps them.

    Where others write to what is kept, too, all that is asked is answered as it was when `catch_up` was last called,
    or later; a change is made to what is there when it is made.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._lock = RLock()
        self._keeper: Keeper | None = None
        self._snapshots: Snapshots = {}

    def keep_in(self, keeper: Keeper) -> None:
        """Be as it was kept there, or keep what is here if nothing was; from now on each change is kept there.

        Raises CannotKeep for what cannot be read, NotKept for what cannot be written.
        """
        with self._lock:
            undisturbed(lambda: self._begin(keeper))
            self._keeper = keeper

    def catch_up(self) -> None:
        """Be as others have left it; raises NotKept where that cannot be known."""
        if self._keeper is not None:
            self._keeper.catch_up()

    def _begin(self, keeper: Keeper) -> None:
        if records := keeper.read():
            self._revive(records)
        else:
            snapshots = _snapshot_records({}, self._snapshots)
            keeper.write([*records_of(self._state), clock_record(self._clock.setting), *snapshots])
            self._state.changed.clear()

    def _revive(self, records: Iterable[Record]) -> None:
        kept = revived(records, self._state.seed)
        self._state, self._clock.setting, self._snapshots = kept.state, kept.setting, kept.snapshots
        self._state.index.settle()

    def _step(self, act: Callable[[datetime], Outcome]) -> Outcome:
        """What an act comes to at the time it is given; where others write too, it may be tried several times.

        The jobs that are due are completed first, which needs no keeping: a later look at the state and the time
        would complete them again.
        """
        with self._lock:
            return self._tried(act) if self._keeper is None else undisturbed(lambda: self._tried(act))

    def _tried(self, act: Callable[[datetime], Outcome]) -> Outcome:
        self._take_missed()
        now = self._clock()
        state = self._state
        jobs.settle(state, now)
        setting, snapshots, revision = self._clock.setting, self._snapshots, state.revision
        try:
            outcome = act(now)
            if (
                state.revision != revision
                or self._state is not state
                or self._clock.setting is not setting
                or self._snapshots is not snapshots
            ):
                self._keep(state, setting, snapshots)
        except BaseException:
            self._state, self._clock.setting, self._snapshots = state, setting, snapshots
            if state.revision != revision:
                state.undo()
            raise
        return outcome

    def _keep(self, state: State, setting: Setting, snapshots: Snapshots) -> None:
        """Keep what is other than it was in these three."""
        if self._keeper is not None:
            others = [clock_record(self._clock.setting)] if self._clock.setting is not setting else []
            others += _snapshot_records(snapshots, self._snapshots)
            if self._state is not state:
                self._keeper.write([*records_of(self._state), *others], dropping=KINDS)
            else:
                self._keeper.write([*changed_records(state), *others])
        self._state.changed.clear()

    def _take_missed(self) -> None:
        """Be as others have left it, as far as the keeper knows that."""
        if self._keeper is None:
            return
        with self._lock:
            missed = self._keeper.missed()
            if missed is not None and missed.whole:
                self._revive(missed.records)
            elif missed is not None:
                self._follow(missed.records)

    def _follow(self, records: Sequence[Record]) -> None:
        self._state.undo()  # what the time has done here; it does it again to what there is now
        self._state.take(changes_of(records))
        for record in records:
            if record.kind == CLOCK:
                self._clock.setting = setting_of(record)
            elif record.kind == SNAPSHOT:
                held = None if record.text is None else snapshot_of(record, self._state.seed)
                self._snapshots = _with_snapshot(self._snapshots, record.key, held)

    # Snapshots

    def snapshot(self) -> State:
        """The state as it is now, to be restored later; the time is no part of it."""
        return self._step(lambda _: self._state.copy())

    def restore(self, state: State) -> None:
        """Be in a state that `snapshot` gave, of this store or of another one."""
        self._step(lambda _: self._be(state))

    def reset(self, state: State) -> None:
        """Be in such a state, at the time of the source; snapshots stay."""

        def reset(_: datetime) -> None:
            self._be(state)
            self._clock.reset()

        self._step(reset)

    def snapshots(self) -> dict[str, int]:
        """How many data sources each saved snapshot holds, by its name."""
        return self._step(lambda _: {name: len(state.data_sources) for name, state in self._snapshots.items()})

    def save(self, name: str) -> None:
        """Save the state as it is now under a name, in place of what had that name; raises BadRequest for too many."""

        def save(_: datetime) -> None:
            if name not in self._snapshots and len(self._snapshots) >= MOST_SNAPSHOTS:
                raise BadRequest(f"there are {MOST_SNAPSHOTS} snapshots already; remove one first")
            self._snapshots = _with_snapshot(self._snapshots, name, self._state.copy())

        self._step(save)

    def bring_back(self, name: str) -> None:
        """Be in the state that was saved under a name; raises NoSuchSnapshot."""
        self._step(lambda _: self._be(self._saved(name)))

    def forget(self, name: str) -> None:
        """Remember a snapshot no longer; raises NoSuchSnapshot."""

        def forget(_: datetime) -> None:
            self._saved(name)
            self._snapshots = _with_snapshot(self._snapshots, name, None)

        self._step(forget)

    def _be(self, state: State) -> None:
        self._state = state.copy()

    def _saved(self, name: str) -> State:
        if name not in self._snapshots:
            raise NoSuchSnapshot(name, self._snapshots)
        return self._snapshots[name]


def _with_snapshot(snapshots: Snapshots, name: str, state: State | None) -> Snapshots:
    """The snapshots with another one under a name, or with none."""
    found = {**snapshots, name: state}
    return {each: held for each, held in found.items() if held is not None}


def _snapshot_records(before: Snapshots, after: Snapshots) -> Iterator[Record]:
    """The records of the snapshots that are other than before."""
    for name in {**before, **after}:
        if before.get(name) is not after.get(name):
            yield snapshot_record(name, after.get(name))
