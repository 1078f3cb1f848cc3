"""The columns given in a create become the dictionary of the data source."""

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import ONE, body_in
from immuta_contracts.dictionaries import column_lists
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.world import Json, Unprepared, World

GONE = 404


@promise("CREATE-19", on=C5)
def test_columns_given_become_the_dictionary(w: World) -> None:
    made = w.make(metadata=w.metadata(columns=w.draw(column_lists())))
    _expect_dictionary(w, made)


@promise("CREATE-19", on=C5, examples=0.375)
def test_each_element_of_an_array_gets_its_own_columns(w: World) -> None:
    given = w.draw(column_lists(min_size=1)), w.draw(column_lists(min_size=1)), ...
    elements = [
        w.metadata(table=table, dataSourceName=w.fresh_name(), columns=columns)
        for table, columns in zip(w.tables(3), given, strict=True)
    ]
    for made in w.make_several(3, metadata=elements):
        if "columns" in made.metadata:
            _expect_dictionary(w, made)
        else:
            _expect_none(w, made)
    _expect_dictionary(w, w.make(body=w.several_body(1, metadata=[_named_anew(w, elements[0])])))


@promise("CREATE-19", on=C5, once=True)
def test_without_columns_there_is_no_dictionary(w: World) -> None:
    for form in ONE:
        _expect_none(w, w.make(body=body_in(w, form)))


def _named_anew(w: World, element: Json) -> Json:
    return {**element, "dataSourceName": w.fresh_name()}


def _expect_none(w: World, made: Made) -> None:
    answer = w.call("GET", made.dictionary_path)
    w.expect(answer.status >= 400, "no dictionary without columns", f"{answer.status}: {answer.text[:500]}")


def _expect_dictionary(w: World, made: Made) -> None:
    """The dictionary holds the columns in their order, each with the fields that were sent."""
    sent = made.metadata["columns"]
    if not _holds(_shown(w, made), sent):
        seen = _shown(w, made)
        _holds_what_is_put(w, made, sent)
        w.broken(f"the dictionary created from the columns {sent}", seen)


def _shown(w: World, made: Made) -> object:
    answer = w.call("GET", made.dictionary_path)
    if answer.status == GONE:
        return None
    found = w.prepared(answer, "reading the dictionary")
    return found.get("metadata") if isinstance(found, dict) else None


def _holds(shown: object, sent: list[Json]) -> bool:
    if not isinstance(shown, list) or len(shown) != len(sent):
        return False
    pairs = zip(shown, sent, strict=True)
    return all(isinstance(each, dict) and same_json({**each, **column}, each) for each, column in pairs)


def _holds_what_is_put(w: World, made: Made, sent: list[Json]) -> None:
    """A dictionary written by its own operations shows the columns, so that it was the create that lost them."""
    method = "POST" if _shown(w, made) is None else "PUT"
    w.prepared(w.call(method, made.dictionary_path, {"metadata": sent}), "writing the dictionary")
    if not _holds(_shown(w, made), sent):
        raise Unprepared("the dictionary shows other columns than any that were written")
