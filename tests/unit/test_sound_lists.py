"""Lists that are right are shortened before the faults of a body are told, and no fault is lost by it."""

from typing import Any

from immuta_mock.sound_lists import SoundLists

NUMBERS = {"type": "array", "items": {"type": "integer"}}
ROOT = {
    "oneOf": [
        {"properties": {"a": {"$ref": "#/definitions/Numbers"}, "b": {"type": "array"}, "pair": NUMBERS}},
        {"properties": {"a": {"$ref": "#/definitions/Numbers"}, "b": {"type": "string"}, "inner": {"type": "object"}}},
    ],
    "properties": {"pair": {**NUMBERS, "minItems": 2}, "two": {**NUMBERS, "minItems": 2}},
    "definitions": {"Numbers": NUMBERS},
}


def shortened(value: Any) -> Any:
    return SoundLists(ROOT).shortened(value)


def test_a_valid_list_keeps_its_first_item_at_any_depth() -> None:
    assert shortened([{"a": [1, 2], "inner": {"a": [3, 4]}}, {"a": []}]) == [{"a": [1], "inner": {"a": [3]}}, {"a": []}]


def test_a_list_with_a_wrong_item_stays_whole() -> None:
    assert shortened({"a": [1, 2, "3"]}) == {"a": [1, 2, "3"]}


def test_a_list_that_needs_several_items_stays_whole() -> None:
    assert shortened({"two": [1, 2, 3]}) == {"two": [1, 2, 3]}


def test_a_name_with_several_schemas_and_an_unknown_one_stay_as_they_are() -> None:
    value = {"b": [1, 2], "pair": [1, 2], "unknown": [1, 2], "a": {"a": None}}

    assert shortened(value) == value


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    root = {"properties": {"properties": {"type": "array"}, "type": {"type": "string"}}}

    assert SoundLists(root).shortened({"properties": [1, 2], "type": "x"}) == {"properties": [1], "type": "x"}
