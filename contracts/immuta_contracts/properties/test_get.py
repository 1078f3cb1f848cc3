"""What GET handler answers: the handler of that id, and the metadata as they were last written."""

from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import LONG_ODD, ODD, ONE, accepted, body_of_one, connection_string, names_of
from immuta_contracts.dictionaries import column_lists
from immuta_contracts.exchange import Answer
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.strategies import (
    identifiers,
    labels,
    metadata,
    optional_metadata,
    texts,
    unknown_fields,
    user_files,
)
from immuta_contracts.world import Json, Unprepared, World

ABSENT = "<absent>"
EVERYWHERE: dict[str, st.SearchStrategy[Any]] = {
    field: values for connector in C5 for field, values in optional_metadata(connector).items()
}
REQUEST_FIELDS = {"port", "username", "password", "query", "table", "columns", *EVERYWHERE}
DEFAULTS = {"secureNativeView": False}
COLUMN_FIELDS = ("description", "isPrimaryKey", "remoteColumn", "tags")


# GET-1


@promise("GET-1", on=C5, examples=0.5)
def test_each_handler_id_is_answered_with_its_own_record(w: World) -> None:
    connection = {"port": w.draw(st.integers(1, 65535)), "username": w.draw(identifiers())}
    first = w.make(metadata=w.metadata(**w.unless_pinned(schema=f"{w.draw(identifiers())} {ODD}", **connection)))
    second = w.make(metadata=w.metadata(**w.unless_pinned(schema=w.draw(identifiers()))))
    for made in (first, second, first):
        _expect_record(w, made)


@promise("GET-1", on=C5, examples=0.25)
def test_handlers_made_together_are_answered_with_their_own_records(w: World) -> None:
    for made in w.make_several(2):
        _expect_record(w, made)


def _expect_record(w: World, made: Made) -> None:
    answer = w.call("GET", made.handler_path)
    w.expect(accepted(answer), "the handler record", f"{answer.status}: {answer.text[:500]}")
    record = answer.json
    ids = {"id": made.handler_id, "dataSourceId": made.data_source_id}
    w.expect_holds(record, ids, "the handler record")
    derived = connection_string(made.metadata, w.connector.default_port)
    known = {made.connection_string, derived}  # should both differ, then it is the create that answered wrongly
    w.expect(record.get("connectionString") in known, f"the connection string {derived}", record)
    seen = record.get("metadata")
    w.expect(isinstance(seen, dict), "metadata in the handler record", record)
    for field in ("schema", "database"):
        if seen.get(field, ABSENT) != made.metadata.get(field, ABSENT):
            _was_saved(w, made)
            w.expect_equal(seen.get(field, ABSENT), made.metadata.get(field, ABSENT), f"{field} in the handler record")


def _was_saved(w: World, made: Made) -> None:
    """The data source knows schema and database, so that it is the handler record that does not show them."""
    source = w.source(made)
    schema = made.metadata.get("schema")
    database = str(source.get("connectionString")).endswith(f"/{made.metadata['database']}")
    if source.get("remoteSchema", schema) != schema or not database:
        raise Unprepared("the data source was not saved with its schema and database")


# GET-3


@promise("GET-3", on=C5)
def test_every_metadata_field_comes_back(w: World) -> None:
    written = _whole(w)
    made = w.make(metadata={**written, "dataSourceName": w.fresh_name()})  # answers show the name of `dataSource`
    _expect_metadata(w, made, written)


@promise("GET-3", on=C5, examples=0.5)
def test_the_metadata_are_those_last_written(w: World) -> None:
    made = w.make(body=body_of_one(w, w.draw(st.sampled_from(ONE)), w.metadata(**w.draw(unknown_fields()))))
    _expect_metadata(w, made, made.metadata)
    written = w.draw(st.sampled_from((_whole, _sparse)))(w) | {"dataSourceName": made.name}
    answer = w.call("PUT", made.handler_path, {"handler": {"metadata": written}})
    updated = w.prepared(answer, "updating the handler").get("metadata")
    if not isinstance(updated, dict) or _difference(made, written, updated):
        raise Unprepared("the update itself does not answer what was written")
    _expect_metadata(w, made, written)


@promise("GET-3", on=C5, once=True)
def test_the_next_read_shows_a_bulk_update(w: World) -> None:
    """Judged where some later read shows it: that it shows at all is a promise of bulk updates."""
    made, project = w.make(), w.fresh_name()
    w.handler(made)
    update = {"handler": {"metadata": {"schemaProjectName": project}}, "connectionString": made.connection_string}
    answer = w.put_bulk(update)
    w.prepared(answer, "updating in bulk")
    w.wait_for_jobs(answer)
    seen = w.read_metadata(made).get("schemaProjectName", ABSENT)
    if seen != project and w.read_metadata(made).get("schemaProjectName") != project:
        raise Unprepared("the bulk update did not reach the data source")
    w.expect_equal(seen, project, "schemaProjectName in the first read after a bulk update")


@promise("GET-3", on=C5, examples=0.25)
def test_each_element_of_an_array_keeps_its_own_metadata(w: World) -> None:
    writes = zip((_whole, _sparse), w.tables(2), strict=True)
    elements = [write(w) | {"table": table, "dataSourceName": w.fresh_name()} for write, table in writes]
    for made, written in zip(w.make_several(2, metadata=elements), elements, strict=True):
        _expect_metadata(w, made, written)


@promise("GET-3", on=C5, examples=0.375)
def test_the_columns_are_those_of_the_dictionary(w: World) -> None:
    made = w.make(metadata=w.metadata(columns=w.draw(column_lists(min_size=1))))
    columns = w.draw(column_lists(min_size=1))
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": columns}), "updating the dictionary")
    if _columns_difference({"columns": columns}, {"columns": w.dictionary(made).get("metadata")}):
        raise Unprepared("the dictionary does not show what was written")
    difference = _columns_difference({"columns": columns}, w.read_metadata(made))
    w.expect(difference is None, f"the columns of the handler to be {columns}", difference and difference[2])
    w.prepared(w.call("DELETE", made.dictionary_path), "deleting the dictionary")
    if w.call("GET", made.dictionary_path).status != 404:
        raise Unprepared("the dictionary is still there")
    w.expect_equal(w.read_metadata(made).get("columns", ABSENT), ABSENT, "columns of a handler without dictionary")


def _whole(w: World) -> Json:
    """Metadata with every field that any connector knows, and unknown ones."""
    odd = {"schema": ODD, "bodataTableName": ODD, "schemaProjectName": ODD, "warehouse": ODD}
    odd |= {"httpPath": ODD, "authenticationMethod": ODD}
    whole = {
        **w.draw(metadata(w.connector)),
        **w.draw(st.fixed_dictionaries(EVERYWHERE)),
        **odd,
        "userFiles": w.draw(user_files(min_size=1)),
        "port": w.draw(st.just(w.connector.default_port) | st.integers(1, 65535)),
        "username": w.draw(identifiers()),
        "query": w.draw(st.none() | texts()),
        "connectionStringOptions": w.draw(labels() | st.just(LONG_ODD)),
        "columns": w.draw(column_lists()),
        "x_Kept": {"a": [1, 2.5, None, {"B": ""}], "Ünïque": False, "": {}},
        "x_none": None,
        **w.draw(unknown_fields(min_size=1)),
    }
    return w.at(whole)


def _sparse(w: World) -> Json:
    """Metadata with few fields."""
    return w.at({"database": w.draw(identifiers()), "table": "t", "columns": []})


def _expect_metadata(w: World, made: Made, written: Json) -> None:
    seen = w.handler(made).get("metadata")
    w.expect(isinstance(seen, dict), "metadata in the handler record", seen)
    assert isinstance(seen, dict)
    difference = _difference(made, written, seen)
    if difference is not None:
        field, expected, shown = difference
        w.broken(f"{field} of the metadata to be {expected!r}", f"{field}: {shown!r}")


def _difference(made: Made, written: Json, seen: Json) -> tuple[str, object, object] | None:
    """The first field that is not as written, with what it should be and what it is; None where all is well."""
    expected = {field: value for field, value in written.items() if field not in ("password", "columns")}
    expected["dataSourceName"] = made.name
    for field, value in expected.items():
        if not same_json(seen.get(field, ABSENT), value):
            return field, value, seen.get(field, ABSENT)
    never_sent = REQUEST_FIELDS - expected.keys() - {"columns"}
    for field in sorted(never_sent & seen.keys()):
        if seen[field] is not DEFAULTS.get(field, ABSENT):
            return field, ABSENT, seen[field]
    return _columns_difference(written, seen)


def _columns_difference(written: Json, seen: Json) -> tuple[str, object, object] | None:
    """Whether the columns are those written, with `nullable` filled in; None where they are."""
    if "columns" not in written:
        return ("columns", ABSENT, seen["columns"]) if "columns" in seen else None
    expected = [{"nullable": True, **column} for column in written["columns"]]
    shown = seen.get("columns", ABSENT)
    same = (
        isinstance(shown, list)
        and len(shown) == len(expected)
        and all(
            isinstance(each, dict) and _same_column(each, column) for each, column in zip(shown, expected, strict=True)
        )
    )
    return None if same else ("columns", expected, shown)


def _same_column(seen: Json, expected: Json) -> bool:
    """Every field sent is there, and of the fields never sent none has a value."""
    unsent = [field for field in COLUMN_FIELDS if field not in expected and seen.get(field) not in (None, [])]
    return not unsent and same_json({**seen, **expected}, seen)


# GET-4


@promise("GET-4", on=C5, examples=0.5)
def test_the_handler_of_a_data_source_leads_back_to_it(w: World) -> None:
    first, second = w.make(), w.make()
    for made in (first, second):
        _expect_round_trip(w, w.source(made), handler_id=made.handler_id)
    written = {**first.metadata, **w.shared_host(), "dataSourceName": w.fresh_name()}
    w.prepared(w.call("PUT", first.handler_path, {"handler": {"metadata": written}}), "updating a handler")
    _expect_round_trip(w, w.source(first), handler_id=first.handler_id)


@promise("GET-4", on=C5, examples=0.25)
def test_the_handlers_of_data_sources_made_together_lead_back_to_them(w: World) -> None:
    body = w.several_body(2)
    created: Answer = w.post_handler(body)
    w.prepared(created, "creating several data sources")
    w.wait_for_jobs(created)
    for name in names_of(body):
        by_name = w.source_named(name)
        by_id = w.prepared(w.call("GET", f"/dataSource/{by_name.get('id')}"), "reading a data source")
        for source in (by_name, by_id):
            _expect_round_trip(w, source)


def _expect_round_trip(w: World, source: Json, *, handler_id: int | None = None) -> None:
    blob_handler = source.get("blobHandler")
    url = blob_handler.get("url") if isinstance(blob_handler, dict) else None
    start, _, identifier = str(url).rpartition("/")
    leads = start.endswith(f"/{w.connector.prefix}/handler") and identifier.isdigit()
    w.expect(leads, f"blobHandler.url to end in /{w.connector.prefix}/handler/ and an id", blob_handler)
    if handler_id is not None:
        w.expect_equal(int(identifier), handler_id, "the handler id in blobHandler.url")
    answer = w.call("GET", f"/{w.connector.prefix}/handler/{identifier}")
    w.expect(accepted(answer), "the handler of blobHandler.url", f"{answer.status}: {answer.text[:500]}")
    back = answer.json.get("dataSourceId")  # as text: which type each id has are promises of their own
    w.expect(str(back) == str(source.get("id")), f"the handler to lead back to {source.get('id')}", answer.text[:300])
