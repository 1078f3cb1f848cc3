"""The whole state of one tenant: plain dicts of frozen records, their indexes, and the sources of ids."""

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from immuta_mock.store.records import ACTIVE, DataSource, Job, Token
from immuta_mock.users import Directory

FIRST_DATA_SOURCE_ID = 1
FIRST_HANDLER_ID = 1001
FIRST_DICTIONARY_ID = 5001
FIRST_BULK_ID = 1


@dataclass(slots=True)
class Counters:
    """The next id of each kind; the ranges differ so that a mixed-up id shows."""

    data_source: int = FIRST_DATA_SOURCE_ID
    handler: int = FIRST_HANDLER_ID
    dictionary: int = FIRST_DICTIONARY_ID
    bulk: int = FIRST_BULK_ID


@dataclass(slots=True)
class State:
    """What one tenant remembers. Data sources stand in the order of their ids, jobs in the order of their start."""

    random: random.Random
    directory: Directory
    counters: Counters = field(default_factory=Counters)
    data_sources: dict[int, DataSource] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    bulks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    by_handler: dict[int, int] = field(default_factory=dict)
    by_connection_string: dict[str, set[int]] = field(default_factory=dict)
    running: dict[str, None] = field(default_factory=dict)
    """Ids of the jobs that are not completed, the first to complete first."""

    def put(self, source: DataSource) -> None:
        """Add a data source or replace the one of the same id."""
        before = self.data_sources.get(source.id)
        if before is not None:
            self._forget(before)
        self.data_sources[source.id] = source
        self.by_name[source.name] = source.id
        self.by_handler[source.handler_id] = source.id
        self.by_connection_string.setdefault(source.connection_string, set()).add(source.id)

    def put_all(self, sources: Iterable[DataSource]) -> None:
        """Add or replace several; names may not change hands between them."""
        for source in sources:
            self.put(source)

    def remove(self, source: DataSource) -> None:
        """Take a data source out, with its handler and its dictionary."""
        self._forget(source)
        del self.data_sources[source.id]

    def _forget(self, source: DataSource) -> None:
        del self.by_name[source.name]
        del self.by_handler[source.handler_id]
        sharing = self.by_connection_string[source.connection_string]
        sharing.discard(source.id)
        if not sharing:
            del self.by_connection_string[source.connection_string]

    def copy(self) -> "State":
        """A state like this one that shares nothing with it that can change."""
        source = random.Random()
        source.setstate(self.random.getstate())
        return replace(
            self,
            random=source,
            counters=replace(self.counters),
            data_sources=dict(self.data_sources),
            jobs=dict(self.jobs),
            bulks=dict(self.bulks),
            tokens=dict(self.tokens),
            by_name=dict(self.by_name),
            by_handler=dict(self.by_handler),
            by_connection_string={text: set(ids) for text, ids in self.by_connection_string.items()},
            running=dict(self.running),
        )

    def add_job(self, job: Job) -> None:
        """Remember a job that was just started; the time may have been set back since an older one was."""
        last = self.jobs[next(reversed(self.running))] if self.running else job
        self.jobs[job.id] = job
        self.running[job.id] = None
        if job.completes_at < last.completes_at:
            self.running = dict.fromkeys(sorted(self.running, key=lambda each: self.jobs[each].completes_at))

    def keep_job(self, job: Job) -> None:
        """Remember a job that a seed document tells of, running or not."""
        if job.state == ACTIVE:
            self.add_job(job)
        else:
            self.jobs[job.id] = job

    def end_job(self, job: Job, *, state: str, output: str | None = None) -> None:
        """Remember how a job ended."""
        self.jobs[job.id] = replace(job, state=state, output=output)
        del self.running[job.id]

    def next_data_source_id(self) -> int:
        """A data source id never used before."""
        self.counters.data_source += 1
        return self.counters.data_source - 1

    def next_handler_id(self) -> int:
        """A handler id never used before."""
        self.counters.handler += 1
        return self.counters.handler - 1

    def next_dictionary_id(self) -> int:
        """A dictionary id never used before."""
        self.counters.dictionary += 1
        return self.counters.dictionary - 1

    def next_bulk_id(self, *, integer: bool) -> str | int:
        """A bulk id never used before, of the type its connector answers with."""
        if not integer:
            return self.next_uuid()
        self.counters.bulk += 1
        return self.counters.bulk - 1

    def next_uuid(self) -> str:
        """A version 4 UUID out of the seeded source; one that a seed document brought along is passed over."""
        found = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        return self.next_uuid() if found in self.jobs or found in self.bulks else found
