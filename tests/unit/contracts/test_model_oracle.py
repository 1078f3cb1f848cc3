"""What the oracle of the model layer expects a tenant to hold."""

from typing import Any

import pytest

from immuta_contracts.connectors import ASA, REDSHIFT, TRINO
from immuta_contracts.model import NAME_TAKEN, SAME_COLUMNS, SAME_TABLES, Dictionary, Model, Source, same_columns

Json = dict[str, Any]


def column(name: str, **fields: Any) -> Json:
    return {"name": name, "dataType": "text", "remoteType": "text", **fields}


def metadata(**fields: Any) -> Json:
    return {"hostname": "h", "database": "d", "table": "t", **fields}


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def source(model: Model) -> Source:
    return model.add(REDSHIFT, metadata(username="u", password="p", ssl=True), {"name": "One"}, (1, 11))


def test_what_is_kept_elsewhere_is_no_metadata(model: Model) -> None:
    made = model.add(ASA, metadata(password="p", dataSourceName="X", columns=[column("a")]), {"name": "One"}, (1, 11))
    assert (made.name, made.metadata) == ("One", metadata())
    assert made.dictionary == Dictionary([column("a")])


def test_a_data_source_is_private_unless_it_says_otherwise(model: Model) -> None:
    one = model.add(ASA, metadata(), {"name": "One", "blobHandler": {}}, (1, 11))
    two = model.add(ASA, metadata(), {"name": "Two", "private": False}, (2, 12))
    assert (one.fields, two.fields) == ({"private": True}, {"private": False})


def test_the_connection_string_follows_the_metadata(source: Source) -> None:
    assert source.connection_string == "u@h:5439/d"
    source.replace(metadata(port=1))
    assert (source.connection_string, source.string_by) == ("h:1/d", "UPDATE-9")
    source.merge({"database": "e"})
    assert (source.connection_string, source.string_by) == ("h:1/e", "BULK-5")


def test_replacing_leaves_nothing_of_the_old_metadata(source: Source) -> None:
    source.replace(metadata(schema="s"))
    assert source.metadata == metadata(schema="s")
    assert source.gone == {"username", "ssl"}
    assert set(source.written_by.values()) == {"UPDATE-1"}


def test_replacing_keeps_columns_and_name_that_are_left_out(source: Source) -> None:
    source.replace(metadata(columns=[column("a")], dataSourceName="Two"))
    source.replace(metadata())
    assert (source.name, source.dictionary) == ("Two", Dictionary([column("a")]))
    assert source.columns_by == "UPDATE-2"


def test_merging_changes_only_what_is_given(source: Source) -> None:
    source.replace(metadata())
    source.merge({"ssl": False, "password": "q"})
    assert (source.metadata, source.gone) == (metadata(ssl=False), {"username"})
    assert (source.written_by["ssl"], source.written_by["table"]) == ("BULK-3", "UPDATE-1")


def test_a_dictionary_keeps_its_identity_when_its_columns_are_replaced(source: Source) -> None:
    source.describe([column("a")], "DICT-1")
    assert source.dictionary is not None
    source.dictionary.id, source.dictionary.created_at = 5, "then"
    source.merge({"columns": [column("b")]})
    assert source.dictionary == Dictionary([column("b")], 5, "then")
    source.undescribe()
    source.describe([column("c")], "DICT-1")
    assert source.dictionary == Dictionary([column("c")])


def test_columns_are_shown_with_nullable_and_types_once_in_order() -> None:
    dictionary = Dictionary([column("a", dataType="x"), column("b", nullable=False), column("c", dataType="x")])
    assert [shown["nullable"] for shown in dictionary.shown] == [True, False, True]
    assert dictionary.types == ["x", "text"]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([], (None,)),
        ([column("a"), column("b")], ("a",)),
        ([column("a"), column("b", isPrimaryKey=True)], ("b",)),
        ([column("a", isPrimaryKey=True), column("b", isPrimaryKey=True)], ("a", "b")),
    ],
)
def test_the_job_finds_the_key_else_the_first_column(columns: list[Json], found: tuple[str | None, ...]) -> None:
    assert Dictionary(columns).high_cardinality == found


def test_a_computed_column_survives_as_long_as_it_is_in_the_dictionary(source: Source) -> None:
    source.describe([column("a"), column("b")], "DICT-1")
    source.computed()
    seen = []
    for name in ("a", "b"):
        source.replace(metadata(columns=[column(name)]))
        seen.append(source.high_cardinality)
    assert seen == [("a",), (None,)]


def test_without_a_dictionary_the_job_finds_none(source: Source) -> None:
    source.computed()
    assert source.high_cardinality == (None,)


def test_of_two_keys_of_which_one_is_left_nothing_is_promised(source: Source) -> None:
    source.describe([column("a", isPrimaryKey=True), column("b", isPrimaryKey=True)], "DICT-1")
    source.computed()
    source.describe([column("a")], "DICT-6")
    assert source.high_cardinality == ()


def test_a_taken_name_goes_before_a_table_named_twice(model: Model, source: Source) -> None:
    twice = [metadata(dataSourceName="A"), metadata(dataSourceName="B")]
    assert model.refuses_create([{**each, "dataSourceName": "Same"} for each in twice]) == NAME_TAKEN
    assert model.refuses_create([metadata(dataSourceName=source.name)]) == NAME_TAKEN
    assert model.refuses_create(twice) == SAME_TABLES
    assert model.refuses_create([{**each, "table": each["dataSourceName"]} for each in twice]) is None


def test_two_columns_of_one_name_are_refused(model: Model, source: Source) -> None:
    columns = [column("a"), column("A"), column("a")]
    assert (same_columns(columns), same_columns(columns[:2])) == (True, False)
    assert model.refuses_create([metadata(dataSourceName="New", columns=columns)]) == SAME_COLUMNS
    assert model.refuses_update(source, metadata(columns=columns)) == SAME_COLUMNS
    assert model.refuses_bulk([source], {"columns": columns}) == SAME_COLUMNS


def test_a_rename_to_the_own_name_is_no_clash(model: Model, source: Source) -> None:
    other = model.add(TRINO, metadata(), {"name": "Two"}, (2, 12))
    assert model.refuses_update(source, metadata(dataSourceName="One")) is None
    assert model.refuses_update(source, metadata(dataSourceName="Two")) == NAME_TAKEN
    assert model.refuses_bulk([other], {"dataSourceName": "Two"}) is None
    assert model.refuses_bulk([other], {"dataSourceName": "One"}) == NAME_TAKEN


def test_one_name_for_several_is_a_clash(model: Model, source: Source) -> None:
    other = model.add(REDSHIFT, metadata(), {"name": "Two"}, (2, 12))
    assert model.refuses_bulk([source, other], {"dataSourceName": "New"}) == NAME_TAKEN
    assert model.refuses_bulk([], {"dataSourceName": "One"}) is None


def test_a_removed_data_source_frees_its_name(model: Model, source: Source) -> None:
    source.disabled = True
    assert model.taken("One")
    model.remove(source)
    assert (model.taken("One"), model.sources, model.removed) == (False, [], [source])


def test_a_string_reaches_the_data_sources_of_one_connector(model: Model) -> None:
    asa = model.add(ASA, metadata(port=443), {"name": "A"}, (3, 13))
    trino = [
        model.add(TRINO, metadata(**port), {"name": f"T{port}"}, (i, i)) for i, port in enumerate(({}, {"port": 443}))
    ]
    assert model.sharing(TRINO, asa.connection_string) == trino
    assert model.sharing(ASA, "h:1433/d") == []


def test_a_search_is_distinct_sorted_and_cut(model: Model) -> None:
    names = ["b_1", "B_1", "a%", "abc", "ABC", "zab"]
    model.add(ASA, metadata(columns=[column(name) for name in names]), {"name": "A"}, (1, 11))
    model.add(TRINO, metadata(columns=[column("abc")]), {"name": "T"}, (2, 12))
    assert model.columns_found("AB", 10) == ["ABC", "abc", "zab"]
    assert model.columns_found("a", 2) == ["a%", "ABC"]
    assert model.columns_found("_", 10) == ["B_1", "b_1"]


def test_a_list_searches_names_and_unless_told_otherwise_descriptions(model: Model) -> None:
    one = model.add(ASA, metadata(), {"name": "Sales"}, (2, 12))
    two = model.add(TRINO, metadata(), {"name": "Other", "description": "all SALES"}, (1, 11))
    assert model.listed(text="sales") == [one]
    assert model.listed(text="sales", name_only=False) == [two, one]
    assert model.listed(strings=["h:1433/d"]) == [one]
