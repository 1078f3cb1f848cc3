"""What a store is beside the operations of the API: its state, its time, and what a test may do to both."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import RLock
from typing import Self

from immuta_mock.store import jobs
from immuta_mock.store.clock import Clock, Source, utc_now
from immuta_mock.store.state import State
from immuta_mock.users import DEFAULT_USERS, Directory, User


class Steered:
    """One tenant in memory, as those who test with it see it; `Store` adds what its clients see.

    Ids come from `seed` and counters and times from `clock`, so that a run can be repeated; `clock` answers times with
    a zone. A job completes `job_duration` after its start, and its effect shows from the next call on.
    """

    def __init__(
        self,
        users: Sequence[User] | None = None,
        *,
        seed: int = 0,
        clock: Source = utc_now,
        token_lifetime: timedelta = timedelta(hours=1),
        job_duration: timedelta = timedelta(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._again = partial(
            type(self),
            users,
            seed=seed,
            clock=clock,
            token_lifetime=token_lifetime,
            job_duration=job_duration,
            sleep=sleep,
        )
        self._state = State(random.Random(seed), Directory(DEFAULT_USERS if users is None else users))
        self._clock = Clock(clock)
        self._token_lifetime = token_lifetime
        self._job_duration = job_duration
        self._sleep = sleep
        self._lock = RLock()

    def fresh(self) -> Self:
        """An empty store with the users and the settings that this one began with, under a clock of its own."""
        return self._again()

    @contextmanager
    def _step(self) -> Iterator[datetime]:
        """The lock, the time, and the jobs that are due completed."""
        with self._lock:
            now = self._clock()
            jobs.settle(self._state, now)
            yield now

    @property
    def users(self) -> tuple[User, ...]:
        """Those who may log in."""
        return self._state.directory.users

    @property
    def now(self) -> datetime:
        """The time of the tenant."""
        return self._clock()

    def count_data_sources(self) -> int:
        """How many data sources there are, disabled ones included."""
        return len(self._state.data_sources)
