"""The layers beside the promises: what they find, what they call it, and that they touch nothing of anybody else."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from immuta_contracts.check import Outcome, Subject
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Request
from immuta_contracts.profiles import Profile
from immuta_contracts.run import checks
from immuta_contracts.target import InProcessMock
from immuta_mock import Store, create_app
from planting import Reply, Seen, Wire, tapped

pytestmark = pytest.mark.long

SMALL = Profile("small", examples=2, conformance=24, workflows=2, sequences=24, steps=20)
Change = Callable[[Seen, Reply], None]


@dataclass(frozen=True)
class Changed(Wire):
    """Changes the answers by a function."""

    change: Change

    def answer(self, seen: Seen, reply: Reply) -> None:
        self.change(seen, reply)


def judged(contract: Contract, layer: str, subject: str | None = None) -> list[Outcome]:
    """The outcomes of a layer's checks, on one subject or on all."""
    pairs: list[tuple[Any, Subject]] = [
        (check, each)
        for check in checks()
        if check.layer == layer
        for each in check.subjects(contract.routes)
        if subject in (None, str(each))
    ]
    return [contract.judge(check, each) for check, each in pairs]


SEEDS = (1, 3, 2)  # what is drawn changes with the document, so one seed says little


def broken(change: Change, layer: str, subject: str | None = None) -> set[str]:
    """The promises that the layer calls broken when answers are changed, with the first seed that breaks any."""
    return next(filter(None, (_broken(change, layer, subject, seed) for seed in SEEDS)), set())


def _broken(change: Change, layer: str, subject: str | None, seed: int) -> set[str]:
    target = InProcessMock(tapped(create_app(Store()), Changed(change)))
    outcomes = judged(Contract(target, profile=SMALL, seed=seed, shorten=False), layer, subject)
    target.close()
    return {outcome.failure.promise for outcome in outcomes if outcome.failure}


# Conformance


def fails_on_columns(seen: Seen, reply: Reply) -> None:
    if seen.on("PUT", "bulk") and "columns" in str(seen.json):
        reply.status = 500


def answers_201(seen: Seen, reply: Reply) -> None:
    if seen.on("POST", "redshift") or seen.on("GET", "dataSource"):
        reply.status = 201 if reply.status == 200 else reply.status


def answers_as_text(_: Seen, reply: Reply) -> None:
    reply.headers["content-type"] = "text/plain"


def answers_ids_as_strings(seen: Seen, reply: Reply) -> None:
    if seen.on("POST", "handler") and "id" in reply.json:
        reply.json["id"] = str(reply.json["id"])


def takes_anything(seen: Seen, reply: Reply) -> None:
    if seen.on("PUT", "dictionary") and reply.status == 400:
        reply.status, reply.json = 200, {"metadata": [], "types": [], "id": 1, "dataSource": 1, "createdAt": "now"}


def refuses_null(seen: Seen, reply: Reply) -> None:
    if seen.on("PUT", "handler") and "null" in json.dumps(seen.json) and reply.status == 200:
        reply.status, reply.json = 400, {"statusCode": 400, "error": "Bad Request", "message": "Bad request: null."}


def forgets_the_message(_: Seen, reply: Reply) -> None:
    if reply.status >= 400:
        reply.json.pop("message", None)


def forgets_the_time(seen: Seen, reply: Reply) -> None:
    if seen.path.startswith("/dictionary/") and reply.status == 200:
        reply.json.pop("createdAt", None)


@pytest.mark.parametrize(
    ("change", "operation", "promise"),
    [
        (fails_on_columns, "bulkUpdateTrinoDataSources", "ERR-8"),
        (answers_201, "createRedshiftDataSource", "HTTP-2"),
        (answers_201, "getDataSource", "COMP-4"),
        (answers_as_text, "searchDictionaryColumns", "HTTP-2"),
        (answers_ids_as_strings, "createSnowflakeDataSource", "CREATE-15"),
        (takes_anything, "updateDictionary", "ERR-2"),
        (refuses_null, "updateDatabricksHandler", "UPDATE-1"),
        (forgets_the_message, "listDataSources", "ERR-1"),
        (forgets_the_time, "createDictionary", "DICT-4"),
    ],
)
def test_conformance_names_the_promise_of_the_operation(change: Change, operation: str, promise: str) -> None:
    assert promise in broken(change, "conformance", operation)


# Workflows


def leads_to_another_handler(seen: Seen, reply: Reply) -> None:
    if seen.on("GET", "handler") and reply.status == 200:
        reply.json["id"] += 1


def leads_to_another_dictionary(seen: Seen, reply: Reply) -> None:
    if seen.path.startswith("/dictionary/") and "dataSource" in reply.json:
        reply.json["dataSource"] += 1


def reaches_nothing(seen: Seen, reply: Reply) -> None:
    if seen.on("PUT", "bulk"):
        reply.json["jobsCreated"] = 0


def never_removes(seen: Seen, reply: Reply) -> None:
    if seen.method == "DELETE" and "hardDelete" in reply.json:
        reply.json["hardDelete"] = False


def knows_no_job(seen: Seen, reply: Reply) -> None:
    if seen.path.endswith("triggerHighCardinalityJob"):
        reply.status, reply.json = 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (leads_to_another_handler, "GET-1"),
        (leads_to_another_dictionary, "DICT-4"),
        (reaches_nothing, "BULK-6"),
        (never_removes, "COMP-5"),
        (knows_no_job, "JOB-1"),
    ],
)
def test_a_workflow_names_the_promise_of_the_step(change: Change, promise: str) -> None:
    assert promise in broken(change, "workflows", "redshift")


# Model


def minds_letter_case(seen: Seen, reply: Reply) -> None:
    if seen.on("GET", "dictionary", "columns"):
        text = seen.query.get("searchText", [""])[0]
        reply.json = [hit for hit in reply.json if text in hit["columnName"]]


def repeats_types(seen: Seen, reply: Reply) -> None:
    if seen.path.startswith("/dictionary/") and "types" in reply.json:
        reply.json["types"] = [column["dataType"] for column in reply.json["metadata"]]


def loses_the_tolerance(seen: Seen, reply: Reply) -> None:
    if seen.on("GET", "handler") and reply.status == 200:
        reply.json["metadata"].pop("staleDataTolerance", None)


def creates_with_201(seen: Seen, reply: Reply) -> None:
    if seen.on("POST", "snowflake") and reply.status == 200:
        reply.status = 201


def leaks_the_password(seen: Seen, reply: Reply) -> None:
    if seen.on("PUT", "handler") and reply.status == 200 and isinstance(seen.json, dict):
        reply.json["metadata"]["password"] = seen.json["handler"]["metadata"].get("password")


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (minds_letter_case, "SEARCH-2"),
        (repeats_types, "DICT-5"),
        (loses_the_tolerance, "GET-3"),
        (leaks_the_password, "HTTP-8"),
        (reaches_nothing, "BULK-6"),
        (never_removes, "COMP-5"),
        (creates_with_201, "HTTP-2"),
    ],
)
def test_the_model_names_the_promise_of_what_differs(change: Change, promise: str) -> None:
    assert broken(change, "model") == {promise}


# All


@pytest.fixture
def theirs() -> Iterator[InProcessMock]:
    """A mock on which the same owner has a data source of each connector, with a dictionary."""
    target = InProcessMock()
    for connector in C5:
        assert ask(target, "POST", f"/{connector.prefix}/handler", theirs_of(connector)) is not None
    yield target
    target.close()


def theirs_of(connector: Connector) -> Any:
    column = {"name": f"{connector.prefix}_id", "dataType": "integer", "remoteType": "int"}
    metadata = {"hostname": "theirs.example", "port": 443, "database": "d", "table": "t", "columns": [column]}
    source = {"blobHandlerType": connector.blob_handler_type, "recordFormat": "", "type": "queryable"}
    named = {"name": f"Theirs {connector.prefix}", "sqlTableName": "t", "blobHandler": {"scheme": "https"}}
    return {"handler": {"metadata": metadata}, "dataSource": {**source, **named}}


def ask(target: InProcessMock, method: str, path: str, body: Any = None) -> Any:
    headers = (("Authorization", target.keys["owner"]), ("Content-Type", "application/json"))
    answer = target.send(Request(method, path, headers, None if body is None else json.dumps(body).encode()))
    return answer.json if answer.status == 200 else None


def everything(target: InProcessMock) -> list[Any]:
    """All that the target shows of its data sources."""
    sources = [ask(target, "GET", f"/dataSource/{hit['id']}") for hit in ask(target, "GET", "/dataSource")["hits"]]
    handlers = [ask(target, "GET", source["blobHandler"]["url"]) for source in sources]
    dictionaries = [ask(target, "GET", f"/dictionary/{source['id']}") for source in sources]
    return [*sources, *handlers, *dictionaries, ask(target, "GET", "/dictionary/columns")]


@pytest.mark.parametrize("layer", ["conformance", "workflows", "model"])
def test_a_layer_touches_nothing_that_it_did_not_make(theirs: InProcessMock, layer: str) -> None:
    before = everything(theirs)
    profile = Profile("tiny", examples=1, conformance=8, workflows=2, sequences=2, steps=20)
    contract = Contract(theirs, profile=profile, seed=2)
    outcomes = judged(contract, layer)
    assert everything(theirs) == before
    assert {(outcome.verdict, outcome.notes) for outcome in outcomes} == {("kept", ())}
    assert contract.left_behind == []
