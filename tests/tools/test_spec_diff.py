"""`make spec-diff`: which changes count as breaking, what they ask for, and what is said."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spec_diff
from immuta_mock.spec import load_spec, spec_directory
from spec_diff import Change, Comparison, changes, compare, last_tag, main, markdown, missing, next_version, text

TOOLS = spec_diff.ROOT / "build" / "tools"

Document = dict[str, Any]
Edit = Callable[[Document], object]

BOUND = Change("major", "#/components/schemas/A/properties/port/maximum", "Upper bound of `port` | changed.")
ADDED = Change("minor", "#/paths/~1new", "PathItem added")


@pytest.fixture
def redocly(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the path; in CI it has to be there."""
    if not (TOOLS / ".ready").exists() and not os.environ.get("CI"):
        pytest.skip("Redocly is not installed: `make spec-diff` does it")
    monkeypatch.setenv("PATH", os.pathsep.join((f"{TOOLS}/node_modules/.bin", f"{TOOLS}/bin", os.environ["PATH"])))


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def operation(document: Document, method: str, path: str) -> Document:
    found: Document = document["paths"][path][method]
    return found


def parameter(document: Document, path: str, name: str) -> Document:
    """A query value of the operation that reads the path."""
    found: Document = next(p for p in operation(document, "get", path)["parameters"] if p.get("name") == name)
    return found


def properties(document: Document, name: str) -> Document:
    found: Document = schema(document, name)["properties"]
    return found


def renamed(document: Document) -> None:
    written = json.dumps(document).replace('#/components/schemas/ColumnName"', '#/components/schemas/Title"')
    document.update(json.loads(written))
    document["components"]["schemas"]["Title"] = document["components"]["schemas"].pop("ColumnName")


def answered_elsewhere(document: Document) -> None:
    answers = operation(document, "get", "/dictionary/{dataSourceId}")["responses"]
    answers["201"] = answers.pop("200")


def closed(document: Document) -> None:
    created = schema(document, "CreatedDataSource")
    created["required"].remove("dataSourceId")
    del created["properties"]["dataSourceId"]


HEADER = {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
OFFSET = {"name": "offset", "in": "query", "schema": {"type": "integer"}}
THIRD = {"type": "object", "properties": {"queued": {"type": "boolean"}}}

BREAKING: dict[str, Edit] = {
    "an operation is gone": lambda d: d["paths"]["/dictionary/{dataSourceId}"].pop("delete"),
    "a path is gone": lambda d: d["paths"].pop("/asa/handler/{handlerId}/refreshNativeViewJob"),
    "a request needs more": lambda d: schema(d, "HandlerUpdate")["required"].append("connectionString"),
    "a part of a request needs more": lambda d: schema(d, "TableMetadata")["allOf"][1]["required"].append("schema"),
    "a request needs more by a part added": lambda d: schema(d, "DictionaryBody").update(allOf=[{"required": ["id"]}]),
    "a request takes fewer values": lambda d: schema(d, "DataSourceType")["enum"].remove("ingested"),
    "a request takes listed values alone": lambda d: properties(d, "Column")["dataType"].update(enum=["text"]),
    "a request takes less": lambda d: properties(d, "ConnectionMetadata")["port"].update(maximum=1000),
    "a request has a pattern": lambda d: properties(d, "ConnectionMetadata")["schema"].update(pattern="^[a-z]+$"),
    "a request takes another type": lambda d: properties(d, "DataSourceSettings")["private"].update(type="string"),
    "a request takes no null": lambda d: properties(d, "DataSourceSettings")["schemaEvolutionId"].pop("nullable"),
    "a request loses a form": lambda d: schema(d, "BulkUpdate")["oneOf"].pop(),
    "a request is closed": lambda d: schema(d, "DictionaryBody").update(additionalProperties=False),
    "a request loses a media type": lambda d: operation(d, "post", "/bim/apikey/authenticate")["requestBody"][
        "content"
    ].popitem(),
    "a header is needed": lambda d: operation(d, "get", "/dictionary/columns")["parameters"].append(HEADER),
    "a query value is needed": lambda d: d["components"]["parameters"]["SearchText"].update(required=True),
    "a query value is gone": lambda d: operation(d, "get", "/dictionary/columns")["parameters"].pop(),
    "an answer loses a field": closed,
    "an answer may lack a field": lambda d: schema(d, "Dictionary")["required"].remove("types"),
    "an answer has another type": lambda d: properties(d, "CreatedDataSource").update(id={"type": "string"}),
    "an answer may be null": lambda d: properties(d, "CreatedDataSources")["bulkId"].update(nullable=True),
    "an answer has more values": lambda d: schema(d, "JobState")["enum"].append("paused"),
    "an answer has one more form": lambda d: schema(d, "CreateAnswer")["oneOf"].append(THIRD),
    "an answer has another status": answered_elsewhere,
    "credentials are refused": lambda d: d["security"].pop(),
    "an operation is renamed": lambda d: operation(d, "get", "/dictionary/columns").update(operationId="findColumns"),
    "a schema is renamed": renamed,
    "an operation moves to another group": lambda d: operation(d, "put", "/redshift/bulk").update(tags=["Snowflake"]),
    "a path value is renamed": lambda d: d["paths"].update(
        {"/dictionary/{id}": d["paths"].pop("/dictionary/{dataSourceId}")}
    ),
    "a default is another": lambda d: d["components"]["parameters"]["Limit"]["schema"].update(default=3),
    "a field may not be sent": lambda d: properties(d, "Column")["nullable"].update(readOnly=True),
}
HARMLESS: dict[str, Edit] = {
    "a description": lambda d: schema(d, "Column").update(description="Another."),
    "a field that may be sent": lambda d: properties(d, "DictionaryBody").update(note={"type": "string"}),
    "a field of an answer": lambda d: properties(d, "CreatedDataSource").update(note={"type": "string"}),
    "a query value": lambda d: operation(d, "get", "/dictionary/columns")["parameters"].append(OFFSET),
    "an operation": lambda d: d["paths"].update({"/new": {"get": {"responses": {"200": {"description": "x"}}}}}),
    "a request needs less": lambda d: schema(d, "DataSourceSettings")["required"].remove("recordFormat"),
    "a request takes more values": lambda d: parameter(d, "/dataSource", "status")["schema"]["items"]["enum"].append(
        "?"
    ),
    "a request has one more form": lambda d: schema(d, "BulkUpdate")["oneOf"].append(THIRD),
    "an answer has fewer values": lambda d: schema(d, "JobState")["enum"].remove("retry"),
    "a refusal": lambda d: operation(d, "get", "/dictionary/columns")["responses"].update(
        {"429": {"description": "x"}}
    ),
}


def edited(edit: Edit) -> list[Change]:
    document = load_spec()
    edit(document)
    return changes(load_spec(), document)


@pytest.mark.usefixtures("redocly")
@pytest.mark.parametrize("edit", BREAKING.values(), ids=BREAKING)
def test_what_can_break_a_client_is_breaking(edit: Edit) -> None:
    assert "major" in {change.impact for change in edited(edit)}


@pytest.mark.usefixtures("redocly")
@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_what_no_client_minds_is_a_change_that_breaks_nothing(edit: Edit) -> None:
    impacts = {change.impact for change in edited(edit)}

    assert impacts in ({"minor"}, {"patch"}, {"minor", "patch"})


@pytest.mark.usefixtures("redocly")
def test_the_version_itself_is_no_change() -> None:
    assert edited(lambda document: document["info"].update(version="2.0.0")) == []


@pytest.mark.usefixtures("redocly")
def test_a_change_of_the_strict_overlay_alone_is_seen(tmp_path: Path) -> None:
    (tmp_path / "overlays").mkdir()
    for name in ("openapi.yaml", "companion.yaml"):
        (tmp_path / name).write_bytes((spec_directory() / name).read_bytes())
    (tmp_path / "overlays" / "strict.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: None yet, version: '1'}\n"
        "actions: [{target: $.info, update: {x-strict: false}}]\n"
    )

    comparison = compare("v1", tmp_path)

    assert {each.says for each in comparison.breaking} >= {
        "Properties of `HandlerUpdate` became required: `connectionString`."
    }


@pytest.mark.usefixtures("redocly")
def test_against_itself_there_is_no_change_and_nothing_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    committed = subprocess.run(["git", "status", "--porcelain", "spec"], cwd=spec_diff.ROOT, capture_output=True)
    if committed.returncode or committed.stdout:
        pytest.skip("there is no repository, or the spec has changes that are not committed")

    status = main(["--base", "HEAD"])

    version = load_spec()["info"]["version"]
    assert status == 0
    assert capsys.readouterr().out == f"spec {version} against {version} of HEAD: 0 breaking, 0 other changes\n"


def test_a_base_that_is_no_revision_ends_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--base", "nowhere"])

    assert status == 2
    assert capsys.readouterr().err == (
        "spec-diff: 'nowhere' is no revision with a folder spec; give a tag, a branch or a commit as BASE\n"
    )


def test_the_last_tag_is_the_nearest_version_behind(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "one")
    before = last_tag(tmp_path)
    git("tag", "v0.1.0")
    git("tag", "other")
    git("commit", "--quiet", "--allow-empty", "-m", "two")

    assert (before, last_tag(tmp_path)) == (None, "v0.1.0")


@pytest.mark.parametrize(("version", "following"), [("1.4.2", "2.0.0"), ("0.3.1", "0.4.0")])
def test_clients_may_break_with_the_next_major_version_or_before_1_the_next_minor_one(
    version: str, following: str
) -> None:
    assert next_version(version) == following


@pytest.mark.parametrize(
    ("after", "changelog", "asked"),
    [
        (
            "1.2.0",
            "- spec 1.2.0",
            (
                "1 breaking change since v1 asks for info.version 2.0.0 or above in spec/openapi.yaml (it is 1.2.0)"
                " and a line in CHANGELOG.md that names `spec 2.0.0`"
            ),
        ),
        ("2.0.0", "- nothing", "1 breaking change since v1 asks for a line in CHANGELOG.md that names `spec 2.0.0`"),
        ("2.0.0", "- spec 2.0.0: ports end at 1000", None),
        ("3.0.0", "- spec 3.0.0: ports end at 1000", None),
    ],
)
def test_a_breaking_change_asks_for_a_version_and_a_line_in_the_changelog(
    after: str, changelog: str, asked: str | None
) -> None:
    assert missing(Comparison("v1", "1.1.0", after, (BOUND,)), changelog) == asked


def test_other_changes_ask_for_nothing() -> None:
    assert missing(Comparison("v1", "1.1.0", "1.1.0", (ADDED,)), "") is None


def test_text_and_markdown_list_the_changes_with_their_places() -> None:
    comparison = Comparison("v1", "1.0.0", "2.0.0", (BOUND, ADDED))

    assert text(comparison) == (
        "spec 2.0.0 against 1.0.0 of v1: 1 breaking, 1 other changes\n"
        "BREAKING  Upper bound of `port` | changed.\n"
        "          #/components/schemas/A/properties/port/maximum\n"
        "minor     PathItem added\n"
        "          #/paths/~1new"
    )
    assert markdown(comparison) == (
        "## spec 2.0.0 against 1.0.0 of v1: 1 breaking, 1 other changes\n"
        "\n"
        "| impact | change | where |\n"
        "| --- | --- | --- |\n"
        "| **breaking** | Upper bound of `port` \\| changed. | `#/components/schemas/A/properties/port/maximum` |\n"
        "| minor | PathItem added | `#/paths/~1new` |\n"
    )
