"""HTTP-1 to HTTP-5: paths, successes, media types of requests, and the values of `skipCache` and of ids."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote, unquote

from immuta_contracts.bodies import names_in
from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.connectors import C5, DATABRICKS
from immuta_contracts.exchange import Answer
from immuta_contracts.rewriting import latest_metadata
from immuta_contracts.spec import Operation
from immuta_contracts.valid import SPENT, Call, bulk_body, stand, standing, update_body, valid_call, variants
from immuta_contracts.world import Unprepared, World

FAMILY_PATHS = {
    "/{c}/handler": "POST",
    "/{c}/handler/{handlerId}": "GET PUT",
    "/{c}/bulk": "PUT",
    "/{c}/handler/{handlerId}/triggerHighCardinalityJob": "PUT",
    "/{c}/handler/{handlerId}/refreshNativeViewJob": "PUT",
}
DICTIONARY_PATHS = {"/dictionary/{dataSourceId}": "POST PUT GET DELETE", "/dictionary/columns": "GET"}
PREFIXES = ("/api", "/v1")
BOOLEANS = ("true", "False", "TRUE", "false", "True", "faLSE")
NO_BOOLEANS = ("yes", "1", "0", "", "t", "null", "true ", "true,false")
NO_IDS = ("0", "-1", "abc", "1.5", "null", "true", "%20", "0x1", "1_0")
NEARLY_IDS = ("{}abc", "{}.0", "{}%20x", "-{}")
LARGE_ID = 2**31 - 1
JSON_TYPES = ("application/json; charset=utf-8", "application/merge-patch+json")


def of_reference(operation: Operation) -> bool:
    return not operation.companion


# HTTP-1


@promise("HTTP-1", once=True)
def test_the_document_has_exactly_the_34_operations(w: World) -> None:
    found = sorted(f"{o.method} {o.path}" for o in w.routes.operations if not o.companion)
    w.expect_equal(found, sorted(_documented()), "the operations of the document")


def _documented() -> Iterator[str]:
    for path, methods in DICTIONARY_PATHS.items():
        yield from (f"{method} {path}" for method in methods.split())
    for connector in C5:
        for path, methods in FAMILY_PATHS.items():
            if connector.native_view or not path.endswith("refreshNativeViewJob"):
                yield from (f"{method} {path.replace('{c}', connector.prefix)}" for method in methods.split())


@promise("HTTP-1", on=of_reference, once=True)
def test_each_path_leads_to_its_operation_at_the_root_alone(w: World) -> None:
    nowhere = w.call("GET", "/no/such/route")
    call = valid_call(w, w.operation)
    answer = call.send(w)
    w.expect(
        not _is_no_route(w.operation, answer, nowhere), f"{call.method} {w.operation.path} to exist", _seen(answer)
    )
    for prefix in PREFIXES:
        with w.attempt():
            elsewhere = replace(call, path=prefix + call.path).send(w)
            w.expect(elsewhere.status == 404, f"404 at {prefix}{w.operation.path}", _seen(elsewhere))


def _is_no_route(operation: Operation, answer: Answer, nowhere: Answer) -> bool:
    """Whether an answer to a valid request says that its path, not its object, is unknown."""
    if answer.status == 404 and operation.has_id:
        return _message(answer) == _message(nowhere)
    return answer.status in (404, 405) or 300 <= answer.status < 400


@promise("HTTP-1", once=True)
def test_databricks_has_no_native_view_job(w: World) -> None:
    made = w.make(connector=DATABRICKS)
    answer = w.call("PUT", f"{made.handler_path}/refreshNativeViewJob")
    w.expect(answer.status == 404, "404 for refreshNativeViewJob of databricks", _seen(answer))


# HTTP-2


@promise("HTTP-2", on=lambda _: True, once=True)
def test_every_success_is_200_with_a_json_body(w: World) -> None:
    succeeded = 0
    for call in variants(w, w.operation):
        answer = call.send(w)
        if call.method != w.operation.method:
            continue  # it made room for the next
        if answer.status >= 400:
            w.note(f"{w.operation.id} did not succeed on every request that ought to")
            continue
        succeeded += 1
        good = answer.status == 200 and answer.is_json
        media = answer.headers.get("content-type", "no media type")
        w.expect(good, f"200 with JSON from {w.operation.id}", f"{answer.status}, {media}: {answer.text[:300]}")
    if not succeeded:
        raise Unprepared(f"{w.operation.id} did not succeed once")


# HTTP-3


@promise("HTTP-3", on=lambda o: o.has_body, once=True)
def test_a_json_body_is_read_whatever_way_its_type_is_said(w: World) -> None:
    first = valid_call(w, w.operation)
    if not _is_read(w, first, 1, content_type="application/json"):
        raise Unprepared(f"nothing shows that {w.operation.id} reads a body of the type application/json")
    for mark, media in enumerate((None, *JSON_TYPES), 2):
        with w.attempt():
            call = valid_call(w, w.operation) if kind(w.operation) in SPENT else first
            read = _is_read(w, call, mark, content_type=media)
            answer = w.client.journal[-1].answer
            w.expect(read, f"a JSON body declared as {media or 'nothing'} to be read", _seen(answer))


def _is_read(w: World, call: Call, mark: int, *, content_type: str | None) -> bool:
    """Whether a call with a marked body succeeds, and has the effect that the mark shows."""
    body, effect = MARKED.get(kind(w.operation), (lambda _w, c, _: c.body, _answered))
    call = replace(call, body=body(w, call, mark))
    answer = call.send(w, content_type=content_type)
    return answer.status == 200 and effect(w, call, mark, answer)


def _answered(_w: World, _call: Call, _mark: int, _answer: Answer) -> bool:
    return True


def _named(w: World, call: Call, _mark: int, _answer: Answer) -> bool:
    return w.call("GET", "/dataSource/name/" + quote(names_in(call.body)[0], safe="")).status == 200


def _tolerates(w: World, call: Call, mark: int, _answer: Answer) -> bool:
    """By either read: a stale cache is no fault of how the body was read."""
    made = standing(call.made)
    reads = (read(w, made) for read in (latest_metadata, World.read_metadata))
    return any(metadata.get("staleDataTolerance") == mark for metadata in reads)


def _describes(w: World, call: Call, mark: int, _answer: Answer) -> bool:
    columns = w.dictionary(standing(call.made)).get("metadata")
    return isinstance(columns, list) and f"c{mark}" in [each.get("name") for each in columns]


def _columns(_w: World, _call: Call, mark: int) -> object:
    return {"metadata": [{"name": f"c{mark}", "dataType": "text", "remoteType": "text"}]}


def _job(w: World, _call: Call, _mark: int) -> object:
    started = w.prepared(w.call("PUT", stand(w).handler_path + "/triggerHighCardinalityJob"), "starting a job")
    return {"jobIds": [started]}


MARKED: dict[str, tuple[Callable[[World, Call, int], object], Callable[[World, Call, int, Answer], bool]]] = {
    "create{}DataSource": (lambda _w, call, _: call.body, _named),
    "update{}Handler": (lambda _w, call, mark: update_body(standing(call.made), staleDataTolerance=mark), _tolerates),
    "bulkUpdate{}DataSources": (
        lambda _w, call, mark: bulk_body(standing(call.made), staleDataTolerance=mark),
        _tolerates,
    ),
    "createDictionary": (_columns, _describes),
    "updateDictionary": (_columns, _describes),
    "updateDataSource": (
        lambda _w, _call, mark: {"description": f"mark {mark}"},
        lambda w, call, mark, _: w.source(standing(call.made)).get("description") == f"mark {mark}",
    ),
    "getJobStatuses": (_job, lambda _w, _call, _mark, answer: bool(answer.json)),
}


# HTTP-4


@promise("HTTP-4", on=lambda o: kind(o) in ("get{}Handler", "update{}Handler"), once=True)
def test_skip_cache_is_true_or_false_in_any_letter_case(w: World) -> None:
    call = valid_call(w, w.operation)
    w.prepared(call.send(w), "the call without skipCache")
    for value in BOOLEANS:
        with w.attempt():
            answer = call.send(w, query={"skipCache": value})
            w.expect(answer.status == 200, f"skipCache={value} to be taken", _seen(answer))
    for value in NO_BOOLEANS:
        with w.attempt():
            answer = call.send(w, query={"skipCache": value})
            w.expect(answer.status == 400, f"400 for skipCache={value!r}", _seen(answer))


# HTTP-5


@promise("HTTP-5", on=lambda o: "Id}" in o.path, once=True)
def test_an_id_is_an_integer_from_1_up(w: World) -> None:
    call = valid_call(w, w.operation)
    made = standing(call.made)
    own = made.handler_id if "{handlerId}" in w.operation.path else made.data_source_id
    for identifier in (*NO_IDS, *(spelling.format(own) for spelling in NEARLY_IDS)):
        with w.attempt():
            answer = call.at(w.operation, identifier).send(w)
            w.expect(answer.status == 400, f"400 for the id {unquote(identifier)!r}", _seen(answer))
    taken = call if w.operation.method != "GET" else call.at(w.operation, LARGE_ID)
    answer = taken.send(w)
    w.expect(answer.status != 400, "an integer from 1 up to be taken as an id", _seen(answer))


def _message(answer: Answer) -> object:
    return answer.json.get("message") if isinstance(answer.json, dict) else None


def _seen(answer: Answer) -> str:
    return f"{answer.status}: {answer.text[:500]}"
