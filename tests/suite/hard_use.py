"""Uses a mock hard, with faults on and bad clients about, and then looks what it has come to.

`make hard-use` prints a line each minute: requests, memory, file handles. Whatever is not as it must be ends it with 1.
"""

import argparse
import json
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from hard_clients import PATIENCE, Client, Grouping, Mixed, Naming, Reading
from immuta_mock.serving import SECONDS_FOR_HEAD, raise_file_limit
from running import Running, starting

MIXED, NAMING, GROUPS = 40, 16, 4  # clients; a group has one that writes and one that reads
TENANTS = 32
BAD = 200  # connections that are no good
IDLE = 10_000
ROOM = 200  # file handles that are none of idle connections
GROWTH = 1.2  # how much more memory there may be at the end than at half time

FAULTS = [
    {"effect": {"latency": {"median": 0.01, "sigma": 1}}, "when": {"probability": 0.1}},
    {"effect": {"status": 503, "headers": {"Retry-After": "1"}}, "when": {"probability": 0.02}},
    {"effect": {"reset": "answer"}, "when": {"probability": 0.005}},
    {"effect": {"truncate": 10}, "when": {"probability": 0.005}},
    {"effect": {"drip": {"bytes": 50, "seconds": 0.005}}, "when": {"probability": 0.01}},
]


class Use:
    """A mock, its clients, and what is known of both."""

    def __init__(self, mock: Running, minutes: float) -> None:
        self._mock = mock
        self._address = mock.url.removeprefix("http://")
        self._seconds = minutes * 60
        self._naming = [Naming(every=2) for _ in range(NAMING)]
        self.wrong: list[str] = []
        self.clients: list[Client] = []

    def run(self) -> None:
        """All of it, a line for each minute and what was wrong on the way."""
        before, begun = self.handles(), time.monotonic()
        threads = self._started(begun + self._seconds)
        memory: list[float] = []
        for second in range(1, int(self._seconds) + 1):
            time.sleep(max(0, begun + second - time.monotonic()))
            memory.append(self.memory())
            if second % 60 == 0:
                self._tell(second // 60)
        for thread in threads:
            thread.join(PATIENCE * 2)
        self._judge(memory)
        self._expect(self._settled(before), before, "file handles after the load")
        self._idle(before)

    def _started(self, until: float) -> list[threading.Thread]:
        stable = [f"t-{number}" for number in range(TENANTS - GROUPS)]
        turns = [
            *[Mixed(stable) for _ in range(MIXED)],
            *self._naming,
            *[turn for number in range(GROUPS) for turn in (Grouping(f"g-{number}"), Reading(f"g-{number}"))],
        ]
        self.clients = [Client(self._address, f"c{number}") for number in range(len(turns))]
        works = zip(self.clients, turns, strict=True)
        threads = [threading.Thread(target=client.work, args=[turn, until]) for client, turn in works]
        threads.append(threading.Thread(target=self._misbehave, args=[until]))
        for thread in threads:
            thread.start()
        return threads

    def _misbehave(self, until: float) -> None:
        """Heads that go on for ever, heads that are too long, clients that go away in the middle."""
        while time.monotonic() < until:
            with ExitStack() as stack:
                bad = [stack.enter_context(closing(self._connect())) for _ in range(BAD)]
                for number, connection in enumerate(bad):
                    begun = b"GET /dataSource HTTP/1.1\r\nX-Long: "
                    connection.sendall(begun + b"a" * (100_000 if number % 4 == 0 else 0))
                    if number % 4 == 1:
                        connection.shutdown(socket.SHUT_WR)
                for _ in range(5):
                    time.sleep(1)
                    for connection in bad[2::4]:
                        with suppress(OSError):
                            connection.sendall(b"a")

    def _connect(self) -> socket.socket:
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)

    # What is known of the mock

    def memory(self) -> float:
        """Resident megabytes."""
        pages = int(Path(f"/proc/{self._mock.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20

    def handles(self) -> int:
        return len(list(Path(f"/proc/{self._mock.process.pid}/fd").iterdir()))

    def _settled(self, number: int) -> int:
        """How many file handles there are, after waiting for that many."""
        deadline = time.monotonic() + SECONDS_FOR_HEAD + PATIENCE
        while (found := self.handles()) != number and time.monotonic() < deadline:
            time.sleep(0.2)
        return found

    # What has come of it

    def _tell(self, minutes: int) -> None:
        sent = sum(sum(client.seen.values()) for client in self.clients)
        figures = f"{sent} requests, {sent / minutes / 60:.0f}/s, {self.memory():.0f} MB, {self.handles()} file handles"
        sys.stdout.write(f"minute {minutes}: {figures}\n")
        sys.stdout.flush()

    def _judge(self, memory: Sequence[float]) -> None:
        seen: Counter[str] = Counter()
        for client in self.clients:
            seen += client.seen
            self.wrong += client.wrong
        sys.stdout.write(f"answers by status: {json.dumps(dict(sorted(seen.items())))}\n")
        half = max(memory[: len(memory) // 2])
        sys.stdout.write(f"memory: at most {half:.0f} MB in the first half, {max(memory):.0f} MB in all\n")
        if max(memory) > half * GROWTH:
            self.wrong.append(f"memory grew from {half:.0f} MB at half time to {max(memory):.0f} MB")
        ids = [id_ for each in self._naming for id_ in each.ids]
        self._expect(len(set(ids)), len(ids), "distinct ids of data sources")
        won = [name for each in self._naming for name in each.won]
        self._expect(len(set(won)), len(won), "names that all wanted and one got")
        names = [source["name"] for source in self._mock.call("GET", "/__mock__/state")[1]["dataSources"]]
        self._expect(len(set(names)), len(names), "distinct names")
        tenants = len(self._mock.call("GET", "/__mock__/tenants")[1])
        self._expect(tenants, TENANTS + 1, "tenants, the default one included")
        self._expect(self._mock.said.count("Traceback"), 0, "tracebacks in the log")

    def _idle(self, before: int) -> None:
        """Connections that say nothing hold up nobody, and go."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        number, took, tries = min(IDLE, most - ROOM), [], 200
        with ExitStack() as stack:
            for _ in range(number):
                stack.enter_context(closing(self._connect()))
            held = self._settled(before + number) - before
            client = Client(self._address, "beside")
            for _ in range(tries):
                start = time.perf_counter()
                client.ask("GET", "/nowhere")
                took.append((time.perf_counter() - start) * 1000)
            answered = client.seen["404"] + client.seen["503"] + client.seen["no answer"]
            self._expect(answered, tries, f"answers beside {held} idle connections")
            self._expect(self._settled(before + 1) <= before + 1, True, "idle connections are ended")
        figures = f"{statistics.median(took):.1f} ms in the middle, {max(took):.1f} ms at most"
        sys.stdout.write(f"beside {held} idle connections: {figures}\n")
        self.wrong += client.wrong
        self._expect(self._settled(before), before, "file handles after idle connections")

    def _expect(self, found: object, wanted: object, what: str) -> None:
        sys.stdout.write(f"{what}: {found}\n")
        if found != wanted:
            self.wrong.append(f"{what}: {found}, not {wanted}")


def main(argv: Sequence[str] | None = None) -> int:
    """1 if something was wrong, with what it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args(argv)
    raise_file_limit()
    with tempfile.TemporaryDirectory() as folder, starting(Path(folder)) as start:
        faults = Path(folder) / "faults.json"
        faults.write_text(json.dumps({"faults": FAULTS}))
        use = Use(start("--quiet", "--tenants", str(TENANTS), "--faults", str(faults)), options.minutes)
        use.run()
    for line in use.wrong[:50]:
        sys.stdout.write(f"WRONG {line}\n")
    sys.stdout.write(f"{len(use.wrong)} things were wrong\n")
    return 1 if use.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
