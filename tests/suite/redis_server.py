"""A Redis server of the tests' own, on a free port of loopback, to be paused, killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

COMMAND = os.environ.get("STORE_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")

MISSING = "there is no redis-server and no valkey-server: `apt-get install redis-server` brings one"
PATIENCE = 30.0


class RedisServer:
    """One that appends to a file in a folder, so that it goes on where it was; started with `more` options."""

    def __init__(self, folder: Path, *, persists: bool = True, more: Sequence[str] = ()) -> None:
        self._folder = folder
        self._persists = persists
        self._more = more
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = self._started()

    def url(self, prefix: str = "immuta-mock") -> str:
        return f"redis://127.0.0.1:{self.port}/0?prefix={prefix}"

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        options += ["--appendonly", "yes" if self._persists else "no", "--appendfsync", "always"]
        options += ["--loglevel", "warning", *self._more]
        with (self._folder / "redis.log").open("ab") as log:
            process = subprocess.Popen([COMMAND or "", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._answers():
                return process
            time.sleep(0.01)
        process.kill()
        raise AssertionError(f"redis-server did not start: {(self._folder / 'redis.log').read_text()}")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def redis_server(folder: Path, *, persists: bool = True, more: Sequence[str] = ()) -> Iterator[RedisServer]:
    """One that ends with the block."""
    server = RedisServer(folder, persists=persists, more=more)
    try:
        yield server
    finally:
        server.kill()
