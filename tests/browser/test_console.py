"""The console in a real browser: it shows what a tenant holds as it changes, steers it, and trusts nothing it shows."""

import http.client
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from immuta_contracts.target import MockProcess
from immuta_mock.control import Control
from visits import DESKTOP, PHONE, Open, Visit

VIEWS = ("sources", "columns", "jobs", "users", "journal", "faults", "snapshots", "tenants")
NASTY = "<img/src=x/onerror='window.hit=1'>"
LONG = "W" * 300

Json = dict[str, Any]


@pytest.fixture(scope="module")
def mock() -> Iterator[MockProcess]:
    mock = MockProcess()
    yield mock
    mock.close()


class Client:
    """What calls a tenant of the mock, and what steers it."""

    def __init__(self, mock: MockProcess, tenant: str) -> None:
        self.tenant = tenant
        self.url = f"{mock.base_url}/t/{tenant}"
        self.page = f"{self.url}/__mock__/ui"
        self.control = Control(mock.base_url, tenant=tenant)
        self._headers = {"Authorization": mock.keys["owner"]}

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, self.url + path, json=body, headers=self._headers, timeout=10)

    def create(self, name: str, **metadata: Any) -> None:
        base = {
            "hostname": "acme.example",
            "username": "loader",
            "password": "s3cret",
            "database": "SALES",
            "table": "T",
        }
        columns = [{"name": "EMAIL", "dataType": "text", "remoteType": "varchar(80)"}]
        handler = {"metadata": {**base, "columns": columns, **metadata}}
        settings = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable", "sqlTableName": "t"}
        source = {**settings, "blobHandler": {"scheme": "https"}, "name": name}
        assert self.call("POST", "/snowflake/handler", {"handler": handler, "dataSource": source}).status_code == 200


@pytest.fixture
def client(mock: MockProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A tenant of the test's own."""
    client = Client(mock, re.sub(r"[^a-z0-9]+", "-", request.node.name)[:60])
    yield client
    client.control.close()


Show = Callable[..., Visit]


@pytest.fixture
def show(open_page: Open, client: Client) -> Show:
    """Opens a view of the test's tenant and waits until it follows."""

    def show(view: str = "sources", **options: Any) -> Visit:
        visit = open_page(f"{client.page}#{view}", **options)
        expect(visit.page.locator("#live")).to_have_text("live")
        return visit

    return show


def confirm(page: Page, answer: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=answer).click()


def row(page: Page, text: str) -> Any:
    return page.get_by_role("row").filter(has_text=text)


def go(visit: Visit, view: str) -> None:
    """To another view, and what is chosen in it."""
    visit.page.evaluate("view => { location.hash = view; }", view)
    visit.page.locator(f'nav a[aria-current][href="#{view.partition("/")[0]}"]').wait_for()
    if "/" in view:
        visit.page.get_by_role("complementary").wait_for()


# What is shown


def test_without_data_sources_it_says_how_to_create_one(show: Show, client: Client) -> None:
    page = show().page
    line = page.locator(".empty pre").inner_text()

    subprocess.run(["sh", "-c", line], env={**os.environ, "IMMUTA_API_KEY": "owner-key-local-only"}, check=True)

    expect(row(page, "Clients")).to_be_visible()
    assert [source["name"] for source in client.control.state()["dataSources"]] == ["Clients"]


def test_what_is_created_by_the_api_appears_with_its_handler_and_dictionary(show: Show, client: Client) -> None:
    page = show().page
    client.create("Orders", table="ORDERS")

    page.get_by_role("link", name="Orders").click()

    panel = page.get_by_role("complementary", name="Data source")
    expect(panel.get_by_role("heading", name="Orders")).to_be_visible()
    expect(panel.get_by_role("table", name="Dictionary").get_by_role("row")).to_contain_text(["Column", "EMAIL"])
    expect(panel.get_by_label("Handler metadata")).to_contain_text('"table": "ORDERS"')
    client.call("PUT", "/dataSource/1", {"name": "Invoices"})
    expect(panel.get_by_role("heading", name="Invoices")).to_be_visible()


def test_what_stays_stays_in_place_while_the_rest_is_renewed(show: Show, client: Client) -> None:
    client.create("First")
    page = show().page
    page.get_by_role("link", name="First").focus()
    page.evaluate("window.before = document.activeElement")

    client.create("Second")

    expect(row(page, "Second")).to_be_visible()
    assert page.evaluate("document.activeElement === window.before && window.before.isConnected")


def test_columns_are_searched_in_any_letter_case(show: Show, client: Client) -> None:
    column = {"dataType": "text", "remoteType": "text"}
    client.create("One", columns=[{"name": "E_mail", **column}, {"name": "other", **column}])
    client.create("Two", columns=[{"name": "email", **column}])
    page = show("columns").page

    page.get_by_role("searchbox").fill("MAIL")

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_have_text(re.compile("E_mail.*One.*email.*Two"))


def test_requests_appear_as_they_come_with_details_and_a_line_that_sends_them_again(show: Show, client: Client) -> None:
    page = show("journal").page
    client.call("PUT", "/dictionary/7?debug=it's", {"metadata": [{"name": "it's", "dataType": "t", "remoteType": "t"}]})
    client.call("GET", "/datasource")

    page.get_by_role("link", name="/dictionary/7").click()
    panel = page.get_by_role("complementary", name="Request")
    expect(panel).to_contain_text("updateDictionary")
    expect(panel.locator(".problem")).to_have_text("Data source not found.")
    line = panel.get_by_label("Command line").inner_text()
    subprocess.run(["sh", "-c", line], env={**os.environ, "IMMUTA_API_KEY": "owner-key-local-only"}, check=True)

    expect(page.locator("tbody tr")).to_have_count(3)
    again, unmatched, first = client.control.journal()[::-1]
    for entry in (again, first):
        assert (entry["query"], entry["status"]) == ("debug=it's", 404)
    assert (again["request"]["body"], again["operation"]) == (first["request"]["body"], "updateDictionary")
    expect(row(page, "/datasource")).to_contain_text(unmatched["verdict"])


def test_the_journal_is_paused_and_filtered(show: Show, client: Client) -> None:
    page = show("journal").page
    client.call("GET", "/dataSource/1")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    client.call("GET", "/nowhere")

    expect(page.get_by_role("button", name="Go on (1 new)")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("combobox", name="Verdict", exact=True).select_option("unmatched")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_was_missed_is_made_up_for(show: Show, client: Client) -> None:
    visit = show("journal")
    page, live = visit.page, visit.page.locator("#live")
    client.call("GET", "/dataSource/1")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.context.set_offline(True)
    page.evaluate("stop()")  # what is open stays so otherwise
    client.call("GET", "/dataSource/2")
    client.create("Missed")
    expect(live).not_to_have_text("live")
    page.context.set_offline(False)

    expect(live).to_have_text("live")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("nav")).to_contain_text("Data sources1")
    visit.complaints.clear()  # Chromium speaks of each refused connection


# What is steered


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


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_can_be_read_by_everybody(show: Show, client: Client, size: tuple[int, int], scheme: str) -> None:
    fill(client, "Clients")
    visit = show(size=size, color_scheme=scheme)
    found = {}
    for view in (*VIEWS, "sources/1", "journal/1"):
        go(visit, view)
        found[view] = visit.inaccessible()

    assert found == {view: [] for view in found}


@pytest.mark.parametrize("name", ["Clients", LONG], ids=["plain", "long"])
def test_on_a_phone_nothing_is_too_wide(show: Show, client: Client, name: str) -> None:
    fill(client, name)
    visit = show(size=PHONE)
    expect(row(visit.page, name)).to_be_visible()
    found = {}
    for view in (*VIEWS, "sources/1", "journal/1"):
        go(visit, view)
        found[view] = visit.too_wide

    assert found == dict.fromkeys(found, 0)


def fill(client: Client, name: str) -> None:
    client.create(name, columns=[{"name": name, "dataType": name, "remoteType": name, "description": name}])
    client.create("Gone")
    client.call("DELETE", "/dataSource/2")
    client.call("PUT", "/snowflake/handler/1001/triggerHighCardinalityJob")
    client.call("GET", f"/{name}")
    client.control.add_fault(
        id=name[:200], effect={"status": 503, "headers": {"X": name}}, match={"path": f"/{name}/x"}
    )
    client.control.add_user(name, "another-key", 99)
    client.control.save(name[:200])


def test_it_is_used_with_the_keyboard_alone(show: Show, client: Client) -> None:
    for name in ("New one", "New two", "Old"):
        client.create(name)
    page = show("jobs").page
    focused = "(({tagName, textContent}) => `${tagName} ${textContent}`)(document.activeElement)"

    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "A Skip to content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    while not page.evaluate(focused).startswith("A Data sources"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, "Old")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("new")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "A New one"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Data source")
    expect(panel.get_by_role("heading", name="New two")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("link", name="New two")).to_be_focused()


def test_escape_is_no(show: Show, client: Client) -> None:
    client.create("Clients")
    page = show().page
    button = page.get_by_role("button", name="Reset tenant")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert client.control.health()["dataSources"] == 1


# Whom it trusts


def test_what_is_shown_is_text_whatever_it_says(show: Show, client: Client) -> None:
    column = {
        "name": NASTY,
        "dataType": NASTY,
        "remoteType": NASTY,
        "description": NASTY,
        "tags": [{"name": NASTY, "source": "x"}],
    }
    client.create(NASTY, hostname=NASTY, database=NASTY, table=NASTY, columns=[column])
    client.call("PUT", "/snowflake/handler/1001/triggerHighCardinalityJob")
    connection = http.client.HTTPConnection(client.url.split("/")[2])
    connection.request(
        "GET", f"/t/{client.tenant}/{NASTY}?{NASTY}", headers={"Authorization": NASTY, NASTY[1:4]: NASTY}
    )
    assert connection.getresponse().read() != b""
    connection.close()
    client.call("POST", "/snowflake/handler", {NASTY: NASTY})
    client.control.add_fault(
        id=NASTY, effect={"status": 503, "headers": {NASTY: NASTY}}, match={"path": NASTY, "user": NASTY}
    )
    client.control.add_user(NASTY, "nasty-key", 99)
    client.control.save(NASTY)
    visit = show()
    for view in (*VIEWS, "sources/1", *(f"journal/{number}" for number in (1, 3, 4))):
        go(visit, view)
        expect(visit.page.locator("main")).to_contain_text("A tenant has" if view == "tenants" else NASTY)

    assert visit.page.evaluate("[window.hit, document.images.length, document.scripts.length]") == [None, 1, 1]
    assert [url for url in visit.asked if url.endswith("/x")] == []


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockProcess]:
    monkeypatch.setenv("IMMUTA_MOCK_CONTROL_KEY", "steering")
    mock = MockProcess()
    yield mock
    mock.close()


def test_a_control_key_is_asked_for_and_kept_in_the_tab_alone(open_page: Open, guarded: MockProcess) -> None:
    visit = open_page(f"{guarded.base_url}/__mock__/ui")
    page, dialog = visit.page, visit.page.get_by_role("dialog")
    for key in ("wrong", "steering"):
        dialog.get_by_label("Control key").fill(key)
        dialog.get_by_role("button", name="Use it").click()

    expect(page.locator("#live")).to_have_text("live")
    page.reload()
    expect(page.locator("#live")).to_have_text("live")
    stored = "[Object.values(sessionStorage), Object.values(localStorage), document.cookie, location.href]"
    assert page.evaluate(stored) == [["steering"], [], "", f"{guarded.base_url}/__mock__/ui"]
    assert "steering" not in page.content()
    page.get_by_role("button", name="Forget control key").click()
    expect(dialog).to_contain_text("This mock is steered with a control key.")
    assert page.evaluate("sessionStorage.length") == 0
    assert [complaint for complaint in visit.complaints if "401" not in complaint] == []
    visit.complaints.clear()  # Chromium speaks of each 401


def test_it_says_when_nothing_answers(open_page: Open) -> None:
    mock = MockProcess()
    visit = open_page(f"{mock.base_url}/__mock__/ui")
    live = visit.page.locator("#live")
    expect(live).to_have_text("live")

    mock.close()

    expect(live).to_have_text("no answer, trying again")
    visit.complaints.clear()  # Chromium speaks of each refused connection
