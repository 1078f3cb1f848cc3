"""ERR-8: whatever bodies, ids, queries and media types a client sends, the answer is no server error."""

from urllib.parse import quote

from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.exchange import Answer
from immuta_contracts.hostile import MEDIA, QUERIES, QUERY_VALUES, laden_body, misplaced, odd_bodies, odd_ids
from immuta_contracts.mistakes import body_mistakes
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation
from immuta_contracts.valid import Call, standing, valid_call
from immuta_contracts.world import World

SPARED = ("create{}DataSource", "update{}Handler", "bulkUpdate{}DataSources", "createDictionary", "updateDictionary")
"""Kinds of operations of which all combinations of mistakes are tried elsewhere."""


@promise("ERR-8", on=lambda o: o.has_body, once=True)
def test_no_odd_body_is_a_server_error(w: World) -> None:
    call = valid_call(w, w.operation)
    for what, raw in w.sample(odd_bodies(w.operation, call.body)):
        with w.attempt():
            _expect_no_server_error(w, w.call(call.method, call.path, raw=raw), what)
    for what, wrong in w.sample(misplaced(call.body)):
        with w.attempt():
            _expect_no_server_error(w, w.call(call.method, call.path, wrong), what)
    for media in MEDIA:
        with w.attempt():
            _expect_no_server_error(w, call.send(w, content_type=media), f"the media type {media[:50]!r}")
    with w.attempt():
        zipped = call.send(w, headers={"Content-Encoding": "gzip"})
        _expect_no_server_error(w, zipped, "a body that is not what Content-Encoding says")


@promise("ERR-8", on=lambda o: o.has_body, once=True)
def test_odd_values_that_are_taken_can_be_read(w: World) -> None:
    call = valid_call(w, w.operation)
    answer = w.call(call.method, call.path, raw=laden_body(w.operation, call.body))
    _expect_no_server_error(w, answer, "odd values in unknown fields")
    for path in _readable(call, answer):
        _expect_no_server_error(w, w.call("GET", path), f"reading {path} after a write with odd values")


def _readable(call: Call, answer: Answer) -> list[str]:
    """Where the written can be read."""
    if call.made is not None:
        return [call.made.handler_path, call.made.source_path, call.made.dictionary_path]
    if answer.status == 200 and isinstance(answer.json, dict) and "dataSourceId" in answer.json:
        return [f"{call.path}/{answer.json.get('id')}", f"/dataSource/{answer.json['dataSourceId']}"]
    return []


@promise("ERR-8", on=lambda o: o.has_body and kind(o) not in SPARED, once=True)
def test_no_single_mistake_is_a_server_error(w: World) -> None:
    call = valid_call(w, w.operation)
    for mistake in body_mistakes(w, call, w.operation):
        with w.attempt():
            _expect_no_server_error(w, w.call(call.method, call.path, mistake.body), mistake.what)


@promise("ERR-8", on=lambda o: o.has_id, once=True)
def test_no_odd_id_is_a_server_error(w: World) -> None:
    call = valid_call(w, w.operation)
    made = standing(call.made)
    own = made.handler_id if "{handlerId}" in w.operation.path else made.data_source_id
    for identifier in odd_ids(quote(made.name, safe="") if "{name}" in w.operation.path else own):
        with w.attempt():
            _expect_no_server_error(w, call.at(w.operation, identifier).send(w), f"the id {identifier[:50]!r}")


def takes_a_query(operation: Operation) -> bool:
    """Whether it has query parameters; those of a handler are declared at its path."""
    own = "parameters" in operation.definition and "{name}" not in operation.path
    return own or kind(operation) in ("get{}Handler", "update{}Handler")


@promise("ERR-8", on=takes_a_query, once=True)
def test_no_odd_query_is_a_server_error(w: World) -> None:
    call = valid_call(w, w.operation)
    path = call.path.partition("?")[0]
    names = [each["name"] for each in schemas_of(w.routes).parameters(w.operation) if each["in"] == "query"]
    values = [f"?{name}={value}" for name in names for value in QUERY_VALUES]
    for query in (*QUERIES, *values):
        with w.attempt():
            answer = w.call(call.method, path + query, json_body=call.body)
            _expect_no_server_error(w, answer, f"the query {query[:50]!r}")


def _expect_no_server_error(w: World, answer: Answer, what: str) -> None:
    w.expect(answer.status < 500, f"no 5xx for {what}", f"{answer.status}: {answer.text[:500]}")
