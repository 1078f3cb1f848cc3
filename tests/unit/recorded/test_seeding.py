"""What an archive tells becomes a seed document; what it does not tell is left out with a reason."""

import base64
import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from immuta_mock import Store
from immuta_mock.recorded.seeding import seed_of
from immuta_mock.spec import SpecError

Call = tuple[str, Any, Any]

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
METADATA = {"hostname": "db.example", "username": "loader", "database": "SALES", "table": "T"}
COLUMN = {"name": "c", "dataType": "text", "remoteType": "varchar"}
SETTINGS = {"blobHandlerType": "Trino", "recordFormat": "json", "type": "queryable"}
OF_ONE = {**SETTINGS, "blobHandler": {"scheme": "https"}, "name": "Clients", "sqlTableName": "clients"}
CREATED = {"id": 30, "dataSourceId": 7, "connectionString": "loader@db.example:443/SALES"}
BULK = {"bulkId": "7a0b0c4c-8d0e-41ee-9a1b-0242ac120002", "connectionString": "x", "jobsCreated": 2}
HANDLER = {
    "id": 30,
    "dataSourceId": 7,
    "type": "odbcHandler",
    "connectionString": "loader@db.example:443/SALES",
    "metadata": {**METADATA, "dataSourceName": "Clients"},
}
UPDATED = {key: HANDLER[key] for key in HANDLER if key != "type"} | {"ca": "", "columns": []}
DICTIONARY = {
    "id": 3,
    "dataSource": 7,
    "metadata": [{**COLUMN, "nullable": True}],
    "types": ["text"],
    "createdAt": "2026-01-15T10:52:30.535Z",
    "updatedAt": "2026-01-16T10:52:30.535Z",
}
HIT = {
    "id": 7,
    "name": "Clients",
    "description": None,
    "deleted": False,
    "recordFormat": "json",
    "createdAt": "2026-01-15T10:52:30.535Z",
    "status": "passed",
    "blobHandlerType": "Trino",
    "connectionString": "loader@db.example:443/SALES",
    "sqlSchemaName": None,
    "subscriptionStatus": "owner",
    "remoteTable": "T",
    "remoteSchema": None,
    "schemaEvolutionId": None,
}
CREATE: Call = ("POST /trino/handler", {"handler": {"metadata": METADATA}, "dataSource": OF_ONE}, CREATED)
READ: Call = ("GET /trino/handler/30", None, HANDLER)


def entry(number: int, call: Call, *, status: int = 200) -> dict[str, Any]:
    target, body, answer = call
    method, _, path = target.partition(" ")
    request: dict[str, Any] = {"method": method, "url": f"https://acme.example{path}"}
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    content = {"mimeType": "application/json", "text": json.dumps(answer)}
    at = (NOON + timedelta(seconds=number)).isoformat()
    return {"startedDateTime": at, "request": request, "response": {"status": status, "content": content}}


def written(path: Path, entries: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
    return path


def seeded(directory: Path, *calls: Call) -> tuple[list[dict[str, Any]], list[str]]:
    """The data sources of the seed document, which a store takes, and what is said."""
    document, said = seed_of(written(directory / "a.har", [entry(n, call) for n, call in enumerate(calls)]))
    Store().load(document)
    sources: list[dict[str, Any]] = document["dataSources"]
    return sources, said


def test_a_create_tells_all_of_its_data_source(tmp_path: Path) -> None:
    body = copy.deepcopy(CREATE[1])
    body["handler"]["metadata"] |= {"password": "[redacted]", "columns": [COLUMN], "odd": 1}
    body |= {"schemaEvolution": {"disabled": True}, "isChildDataSource": True}
    assert seeded(tmp_path, (CREATE[0], body, CREATED)) == (
        [
            {
                "id": 7,
                "handlerId": 30,
                "name": "Clients",
                "connector": "trino",
                "metadata": {**METADATA, "odd": 1},
                "sqlTableName": "clients",
                "dataSource": {**SETTINGS, "blobHandler": {"scheme": "https"}, "isChildDataSource": True},
                "schemaEvolution": {"disabled": True},
                "dictionary": {"columns": [{**COLUMN, "nullable": True}]},
                "createdAt": "2026-01-15T12:00:00.000Z",
                "updatedAt": "2026-01-15T12:00:00.000Z",
                "deleted": False,
            }
        ],
        [],
    )


def test_data_sources_made_together_get_their_ids_when_these_are_seen(tmp_path: Path) -> None:
    several = [{"metadata": {**METADATA, "dataSourceName": name, "table": name}} for name in ("Clients", "Leads")]
    call = ("POST /trino/handler", {"handler": several, "dataSource": SETTINGS}, BULK)
    sources, said = seeded(tmp_path, call, ("GET /dataSource?size=1", None, {"hits": [HIT], "count": 2}))
    assert [(each.get("id"), each["name"], each["sqlTableName"]) for each in sources] == [
        (7, "Clients", "Clients"),
        (None, "Leads", "Leads"),
    ]
    assert said == []


def test_later_answers_replace_what_earlier_ones_told(tmp_path: Path) -> None:
    renamed = {**HANDLER, "metadata": {**METADATA, "port": 99, "dataSourceName": "Renamed", "highCardinality": "c"}}
    sources, _ = seeded(tmp_path, READ, ("GET /trino/handler/30", None, renamed))
    assert sources == [
        {
            "id": 7,
            "handlerId": 30,
            "name": "Renamed",
            "connector": "trino",
            "metadata": {**METADATA, "port": 99},
            "highCardinality": {"column": "c"},
        }
    ]


def test_exchanges_count_in_the_order_of_time(tmp_path: Path) -> None:
    older = {**HANDLER, "metadata": {**METADATA, "table": "Older", "dataSourceName": "Clients"}}
    path = written(tmp_path / "a.har", [entry(2, READ), entry(1, ("GET /trino/handler/30", None, older))])
    assert seed_of(path)[0]["dataSources"][0]["metadata"] == METADATA


def test_an_update_tells_the_unknown_fields_beside_the_handler(tmp_path: Path) -> None:
    body = {"handler": {"metadata": METADATA}, "schemaEvolution": {"disabled": True}, "extra": 1}
    sources, _ = seeded(tmp_path, ("PUT /trino/handler/30", body, UPDATED))
    assert (sources[0]["dataSource"], sources[0]["schemaEvolution"]) == ({"extra": 1}, {"disabled": True})


@pytest.mark.parametrize(
    "selection", [{"ids": [7]}, {"connectionString": "loader@db.example:443/SALES"}], ids=["ids", "connection string"]
)
def test_a_bulk_update_is_merged_into_what_it_reaches(tmp_path: Path, selection: dict[str, Any]) -> None:
    body = {"handler": {"metadata": {"port": 99, "columns": [COLUMN]}}, **selection}
    other = {**HANDLER, "id": 31, "dataSourceId": 8}
    other["metadata"] = {**METADATA, "database": "OTHER", "dataSourceName": "Leads"}
    sources, _ = seeded(tmp_path, READ, ("GET /trino/handler/31", None, other), ("PUT /trino/bulk", body, BULK))
    assert [(each["metadata"].get("port"), each.get("dictionary")) for each in sources] == [
        (99, {"columns": [COLUMN]}),
        (None, None),
    ]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_dictionary_is_kept_with_its_id_and_times(tmp_path: Path, method: str) -> None:
    body = None if method == "GET" else {"metadata": [COLUMN]}
    sources, _ = seeded(tmp_path, (f"{method} /dictionary/7", body, DICTIONARY), READ)
    assert sources[0]["dictionary"] == {
        "columns": DICTIONARY["metadata"],
        **{name: DICTIONARY[name] for name in ("id", "createdAt", "updatedAt")},
    }


def test_a_deleted_dictionary_is_gone(tmp_path: Path) -> None:
    sources, _ = seeded(tmp_path, READ, ("GET /dictionary/7", None, DICTIONARY), ("DELETE /dictionary/7", None, {}))
    assert "dictionary" not in sources[0]


def test_a_data_source_tells_where_its_handler_is(tmp_path: Path) -> None:
    url = {"scheme": "https", "url": "https://acme.example/trino/handler/30"}
    whole = {**HIT, "sqlTableName": "clients", "type": "queryable", "private": False, "blobHandler": url, "odd": [1]}
    created = (CREATE[0], CREATE[1], CREATED)
    sources, said = seeded(tmp_path, created, ("GET /dataSource/name/Clients", None, {**whole, "deleted": True}))
    assert (sources[0]["connector"], sources[0]["handlerId"], sources[0]["deleted"]) == ("trino", 30, True)
    assert sources[0]["dataSource"] == {
        **SETTINGS,
        "blobHandler": url,
        "description": None,
        "schemaEvolutionId": None,
        "private": False,
        "odd": [1],
    }
    assert said == []


@pytest.mark.parametrize(("hard", "expected"), [(False, [True]), (True, [])])
def test_a_disabled_data_source_stays_and_a_removed_one_is_gone(
    tmp_path: Path, hard: bool, expected: list[bool]
) -> None:
    sources, _ = seeded(tmp_path, READ, ("DELETE /dataSource/7", None, {"id": 7, "hardDelete": hard}))
    assert [each["deleted"] for each in sources] == expected


# What is left out


def test_a_data_source_whose_handler_was_not_read_is_left_out(tmp_path: Path) -> None:
    assert seeded(tmp_path, ("GET /dataSource", None, {"hits": [HIT], "count": 1})) == (
        [],
        ["data source 7 'Clients' is left out: its handler was not read"],
    )


def test_of_two_of_one_name_the_older_is_left_out(tmp_path: Path) -> None:
    newer = {**HANDLER, "id": 31, "dataSourceId": 8}
    sources, said = seeded(tmp_path, READ, ("GET /trino/handler/31", None, newer))
    assert [each["id"] for each in sources] == [8]
    assert said == ["data source 7 'Clients' is left out: data source 8 'Clients' has the same name"]


def test_what_is_off_the_document_is_passed_over(tmp_path: Path) -> None:
    sources, said = seeded(tmp_path, ("GET /trino/handler/30", None, {**HANDLER, "id": "30"}), ("GET /zzz", None, 5))
    assert sources == []
    assert said == ["getTrinoHandler: 1 exchange off the document or not recorded whole, passed over"]


def test_refusals_tell_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.har", [entry(0, CREATE, status=422)])
    assert seed_of(path) == ({"version": 1, "dataSources": []}, [])


# Archives


def test_the_archive_of_a_browser_is_read(tmp_path: Path) -> None:
    found = entry(0, READ)
    found["request"]["url"] = "http://127.0.0.1:8080/t/ci%201/trino/handler/30?skipCache=true#x"
    text = json.dumps(HANDLER).encode()
    found["response"]["content"] = {"size": 1, "encoding": "base64", "text": base64.b64encode(text).decode()}
    found["startedDateTime"] = "2026-01-15T12:00:00.123+01:00"
    path = tmp_path / "a.har"
    path.write_text("\ufeff" + json.dumps({"log": {"entries": [entry(1, ("GET /app.js", None, 0)), found]}}), "utf-8")
    assert [each["name"] for each in seed_of(path)[0]["dataSources"]] == ["Clients"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b'{"log": 5}', b'{"log": {"entries": 5}}', b'{"log": {"entries": [{}]}}', b"[" * 100_000],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(content)
    with pytest.raises(SpecError, match="is no HTTP archive; record one with `immuta-mock proxy` or a browser"):
        seed_of(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be read"):
        seed_of(tmp_path / "a.har")
