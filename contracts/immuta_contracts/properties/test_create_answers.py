"""What a create answers, and that what it answers is true of the data sources made."""

import re
from collections.abc import Callable
from uuid import UUID

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import (
    ONE,
    Form,
    accepted,
    body_in,
    body_of_one,
    changed,
    connection_string,
    elements_of,
    exists,
    expect_accepted,
    names_of,
)
from immuta_contracts.exchange import Answer
from immuta_contracts.strategies import identifiers
from immuta_contracts.world import Json, Unprepared, World

OWN_IDS = re.compile(r"(.*(source|handler)s?_?)?ids?", re.IGNORECASE)
ALL_OF_SEVERAL = ("bulkId", "connectionString", "jobsCreated")


def _created(w: World, body: Json) -> tuple[Answer, Json]:
    """The answer to a create, and the object in it. Raises `Unprepared` when nothing was created."""
    answer = w.post_handler(body)
    if not accepted(answer):
        w.prepared(answer, "creating data sources")
    if not isinstance(answer.json, dict):
        w.broken("an object in answer to a create", answer.text[:500])
    return answer, answer.json


# CREATE-15


@promise("CREATE-15", on=C5, examples=0.5)
def test_one_data_source_is_answered_with_its_ids_and_connection_string(w: World) -> None:
    for form in ONE:
        body = body_in(w, form)
        _, created = _created(w, body)
        for field in ("id", "dataSourceId"):
            value = created.get(field)
            is_id = isinstance(value, int) and not isinstance(value, bool) and value >= 1
            w.expect(is_id, f"{field} of a {form} to be an integer from 1 up", created)
        w.expect(isinstance(created.get("connectionString"), str), f"the connectionString of a {form}", created)
        several = sorted({"bulkId", "jobsCreated"} & created.keys())
        w.expect(not several, f"a {form} to be answered as one data source", created)
        _expect_ids_of(w, body, created)


def _expect_ids_of(w: World, body: Json, created: Json) -> None:
    """`id` is the handler of what was made, told by its host, and `dataSourceId` the data source, told by its name."""
    handler = w.call("GET", f"/{w.connector.prefix}/handler/{created['id']}")
    source = w.call("GET", f"/dataSource/{created['dataSourceId']}")
    sent = elements_of(body)[0]["metadata"]
    record = handler.json if isinstance(handler.json, dict) else {}
    metadata = record.get("metadata")
    host = metadata.get("hostname") if isinstance(metadata, dict) else None
    w.expect(host == sent["hostname"], "`id` to lead to the handler created", f"{handler.status}: {handler.text[:300]}")
    name = source.json.get("name") if isinstance(source.json, dict) else None
    made = name == names_of(body)[0]
    w.expect(made, "`dataSourceId` to lead to the data source created", f"{source.status}: {source.text[:300]}")


# CREATE-16


@promise("CREATE-16", on=C5, examples=0.25)
def test_the_connection_string_follows_from_the_metadata(w: World) -> None:
    username = w.draw(st.sampled_from(("Loader", "svc.Load-er")) | identifiers())
    port = w.draw(st.sampled_from((65535, 1)) | st.integers(1, 65535))
    other = C5[(C5.index(w.connector) + 1) % len(C5)].default_port
    _expect_connection_string(w, "array of one", str.upper, {})
    _expect_connection_string(w, "single", str.title, {"username": "LOADER@Corp"})
    _expect_connection_string(w, "single", str.lower, {"port": other})
    _expect_connection_string(w, "array of one", str.title, {"username": username, "port": port})


@promise("CREATE-16", on=C5, once=True)
def test_the_default_port_may_be_given(w: World) -> None:
    _expect_connection_string(w, "single", str.lower, {"port": w.connector.default_port})


def _expect_connection_string(w: World, form: Form, case: Callable[[str], str], given: Json) -> None:
    database = w.draw(st.sampled_from(("Sales", "SALES", "sales")) | identifiers())
    fields = {"username": ..., "port": ..., **given}
    metadata = w.metadata(hostname=case(w.fresh_host()), database=database, **fields)
    wanted = connection_string(metadata, w.connector.default_port)
    _, created = _created(w, body_of_one(w, form, metadata))
    w.expect_equal(created.get("connectionString"), wanted, "the connection string answered")
    source = w.prepared(w.call("GET", f"/dataSource/{created.get('dataSourceId')}"), "reading the data source")
    w.expect_equal(source.get("connectionString"), wanted, "the connection string of the data source")


# CREATE-17


@promise("CREATE-17", on=C5, once=True)
def test_warnings_are_there_only_for_an_unhealthy_data_source(w: World) -> None:
    for form, patterns in zip(ONE, (("{}", "invalid.{}"), ("{}-invalid", "{}.invalid.example")), strict=True):
        for host in (pattern.format(w.fresh_host()) for pattern in (*patterns, "{}.invalid")):
            body = body_in(w, form, metadata={"hostname": host})
            healthy = changed(body, metadata={"hostname": w.fresh_host()})
            _expect_warned(w, host, expect_accepted(w, body, f"the host {host}", otherwise=healthy))


def _expect_warned(w: World, host: str, answer: Answer) -> None:
    """The data source exists; it failed when there are warnings and passed when there are none."""
    created = answer.json if isinstance(answer.json, dict) else {}
    unreachable = host.endswith(".invalid")
    warnings = created.get("warnings", ...)
    if unreachable:
        w.expect(isinstance(warnings, str) and bool(warnings.strip()), f"warnings about the host {host}", created)
    source = w.prepared(w.call("GET", f"/dataSource/{created.get('dataSourceId')}"), "reading the data source")
    unhealthy = source.get("status") == "failed"
    if unreachable:
        w.expect(unhealthy, f"the status of a data source on {host} to be failed", source.get("status"))
    if warnings is ...:
        w.expect(not unhealthy, f"warnings about the data source on {host}, whose status is failed", created)
    else:
        w.expect(unhealthy, f"no warnings about the healthy data source on {host}", created)
        w.expect(isinstance(warnings, str), "warnings to be a string", created)


# CREATE-18


@promise("CREATE-18", on=C5, examples=0.25)
def test_several_data_sources_are_answered_by_their_number_without_ids(w: World) -> None:
    first, second = _several_answered(w, 2), _several_answered(w, 5)
    w.expect(first != second, "two creates to have two bulk ids", first)


def _several_answered(w: World, count: int) -> object:
    """Judge the answer to one create of several; returns its bulk id."""
    body = w.several_body(count)
    for element in body["handler"]:
        element["metadata"]["hostname"] = w.fresh_host()
    answer, created = _created(w, body)
    kind = int if w.connector.integer_bulk_id else str
    w.expect(type(created.get("bulkId")) is kind, f"bulkId to be a {kind.__name__}", created)
    w.expect(kind is int or _is_uuid(created["bulkId"]), "bulkId to be a UUID", created)
    w.expect_equal(created.get("jobsCreated"), count, "jobsCreated")
    first = connection_string(body["handler"][0]["metadata"], w.connector.default_port)
    w.expect_equal(created.get("connectionString"), first, "the connection string of the first element")
    ids = [name for name in created if name not in ALL_OF_SEVERAL and OWN_IDS.fullmatch(name)]
    w.expect(not ids, "no ids in answer to a create of several", created)
    _expect_all_exist(w, body, answer)
    return created["bulkId"]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _expect_all_exist(w: World, body: Json, answer: Answer) -> None:
    w.wait_for_jobs(answer)
    jobs = _jobs(w, answer.json["bulkId"])
    missing = [name for name in names_of(body) if not exists(w, name)]
    if missing and not _all_completed(w, jobs):
        raise Unprepared("the jobs of a create of several did not complete in time")
    w.expect(not missing, "all data sources to exist once the jobs completed", f"missing: {missing}")
    if len(jobs) != len(names_of(body)):
        _lists_jobs_of_an_update(w, answer.json["connectionString"])
        w.broken(f"bulkId to lead to the jobs of {len(names_of(body))} data sources", jobs)


def _jobs(w: World, bulk_id: object) -> list[Json]:
    jobs = w.call("GET", "/jobs", query={"bulkId": bulk_id}).json
    return [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []


def _all_completed(w: World, jobs: list[Json]) -> bool:
    """Whether every job is completed by either way of asking; a create that lists no jobs runs none."""
    ids = [job["id"] for job in jobs if isinstance(job.get("id"), str) and job.get("state") != "completed"]
    states = w.call("POST", "/jobs/statuses", {"jobIds": ids}).json if ids else {}
    return isinstance(states, dict) and all(state.get("state") == "completed" for state in states.values())


def _lists_jobs_of_an_update(w: World, connection: str) -> None:
    """The bulk id of an update leads to its jobs, so that it is the one of the create that does not."""
    body = {"connectionString": connection, "handler": {"metadata": {"schema": "public"}}}
    updated = w.prepared(w.put_bulk(body), "updating in bulk")
    if len(_jobs(w, updated.get("bulkId"))) != updated.get("jobsCreated"):
        raise Unprepared("no bulk id leads to as many jobs as were created")
