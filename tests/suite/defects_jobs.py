"""Planted defects of the two jobs of a handler: JOB-1 to JOB-4."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.store import DataSource, HighCardinality, Job
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import refused, rewriting

HIGH_CARDINALITY = "triggerHighCardinalityJob"
NATIVE_VIEW = "refreshNativeViewJob"


def computing(store: Store, compute: Callable[[DataSource], str | None], *prefixes: str) -> None:
    """Let the high cardinality job find `compute(data source)`, at once."""

    def wrap(trigger: Callable[..., Job]) -> Callable[..., Job]:
        def defective(user: Any, connector: Any, handler_id: int) -> Job:
            job = trigger(user, connector, handler_id)
            source = store.get_handler(connector, handler_id)
            if not prefixes or connector.prefix in prefixes:
                store._state.put(changed(source, high_cardinality=HighCardinality(compute(source))))
            return job

        return defective

    replace(store, "trigger_high_cardinality", wrap)


# JOB-1 and JOB-2


@in_store("JOB-1")
def computed_once_and_for_all(store: Store) -> None:
    """A column once found stays, whatever becomes of the dictionary."""
    first: dict[int, str] = {}

    def compute(source: DataSource) -> str | None:
        return first.setdefault(source.id, source.columns[0]["name"]) if source.columns else None

    computing(store, compute)


@on_wire("JOB-1")
class JobWantsABody(Wire):
    """The high cardinality job on Trino is refused without a body."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.on("PUT", "trino", HIGH_CARDINALITY) and not seen.body:
            return refused(400, "Bad request: the body is missing.")
        return None


@on_wire("JOB-1")
class JobIsAnsweredAsAnObject(Wire):
    """The high cardinality job on Redshift answers an object with the id in it."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", "redshift", HIGH_CARDINALITY) and reply.status == 200:
            reply.json = {"jobId": reply.json}


@in_store("JOB-1")
def the_job_runs_on_all_of_the_connection(store: Store) -> None:
    """The high cardinality job computes the column of every data source with that connection string."""

    def compute(source: DataSource) -> str | None:
        for other in list(store._state.data_sources.values()):
            if other.connection_string == source.connection_string and other.columns:
                found = HighCardinality(other.columns[0]["name"])
                store._state.put(changed(other, high_cardinality=found))
        return source.high_cardinality.column if source.high_cardinality else None

    computing(store, compute)


@on_wire("JOB-2")
class ViewJobWantsAnObject(Wire):
    """The native view job on Azure Synapse Analytics reads the body, which must be an object if there is one."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.on("PUT", "asa", NATIVE_VIEW) and seen.body and not isinstance(seen.json, dict):
            return refused(400, "Bad request: an object is expected.")
        return None


@on_wire("JOB-2")
class ViewJobIsTheOtherJob(Wire):
    """The native view job on Snowflake runs the high cardinality job."""

    def request(self, seen: Seen) -> None:
        if seen.on("PUT", "snowflake", NATIVE_VIEW):
            seen.path = seen.path.replace(NATIVE_VIEW, HIGH_CARDINALITY)


@on_wire("JOB-2")
class ViewJobAnswersNothing(Wire):
    """The native view job on Redshift answers null."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", "redshift", NATIVE_VIEW) and reply.status == 200:
            reply.json, reply.raw = None, b"null"


# JOB-3


@on_wire("JOB-3")
class RunningJobIsAnswered(Wire):
    """Starting a job on a handler on which one was started before answers the id of the first."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", HIGH_CARDINALITY) and reply.status == 200:
            reply.json = self.first.setdefault(seen.path, reply.json)


@on_wire("JOB-3")
class UuidWithoutHyphens(Wire):
    """The native view job on Trino answers its UUID without hyphens."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", "trino", NATIVE_VIEW) and reply.status == 200:
            reply.json = reply.json.replace("-", "")


@in_store("JOB-3")
def completed_jobs_are_forgotten(store: Store) -> None:
    """A job is told of once, then it is forgotten."""

    def wrap(statuses: Callable[..., dict[str, Job]]) -> Callable[..., dict[str, Job]]:
        told: set[str] = set()

        def defective(ids: Any, **options: Any) -> dict[str, Job]:
            found = {name: job for name, job in statuses(ids, **options).items() if name not in told}
            told.update(found)
            return found

        return defective

    replace(store, "job_statuses", wrap)


@on_wire("JOB-3")
class ViewJobsCannotBeFollowed(Wire):
    """The statuses of native view jobs on Azure Synapse Analytics are not told."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", "asa", NATIVE_VIEW) and reply.status == 200:
            self.hidden.add(reply.json)
        if seen.on("POST", "jobs", "statuses") and reply.status == 200:
            reply.json = {name: job for name, job in reply.json.items() if name not in self.hidden}


# JOB-4


@in_store("JOB-4")
def the_primary_key_does_not_count(store: Store) -> None:
    """The first column is found whichever is the primary key."""
    computing(store, lambda source: source.columns[0]["name"] if source.columns else None)


@in_store("JOB-4")
def the_last_column_is_found_on_databricks(store: Store) -> None:
    """Without a primary key the last column is found."""

    def compute(source: DataSource) -> str | None:
        keys = [column["name"] for column in source.columns if column.get("isPrimaryKey")]
        return next(iter([*keys, *(column["name"] for column in source.columns[::-1])]), None)

    computing(store, compute, "databricks")


@in_store("JOB-4")
def a_text_for_no_column(store: Store) -> None:
    """Without a dictionary the column is an empty text."""
    computing(store, lambda source: source.columns[0]["name"] if len(source.columns) == 1 else _found(source) or "")


def _found(source: DataSource) -> str | None:
    keys = [column["name"] for column in source.columns if column.get("isPrimaryKey")]
    return next(iter([*keys, *(column["name"] for column in source.columns)]), None)


@in_store("JOB-4")
def an_update_costs_the_column(store: Store) -> None:
    """After an update of the handler on Redshift the column found before is gone."""

    def rewrite(source: DataSource, sent: dict[str, Any]) -> dict[str, Any]:
        store._state.put(changed(source, high_cardinality=None))
        return sent

    rewriting(store, rewrite, "redshift")


@on_wire("JOB-4")
class ColumnOfADroppedDictionary(Wire):
    """A column found once is shown until the next job, also when the dictionary has lost it, on Snowflake."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("PUT", "snowflake", HIGH_CARDINALITY):
            self.found.pop(seen.path.rpartition("/")[0], None)
        if seen.on("GET", "snowflake", "handler") and reply.status == 200:
            column = reply.json["metadata"].get("highCardinality")
            if column is None and seen.path in self.found:
                reply.json["metadata"]["highCardinality"] = self.found[seen.path]
            elif column is not None:
                self.found[seen.path] = column
