"""The promises about the column search: what it finds, how text matches, the limit, the order (SEARCH-1..4)."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.dictionaries import plain_column, took, turned
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.world import Json, Unprepared, World

PLENTY = 1000  # a limit that leaves nothing of one's own out


def column_list(names: Iterable[str]) -> list[Json]:
    return [plain_column(name) for name in names]


def make_with(w: World, names: Iterable[str], **given: Any) -> Made:
    """A data source whose dictionary has columns of these names."""
    return w.make(metadata=w.metadata(columns=column_list(names)), **given)


def search(w: World, *, role: str = "owner", **query: Any) -> Answer:
    return w.call("GET", "/dictionary/columns", query=query, role=role)


def found(w: World, text: str, *, limit: int = PLENTY, role: str = "owner") -> list[str]:
    """The names that a search finds. Raises `Unprepared` when there is no list of names."""
    shown = w.prepared(search(w, role=role, searchText=text, limit=limit), "searching columns")
    if not isinstance(shown, list) or not all(isinstance(each, dict) for each in shown):
        raise Unprepared("searching columns did not answer a list of objects")
    names = [each.get("columnName") for each in shown]
    if not all(isinstance(name, str) for name in names):
        raise Unprepared("searching columns answered objects without columnName")
    return [str(name) for name in names]


def expect_found(w: World, text: str, wanted: Iterable[str], when: str, *, role: str = "owner") -> None:
    """A search finds exactly these names; their order and how often they come is another promise's."""
    names = found(w, text, role=role)
    w.expect(set(names) == set(wanted), f"the search for {text!r} {when} to find {sorted(wanted)}", names)


@promise("SEARCH-1", on=C5, examples=0.25)
def test_the_search_covers_all_dictionaries_as_they_are_now(w: World) -> None:
    token = w.fresh_token()
    first, second, third, fourth = (f"{token}{word}" for word in ("first", "second", "third", "fourth"))
    other = turned(w, w.others or [w.connector])[0]
    made = make_with(w, [first, "unrelated"])
    far = w.make(connector=other, body=w.single_body(connector=other))
    posted = {"metadata": column_list([second, "unrelated"])}
    w.prepared(w.call("POST", far.dictionary_path, posted), "creating a dictionary")
    expect_objects(w, search(w, searchText=token, limit=PLENTY))
    expect_found(w, token, {first, second}, "over two dictionaries")
    changed = {"handler": {"metadata": {**made.metadata, "columns": column_list([third, first])}}}
    w.prepared(w.call("PUT", made.handler_path, changed), "replacing the metadata")
    need_taken(w, made, [third, first])
    expect_found(w, token, {third, first, second}, "after a column came by PUT of the handler")
    replaced = {"metadata": column_list([fourth])}
    w.prepared(w.call("PUT", far.dictionary_path, replaced), "replacing the dictionary")
    need_taken(w, far, [fourth])
    expect_found(w, token, {third, first, fourth}, "after a column was renamed by PUT of the dictionary")
    w.prepared(w.call("DELETE", far.dictionary_path), "deleting the dictionary")
    expect_found(w, token, {third, first}, "after one dictionary was deleted")
    w.prepared(w.call("DELETE", made.source_path), "disabling the data source")
    expect_found(w, token, {third, first}, "with the data source disabled")
    w.prepared(w.call("DELETE", made.source_path), "removing the data source")
    expect_found(w, token, (), "after the data source was removed")


def need_taken(w: World, made: Made, names: list[str]) -> None:
    """A write that did not take is another promise's. Raises `Unprepared`."""
    if not took(w, made, column_list(names)):
        raise Unprepared(f"replacing the columns by {names} did not take")


def expect_objects(w: World, answer: Answer) -> None:
    shown = w.expect_success(answer)
    w.expect(isinstance(shown, list), "the search to answer an array", shown)
    named = all(isinstance(each, dict) and isinstance(each.get("columnName"), str) for each in shown)
    w.expect(named, "objects with a string columnName", shown)


@promise("SEARCH-1", on=C5, examples=0.125)
def test_the_search_covers_dictionaries_of_bulk_updates_and_of_other_owners(w: World) -> None:
    token = w.fresh_token()
    made, wanted = w.make(), {f"{token} by bulk"}
    bulk = {"handler": {"metadata": {"columns": column_list(wanted)}}, "connectionString": made.connection_string}
    answer = w.put_bulk(bulk)
    w.prepared(answer, "updating in bulk")
    w.wait_for_jobs(answer)
    if "second_owner" in w.client.target.keys:
        shared = {"profiles": [w.profile_of("owner")], "groups": []}  # lets the run remove it
        make_with(w, [f"{token} of another owner"], role="second_owner", owner=shared)
        wanted.add(f"{token} of another owner")
    else:
        w.note("no API key of second_owner, so no dictionary of another owner was searched")
    expect_found(w, token, wanted, "over dictionaries of a bulk update and of another owner")
    if "reader" in w.client.target.keys:
        expect_found(w, token, wanted, "asked by a reader", role="reader")


@promise("SEARCH-2", on=C5, examples=0.25)
def test_the_text_matches_anywhere_in_the_name_in_any_letter_case(w: World) -> None:
    token = w.fresh_token()
    start, middle, end, whole = f"{token}Tail", f"Head{token}Tail", f"Head{token}", token
    mixed = f"{token}-ÉÑЖ-éñж-中😀-AbC"
    spelled = [start, middle.upper(), end.swapcase(), whole.title(), mixed]
    make_with(w, [*spelled, "unrelated", token[:-1], token[1:]])
    expect_found(w, token, spelled, "as it is")
    expect_found(w, token.upper(), spelled, "in upper case")
    expect_found(w, token.swapcase().title(), spelled, "in mixed case")
    expect_found(w, f"HEAD{token}", {middle.upper(), end.swapcase()}, "at the start")
    expect_found(w, f"{token}TAIL", {start, middle.upper()}, "at the end")
    expect_found(w, middle, {middle.upper()}, "as the whole name")
    for text in (f"{token}-éñж-ÉÑЖ-中😀-aBc", mixed.lower(), mixed.upper(), mixed):
        expect_found(w, text, {mixed}, "with letters beyond ASCII")
    expect_found(w, f"{token}tailor", (), "longer than any name")
    expect_found(w, f"{token}tial", (), "with two letters changed round")


@promise("SEARCH-2", on=C5, examples=0.25)
def test_the_text_is_taken_as_it_is(w: World) -> None:
    """A contained text: no pattern, not trimmed, not cut into words; what `%` and `_` do is another promise's."""
    token = w.fresh_token()
    special = turned(w, [".", "*", "?", "+", "(", "[a]", "\\", "&", "#", "'", '"', "/", "^", "$", "|"])
    signs = ["a.c", "a b", *(f"a{sign}b" for sign in special[:6])]
    plain = [f"{token}abc", f"{token}ab", f"b a{token}", f"{token}resume", f"{token}résumé"]
    make_with(w, [*(f"{token}{sign}" for sign in signs), *plain])
    for sign in signs:
        expect_found(w, f"{token}{sign}", {f"{token}{sign}"}, "with a character that patterns use")
    expect_found(w, f"{token}résumé", {f"{token}résumé"}, "with accents")
    expect_found(w, f"{token}resume", {f"{token}resume"}, "without accents")
    expect_found(w, f" a{token}", {f"b a{token}"}, "with a leading space")
    expect_found(w, f"{token}a ", {f"{token}a b"}, "with a trailing space")
    expect_found(w, f"abc {token}", (), "with its words changed round")


@promise("SEARCH-2", on=C5, examples=0.125)
def test_without_a_text_every_name_matches(w: World) -> None:
    token = w.fresh_token()
    wanted = {f"{letter}{token}" for letter in ("", "a", "Z", "7", "é")}
    make_with(w, sorted(wanted))
    for query in ({"limit": PLENTY}, {"limit": PLENTY, "searchText": ""}):
        shown = w.expect_success(search(w, **query))
        if not isinstance(shown, list) or not all(isinstance(each, dict) for each in shown):
            raise Unprepared("searching columns did not answer a list of objects")
        names = {each.get("columnName") for each in shown}
        if len(shown) >= PLENTY:
            w.note(f"the tenant holds {PLENTY} column names or more, so a search without text was not compared")
        else:
            w.expect(
                wanted <= names, f"a search with {query} to find {sorted(wanted)} among others", sorted(names, key=str)
            )


@promise("SEARCH-3", on=C5, examples=0.25)
def test_limit_caps_the_number_of_results_and_defaults_to_ten(w: World) -> None:
    token = w.fresh_token()
    count = w.draw(st.integers(12, 15))
    names = [f"{token}{index}" for index in range(count)]
    make_with(w, names)
    make_with(w, names[: w.draw(st.integers(1, count))])
    expect_number(w, search(w, searchText=token), 10, "without limit")
    expect_number(w, search(w), 10, "without limit and text")
    expect_number(w, search(w, limit=3), 3, "with limit 3 and without text")
    limits = {1, 2, 9, 10, 11, count - 1, count, w.draw(st.integers(3, 8))}
    for limit in sorted(limits):
        expect_number(w, search(w, searchText=token, limit=limit), limit, f"with limit {limit}")
    for limit in (count + 1, PLENTY):
        shown = expect_number(w, search(w, searchText=token, limit=limit), None, f"with limit {limit}")
        w.expect(len(shown) <= limit, f"at most {limit} results", len(shown))
        missing = [name for name in names if not any(each == {**each, "columnName": name} for each in shown)]
        w.expect(not missing, f"all {count} names with limit {limit}", f"{missing} missing")


def expect_number(w: World, answer: Answer, wanted: int | None, when: str) -> list[Json]:
    """The search answers that many objects; returns them."""
    shown = w.expect_success(answer)
    if not isinstance(shown, list) or not all(isinstance(each, dict) for each in shown):
        raise Unprepared("searching columns did not answer a list of objects")
    w.expect(wanted is None or len(shown) == wanted, f"{wanted} results {when}", len(shown))
    return shown


@promise("SEARCH-3", once=True)
def test_a_large_limit_shows_as_many(w: World) -> None:
    token, count = w.fresh_token(), 130
    make_with(w, [f"{token}{index}" for index in range(count)])
    for limit in (51, 101, count, PLENTY):
        expect_number(w, search(w, searchText=token, limit=limit), min(limit, count), f"with limit {limit}")


@promise("SEARCH-3", examples=0.5)
def test_a_limit_below_one_is_refused(w: World) -> None:
    for limit in (0, -1, -w.draw(st.integers(2, 2**31))):
        w.expect_status(search(w, searchText="id", limit=limit), 400)
        w.expect_status(search(w, limit=limit), 400)


@promise("SEARCH-4", on=C5, examples=0.25)
def test_names_are_distinct_and_sorted(w: World) -> None:
    token = w.fresh_token()
    endings = ["a", "A", "b", "B", "ab", "Z", "z", "é", "É", "ñ", "Ж", "ж", "10", "2", "", "aB", "Ab"]
    names = [token + ending for ending in turned(w, endings)]
    half = len(names) // 2
    other = turned(w, w.others or [w.connector])[0]
    make_with(w, names)
    make_with(w, names[half:])
    w.make(
        connector=other,
        body=w.single_body(connector=other, metadata=w.metadata(other, columns=column_list(names[:half]))),
    )
    wanted = sorted(names, key=lambda name: (name.casefold(), name))
    shown = found(w, token)
    w.expect(len(shown) == len(set(shown)), "each name once", shown)
    present = [name for name in wanted if name in shown]
    w.expect(shown == present, f"the names sorted by letters, then by code point: {present}", shown)
    same = [name for name in wanted if name.lower().endswith("za")]
    w.expect(set(same) <= set(shown), f"names that differ in letter case alone to be distinct: {same}", shown)
    for limit in (1, half, 10):
        first = found(w, token, limit=limit)
        w.expect(first == wanted[: len(first)], f"the first names of the sorted list with limit {limit}", first)


@promise("SEARCH-4", on=C5, examples=0.25)
def test_percent_and_underscore_stand_for_themselves(w: World) -> None:
    token = w.fresh_token()
    names = [f"{token}{ending}" for ending in ("ab", "axb", "a%b", "a_b", "a%_b", "a%%b", "axxb", "a\\%b", "%", "_")]
    make_with(w, names)
    for text in ("a%b", "a_b", "a%_b", "a%%b", "a__b", "a%", "_b", "%", "_", "%%", "\\%", "a\\%b", "%b", "a_", "%_"):
        wanted = {name for name in names if token + text in name}
        expect_found(w, token + text, wanted, "taken literally")
    for sign in ("%", "_", "%%"):
        alone = found(w, sign)
        w.expect(all(sign in name for name in alone), f"only names with {sign!r} when searching for it", alone)
