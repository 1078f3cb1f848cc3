"""OpenAPI Overlay 1.0: what actions do to a document, and which overlays are refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from immuta_mock.documents import SpecError
from immuta_mock.overlay import apply_overlay, load_overlay


def overlay(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "info": {"title": "A test", "version": "1"}, "actions": list(actions)}


def applied(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    return apply_overlay(document, overlay(*actions), source="test.yaml")


def test_objects_are_merged_recursively_and_other_values_replaced() -> None:
    document: dict[str, Any] = {"info": {"title": "Old", "contact": {"name": "Ann"}}, "tags": []}

    result = applied(document, {"target": "$", "update": {"info": {"title": "New", "contact": {"url": "u"}}, "x-a": 1}})

    assert result == {"info": {"title": "New", "contact": {"name": "Ann", "url": "u"}}, "tags": [], "x-a": 1}


def test_arrays_inside_an_update_are_appended_to_arrays() -> None:
    result = applied({"schema": {"required": ["a"]}}, {"target": "$.schema", "update": {"required": ["b"]}})

    assert result == {"schema": {"required": ["a", "b"]}}


def test_an_update_of_an_array_is_an_entry_to_append() -> None:
    result = applied({"tags": [{"name": "a"}]}, {"target": "$.tags", "update": {"name": "b"}})

    assert result == {"tags": [{"name": "a"}, {"name": "b"}]}


def test_an_update_reaches_every_match_and_each_gets_its_own_copy() -> None:
    document: dict[str, Any] = {"paths": {"/a": {"get": {}}, "/b": {"get": {}}}}

    result = applied(
        document,
        {"target": "$.paths.*.get", "update": {"tags": ["x"]}},
        {"target": "$.paths['/a'].get.tags", "update": "y"},
    )

    assert result == {"paths": {"/a": {"get": {"tags": ["x", "y"]}}, "/b": {"get": {"tags": ["x"]}}}}


def test_remove_takes_every_match_out_of_objects_and_arrays() -> None:
    document = {"list": [{"n": 1}, {"n": 2}, {"n": 1}], "map": {"a": {"n": 1}, "b": {"n": 2}}}

    result = applied(
        document,
        {"target": "$.list[?@.n == 1]", "remove": True},
        {"target": "$.map[?@.n == 1]", "remove": True, "update": {"has": "no effect"}},
    )

    assert result == {"list": [{"n": 2}], "map": {"b": {"n": 2}}}


def test_remove_false_removes_nothing() -> None:
    result = applied({"a": {"b": 1}}, {"target": "$.a", "remove": False, "update": {"c": 2}})

    assert result == {"a": {"b": 1, "c": 2}}


def test_actions_apply_in_order_each_to_the_result_of_the_one_before() -> None:
    result = applied({"a": {}}, {"target": "$.a", "update": {"b": {}}}, {"target": "$.a.b", "update": {"c": 1}})

    assert result == {"a": {"b": {"c": 1}}}


def test_neither_the_document_nor_the_overlay_is_changed() -> None:
    document: dict[str, Any] = {"a": {}}
    action = {"target": "$.a", "update": {"b": {"c": []}}}

    result = applied(document, action)
    result["a"]["b"]["c"].append(1)

    assert document == {"a": {}}
    assert action == {"target": "$.a", "update": {"b": {"c": []}}}


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"target": "$.b", "update": {}}, "the target matches nothing in the document; check its spelling."),
        ({"target": "$.a[", "update": {}}, "the target is no JSONPath (RFC 9535): "),
        ({"target": "a", "update": {}}, "the target is no JSONPath (RFC 9535): "),
        ({"target": "$", "remove": True}, "the whole document cannot be removed."),
        ({"target": "$.a", "update": 1}, "an object is updated by an object and an array by an entry to append"),
        (
            {"target": "$.a.text", "update": "new"},
            "an object is updated by an object and an array by an entry to append",
        ),
    ],
)
def test_an_action_that_cannot_be_carried_out_is_named_with_its_place(action: dict[str, Any], reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        applied({"a": {"text": "old"}}, {"target": "$.a", "update": {"fine": True}}, action)

    message = str(caught.value)
    assert message.startswith(f"test.yaml, actions[1] ({action['target']}): {reason}")
    assert "\n" not in message


FINE = {"target": "$", "update": {}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({**overlay(FINE), "overlay": "2.0.0"}, ": `overlay: 1.0.0` is expected at the top, found '2.0.0'."),
        ({"openapi": "3.0.3"}, ": `overlay: 1.0.0` is expected at the top, found None."),
        ({**overlay(FINE), "info": {"title": "A test"}}, ": `info` with the texts `title` and `version` is expected."),
        (overlay(), ": `actions` has to be a list of at least one action."),
        (overlay({"update": {}}), ", actions[0]: an object with the text `target` is expected."),
        (overlay({"target": "$"}), ", actions[0] ($): does nothing; give `update`, or `remove: true`."),
        (overlay({"target": "$", "remove": "yes"}), ", actions[0] ($): `remove` has to be true or false."),
        (
            overlay(FINE, {"target": "$", "updates": {}}),
            ", actions[1] ($): unknown field 'updates'; an action has target, description, update and remove.",
        ),
    ],
)
def test_a_file_that_is_no_overlay_is_refused(tmp_path: Path, content: dict[str, Any], reason: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(content))

    with pytest.raises(SpecError) as caught:
        load_overlay(path)

    assert str(caught.value) == f"{path}{reason}"


def test_an_overlay_may_carry_descriptions_and_extensions(tmp_path: Path) -> None:
    path = tmp_path / "fine.yaml"
    content = {**overlay({**FINE, "description": "Why", "x-note": 1}), "extends": "openapi.yaml", "x-note": 2}
    path.write_text(yaml.safe_dump(content))

    assert load_overlay(path) == content
