"""The command `immuta-mock` in a process of its own, listening on a free port of loopback."""

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER_KEY = "owner-key-local-only"
PATIENCE = 30

Start = Callable[..., "Running"]


class Running:
    """One that listens; what it says on both streams is kept."""

    def __init__(self, log: Path, *words: str) -> None:
        self._log = log
        with log.open("wb") as out:
            command = [sys.executable, "-m", "immuta_mock", *words, "--port", "0"]
            self.process = subprocess.Popen(command, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.url = self._awaited()

    def _awaited(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if match := re.search(r"listening on (\S+)", self.said):
                return match[1]
            time.sleep(0.02)
        raise AssertionError(f"it did not start: {self.said}")

    @property
    def said(self) -> str:
        return self._log.read_text()

    def call(self, method: str, target: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer to the owner; a header that is empty is not sent."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=PATIENCE)
        sent = {name: value for name, value in {"Authorization": OWNER_KEY, **headers}.items() if value}
        connection.request(method, target, None if body is None else json.dumps(body), sent)
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    def stop(self, number: int = signal.SIGTERM) -> str:
        """All it said, once it has ended well; at once if it has ended already."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            assert self.process.wait(PATIENCE) == 0, self.said
        return self.said


@contextmanager
def starting(directory: Path) -> Iterator[Start]:
    """`start(*words)` starts one; all end with the block."""
    started: list[Running] = []

    def start(*words: str) -> Running:
        started.append(Running(directory / f"log-{len(started)}", *words))
        return started[-1]

    try:
        yield start
    finally:
        for running in started:
            running.process.kill()
            running.process.wait(PATIENCE)
