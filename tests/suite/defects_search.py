"""Planted defects of the column search: SEARCH-1 to SEARCH-4."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from immuta_mock import Store
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_dictionaries import is_search, text_of

Matches = Callable[[str, str], bool]


def contains(text: str, name: str) -> bool:
    return text.casefold() in name.casefold()


def order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def sources(store: Store) -> Iterator[DataSource]:
    yield from store._state.data_sources.values()


def matching(store: Store, matches: Matches, *prefixes: str) -> None:
    """Let the search match names its own way; of the connectors named, or of all."""

    def search(text: str, limit: int) -> tuple[str, ...]:
        def matched(source: DataSource, name: str) -> bool:
            own = not prefixes or source.connector.prefix in prefixes
            return matches(text, name) if own else contains(text, name)

        names = {column["name"] for each in sources(store) for column in each.columns if matched(each, column["name"])}
        return tuple(sorted(names, key=order)[:limit])

    setattr(store, "search_columns", search)  # noqa: B010  # mypy takes an assignment to a method for a mistake


def choosing(store: Store, choose: Callable[[list[str], int], list[str]]) -> None:
    """Let the search choose its own way from the names found, dictionary by dictionary."""

    def search(text: str, limit: int) -> tuple[str, ...]:
        names = [column["name"] for each in sources(store) for column in each.columns if contains(text, column["name"])]
        return tuple(choose(names, limit))

    setattr(store, "search_columns", search)  # noqa: B010  # as above


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
        if is_search(seen) and seen.headers.get("authorization"):
            message = "Bad request: dataSourceId is no integer."
            return Reply(400, {"statusCode": 400, "error": "Bad Request", "message": message})
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


# SEARCH-3


@on_wire("SEARCH-3")
class LimitIsIgnored(Wire):
    """limit changes nothing."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and text_of(seen, "limit").isdecimal() and int(text_of(seen, "limit")) > 0:
            del seen.query["limit"]
        return None


class LimitMoves(Wire):
    """Lets the search see another limit."""

    def request(self, seen: Seen) -> Reply | None:
        limit = text_of(seen, "limit") or "10"
        if is_search(seen) and limit.isdecimal() and int(limit) > 0:
            seen.query["limit"] = [str(self.limit(int(limit), given="limit" in seen.query))]
        return None

    def limit(self, limit: int, *, given: bool) -> int:
        raise NotImplementedError


@on_wire("SEARCH-3")
class OneMoreThanTheLimit(LimitMoves):
    """One more name than limit is answered."""

    def limit(self, limit: int, *, given: bool) -> int:
        return limit + given


@on_wire("SEARCH-3")
class OneLessThanTheLimit(LimitMoves):
    """One name less than limit is answered, but for a limit of one."""

    def limit(self, limit: int, *, given: bool) -> int:
        return max(1, limit - given)


@on_wire("SEARCH-3")
class DefaultLimitIsTwenty(LimitMoves):
    """Without limit there are twenty names."""

    def limit(self, limit: int, *, given: bool) -> int:
        return limit if given else 20


@on_wire("SEARCH-3")
class TenIsTheMost(LimitMoves):
    """A limit above ten counts as ten."""

    def limit(self, limit: int, *, given: bool) -> int:
        return min(10, limit) if given else 10


@on_wire("SEARCH-3")
class ZeroMeansDefault(Wire):
    """A limit of zero counts as none given."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and text_of(seen, "limit") == "0":
            del seen.query["limit"]
        return None


@on_wire("SEARCH-3")
class NegativeLimitIsTurned(Wire):
    """A negative limit counts without its sign."""

    def request(self, seen: Seen) -> Reply | None:
        if is_search(seen) and text_of(seen, "limit").startswith("-"):
            seen.query["limit"] = [text_of(seen, "limit")[1:]]
        return None


@in_store("SEARCH-3")
def limit_counts_columns_not_names(store: Store) -> None:
    """A name that two dictionaries share counts twice against limit."""

    def choose(names: list[str], limit: int) -> list[str]:
        return list(dict.fromkeys(sorted(names, key=order)[:limit]))

    choosing(store, choose)


# SEARCH-4


def like(text: str, *, any_run: str = "%", any_one: str = "_") -> re.Pattern[str]:
    """What a database makes of the text when its wildcards are not escaped."""
    parts = {any_run: ".*", any_one: "."}
    return re.compile("".join(parts.get(each, re.escape(each)) for each in text), re.IGNORECASE | re.DOTALL)


@in_store("SEARCH-4")
def percent_is_a_wildcard(store: Store) -> None:
    """A percent sign in the text stands for any characters."""
    matching(store, lambda text, name: like(text, any_one="").search(name) is not None)


@in_store("SEARCH-4")
def underscore_is_a_wildcard_on_redshift(store: Store) -> None:
    """On Redshift an underscore in the text stands for any character."""
    matching(store, lambda text, name: like(text, any_run="").search(name) is not None, "redshift")


@in_store("SEARCH-4")
def percent_is_escaped_with_a_backslash(store: Store) -> None:
    """The text finds its percent signs only behind a backslash."""
    matching(store, lambda text, name: contains(text.replace("%", "\\%"), name))


@in_store("SEARCH-4")
def names_come_once_a_dictionary(store: Store) -> None:
    """A name comes once for each dictionary that has it."""
    choosing(store, lambda names, limit: sorted(names, key=order)[:limit])


@in_store("SEARCH-4")
def names_come_unsorted(store: Store) -> None:
    """Names come in the order of the dictionaries."""
    choosing(store, lambda names, limit: list(dict.fromkeys(names))[:limit])


@in_store("SEARCH-4")
def capitals_come_first(store: Store) -> None:
    """Names are sorted by code point alone."""
    choosing(store, lambda names, limit: sorted(set(names))[:limit])


@in_store("SEARCH-4")
def small_letters_come_first(store: Store) -> None:
    """Names that differ in letter case alone come with the small letter first."""
    choosing(
        store, lambda names, limit: sorted(set(names), key=lambda name: (name.casefold(), name.swapcase()))[:limit]
    )


@in_store("SEARCH-4")
def numbers_are_sorted_by_value(store: Store) -> None:
    """Digits in a name are sorted as a number."""

    def key(name: str) -> list[tuple[int, str]]:
        parts = re.split(r"(\d+)", name.casefold())
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

    choosing(store, lambda names, limit: sorted(sorted(set(names), key=order), key=key)[:limit])


@in_store("SEARCH-4")
def limit_comes_before_the_order(store: Store) -> None:
    """limit takes the names found first, then they are sorted."""
    choosing(store, lambda names, limit: sorted(list(dict.fromkeys(names))[:limit], key=order))


@in_store("SEARCH-4")
def names_in_another_case_are_the_same(store: Store) -> None:
    """Of names that differ in letter case alone only one comes."""

    def choose(names: list[str], limit: int) -> list[str]:
        return sorted({name.casefold(): name for name in names}.values(), key=order)[:limit]

    choosing(store, choose)
