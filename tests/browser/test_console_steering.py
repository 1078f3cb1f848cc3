"""The console in a real browser: it steers the tenant."""

import json
import re
from typing import Any

import requests
from playwright.sync_api import expect

from consoles import Client, Json, Show, confirm, row
from immuta_contracts.target import MockProcess


def test_a_fault_is_added_and_switched_off_and_the_client_sees_it(show: Show, client: Client) -> None:
    page = show("faults").page
    page.get_by_role("combobox", name="Effect", exact=True).select_option("status")
    page.get_by_label("Retry-After").fill("7")
    page.get_by_role("combobox", name="Requests", exact=True).select_option("listDataSources")
    page.get_by_role("button", name="Add fault").click()
    switch = page.get_by_role("switch")
    expect(switch).to_be_checked()

    failed = client.call("GET", "/dataSource")
    expect(page.get_by_role("row").nth(1)).to_contain_text("answers 503")
    switch.click()
    expect(switch).not_to_be_checked()
    worked = client.call("GET", "/dataSource")

    assert (failed.status_code, failed.headers["Retry-After"], worked.status_code) == (503, "7", 200)
    page.get_by_role("button", name="Remove fault-1").click()
    confirm(page, "Remove")
    expect(page.get_by_text("Nothing goes wrong on purpose.")).to_be_visible()
    assert client.control.faults() == []


EFFECTS: list[tuple[str, str, Json]] = [
    ("latency", "always", {"effect": {"latency": 2}}),
    ("rateLimit", "nth", {"effect": {"rateLimit": {"requests": 10, "seconds": 60}}, "when": {"nth": 1}}),
    ("resetRequest", "times", {"effect": {"reset": "request"}, "when": {"times": 1}}),
    ("resetAnswer", "probability", {"effect": {"reset": "answer"}, "when": {"probability": 0.5, "seed": 0}}),
    ("truncate", "always", {"effect": {"truncate": 20}}),
    ("malformed", "always", {"effect": {"malformed": True}}),
    ("contentType", "always", {"effect": {"contentType": "text/html"}}),
    ("drip", "always", {"effect": {"drip": {"bytes": 16, "seconds": 0.2}}}),
    ("expireTokens", "always", {"effect": {"expireTokens": True}}),
]


def test_every_effect_can_be_chosen(show: Show, client: Client) -> None:
    page = show("faults").page
    page.get_by_role("combobox", name="User", exact=True).select_option("reader")
    for number, (effect, when, _) in enumerate(EFFECTS, start=1):
        page.get_by_role("combobox", name="Effect", exact=True).select_option(effect)
        page.get_by_role("combobox", name="How often", exact=True).select_option(when)
        page.get_by_role("button", name="Add fault").click()
        expect(page.get_by_role("switch", name=f"fault-{number}")).to_be_checked()

    state = {"enabled": True, "seen": 0, "applied": 0, "match": {"user": "reader"}}
    expected = [{**state, **fault, "id": f"fault-{number}"} for number, (_, _, fault) in enumerate(EFFECTS, start=1)]
    assert client.control.faults() == expected


def test_a_reset_is_asked_once_and_then_done(show: Show, client: Client) -> None:
    client.create("Clients")
    page = show().page
    expect(row(page, "Clients")).to_be_visible()

    page.get_by_role("button", name="Reset tenant").click()
    expect(page.get_by_role("dialog")).to_contain_text("It has 1 data source now")
    confirm(page, "Cancel")
    assert client.control.health()["dataSources"] == 1
    page.get_by_role("button", name="Reset tenant").click()
    confirm(page, "Reset")

    expect(page.locator(".empty")).to_contain_text("No data sources yet.")
    assert (client.control.health()["dataSources"], client.control.journal()) == (0, [])


def test_a_snapshot_is_saved_and_restored(show: Show, client: Client) -> None:
    client.create("Kept")
    page = show("snapshots").page
    page.get_by_label("Name").fill("a/b c")
    page.get_by_role("button", name="Save snapshot").click()
    expect(row(page, "a/b c")).to_be_visible()
    client.create("Later")

    page.get_by_role("button", name="Restore a/b c").click()
    confirm(page, "Restore")

    expect(page.locator("#notices")).to_contain_text("The state is that of a/b c.")
    assert [source["name"] for source in client.control.state()["dataSources"]] == ["Kept"]
    page.get_by_role("button", name="Remove a/b c").click()
    confirm(page, "Remove")
    expect(page.locator(".empty")).to_be_visible()


def test_a_state_is_written_to_a_file_and_loaded_from_it(show: Show, client: Client, tmp_path: Any) -> None:
    client.create("Written")
    page = show("snapshots").page
    with page.expect_download() as download:
        page.get_by_role("button", name="Download state").click()
    file = tmp_path / "state.json"
    download.value.save_as(file)
    client.control.reset()

    page.get_by_label("Seed file").set_input_files(file)
    confirm(page, "Load")

    expect(page.locator("#notices")).to_contain_text("The state is loaded.")
    assert client.control.state() == json.loads(file.read_text())


def test_jobs_are_completed_and_failed(show: Show, client: Client) -> None:
    ends = {"connectionString": "c", "completesAt": "2400-01-01", "state": "active", "dataSourceId": 1}
    client.control.load({"jobs": [{**ends, "id": name, "kind": "create"} for name in ("one", "two")]})
    page = show("jobs").page

    row(page, "one").get_by_role("button", name="Complete").click()
    row(page, "two").get_by_role("button", name="Fail").click()

    expect(row(page, "one")).to_contain_text("completed")
    expect(row(page, "two")).to_contain_text("The job was made to fail.")


def test_keys_are_masked_until_asked_for_and_copied(show: Show) -> None:
    page = show("users").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(row(page, "governor")).to_be_visible()
    assert "local-only" not in page.locator("body").inner_text()

    page.get_by_role("button", name="Show the key of reader").click()
    page.get_by_role("button", name="Copy the key of expert").click()

    expect(row(page, "reader")).to_contain_text("reader-key-local-only")
    expect(page.locator("#notices")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "expert-key-local-only"


def test_a_user_is_added_and_may_log_in(show: Show, client: Client) -> None:
    page = show("users").page
    page.get_by_text("Add a user").click()
    for label, text in (("Name", "loader"), ("Key", "loader-key"), ("Profile", "9")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Add user").click()

    expect(row(page, "loader")).to_be_visible()
    answer = requests.get(f"{client.url}/dataSource", headers={"Authorization": "loader-key"}, timeout=10)
    assert answer.status_code == 200


def test_the_time_is_frozen_and_moved_on(show: Show, client: Client) -> None:
    page = show().page
    client.control.freeze("2026-01-15T12:00:00Z")
    expect(page.locator("#clock")).to_have_text("2026-01-15 12:00:00 UTC, frozen")

    page.get_by_role("button", name="+1 h").click()

    expect(page.locator("#clock")).to_have_text("2026-01-15 13:00:00 UTC, frozen")
    page.get_by_role("button", name="Let run").click()
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()


def test_a_tenant_is_opened_and_removed(show: Show, client: Client, mock: MockProcess) -> None:
    page = show("tenants").page
    page.get_by_label("Name").fill("by-hand")
    page.get_by_role("button", name="Open tenant").click()
    expect(page).to_have_url(f"{mock.base_url}/t/by-hand/__mock__/ui")
    expect(page.get_by_role("combobox", name="Tenant", exact=True)).to_have_value("by-hand")

    page.get_by_role("combobox", name="Tenant", exact=True).select_option(client.tenant)
    expect(page).to_have_url(re.compile(client.tenant))
    page.goto(f"{client.page}#tenants")
    page.get_by_role("button", name="Remove by-hand").click()
    confirm(page, "Remove")

    expect(row(page, "by-hand")).to_have_count(0)
    assert "by-hand" not in client.control.tenants()


# Who it is for
