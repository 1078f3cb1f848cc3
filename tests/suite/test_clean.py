"""`immuta-contract clean` without a ledger: strays are listed, and those of a run that is named are removed."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from foreign import observer
from immuta_contracts.cli import main
from immuta_contracts.client import Client
from immuta_contracts.target import MockProcess
from immuta_mock import create_app
from planting import Reply, Seen, Wire, tapped
from trouble import serving

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
    return clean_at(client.target.base_url, *options)


def clean_at(url: str, *options: str) -> int:
    return main(["clean", "--target", url, "--settle", "0", *options])


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


class SaysItIsGone(Wire):
    """A data source that was to be removed stays, whatever the answer says."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def request(self, seen: Seen) -> Reply | None:
        if not seen.on("DELETE", "dataSource"):
            return None
        again = seen.path in self.asked
        self.asked.add(seen.path)
        return Reply(200, {"id": int(seen.path.rpartition("/")[2]), "hardDelete": again})


def test_what_only_seems_to_be_gone_is_listed_by_the_run_and_by_the_clean_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    monkeypatch.chdir(tmp_path)
    with serving(tapped(create_app(), SaysItIsGone())) as server:
        url = server.url
        assert main(["--target", url, "--only", "GET-4", "--profile", "quick", "--seed", "7"]) == 0
        said = re.search(r"left behind on the target: (.*)", capsys.readouterr().out)
        assert said
        assert said[1].split(", ")[-1].startswith("contract-7-")
        assert clean_at(url) == 1
        assert "are left\n  contract-7-" in capsys.readouterr().out
        assert Path(".immuta-contract/7.jsonl").exists()
