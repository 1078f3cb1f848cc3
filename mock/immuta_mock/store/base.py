"""What a store is beside the operations of the API: its state, its time, and what a test may do to both."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from immuta_mock.errors import BadRequest
from immuta_mock.store import jobs, seed, tokens
from immuta_mock.store.clock import Clock, Source, utc_now
from immuta_mock.store.lasting import Lasting
from immuta_mock.store.records import Job
from immuta_mock.store.state import State
from immuta_mock.users import DEFAULT_USERS, Directory, User

LATEST = datetime(2500, 1, 1, tzinfo=UTC)
"""How far a tenant's time may be moved on; what is computed from it has to stay a time."""


class Steered(Lasting):
    """One tenant, as those who test with it see it; `Store` adds what its clients see.

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
        self._again: Callable[[], Any] = partial(
            type(self),
            users,
            seed=seed,
            clock=clock,
            token_lifetime=token_lifetime,
            job_duration=job_duration,
            sleep=sleep,
        )
        super().__init__(State(Directory(DEFAULT_USERS if users is None else users), seed), Clock(clock))
        self._token_lifetime = token_lifetime
        self._job_duration = job_duration
        self._sleep = sleep

    # The state

    def fresh(self) -> Self:
        """An empty store with the users and the settings that this one began with, under a clock of its own."""
        store: Self = self._again()
        return store

    def dump(self) -> dict[str, Any]:
        """The state as a seed document; tokens are no part of it."""
        return self._step(lambda _: seed.dump(self._state))

    def load(self, document: Mapping[str, Any]) -> None:
        """Be in the state that a valid seed document describes; raises BadRequest where it contradicts itself."""

        def be(now: datetime) -> None:
            self._state = seed.loaded(self._state, document, now)
            self._state.index.settle()

        self._step(be)

    def count_data_sources(self) -> int:
        """How many data sources there are, disabled ones included."""
        return self._step(lambda _: len(self._state.data_sources))

    # Time

    @property
    def clock(self) -> Clock:
        """The tenant's own clock, to be read."""
        self._take_missed()
        return self._clock

    def freeze(self, at: datetime | None = None) -> None:
        """Let the time stand still, now or at another time; raises BadRequest for one that is too late."""
        self._step(lambda now: self._clock.freeze(_checked(at if at is not None else now)))

    def advance(self, by: timedelta) -> None:
        """Move the time on: tokens expire and jobs complete as if it had passed; raises BadRequest for too far."""
        self._step(lambda now: self._clock.advance(_checked(now + by) - now))

    def resume(self) -> None:
        """Let the time run on from where it stands."""
        self._step(lambda _: self._clock.resume())

    # Jobs

    def all_jobs(self) -> tuple[Job, ...]:
        """Every job, the oldest first."""
        return self._step(lambda _: tuple(self._state.jobs.values()))

    def count_running_jobs(self) -> int:
        """How many jobs are not ended."""
        return self._step(lambda _: len(self._state.running))

    def _end(self, now: datetime) -> datetime:
        """When a job completes that begins now."""
        return now + self._job_duration

    def complete_job(self, job_id: str) -> Job:
        """Let a running job complete now, with its effect; raises JobNotFound, JobEnded."""
        return self._step(lambda _: jobs.complete_now(self._state, job_id))

    def fail_job(self, job_id: str, output: str) -> Job:
        """Let a running job fail now, without its effect; raises JobNotFound, JobEnded."""
        return self._step(lambda _: jobs.fail_now(self._state, job_id, output))

    # Users

    @property
    def users(self) -> tuple[User, ...]:
        """Those who may log in."""
        return self._step(lambda _: self._state.directory.users)

    def add_user(self, user: User) -> None:
        """Let somebody else log in; raises UsersError for a key or profile that another user has."""
        self._step(lambda _: self._state.add_user(user))

    def exchange_users(self, before: Collection[User], after: Sequence[User]) -> None:
        """Have others in place of some users; raises UsersError for a key or profile that another user has."""

        def exchange(_: datetime) -> None:
            self._state = replace(self._state, directory=self._state.directory.exchanged(before, after))

        self._step(exchange)

    def secrets(self) -> tuple[str, ...]:
        """The keys and tokens by which somebody may log in."""
        return self._step(lambda _: (*self._state.directory.by_key, *self._state.tokens))

    def expire_tokens(self, name: str | None = None) -> int:
        """Make the live tokens of the users of a name, or of all users, expire now; answers how many these were."""
        return self._step(lambda now: tokens.expire(self._state, name, now))


def _checked(moment: datetime) -> datetime:
    if moment >= LATEST:
        raise BadRequest(f"the time of a tenant ends with the year {LATEST.year - 1}")
    return moment
