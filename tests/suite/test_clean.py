"""`immuta-contract clean` without a ledger: strays are listed, and those of a run that is named are removed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from foreign import observer
from immuta_contracts.cli import main
from immuta_contracts.client import Client
from immuta_contracts.target import MockProcess

TARGET_FILE = """
[connector.snowflake]
hostname = "wh.example"
username = "loader"
database = "DB1"
"""


@pytest.fixture
def tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    monkeypatch.chdir(tmp_path)
    with closing(MockProcess()) as mock:
        yield observer(mock)


def make(client: Client, name: str, hostname: str) -> None:
    metadata = {"hostname": hostname, "username": "loader", "database": "DB1", "table": name}
    fixed = {
        "blobHandler": {"scheme": "https"},
        "blobHandlerType": "Snowflake",
        "recordFormat": "",
        "type": "queryable",
    }
    body = {"handler": {"metadata": metadata}, "dataSource": {**fixed, "name": name, "sqlTableName": "t"}}
    assert client.call("POST", "/snowflake/handler", json_body=body).status == 200


def names(client: Client) -> list[str]:
    return sorted(hit["name"] for hit in client.call("GET", "/dataSource", query={"size": 100}).json["hits"])


def clean(client: Client, *options: str) -> int:
    return main(["clean", "--target", client.target.base_url, "--settle", "0", *options])


def test_strays_are_listed_by_run_and_not_removed(tenant: Client, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("contract-7-1", "contract-7-2", "contract-8s1-1", "contract-report"):
        make(tenant, name, "h.contract-7.example")
    assert clean(tenant) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if "look like" in line] == [
        "2 data sources look like those of the run 7; to remove them:",
        "1 data sources look like those of the run 8s1; to remove them:",
    ]
    assert len(names(tenant)) == 4


def test_of_a_run_that_is_named_goes_what_bears_its_name_on_its_hosts(tenant: Client) -> None:
    make(tenant, "contract-7-1", "h1.contract-7.example")
    make(tenant, "contract-7-2", "acme.example")
    make(tenant, "contract-71-1", "h1.contract-71.example")
    assert clean(tenant, "--run", "7") == 1
    assert names(tenant) == ["contract-7-2", "contract-71-1"]


def test_what_was_made_on_a_pinned_connection_goes_with_the_target_file(tenant: Client) -> None:
    Path("target.toml").write_text(TARGET_FILE, "utf-8")
    make(tenant, "contract-7-1", "wh.example")
    make(tenant, "contract-7-2", "acme.example")
    make(tenant, "sales", "wh.example")
    assert clean(tenant, "--config", "target.toml", "--run", "7") == 1
    assert names(tenant) == ["contract-7-2", "sales"]


def test_the_ledger_of_a_run_on_another_tenant_proves_nothing_here(
    tenant: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tenant, "contract-7-1", "h1.contract-7.example")
    make(tenant, "contract-7-2", "acme.example")
    ledger = Path("7.jsonl")
    ledger.write_text('{"run": "7", "target": "https://tenant.example"}\n{"intend": "contract-7-2"}\n', "utf-8")
    assert clean(tenant, "--ledger", str(ledger)) == 1
    assert names(tenant) == ["contract-7-2"]
    assert ledger.exists()
    assert "7.jsonl is about https://tenant.example and stays" in capsys.readouterr().err


def test_the_ledger_of_a_run_that_was_killed_before_it_began_is_removed(tenant: Client) -> None:
    make(tenant, "contract-7-1", "h1.contract-7.example")
    Path(".immuta-contract").mkdir()
    Path(".immuta-contract/7.jsonl").write_text('{"run": "7", "tar', "utf-8")
    assert clean(tenant) == 1  # the data source is a stray, and listed
    assert list(Path(".immuta-contract").iterdir()) == []
    assert names(tenant) == ["contract-7-1"]
