"""ERR-8: a refused request changes nothing: no field, no column, no name, and no part of a batch."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

from immuta_contracts.bodies import names_in
from immuta_contracts.check import promise
from immuta_contracts.client import ABSENT
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import shown
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.mistakes import body_mistakes
from immuta_contracts.spec import Operation
from immuta_contracts.valid import (
    COLUMNS,
    Call,
    bulk_body,
    foreign,
    several_body,
    stand,
    strict_body,
    update_body,
    valid_call,
)
from immuta_contracts.world import Json, Unprepared, World

UNKNOWN_ID = 2**31 - 1
ROLES = ("reader", "second_owner")
MISTAKES = 30  # one of so many is tried here; what they are answered is told by ERR-2
TWICE = [dict(COLUMNS[1]), {**COLUMNS[0]}, {**COLUMNS[1], "dataType": "json"}]
NEW_COLUMNS = [{"name": "brand_new", "dataType": "json", "remoteType": "json"}]
Attempt = tuple[str, Call, Json]
"""What is wrong, the request, and options to send it with."""


@promise("ERR-8", on=C5, once=True)
def test_a_refused_create_makes_nothing(w: World) -> None:
    taken = stand(w)
    before = _state(w, [taken])
    for what, body, options in _refused_creates(w, taken):
        with w.attempt():
            answer = w.post_handler(body, **options)
            if answer.status >= 400:
                _expect_none(w, body, taken, f"after a create refused ({answer.status}) for {what}")
                continue
            w.note(f"a create was not refused for {what}")
    _expect_same(w, [taken], before, "after refused creates")


@promise("ERR-8", on=C5, once=True)
def test_what_a_refused_create_asked_for_is_still_free(w: World) -> None:
    body = several_body(w, 3)
    good = body["handler"][2]["metadata"]
    body["handler"][2] = {"metadata": {**body["handler"][0]["metadata"], "dataSourceName": w.fresh_name()}}
    refused = w.post_handler(body)
    if refused.status < 400:
        raise Unprepared("two elements of one table were not refused")
    body["handler"][2] = {"metadata": good}
    answer = w.post_handler(body)
    w.expect(answer.status != 422, "no 422 for names and tables of a refused create", answer.text[:500])


def _refused_creates(w: World, taken: Made) -> Iterator[tuple[str, Json, Json]]:
    for position in (0, 1, 2):
        for what, changes in (
            ("a missing field", {"database": ...}),
            ("a wrong type", {"port": "no port"}),
            ("a taken name", {"dataSourceName": taken.name}),
            ("two columns of one name", {"columns": TWICE}),
        ):
            yield f"{what} in element {position}", _several(w, position, changes), {}
    body = several_body(w, 3)
    table = {name: body["handler"][0]["metadata"][name] for name in ("hostname", "database", "table")}
    body["handler"][2]["metadata"].update(table)
    yield "two elements of one table", body, {}
    body = several_body(w, 3)
    body["handler"][2]["metadata"]["dataSourceName"] = body["handler"][0]["metadata"]["dataSourceName"]
    yield "two elements of one name", body, {}
    for body in (strict_body(w, w.metadata()), several_body(w, 2)):
        yield "a wrong setting", {**body, "dataSource": {**body["dataSource"], "type": "none"}}, {}
        for what, options in _outsiders(w, "reader"):
            yield what, body, options


def _several(w: World, position: int, changes: Json) -> Json:
    """A body of three of which one is changed; `...` drops a field."""
    body = several_body(w, 3)
    merged = {**body["handler"][position]["metadata"], **changes}
    body["handler"][position]["metadata"] = {name: value for name, value in merged.items() if value is not ...}
    return body


def _outsiders(w: World, *roles: str) -> Iterator[tuple[str, Json]]:
    """Ways of sending a good body that make it refused, apart from the body."""
    yield "no credential", {"role": None}
    yield "an unknown credential", {"authorization": "Bearer no-such-key"}
    yield "another media type", {"content_type": "text/plain"}
    yield from ((f"the {role}", {"role": role}) for role in roles if role in w.client.target.keys)


def _expect_none(w: World, body: Json, taken: Made, when: str) -> None:
    """None of the data sources that a body asks for is there."""
    for name in names_in(body):
        if name.startswith("contract-") and name != taken.name:
            found = w.call("GET", "/dataSource/name/" + quote(name, safe=""))
            w.expect(found.status == 404, f"no data source {when}", f"{found.status}: {found.text[:500]}")


# Requests about data sources that stand


@promise("ERR-8", on=C5, once=True)
def test_a_refused_update_changes_nothing(w: World) -> None:
    made, taken = stand(w), stand(w)
    operation = w.routes.by_id(f"update{w.connector.word}Handler")
    moved = w.unless_pinned(hostname=w.unused_host(), schema="other")
    changes = {**moved, "columns": NEW_COLUMNS, "staleDataTolerance": 1}
    call = valid_call(w, operation, made=made)
    good = {**update_body(made, **changes, dataSourceName=w.fresh_name()), "schemaEvolution": {"disabled": True}}
    bad: list[tuple[str, object]] = [
        ("a taken name", update_body(made, **changes, dataSourceName=taken.name)),
        ("two columns of one name", update_body(made, **{**changes, "columns": TWICE})),
        ("a column without type", update_body(made, **{**changes, "columns": [*NEW_COLUMNS, {"name": "x"}]})),
        ("a wrong type", update_body(made, **changes, ssl="perhaps")),
        ("a wrong connection string", {**good, "connectionString": 7}),
        ("a wrong name format", {**good, "schemaEvolution": []}),
        ("an array of two", [good, good]),
    ]
    attempts = _attempts(w, call, good, bad)
    attempts.append(("skipCache=maybe", replace(call, path=f"{call.path}?skipCache=maybe", body=good), {}))
    _expect_unchanged(w, [made, taken], attempts + _mistakes(w, call, operation))
    _expect_none(w, good, made, "under the new name of a refused update")


@promise("ERR-8", on=C5, once=True)
def test_a_refused_bulk_update_changes_nothing(w: World) -> None:
    made, taken = stand(w, port=3456), stand(w)
    twin = stand(w, port=3456, **{name: made.metadata[name] for name in ("hostname", "database", "username")})
    operation = w.routes.by_id(f"bulkUpdate{w.connector.word}DataSources")
    call = valid_call(w, operation, made=made)
    changes = {"schema": "other", "columns": NEW_COLUMNS, "staleDataTolerance": 1}
    good, ids = bulk_body(made, **changes), [made.data_source_id, twin.data_source_id]
    chosen = {"handler": good["handler"]}
    renamed = {"handler": {"metadata": {**changes, "dataSourceName": taken.name}}}
    bad: list[tuple[str, object]] = [
        ("one name for two", bulk_body(made, **changes, dataSourceName=w.fresh_name())),
        ("a taken name", {**renamed, "ids": ids[:1]}),
        ("an unknown id at the end", {**chosen, "ids": [*ids, UNKNOWN_ID]}),
        ("an unknown id at the start", {**chosen, "ids": [UNKNOWN_ID, *ids]}),
        ("two columns of one name", bulk_body(made, **{**changes, "columns": TWICE})),
        ("a wrong type", bulk_body(made, **changes, port="no port")),
        ("two selections", {**good, "ids": ids}),
        ("an array of two", [good, good]),
    ]
    _expect_unchanged(w, [made, twin], _attempts(w, call, good, bad) + _mistakes(w, call, operation), closely=2)


@promise("ERR-8", on=C5, once=True)
def test_a_bulk_update_refused_for_one_data_source_changes_none(w: World) -> None:
    w.need("second_owner")
    made = stand(w, port=4567)
    with foreign(w, {**made.metadata, "table": "other"}) as other:
        before = _state(w, [made, other])
        changes = {"handler": {"metadata": {"schema": "other", "columns": NEW_COLUMNS}}}
        for selection in (
            {"connectionString": made.connection_string},
            {"ids": [made.data_source_id, other.data_source_id]},
        ):
            for caller in ("owner", "second_owner"):
                answer = w.put_bulk({**changes, **selection}, role=caller)
                if answer.status < 400:
                    raise Unprepared("a bulk update of a data source of somebody else was not refused")
                _expect_same(w, [made, other], before, f"after a bulk update refused ({answer.status}) to the {caller}")


@promise("ERR-8", on=C5, once=True)
def test_a_refused_job_changes_nothing(w: World) -> None:
    made = stand(w)
    jobs = [o for o in w.routes.operations if o.connector == w.connector and o.path.endswith("Job")]
    calls = [valid_call(w, operation, made=made) for operation in jobs]
    outside = [each for each in _outsiders(w, *ROLES) if "content_type" not in each[1]]
    _expect_unchanged(w, [made], [(what, call, options) for call in calls for what, options in outside])


@promise("ERR-8", once=True)
def test_a_refused_write_of_a_dictionary_changes_nothing(w: World) -> None:
    made, bare = stand(w), stand(w, columns=False)
    good = {"metadata": NEW_COLUMNS}
    bad: list[tuple[str, object]] = [
        ("two columns of one name", {"metadata": TWICE}),
        ("a second column without type", {"metadata": [*NEW_COLUMNS, {"name": "x", "dataType": "text"}]}),
        ("no metadata", {"columns": NEW_COLUMNS}),
    ]
    attempts: list[Attempt] = [("a dictionary that exists", Call("POST", made.dictionary_path, good), {})]
    for method, target in (("PUT", made), ("POST", bare), ("POST", made)):
        call = Call(method, target.dictionary_path)
        attempts += _attempts(w, call, good, bad)
    for what, options in _outsiders(w, *ROLES):
        if "content_type" not in options:
            attempts.append((what, Call("DELETE", made.dictionary_path), options))
    _expect_unchanged(w, [made, bare], attempts)


@promise("ERR-8", once=True)
def test_a_refused_change_of_a_data_source_changes_nothing(w: World) -> None:
    made, taken = stand(w), stand(w)
    call = Call("PUT", made.source_path)
    good: Json = {"description": "new", "name": w.fresh_name()}
    bad: list[tuple[str, object]] = [
        ("a taken name", {"description": "new", "name": taken.name}),
        ("a wrong type", {**good, "deleted": "perhaps"}),
    ]
    attempts = _attempts(w, call, good, bad)
    for what, options in _outsiders(w, *ROLES):
        if "content_type" not in options:
            attempts.append((what, Call("DELETE", made.source_path), options))
    _expect_unchanged(w, [made, taken], attempts)


def _attempts(w: World, call: Call, good: object, bad: Sequence[tuple[str, object]]) -> list[Attempt]:
    """The bad bodies, and the good one from those or in a way that is refused."""
    outside: list[Attempt] = [(what, replace(call, body=good), options) for what, options in _outsiders(w, *ROLES)]
    cut_off = "a body cut off", replace(call, body=ABSENT), {"raw": json.dumps(good).encode()[:-1]}
    return [*((what, replace(call, body=body), {}) for what, body in bad), *outside, cut_off]


def _mistakes(w: World, call: Call, operation: Operation) -> list[Attempt]:
    """Some of the mistakes that are possible in a body with every field."""
    some = islice(body_mistakes(w, call, operation), 5, None, MISTAKES)
    return [(mistake.what, replace(call, body=mistake.body), {}) for mistake in some]


def _expect_unchanged(w: World, watched: Sequence[Made], attempts: Sequence[Attempt], *, closely: int = 1) -> None:
    """After each refused request the first `closely` data sources are as before, after all of them the others too."""
    near, far = watched[:closely], watched[closely:]
    before, others = _state(w, near), _state(w, far)
    for what, call, options in attempts:
        with w.attempt():
            answer = call.send(w, **options)
            if answer.status >= 400:
                when = f"after a request refused ({answer.status}) for {what}"
                _expect_same(w, near, before, when)
                continue
            w.note(f"{call.method} {call.path.split('/')[1]} was not refused for {what}")
            before, others = _state(w, near), _state(w, far)
    _expect_same(w, far, others, "after refused requests")


def _expect_same(w: World, watched: Sequence[Made], before: Json, when: str) -> None:
    after = _state(w, watched)
    for path, seen in before.items():
        now = after[path]
        w.expect(same_json(now, seen), f"{path} {when} to be as before: {shown(seen)}", now)


def _state(w: World, watched: Sequence[Made]) -> Json:
    """Everything that can be read of the data sources, by path."""
    paths = [path for made in watched for path in (made.handler_path, made.dictionary_path, made.source_path)]
    read = {path: w.call("GET", path) for path in paths}
    return {path: answer.json if answer.status == 200 else answer.status for path, answer in read.items()}
