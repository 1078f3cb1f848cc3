"""The two jobs of a handler: JOB-1 to JOB-4."""

import re
from typing import Any

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import C4, C5
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    as_object,
    bare_column,
    columns_in_dictionary,
    latest,
    latest_metadata,
    place,
    update,
)
from immuta_contracts.world import Json, Unprepared, World

HIGH_CARDINALITY = "triggerHighCardinalityJob"
NATIVE_VIEW = "refreshNativeViewJob"
COLUMN = "highCardinality"
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
RUNNING = ("created", "active", "retry")
ENDED = ("completed", "failed", "cancelled", "expired")


def start(w: World, made: Made, kind: str, **options: Any) -> Answer:
    return w.call("PUT", f"{made.handler_path}/{kind}", **options)


def statuses(w: World, ids: list[Any], *, wait: int = 0) -> Json:
    """What the tenant says of these jobs."""
    answered = w.prepared(w.call("POST", "/jobs/statuses", {"jobIds": ids, "wait": wait}), "asking for job statuses")
    return as_object(answered, "the answer about job statuses")


def compute(w: World, made: Made) -> Any:
    """What the handler shows for its high cardinality column once a job started now has completed."""
    job_id = w.prepared(start(w, made, HIGH_CARDINALITY), "starting the high cardinality job")
    found = statuses(w, [job_id], wait=w.job_wait).get(job_id) if isinstance(job_id, str) else None
    state = found.get("state") if isinstance(found, dict) else None
    if state != "completed":
        raise Unprepared(f"the state of the high cardinality job is {state} after up to {w.job_wait} seconds")
    return latest_metadata(w, made).get(COLUMN)


def expect_run_id(w: World, answer: Answer) -> None:
    seen = w.expect_success(answer)
    w.expect(isinstance(seen, str) and seen != "", "a string that identifies the run", seen)


def write_dictionary(w: World, made: Made, columns: list[Json]) -> None:
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": columns}), "updating the dictionary")


@promise("JOB-1", on=C5, examples=0.25)
def test_the_high_cardinality_job_recalculates_the_column_of_that_handler(w: World) -> None:
    """After another dictionary was written another column is found; a handler beside it is left alone."""
    lists = [[bare_column(f"{name}_{number}") for number in range(2)] for name in ("first", "second")]
    where = place(w)
    made, beside = w.make(metadata={**where, "columns": lists[0]}), w.make(metadata={**where, "columns": lists[0]})
    untouched = latest(w, beside)
    for columns in (*lists, [*lists[0], *lists[1]][w.draw(st.integers(0, 2)) :]):
        write_dictionary(w, made, columns)
        found, names = compute(w, made), [column["name"] for column in columns]
        w.expect(found in names, f"{COLUMN} to be one of the columns {names} after the job", found)
    w.expect_equal(latest(w, beside), untouched, "the handler for which no job was started")


@promise("JOB-1", on=C5, once=True)
def test_the_high_cardinality_job_needs_no_body_and_answers_a_string(w: World) -> None:
    expect_needs_no_body(w, w.make(metadata=place(w, columns=[bare_column("title")])), HIGH_CARDINALITY)


@promise("JOB-2", on=C4, once=True)
def test_the_native_view_job_needs_no_body_and_answers_a_string(w: World) -> None:
    """What it refreshes is not to be seen through the API; the handler stays as it is."""
    w.note("the native view itself is in the remote platform: that the job refreshed it cannot be seen")
    made = w.make(metadata=place(w, columns=[bare_column("title")]))
    before = latest(w, made)
    expect_needs_no_body(w, made, NATIVE_VIEW)
    w.expect_equal(latest(w, made), before, "the handler whose native view was refreshed")


def expect_needs_no_body(w: World, made: Made, kind: str) -> None:
    """No body is needed, and one that is sent is ignored."""
    expect_run_id(w, start(w, made, kind))
    expect_run_id(w, start(w, made, kind, raw=b"", content_type="application/json"))
    before = latest_metadata(w, made)
    ignored = {"handler": {"metadata": {**before, "schemaProjectName": "ignored", COLUMN: "ignored", "columns": []}}}
    for body in ({}, ignored, [ignored], "text", None):
        expect_run_id(w, start(w, made, kind, json_body=body))
    after = latest_metadata(w, made)
    for name in ("schemaProjectName", "columns"):
        w.expect_equal(after.get(name, ABSENT), before.get(name, ABSENT), f"{name} after jobs with bodies to ignore")


@promise("JOB-3", on=C5, once=True)
def test_a_job_is_known_by_a_uuid_new_at_each_call(w: World) -> None:
    """For each kind of job, twice on one handler and on another."""
    where = place(w, columns=[bare_column("title")])
    made = [w.make(metadata=where), w.make(metadata=where)]
    kinds = [HIGH_CARDINALITY, *([NATIVE_VIEW] if w.connector.native_view else [])]
    answers = [start(w, each, kind) for each in (made[0], *made, made[0]) for kind in kinds]
    ids = [w.prepared(answer, "starting a job") for answer in answers]
    for job_id in ids:
        w.expect(isinstance(job_id, str) and UUID.fullmatch(job_id) is not None, "a UUID string", job_id)
    w.expect(len(set(ids)) == len(ids), "another UUID at each call", ids)
    for wait in (0, w.job_wait):
        expect_resolved(w, ids, wait)
    expect_resolved(w, ids[:1], 0)


def expect_resolved(w: World, ids: list[str], wait: int) -> None:
    found = statuses(w, ids, wait=wait)
    for job_id in ids:
        w.expect_holds(found.get(job_id), {"id": job_id}, f"the status of the job {job_id}")
        w.expect(found[job_id].get("state") in (*RUNNING, *ENDED), f"a state of the job {job_id}", found[job_id])


@promise("JOB-4", on=C5, examples=0.25)
def test_the_high_cardinality_column_is_the_primary_key_else_the_first_column(w: World) -> None:
    """Wherever in the list the key stands; null without a dictionary."""
    names = w.draw(st.lists(strategies.identifiers(), min_size=3, max_size=4, unique=True))
    made = w.make(metadata=place(w, columns=[bare_column(name) for name in names]))
    w.expect_equal(compute(w, made), names[0], f"{COLUMN} of the columns {names} without a primary key")
    for position in (len(names) - 1, 1):
        keyed = [{**bare_column(name), "isPrimaryKey": index == position} for index, name in enumerate(names)]
        write_dictionary(w, made, keyed)
        w.expect_equal(compute(w, made), names[position], f"{COLUMN} of the columns {names} with that primary key")
    write_dictionary(w, made, [{**bare_column(name), "isPrimaryKey": False} for name in names[::-1]])
    w.expect_equal(compute(w, made), names[-1], f"{COLUMN} of the columns {names[::-1]} with no primary key")


@promise("JOB-4", on=C5, once=True)
def test_without_a_dictionary_there_is_no_high_cardinality_column(w: World) -> None:
    made = w.make(metadata=place(w))
    w.expect_equal(compute(w, made), None, f"{COLUMN} of a data source without dictionary")
    columns = [bare_column("title"), bare_column("author")]
    w.prepared(w.call("POST", made.dictionary_path, {"metadata": columns}), "creating the dictionary")
    w.expect_equal(compute(w, made), "title", f"{COLUMN} once there is a dictionary")
    w.prepared(w.call("DELETE", made.dictionary_path), "deleting the dictionary")
    w.expect_equal(compute(w, made), None, f"{COLUMN} once the dictionary is deleted")


@promise("JOB-4", on=C5, once=True)
def test_the_high_cardinality_column_stays_as_long_as_it_is_a_column(w: World) -> None:
    """An update without columns, or with that one still among them, keeps it; one that drops it makes it null."""
    columns = [bare_column("author"), {**bare_column("title"), "isPrimaryKey": True}]
    made = w.make(metadata=place(w, columns=columns))
    if compute(w, made) != "title":
        raise Unprepared("the high cardinality job did not find the primary key")
    changes: list[Json] = [{}, {"columns": [bare_column("title")]}, {COLUMN: "author"}, {"columns": columns[:1]}]
    for change, expected in zip(changes, ("title", "title", "title", None), strict=True):
        w.prepared(update(w, made, place(w, **change)), "updating the handler")
        seen = latest_metadata(w, made).get(COLUMN)
        if seen != expected and ("title" in names_in_dictionary(w, made)) != (expected == "title"):
            raise Unprepared("the update did not leave the columns that it should have left")
        w.expect_equal(seen, expected, f"{COLUMN} after an update")


def names_in_dictionary(w: World, made: Made) -> list[Any]:
    return [each.get("name") for each in columns_in_dictionary(w, made) or () if isinstance(each, dict)]
