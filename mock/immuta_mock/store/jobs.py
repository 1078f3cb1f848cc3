"""Jobs: started by calls, completed by the clock, with the effect they then have."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from immuta_mock.connectors import Connector
from immuta_mock.errors import JobEnded, JobNotFound
from immuta_mock.store import lookup
from immuta_mock.store.columns import high_cardinality_of
from immuta_mock.store.records import ACTIVE, FAILED, DataSource, Job, JobKind
from immuta_mock.store.roles import require_owner
from immuta_mock.store.state import State
from immuta_mock.users import User

COMPLETED = "completed"
SOURCE_GONE = "The data source was removed before the job completed."


def trigger_high_cardinality(
    state: State, user: User, connector: Connector, handler_id: int, completes_at: datetime
) -> Job:
    """Start the job that computes the high cardinality column of a handler."""
    source = lookup.by_handler(state, connector, handler_id)
    require_owner(user, source, "trigger its high cardinality job")
    return start(state, JobKind.HIGH_CARDINALITY, source, completes_at)


def refresh_native_view(state: State, user: User, connector: Connector, handler_id: int, completes_at: datetime) -> Job:
    """Start the job that refreshes the native view of a handler; it has no effect to be seen."""
    source = lookup.by_handler(state, connector, handler_id)
    require_owner(user, source, "refresh its native view")
    return start(state, JobKind.NATIVE_VIEW, source, completes_at)


def start(state: State, kind: JobKind, source: DataSource, completes_at: datetime, status: str = ACTIVE) -> Job:
    """Start a job on a data source."""
    job = Job(state.next_uuid(), kind, source.id, source.connection_string, completes_at, status)
    state.keep_job(job)
    return job


def start_bulk(
    state: State,
    kind: JobKind,
    connector: Connector,
    sources: Sequence[DataSource],
    now: datetime,
    completes_at: datetime,
) -> str | int:
    """Start one job for each data source and answer the bulk id that finds them.

    The data sources themselves were written by the call: these jobs have no effect of their own, and are completed at
    once if they take no time.
    """
    bulk_id = state.next_bulk_id(integer=connector.integer_bulk_id)
    status = ACTIVE if completes_at > now else COMPLETED
    job_ids = (start(state, kind, source, completes_at, status).id for source in sources)
    state.add_bulk(str(bulk_id), tuple(job_ids))
    return bulk_id


def settle(state: State, now: datetime) -> None:
    """Complete the jobs whose time has come, oldest first."""
    due = []
    for job_id in state.running:
        job = state.jobs[job_id]
        if job.completes_at > now:
            break
        due.append(job)
    for job in due:
        _complete(state, job)


def statuses(state: State, ids: Iterable[str]) -> dict[str, Job]:
    """The known ones of these jobs, each once, in the order asked for."""
    return {job_id: state.jobs[job_id] for job_id in ids if job_id in state.jobs}


def of_bulk(state: State, bulk_id: str) -> tuple[Job, ...]:
    """The jobs of a bulk id, whose decimal digits stand for an integer one."""
    return tuple(state.jobs[job_id] for job_id in state.bulks.get(bulk_id, ()))


def pending(state: State, connection_string: str) -> int:
    """How many jobs are running on data sources that had this connection string when they began."""
    return sum(state.jobs[job_id].connection_string == connection_string for job_id in state.running)


def time_needed(jobs: Iterable[Job], now: datetime) -> timedelta:
    """How long it takes until all these jobs are completed."""
    return max((job.completes_at - now for job in jobs if job.state == ACTIVE), default=timedelta())


def complete_now(state: State, job_id: str) -> Job:
    """Complete a running job before its time."""
    _complete(state, _running(state, job_id))
    return state.jobs[job_id]


def fail_now(state: State, job_id: str, output: str) -> Job:
    """Let a running job fail."""
    state.end_job(_running(state, job_id), state=FAILED, output=output)
    return state.jobs[job_id]


def _running(state: State, job_id: str) -> Job:
    if job_id not in state.jobs:
        raise JobNotFound(job_id)
    if job_id not in state.running:
        raise JobEnded(job_id, state.jobs[job_id].state)
    return state.jobs[job_id]


def _complete(state: State, job: Job) -> None:
    has_effect = job.kind in (JobKind.HIGH_CARDINALITY, JobKind.NATIVE_VIEW)
    source = state.data_sources.get(job.data_source_id)
    if has_effect and source is None:
        state.end_job(job, state=FAILED, output=SOURCE_GONE)
        return
    if source is not None and job.kind is JobKind.HIGH_CARDINALITY:
        state.put(replace(source, high_cardinality=high_cardinality_of(source)))
    state.end_job(job, state=COMPLETED)
