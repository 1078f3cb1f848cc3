"""The servers that are measured: how each is started, and what is known of its process."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

HERE = Path(__file__).parent
NODE = Path("build/bench/node/node_modules")
PATIENCE = 60.0  # seconds for a server to answer
SCENARIOS = ("get", "create", "refused")


@dataclass(frozen=True)
class Kind:
    """A server by its command, in which {port}, {document} and {recorded} stand for what they say.

    `tries` are the scenarios it can be asked; one that validates nothing refuses nothing.
    """

    name: str
    command: tuple[str, ...]
    tries: tuple[str, ...] = SCENARIOS


def kinds(base: Path | None) -> list[Kind]:
    """Those that can be started here; `base` is the environment with an earlier revision of the mock."""
    found = [
        Kind("this mock", _mock(Path(sys.executable).parent)),
        Kind("bare uvicorn", (sys.executable, str(HERE / "apps/bare.py"), "{port}", "{recorded}"), SCENARIOS[:2]),
        Kind("stock Connexion", (sys.executable, str(HERE / "apps/stock.py"), "{port}", "{document}", "{recorded}")),
    ]
    if base is not None:
        found.insert(1, Kind("base", _mock(base)))
    if shutil.which("redis-server") or shutil.which("valkey-server"):
        shared = (sys.executable, str(HERE / "apps/shared.py"), "{port}")
        found += [Kind("on Redis", (*shared, "1")), Kind("two on Redis", (*shared, "2"))]
    if NODE.exists():
        prism = (str(NODE / ".bin/prism"), "mock", "--port", "{port}", "--verboseLevel", "silent", "{document}")
        backend = ("node", str(NODE.parent / "backend.mjs"), "{port}", "{document}", "{recorded}")
        found += [Kind("Prism", prism), Kind("openapi-backend", backend)]
    return found


def _mock(environment: Path) -> tuple[str, ...]:
    return str(environment / "immuta-mock"), "--port", "{port}", "--quiet"


@dataclass(frozen=True)
class Running:
    """A server that answers; `seconds` is how long it took to."""

    process: psutil.Process
    url: str
    seconds: float

    def cpu(self) -> float:
        """Seconds of CPU so far, of the process and its children."""
        times = [each.cpu_times() for each in self._all()]
        return sum(each.user + each.system for each in times)

    def memory(self) -> float:
        """Resident megabytes."""
        return sum(each.memory_info().rss for each in self._all()) / 2**20

    def peak(self) -> float:
        """The most resident megabytes the process ever had, as Linux says."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def started(kind: Kind, port: int, document: Path, recorded: Path, *, patience: float = PATIENCE) -> Iterator[Running]:
    """Start a server on a port, wait for its first answer, and end it in the end."""
    places = {"port": port, "document": document, "recorded": recorded}
    command = [part.format(**places) for part in kind.command]
    start, log = time.perf_counter(), recorded.with_name(f"{kind.name}.log")
    with log.open("w") as said, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, log, url, start + patience)
            yield Running(psutil.Process(process.pid), url, time.perf_counter() - start)
        finally:
            for each in psutil.Process(process.pid).children(recursive=True):
                each.terminate()
            process.terminate()


def _wait(process: "subprocess.Popen[bytes]", log: Path, url: str, end: float) -> None:
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise SystemExit(f"{log.stem} did not start: {log.read_text('utf-8', 'replace').strip()[-500:]}")
        try:
            requests.get(f"{url}/snowflake/handler/1", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.005)
        else:
            return
    raise SystemExit(f"{log.stem} did not answer in time; see {log}")
