"""A tenant that holds other people's data, and everything of it that can be read, byte for byte."""

import json
from collections.abc import Iterator
from typing import Any

from immuta_contracts.client import Client
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.spec import Routes
from immuta_contracts.target import Target, document

COLUMNS = [
    {"name": "id", "dataType": "integer", "remoteType": "int"},
    {"name": "Mail", "dataType": "text", "remoteType": "text"},
]
LOOKALIKES = (
    *(
        "contract-{0}-1",
        "contract-{0}-12 Sales",
        "contract-{0}a-2",
        "contract-{0}",
        "Contract-{0}-3",
        "contract-{0}x-1",
    ),
    *("contract-law {0}", "a contract-{0}-1", "contract--{0}-1"),
)
"""Names like those of the run with a seed."""
State = dict[str, bytes]


def observer(target: Target) -> Client:
    """Somebody who sees the tenant as it is."""
    return Client(target, Routes(document()))


def settle(client: Client, number: int, seeds: range) -> list[int]:
    """Make that many foreign data sources over the five connectors, with the run's own key; returns their ids.

    Every third shares a connection string, every second has a dictionary, some have names and hosts like a run's.
    """
    return [_made(client, C5[index % 5], index, seeds) for index in range(number)]


def _made(client: Client, connector: Connector, index: int, seeds: range) -> int:
    round_, kind = divmod(index, len(LOOKALIKES))
    seed = seeds[round_ % len(seeds)]
    name = LOOKALIKES[kind].format(seed) + ("" if round_ < len(seeds) else f" {index}")
    host = ("shared.example", f"h{index}.contract-{seed}.example", f"h{index}.acme.example")[index % 3]
    columns = {"columns": COLUMNS} if index % 2 else {}
    metadata: dict[str, Any] = {
        "hostname": host,
        "username": "loader",
        "database": "db",
        "table": f"t{index}",
        **columns,
    }
    fixed = {"blobHandler": {"scheme": "https"}, "blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
    body = {"handler": {"metadata": metadata | columns}, "dataSource": {**fixed, "name": name, "sqlTableName": "t"}}
    answer = client.call("POST", f"/{connector.prefix}/handler", json_body=body)
    assert answer.status == 200, answer.text
    if index % 7 == 0 and columns:
        job = client.call("PUT", f"/{connector.prefix}/handler/{answer.json['id']}/triggerHighCardinalityJob")
        assert job.status == 200, job.text
    identifier: int = answer.json["dataSourceId"]
    return identifier


def state(client: Client) -> State:
    """Every view of every data source of the tenant, by path, and the list of them all."""
    listed = client.call("GET", "/dataSource", query={"size": 100_000})
    found = {"list": listed.body}
    for hit in listed.json["hits"]:
        found |= {path: client.call("GET", path).body for path in _views(client, hit)}
    return found


def held(client: Client) -> State:
    """What the mock itself says it holds: users, data sources with all that belongs to them, and the jobs of these."""
    told = client.call("GET", "/__mock__/state").json
    sources = {each["id"]: each for each in told["dataSources"]}
    jobs = [each for each in told["jobs"] if each["dataSourceId"] in sources]
    parts = {"users": told["users"], "jobs": jobs, **{f"data source {id_}": each for id_, each in sources.items()}}
    return {f"held: {name}": json.dumps(part).encode() for name, part in parts.items()}


def _views(client: Client, hit: dict[str, Any]) -> Iterator[str]:
    source = client.call("GET", f"/dataSource/{hit['id']}").json
    yield f"/dataSource/{hit['id']}"
    yield f"/dictionary/{hit['id']}"
    connector, _, handler = source["blobHandler"]["url"].rpartition("/handler/")
    yield f"/{connector.rpartition('/')[2]}/handler/{handler}"
    yield f"/jobs?connectionString={source['connectionString']}"
