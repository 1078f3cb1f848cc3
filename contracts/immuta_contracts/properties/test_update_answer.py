"""What an update of a handler answers, and what becomes of the connection string: UPDATE-8 and UPDATE-9."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import ASA, C5
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    bare_column,
    columns_in_dictionary,
    expect_connection_string,
    full_column,
    latest,
    latest_metadata,
    metadata_in,
    place,
    update,
    update_body,
)
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.world import Json, Unprepared, World


@promise("UPDATE-8", on=C5, examples=0.5)
def test_the_answer_of_an_update_holds_six_members(w: World) -> None:
    """Without a dictionary and with one, sent or kept; with no, one or two user files."""
    made = w.make(metadata=w.metadata(userFiles=...))
    columns = [full_column(w, "title", key=True), bare_column("author", w.draw(st.sampled_from(strategies.DATA_TYPES)))]
    files = [user_file("first.pem"), user_file("second.pem")]
    changes: list[tuple[Json, list[Json], str]] = [
        ({}, [], ""),
        ({"columns": columns, "userFiles": files[:1]}, columns, "first.pem"),
        ({"userFiles": files[::-1]}, columns, "second.pem"),
        ({"userFiles": []}, columns, ""),
        ({"columns": []}, [], ""),
    ]
    for change, expected, certificate in changes:
        metadata = {**made.metadata, **change}
        answered = w.prepared(update(w, made, metadata), "updating the handler")
        w.expect(isinstance(answered, dict), "the answer of an update to be an object", answered)
        whose = {"id": made.handler_id, "dataSourceId": made.data_source_id, "ca": certificate}
        w.expect_holds(answered, whose, "the answer of an update")
        expect_string(w, made, answered, metadata)
        expect_named_columns(w, made, answered.get("columns"), expected)
        expect_metadata(w, made, answered.get("metadata"), metadata)


@promise("UPDATE-8", on=(ASA,), once=True)
def test_the_answer_to_an_array_of_one_body_is_the_same_object(w: World) -> None:
    made = w.make(metadata=w.metadata(userFiles=[user_file("first.pem")]))
    answer = w.call("PUT", made.handler_path, [update_body(made, made.metadata)])
    answered = w.prepared(answer, "updating with an array of one body")
    whose = {"id": made.handler_id, "dataSourceId": made.data_source_id, "ca": "first.pem", "columns": []}
    w.expect_holds(answered, whose, "the answer to an array of one body")
    expect_string(w, made, answered, made.metadata)
    expect_metadata(w, made, answered.get("metadata"), made.metadata)


def user_file(name: str) -> Json:
    return {"keyName": "sslrootcert", "content": "LS0tLS1CRUdJTi0tLS0t", "userFilename": name}


def expect_string(w: World, made: Made, answered: Json, metadata: Json) -> None:
    """The connection string of the metadata, or that which the create gave: should it be wrong, it was so before."""
    known = (w.connector.connection_string(metadata), made.connection_string)
    w.expect(answered.get("connectionString") in known, f"the connectionString {known[0]}", answered)


def expect_named_columns(w: World, made: Made, seen: Any, expected: list[Json]) -> None:
    """Name and data type of each column of the dictionary, be it the one expected or the one that is there."""
    w.expect(isinstance(seen, list), "columns of the answer to be an array", seen)
    found = named(seen)
    if not same_json(found, named(expected)):
        w.expect_equal(found, named(columns_in_dictionary(w, made) or []), "names and data types in the answer")


def named(columns: Any) -> Any:
    return [
        {k: each.get(k, ABSENT) for k in ("name", "dataType")} if isinstance(each, dict) else each for each in columns
    ]


def expect_metadata(w: World, made: Made, seen: Any, sent: Json) -> None:
    """The metadata sent, without what only answers carry, or else those of the next read."""
    w.expect(isinstance(seen, dict), "metadata of the answer to be an object", seen)
    ignored = {"password", "columns", "dataSourceName"}
    plain = {name: value for name, value in sent.items() if name not in ignored}
    if same_json({name: value for name, value in seen.items() if name not in ignored}, plain):
        return
    read = {name: value for name, value in latest_metadata(w, made).items() if name != "password"}
    shown = {name: value for name, value in seen.items() if name != "password"}
    w.expect_equal(shown, read, "metadata of the answer, against the next read,")


@promise("UPDATE-9", on=C5, examples=0.25)
def test_changing_the_connection_changes_the_connection_string(w: World) -> None:
    """In the answer, in the handler and in the data source; each part alone, also in its letter case alone."""
    made = w.make(metadata=place(w, port=8443, username="loader", password=PASSWORD))
    for change in changes_of_connection(w, made.metadata):
        answered = w.prepared(update(w, made, change), "updating the handler")
        record, source = latest(w, made), w.source(made)
        shown = {"answer": answered, "handler": record, "data source": source}
        for where, text in texts_of(shown).items():
            if not agrees(w, text, metadata_in(record)):
                expect_connection_string(w, text, change, f"connectionString of the {where}")


def texts_of(shown: Json) -> dict[str, str]:
    """The connection strings found; that an answer or a record holds one at all is another promise's matter."""
    found = {where: each.get("connectionString") for where, each in shown.items() if isinstance(each, dict)}
    strings = {where: text for where, text in found.items() if isinstance(text, str)}
    if not strings:
        raise Unprepared(f"no connection string is shown: {shown}")
    return strings


def agrees(w: World, seen: object, shown: Json) -> bool:
    """Whether the string is that of the metadata shown, which may be other than those sent: that is no fault of it."""
    parts = {name: shown.get(name) for name in ("hostname", "database")}
    return None not in parts.values() and seen == w.connector.connection_string(shown)


def changes_of_connection(w: World, metadata: Json) -> Iterator[Json]:
    """The metadata after one change more each time: of a part of the connection, and at last of anything else."""
    current = {**metadata, "database": "Sales", "hostname": w.fresh_host()}
    yield current
    parts: list[Json] = [
        {"hostname": w.fresh_host()},
        {"database": f"other_{w.draw(strategies.identifiers())}"},
        {"username": f"other_{w.draw(strategies.identifiers())}"},
        {"port": w.draw(st.integers(1, 65535).filter(lambda port: port != metadata["port"]))},
        {"hostname": str(current["hostname"]).upper(), "database": "sALES", "username": "LOADER"},
    ]
    for change in parts:
        current = {**current, **change}
        yield current
    for name in ("port", "username"):
        current = {key: value for key, value in current.items() if key != name}
        yield current
    yield {**current, "password": f"{PASSWORD}-2", "schema": "s", "table": "other", "schemaProjectName": "p"}
