"""A data source name is unique within the tenant."""

from itertools import cycle

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.creating import FORMS, ODD, Form, accepted, listed_as
from immuta_contracts.world import Json, Unprepared, World


@promise("CREATE-11", on=C5, examples=0.375)
def test_a_name_is_taken_across_connectors(w: World) -> None:
    made = w.make(name=f"{w.fresh_name()} {ODD}")
    forms = w.draw(st.permutations(FORMS))
    for connector, form in zip(w.connectors, cycle(forms)):
        _expect_taken(w, made.name, connector, form)
    _expect_one(w, made.name)


@promise("CREATE-11", on=C5, examples=0.375)
def test_a_disabled_data_source_keeps_its_name(w: World) -> None:
    made = w.make()
    w.prepared(w.call("DELETE", made.source_path), "disabling a data source")
    if w.source(made).get("deleted") is not True:
        raise Unprepared("the first DELETE did not disable a data source")
    for form in FORMS:
        _expect_taken(w, made.name, w.connector, form)
    _expect_taken(w, made.name, w.draw(st.sampled_from(w.connectors)), w.draw(st.sampled_from(FORMS)))
    _expect_one(w, made.name)


@promise("CREATE-11", on=C5, examples=0.25)
def test_the_names_of_a_create_of_several_are_taken(w: World) -> None:
    for made in w.make_several(2):
        for form in FORMS:
            _expect_taken(w, made.name, w.connector, form)
        _expect_one(w, made.name)


@promise("CREATE-11", on=C5, examples=0.375)
def test_a_name_given_by_renaming_is_taken(w: World) -> None:
    made, name = w.make(), w.fresh_name()
    metadata = {**made.metadata, "dataSourceName": name}
    w.prepared(w.call("PUT", made.handler_path, {"handler": {"metadata": metadata}}), "renaming a data source")
    if w.source(made).get("name") != name:
        raise Unprepared("PUT handler did not rename a data source")
    _expect_taken(w, name, w.connector, w.draw(st.sampled_from(FORMS)))
    _expect_one(w, name)


@promise("CREATE-11", on=C5, examples=0.375)
def test_a_name_that_another_owner_gave_is_taken(w: World) -> None:
    w.need("second_owner")
    made = w.make()
    for form in FORMS:
        _expect_taken(w, made.name, w.connector, form, role="second_owner")
    _expect_one(w, made.name)


@promise("CREATE-11", on=C5, examples=0.375)
def test_two_elements_of_one_payload_cannot_share_a_name(w: World) -> None:
    name, other = w.fresh_name(), w.fresh_name()
    for names in ((name, name), (name, other, name)):
        tables = w.tables(len(names))
        elements = [w.metadata(table=table, dataSourceName=each) for table, each in zip(tables, names, strict=True)]
        answer = w.post_handler(w.several_body(len(names), metadata=elements))
        w.expect(not accepted(answer), f"a payload that names two data sources {name} to be refused", answer.text)


def _expect_taken(w: World, name: str, connector: Connector, form: Form, *, role: str = "owner") -> None:
    """A create does not give the name to a second data source."""
    answer = w.post_handler(_body(w, name, form, connector), connector=connector, role=role)
    if accepted(answer):
        w.broken(f"the name {name} to be taken for a {form} on {connector}", f"{answer.status}: {answer.text[:500]}")


def _expect_one(w: World, name: str) -> None:
    """However the creates were answered, the list shows the name once."""
    bearers = {str(hit.get("id")) for hit in listed_as(w, name)}
    w.expect(len(bearers) <= 1, f"one data source named {name}", f"{len(bearers)} data sources")


def _body(w: World, name: str, form: Form, connector: Connector) -> Json:
    """A body that asks for the name: for its only data source, or for the last of several."""
    table, *others = w.tables(2 if form == "several" else 1, connector)
    element = w.metadata(connector, table=table, dataSourceName=name)
    if form == "single":
        return w.single_body(metadata=element, name=name)
    before = [w.metadata(connector, table=other, dataSourceName=w.fresh_name()) for other in others]
    return w.several_body(len(before) + 1, metadata=[*before, element])
