"""Planted defects of how many names the column search answers, and which: SEARCH-3 and SEARCH-4."""

import re

from immuta_mock import Store
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_dictionaries import choosing, contains, is_search, matching, order, text_of

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
