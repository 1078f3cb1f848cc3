"""A mock that keeps its state in a file: killed under load, left without room, and used by a whole contract run."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from immuta_contracts.target import KEY_VARIABLES, MOCK_KEYS
from immuta_mock.cli import main
from immuta_mock.statefile import StateFile
from immuta_mock.tenants import Tenants
from state_trial import PATIENCE, Mock, Trial, sent

pytestmark = pytest.mark.long

VIEWS = ["state", "users", "jobs", "snapshots", "tenants", "time"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def mocks(folder: Path) -> Iterator[list[Mock]]:
    """A mock with the state file of the folder; tests that end it add the next."""
    started = [Mock(folder)]
    yield started
    started[-1].kill()


def views(mock: Mock, *tenants: str) -> dict[str, bytes]:
    """What the control API shows of each tenant, byte for byte."""
    paths = [f"/t/{tenant}/__mock__/{view}" for tenant in tenants for view in VIEWS]
    with closing(mock.connect()) as connection:
        return {path: sent(connection, "GET", path)[1] for path in paths}


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_answered_is_lost_and_nothing_half_done_is_there_after_ten_kills(folder: Path, seed: int) -> None:
    trial = Trial(folder, seed=seed)
    try:
        for _ in range(10):
            trial.kill()
    finally:
        trial.mock.kill()

    assert trial.answers > 10


def test_after_a_contract_run_and_a_kill_the_state_is_there_byte_for_byte(mocks: list[Mock], folder: Path) -> None:
    url = f"http://127.0.0.1:{mocks[0].port}"
    environment = {KEY_VARIABLES[role]: key for role, key in MOCK_KEYS.items()}
    command = [sys.executable, "-m", "immuta_contracts", "run", "--profile", "quick", "--target", f"{url}/t/judged"]
    only = ["--only", "CREATE-2,UPDATE-2,BULK-1,DICT-1,JOB-1,SEARCH-2"]
    run = subprocess.run([*command, *only], cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
    elements = [{"metadata": {"hostname": "h", "database": "d", "table": "t", "dataSourceName": "left"}}]
    settings = {"blobHandlerType": "Trino", "recordFormat": "", "type": "queryable"}
    mocks[0].ask("POST", "/trino/handler", {"handler": elements, "dataSource": settings})
    mocks[0].ask("PUT", "/__mock__/snapshots/kept")
    mocks[0].ask("POST", "/__mock__/time/advance", {"seconds": 90000})
    mocks[0].ask("POST", "/__mock__/time/freeze")
    mocks[0].ask("POST", "/t/judged/__mock__/time/freeze")
    mocks[0].ask("DELETE", "/dataSource/1")
    before = views(mocks[0], "default", "judged")

    mocks[0].kill()
    mocks.append(Mock(folder))

    assert run.returncode == 0, run.stdout
    assert json.loads(before["/t/judged/__mock__/state"])["jobs"] != []
    assert views(mocks[1], "default", "judged") == before


def test_a_stop_leaves_the_file_alone_and_a_later_mock_goes_on_from_it(mocks: list[Mock], folder: Path) -> None:
    user = {"name": "new", "key": "new-key", "profile": 90}
    mocks[0].ask("POST", "/__mock__/users", user)
    mocks[0].process.terminate()
    stopped = mocks[0].process.wait(PATIENCE), sorted(path.name for path in folder.iterdir())

    users = folder / "users.toml"
    users.write_text('[[user]]\nname = "only"\nkey = "only-key"\nprofile = 1\n')
    mocks.append(Mock(folder, "--users", str(users)))
    kept = mocks[1].ask("GET", "/__mock__/users")
    mocks[1].ask("POST", "/__mock__/reset")
    reset = mocks[1].ask("GET", "/__mock__/users")

    assert stopped == (0, ["log", "state.db"])
    assert [user["name"] for user in kept] == ["owner", "second owner", "expert", "reader", "governor", "new"]
    assert [user["name"] for user in reset] == ["only"]
    begun = "--users, --seed-file and --seed-from are for new tenants, and for those that are reset"
    assert f"immuta-mock: warning: {folder}/state.db has a state already; {begun}\n" in mocks[1].said
    assert f"Ctrl-C stops it; {folder}/state.db remembers.\n" in mocks[1].said


@pytest.mark.parametrize("foreign", [False, True])
def test_a_file_that_is_in_use_or_something_else_stops_the_start_in_one_line(
    mocks: list[Mock], folder: Path, capsys: pytest.CaptureFixture[str], *, foreign: bool
) -> None:
    path, why = folder / "state.db", "is in use by another process; end that one, or name another file"
    if foreign:
        path, why = folder / "log", "is no SQLite database; it is left as it is; name another file"

    code = main(["--port", "0", "--state", str(path)])

    assert (code, capsys.readouterr().err) == (2, f"immuta-mock: state file {path}: {why}\n")
    assert mocks[0].ask("GET", "/__mock__/health")["status"] == "ok"


def test_too_many_tenants_stop_the_start_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StateFile(folder / "state.db") as file:
        for name in ("a", "b"):
            Tenants(keeping=file).find(name)

    code = main(["--port", "0", "--state", str(folder / "state.db"), "--tenants", "1"])

    why = "2 tenants are kept, and 1 may be there; let there be more"
    assert (code, capsys.readouterr().err) == (2, f"immuta-mock: state file {folder}/state.db: {why}\n")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the size of files of another process is limited by Linux")
def test_a_write_that_finds_no_room_is_answered_503_and_has_not_happened(mocks: list[Mock], folder: Path) -> None:
    mock, body = mocks[0], {"name": "new", "key": "new-key", "profile": 90}
    mock.ask("POST", "/__mock__/time/freeze")
    before = views(mock, "default")

    _limit_files(mock, (folder / "state.db-wal").stat().st_size)
    with closing(mock.connect()) as connection:
        status, raw = sent(connection, "POST", "/__mock__/users", body)
    without_room = views(mock, "default")
    _limit_files(mock, resource.RLIM_INFINITY)
    mock.ask("POST", "/__mock__/users", body)
    after = views(mock, "default")
    mock.kill()
    mocks.append(Mock(folder))

    message = json.loads(raw)["message"]
    begin, end = "The mock cannot keep its state: ", ". Nothing has changed; mend that and send it again."
    assert (status, message.startswith(begin), message.endswith(end)) == (503, True, True)
    assert without_room == before
    assert json.loads(after["/t/default/__mock__/users"])[-1]["name"] == "new"
    assert views(mocks[1], "default") == after


def _limit_files(mock: Mock, size: int) -> None:
    resource.prlimit(mock.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
