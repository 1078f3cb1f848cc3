"""Kills a mock that keeps its state in a file, again and again while clients write, and looks what is there afterwards.

Each client knows what it was answered. After the kill, what it made is either as after its last answer or as after the
request that was under way, whole: nothing answered is lost, nothing is half done.
"""

import argparse
import http.client
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from immuta_mock.users import DEFAULT_USERS

KEY = DEFAULT_USERS[0].key
PATIENCE = 30.0  # seconds for a mock to start, or to answer
SHORTEST, LONGEST = 0.02, 0.3  # seconds of load before a kill
SEVERAL = (40, 60)
"""How many data sources one request makes; enough for a kill to fall between two of them, if it could."""

FILE = 10
"""How many kills one state file goes through; it grows with each."""

CONNECTION: dict[str, Any] = {"hostname": "acme.example", "username": "loader"}
SETTINGS: dict[str, Any] = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable"}

World = dict[str, tuple[str, bool]]
"""What there is of a client: the warehouse of each data source by its name, and whether it is disabled."""

NO_ANSWER = (OSError, http.client.HTTPException)


class Mock:
    """The command in a process of its own, keeping its state in a file."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._log = folder / "log"
        command = [sys.executable, "-m", "immuta_mock", "--port", "0", "--quiet", "--state", str(folder / "state.db")]
        command += options
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.port = self._awaited_port()

    def _awaited_port(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if match := re.search(r"listening on \S+:(\d+)", self.said):
                return int(match[1])
            time.sleep(0.01)
        raise AssertionError(f"the mock did not start: {self.said}")

    @property
    def said(self) -> str:
        return self._log.read_text()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method: str, target: str, body: Any = None, *, key: str = KEY) -> Any:
        with closing(self.connect()) as connection:
            return asked(connection, method, target, body, key)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def asked(connection: http.client.HTTPConnection, method: str, target: str, body: Any = None, key: str = KEY) -> Any:
    """The JSON of an answer of status 200."""
    status, raw = sent(connection, method, target, body, key)
    assert status == 200, (method, target, status, raw)
    return json.loads(raw)


def sent(
    connection: http.client.HTTPConnection, method: str, target: str, body: Any = None, key: str = KEY
) -> tuple[int, bytes]:
    """The status and the bytes of an answer."""
    headers = {"Authorization": key, "Content-Type": "application/json"}
    connection.request(method, target, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    return response.status, response.read()


class Client:
    """Somebody who writes until there is no answer; several of them share nothing but the mock."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answered: World = {}
        self.under_way: World = {}
        self.answers = 0
        self.ids: list[int] = []
        self.bulks: dict[str, int] = {}
        self.token = KEY
        self._chance = random.Random(name)
        self._count = 0
        self._singles: dict[str, int] = {}
        self._groups: dict[str, list[str]] = {}

    def work(self, mock: Mock) -> None:
        """Write until the mock is gone."""
        acts: list[Callable[[http.client.HTTPConnection], None]] = [
            self._create_one, self._create_several, self._delete, self._log_in, *[self._update_several] * 4,
        ]  # fmt: skip
        with closing(mock.connect()) as connection, suppress(*NO_ANSWER):
            while True:
                self._chance.choice(acts)(connection)
                self.answered = self.under_way
                self.answers += 1

    def settle(self, seen: World) -> None:
        """Go on from what is there; it is as after the last answer, or as after the request under way."""
        wrong = [_differences(seen, expected) for expected in (self.answered, self.under_way) if seen != expected]
        assert len(wrong) < 2, f"neither as answered nor as asked for: {wrong[0][:5]}, {wrong[1][:5]}"
        self.answered = self.under_way = seen
        self._singles = {name: id_ for name, id_ in self._singles.items() if name in seen}
        self._groups = {database: names for database, names in self._groups.items() if names[0] in seen}

    def _create_one(self, connection: http.client.HTTPConnection) -> None:
        name = self._new_name()
        self.under_way = {**self.answered, name: (name, False)}
        metadata = {**CONNECTION, "database": name, "table": "t", "warehouse": name}
        settings = {**SETTINGS, "name": name, "sqlTableName": "t", "blobHandler": {"scheme": "https"}}
        body = {"handler": {"metadata": metadata}, "dataSource": settings}
        self._singles[name] = asked(connection, "POST", "/snowflake/handler", body)["dataSourceId"]
        self.ids.append(self._singles[name])

    def _create_several(self, connection: http.client.HTTPConnection) -> None:
        database, names = self._new_name(), [self._new_name() for _ in range(self._chance.randint(*SEVERAL))]
        self._groups[database] = names
        self.under_way = {**self.answered, **dict.fromkeys(names, (database, False))}
        shared = {**CONNECTION, "database": database, "warehouse": database}
        handlers = [{"metadata": {**shared, "table": name, "dataSourceName": name}} for name in names]
        answer = asked(connection, "POST", "/snowflake/handler", {"handler": handlers, "dataSource": SETTINGS})
        self.bulks[answer["bulkId"]] = len(names)

    def _update_several(self, connection: http.client.HTTPConnection) -> None:
        known = [database for database, names in self._groups.items() if names[0] in self.answered]
        if not known:
            self._create_several(connection)
            return
        database, marker = self._chance.choice(known), self._new_name()
        self.under_way = {**self.answered, **dict.fromkeys(self._groups[database], (marker, False))}
        body = {
            "connectionString": f"loader@acme.example:443/{database}",
            "handler": {"metadata": {"warehouse": marker}},
        }
        answer = asked(connection, "PUT", "/snowflake/bulk", body)
        self.bulks[answer["bulkId"]] = len(self._groups[database])

    def _delete(self, connection: http.client.HTTPConnection) -> None:
        known = [name for name in self._singles if name in self.answered]
        if not known:
            self._create_one(connection)
            return
        name = self._chance.choice(known)
        after, (warehouse, disabled) = dict(self.answered), self.answered[name]
        if disabled:
            del after[name]
        else:
            after[name] = warehouse, True
        self.under_way = after
        asked(connection, "DELETE", f"/dataSource/{self._singles[name]}")

    def _log_in(self, connection: http.client.HTTPConnection) -> None:
        self.token = asked(connection, "POST", "/bim/apikey/authenticate", {"apikey": KEY})["token"]

    def _new_name(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"


def _differences(seen: World, expected: World) -> list[str]:
    names = [name for name in {**seen, **expected} if seen.get(name) != expected.get(name)]
    return [f"{name} is {seen.get(name)}, not {expected.get(name)}" for name in names]


class Trial:
    """One state file in a folder, the clients that write to it, and what its mock is killed and looked at with."""

    def __init__(self, folder: Path, *, clients: int = 4, seed: int = 0) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self.clients = [Client(f"c{number}") for number in range(clients)]
        self.mock = Mock(folder)

    def kill(self) -> None:
        """Let all clients write for a while, kill the mock, start it again and look."""
        threads = [threading.Thread(target=client.work, args=[self.mock], daemon=True) for client in self.clients]
        for thread in threads:
            thread.start()
        time.sleep(self._chance.uniform(SHORTEST, LONGEST))
        self.mock.kill()
        for thread in threads:
            thread.join(PATIENCE)
        self.mock = Mock(self._folder)
        self._look()

    def _look(self) -> None:
        seen: dict[str, World] = {client.name: {} for client in self.clients}
        sources = self.mock.ask("GET", "/__mock__/state")["dataSources"]
        for source in sources:
            seen[source["name"].partition("-")[0]][source["name"]] = source["metadata"]["warehouse"], source["deleted"]
        for client in self.clients:
            client.settle(seen[client.name])
            for bulk_id, size in list(client.bulks.items())[-3:]:
                assert len(self.mock.ask("GET", f"/jobs?bulkId={bulk_id}")) == size
            self.mock.ask("GET", "/bim/rpc/user/current", key=client.token)
        ids = [id_ for client in self.clients for id_ in client.ids]
        assert len(ids) == len(set(ids)), "an id was given twice"
        assert [source["id"] for source in sources] == sorted({source["id"] for source in sources})

    @property
    def answers(self) -> int:
        """How many writes were answered."""
        return sum(client.answers for client in self.clients)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each kill; whatever is lost or half done ends it with an AssertionError that says what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    answered = 0
    for first in range(0, options.kills, FILE):
        kills = range(first, min(first + FILE, options.kills))
        answered += _tried(kills, seed=options.seed + first)
    sys.stdout.write(f"{options.kills} kills, {answered} answered writes, nothing lost, nothing half done\n")
    return 0


def _tried(kills: range, *, seed: int) -> int:
    """How many writes were answered to the clients of one state file."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder), seed=seed)
        try:
            for number in kills:
                before = trial.answers
                trial.kill()
                held = sum(len(client.answered) for client in trial.clients)
                told = f"{trial.answers - before} writes answered, {held} data sources there, all as answered"
                sys.stdout.write(f"kill {number + 1}: {told}\n")
                sys.stdout.flush()
        finally:
            trial.mock.kill()
        return trial.answers


if __name__ == "__main__":
    sys.exit(main())
