"""Planted defects of the list of data sources: COMP-3."""

from collections.abc import Callable
from dataclasses import replace as changed

from immuta_mock import Store
from immuta_mock.store import DataSourceQuery, Page
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import List, is_list, listing, text_of


def asking(store: Store, ask: Callable[[DataSourceQuery], DataSourceQuery]) -> None:
    """Let the list be asked another query."""
    replace(store, "list_data_sources", lambda listed: lambda query: listed(ask(query)))


@in_store("COMP-3")
def descriptions_are_not_searched(store: Store) -> None:
    """searchText looks at names only."""
    asking(store, lambda query: changed(query, name_only=True))


@on_wire("COMP-3")
class NameOnlyIsIgnored(Wire):
    """nameOnly changes nothing."""

    def request(self, seen: Seen) -> Reply | None:
        if is_list(seen):
            seen.query.pop("nameOnly", None)
        return None


@on_wire("COMP-3")
class NameOnlyIsTrueWhenGiven(Wire):
    """nameOnly=False counts as true."""

    def request(self, seen: Seen) -> Reply | None:
        if is_list(seen) and text_of(seen, "nameOnly") == "False":
            seen.query["nameOnly"] = ["true"]
        return None


@in_store("COMP-3")
def list_search_minds_letter_case(store: Store) -> None:
    """searchText tells capitals from small letters in descriptions."""

    def change(listed: List, query: DataSourceQuery) -> Page:
        everything = listed(changed(query, offset=0, size=10**6)).hits
        hits = [
            each for each in everything if query.search_text in (each.fields.get("description") or query.search_text)
        ]
        return Page(tuple(hits[query.offset : query.offset + query.size]), len(hits))

    listing(store, change)


@in_store("COMP-3")
def list_search_takes_wildcards(store: Store) -> None:
    """A percent sign at the end of searchText is dropped."""
    asking(store, lambda query: changed(query, search_text=query.search_text.rstrip("%")))


@in_store("COMP-3")
def count_is_that_of_the_page(store: Store) -> None:
    """count is the number of hits on the page."""
    listing(store, lambda listed, query: changed(listed(query), count=len(listed(query).hits)))


@in_store("COMP-3")
def count_leaves_out_what_was_passed_over(store: Store) -> None:
    """count is what is left from offset on."""
    listing(store, lambda listed, query: changed(listed(query), count=max(0, listed(query).count - query.offset)))


@in_store("COMP-3")
def offset_counts_pages(store: Store) -> None:
    """offset is taken for a number of pages."""
    asking(store, lambda query: changed(query, offset=query.offset * query.size))


@in_store("COMP-3")
def offset_begins_at_one(store: Store) -> None:
    """An offset of 1 passes over nothing."""
    asking(store, lambda query: changed(query, offset=max(0, query.offset - 1)))


@in_store("COMP-3")
def page_has_one_hit_too_many(store: Store) -> None:
    """A page has one hit more than size."""
    asking(store, lambda query: changed(query, size=query.size + 1))


@on_wire("COMP-3")
class TwentyFiveToAPage(Wire):
    """Without size a page holds 25."""

    def request(self, seen: Seen) -> Reply | None:
        if is_list(seen):
            seen.query.setdefault("size", ["25"])
        return None


@in_store("COMP-3")
def first_page_is_short(store: Store) -> None:
    """Disabled ones aside, trino data sources are taken off a full page after it was cut."""

    def change(listed: List, query: DataSourceQuery) -> Page:
        found = listed(query)
        full = len(found.hits) == query.size > 1
        return changed(found, hits=tuple(x for x in found.hits if not full or x.connector.prefix != "trino"))

    listing(store, change)


@in_store("COMP-3")
def hits_come_by_name(store: Store) -> None:
    """Hits are sorted by name."""

    def change(listed: List, query: DataSourceQuery) -> Page:
        hits = sorted(listed(changed(query, offset=0, size=10**6)).hits, key=lambda each: each.name)
        return Page(tuple(hits[query.offset : query.offset + query.size]), len(hits))

    listing(store, change)


@in_store("COMP-3")
def hits_come_newest_first(store: Store) -> None:
    """Hits are sorted by id, the highest first."""

    def change(listed: List, query: DataSourceQuery) -> Page:
        hits = listed(changed(query, offset=0, size=10**6)).hits[::-1]
        return Page(tuple(hits[query.offset : query.offset + query.size]), len(hits))

    listing(store, change)


@on_wire("COMP-3")
class LastConnectionStringCounts(Wire):
    """Of several connection strings only the last one counts."""

    def request(self, seen: Seen) -> Reply | None:
        if is_list(seen) and "connectionString" in seen.query:
            seen.query["connectionString"] = seen.query["connectionString"][-1:]
        return None


@on_wire("COMP-3")
class TextBeatsConnectionString(Wire):
    """With a text the connection strings are not looked at."""

    def request(self, seen: Seen) -> Reply | None:
        if is_list(seen) and text_of(seen, "searchText"):
            seen.query.pop("connectionString", None)
        return None


@in_store("COMP-3")
def connection_strings_forget_letter_case(store: Store) -> None:
    """A connection string finds those in another letter case too."""

    def ask(query: DataSourceQuery) -> DataSourceQuery:
        wanted = {text.lower() for text in query.connection_strings}
        known = [text for text in store._state.by_connection_string if text.lower() in wanted]
        return changed(query, connection_strings=(*query.connection_strings, *known))

    asking(store, ask)


@in_store("COMP-3")
def beginning_of_a_connection_string_is_enough(store: Store) -> None:
    """A connection string finds those that begin with it."""

    def ask(query: DataSourceQuery) -> DataSourceQuery:
        known = [
            text for text in store._state.by_connection_string if text.startswith(query.connection_strings or "\0")
        ]
        return changed(query, connection_strings=(*query.connection_strings, *known))

    asking(store, ask)
