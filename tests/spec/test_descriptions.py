"""Everything a client author meets in the document is described, whichever form of the document they hold."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from immuta_mock.spec import load_spec, resolve
from immuta_mock.spec_walk import places, schemas

Document = dict[str, Any]
FORMS = {"reference": load_spec(companion=False), "served": load_spec(), "strict": load_spec(["strict"])}


def described(document: Document) -> Iterator[tuple[str, Document]]:
    """Name and definition of each operation, parameter, answer, tag, component and property."""
    yield from ((f"tag {tag['name']}", tag) for tag in document["tags"])
    for place in places(document):
        yield place.name, place.operation
        yield from ((f"{place.name}, {parameter['name']}", parameter) for parameter in place.parameters)
        yield from ((f"{place.name}, {status}", answer) for status, answer in place.operation["responses"].items())
    for kind in ("parameters", "responses", "links", "securitySchemes", "schemas"):
        yield from ((f"{kind} {name}", component) for name, component in document["components"][kind].items())
    for pointer, schema in schemas(document):
        yield from ((f"{pointer}, {name}", value) for name, value in schema.get("properties", {}).items())


def roles(text: str) -> set[str]:
    return set(re.findall(r"CREATE_DATA_SOURCE|GOVERNANCE|owner|expert", text))


def undescribed(document: Document) -> list[str]:
    """What says nothing of itself, or not in a sentence."""
    return [
        name
        for name, definition in described(document)
        if not resolve(document, definition).get("description", "").rstrip().endswith((".", ":"))
    ]


@pytest.mark.parametrize("form", FORMS)
def test_every_operation_parameter_answer_component_and_property_is_described_in_a_sentence(form: str) -> None:
    assert undescribed(FORMS[form]) == []


def test_a_property_without_a_description_is_found() -> None:
    document = load_spec()
    del document["components"]["schemas"]["ColumnName"]["properties"]["columnName"]["description"]

    assert undescribed(document) == ["/components/schemas/ColumnName, columnName"]


@pytest.mark.parametrize("form", FORMS)
def test_every_operation_says_who_may_call_it_and_its_403_whom_it_misses(form: str) -> None:
    for place in places(FORMS[form]):
        (caller,) = re.findall(r"\bFor [^.]+", place.operation["description"])
        refusal = resolve(FORMS[form], place.operation["responses"].get("403", {})).get("description", "")

        assert (place.name, roles(caller)) == (place.name, roles(refusal.partition("Kept as printed")[0]))
