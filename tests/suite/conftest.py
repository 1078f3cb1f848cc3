"""A mock with planted defects in a process of its own."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVE = Path(__file__).with_name("serve.py")


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mock with the defects that the test names, in its own process; runs leave it as they found it."""
    log = tmp_path_factory.mktemp("mock") / "mock.log"
    with log.open("wb") as output:
        command = [sys.executable, str(SERVE), "--port", "0", request.param]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _listening(process, log)
    finally:
        process.terminate()
        process.wait(10)


def _listening(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        if match := re.search(r"listening on (\S+)", log.read_text()):
            return match[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
