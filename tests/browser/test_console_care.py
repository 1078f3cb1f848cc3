"""The console in a real browser: anybody can read and use it, and it trusts nothing it shows."""

import http.client
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from consoles import LONG, NASTY, VIEWS, Client, Show, go, row
from immuta_contracts.target import MockProcess
from visits import DESKTOP, PHONE, TABLET, Open


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


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
@pytest.mark.parametrize("name", ["Clients", LONG], ids=["plain", "long"])
def test_nothing_is_too_wide(show: Show, client: Client, name: str, size: tuple[int, int]) -> None:
    fill(client, name)
    visit = show(size=size)
    expect(row(visit.page, name)).to_be_visible()
    found = {}
    for view in (*VIEWS, "sources/1", "journal/1"):
        go(visit, view)
        found[view] = visit.too_wide

    assert found == dict.fromkeys(found, 0)


@pytest.mark.parametrize("size", [DESKTOP, TABLET], ids=["desktop", "tablet"])
def test_no_number_time_or_hint_is_broken(show: Show, client: Client, size: tuple[int, int]) -> None:
    """However long the texts beside them are."""
    for number in range(10):
        client.create(f"Clients {number}", hostname="acme-with-a-long-name.us-east-1.snowflakecomputing.example")
    client.call("PUT", "/snowflake/handler/1010/triggerHighCardinalityJob")
    visit = show(size=size)
    found = {}
    for view in ("sources", "jobs", "users", "journal"):
        go(visit, view)
        found[view] = visit.page.evaluate(BROKEN)

    assert found == {view: [] for view in found}


BROKEN = """() => {
  const range = document.createRange();
  const isBroken = (cell) => {
    range.selectNodeContents(cell);
    return range.getClientRects().length > 1;
  };
  const cells = [...document.querySelectorAll("td.number, td.time")].filter(isBroken);
  const pen = document.createElement("canvas").getContext("2d");
  const isCutOff = (field) => {
    const { font, paddingLeft } = getComputedStyle(field);
    pen.font = font;
    const cross = 16;
    return pen.measureText(field.placeholder).width > field.clientWidth - 2 * parseFloat(paddingLeft) - cross;
  };
  const hints = [...document.querySelectorAll("input.filter")].filter(isCutOff);
  return [...cells.map((cell) => cell.textContent), ...hints.map((field) => field.placeholder)];
}"""


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
        id=NASTY, effect={"status": 503, "headers": {"X": NASTY}}, match={"path": NASTY, "user": NASTY}
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
