"""A run on a tenant that tries connections: nothing is sent to another host, and what would need one is not tried."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from immuta_contracts import run
from immuta_contracts.check import Outcome
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Request
from immuta_contracts.pins import metadata_in
from immuta_contracts.profiles import Profile
from immuta_contracts.reports.text import summary
from immuta_contracts.settings import Connection, Settings
from immuta_contracts.target import InProcessMock
from immuta_mock import Store, create_app
from planting import Reply, Seen, Wire, tapped

pytestmark = pytest.mark.long

SMALL = Profile("small", examples=1, conformance=6, workflows=2, sequences=6, steps=15, operations=12)
PIN: Any = {"hostname": "wh.example", "port": 444, "username": "svc", "password": "pinned-secret", "database": "DB1"}
SETTINGS = Settings(
    mode="own",
    connector={"snowflake": Connection(PIN, tables=("T1", "T2", "T3", "T4", "T5"))},
    secrets={"SNOWFLAKE_PASSWORD": PIN["password"]},
)
CONNECTING = re.compile(r"POST /\w+/handler|PUT /\w+/handler/\d+")
OWNER = (("Authorization", "owner-key-local-only"), ("Content-Type", "application/json"))
UNSETTLED = ("`free`", "`tables`", "is out of scope", "in scope", "kept back by the fence")  # what to change, or why


class TriesConnections(Wire):
    """Refuses what names another host than the one there is; remembers what it refused or took with another login."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def request(self, seen: Seen) -> Reply | None:
        hosts = {metadata.get("hostname") for metadata in metadata_in(seen.json)}
        if elsewhere := [host for host in hosts if isinstance(host, str) and host not in ("", PIN["hostname"])]:
            self.refused += elsewhere
            error = {"statusCode": 400, "error": "Bad Request", "message": f"Bad request: no host {elsewhere[0]}."}
            return Reply(400, error)
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 200 and CONNECTING.fullmatch(f"{seen.method} {seen.path}"):
            shown = [{name: each.get(name) for name in PIN} for each in metadata_in(seen.json)]
            self.refused += [json.dumps(each) for each in shown if each != PIN]


@pytest.fixture
def wire() -> TriesConnections:
    return TriesConnections()


@pytest.fixture
def tenant(wire: TriesConnections) -> Iterator[InProcessMock]:
    """One where others use the same connection, more of them than a page of the list holds."""
    target = InProcessMock(tapped(create_app(Store()), wire))
    for number in range(55):
        column = {"name": "id", "dataType": "integer", "remoteType": "int"}
        source = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable", "sqlTableName": "t"}
        named = {**source, "blobHandler": {"scheme": "https"}, "name": f"Theirs {number}"}
        body = {"handler": {"metadata": {**PIN, "table": "T1", "columns": [column]}}, "dataSource": named}
        target.send(Request("POST", "/snowflake/handler", OWNER, json.dumps(body).encode()))
    yield target
    target.close()


def theirs(tenant: InProcessMock) -> list[Any]:
    """Everything that can be read of the data sources that were there before."""
    paths = [
        f"/{kind}/{number}" for number in range(1, 56) for kind in ("dataSource", "snowflake/handler", "dictionary")
    ]
    listed = Request("GET", "/dataSource?size=1000", OWNER)
    return [tenant.send(listed).json, *(tenant.send(Request("GET", path, OWNER)).json for path in paths)]


def test_a_run_keeps_to_the_pinned_connection_and_to_its_own(tenant: InProcessMock, wire: TriesConnections) -> None:
    before = theirs(tenant)
    contract = Contract(tenant, profile=SMALL, seed=1, settings=SETTINGS)
    outcomes: list[Outcome] = [contract.judge(*planned) for planned in run.plan(contract)]
    assert [outcome.reason for outcome in outcomes if outcome.verdict == "broken"] == []
    assert wire.refused == []
    assert theirs(tenant) == before
    untried = {outcome.reason for outcome in outcomes if outcome.verdict == "not tried"}
    assert [reason for reason in untried if not any(word in reason for word in UNSETTLED)] == []
    kept = sum(outcome.verdict == "kept" for outcome in outcomes)
    assert kept > 0.7 * len(outcomes), f"{kept} of {len(outcomes)}"


def test_a_lie_about_a_pinned_data_source_is_still_found() -> None:
    class LosesTheTolerance(Wire):
        def answer(self, seen: Seen, reply: Reply) -> None:
            if seen.on("GET", "snowflake", "handler") and reply.status == 200:
                reply.json["metadata"].pop("staleDataTolerance", None)

    target = InProcessMock(tapped(create_app(Store()), LosesTheTolerance()))
    contract = Contract(target, profile=SMALL, seed=1, settings=SETTINGS)
    result = run.run(contract, run.plan(contract, "GET-3"), io.StringIO())
    target.close()
    assert [(ruling.promise.id, ruling.verdict) for ruling in result.rulings] == [("GET-3", "broken")]
    assert "pinned-secret" not in summary(run.document(contract, result))
