"""The searches of columns and data sources find exactly what the rules say, whatever was written before."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from immuta_mock import Store
from immuta_mock.connectors import CONNECTORS
from immuta_mock.errors import Refusal
from immuta_mock.store import DataSource, DataSourceQuery
from immuta_mock.store.texts import BETWEEN, Texts
from immuta_mock.users import DEFAULT_USERS

OWNER = DEFAULT_USERS[0]
ASA = CONNECTORS[0]
LETTERS = "aAbB_%. s\u017f\u00df\u1e9ei\u0131I\u0130\u03c2\u03a3\u03c3f\ufb01\0\n"
"""Some fold to others, or to more than one; a capital A stands between texts in the index."""
names = st.text(LETTERS, min_size=1, max_size=6)
texts = st.text(LETTERS, max_size=4)


@dataclass(frozen=True)
class Words:
    """What an act writes; it uses some of it."""

    name: str
    said: str
    columns: list[str]


def columns(*written: str) -> list[Any]:
    return [{"name": name, "dataType": "text", "remoteType": "text"} for name in dict.fromkeys(written)]


def create(store: Store, words: Words) -> None:
    source: dict[str, Any] = {"name": words.name, "description": words.said, "blobHandlerType": "x", "recordFormat": ""}
    source |= {"type": "queryable", "blobHandler": {"scheme": "https"}, "sqlTableName": "t"}
    store.create_data_sources(OWNER, ASA, {"handler": {"metadata": metadata(words)}, "dataSource": source})


def sources(store: Store) -> tuple[DataSource, ...]:
    return store.list_data_sources(DataSourceQuery(size=10**6)).hits


def columns_by_the_rule(store: Store, text: str) -> list[str]:
    found = {column["name"] for source in sources(store) for column in source.columns}
    matching = [name for name in found if text.casefold() in name.casefold()]
    return sorted(matching, key=lambda name: (name.casefold(), name))


def sources_by_the_rule(store: Store, text: str, *, name_only: bool) -> list[int]:
    def said(source: DataSource) -> Iterable[str]:
        return (source.name,) if name_only else (source.name, source.fields.get("description") or "")

    return [each.id for each in sources(store) if any(text.casefold() in one.casefold() for one in said(each))]


def first(store: Store) -> int:
    return sources(store)[0].id


def metadata(words: Words) -> dict[str, Any]:
    return {"hostname": "h", "database": "d", "table": "t", "columns": columns(*words.columns)}


def replace_last(store: Store, words: Words) -> None:
    store.update_handler(OWNER, ASA, sources(store)[-1].handler_id, {"handler": {"metadata": metadata(words)}})


def replace_all(store: Store, words: Words) -> None:
    handler = {"metadata": {"columns": columns(*words.columns)}}
    store.bulk_update(
        OWNER, ASA, {"ids": [first(store), *(source.id for source in sources(store))], "handler": handler}
    )


ACTS: dict[str, Callable[[Store, Words], Any]] = {
    "create": create,
    "rename": lambda store, words: store.update_data_source(OWNER, first(store), {"name": words.name}),
    "describe": lambda store, words: store.update_data_source(OWNER, first(store), {"description": words.said}),
    "replace": replace_last,
    "replace all": replace_all,
    "delete": lambda store, _: store.delete_data_source(OWNER, first(store)),
    "take away": lambda store, _: store.delete_dictionary(OWNER, sources(store)[-1].id),
    "save": lambda store, _: store.save("saved"),
    "bring back": lambda store, _: store.bring_back("saved"),
    "reload": lambda store, _: store.load(store.dump()),
}
MANY: dict[str, Any] = {
    "dataSources": [
        {
            "connector": "asa",
            "name": f"{LETTERS[number % len(LETTERS)]}{number}",
            "metadata": {"hostname": "h", "database": "e"},
            "dataSource": {"description": LETTERS[number % 7 :: 7]},
            "dictionary": {
                "columns": columns(*(f"{LETTERS[place]}{number}{LETTERS[::-1][place]}" for place in range(9)))
            },
        }
        for number in range(70)
    ]
}
"""More than a block of the index holds."""
words = st.builds(Words, names, names, st.lists(names, max_size=5))
steps = st.tuples(st.sampled_from(sorted(ACTS)), words, texts, st.integers(1, 9))


@settings(max_examples=150, deadline=None)
@given(st.booleans(), st.lists(steps, max_size=12))
def test_after_any_writes_the_searches_find_what_the_rules_say(many: bool, taken: list[Any]) -> None:
    store = Store()
    store.load(MANY if many else {})
    for act, written, text, limit in taken:
        with suppress(Refusal, IndexError):  # for a name that is taken, and for what is not there
            ACTS[act](store, written)
        by_name, by_both = (DataSourceQuery(search_text=text, name_only=only, size=10**6) for only in (True, False))

        assert list(store.search_columns(text, 10**6)) == columns_by_the_rule(store, text)
        assert list(store.search_columns(text, limit)) == columns_by_the_rule(store, text)[:limit]
        assert ids(store, by_name) == sources_by_the_rule(store, text, name_only=True)
        assert ids(store, by_both) == sources_by_the_rule(store, text, name_only=False)
        assert ids(store, replace(by_both, size=limit, offset=1)) == ids(store, by_both)[1 : limit + 1]


def ids(store: Store, query: DataSourceQuery) -> list[int]:
    return [source.id for source in store.list_data_sources(query).hits]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=900), st.lists(texts, min_size=1))
def test_an_index_holds_what_was_put_last_and_a_copy_goes_its_own_way(puts: list[Any], wanted: list[str]) -> None:
    index: Texts[int] = Texts(int)
    expected: dict[int, str] = {}
    for number, (item, there) in enumerate(puts):
        text = f"{LETTERS[item % 20 :]}{item}".casefold() if there else None
        index.put(item, text)
        expected.pop(item, None)
        expected.update({item: text} if text is not None else {})
        if number % 200 == 0:
            index.settle()
    copied = index.copy()
    index.put(1, None)
    index.put(-1, "b")

    for text in [each.casefold() for each in wanted]:
        there = [item for item in sorted(expected) if text in expected[item]]
        assert list(copied.containing(text)) == there
        assert list(index.containing(text)) == [*([-1] if text in "b" else []), *(item for item in there if item != 1)]


def test_no_folded_text_has_the_letter_that_stands_between_texts() -> None:
    folded = "".join(map(chr, range(0x110000))).casefold()

    assert BETWEEN not in folded
