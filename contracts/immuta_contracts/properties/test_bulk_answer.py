"""What a bulk update takes and answers: BULK-2, 4 and 5."""

import uuid
from collections.abc import Iterator
from typing import Any

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    as_object,
    bulk,
    bulk_body,
    bulk_succeeds,
    latest,
    latest_metadata,
    metadata_in,
    place,
    twin,
)
from immuta_contracts.world import Json, Unprepared, World

MARK = {"schemaProjectName": "marked"}


@promise("BULK-2", on=C5, once=True)
def test_a_bulk_update_takes_a_handler_with_either_connection_string_or_ids(w: World) -> None:
    made = w.make(metadata=place(w))
    string, ids = made.connection_string, [made.data_source_id]
    w.expect_success(w.put_bulk(bulk_body(MARK, string=string)))
    w.expect_success(w.put_bulk(bulk_body(MARK, ids=ids)))
    w.expect_success(w.put_bulk(bulk_body({}, string=string)))
    for body in wrong_bulk_bodies(string, ids):
        with w.attempt():
            w.expect_status(w.put_bulk(body), 400)


def wrong_bulk_bodies(string: str, ids: list[int]) -> Iterator[object]:
    """Bodies without a handler, without a selection, with two of them, or with a selection of another type."""
    handler, by_string = {"metadata": MARK}, {"connectionString": string}
    yield from (None, string, {}, by_string, {"ids": ids}, {"handler": handler})
    wrong_handlers: tuple[Any, ...] = (None, "handler", MARK, [handler])
    yield from ({"handler": wrong, **by_string} for wrong in wrong_handlers)
    wrong_metadata: tuple[Any, ...] = (None, "metadata", [MARK])
    yield from ({"handler": {"metadata": wrong}, **by_string} for wrong in wrong_metadata)
    yield {"handler": handler, **by_string, "ids": ids}
    yield {"metadata": MARK, **by_string}
    wrong_strings: tuple[Any, ...] = (None, 5, True, [string], {})
    yield from ({"handler": handler, "connectionString": wrong} for wrong in wrong_strings)
    wrong_ids: tuple[Any, ...] = (None, [], ids[0], str(ids[0]), [str(ids[0])], [ids[0] + 0.5], [True], [None], [ids])
    yield from ({"handler": handler, "ids": wrong} for wrong in wrong_ids)


@promise("BULK-2", on=C5, once=True)
def test_an_array_of_one_bulk_body_is_taken_by_asa_alone(w: World) -> None:
    made, mark = w.make(metadata=place(w)), {"schemaProjectName": w.fresh_name()}
    body = bulk_body(mark, string=made.connection_string)
    if w.connector.array_body:
        bulk_succeeds(w, [body])
        w.expect_holds(latest_metadata(w, made), mark, "the metadata after a bulk update with an array of one body")
        w.expect_success(w.put_bulk([bulk_body(mark, ids=[made.data_source_id])]))
    else:
        w.expect_status(w.put_bulk([body]), 400)
    other = bulk_body(MARK, string=w.connector.connection_string(place(w)))
    wrong: list[object] = [[], [body, body], [body, other], [None], [[body]], [{}]]
    for each in wrong:
        with w.attempt():
            w.expect_status(w.put_bulk(each), 400)


@promise("BULK-4", on=C5, examples=0.25)
def test_the_bulk_id_has_its_connectors_type_and_resolves_to_the_jobs(w: World) -> None:
    """For updates of several, of one and of none, by connection string and by ids; no two share an id or a job."""
    shared = place(w)
    group, single = [w.make(metadata=shared) for _ in range(3)], w.make(metadata=place(w))
    selections: list[tuple[Json, int]] = [
        ({"string": single.connection_string}, 1),
        ({"string": group[0].connection_string}, 3),
        ({"string": w.connector.connection_string(place(w))}, 0),
        ({"ids": [single.data_source_id, group[1].data_source_id]}, 2),
        ({"string": single.connection_string}, 1),
    ]
    bulk_ids: list[object] = []
    jobs: list[object] = []
    for selection, reached in selections:
        answered = as_object(w.prepared(w.put_bulk(bulk_body(MARK, **selection))), "the answer of a bulk update")
        expect_bulk_id(w, answered.get("bulkId", ABSENT))
        bulk_ids.append(answered["bulkId"])
        found = jobs_of(w, answered["bulkId"])
        numbers = (reached, answered.get("jobsCreated"))
        w.expect(len(found) in numbers, f"{reached} jobs of the bulk id {answered['bulkId']!r}", found)
        jobs += found
    w.expect(len(set(map(repr, bulk_ids))) == len(bulk_ids), "a bulk id of its own for each update", bulk_ids)
    w.expect(len(set(map(repr, jobs))) == len(jobs), "jobs of its own for each update", jobs)


def expect_bulk_id(w: World, seen: object) -> None:
    if w.connector.integer_bulk_id:
        w.expect(type(seen) is int, "bulkId to be an integer", seen)
    else:
        w.expect(isinstance(seen, str) and seen not in ("", ABSENT), "bulkId to be a string", seen)


def jobs_of(w: World, bulk_id: object) -> list[object]:
    """The ids of the jobs behind a bulk id. Where the question fails for any bulk id, the example cannot go on."""
    answer = listed(w, str(bulk_id))
    if answer.status != 200 or not isinstance(answer.json, list):
        w.prepared(listed(w, str(uuid.UUID(int=w.client.sent))), "listing the jobs of a bulk id")
        w.broken(f"the jobs of the bulk id {bulk_id!r}", f"{answer.status}: {answer.text[:300]}")
    return [job.get("id") if isinstance(job, dict) else job for job in answer.json]


def listed(w: World, bulk_id: str) -> Answer:
    return w.call("GET", "/jobs", query={"bulkId": bulk_id})


@promise("BULK-5", on=C5, examples=0.25)
def test_the_connection_string_answered_is_the_one_the_updated_sources_share(w: World) -> None:
    """After each change of a part of it, after a change of nothing in it, and for none that match."""
    metadata = place(w, port=8443, username="loader")
    made = [w.make(metadata={**metadata, "table": f"t_{number}"}) for number in range(2)]
    string = made[0].connection_string
    changes: list[Json] = [
        {"database": f"Other_{w.draw(strategies.identifiers())}"},
        {"hostname": w.fresh_host()},
        {"username": f"Other_{w.draw(strategies.identifiers())}"},
        {"port": 9443},
        MARK,
    ]
    for change in changes:
        metadata = {**metadata, **change}
        answered = bulk(w, change, string=string)
        string = expect_shared_string(w, made, answered, metadata)
    unused = w.connector.connection_string(place(w, username="loader"))
    answered = bulk(w, {"database": "nowhere"}, string=unused)
    w.expect_equal(answered.get("connectionString"), unused, "connectionString of a bulk update without a match")


@promise("BULK-5", on=C5, examples=0.25)
def test_by_ids_the_connection_string_answered_is_that_of_the_first_id(w: World) -> None:
    made = [w.make(metadata=place(w, database=f"d_{number}")) for number in range(3)]
    moves: list[Json] = [{"hostname": w.fresh_host(), "port": 9443}, {"hostname": w.fresh_host()}, MARK]
    moved: Json = {}
    for order, change in zip((made, made[::-1], made), moves, strict=True):
        moved |= change
        answered = bulk(w, change, ids=[each.data_source_id for each in order])
        expect_shared_string(w, order[:1], answered, {**order[0].metadata, **moved})


def expect_shared_string(w: World, made: list[Made], answered: Json, metadata: Json) -> str:
    """The answer and the data sources updated show the connection string of the metadata, or at least a twin's."""
    strings = [latest_string(w, each, metadata) for each in made]
    shared = [string for string in strings if string is not None]
    if not shared:
        raise Unprepared("the bulk update reached no data source")
    seen = answered.get("connectionString", ABSENT)
    expected = w.connector.connection_string(metadata)
    if not all(same_json(each, expected) for each in (seen, *shared)):
        expected = twin(w, metadata).connection_string
        w.expect_equal(seen, expected, "connectionString of the answer")
        w.expect_equal(shared, [expected] * len(shared), "the connection strings of the data sources updated")
    return expected


def latest_string(w: World, made: Made, metadata: Json) -> str | None:
    """The connection string of the handler; None where its metadata do not show the connection of these."""
    record = latest(w, made)
    shown, string = metadata_in(record), record.get("connectionString")
    parts = ("hostname", "port", "database", "username")
    if any(shown.get(part) != metadata.get(part) for part in parts) or not isinstance(string, str):
        return None
    return string
