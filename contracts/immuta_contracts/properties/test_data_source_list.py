"""The promise about the list of data sources: its filters, its pages and its count (COMP-3)."""

from collections.abc import Sequence
from typing import Any

from immuta_contracts.check import promise
from immuta_contracts.connectors import Connector
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.world import Json, Unprepared, World

DEFAULT_SIZE = 50
PLACE = {"database": "Db", "table": "t"}


def listed(w: World, *query: tuple[str, Any], **more: Any) -> Answer:
    return w.call("GET", "/dataSource", query=[*query, *more.items()])


def page(w: World, answer: Answer, when: str) -> tuple[list[int], int]:
    """The ids of the hits, and the count."""
    shown = w.expect_success(answer)
    hits = shown.get("hits") if isinstance(shown, dict) else None
    whole = isinstance(hits, list) and all(isinstance(hit, dict) and type(hit.get("id")) is int for hit in hits)
    w.expect(whole, f"hits with an integer id each {when}", answer.text[:300])
    w.expect(type(shown.get("count")) is int, f"an integer count {when}", shown.get("count", "<absent>"))
    return [hit["id"] for hit in shown["hits"]], shown["count"]


def any_five(w: World) -> list[Connector]:
    """Five connectors, all of them where all are in scope."""
    return [*w.connectors * 5][:5]


def make(w: World, connector: Connector, *, metadata: Json | None = None, **given: Any) -> Made:
    """A data source with nothing but what it needs, so that many of them shrink fast."""
    return w.make(connector=connector, metadata=metadata or w.at(PLACE, connector), **given)


def ids_of(several: Sequence[Made]) -> list[int]:
    return sorted(made.data_source_id for made in several)


def expect_listed(w: World, answer: Answer, wanted: Sequence[Made], when: str) -> None:
    """The list holds exactly these data sources, sorted by id, and counts them."""
    ids, count = page(w, answer, when)
    w.expect(ids == ids_of(wanted), f"hits {ids_of(wanted)} {when}", ids)
    w.expect(count == len(wanted), f"count {len(wanted)} {when}", count)


@promise("COMP-3", examples=0.5)
def test_hits_and_count_obey_the_text_and_where_to_look(w: World) -> None:
    five = any_five(w)
    token = w.fresh_token()
    named = [make(w, five[index], name=f"{w.fresh_name()} {token} {end}") for index, end in enumerate(("one", "two"))]
    loud = make(w, five[2], name=f"{w.fresh_name()} X{token.upper()}X", description="Ñandú")
    described = [make(w, five[3], description=text) for text in (f"of {token}.", f"{token.title()}ß")]
    both = make(w, five[4], name=f"{w.fresh_name()} {token}", description=f"{token} again")
    make(w, five[0], description=token[:-1])
    odd = make(w, five[0], name=f"{w.fresh_name()} {token} a%b_c'd\\e  f")
    by_name = [*named, loud, both, odd]
    for text in (token, token.upper(), token.title()):
        expect_listed(w, listed(w, searchText=text), [*by_name, *described], f"for {text!r}")
        expect_listed(w, listed(w, searchText=text, nameOnly="true"), by_name, f"for {text!r} in names only")
    for spelling in ("false", "False"):
        answer = listed(w, searchText=token, nameOnly=spelling)
        expect_listed(w, answer, [*by_name, *described], f"with nameOnly={spelling}")
    expect_listed(w, listed(w, searchText=token, nameOnly="True"), by_name, "with nameOnly=True")
    expect_listed(w, listed(w, searchText=f"x{token}x"), [loud], "for a text in another letter case")
    expect_listed(w, listed(w, searchText=f"of {token}."), [described[0]], "for a whole description")
    expect_listed(w, listed(w, searchText=f"{token} two"), [named[1]], "for the end of a name")
    expect_listed(w, listed(w, searchText=f"{token} a%b_c'd\\e  f"), [odd], "for a text with signs that need escaping")
    for text in (f"{token} axb_c", f"{token} a%bxc", f"{token}%", f"{token}_", f"{token}nothing", f"two {token}"):
        expect_listed(w, listed(w, searchText=text), [], f"for {text!r}")


@promise("COMP-3", examples=0.5)
def test_hits_and_count_obey_the_connection_strings(w: World) -> None:
    five = any_five(w)
    token, connection = w.fresh_token(), {**PLACE, "hostname": w.fresh_host(), "port": 4711, "username": "Me"}
    shared = [
        make(w, each, metadata=connection, name=f"{w.fresh_name()} {token} {index}") for index, each in enumerate(five)
    ]
    alone, unnamed = make(w, five[0], name=f"{w.fresh_name()} {token}"), make(w, five[1])
    string, other = shared[0].connection_string, alone.connection_string
    if any(made.connection_string != string for made in shared) or other == string:
        raise Unprepared("data sources of one connection have several connection strings")
    expect_listed(w, listed(w, connectionString=string), shared, "of one connection string")
    one, two, three = (("connectionString", each) for each in (string, other, unnamed.connection_string))
    expect_listed(w, listed(w, one, two), [*shared, alone], "of two connection strings")
    expect_listed(w, listed(w, three, two, one), [*shared, alone, unnamed], "of three connection strings")
    expect_listed(w, listed(w, one, three, searchText=token), shared, "of two connection strings with a text")
    expect_listed(w, listed(w, one, searchText=f"{token} 3"), [shared[3]], "of one connection string with a text")
    for near in (string[:-1], f"{string}x", string.swapcase(), string.partition("@")[2], "%"):
        expect_listed(w, listed(w, connectionString=near), [], f"of the connection string {near!r}, which none has")
    ids, count = page(w, listed(w, one, size=2, offset=1), "of a page of one connection string")
    w.expect((ids, count) == (ids_of(shared)[1:3], 5), f"hits {ids_of(shared)[1:3]} and count 5", (ids, count))


@promise("COMP-3", examples=0.25)
def test_hits_obey_what_a_data_source_is_called_and_connected_to_now(w: World) -> None:
    five = any_five(w)
    old, new = w.fresh_token(), w.fresh_token()
    made = make(w, five[0], name=f"{w.fresh_name()} {old}")
    moved = {**PLACE, "hostname": w.fresh_host(), "dataSourceName": f"{w.fresh_name()} {new}"}
    expect_listed(w, listed(w, searchText=old), [made], "before renaming")
    expect_listed(w, listed(w, connectionString=made.connection_string), [made], "before moving")
    w.prepared(w.call("PUT", made.handler_path, {"handler": {"metadata": moved}}), "renaming and moving")
    now = w.source(made)
    string = now.get("connectionString")
    if now.get("name") != moved["dataSourceName"] or string == made.connection_string:
        raise Unprepared("renaming and moving did not take")
    expect_listed(w, listed(w, searchText=old), [], "after renaming, for the old name")
    expect_listed(w, listed(w, searchText=new), [made], "after renaming, for the new name")
    expect_listed(w, listed(w, connectionString=made.connection_string), [], "after moving, for the old connection")
    expect_listed(w, listed(w, connectionString=string), [made], "after moving, for the new connection")


@promise("COMP-3", examples=0.25)
def test_pages_follow_each_other_without_a_short_one(w: World) -> None:
    five = any_five(w)
    token = w.fresh_token()
    made = [make(w, five[index % 5], name=f"{w.fresh_name()} {token} {9 - index}") for index in range(7)]
    wanted = ids_of(made)
    for size in (1, 2, 3, 7, 8):
        for offset in range(0, len(wanted) + size, size):
            when = f"with size {size} and offset {offset}"
            ids, count = page(w, listed(w, searchText=token, size=size, offset=offset), when)
            w.expect(ids == wanted[offset : offset + size], f"hits {wanted[offset : offset + size]} {when}", ids)
            w.expect(count == len(wanted), f"count {len(wanted)} {when}", count)
    for offset in (1, 6, 100):
        ids, count = page(w, listed(w, searchText=token, offset=offset), f"with offset {offset}")
        w.expect(ids == wanted[offset:], f"hits {wanted[offset:]} with offset {offset}", ids)
        w.expect(count == len(wanted), f"count {len(wanted)} with offset {offset}", count)


@promise("COMP-3", once=True)
def test_a_page_holds_fifty_when_no_size_is_given(w: World) -> None:
    token, host, many = w.fresh_token(), w.fresh_host(), DEFAULT_SIZE + 2
    elements: list[Json] = [
        {**PLACE, "hostname": host, "table": f"t{index}", "dataSourceName": f"{w.fresh_name()} {token} {index}"}
        for index in range(many)
    ]
    answer = w.post_handler(w.several_body(many, metadata=elements))
    w.prepared(answer, f"creating {many} data sources")
    w.wait_for_jobs(answer)
    everything, count = page(w, listed(w, searchText=token, size=2 * many), "with a size for all")
    if count != many and len(everything) != many:
        raise Unprepared(f"{len(everything)} of the {many} data sources made are listed")
    w.expect((len(everything), count) == (many, many), f"{many} hits, and to count so many", (len(everything), count))
    for offset in (0, 1, DEFAULT_SIZE):
        wanted = everything[offset : offset + DEFAULT_SIZE]
        ids, count = page(w, listed(w, searchText=token, offset=offset), f"without size, with offset {offset}")
        w.expect(ids == wanted, f"{len(wanted)} hits without size, with offset {offset}", len(ids))
        w.expect(count == many, f"count {many} without size, with offset {offset}", count)
