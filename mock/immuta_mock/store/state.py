"""The whole state of one tenant: plain dicts of frozen records, their indexes, and the sources of ids."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import is_
from typing import Any

from immuta_mock.store.index import Index
from immuta_mock.store.records import ACTIVE, DataSource, Job, Json, Token
from immuta_mock.users import Directory, User

FIRST_IDS: Mapping[str, int] = {"dataSource": 1, "handler": 1001, "dictionary": 5001, "bulk": 1, "uuid": 1}
"""The first id of each kind; the ranges differ so that a mixed-up id shows."""


@lru_cache(maxsize=1 << 15)
def uuid_of(seed: int, number: int) -> str:
    """The UUID that a seed gives to a number; written by hand, since `uuid.UUID` takes five times as long.

    The last ones are remembered, so that a bulk update may have thousands of them worked out before its turn.
    """
    digest = hashlib.blake2b(f"{seed} {number}".encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(digest[16], 16) % 4]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:]}"


@dataclass(slots=True)
class State:
    """What one tenant remembers. Data sources stand in the order of their ids, jobs in the order of their start.

    Users, counters, data sources, jobs, bulks and tokens are its records; the rest follows from them. `changed` holds
    what each of them was that changed since somebody last emptied it, None for one that was not there; `revision`
    tells whether anything did.
    """

    directory: Directory
    seed: int = 0
    counters: dict[str, int] = field(default_factory=lambda: dict(FIRST_IDS))
    data_sources: dict[int, DataSource] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    bulks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    by_handler: dict[int, int] = field(default_factory=dict)
    by_connection_string: dict[str, set[int]] = field(default_factory=dict)
    running: dict[str, None] = field(default_factory=dict)
    """Ids of the jobs that are not completed, the first to complete first."""
    index: Index = field(default_factory=Index, compare=False, repr=False)
    changed: dict[tuple[str, Any], Any] = field(default_factory=dict, compare=False, repr=False)
    revision: int = field(default=0, compare=False)
    latest_columns: tuple[Json, ...] = field(default=(), compare=False, repr=False)

    # The state as its records

    def tables(self) -> dict[str, dict[Any, Any]]:
        """The records by kind and key, in their order."""
        return {
            "user": self.directory.by_profile,
            "counter": self.counters,
            "dataSource": self.data_sources,
            "job": self.jobs,
            "bulk": self.bulks,
            "token": self.tokens,
        }

    @classmethod
    def of(cls, tables: Mapping[str, Mapping[Any, Any]], seed: int) -> "State":
        """The state with these records; raises UsersError for users who share a key."""
        state = cls(Directory(list(tables["user"].values())), seed, counters=dict(tables["counter"]))
        state.bulks, state.tokens = dict(tables["bulk"]), dict(tables["token"])
        state.put_all(sorted(tables["dataSource"].values(), key=lambda source: source.id))
        for job in tables["job"].values():
            state.keep_job(job)
        state.changed.clear()
        return state

    def undo(self) -> None:
        """Be as before all that is in `changed`."""
        self.take(dict(self.changed))

    def take(self, records: Mapping[tuple[str, Any], Any]) -> None:
        """Have these records by kind and key, None for one that is no longer there; none of it counts as changed."""
        takers: Mapping[str, Callable[[Any, Any], None]] = {
            "user": self._take_user,
            "dataSource": self._take_source,
            "job": self._take_job,
        }
        for (kind, key), record in records.items():
            if kind in takers:
                takers[kind](key, record)
            elif record is None:
                self.tables()[kind].pop(key, None)
            else:
                self.tables()[kind][key] = record
        self.changed.clear()

    def _take_user(self, profile: int, user: User | None) -> None:
        users = {**self.directory.by_profile, profile: user}
        self.directory = Directory([each for each in users.values() if each is not None])

    def _take_source(self, id_: int, source: DataSource | None) -> None:
        before, last = self.data_sources.get(id_), next(reversed(self.data_sources), 0)
        if source is not None:
            self.put(source)
        elif before is not None:
            self.remove(before)
        if before is None and id_ < last:
            self.data_sources = dict(sorted(self.data_sources.items()))

    def _take_job(self, id_: str, job: Job | None) -> None:
        known = self.jobs.pop(id_, None) if job is None else self.jobs.get(id_)
        if known is None and job is not None:
            self.keep_job(job)
        elif job is not None:
            self.jobs[id_] = job
            if job.state == ACTIVE and id_ not in self.running:  # it takes its old place
                running = [each for each in self.jobs.values() if each.state == ACTIVE]
                self.running = dict.fromkeys(each.id for each in sorted(running, key=lambda each: each.completes_at))
        if job is None or job.state != ACTIVE:
            self.running.pop(id_, None)

    def copy(self) -> "State":
        """A state like this one that shares nothing with it that can change."""
        return replace(
            self,
            counters=dict(self.counters),
            data_sources=dict(self.data_sources),
            jobs=dict(self.jobs),
            bulks=dict(self.bulks),
            tokens=dict(self.tokens),
            by_name=dict(self.by_name),
            by_handler=dict(self.by_handler),
            by_connection_string={text: set(ids) for text, ids in self.by_connection_string.items()},
            running=dict(self.running),
            index=self.index.copy(),
            changed={},
        )

    def _note(self, kind: str, key: Any, before: Any) -> None:
        self.changed.setdefault((kind, key), before)
        self.revision += 1

    # Data sources

    def put(self, source: DataSource) -> None:
        """Add a data source or replace the one of the same id."""
        before = self.data_sources.get(source.id)
        self._note("dataSource", source.id, before)
        self.index.follow(before, source)
        self.data_sources[source.id] = source
        if before is None or before.name != source.name or before.handler_id != source.handler_id:
            self._remember_keys(before, source)
        if before is None or before.connection_string != source.connection_string:
            self._remember_sharing(before, source)

    def put_all(self, sources: Iterable[DataSource]) -> None:
        """Add or replace several; names may not change hands between them."""
        for source in sources:
            self.put(source)

    def remove(self, source: DataSource) -> None:
        """Take a data source out, with its handler and its dictionary."""
        self._note("dataSource", source.id, source)
        self.index.follow(source, None)
        self._remember_keys(source, None)
        self._remember_sharing(source, None)
        del self.data_sources[source.id]

    def _remember_keys(self, before: DataSource | None, after: DataSource | None) -> None:
        if before is not None and self.by_name.get(before.name) == before.id:  # else it has changed hands
            del self.by_name[before.name]
        if before is not None:
            del self.by_handler[before.handler_id]
        if after is not None:
            self.by_name[after.name] = after.id
            self.by_handler[after.handler_id] = after.id

    def _remember_sharing(self, before: DataSource | None, after: DataSource | None) -> None:
        if before is not None:
            sharing = self.by_connection_string[before.connection_string]
            sharing.discard(before.id)
            if not sharing:
                del self.by_connection_string[before.connection_string]
        if after is not None:
            self.by_connection_string.setdefault(after.connection_string, set()).add(after.id)

    # Jobs

    def add_job(self, job: Job) -> None:
        """Remember a job that was just started; the time may have been set back since an older one was."""
        last = self.jobs[next(reversed(self.running))] if self.running else job
        self._note("job", job.id, None)
        self.jobs[job.id] = job
        self.running[job.id] = None
        if job.completes_at < last.completes_at:
            self.running = dict.fromkeys(sorted(self.running, key=lambda each: self.jobs[each].completes_at))

    def keep_job(self, job: Job) -> None:
        """Remember a job that was started elsewhere, running or not."""
        if job.state == ACTIVE:
            self.add_job(job)
        else:
            self._note("job", job.id, None)
            self.jobs[job.id] = job

    def end_job(self, job: Job, *, state: str, output: str | None = None) -> None:
        """Remember how a job ended."""
        self._note("job", job.id, job)
        self.jobs[job.id] = replace(job, state=state, output=output)
        del self.running[job.id]

    def add_bulk(self, bulk_id: str, job_ids: tuple[str, ...]) -> None:
        """Remember which jobs belong together."""
        self._note("bulk", bulk_id, None)
        self.bulks[bulk_id] = job_ids

    def alike(self, columns: tuple[Json, ...]) -> tuple[Json, ...]:
        """These columns, or the latest ones where these are the same one by one: tables alike share theirs."""
        latest = self.latest_columns
        if len(columns) != len(latest) or not all(map(is_, columns, latest)):  # since 1 == True, but is another value
            self.latest_columns = columns
        return self.latest_columns

    # Users

    def add_user(self, user: User) -> None:
        """Let somebody else log in; raises UsersError for a key or profile that another user has."""
        directory = Directory([*self.directory.users, user])
        self._note("user", user.profile, None)
        self.directory = directory

    def add_token(self, token: Token) -> None:
        """Let a user come with a token."""
        self._note("token", token.token, None)
        self.tokens[token.token] = token

    def drop_token(self, token: Token) -> None:
        """Let nobody come with a token any more."""
        self._note("token", token.token, token)
        del self.tokens[token.token]

    # Ids

    def next_data_source_id(self) -> int:
        """A data source id never used before."""
        return self._next("dataSource")

    def next_handler_id(self) -> int:
        """A handler id never used before."""
        return self._next("handler")

    def next_dictionary_id(self) -> int:
        """A dictionary id never used before."""
        return self._next("dictionary")

    def next_bulk_id(self, *, integer: bool) -> str | int:
        """A bulk id never used before, of the type its connector answers with."""
        return self._next("bulk") if integer else self.next_uuid()

    def next_uuid(self) -> str:
        """A version 4 UUID that follows from the seed; one that a seed document brought along is passed over."""
        found = uuid_of(self.seed, self._next("uuid"))
        return self.next_uuid() if found in self.jobs or found in self.bulks else found

    def _next(self, kind: str) -> int:
        number = self.counters[kind]
        self._note("counter", kind, number)
        self.counters[kind] = number + 1
        return number
