"""The clients of the hard use: each has a connection of its own and knows what it must never be answered."""

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from running import OWNER_KEY

PATIENCE = 30.0
ASKED_FOR = b"A fault was asked for."
BROKEN = "no answer"
SETTINGS = {"blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
GROUP = 20  # data sources that are made, and changed, by one request
PREFERENCES = [
    "mock-status=503",
    "mock-status=500, mock-latency=0.05",
    "mock-latency=0.2",
    "mock-truncate=5",
    "mock-malformed",
    "mock-reset=request",
    "mock-reset=answer",
    "mock-drip; bytes=20; seconds=0.01",
    "mock-content-type=text/html",
    "mock-expire-tokens",
]


class Client:
    """One connection, what came by it, and what of that was wrong."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.chance = random.Random(name)
        self._connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        self._count = 0

    def work(self, turn: Callable[["Client"], None], until: float) -> None:
        """Take turns until a moment; what fails in one is wrong, not the end."""
        while time.monotonic() < until:
            try:
                turn(self)
            except Exception as error:
                self.wrong.append(f"{self.name}: {type(error).__name__}: {error}")
        self._connection.close()

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer; 0 where the connection broke, None for what is no JSON."""
        sent = {"Authorization": OWNER_KEY, **headers}
        try:
            self._connection.request(method, target, None if body is None else json.dumps(body), sent)
            response = self._connection.getresponse()
            status, raw = response.status, response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self.seen[BROKEN] += 1
            return 0, None
        self.seen[str(status)] += 1
        if status >= 500 and ASKED_FOR not in raw:
            self.wrong.append(f"{self.name}: {method} {target} was answered {status} {raw[:200]!r}")
        with suppress(ValueError):
            return status, json.loads(raw)
        return status, None

    def new_name(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"


def several(names: list[str], database: str) -> dict[str, Any]:
    """The body of a create of several data sources."""
    shared = {"hostname": "h", "username": "u", "database": database, "password": "secret"}
    columns = [{"name": f"c{number}", "dataType": "text", "remoteType": "text"} for number in range(10)]
    return {
        "handler": [{"metadata": {**shared, "table": n, "dataSourceName": n, "columns": columns}} for n in names],
        "dataSource": SETTINGS,
    }


class Mixed:
    """Somebody who uses all of the API, on many tenants, and asks for faults."""

    def __init__(self, tenants: list[str]) -> None:
        self._tenants = tenants

    def __call__(self, client: Client) -> None:
        new = client.chance.random() < 0.02
        at = f"/t/{client.new_name() if new else client.chance.choice(self._tenants)}"
        database, names = client.new_name(), [client.new_name() for _ in range(3)]
        _, made = client.ask("POST", f"{at}/redshift/handler", several(names[:1], database))
        handler, source = (made["id"], made["dataSourceId"]) if made and "id" in made else (1001, 1)
        prefer = {"Prefer": client.chance.choice(PREFERENCES)} if client.chance.random() < 0.3 else {}
        client.ask("GET", f"{at}/redshift/handler/{handler}", None, **prefer)
        client.ask("POST", f"{at}/redshift/handler", several(names[1:], database), **prefer)
        string = f"u@h:5439/{database}"
        client.ask("PUT", f"{at}/redshift/bulk", {"connectionString": string, "handler": {"metadata": {"ssl": True}}})
        client.ask("GET", f"{at}/dataSource?connectionString={string}")
        client.ask("GET", f"{at}/dictionary/columns?searchText=c", None, **prefer)
        client.ask("PUT", f"{at}/redshift/handler/{handler}", {"handler": {"metadata": {"port": "x"}}})
        client.ask("PUT", f"{at}/redshift/handler/{handler}/triggerHighCardinalityJob")
        client.ask("GET", f"{at}/nowhere/{'x' * client.chance.randrange(2000)}")
        client.ask("POST", f"{at}/bim/apikey/authenticate", {"apikey": OWNER_KEY})
        client.ask("DELETE", f"{at}/dataSource/{source}", None, **prefer)
        self._steer(client, at)

    def _steer(self, client: Client, at: str) -> None:
        """As tests do: go back to a snapshot, look at the journal."""
        chance = client.chance.random()
        if chance < 0.1 and client.ask("POST", f"{at}/__mock__/snapshots/clean/restore")[0] == 404:
            client.ask("POST", f"{at}/__mock__/reset")
            client.ask("PUT", f"{at}/__mock__/snapshots/clean")
        if chance > 0.99:
            client.ask("GET", f"{at}/__mock__/journal/har")


class Naming:
    """Somebody who makes and removes data sources, and now and then wants a name that all others want, too."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._last = 0
        self.ids: list[int] = []
        self.won: list[str] = []

    def __call__(self, client: Client) -> None:
        turn = int(time.monotonic() / self._every)
        if turn != self._last:
            self._last = turn
            if (made := client.ask("POST", "/asa/handler", several([f"same-{turn}"], "same")))[0] == 200 and made[1]:
                self.won.append(f"same-{turn}")
        _, made_one = client.ask("POST", "/asa/handler", several([client.new_name()], "own"))
        if made_one and "dataSourceId" in made_one:
            self.ids.append(made_one["dataSourceId"])
            for _ in range(2):  # disabled, then removed
                client.ask("DELETE", f"/dataSource/{self.ids[-1]}")


class Grouping:
    """Somebody who makes and changes several at once, in a tenant without faults."""

    def __init__(self, tenant: str) -> None:
        self._at = f"/t/{tenant}"

    def __call__(self, client: Client) -> None:
        client.ask("POST", f"{self._at}/__mock__/reset")
        client.ask("PUT", f"{self._at}/__mock__/faults", {"faults": []})
        for _ in range(10):
            database, names = client.new_name(), [client.new_name() for _ in range(GROUP)]
            client.ask("POST", f"{self._at}/trino/handler", several(names, database))
            change = {"connectionString": f"u@h:443/{database}", "handler": {"metadata": {"schema": "changed"}}}
            client.ask("PUT", f"{self._at}/trino/bulk", change)


class Reading:
    """Somebody who must see each group whole, and either before or after its change."""

    def __init__(self, tenant: str) -> None:
        self._at = f"/t/{tenant}"

    def __call__(self, client: Client) -> None:
        groups: dict[str, list[Any]] = {}
        for source in (client.ask("GET", f"{self._at}/__mock__/state")[1] or {}).get("dataSources", []):
            groups.setdefault(source["metadata"]["database"], []).append(source["metadata"].get("schema"))
        for database, schemas in groups.items():
            if len(schemas) != GROUP or len(set(schemas)) != 1:
                client.wrong.append(f"{client.name}: of {database} there were {len(schemas)}: {set(schemas)}")
