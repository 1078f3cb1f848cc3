"""The typed client and the command `immuta-mock ctl`, against a mock over HTTP."""

import inspect
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from immuta_mock.cli import main
from immuta_mock.control import Control, ControlError
from immuta_mock.control.document import control_checks

SEED = {"dataSources": [{"connector": "asa", "name": "Seeded", "metadata": {"hostname": "h", "database": "d"}}]}


@pytest.fixture
def control(live: Any, request: pytest.FixtureRequest) -> Iterator[Control]:
    """Steers a tenant of the test's own."""
    with Control(live.url, tenant=request.node.name[:60].partition("[")[0]) as control:
        yield control
        control.remove_tenant(request.node.name[:60].partition("[")[0])


def test_the_client_steers_the_state(control: Control) -> None:
    control.load(SEED)
    control.save("seeded")
    control.reset()
    counts = [control.health()["dataSources"]]
    control.restore("seeded")
    counts.append(control.health()["dataSources"])

    assert (counts, control.snapshots()) == ([0, 1], [{"name": "seeded", "dataSources": 1}])
    assert control.state()["dataSources"][0]["name"] == "Seeded"
    control.forget("seeded")
    assert control.snapshots() == []


def test_the_client_steers_time_users_and_jobs(control: Control) -> None:
    assert control.freeze("2026-01-01")["now"] == "2026-01-01T00:00:00.000Z"
    assert control.advance(1)["now"] == "2026-01-01T00:00:01.000Z"
    assert (control.resume()["frozen"], control.time()["frozen"]) == (False, False)
    assert control.add_user("new", "new-key", 9, groups=[3])["groups"] == control.users()[-1]["groups"] == [3]
    assert (control.expire_tokens(), control.expire_tokens("owner"), control.jobs()) == (0, 0, [])
    with pytest.raises(ControlError, match="there is no user 'ownr'; the nearest is owner"):
        control.expire_tokens("ownr")
    for end in (control.complete_job, control.fail_job):
        with pytest.raises(ControlError, match="There is no job 'x/y'"):
            end("x/y")


def test_the_client_steers_faults_and_asks_the_journal(control: Control, live: Any) -> None:
    fault = control.add_fault(effect={"status": 503}, when={"times": 1})
    tenant = "test_the_client_steers_faults_and_asks_the_journal"
    statuses = [live.call("GET", "/dataSource", x_mock_tenant=tenant)[0] for _ in range(2)]

    assert (statuses, control.faults()[0]["applied"]) == ([503, 200], 1)
    assert control.called("listDataSources", times=2) == 2
    assert [entry["status"] for entry in control.journal(operation="listDataSources", limit=1)] == [200]
    assert len(control.har()["log"]["entries"]) == 2
    with pytest.raises(AssertionError, match=r"expected 1 time\(s\) a call with operation listDataSources"):
        control.called("listDataSources", times=1)
    assert control.put_fault(fault["id"], effect={"status": 500}, enabled=False)["enabled"] is False
    assert [each["id"] for each in control.replace_faults([{"effect": {"status": 502}, "id": "one"}])] == ["one"]
    control.remove_fault("one")
    control.clear_faults()
    control.clear_journal()
    assert (control.faults(), control.journal()) == ([], [])
    assert tenant in control.tenants()


def test_the_client_has_a_method_for_every_operation(control: Control) -> None:
    assert (control.document()["openapi"], control.seed_schema()["type"]) == ("3.0.3", "object")
    source = inspect.getsource(Control)

    assert [name for name in control_checks() if f'call("{name}"' not in source] == ["followJournal"]


def test_the_client_says_in_one_line_that_nothing_answers() -> None:
    with pytest.raises(
        ControlError, match=r"^no mock answers at http://127\.0\.0\.1:1/__mock__: ConnectionError; start"
    ):
        Control("http://127.0.0.1:1").health()


def ctl(live: Any, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """The exit code, and the JSON or the one line that was written."""
    code = main(["ctl", "--url", live.url, "--tenant", "ctl", *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else err


def test_every_operation_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["ctl", "--help"])

    shown = capsys.readouterr().out
    names = ["".join(f"-{c.lower()}" if c.isupper() else c for c in name) for name in control_checks()]
    assert (left.value.code, [name for name in names if name not in shown]) == (0, [])


def test_the_command_steers_a_tenant(live: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(json.dumps(SEED))

    assert ctl(live, capsys, "load-state", "--file", str(seed)) == (0, {})
    assert ctl(live, capsys, "get-health")[1]["dataSources"] == 1
    assert ctl(live, capsys, "freeze-time", "at=2026-01-01")[1]["frozen"] is True
    assert ctl(live, capsys, "add-fault", 'effect={"status": 503}', "id=f")[1]["id"] == "f"
    assert ctl(live, capsys, "remove-fault", "f") == (0, {})
    assert ctl(live, capsys, "list-journal", "--status", "503") == (0, [])
    assert ctl(live, capsys, "verify-journal", "operation=getDataSource")[0] == 1
    assert ctl(live, capsys, "verify-journal", "times=0")[0] == 0


def test_the_command_refuses_in_one_line(live: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert ctl(live, capsys, "complete-job", "x") == (1, "immuta-mock ctl: There is no job 'x'.\n")
    line = "immuta-mock ctl: 'x' is no field of a body; write FIELD=VALUE, or name a file with --file\n"
    assert ctl(live, capsys, "advance-time", "x") == (2, line)
    line = "immuta-mock ctl: /no/such.yaml: cannot be read (No such file or directory); check the path.\n"
    assert ctl(live, capsys, "load-state", "--file", "/no/such.yaml") == (2, line)


def test_the_command_empties_nothing_for_want_of_a_body(live: Any, capsys: pytest.CaptureFixture[str]) -> None:
    line = "immuta-mock ctl: load-state needs a body; write FIELD=VALUE, or name a file with --file\n"

    assert ctl(live, capsys, "load-state") == (2, line)


def test_the_command_removes_a_tenant_by_its_name(live: Any, capsys: pytest.CaptureFixture[str]) -> None:
    live.call("GET", "/dataSource", x_mock_tenant="another")

    assert ctl(live, capsys, "remove-tenant", "another") == (0, {})
    line = "immuta-mock ctl: There is no tenant 'another'; it is made by the first request to it.\n"
    assert ctl(live, capsys, "remove-tenant", "another") == (1, line)


def test_the_command_waits_for_a_mock_that_starts(
    start: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(main, ["ctl", "--url", f"http://127.0.0.1:{port}", "--wait", "20", "get-health"])
        time.sleep(0.3)
        was_there = waiting.done()
        start("--port", str(port))
        code = waiting.result()

    assert (was_there, code, json.loads(capsys.readouterr().out)["status"]) == (False, 0, "ok")


def test_the_environment_says_where_the_mock_listens(
    live: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_MOCK_URL", live.url)

    assert main(["ctl", "get-health"]) == 0
    assert json.loads(capsys.readouterr().out)["tenant"] == "default"


@pytest.mark.parametrize(
    ("option", "text", "line"),
    [
        ("--seed-file", "dataSources: 5", "$.dataSources is 5, expected an array."),
        (
            "--seed-file",
            "users: [{name: a, key: a, profile: 1}, {name: b, key: a, profile: 2}]",
            "Bad request: $.users: ",
        ),
        ("--faults", "faults: [{effect: {status: 5}}]", "$.faults[0].effect.status is 5, expected an integer from 200"),
        (
            "--faults",
            "faults: [{effect: {status: 503}, match: {operationId: x}}]",
            "Bad request: there is no operation 'x'",
        ),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, text: str, line: str
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)

    code = main([option, str(path)])

    err = capsys.readouterr().err
    assert (code, err.startswith(f"immuta-mock: {path}: {line}"), err.count("\n")) == (2, True, 1), err
