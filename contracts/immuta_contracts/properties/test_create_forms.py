"""What a create makes, in which forms its body may come, and which fields of `dataSource` each form requires."""

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import (
    ODD,
    accepted,
    changed,
    connection_string,
    exists,
    expect_accepted,
    expect_refused,
    extras,
    listed_at,
    plain_metadata,
)
from immuta_contracts.made import Made
from immuta_contracts.strategies import identifiers, texts
from immuta_contracts.world import Json, Unprepared, World

CONNECTION = ("hostname", "port", "username", "database", "schema", "table", "query")
SINGLE_REQUIRES = ("blobHandler", "blobHandlerType", "recordFormat", "type", "name", "sqlTableName")
SEVERAL_REQUIRES = ("blobHandlerType", "recordFormat", "type")


# CREATE-1


@promise("CREATE-1", on=C5, examples=0.5)
def test_what_was_created_is_read_by_handler_id_and_by_data_source_id(w: World) -> None:
    odd = {"table": ..., "query": f"SELECT {w.draw(texts())} {ODD}", "schema": f"{w.draw(identifiers())} {ODD}"}
    connection = {"port": w.draw(st.integers(1, 65535)), "username": w.draw(identifiers()), "schema": "Public"}
    query = w.metadata(**w.unless_pinned(**odd))
    table = w.metadata(**w.unless_pinned(**connection), dataSourceName=w.fresh_name())  # the name of `dataSource` wins
    first, second = w.make(metadata=table), w.make(metadata=query, name=f"{w.fresh_name()} {ODD}")
    for made in (second, first):  # the first last: a create after it must not have touched it
        _expect_saved(w, made)


def _expect_saved(w: World, made: Made) -> None:
    handler, source = w.call("GET", made.handler_path), w.call("GET", made.source_path)
    w.expect(accepted(handler), "the handler created to be readable", f"{handler.status}: {handler.text[:500]}")
    w.expect(accepted(source), "the data source created to be readable", f"{source.status}: {source.text[:500]}")
    w.expect_equal(source.json.get("name"), made.name, "the name of the data source read by its id")
    sent, seen = _connection(made.metadata), _connection(handler.json.get("metadata"))
    other = handler.json.get("dataSourceId") != made.data_source_id and seen.get("hostname") != sent["hostname"]
    w.expect(not other, "the handler id to lead to the handler created", handler.text[:500])
    if seen != sent:
        _was_not_saved(w, made, source.json)
    w.expect_equal(seen, sent, "the connection read by handler id")


def _connection(metadata: object) -> Json:
    return {name: metadata[name] for name in CONNECTION if name in metadata} if isinstance(metadata, dict) else {}


def _was_not_saved(w: World, made: Made, source: Json) -> None:
    """Raises `Unprepared` where the connection was saved, or is never shown, so that reading it is at fault."""
    sent = made.metadata
    saved = {
        "connectionString": connection_string(sent, w.connector.default_port),
        "remoteTable": sent.get("table"),
        "remoteSchema": sent.get("schema"),
    }
    if "query" not in sent and all(source.get(field, ...) == value for field, value in saved.items()):
        raise Unprepared("the handler record shows another connection than the data source")
    w.prepared(w.call("PUT", made.handler_path, {"handler": {"metadata": sent}}), "updating the handler")
    if _connection(w.read_metadata(made)) != _connection(sent):
        raise Unprepared("the handler record shows another connection than any that was written")


# CREATE-2


@promise("CREATE-2", on=C5, once=True)
def test_one_handler_object_makes_one_data_source(w: World) -> None:
    name = w.fresh_name()
    element = w.metadata(dataSourceName=name)
    body = w.single_body(metadata=element, name=name)
    expect_accepted(w, body, "a handler object", otherwise={**body, "handler": [body["handler"]]})
    _expect_made(w, [element])


@promise("CREATE-2", on=C5, examples=0.25)
def test_an_array_makes_a_data_source_of_each_element(w: World) -> None:
    for count in (1, 2, 4):
        elements = _elements_of_one_connection(w, count)
        body = w.several_body(count, metadata=elements)
        alone = w.single_body(metadata=elements[0], name=elements[0]["dataSourceName"])
        created = expect_accepted(w, body, f"an array of {count}", otherwise=alone)
        w.wait_for_jobs(created)
        _expect_made(w, elements)


def _elements_of_one_connection(w: World, count: int) -> list[Json]:
    shared = w.shared_host() | w.unless_pinned(database=w.draw(identifiers()), username="loader", port=...)
    return [w.metadata(**shared, table=table, dataSourceName=w.fresh_name()) for table in w.tables(count)]


def _expect_made(w: World, elements: list[Json]) -> None:
    """There is a data source of each element, looked for at their connection and, if need be, under their names."""
    hits = listed_at(w, connection_string(elements[0], w.connector.default_port))
    tables = sorted(str(hit.get("remoteTable")) for hit in hits)
    if tables == sorted(element["table"] for element in elements):
        return
    w.expect(w.is_pinned or len(hits) <= len(elements), f"{len(elements)} data sources at one connection", len(hits))
    for element in elements:
        missing = "no data source of that name or connection"
        w.expect(exists(w, element["dataSourceName"]), f"a data source of the table {element['table']}", missing)
        _expect_own_table(w, element)


def _expect_own_table(w: World, element: Json) -> None:
    source = w.source_named(element["dataSourceName"])
    seen = source.get("remoteTable")
    if seen != element["table"]:
        handler = w.prepared(w.call("GET", _handler_path(source)), "reading a handler")
        seen = handler["metadata"].get("table") if isinstance(handler.get("metadata"), dict) else seen
    w.expect_equal(seen, element["table"], f"the table of the element named {element['dataSourceName']}")


def _handler_path(source: Json) -> str:
    blob_handler = source.get("blobHandler")
    url = blob_handler.get("url") if isinstance(blob_handler, dict) else None
    if not isinstance(url, str) or "/handler/" not in url:
        raise Unprepared("the data source shows no way to its handler")
    return "/" + "/".join(url.split("/")[-3:])


# CREATE-3; a body that may be refused bears one name throughout, which finds and removes what is made all the same


@promise("CREATE-3", on=C5, examples=0.25)
def test_the_single_form_requires_its_fields(w: World) -> None:
    name = w.fresh_name()
    for field in SINGLE_REQUIRES:
        complete = w.single_body(metadata=w.metadata(dataSourceName=name), **{**extras(w), "name": name})
        expect_refused(w, changed(complete, {field: ...}), f"a body without {field}")


@promise("CREATE-3", on=C5, examples=0.25)
def test_the_single_form_requires_metadata_and_data_source(w: World) -> None:
    name = w.fresh_name()
    body = w.single_body(metadata=w.metadata(dataSourceName=name), name=name)
    expect_refused(w, {**body, "handler": {}}, "a handler without metadata")
    for part in ("handler", "dataSource"):
        rest = {key: value for key, value in body.items() if key != part}
        expect_refused(w, rest, f"a body without {part}")
    for field in ("name", "sqlTableName"):
        expect_refused(w, changed(body, {field: ""}), f"an empty {field}")


# CREATE-4


@promise("CREATE-4", on=C5, examples=0.25)
def test_the_several_form_requires_three_fields(w: World) -> None:
    names = [w.fresh_name(), w.fresh_name()]
    for count in (1, 2):
        elements = [w.metadata(table=f"t{index}", dataSourceName=names[index]) for index in range(count)]
        for field in SEVERAL_REQUIRES:
            body = w.several_body(count, metadata=elements, **{**extras(w), field: ...})
            expect_refused(w, body, f"an array of {count} without {field}")


@promise("CREATE-4", on=C5, examples=0.25)
def test_the_several_form_requires_no_more_than_three_fields(w: World) -> None:
    for count in (1, 2):
        body = w.several_body(count)
        otherwise = changed(body, w.single_body(metadata={})["dataSource"])
        expect_accepted(w, body, f"an array of {count} with the three fields of `dataSource`", otherwise=otherwise)


@promise("CREATE-4", on=C5, examples=0.25)
def test_each_element_of_the_several_form_needs_a_name(w: World) -> None:
    names = [w.fresh_name() for _ in range(3)]
    elements = [w.metadata(table=f"t{index}", dataSourceName=name) for index, name in enumerate(names)]
    for count, position in ((1, 0), (2, 1), (3, 0), (3, 2)):
        nameless = [*elements[:count]]
        nameless[position] = w.metadata(table="nameless", dataSourceName=...)
        # The name beside them is ignored in this form, and would tell a data source made all the same.
        body = w.several_body(count, metadata=nameless, name=names[position], sqlTableName="x")
        expect_refused(w, body, f"no name in element {position} of {count}")


@promise("CREATE-4", on=C5, once=True)
def test_the_several_form_refuses_an_empty_array(w: World) -> None:
    for source in (w.several_body(1)["dataSource"], w.single_body(metadata={})["dataSource"]):
        expect_refused(w, {"handler": [], "dataSource": source}, "an empty array")


@promise("CREATE-4", on=C5, examples=0.25)
def test_the_several_form_takes_its_names_from_the_elements(w: World) -> None:
    for count in (1, 2):
        names = [f"{w.fresh_name()} {ODD}" for _ in range(count)]
        tables = w.tables(count)
        elements = [plain_metadata(w, table=t, dataSourceName=name) for t, name in zip(tables, names, strict=True)]
        ignored = w.fresh_name()
        body = w.several_body(count, metadata=elements, name=ignored, sqlTableName="ignored")
        created = w.post_handler(body)
        w.prepared(created, f"creating from an array of {count}")
        w.wait_for_jobs(created)
        for element in elements:
            _expect_named(w, element)
        w.expect(not exists(w, ignored), "`dataSource.name` to be ignored beside an array", ignored)


def _expect_named(w: World, element: Json) -> None:
    """The element's data source bears its name; one that was not made at all is the matter of another promise."""
    if exists(w, element["dataSourceName"]):
        return
    if not listed_at(w, connection_string(element, w.connector.default_port)):
        raise Unprepared("an element of a create made no data source")
    w.broken(f"a data source named {element['dataSourceName']}", "one of that connection under another name")
