"""Column lists as the properties of dictionaries draw and compare them, and the two sides they are seen from."""

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from immuta_contracts.connectors import C5
from immuta_contracts.made import Made
from immuta_contracts.strategies import DATA_TYPES, REMOTE_TYPES, column, identifiers, texts
from immuta_contracts.world import Json, Unprepared, World

T = TypeVar("T")
ESSENTIALS = ("name", "dataType", "remoteType")


def column_lists(*, min_size: int = 0, max_size: int = 4) -> st.SearchStrategy[list[Json]]:
    """Column lists with names that no two columns share, plain ones and such as need quoting."""
    return st.lists(column(identifiers() | texts()), min_size=min_size, max_size=max_size, unique_by=_name)


def plain_lists(*, min_size: int = 0, max_size: int = 4) -> st.SearchStrategy[list[Json]]:
    """Column lists without optional fields, which shrink fast: names that differ, types that turn."""
    names = st.lists(identifiers() | texts(), min_size=min_size, max_size=max_size, unique=True)
    return names.map(lambda drawn: [plain_column(name, DATA_TYPES[place % 6]) for place, name in enumerate(drawn)])


def odd_columns() -> list[Json]:
    """Columns whose names are easily taken for others."""
    names = (
        " blanks around ",
        "Case",
        "case",
        "two  blanks",
        'it\'s "quoted"',
        "a\\b",
        "per%cent",
        "Ünï 中😀",
        "null",
        "1",
    )
    return [plain_column(name) for name in names]


def wide_list(count: int) -> list[Json]:
    """As many columns as some tables have."""
    return [plain_column(f"column {number}", DATA_TYPES[number % 6]) for number in range(count)]


def plain_column(name: str, data_type: str = DATA_TYPES[0], **optional: Any) -> Json:
    """A column with the required fields and the given optional ones."""
    return {"name": name, "dataType": data_type, "remoteType": REMOTE_TYPES[0], **optional}


def essentials(columns: object) -> object:
    """A column list reduced to the required fields, in its order; anything but a list of objects as it is."""
    if not isinstance(columns, list) or not all(isinstance(each, dict) for each in columns):
        return columns
    return [{name: each.get(name) for name in ESSENTIALS} for each in columns]


def dictionary_side(w: World, made: Made) -> object:
    """The column list that the dictionary shows, None where there is no dictionary."""
    answer = w.call("GET", made.dictionary_path)
    return answer.json.get("metadata") if answer.status == 200 and isinstance(answer.json, dict) else None


def handler_side(w: World, made: Made) -> object:
    """The column list that the handler shows, None where it shows none."""
    answer = w.call("GET", made.handler_path)
    found = answer.json.get("metadata") if answer.status == 200 and isinstance(answer.json, dict) else None
    return found.get("columns") if isinstance(found, dict) else None


def has_dictionary(w: World, made: Made) -> bool:
    """Whether either side shows a dictionary: what a write did is judged by both, so that a lying read is no breach."""
    return dictionary_side(w, made) is not None or handler_side(w, made) is not None


def took(w: World, made: Made, sent: list[Json]) -> bool:
    """Whether either side shows the columns that were sent."""
    wanted = essentials(sent)
    return essentials(dictionary_side(w, made)) == wanted or essentials(handler_side(w, made)) == wanted


def without_dictionary(w: World, made: Made) -> Made:
    """The data source, made sure to have no dictionary yet."""
    if has_dictionary(w, made):
        raise Unprepared("the data source made without columns has a dictionary")
    return made


def with_dictionary(w: World, columns: list[Json], **given: Any) -> Made:
    """A data source with a dictionary of these columns, made in one of the ways there are."""
    way = turned(w, ("with the data source", "by POST", "by PUT of the handler"))[0]
    if way == "with the data source":
        return w.make(metadata=w.metadata(columns=columns), **given)
    made = w.make(**given)
    if way == "by POST":
        answer = w.call("POST", made.dictionary_path, {"metadata": columns})
    else:
        answer = w.call("PUT", made.handler_path, {"handler": {"metadata": {**made.metadata, "columns": columns}}})
    w.prepared(answer, f"creating a dictionary {way}")
    return made


def turn(w: World) -> int:
    """The place of the connector under test: what a property cannot try on each in full it tries in turn."""
    return C5.index(w.connector)


def turned(w: World, options: Sequence[T]) -> list[T]:
    """The options in a drawn order, the first one turning by connector: the first example draws no other order."""
    drawn = w.draw(st.permutations(options))
    start = turn(w) % len(options)
    return [*drawn[start:], *drawn[:start]]


def _name(each: Json) -> object:
    return each["name"]
