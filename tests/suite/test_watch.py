"""`--watch`: documents and users are read again when they change, and nothing else of the mock is."""

import http.client
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import immuta_mock
from immuta_mock.spec import spec_directory
from running import PATIENCE, Running, Start, starting

LIST, SEARCH = "/dataSource", "/dictionary/columns"
OWNER = {"Authorization": "owner-key-local-only"}
DATA_SOURCE = {
    "handler": [{"metadata": {"hostname": "h", "database": "d", "table": "t", "dataSourceName": "kept"}}],
    "dataSource": {"blobHandlerType": "x", "recordFormat": "", "type": "queryable"},
}
STAYS = "but what was in force stays: "


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


def write(path: Path, text: str) -> Path:
    """Save as editors do: another file takes the place of the one that was there."""
    path.with_suffix(".new").write_text(text)
    return path.with_suffix(".new").rename(path)


def overlay(*actions: dict[str, Any]) -> str:
    return json.dumps({"overlay": "1.0.0", "info": {"title": "Changes", "version": "1"}, "actions": actions})


def title(text: str) -> dict[str, Any]:
    return {"target": "$.info", "update": {"title": text}}


def users(*tables: tuple[str, str, int]) -> str:
    return "".join(f'[[user]]\nname = "{name}"\nkey = "{key}"\nprofile = {profile}\n' for name, key, profile in tables)


def told(mock: Running, what: str) -> str:
    """The line that says it, once it is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if lines := [line for line in mock.said.splitlines() if what in line]:
            return lines[-1]
        time.sleep(0.02)
    raise AssertionError(f"nothing says {what!r}: {mock.said}")


def ask(connection: http.client.HTTPConnection, target: str, **headers: str) -> tuple[int, Any]:
    connection.request("GET", target, headers={**OWNER, **headers})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def connect(mock: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=PATIENCE)


def test_a_good_edit_is_in_force_and_all_else_stays(start: Start, tmp_path: Path) -> None:
    path = write(tmp_path / "changes.yaml", overlay({"target": f"$.paths['{LIST}']", "remove": True}))
    mock = start("--watch", "--quiet", "--overlay", str(path))
    made = mock.call("POST", "/t/a/asa/handler", DATA_SOURCE)
    kept, waiting = connect(mock), connect(mock)
    before = ask(kept, LIST)[0]
    waiting.request("GET", LIST, headers={**OWNER, "Prefer": "mock-latency=2"})
    written = kept.sock

    write(path, overlay(title("Changed")))
    line = told(mock, "is in force")

    assert line == f"immuta-mock: {path} has changed; what it says now is in force"
    assert (before, ask(kept, LIST)[0]) == (404, 200)
    assert ask(kept, "/openapi.json")[1]["info"]["title"] == "Changed"
    assert ask(kept, "/t/a/asa/handler/1001")[1]["metadata"]["dataSourceName"] == "kept"
    assert [entry["path"] for entry in ask(kept, "/t/a/__mock__/journal")[1]] == [
        "/asa/handler",
        "/asa/handler/1001",
    ]
    assert made[0] == 200
    assert kept.sock is written is not None
    assert waiting.getresponse().status == 404  # by the document that it was sent under
    kept.close()
    waiting.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not valid YAML"),
        (overlay({"target": "$.nothing", "remove": True}), "matches nothing"),
        (overlay({"target": "$.paths['/x']", "update": {}}), "matches nothing"),
        (overlay({"target": "$.info.title", "remove": True}), "no valid OpenAPI"),
        (overlay({"target": "$.components", "remove": True}), "Unresolvable"),
    ],
)
def test_a_broken_edit_is_told_in_one_line_and_changes_nothing(
    start: Start, tmp_path: Path, text: str, reason: str
) -> None:
    path = write(tmp_path / "changes.yaml", overlay(title("First")))
    mock = start("--watch", "--quiet", "--overlay", str(path))
    begun = len(mock.said.splitlines())

    write(path, text)
    refused = told(mock, STAYS)
    lines, kept = len(mock.said.splitlines()) - begun, mock.call("GET", "/openapi.json")[1]["info"]["title"]
    path.write_text(overlay(title("Second")))
    told(mock, "is in force")

    assert refused.startswith(f"immuta-mock: {path} has changed, {STAYS}")
    assert (reason in refused, lines, kept) == (True, 1, "First")
    assert mock.call("GET", "/openapi.json")[1]["info"]["title"] == "Second"
    mock.stop()


def test_users_of_the_file_come_and_go_in_all_tenants_and_others_stay(start: Start, tmp_path: Path) -> None:
    path = write(tmp_path / "users.toml", users(("first", "first-key", 1), ("second", "second-key", 2)))
    mock = start("--watch", "--quiet", "--users", str(path))
    mock.call("POST", "/t/a/__mock__/users", {"name": "own", "key": "own-key", "profile": 9}, Authorization="")

    def known(tenant: str) -> list[str]:
        return [user["name"] for user in mock.call("GET", f"/t/{tenant}/__mock__/users", Authorization="")[1]]

    write(path, users(("second", "second-key", 2), ("third", "third-key", 3)))
    told(mock, "is in force")
    found = known("default"), known("a"), known("new")
    mock.call("POST", "/t/a/__mock__/reset", Authorization="")

    assert found == (["second", "third"], ["second", "third", "own"], ["second", "third"])
    assert known("a") == ["second", "third"]
    keys = ("first-key", "second-key", "third-key")
    assert [mock.call("GET", SEARCH, Authorization=key)[0] for key in keys] == [401, 200, 200]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[user]]\nkey = 'secret-key'\n", "user 1 lacks the field 'name'"),
        (users(("new", "own-key", 5)), "users 1 and 2 have the same key; each needs its own"),
    ],
)
def test_users_that_cannot_be_are_told_in_one_line_and_nobody_changes(
    start: Start, tmp_path: Path, text: str, reason: str
) -> None:
    path = write(tmp_path / "users.toml", users(("first", "first-key", 1)))
    mock = start("--watch", "--quiet", "--users", str(path))
    mock.call("POST", "/t/a/__mock__/users", {"name": "own", "key": "own-key", "profile": 9}, Authorization="")

    write(path, text)
    line = told(mock, STAYS)

    assert line.startswith(f"immuta-mock: {path} has changed, {STAYS}")
    assert line.endswith(reason)
    assert [mock.call("GET", SEARCH, Authorization=key)[0] for key in ("first-key", "own-key")] == [200, 401]
    assert mock.call("GET", f"/t/a{SEARCH}", Authorization="own-key")[0] == 200


def test_the_published_document_of_a_checkout_is_read_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(Path(str(immuta_mock.__file__)).parent, tmp_path / "mock" / "immuta_mock")
    document = Path(shutil.copytree(spec_directory(), tmp_path / "spec")) / "openapi.yaml"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "mock"))
    mock = start("--watch", "--quiet")
    text = document.read_text()
    before = mock.call("GET", "/openapi.json")[1]["info"]["version"]

    write(document, text.replace(f"version: {before}", "version: 9.9.9", 1))
    told(mock, "is in force")
    after = mock.call("GET", "/openapi.json")[1]["info"]["version"]
    document.unlink()
    line = told(mock, STAYS)

    assert (before != after, after) == (True, "9.9.9")
    assert "cannot be read" in line or "is neither in" in line
    assert mock.call("GET", SEARCH) == (200, [])
