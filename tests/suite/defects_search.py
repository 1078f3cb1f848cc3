"""Planted defects of what the column search finds: SEARCH-1 and SEARCH-2."""

import re
from fnmatch import fnmatchcase

from immuta_mock import Store
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_dictionaries import contains, is_search, matching, order, sources, text_of
from planting_refusals import has_key, refusal

# SEARCH-1


@on_wire("SEARCH-1")
class SearchAnswersStrings(Wire):
    """The answer is an array of names."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_search(seen) and reply.status == 200:
            reply.json = [each["columnName"] for each in reply.json]


@on_wire("SEARCH-1")
class SearchAnswersNames(Wire):
    """The member of the objects is called name."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_search(seen) and reply.status == 200:
            reply.json = [{"name": each["columnName"]} for each in reply.json]


@in_store("SEARCH-1")
def search_passes_over_trino(store: Store) -> None:
    """Columns of Trino data sources are not found."""
    matching(store, lambda _text, _name: False, "trino")


@in_store("SEARCH-1")
def search_passes_over_disabled_data_sources(store: Store) -> None:
    """Columns of disabled data sources are not found."""

    def search(text: str, limit: int) -> tuple[str, ...]:
        enabled = [each for each in sources(store) if not each.deleted]
        names = {column["name"] for each in enabled for column in each.columns if contains(text, column["name"])}
        return tuple(sorted(names, key=order)[:limit])

    setattr(store, "search_columns", search)  # noqa: B010  # as above


@in_store("SEARCH-1")
def search_index_forgets_nothing(store: Store) -> None:
    """Columns that were renamed or deleted are still found."""
    index: set[str] = set()

    def search(text: str, limit: int) -> tuple[str, ...]:
        index.update(column["name"] for each in sources(store) for column in each.columns)
        return tuple(sorted((name for name in index if contains(text, name)), key=order)[:limit])

    setattr(store, "search_columns", search)  # noqa: B010  # as above


@on_wire("SEARCH-1")
class SearchIsAnId(Wire):
    """The search is taken for the dictionary of a data source called columns."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and has_key(seen):
            message = "Bad request: dataSourceId is no integer."
            return refusal(400, message)
        return None


# SEARCH-2


@in_store("SEARCH-2")
def search_minds_letter_case(store: Store) -> None:
    """The search tells capitals from small letters."""
    matching(store, lambda text, name: text in name)


@in_store("SEARCH-2")
def search_knows_ascii_letters_only(store: Store) -> None:
    """The search is case-insensitive for letters of ASCII only."""

    def small(text: str) -> str:
        return "".join(each.lower() if each.isascii() else each for each in text)

    matching(store, lambda text, name: small(text) in small(name))


@in_store("SEARCH-2")
def search_matches_the_start(store: Store) -> None:
    """The search finds the text at the start of a name only."""
    matching(store, lambda text, name: name.casefold().startswith(text.casefold()))


@in_store("SEARCH-2")
def search_matches_the_end_on_snowflake(store: Store) -> None:
    """On Snowflake the search finds the text at the end of a name only."""
    matching(store, lambda text, name: name.casefold().endswith(text.casefold()), "snowflake")


@in_store("SEARCH-2")
def search_takes_a_pattern(store: Store) -> None:
    """The text is a regular expression."""

    def matches(text: str, name: str) -> bool:
        try:
            return re.search(text, name, re.IGNORECASE) is not None
        except re.error:
            return contains(text, name)

    matching(store, matches)


@in_store("SEARCH-2")
def search_takes_shell_wildcards(store: Store) -> None:
    """A star or a question mark in the text is a wildcard."""
    matching(store, lambda text, name: fnmatchcase(name.casefold(), f"*{text.casefold()}*"))


@on_wire("SEARCH-2")
class SearchTrims(Wire):
    """White space around the text is dropped."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and "searchText" in seen.query:
            seen.query["searchText"] = [text_of(seen, "searchText").strip()]
        return None


@on_wire("SEARCH-2")
class SearchNeedsAText(Wire):
    """Without a text nothing is found."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_search(seen) and reply.status == 200 and not text_of(seen, "searchText"):
            reply.json = []


@in_store("SEARCH-2")
def search_takes_words_in_any_order(store: Store) -> None:
    """The text is cut into words, each of which has to be in the name."""
    matching(store, lambda text, name: all(contains(word, name) for word in text.split()))
