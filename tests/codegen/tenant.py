"""A mock tenant in a process of its own, and which operations a client has called on it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from immuta_mock.spec import load_spec, operations

KEY = "owner-key-local-only"
PATIENCE = 30
LISTENS = re.compile(r"listening on (\S+)")
ANSWERED = re.compile(r"^([A-Z]+) (\S+) 200 ", re.MULTILINE)


@dataclass(frozen=True)
class Tenant:
    """Where it listens, and the file it writes a line into for each request."""

    url: str
    log: Path

    def not_called(self) -> list[str]:
        """The operations of the reference, and the login, that were not answered 200."""
        called = ANSWERED.findall(self.log.read_text())
        wanted = [o for o in operations(load_spec()) if not o.companion or o.operation_id == "authenticate"]
        shapes = {o.operation_id: (o.method, re.compile(re.sub(r"\{\w+\}", "[0-9]+", o.path))) for o in wanted}
        return [
            name
            for name, (method, path) in shapes.items()
            if not any(verb == method and path.fullmatch(target) for verb, target in called)
        ]


@contextmanager
def tenant(log: Path) -> Iterator[Tenant]:
    """A mock on a free port of this machine, stopped at the end."""
    command = [sys.executable, "-m", "immuta_mock", "--port", "0"]
    with log.open("wb") as out:
        mock = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield Tenant(_url(mock, log), log)
    finally:
        mock.terminate()
        mock.wait(PATIENCE)


def _url(mock: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and mock.poll() is None:
        if found := LISTENS.search(log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"the mock did not start: {log.read_text()}")
