"""Generated bodies reach nothing beyond the run, and stay as valid or invalid as they were."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from immuta_contracts.check import Check
from immuta_contracts.claims import FORM, Outgoing
from immuta_contracts.contract import Contract
from immuta_contracts.owned import Owner
from immuta_contracts.target import InProcessMock
from immuta_contracts.world import World

Rewrite = Callable[..., Any]


@pytest.fixture
def owned() -> Rewrite:
    """Rewrites a body for an operation, inside an example of a run on a mock."""

    def rewritten(operation_id: str, body: Any, *, content_type: str = "application/json") -> Any:
        found: list[bytes | None] = []

        def example(w: World) -> None:
            owner = Owner(w, w.routes.by_id(operation_id))
            owner.data_source_id, owner.connection_string = 7, "own:1/d"
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            found.append(owner.body(Outgoing("POST", "/", raw, content_type)))

        target = InProcessMock()
        outcome = Contract(target, seed=5).judge(Check("rewrites", "conformance", None, example, once=True), None)
        target.close()
        assert outcome.verdict == "kept", outcome.reason
        return json.loads(found[0] or b"null") if content_type == "application/json" else found[0]

    return rewritten


def test_names_and_hosts_of_a_create_become_the_runs_own(owned: Rewrite) -> None:
    metadata = {"hostname": "theirs", "dataSourceName": "Theirs", "database": "d"}
    made = owned("createAsaDataSource", {"handler": {"metadata": metadata}, "dataSource": {"name": "Theirs", "x": 1}})
    name, host = made["dataSource"]["name"], made["handler"]["metadata"]["hostname"]
    assert name.startswith("contract-5-")
    assert host.endswith(".contract-5.example")
    assert made == {
        "handler": {"metadata": {"hostname": host, "dataSourceName": name, "database": "d"}},
        "dataSource": {"name": name, "x": 1},
    }


def test_each_element_of_an_array_has_a_name_and_a_host_of_its_own(owned: Rewrite) -> None:
    element = {"metadata": {"hostname": "theirs", "dataSourceName": "Theirs"}}
    made = owned("createTrinoDataSource", {"handler": [element, element, 5]})
    metadata = [each["metadata"] for each in made["handler"][:2]]
    assert len({each["dataSourceName"] for each in metadata}) == 2
    assert len({each["hostname"] for each in metadata}) == 2
    assert made["handler"][2] == 5


@pytest.mark.parametrize(
    "body",
    [
        5,
        [],
        None,
        {},
        {"handler": 1, "dataSource": []},
        {"handler": {"metadata": {"hostname": "", "dataSourceName": 3}}, "dataSource": {"name": None}},
        {"handler": [], "dataSource": {"name": ""}},
    ],
)
def test_what_is_wrong_stays_wrong(owned: Rewrite, body: Any) -> None:
    assert owned("createAsaDataSource", body) == body
    assert owned("updateAsaHandler", body) == body


def test_nobody_of_the_tenant_is_given_a_role(owned: Rewrite) -> None:
    source = {"owner": {"profiles": [1, 2], "groups": "wrong"}, "expert": 5, "ingest": {"profiles": [True]}}
    made = owned("createAsaDataSource", {"dataSource": source})["dataSource"]
    assert made == {"owner": {"profiles": [], "groups": "wrong"}, "expert": 5, "ingest": {"profiles": [True]}}


def test_schema_evolution_belongs_to_the_caller(owned: Rewrite) -> None:
    made = owned("createAsaDataSource", {"schemaEvolution": {"ownerProfileId": 99, "disabled": True}})
    assert made == {"schemaEvolution": {"ownerProfileId": 2, "disabled": True}}


def test_a_bulk_update_selects_only_the_runs_own(owned: Rewrite) -> None:
    handler: dict[str, Any] = {"metadata": {}}
    assert owned("bulkUpdateAsaDataSources", {"handler": handler, "connectionString": "theirs:1/x"}) == {
        "handler": handler,
        "connectionString": "own:1/d",
    }
    ids = [1, 2.0, 2.5, "3", "x", True, False, 0, -4, None]
    made = owned("bulkUpdateTrinoDataSources", [{"ids": ids, "connectionString": 5}])
    assert made == [{"ids": [7, 7, 7.5, "7", "x", "true", None, 0, -4, None], "connectionString": 5}]


def test_a_data_source_is_renamed_to_a_name_of_the_run(owned: Rewrite) -> None:
    made = owned("updateDataSource", {"name": "Theirs", "private": True})
    assert made["name"].startswith("contract-5-")
    assert owned("updateDataSource", {"name": 5}) == {"name": 5}


def test_a_login_uses_the_key_of_the_run(owned: Rewrite) -> None:
    assert owned("authenticate", {"apikey": "other", "x": 1}) == {"apikey": "owner-key-local-only", "x": 1}
    assert owned("authenticate", {"apikey": 5}) == {"apikey": 5}
    assert owned("authenticate", {}) == {}
    form = owned("authenticate", b"apikey=other&x=1", content_type=FORM)
    assert form == b"apikey=owner-key-local-only&x=owner-key-local-only"


def test_a_run_does_not_wait_for_jobs_that_nobody_knows(owned: Rewrite) -> None:
    assert owned("getJobStatuses", {"jobIds": ["a"], "wait": -1}) == {"jobIds": ["a"], "wait": 0}
    assert owned("getJobStatuses", {"jobIds": ["a"], "wait": "long"}) == {"jobIds": ["a"], "wait": "long"}


def test_dictionaries_and_what_is_no_json_are_left_alone(owned: Rewrite) -> None:
    body = {"metadata": [{"name": "a"}]}
    assert owned("createDictionary", body) == body
    assert owned("updateDictionary", b"{", content_type="text/plain") == b"{"
