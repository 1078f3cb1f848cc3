"""Uses several mocks on one Redis server at once, from many connections, while the server is killed and held up.

Each client knows what it was answered, and by which of the mocks does not matter: it asks another one each time. What
was answered is there afterwards, whole, and what was refused is not; what was answered 503 says itself whether it may
have happened.
"""

import argparse
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from redis_server import COMMAND, MISSING, RedisServer, redis_server
from running import OWNER_KEY, PATIENCE, Running, starting

PROCESSES, CLIENTS = 4, 16  # each client has a connection to each process
TENANTS = ("default", "one", "two")
IDLE = 3.0
GROUP = 20  # data sources that are made, and changed, by one request
NOTHING, UNDECIDED = "Nothing has changed", "look before you send it again"
SETTINGS: dict[str, Any] = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable"}


class NotServed(Exception):
    """The answer was 503; `undecided` tells whether what was asked for may have happened."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.undecided = UNDECIDED in message


class Client:
    """Somebody with a connection to each mock, in a tenant that others use, too."""

    def __init__(self, name: str, ports: Sequence[int], tenant: str) -> None:
        self.name = name
        self.tenant = tenant
        self.wrong: list[str] = []
        self.seen: Counter[int] = Counter()
        self.ids: list[int] = []
        self.certain: set[str] = set()
        self.possible: set[str] = set()
        """Names of data sources that were made, and of those that may have been."""
        self.groups: dict[str, set[str]] = {}
        """In which databases each group may be: in one, or in two if that was left undecided, or in none ('')."""
        self._connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE) for port in ports]
        self._used = [0.0 for _ in ports]
        self._chance = random.Random(name)
        self._count = count()

    def work(self, until: float) -> None:
        """Take turns until a moment; what is not as it must be is wrong, not the end."""
        acts: list[Callable[[], None]] = [
            self._create, self._create_group, self._move_group, self._be_refused, self._log_in, self._want_with_others,
        ]  # fmt: skip
        while time.monotonic() < until:
            try:
                self._chance.choice(acts)()
            except NotServed:
                time.sleep(0.05)
            except Exception as error:
                self.wrong.append(f"{self.name}: {type(error).__name__}: {error}")
        for connection in self._connections:
            connection.close()

    def ask(self, method: str, target: str, body: Any = None, *, key: str = OWNER_KEY) -> tuple[int, Any]:
        """Status and JSON of the answer of any of the mocks; raises NotServed."""
        connection = self._connection()
        headers = {"Authorization": key, "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/t/{self.tenant}{target}", text, headers)
        response = connection.getresponse()
        status, found = response.status, json.loads(response.read())
        self.seen[status] += 1
        if status == 503:
            assert (found["statusCode"], found["error"]) == (503, "Service Unavailable"), found
            assert NOTHING in found["message"] or UNDECIDED in found["message"], found
            raise NotServed(found["message"])
        assert status < 500, (method, target, status, found)
        return status, found

    def _connection(self) -> http.client.HTTPConnection:
        """One to any of the mocks, which end those that are not used for five seconds."""
        number = self._chance.randrange(len(self._connections))
        connection, now = self._connections[number], time.monotonic()
        if now - self._used[number] > IDLE:
            connection.close()
        self._used[number] = now
        return connection

    def _create(self) -> None:
        """What one mock has made, another one knows at once."""
        name = self._new()
        try:
            status, made = self.ask("POST", "/snowflake/handler", several([name], name))
        except NotServed as error:
            self.possible |= {name} if error.undecided else set()
            raise
        assert status == 200, made
        self.certain.add(name)
        self.ids.append(made["dataSourceId"])
        assert self.ask("GET", f"/snowflake/handler/{made['id']}")[0] == 200, f"{name} is not there"
        status, found = self.ask("GET", f"/dataSource/name/{name}")
        assert (status, found.get("id")) == (200, made["dataSourceId"]), (name, found)

    def _create_group(self) -> None:
        group = self._new()
        names = [f"{group}.{number}" for number in range(GROUP)]
        try:
            status, made = self.ask("POST", "/snowflake/handler", several(names, f"{group}-a"))
        except NotServed as error:
            if error.undecided:
                self.groups[group] = {f"{group}-a", ""}
            raise
        assert status == 200, made
        self.groups[group] = {f"{group}-a"}
        self._look(group)
        assert len(self.ask("GET", f"/jobs?bulkId={made['bulkId']}")[1]) == GROUP, "jobs are missing"

    def _move_group(self) -> None:
        """One request gives all of a group another database; nobody sees some of them in the one, some in the other."""
        groups = [group for group, places in self.groups.items() if len(places) == 1]
        if not groups:
            self._create_group()
            return
        group = self._chance.choice(groups)
        (before,) = self.groups[group]
        after = f"{group}-{'b' if before.endswith('-a') else 'a'}"
        change = {"connectionString": string(before), "handler": {"metadata": {"database": after}}}
        self.groups[group] = {before, after}
        try:
            status, changed = self.ask("PUT", "/snowflake/bulk", change)
        except NotServed as error:
            if not error.undecided:
                self.groups[group] = {before}
            raise
        assert (status, changed["jobsCreated"]) == (200, GROUP), changed
        self.groups[group] = {after}
        self._look(group)

    def _look(self, group: str) -> None:
        """A group is whole, and where it can be."""
        strings = "&".join(f"connectionString={string(f'{group}-{side}')}" for side in "ab")
        hits = self.ask("GET", f"/dataSource?size=100&{strings}")[1]["hits"]
        found = Counter(hit["connectionString"].rpartition("/")[2] for hit in hits)
        places = [{place: GROUP} if place else {} for place in self.groups[group]]
        assert found in places, f"{group} is {found}, and should be one of {places}"

    def _be_refused(self) -> None:
        """A batch with one name that is taken leaves nothing of the others."""
        if not self.certain:
            return
        batch, taken = self._new(), self._chance.choice(sorted(self.certain))
        names = [*(f"{batch}.{number}" for number in range(5)), taken]
        status, answer = self.ask("POST", "/snowflake/handler", several(names, batch))
        assert status == 422, answer
        found = self.ask("GET", f"/dataSource?connectionString={string(batch)}")[1]
        assert found["count"] == 0, f"of the refused {batch} there are {found['count']}"

    def _log_in(self) -> None:
        token = self.ask("POST", "/bim/apikey/authenticate", {"apikey": OWNER_KEY})[1]["token"]
        assert self.ask("GET", "/bim/rpc/user/current", key=token)[0] == 200, "a token is not known"

    def _want_with_others(self) -> None:
        name = f"same-{int(time.monotonic() * 2)}"
        try:
            status, answer = self.ask("POST", "/asa/handler", several([name], "same"))
        except NotServed as error:
            self.possible |= {name} if error.undecided else set()
            raise
        assert status in (200, 422), answer
        if status == 200:
            assert name not in self.certain, f"{name} was given twice"
            self.certain.add(name)
            self.ids.append(answer["dataSourceId"])

    def _new(self) -> str:
        return f"{self.name}-{next(self._count)}"


def several(names: list[str], database: str) -> dict[str, Any]:
    """A body that creates data sources of these names: of the several form, or of the single one for a single name."""
    shared = {"hostname": "acme.example", "username": "loader", "database": database}
    handlers = [{"metadata": {**shared, "table": name, "dataSourceName": name}} for name in names]
    return {"handler": handlers, "dataSource": SETTINGS}


def string(database: str) -> str:
    """The connection string of a snowflake database."""
    return f"loader@acme.example:443/{database}"


class Trial:
    """Several mocks on one server, and clients of all of them."""

    def __init__(self, server: RedisServer, mocks: Sequence[Running], *, clients: int = CLIENTS) -> None:
        self._server = server
        self._mocks = mocks
        ports = [int(mock.url.rpartition(":")[2]) for mock in mocks]
        names = [TENANTS[number % len(TENANTS)] for number in range(clients)]
        self.clients = [Client(f"c{number}", ports, tenant) for number, tenant in enumerate(names)]

    def run(self, seconds: float, trouble: Sequence[Callable[[RedisServer], None]] = ()) -> Counter[int]:
        """Let all clients work, with one trouble after another between them; answers how often each status was seen."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=client.work, args=[until], daemon=True) for client in self.clients]
        for thread in threads:
            thread.start()
        pause = seconds / (len(trouble) + 1)
        for each in trouble:
            time.sleep(pause)
            each(self._server)
        for thread in threads:
            thread.join(seconds + 2 * PATIENCE)
        self._look()
        return sum((client.seen for client in self.clients), Counter())

    def _look(self) -> None:
        """All mocks tell the same, and it is what was answered."""
        wrong = [line for client in self.clients for line in client.wrong]
        said = "".join(mock.said for mock in self._mocks)
        assert not wrong, "\n".join([*wrong[:10], said[-5000:]])
        for tenant in TENANTS:
            states = [mock.call("GET", f"/t/{tenant}/__mock__/state") for mock in self._mocks]
            assert all(state == states[0] and state[0] == 200 for state in states), f"the mocks differ about {tenant}"
            self._compare(tenant, states[0][1]["dataSources"])

    def _compare(self, tenant: str, sources: list[dict[str, Any]]) -> None:
        clients = [client for client in self.clients if client.tenant == tenant]
        names, ids = [source["name"] for source in sources], [source["id"] for source in sources]
        assert len(set(names)) == len(names), "a name is there twice"
        assert len(set(ids)) == len(ids), "an id is there twice"
        given = [id_ for client in clients for id_ in client.ids]
        assert len(set(given)) == len(given), "an id was given twice"
        singles = {name for name in names if "." not in name}
        won = Counter(name for client in clients for name in client.certain)
        assert max(won.values(), default=1) == 1, f"a name was given twice: {won.most_common(3)}"
        certain = set(won)
        possible = {name for client in clients for name in client.possible}
        assert certain <= singles <= certain | possible, (certain - singles, singles - certain - possible)
        found: dict[str, Counter[str]] = {}
        for source in sources:
            group, dot, _ = source["name"].partition(".")
            if dot:
                found.setdefault(group, Counter())[source["metadata"]["database"]] += 1
        expected = {group: places for client in clients for group, places in client.groups.items()}
        assert set(found) <= set(expected), f"of refused batches there are {sorted(set(found) - set(expected))}"
        for group, places in expected.items():
            assert found.get(group, {}) in [{place: GROUP} if place else {} for place in places], (group, found, places)


def kill(server: RedisServer) -> None:
    """As a crash: the process is gone, and another one reads what was appended."""
    server.kill()
    time.sleep(0.5)
    server.start_again()


def hold_up(server: RedisServer) -> None:
    """As a network that loses all: connections stay, and nothing comes by them."""
    server.pause()
    time.sleep(2.5)
    server.go_on()


@contextmanager
def trial(folder: Path, *, clients: int = CLIENTS, processes: int = PROCESSES) -> Iterator[Trial]:
    """One whose server and mocks end with the block."""
    with redis_server(folder) as server, starting(folder) as start:
        words = ("--quiet", "--store", f"{server.url('trial')}&socket_timeout=1")
        yield Trial(server, [start(*words) for _ in range(processes)], clients=clients)


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was seen; whatever is lost, half done or there twice ends it with an AssertionError that says what."""
    if COMMAND is None:
        raise SystemExit(MISSING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--troubles", type=int, default=10)
    options = parser.parse_args(argv)
    troubles = [kill if number % 2 else hold_up for number in range(options.troubles)]
    with tempfile.TemporaryDirectory() as folder, trial(Path(folder)) as found:
        seen = found.run(options.seconds, troubles)
    told = ", ".join(f"{number} answered {status}" for status, number in sorted(seen.items()))
    names = f"{PROCESSES} mocks, {PROCESSES * CLIENTS} connections, {options.troubles} times killed or held up"
    sys.stdout.write(f"{names}: {told}; nothing lost, nothing twice, nothing half done\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
