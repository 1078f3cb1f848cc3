"""The load: the three scenarios, and wrk that sends them."""

import itertools
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import Running

KEY = "owner-key-local-only"
CONNECTIONS = 16
SCRIPT = Path(__file__).parent / "wrk" / "load.lua"
NUMBER = "@" * 8  # stands in a body for a number that no other request has
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scenario:
    """One request; with `refused` the server is to answer 400."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    refused: bool = False


@dataclass(frozen=True)
class Measured:
    """What came of a load: CPU and latencies in milliseconds, for one request."""

    cpu: float
    per_second: float
    p50: float
    p99: float


def body(name: str) -> dict[str, Any]:
    """A create of 3 kilobytes, as a client of a wide table sends it."""
    columns = [
        {"name": f"column_{n}", "dataType": "text", "remoteType": "varchar(255)", "nullable": True} for n in range(33)
    ]
    metadata = {"hostname": "acme.example", "port": 443, "database": "SALES", "table": "ORDERS", "columns": columns}
    source = {"blobHandler": {"scheme": "https", "url": ""}, "blobHandlerType": "Snowflake"}
    source |= {"name": name, "recordFormat": "", "type": "queryable", "sqlTableName": "orders"}
    return {"handler": {"metadata": metadata}, "dataSource": source}


def scenarios(handler_id: int) -> dict[str, Scenario]:
    """By name; the handler is one that is there."""
    create = body(f"bench-{NUMBER}")
    broken = body(f"bench-{NUMBER}")
    broken["dataSource"]["blobHandler"] = "https"
    broken["handler"]["metadata"]["port"] = "443"
    return {
        "get": Scenario("GET", f"/snowflake/handler/{handler_id}"),
        "create": Scenario("POST", "/snowflake/handler", create),
        "refused": Scenario("POST", "/snowflake/handler", broken, refused=True),
    }


def loaded(server: Running, scenario: Scenario, seconds: int, folder: Path) -> Measured:
    """Send the scenario for so long over 16 connections. Stops the benchmark if the answers are not as they must be."""
    file = folder / "body.json"
    if scenario.body is not None:
        file.write_text(json.dumps(scenario.body), "utf-8")
    given = {
        "METHOD": scenario.method,
        "PATH": scenario.path,
        "KEY": KEY,
        "BODY": str(file) if scenario.body is not None else "",
        "FIRST": str(next(_numbers) * 1_000_000),
    }
    before = server.cpu()
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), server.url],
        env={**os.environ, **{f"BENCH_{name}": value for name, value in given.items()}},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    spent = server.cpu() - before
    found = json.loads(said.strip().splitlines()[-1])
    number = found["requests"]
    if found["broken"] or not number or found["refused"] != (number if scenario.refused else 0):
        raise SystemExit(f"{server.url} did not answer {scenario.method} {scenario.path} as it must: {found}")
    return Measured(spent / number * 1000, number / found["seconds"], found["p50"], found["p99"])
