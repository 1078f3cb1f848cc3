"""The document as everyone gets it: whole, fresh, with overlays applied."""

from pathlib import Path

import pytest

from immuta_mock.spec import Operation, SpecError, load_spec, operations, overlay_path, resolve, spec_directory

ADDED = """
overlay: 1.0.0
info: {title: A test, version: '1'}
actions:
  - target: $.info
    update: {x-note: added}
"""


def test_the_whole_has_the_reference_and_its_companions() -> None:
    found = operations(load_spec())

    assert len([operation for operation in found if not operation.companion]) == 34
    assert {operation.operation_id for operation in found if operation.companion} == {
        *("authenticate", "getCurrentUser", "listDataSources", "getDataSource", "getDataSourceByName"),
        *("updateDataSource", "deleteDataSource", "getJobStatuses", "listJobs"),
    }


def test_without_companions_only_the_reference_is_there() -> None:
    found = operations(load_spec(companion=False))

    assert len(found) == 34
    assert not any(operation.companion for operation in found)


def test_an_operation_is_given_with_its_promises() -> None:
    found = {operation.operation_id: operation for operation in operations(load_spec())}

    assert found["getCurrentUser"] == Operation(
        operation_id="getCurrentUser",
        method="GET",
        path="/bim/rpc/user/current",
        promises=("COMP-2",),
        companion=True,
        tag="Companions",
    )


def test_no_reference_leads_out_of_the_whole() -> None:
    assert "openapi.yaml#" not in str(load_spec())


def test_every_caller_gets_a_document_of_their_own() -> None:
    load_spec()["info"]["title"] = "Changed"

    assert load_spec()["info"]["title"] == "Immuta V1 API - connect your data"


def test_strict_is_the_name_of_an_overlay_and_anything_else_a_path() -> None:
    assert overlay_path("strict") == spec_directory() / "overlays" / "strict.yaml"
    assert overlay_path("./strict") == Path("./strict")


def test_overlays_apply_in_order(tmp_path: Path) -> None:
    added = tmp_path / "added.yaml"
    added.write_text(ADDED)
    after = tmp_path / "after.yaml"
    after.write_text(
        ADDED.replace("$.info", "$.info[?@ == 'added']").replace("update: {x-note: added}", "remove: true")
    )

    document = load_spec([added, str(after), "strict"])

    assert "x-note" not in document["info"]
    assert document["components"]["schemas"]["HandlerUpdate"]["required"] == ["handler", "connectionString"]


def test_an_overlay_that_is_not_there_is_named() -> None:
    with pytest.raises(
        SpecError, match=r"^nowhere\.yaml: cannot be read \(No such file or directory\); check the path\.$"
    ):
        load_spec(["nowhere.yaml"])


def test_a_reference_is_followed_to_its_end_and_anything_else_given_back() -> None:
    document = {"a": {"b~/c": {"$ref": "#/d"}}, "d": {"type": "string"}}

    assert resolve(document, "#/a/b~0~1c") == {"type": "string"}
    assert resolve(document, {"$ref": "#/d"}) == {"type": "string"}
    assert resolve(document, {"type": "integer"}) == {"type": "integer"}


def test_a_reference_that_leads_nowhere_is_named() -> None:
    with pytest.raises(SpecError, match=r"^#/a/b: leads nowhere in the document, 'b' is missing\.$"):
        resolve({"a": {}}, "#/a/b")


@pytest.mark.parametrize("operation", [{"tags": ["A"]}, {"operationId": "a"}, {"operationId": "a", "tags": []}])
def test_an_operation_without_name_or_group_is_refused(operation: dict[str, object]) -> None:
    with pytest.raises(SpecError, match=r"^GET /a: the operation needs an `operationId` and one of the `tags`\.$"):
        operations({"paths": {"/a": {"get": operation}}})
