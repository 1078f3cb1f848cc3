"""What an update of a handler does to the dictionary: UPDATE-2 and UPDATE-3."""

from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import ASA, C5
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    bare_column,
    columns_in_dictionary,
    expect_columns,
    full_column,
    latest_metadata,
    place,
    update,
    update_body,
)
from immuta_contracts.world import Json, Unprepared, World


@promise("UPDATE-2", on=C5, examples=0.5)
def test_leaving_columns_out_keeps_the_dictionary(w: World) -> None:
    """The one that came with the data source, and the one that was written since."""
    made = w.make(metadata=place(w, columns=[full_column(w, "kept"), full_column(w, "paragraph_count", key=True)]))
    expect_update_keeps_dictionary(w, made)
    current = [full_column(w, "title"), full_column(w, "kept"), bare_column("author")]
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": current}), "updating the dictionary")
    expect_update_keeps_dictionary(w, made, eventTime="title")


@promise("UPDATE-2", on=C5, once=True)
def test_leaving_columns_out_keeps_what_there_is_be_it_nothing(w: World) -> None:
    """No dictionary, an empty one, and one that no handler operation has written."""
    without, empty, posted = w.make(metadata=place(w)), w.make(metadata=place(w, columns=[])), w.make(metadata=place(w))
    columns = [bare_column("author"), bare_column("title")]
    w.prepared(w.call("POST", posted.dictionary_path, {"metadata": columns}), "creating a dictionary")
    cases = {"a data source without dictionary": without, "an empty dictionary": empty, "a dictionary posted": posted}
    for what, made in cases.items():
        before = columns_in_dictionary(w, made)
        w.prepared(update(w, made, place(w)), "updating the handler")
        w.expect_equal(columns_in_dictionary(w, made), before, f"the columns of {what} after an update without columns")


@promise("UPDATE-2", on=(ASA,), once=True)
def test_leaving_columns_out_of_an_array_keeps_the_dictionary(w: World) -> None:
    made = w.make(metadata=place(w, columns=[full_column(w, "kept"), bare_column("title")]))
    expect_update_keeps_dictionary(w, made, in_array=True)


def expect_update_keeps_dictionary(w: World, made: Made, *, in_array: bool = False, **given: Any) -> None:
    """An update that changes everything but the columns changes nothing in the dictionary, seen from both sides."""
    dictionary, mirrored = w.dictionary(made), latest_metadata(w, made).get("columns")
    body = update_body(made, w.metadata(schemaProjectName=w.fresh_name(), **given))
    w.prepared(w.call("PUT", made.handler_path, [body] if in_array else body), "updating the handler")
    seen = w.call("GET", made.dictionary_path)
    if seen.status == 404:
        w.broken("the dictionary to stay after an update without columns", seen.text)
    kept = {name: dictionary.get(name) for name in ("id", "metadata")}
    w.expect_holds(w.prepared(seen, "reading the dictionary"), kept, "the dictionary after an update without columns")
    w.expect_equal(latest_metadata(w, made).get("columns"), mirrored, "columns of the handler updated without columns")


@promise("UPDATE-3", on=C5, examples=0.5)
def test_sending_columns_replaces_the_dictionary(w: World) -> None:
    """A column left out is removed, one sent again has the attributes sent alone, a new one is there; in that order."""
    old = [full_column(w, name, key=name == "title") for name in ("title", "paragraph_count", "author")]
    made = w.make(metadata=place(w, columns=old))
    if w.draw(st.booleans()):
        w.prepared(w.call("PUT", made.dictionary_path, {"metadata": old[::-1]}), "updating the dictionary")
    dropped = w.draw(st.sampled_from(range(3)))
    lists: list[list[Json]] = [
        [column for index, column in enumerate(old) if index != dropped][::-1],
        [
            full_column(w, "zone"),
            bare_column("author", "integer"),
            full_column(w, "Title"),
            bare_column("title", "json"),
        ],
        [bare_column("title")],
        [],
    ]
    for columns in lists:
        w.prepared(update(w, made, place(w, columns=columns)), "updating the handler")
        expect_columns(w, columns_in_dictionary(w, made), columns, "the dictionary after an update with columns")
    shown = latest_metadata(w, made).get("columns")
    w.expect(not shown, "no columns in a handler that was updated with an empty list", shown)


@promise("UPDATE-3", on=C5, once=True)
def test_sending_columns_where_there_is_no_dictionary_makes_one(w: World) -> None:
    made, columns = w.make(metadata=place(w)), [bare_column("title"), bare_column("author")]
    if columns_in_dictionary(w, made) is not None:
        raise Unprepared("the data source made without columns has a dictionary")
    w.prepared(update(w, made, place(w, columns=columns)), "updating the handler")
    expect_columns(w, columns_in_dictionary(w, made), columns, "the dictionary after an update with columns")
