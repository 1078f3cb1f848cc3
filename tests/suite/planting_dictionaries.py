"""What the planted defects of dictionaries, search and companions share: which request it is, and what it carries."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.store import DataSource, DataSourceQuery, Dictionary, Page
from immuta_mock.users import User
from planting import Reply, Seen, Wire, replace

Json = dict[str, Any]
Columns = Sequence[Any]
Write = Callable[[User, int, Columns], Dictionary]
List = Callable[[DataSourceQuery], Page]
Matches = Callable[[str, str], bool]


def is_dictionary(seen: Seen, *methods: str) -> bool:
    """Whether the request is one of these on the dictionary of a data source."""
    parts = seen.path.split("/")
    return seen.method in methods and parts[1:2] == ["dictionary"] and len(parts) == 3 and parts[2] != "columns"


def is_search(seen: Seen) -> bool:
    return seen.method == "GET" and seen.path == "/dictionary/columns"


def is_list(seen: Seen) -> bool:
    return seen.method == "GET" and seen.path == "/dataSource"


def columns_in(value: Any) -> list[Json]:
    """The columns of a dictionary or a dictionary body, none in anything else; changes in them are sent on."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return [each for each in metadata if isinstance(each, dict)] if isinstance(metadata, list) else []


def text_of(seen: Seen, name: str) -> str:
    """A query parameter; empty when it was not sent."""
    return (seen.query.get(name) or [""])[0]


class AnswerOfDictionary(Wire):
    """Changes the answer of a successful operation on a dictionary."""

    methods: tuple[str, ...] = ("POST", "PUT", "GET")

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, *self.methods) and reply.status == 200:
            self.change(reply.json)

    def change(self, answered: Json) -> None:
        raise NotImplementedError


class BodyOfDictionary(Wire):
    """Changes each column that is sent to a dictionary."""

    methods: tuple[str, ...] = ("POST", "PUT")

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, *self.methods):
            for column in columns_in(seen.json):
                self.change(column)
        return None

    def change(self, column: Json) -> None:
        raise NotImplementedError


def source_of(store: Store, data_source_id: int) -> DataSource | None:
    return store._state.data_sources.get(data_source_id)


def prefix_of(store: Store, data_source_id: int) -> str:
    """The connector of a data source; empty when there is no such data source."""
    source = source_of(store, data_source_id)
    return source.connector.prefix if source else ""


def put(store: Store, source: DataSource | None, **fields: Any) -> None:
    """Write some fields of a data source past every rule."""
    if source is not None:
        store._state.put(changed(source, **fields))


def writing(store: Store, method: str, rewrite: Callable[[DataSource | None, Columns], Columns]) -> None:
    """Let a writing method of the dictionary take `rewrite(data source, columns sent)` in place of those sent."""

    def wrap(write: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            return write(user, data_source_id, rewrite(source_of(store, data_source_id), columns))

        return defective

    replace(store, method, wrap)


def listing(store: Store, change: Callable[[List, DataSourceQuery], Page]) -> None:
    """Let the list answer another page."""
    replace(store, "list_data_sources", lambda listed: lambda query: change(listed, query))


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
