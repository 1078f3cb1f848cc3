"""How the state of a tenant changes: in steps, of which each is kept whole before it ends, or has not happened."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock

from immuta_mock.errors import BadRequest, NoSuchSnapshot
from immuta_mock.store import jobs
from immuta_mock.store.clock import Clock, Setting
from immuta_mock.store.keeping import (
    KINDS,
    Keeper,
    Record,
    changed_records,
    clock_record,
    records_of,
    revived,
    snapshot_record,
)
from immuta_mock.store.state import State

MOST_SNAPSHOTS = 100


class Lasting:
    """A state, its time and its snapshots behind one lock; in memory alone unless somebody keeps them."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._lock = RLock()
        self._keeper: Keeper | None = None
        self._snapshots: dict[str, State] = {}

    def keep_in(self, keeper: Keeper) -> None:
        """Be as it was kept there, or keep what is here if nothing was; from now on each change is kept there.

        Raises CannotKeep for what cannot be read, NotKept for what cannot be written.
        """
        with self._lock:
            if records := keeper.read():
                kept = revived(records, self._state.seed)
                self._state, self._clock.setting, self._snapshots = kept.state, kept.setting, kept.snapshots
                self._state.index.settle()
            else:
                snapshots = [snapshot_record(name, state) for name, state in self._snapshots.items()]
                keeper.write([*records_of(self._state), clock_record(self._clock.setting), *snapshots])
                self._state.changed.clear()
            self._keeper = keeper

    @contextmanager
    def _step(self) -> Iterator[datetime]:
        """A step at the time given: the jobs that are due are completed first, which needs no keeping.

        A later look at the state and the time would complete them again.
        """
        with self._lock:
            now = self._clock()
            jobs.settle(self._state, now)
            state, setting, revision = self._state, self._clock.setting, self._state.revision
            try:
                yield now
                if self._state is not state or self._clock.setting is not setting or state.revision != revision:
                    self._keep(state, setting)
            except BaseException:
                self._state = state if state.revision == revision else state.undone()
                self._clock.setting = setting
                raise

    def _keep(self, state: State, setting: Setting) -> None:
        """Keep what is other than it was in `state` and `setting`."""
        if self._keeper is not None:
            time = [clock_record(self._clock.setting)] if self._clock.setting is not setting else []
            if self._state is not state:
                self._keeper.write([*records_of(self._state), *time], dropping=KINDS)
            else:
                self._keeper.write([*changed_records(state), *time])
        self._state.changed.clear()

    # Snapshots

    def snapshot(self) -> State:
        """The state as it is now, to be restored later; the time is no part of it."""
        with self._lock:
            return self._state.copy()

    def restore(self, state: State) -> None:
        """Be in a state that `snapshot` gave, of this store or of another one."""
        with self._step():
            self._state = state.copy()

    def reset(self, state: State) -> None:
        """Be in such a state, at the time of the source; snapshots stay."""
        with self._step():
            self._state = state.copy()
            self._clock.reset()

    def snapshots(self) -> dict[str, int]:
        """How many data sources each saved snapshot holds, by its name."""
        with self._lock:
            return {name: len(state.data_sources) for name, state in self._snapshots.items()}

    def save(self, name: str) -> None:
        """Save the state as it is now under a name, in place of what had that name; raises BadRequest for too many."""
        with self._lock:
            if name not in self._snapshots and len(self._snapshots) >= MOST_SNAPSHOTS:
                raise BadRequest(f"there are {MOST_SNAPSHOTS} snapshots already; remove one first")
            state = self.snapshot()
            self._write([snapshot_record(name, state)])
            self._snapshots[name] = state

    def bring_back(self, name: str) -> None:
        """Be in the state that was saved under a name; raises NoSuchSnapshot."""
        with self._lock:
            self.restore(self._saved(name))

    def forget(self, name: str) -> None:
        """Remember a snapshot no longer; raises NoSuchSnapshot."""
        with self._lock:
            self._saved(name)
            self._write([snapshot_record(name, None)])
            del self._snapshots[name]

    def _saved(self, name: str) -> State:
        if name not in self._snapshots:
            raise NoSuchSnapshot(name, self._snapshots)
        return self._snapshots[name]

    def _write(self, records: Iterable[Record]) -> None:
        if self._keeper is not None:
            self._keeper.write(records)
