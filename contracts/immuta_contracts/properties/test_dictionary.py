"""The promises about writing a dictionary: created, described, replaced, deleted (DICT-1, 3, 6, 8)."""

from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.dictionaries import (
    column_lists,
    dictionary_side,
    essentials,
    handler_side,
    has_dictionary,
    odd_columns,
    plain_column,
    plain_lists,
    took,
    turn,
    wide_list,
    with_dictionary,
    without_dictionary,
)
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.strategies import texts
from immuta_contracts.world import Json, Unprepared, World

OPTIONAL = ("description", "tags", "isPrimaryKey", "remoteColumn")


def succeeded(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def answered(answer: Answer) -> str:
    return f"{answer.status}: {answer.text[:300]}"


@promise("DICT-1", on=C5, examples=0.25)
def test_post_creates_the_dictionary_of_that_data_source_alone(w: World) -> None:
    made, other = without_dictionary(w, w.make()), without_dictionary(w, w.make())
    more = ([], odd_columns(), wide_list(2), wide_list(20), wide_list(200))[turn(w)]
    drawn = w.draw(column_lists(min_size=1))
    sent = [*more, *(each for each in drawn if each["name"] not in names(more))]
    answer = w.call("POST", made.dictionary_path, {"metadata": sent})
    w.expect(succeeded(answer), "POST of a dictionary where there is none to succeed", answered(answer))
    w.expect(
        took(w, made, sent),
        f"the dictionary created to hold the {len(sent)} columns sent",
        {"dictionary": dictionary_side(w, made), "handler": handler_side(w, made)},
    )
    w.expect(not has_dictionary(w, other), "no dictionary at another data source", dictionary_side(w, other))


@promise("DICT-3", on=C5, examples=0.25)
def test_later_reads_return_descriptions_and_tags(w: World) -> None:
    made = without_dictionary(w, w.make())
    first, second = described_columns(w), described_columns(w)
    w.prepared(w.call("POST", made.dictionary_path, {"metadata": first}), "creating a dictionary")
    expect_described(w, made, first, "after POST")
    w.prepared(w.call("PUT", made.dictionary_path, {"metadata": second}), "replacing a dictionary")
    expect_described(w, made, second, "after PUT")


def described_columns(w: World) -> list[Json]:
    """Columns with every combination of description and tags, in an order that turns by connector."""
    word = w.draw(texts())
    tag = {"name": word, "source": "curated"}
    spelled = {"name": f"{word}.Address", "source": word, "deleted": w.draw(st.sampled_from(("False", "True")))}
    flagged = {"name": "Privacy.Address", "source": "external", "deleted": w.draw(st.booleans())}
    columns = [
        plain_column("described", description=word),
        plain_column("described with line breaks", description=f"1. {word}\n2. \t{'x' * 5000}"),
        plain_column("described with nothing", description=""),
        plain_column("described with blanks around", description=f"  {word} \n"),
        plain_column("tagged", tags=[tag]),
        plain_column("tagged three times", tags=[flagged, spelled, tag]),
        plain_column("tagged with nothing", tags=[]),
        plain_column("tagged without source", tags=[{"name": "Lost"}, tag, {"name": "Lost", "deleted": "No"}]),
        plain_column("both", description=word, tags=[spelled]),
        plain_column("neither"),
    ]
    return [*columns[turn(w) :], *columns[: turn(w)]]


def expect_described(w: World, made: Made, sent: list[Json], when: str) -> None:
    found = {each.get("name"): each for each in columns_of(w.dictionary(made))}
    for column in sent:
        if column["name"] not in found:
            raise Unprepared(f"the dictionary read has no column {column['name']!r}")
        seen, where = found[column["name"]], f"of column {column['name']!r} {when}"
        if "description" in column:
            w.expect_equal(seen.get("description", "<absent>"), column["description"], f"the description {where}")
        else:
            w.expect(not seen.get("description"), f"no description {where}", seen.get("description"))
        kept = [comparable(tag) for tag in column.get("tags", ()) if "source" in tag]
        tags = seen.get("tags") or []
        shown = [comparable(tag) for tag in tags] if isinstance(tags, list) else tags
        w.expect(shown == kept, f"the tags {where} to be {kept}", tags)


def comparable(tag: Any) -> object:
    """A tag whatever the types of its values, which are another promise's."""
    if not isinstance(tag, dict):
        return tag
    return {name: str(tag[name]).lower() for name in ("name", "source", "deleted") if name in tag}


def columns_of(dictionary: Json) -> list[Json]:
    metadata = dictionary.get("metadata")
    if not isinstance(metadata, list) or not all(isinstance(each, dict) for each in metadata):
        raise Unprepared("the dictionary read holds no list of columns")
    return metadata


@promise("DICT-6", on=C5, examples=0.125)
def test_put_replaces_the_columns_and_keeps_id_and_creation_time(w: World) -> None:
    rich = plain_column("rich", description="old", tags=[{"name": "Old", "source": "curated"}], isPrimaryKey=True)
    old = [rich, *w.draw(plain_lists(min_size=2).filter(lambda columns: "rich" not in names(columns)))]
    made, other = with_dictionary(w, old), with_dictionary(w, old)
    before = w.dictionary(made)
    for sent in replacements(w, old):
        expect_replaced(w, made, sent, old, before)
    w.expect(took(w, other, old), "the dictionary of another data source to stay", dictionary_side(w, other))


@promise("DICT-6", on=C5, examples=0.125)
def test_put_takes_back_the_whole_dictionary_that_was_read(w: World) -> None:
    made = with_dictionary(w, w.draw(column_lists(min_size=1)))
    before = w.dictionary(made)
    expect_replaced(w, made, [*columns_of(before), plain_column("one more")], [], before, sent_back=before)


def names(columns: list[Json]) -> list[str]:
    return [each["name"] for each in columns]


def replacements(w: World, old: list[Json]) -> list[list[Json]]:
    """Column lists that tell a replacement from a merge: reordered, stripped, all again, fewer, others, none."""
    stripped = [{**plain_column(name), "remoteType": "changed"} for name in names(old)]
    return [
        list(reversed(old)),
        stripped,
        old,
        old[1:],
        wide_list(120),
        odd_columns(),
        w.draw(plain_lists(min_size=1)),
        [],
    ]


def expect_replaced(
    w: World, made: Made, sent: list[Json], old: list[Json], before: Json, *, sent_back: Json | None = None
) -> None:
    """PUT the columns: they are the whole list afterwards, in the dictionary there was before."""
    answer = w.call("PUT", made.dictionary_path, {**(sent_back or {}), "metadata": sent})
    w.expect(succeeded(answer), "PUT of the dictionary to succeed", answered(answer))
    read = w.call("GET", made.dictionary_path).json
    shown = read.get("metadata") if isinstance(read, dict) else None
    if essentials(shown) != essentials(sent):
        shown = handler_side(w, made)
    w.expect(essentials(shown) == essentials(sent), f"the dictionary after PUT to hold {essentials(sent)}", shown)
    remains = leftovers(shown, sent, old)
    w.expect(not remains, "a field that the new columns leave out to be gone", remains)
    for field in ("id", "createdAt"):
        for side in (answer.json, read):
            if isinstance(side, dict) and field in side and field in before:
                same = str(side[field]) == str(before[field])
                w.expect(same, f"{field} to stay {before[field]!r} after PUT", side[field])


def leftovers(shown: Any, sent: list[Json], old: list[Json]) -> list[Json]:
    """The columns that still show an optional field of their predecessor, although it was not sent again."""
    before = {each["name"]: each for each in old}
    return [
        seen
        for seen, column in zip(shown, sent, strict=True)
        for field in OPTIONAL
        if field not in column and seen.get(field) and seen[field] == before.get(column["name"], {}).get(field)
    ]


@promise("DICT-8", on=C5, examples=0.25)
def test_delete_takes_the_dictionary_and_leaves_the_data_source(w: World) -> None:
    columns = w.draw(column_lists())
    made, other = with_dictionary(w, columns), with_dictionary(w, columns)
    source, metadata, _ = w.source(made), w.read_metadata(made), w.dictionary(made)
    answer = w.call("DELETE", made.dictionary_path)
    w.expect(succeeded(answer), "DELETE of the dictionary to succeed", answered(answer))
    w.expect(answer.json == {}, "DELETE of the dictionary to answer {}", answer.text[:300])
    w.expect(dictionary_side(w, made) is None, "no dictionary after DELETE", dictionary_side(w, made))
    w.expect(not handler_side(w, made), "no columns at the handler after DELETE", handler_side(w, made))
    expect_stays(w, made, source, metadata)
    w.expect(took(w, other, columns), "the dictionary of another data source to stay", dictionary_side(w, other))


def expect_stays(w: World, made: Made, source: Json, metadata: Json) -> None:
    """The data source and its handler are there as before, but for the columns and what follows from them."""
    answer = w.call("GET", made.source_path)
    w.expect(answer.status == 200, "the data source to stay", answered(answer))
    for field in ("id", "name", "deleted", "connectionString"):
        if field in source:
            w.expect_equal(answer.json.get(field), source[field], f"{field} of the data source after DELETE")
    read = w.call("GET", made.handler_path)
    w.expect(read.status == 200, "the handler to stay", answered(read))
    shown = read.json.get("metadata")
    for field in ("hostname", "database", "table", "dataSourceName"):
        if field in metadata and isinstance(shown, dict):
            w.expect_equal(shown.get(field), metadata[field], f"{field} of the handler after DELETE")


@promise("DICT-8", on=C5, examples=0.25)
def test_after_delete_post_creates_a_dictionary_anew(w: World) -> None:
    old, new = w.draw(column_lists(min_size=1)), w.draw(column_lists(min_size=1))
    made = with_dictionary(w, old)
    w.dictionary(made)
    w.prepared(w.call("DELETE", made.dictionary_path), "deleting the dictionary")
    answer = w.call("POST", made.dictionary_path, {"metadata": new})
    w.expect(succeeded(answer), "POST after DELETE to create a dictionary anew", answered(answer))
    w.expect(took(w, made, new), f"the dictionary made anew to hold {essentials(new)}", dictionary_side(w, made))
