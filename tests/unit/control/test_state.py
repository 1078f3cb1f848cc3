"""The state of a tenant over the control API: read, reset, loaded from a seed, kept in snapshots and brought back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from immuta_mock import Store
from immuta_mock.control.document import read_file, seed_schema
from immuta_mock.documents import SpecError
from immuta_mock.store.state import State
from immuta_mock.tenants import Tenants

Call = Callable[..., tuple[int, Any]]

SMALL: dict[str, Any] = {
    "dataSources": [
        {"connector": "trino", "name": "Bare", "metadata": {"hostname": "h", "database": "d"}},
        {
            "connector": "snowflake",
            "name": "Described",
            "metadata": {"hostname": "h", "database": "d", "table": "t", "username": "u", "password": "s3cret"},
            "dictionary": {"columns": [{"name": "EMAIL", "dataType": "text", "remoteType": "varchar"}]},
            "dataSource": {"description": "Seeded."},
        },
    ]
}


def everything(call: Call) -> list[Any]:
    """All data sources whole, with their handlers and dictionaries, as clients see them."""
    hits = call("GET", "/dataSource?size=1000")[1]["hits"]
    seen = []
    for hit in hits:
        whole = call("GET", f"/dataSource/{hit['id']}")[1]
        dictionary = call("GET", f"/dictionary/{hit['id']}")
        seen.append((whole, call("GET", whole["blobHandler"]["url"]), dictionary))
    return seen


def use(call: Call, create_body: Any) -> None:
    """Bring about some of everything that a state can hold."""
    handler = call("POST", "/snowflake/handler", create_body("One"))[1]["id"]
    call("PUT", f"/snowflake/handler/{handler}/triggerHighCardinalityJob")
    several = create_body("ignored")
    del several["dataSource"]["name"], several["dataSource"]["sqlTableName"]
    one, two = dict(several["handler"]["metadata"]), dict(several["handler"]["metadata"])
    several["handler"] = [
        {"metadata": {**one, "dataSourceName": "Two", "table": "2"}},
        {"metadata": {**two, "dataSourceName": "Three", "table": "3"}},
    ]
    assert call("POST", "/asa/handler", several)[0] == 200
    call("PUT", "/dataSource/2", {"description": "changed", "unknown": {"kept": [1]}})
    call("DELETE", "/dataSource/3")
    call("DELETE", "/dictionary/1")


def test_a_state_that_was_read_and_loaded_elsewhere_is_the_same(call: Call, steer: Call, create_body: Any) -> None:
    use(call, create_body)
    status, state = steer("GET", "/state")
    here = {"X-Mock-Tenant": "elsewhere"}

    assert (status, steer("PUT", "/state", state, here)) == (200, (200, {}))
    assert steer("GET", "/state", None, here) == (200, state)
    assert everything(call) == everything(lambda method, target: call(method, f"/t/elsewhere{target}"))
    assert "s3cret" not in json.dumps(state)
    jobs = [job["id"] for job in state["jobs"]]
    assert len(jobs) == 3
    assert call("POST", "/jobs/statuses", {"jobIds": jobs}, here) == call("POST", "/jobs/statuses", {"jobIds": jobs})


def test_ids_go_on_above_those_of_a_seed(call: Call, steer: Call, create_body: Any) -> None:
    seed: Any = {"dataSources": [{**SMALL["dataSources"][0], "id": 70, "handlerId": 7000}]}
    steer("PUT", "/state", seed)

    answer = call("POST", "/snowflake/handler", create_body())[1]

    assert (answer["id"], answer["dataSourceId"]) == (7001, 71)


def test_a_seed_is_listed_in_the_order_of_its_ids(call: Call, steer: Call) -> None:
    bare = SMALL["dataSources"][0]
    steer("PUT", "/state", {"dataSources": [{**bare, "name": "a", "id": 5}, bare, {**bare, "name": "c", "id": 3}]})

    assert [hit["id"] for hit in call("GET", "/dataSource")[1]["hits"]] == [3, 5, 6]


def test_new_ids_avoid_those_that_a_seed_brought_along(call: Call, steer: Call, create_body: Any) -> None:
    use(call, create_body)
    state = steer("GET", "/state")[1]
    steer("PUT", "/state", state, {"X-Mock-Tenant": "same-seed"})

    handler = state["dataSources"][0]["handlerId"]
    headers = {"X-Mock-Tenant": "same-seed"}
    job = call("PUT", f"/snowflake/handler/{handler}/triggerHighCardinalityJob", None, headers)[1]

    assert job not in [known["id"] for known in state["jobs"]]


def test_a_small_seed_is_filled_in_as_the_tenant_would(call: Call, steer: Call) -> None:
    assert steer("PUT", "/state", SMALL) == (200, {})

    bare, described = everything(call)
    assert (bare[0]["blobHandlerType"], bare[0]["createdBy"], bare[2][0]) == ("Starburst (Trino)", 2, 404)
    assert (described[0]["description"], described[0]["connectionString"]) == ("Seeded.", "u@h:443/d")
    assert [(column["name"], column["nullable"]) for column in described[2][1]["metadata"]] == [("EMAIL", True)]
    assert "password" not in described[1][1]["metadata"]


def test_a_seed_is_taken_as_yaml_too(call: Call, steer: Call) -> None:
    text = "dataSources:\n- {connector: asa, name: Y, metadata: {hostname: h, database: d}}\n"

    assert steer("PUT", "/state", text.encode(), {"content-type": "application/yaml"}) == (200, {})
    assert call("GET", "/dataSource")[1]["hits"][0]["name"] == "Y"


def spoilt(**changes: Any) -> dict[str, Any]:
    return {"dataSources": [SMALL["dataSources"][0], {**SMALL["dataSources"][1], **changes}]}


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (spoilt(name="Bare"), "$.dataSources[1].name is 'Bare', which $.dataSources[0] has already"),
        (spoilt(createdAt="soon"), "'soon' is no time in ISO 8601, such as 2026-01-15T12:00:00Z"),
        (
            spoilt(connector="oracle"),
            '$.dataSources[1].connector is "oracle", expected one of "asa", "trino", "snowflake", ',
        ),
        ({"datasources": []}, "$.datasources is unknown, expected one of the fields version, users, dataSources, "),
        ({"users": [{"name": "a", "key": "k", "profile": 1}] * 2}, "$.users: users 1 and 2 have the same key"),
        (
            spoilt(dictionary={"columns": [{"name": "A", "dataType": "t", "remoteType": "t"}] * 2}),
            "$.dataSources[1].dictionary.columns names the column 'A' more than once",
        ),
        ([], "$ is an array of 0, expected an object"),
    ],
)
def test_a_seed_that_cannot_be_is_refused_and_changes_nothing(steer: Call, seed: Any, message: str) -> None:
    steer("PUT", "/state", {"dataSources": SMALL["dataSources"][:1]})
    before = steer("GET", "/state")

    status, answer = steer("PUT", "/state", seed)

    assert (status, answer["message"].startswith(f"Bad request: {message}")) == (400, True), answer["message"]
    assert steer("GET", "/state") == before


def test_a_seed_that_is_no_yaml_is_refused_with_its_line(steer: Call) -> None:
    status, answer = steer("PUT", "/state", b"a: [\nb", {"content-type": "application/yaml"})

    assert (status, answer["message"][:53]) == (400, "Bad request: the body, line 3: is not valid YAML: did")


def test_the_schema_of_seeds_is_published_and_judges_them(steer: Call) -> None:
    status, schema = steer("GET", "/seed.schema.json")

    validator = jsonschema_rs.Draft4Validator(schema)
    assert (status, schema) == (200, seed_schema())
    seeds: list[Any] = [SMALL, {}, {"datasources": []}]
    assert [validator.is_valid(seed) for seed in seeds] == [True, True, False]


def test_a_seed_file_is_read_as_yaml_or_json(tmp_path: Path) -> None:
    good, bad = tmp_path / "seed.json", tmp_path / "bad.yaml"
    good.write_text(json.dumps(SMALL))
    bad.write_text("dataSources: 5\n")

    assert read_file(good, "State") == SMALL
    with pytest.raises(SpecError, match=r"bad\.yaml: \$\.dataSources is 5, expected an array\.$"):
        read_file(bad, "State")


def test_a_reset_brings_the_start_back(call: Call, steer: Call, create_body: Any) -> None:
    before = steer("GET", "/state")
    call("POST", "/snowflake/handler", create_body())
    steer("POST", "/users", {"name": "new", "key": "new-key", "profile": 9})
    steer("POST", "/time/freeze", {"at": "2030-01-01T00:00:00Z"})

    assert steer("POST", "/reset") == (200, {})
    assert steer("GET", "/state") == before
    assert steer("GET", "/time")[1] == {"now": "2026-01-15T12:00:00.000Z", "frozen": False}
    assert call("POST", "/snowflake/handler", create_body())[1]["id"] == 1001


def test_every_tenant_starts_as_the_default_one_did() -> None:
    store = Store()
    store.load(SMALL)

    tenants = Tenants(store)
    store.load({})

    assert tenants.find("one").store.count_data_sources() == 2
    tenants.default.reset()
    assert store.count_data_sources() == 2


def test_a_snapshot_is_brought_back_as_often_as_wanted(call: Call, steer: Call, create_body: Any) -> None:
    call("POST", "/snowflake/handler", create_body("One"))
    assert steer("PUT", "/snapshots/one") == (200, {})
    kept = steer("GET", "/state")

    for name in ("Two", "Three"):
        call("POST", "/snowflake/handler", create_body(name))
        assert steer("POST", "/snapshots/one/restore") == (200, {})
        assert steer("GET", "/state") == kept

    assert steer("GET", "/snapshots") == (200, [{"name": "one", "dataSources": 1}])
    assert steer("DELETE", "/snapshots/one") == (200, {})
    message = "There is no snapshot 'one'; there are: none."
    assert steer("POST", "/snapshots/one/restore")[1]["message"] == message


def test_a_snapshot_holds_tokens_too(call: Call, steer: Call) -> None:
    token = call("POST", "/bim/apikey/authenticate", {"apikey": "owner-key-local-only"})[1]["token"]
    steer("PUT", "/snapshots/in")
    steer("POST", "/tokens/expire")

    statuses = [call("GET", "/dataSource", None, {"authorization": token})[0]]
    steer("POST", "/snapshots/in/restore")
    statuses.append(call("GET", "/dataSource", None, {"authorization": token})[0])

    assert statuses == [401, 200]


def test_the_number_of_snapshots_is_bounded(store: Store) -> None:
    for number in range(100):
        store.save(f"s{number}")
    store.save("s0")

    with pytest.raises(Exception, match="there are 100 snapshots already; remove one first"):
        store.save("another")


def test_a_copy_of_a_state_shares_nothing_that_changes(store: Store) -> None:
    store.load(SMALL)
    state = store.snapshot()
    copy = state.copy()

    mutable = [name for name in State.__slots__ if isinstance(getattr(state, name), dict | set)]
    assert [name for name in mutable if getattr(state, name) is getattr(copy, name)] == []
    assert {"counters", "changed"} < set(mutable)
    assert all(copy.by_connection_string[text] is not ids for text, ids in state.by_connection_string.items())
