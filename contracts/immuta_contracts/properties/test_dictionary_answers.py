"""The promises about what a dictionary shows: members, types, latest state, column details (DICT-4, 5, 7, 13)."""

import re
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.dictionaries import (
    column_lists,
    dictionary_side,
    essentials,
    handler_side,
    odd_columns,
    plain_column,
    turned,
    wide_list,
    with_dictionary,
)
from immuta_contracts.exchange import Answer
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.strategies import DATA_TYPES, texts
from immuta_contracts.world import Json, Unprepared, World

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OPTIONAL = ("nullable", "isPrimaryKey", "remoteColumn")


@promise("DICT-4", on=C5, examples=0.25)
def test_each_answer_holds_the_five_members(w: World) -> None:
    made, other = w.make(), with_dictionary(w, [plain_column("other")])
    first, second = w.draw(column_lists(min_size=1)), w.draw(column_lists())
    posted = w.prepared(w.call("POST", made.dictionary_path, {"metadata": first}), "creating a dictionary")
    expect_members(w, made, posted, "the answer to POST")
    got = w.dictionary(made)
    expect_members(w, made, got, "the answer to GET")
    put = w.prepared(w.call("PUT", made.dictionary_path, {"metadata": second}), "replacing a dictionary")
    expect_members(w, made, put, "the answer to PUT")
    w.expect_equal(got["id"], posted["id"], "the id of the same dictionary in the answer to GET")
    w.expect_equal(got["createdAt"], posted["createdAt"], "createdAt of the same dictionary in the answer to GET")
    w.expect(w.dictionary(other).get("id") != got["id"], "an id that another dictionary does not have", got["id"])
    expect_own_columns(w, posted, first, got, "the answer to POST")
    expect_own_columns(w, put, second, w.dictionary(made), "the answer to PUT")


def expect_members(w: World, made: Made, answer: Any, what: str) -> None:
    if not isinstance(answer, dict):
        w.broken(f"{what} to be an object", answer)
    for field in ("createdAt", "dataSource", "id", "metadata", "types"):
        w.expect(field in answer, f"{field} in {what}", answer)
    w.expect(is_timestamp(answer["createdAt"]), f"createdAt of {what} to be a UTC timestamp", answer["createdAt"])
    w.expect_equal(answer["dataSource"], made.data_source_id, f"dataSource of {what}")
    w.expect(type(answer["id"]) is int and answer["id"] >= 1, f"id of {what} to be an integer from 1 up", answer["id"])
    columns, types = answer["metadata"], answer["types"]
    held = isinstance(columns, list) and all(is_column(each) for each in columns)
    w.expect(held, f"metadata of {what} to be a list of columns with name, dataType and remoteType", columns)
    strings = isinstance(types, list) and all(isinstance(each, str) for each in types)
    w.expect(strings, f"types of {what} to be a list of strings", types)


def expect_own_columns(w: World, answer: Json, sent: list[Json], stored: Json, what: str) -> None:
    """The answer shows what was sent, or what is stored instead: that it is stored wrong is another promise's."""
    shown = essentials(answer["metadata"])
    holds = shown in (essentials(sent), essentials(stored.get("metadata")))
    w.expect(holds, f"metadata of {what} to be {essentials(sent)}", answer["metadata"])


def is_timestamp(value: object) -> bool:
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def is_column(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(n), str) for n in ("name", "dataType", "remoteType"))


@promise("DICT-5", on=C5, examples=0.25)
def test_types_lists_each_data_type_once_in_order_of_appearance(w: World) -> None:
    made = w.make()
    first, second = typed_columns(w), typed_columns(w)
    expect_types(w, w.call("POST", made.dictionary_path, {"metadata": first}), "the answer to POST")
    expect_types(w, w.call("GET", made.dictionary_path), "the answer to GET after POST")
    expect_types(w, w.call("PUT", made.dictionary_path, {"metadata": second}), "the answer to PUT")
    expect_types(w, w.call("GET", made.dictionary_path), "the answer to GET after PUT")
    put_handler(w, made, first[1:])
    expect_types(w, w.call("GET", made.dictionary_path), "the answer to GET after PUT of the handler")
    expect_types(w, w.call("PUT", made.dictionary_path, {"metadata": []}), "the answer to PUT of no columns")


def typed_columns(w: World) -> list[Json]:
    """Columns whose data types repeat, side by side and apart, and stand in no alphabetical order."""
    some = w.draw(st.lists(st.sampled_from(DATA_TYPES) | texts(), min_size=1, max_size=4))
    types = [*sorted(some, reverse=True), "text", "Text", "text", "integer", "date", "integer", some[0]]
    return [plain_column(f"c{index}", data_type) for index, data_type in enumerate(types)]


def expect_types(w: World, answer: Answer, what: str) -> None:
    """`types` fits the columns of the same answer."""
    shown = w.prepared(answer, what)
    columns = shown.get("metadata") if isinstance(shown, dict) else None
    if not isinstance(columns, list) or not all(is_column(each) for each in columns):
        raise Unprepared(f"{what} holds no list of columns")
    wanted = list(dict.fromkeys(each["dataType"] for each in columns))
    w.expect_equal(shown.get("types", "<absent>"), wanted, f"types of {what}")


@promise("DICT-7", on=C5, examples=0.125)
def test_get_answers_the_dictionary_as_last_written_from_either_side(w: World) -> None:
    wide = wide_list(120)  # more than any page of a careless reader
    first, of_the_other = [*odd_columns(), *wide, *numbered_columns(w, 1)], numbered_columns(w, 2)
    made, other = w.make(metadata=w.metadata(columns=first)), w.make()
    expect_latest(w, made, first, "creating the data source with columns")
    post_dictionary(w, other, of_the_other)
    for number, write in enumerate(turned(w, (put_dictionary, put_handler, bulk_by_string, bulk_by_ids)), start=3):
        for columns in (numbered_columns(w, number), []):
            write(w, made, columns)
            expect_latest(w, made, columns, write.__name__)
    expect_latest(w, other, of_the_other, "a POST to another dictionary and writing this one")


@promise("DICT-7", on=C5, examples=0.125)
def test_get_answers_a_dictionary_that_either_side_made(w: World) -> None:
    made = w.make()
    for number, write in enumerate(turned(w, (post_dictionary, put_handler, bulk_by_string, bulk_by_ids))):
        columns = numbered_columns(w, number)
        write(w, made, columns)
        expect_latest(w, made, columns, f"{write.__name__} where there was no dictionary")
        w.prepared(w.call("DELETE", made.dictionary_path), "deleting the dictionary")


def numbered_columns(w: World, number: int) -> list[Json]:
    """Columns that no other step of the example writes: the number is in a name, a type, and how many they are."""
    key = plain_column("key", isPrimaryKey=bool(number % 2), nullable=False, remoteColumn=f"remote {number}")
    own = [
        plain_column(f"column {number}.{place}", DATA_TYPES[(number + place) % 6]) for place in range(1 + number % 3)
    ]
    drawn = w.draw(column_lists())
    return list({each["name"]: each for each in (key, *own[::-1], *drawn)}.values())


def post_dictionary(w: World, made: Made, columns: list[Json]) -> None:
    w.prepared(w.call("POST", made.dictionary_path, {"metadata": columns}), "creating a dictionary")


def put_dictionary(w: World, made: Made, columns: list[Json]) -> None:
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": columns}), "replacing the dictionary")


def put_handler(w: World, made: Made, columns: list[Json]) -> None:
    body = {"handler": {"metadata": {**made.metadata, "columns": columns}}}
    w.prepared(w.call("PUT", made.handler_path, body), "replacing the metadata")


def bulk_by_string(w: World, made: Made, columns: list[Json]) -> None:
    bulk(w, columns, connectionString=made.connection_string)


def bulk_by_ids(w: World, made: Made, columns: list[Json]) -> None:
    bulk(w, columns, ids=[made.data_source_id])


def bulk(w: World, columns: list[Json], **selection: Any) -> None:
    answer = w.put_bulk({"handler": {"metadata": {"columns": columns}}, **selection})
    w.prepared(answer, "updating in bulk")
    w.wait_for_jobs(answer)


def expect_latest(w: World, made: Made, written: list[Json], after: str) -> None:
    """GET shows the columns written. Where the handler shows others as well, the write is at fault, not the reading."""
    shown = dictionary_side(w, made)
    if shows(shown, written):
        return
    if not shows(handler_side(w, made) or [], written):
        raise Unprepared(f"{after.replace('_', ' ')} did not take")
    w.broken(f"GET of the dictionary after {after.replace('_', ' ')} to hold {written}", shown)


def shows(columns: object, written: list[Json]) -> bool:
    """Whether a column list is the one written, as far as its own promise goes: texts and tags have another."""
    if not isinstance(columns, list) or len(columns) != len(written) or essentials(columns) != essentials(written):
        return False
    return all(map(alike, columns, written))


def alike(shown: Json, sent: Json) -> bool:
    """Whether a column shows the optional fields sent; that `nullable` is there and a boolean has its own promise."""
    told = isinstance(shown.get("nullable"), bool)
    fields = [name for name in OPTIONAL if name in sent and (told or name != "nullable")]
    return all(same_json(shown.get(name), sent[name]) for name in fields)


@promise("DICT-13", on=C5, examples=0.25)
def test_every_column_has_nullable_and_tag_values_keep_their_type(w: World) -> None:
    made = w.make()
    first, second = detailed_columns(w), detailed_columns(w)
    expect_details(w, w.call("POST", made.dictionary_path, {"metadata": first}), first, "the answer to POST")
    expect_details(w, w.call("GET", made.dictionary_path), first, "the answer to GET after POST")
    expect_details(w, w.call("PUT", made.dictionary_path, {"metadata": second}), second, "the answer to PUT")
    expect_details(w, w.call("GET", made.dictionary_path), second, "the answer to GET after PUT")


@promise("DICT-13", on=C5, examples=0.125)
def test_columns_written_through_the_handler_have_nullable_too(w: World) -> None:
    columns = detailed_columns(w)
    made = w.make(metadata=w.metadata(columns=columns))
    expect_details(w, w.call("GET", made.dictionary_path), columns, "the answer to GET after creating")
    put_handler(w, made, columns[:3])
    expect_details(w, w.call("GET", made.dictionary_path), columns[:3], "the answer to GET after PUT of the handler")


def detailed_columns(w: World) -> list[Json]:
    """Columns with every way to say `nullable`, and tags whose values look like other types, in a drawn order."""
    looks = st.sampled_from(("False", "true", "1", "0", "null", "3.50", "[]", "{}"))
    tags = [
        {"name": w.draw(looks), "source": "curated"},
        {"name": "Plain", "source": w.draw(looks), "deleted": "False"},
        {"name": w.draw(texts()), "source": "curated", "deleted": "True"},
        {"name": "Flag", "source": "curated", "deleted": w.draw(st.booleans())},
    ]
    columns = [
        plain_column("unsaid"),
        plain_column("nullable", nullable=True),
        plain_column("not nullable", nullable=False),
        plain_column("key", isPrimaryKey=True),
        plain_column("tagged", tags=tags),
        *w.draw(column_lists(max_size=2)),
    ]
    return w.draw(st.permutations(list({each["name"]: each for each in columns}.values())))


def expect_details(w: World, answer: Answer, sent: list[Json], what: str) -> None:
    shown = w.prepared(answer, what)
    columns = shown.get("metadata") if isinstance(shown, dict) else None
    if not isinstance(columns, list) or not all(isinstance(each, dict) for each in columns):
        raise Unprepared(f"{what} holds no list of columns")
    written = {each["name"]: each for each in sent}
    for column in columns:
        origin = written.get(str(column.get("name")), {})
        wanted, where = origin.get("nullable", True), f"of column {column.get('name')!r} in {what}"
        w.expect_equal(column.get("nullable", "<absent>"), wanted, f"nullable {where}")
        expect_tag_types(w, column.get("tags"), origin.get("tags", []), where)


def expect_tag_types(w: World, shown: object, sent: list[Json], where: str) -> None:
    """Tags that were returned, paired with those sent by their place among those with a source."""
    kept = [tag for tag in sent if "source" in tag]
    if not isinstance(shown, list) or len(shown) != len(kept):
        return  # lost tags are the business of the promise that they return
    for seen, tag in zip(shown, kept, strict=True):
        for field in [name for name in tag if isinstance(seen, dict) and name in seen]:
            alike = type(seen[field]) is type(tag[field])
            w.expect(alike, f"{field} of a tag {where} to come back as {tag[field]!r}", seen[field])
