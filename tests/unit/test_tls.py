"""`immuta-mock --tls`: real clients trust it by the variables that it prints, and no key of it is ever seen."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from immuta_mock.cli import main
from immuta_mock.tls import MARK

PATIENCE = 20
OWNER = {"Authorization": "owner-key-local-only"}
CLIENTS = """
import sys, httpx, requests
headers = {"Authorization": "owner-key-local-only"}
for url in sys.argv[1:]:
    print(requests.get(url, headers=headers).json()["count"], httpx.get(url, headers=headers).json()["count"])
"""


class Mock:
    """The command with TLS in a process of its own, with temporary files of its own, once it listens."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.temporary = directory / "temporary"
        self.temporary.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "immuta_mock", "--port", "0", "--quiet", *options]
        environment = {**os.environ, "TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = self._until_it_listens()
        self.url = self.said.partition("listening on ")[2].splitlines()[0]

    def _until_it_listens(self) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        return said

    def line(self, label: str) -> list[str]:
        """The words after a label of what it printed."""
        return shlex.split(next(line for line in self.said.splitlines() if label in line).partition(label)[2])

    def environment(self) -> Mapping[str, str]:
        """As after pasting what it printed."""
        words = self.line("Trust it")
        assert words[0] == "export"
        return {**os.environ, **dict(word.split("=", 1) for word in words[1:])}

    def stop(self) -> int:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Mock]]:
    started: list[Mock] = []

    def start(*options: str) -> Mock:
        started.append(Mock(tmp_path, *options))
        return started[-1]

    yield start
    for mock in started:
        mock.process.kill()
        mock.process.communicate(timeout=PATIENCE)


def test_requests_and_httpx_trust_it_by_what_it_prints(start: Callable[..., Mock]) -> None:
    mock = start("--tls")
    port = mock.url.rpartition(":")[2]
    urls = [f"https://{host}:{port}/dataSource" for host in ("127.0.0.1", "localhost")]

    done = subprocess.run(
        [sys.executable, "-c", CLIENTS, *urls], env=mock.environment(), capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("0 0\n0 0\n", "")


def test_its_curl_line_can_be_pasted_and_curl_trusts_it_by_the_variables_too(start: Callable[..., Mock]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    mock = start("--tls")
    words = mock.line("Try it")
    assert words[:2] == ["curl", "--cacert"]

    pasted = subprocess.run([*words, "-sS"], capture_output=True, text=True, check=False)
    exported = subprocess.run(
        ["curl", "-sS", *words[3:]], env=mock.environment(), capture_output=True, text=True, check=False
    )

    assert pasted.stdout == exported.stdout
    assert '"userid":"owner"' in pasted.stdout


def test_who_does_not_trust_it_is_not_answered(start: Callable[..., Mock]) -> None:
    mock = start("--tls")
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            session.get(f"{mock.url}/dataSource", headers=OWNER)


def test_ctl_says_what_to_set_to_trust_it(
    start: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mock, file = start("--tls"), "REQUESTS_CA_BUNDLE"
    monkeypatch.delenv(file, raising=False)

    line = f"immuta-mock ctl: {mock.url}/__mock__ is not trusted; set {file} to the file with the mock's CA\n"
    assert (main(["ctl", "--url", mock.url, "get-health"]), capsys.readouterr().err) == (1, line)
    monkeypatch.setenv(file, mock.environment()[file])
    assert main(["ctl", "--url", mock.url, "get-health"]) == 0


def test_no_key_is_on_disk_or_printed_and_its_ca_goes_with_it(start: Callable[..., Mock]) -> None:
    mock = start("--tls")
    files = [path for path in mock.temporary.rglob("*") if path.is_file()]

    assert [path.name for path in files] == ["ca.pem"]
    assert b"PRIVATE" not in files[0].read_bytes()
    assert "PRIVATE" not in mock.said
    assert (mock.stop(), list(mock.temporary.iterdir())) == (0, [])


def test_the_ca_may_have_a_name_and_the_next_start_writes_over_it(start: Callable[..., Mock], tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    for _ in range(2):
        mock = start("--tls-ca", str(file))
        with requests.Session() as session:
            session.trust_env, session.verify = False, str(file)
            assert session.get(f"{mock.url}/dataSource", headers=OWNER).status_code == 200
        assert (mock.stop(), file.read_bytes().startswith(MARK)) == (0, True)


def test_a_file_of_somebody_else_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bundle.pem"
    file.write_text("theirs")

    code = main(["--port", "0", "--tls-ca", str(file)])

    line = f"immuta-mock: {file} is there, and is no CA of a mock; name another file, or remove it\n"
    assert (code, capsys.readouterr().err, file.read_text()) == (2, line, "theirs")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nowhere" / "ca.pem"

    code = main(["--port", "0", "--tls-ca", str(file)])

    line = f"immuta-mock: {file} cannot be written: No such file or directory\n"
    assert (code, capsys.readouterr().err) == (2, line)


def test_without_trustme_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    code = main(["--port", "0", "--tls"])

    line = "immuta-mock: HTTPS needs the package trustme: pip install 'immuta-contract-kit[tls]'\n"
    assert (code, capsys.readouterr().err) == (2, line)
