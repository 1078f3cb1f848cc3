"""What the body and the query of an update may look like: UPDATE-4, 5 and 10."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.made import Made
from immuta_contracts.rewriting import bare_column, latest, latest_metadata, metadata_in, place, update, update_body
from immuta_contracts.spec import Operation
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.world import Json, World

ANSWERED = ("id", "dataSourceId", "ca", "columns", "connectionString", "metadata")


@promise("UPDATE-4", on=C5, once=True)
def test_the_body_requires_handler_with_metadata(w: World) -> None:
    made = w.make(metadata=place(w))
    usual = {"ssl": True, "port": 8443, "username": "loader", "password": PASSWORD}
    metadata = {**made.metadata, **w.unless_pinned(**usual)}
    w.expect_success(update(w, made, metadata))
    for body in bodies_without_metadata(made, metadata):
        w.expect_status(w.call("PUT", made.handler_path, body), 400)
    w.expect_status(w.call("PUT", made.handler_path), 400)
    for missing in ("hostname", "database", "table"):
        left = {name: value for name, value in metadata.items() if name != missing}
        w.expect_status(update(w, made, left), 400)


def bodies_without_metadata(made: Made, metadata: Json) -> Iterator[object]:
    """JSON bodies without `handler` or without `metadata` in it, or with something else in their places."""
    string = {"connectionString": made.connection_string}
    yield from (None, "handler", metadata, string, {"metadata": metadata, **string})
    for handler in (None, "handler", [], {}, metadata, [{"metadata": metadata}]):
        yield {"handler": handler, **string}
    wrong_metadata: tuple[object, ...] = (None, "metadata", [], [metadata], {})
    for wrong in wrong_metadata:
        yield {"handler": {"metadata": wrong}, **string}


@promise("UPDATE-4", on=C5, examples=0.25)
def test_a_connection_string_beside_the_handler_is_an_optional_string_without_effect(w: World) -> None:
    """It need not be there, and neither selects the data source nor sets its connection string."""
    made, neighbour = w.make(metadata=place(w)), w.make(metadata=place(w))
    before = latest(w, neighbour)
    w.prepared(update(w, made, made.metadata), "updating the handler")
    own = latest(w, made).get("connectionString")
    strings = [neighbour.connection_string, "", w.draw(strategies.texts()), *([] if required(w) else [None])]
    for string in strings:
        metadata = {**made.metadata, "schemaProjectName": w.fresh_name()}
        beside = {} if string is None else {"connectionString": string}
        answered = w.expect_success(w.call("PUT", made.handler_path, {"handler": {"metadata": metadata}, **beside}))
        echoed = isinstance(answered, dict) and answered.get("connectionString") == string
        w.expect(not string or string == own or not echoed, "the string sent to have no effect", answered)
        seen = latest(w, made)
        w.expect_equal(seen.get("connectionString"), own, "connectionString after an update")
        project = metadata_in(seen).get("schemaProjectName")
        w.expect_equal(project, metadata["schemaProjectName"], "schemaProjectName after an update")
    w.expect_equal(latest(w, neighbour), before, "the handler whose connection string was sent with another's update")
    for wrong in (None, 5, True, [made.connection_string], {"string": made.connection_string}):
        w.expect_status(update(w, made, made.metadata, connectionString=wrong), 400)


@promise("UPDATE-4", on=C5, once=True)
def test_the_spec_marks_the_connection_string_as_documented_required(w: World) -> None:
    """On all but Azure Synapse Analytics, whose tables mark nothing as required."""
    bodies = update_schemas(w)
    marks = [body["properties"]["connectionString"].get("x-documented-required", False) for body in bodies]
    types = [body["properties"]["connectionString"].get("type") for body in bodies]
    w.expect(bool(bodies), "a schema with a connectionString for the body of the update", "none")
    w.expect_equal(types, ["string"] * len(bodies), "type of connectionString in the body of the update")
    w.expect_equal(
        marks, [not w.connector.array_body] * len(bodies), "x-documented-required of connectionString in the spec"
    )


def required(w: World) -> bool:
    """Whether the document, by an overlay, demands the connection string."""
    return any("connectionString" in body.get("required", ()) for body in update_schemas(w))


def update_schemas(w: World) -> list[Json]:
    """The object schemas with a connectionString among those of the body of the update."""
    schema = operation(w).definition["requestBody"]["content"]["application/json"]["schema"]
    return [found for found in flat(w, schema) if "connectionString" in found.get("properties", {})]


def flat(w: World, schema: Any) -> Iterator[Json]:
    """The schema with its references followed, and those it is put together from."""
    found = followed(w, schema)
    yield found
    for part in (*found.get("oneOf", ()), *found.get("anyOf", ()), *found.get("allOf", ())):
        yield from flat(w, part)
    if "items" in found:
        yield from flat(w, found["items"])


def followed(w: World, node: Any) -> Json:
    """The object that a node of the document is, or refers to."""
    while "$ref" in node:
        reference = node["$ref"].removeprefix("#/").split("/")
        node = w.routes.document
        for step in reference:
            node = node[step]
    found: Json = node
    return found


def operation(w: World) -> Operation:
    return w.routes.by_id(f"update{w.connector.word}Handler")


@promise("UPDATE-5", on=C5, examples=0.25)
def test_an_array_of_one_body_is_taken_by_asa_alone(w: World) -> None:
    made = w.make(metadata=place(w))
    w.prepared(update(w, made, made.metadata), "updating the handler")
    metadata = {**place(w), "schemaProjectName": w.fresh_name()}
    body = update_body(made, metadata)
    answer = w.call("PUT", made.handler_path, [body])
    if w.connector.array_body:
        w.expect_success(answer)
        seen = latest_metadata(w, made)
        shown = {name: value for name, value in metadata.items() if name != "password"}
        w.expect_holds(seen, shown, "the metadata after an update with an array of one body")
    else:
        w.expect_status(answer, 400)
    second = update_body(made, {**metadata, "schemaProjectName": w.fresh_name()})
    wrong: list[object] = [[], [body, second], [body, body], [None], [[body]], [metadata], [{}]]
    for each in wrong:
        w.expect_status(w.call("PUT", made.handler_path, each), 400)


@promise("UPDATE-10", on=C5, once=True)
def test_the_spec_declares_skip_cache_on_the_update(w: World) -> None:
    put = operation(w)
    listed = [*w.routes.document["paths"][put.path].get("parameters", ()), *put.definition.get("parameters", ())]
    found = [parameter for parameter in (followed(w, each) for each in listed) if parameter["name"] == "skipCache"]
    w.expect(len(found) == 1, "one parameter skipCache of the update in the spec", found)
    w.expect_equal(found[0]["in"], "query", "the place of skipCache in the spec")
    w.expect(not found[0].get("required", False), "skipCache of the update to be optional", found[0])
    w.expect_equal(followed(w, found[0]["schema"]).get("type"), "boolean", "the type of skipCache in the spec")


@promise("UPDATE-10", on=C5, examples=0.25)
def test_skip_cache_does_not_alter_the_result_of_an_update(w: World) -> None:
    """Each of two updates is sent with and without it, always from the state that the other one left."""
    made = w.make(metadata=w.metadata())
    first = w.metadata(columns=[bare_column("first")], schemaProjectName="first", x_first=1)
    second = w.metadata(columns=[bare_column("second")], warehouse="second", x_second=2)
    for metadata in (first, second):  # an update that left traces of what was there before has left them all by now
        put(w, made, metadata, None)
    one = put(w, made, first, None)
    two = put(w, made, second, "true")
    w.expect_equal(put(w, made, first, "false"), one, "the outcome of an update with skipCache=false")
    w.expect_equal(two, put(w, made, second, None), "the outcome of an update with skipCache=true")
    spelling = w.draw(st.sampled_from(("true", "True", "TRUE", "false", "False")))
    w.expect_equal(put(w, made, first, spelling), one, f"the outcome of an update with skipCache={spelling}")


def put(w: World, made: Made, metadata: Json, skip_cache: str | None) -> Json:
    """What an update was answered, and what the handler is after it.

    With `skipCache`, a refusal breaks the promise; without it, only where the same update is accepted with it.
    """
    query = {} if skip_cache is None else {"skipCache": skip_cache}
    answer = w.call("PUT", made.handler_path, update_body(made, metadata), query=query)
    if not query and answer.status == 400:
        other = w.call("PUT", made.handler_path, update_body(made, metadata), query={"skipCache": "false"})
        w.expect(other.status != 200, "an update without skipCache to be accepted", f"{answer.status}: {answer.text}")
    answered = w.expect_success(answer) if query else w.prepared(answer, "updating the handler")
    shown = {name: answered.get(name) for name in ANSWERED} if isinstance(answered, dict) else answered
    return {"answer": shown, "handler": latest(w, made)}
