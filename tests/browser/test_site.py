"""The site of `make docs` in a real browser: wide and narrow, light and dark, and its reference calls a mock."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page

from immuta_contracts.spec import Routes
from immuta_contracts.target import MockProcess, document
from visits import DESKTOP, PHONE, Open

SITE = Path(__file__).parents[2] / "build" / "site"
PAGES = sorted(path.name for path in SITE.glob("*.html") if path.name != "search.html")
VIEWS = [(DESKTOP, "light"), (PHONE, "dark")]
CREATE = "#/Snowflake/createSnowflakeDataSource"
SEARCH = "#/Data%20dictionary/searchDictionaryColumns"


class Quiet(SimpleHTTPRequestHandler):
    """One that writes no line for each request."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Its address, served on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def mock() -> Iterator[MockProcess]:
    mock = MockProcess()
    yield mock
    mock.close()


def shown(page: Page) -> list[str]:
    """The paths of the operations that the reference shows."""
    page.locator(".opblock").first.wait_for()
    paths: list[str] = page.locator(".opblock-summary-path").evaluate_all("each => each.map(p => p.dataset.path)")
    return sorted(paths)


def answer(page: Page) -> Locator:
    """The answer to the operation that is open, once it is sent."""
    page.get_by_role("button", name="Execute", exact=True).click()
    found = page.locator(".live-responses-table .response")
    found.wait_for()
    return found


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_is_accessible(
    name: str, size: tuple[int, int], scheme: str, site: str, open_page: Open
) -> None:
    visit = open_page(f"{site}/{name}", size=size, color_scheme=scheme)

    assert (visit.too_wide, visit.inaccessible()) == (0, [])


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_the_reference_fits(size: tuple[int, int], scheme: str, site: str, open_page: Open) -> None:
    visit = open_page(f"{site}/reference/index.html{SEARCH}", size=size, color_scheme=scheme)
    visit.page.locator(".responses-table").first.wait_for()

    assert visit.too_wide == 0
    assert visit.page.locator("html.dark-mode").count() == (scheme == "dark")


def test_the_reference_opens_as_a_file_too(open_page: Open) -> None:
    page = open_page((SITE / "reference" / "index.html").as_uri()).page

    assert shown(page) == sorted(operation.path for operation in Routes(document()).operations)


def test_operations_of_the_reference_are_tried_on_a_mock(mock: MockProcess, site: str, open_page: Open) -> None:
    bodies = []
    for operation in (CREATE, SEARCH):
        page = open_page(f"{site}/reference/index.html{operation}").page
        page.locator(".servers input").fill(mock.base_url.removeprefix("http://"))
        given = answer(page)
        assert given.locator(".response-col_status").inner_text().split() == ["200"]
        bodies.append(json.loads(given.locator("pre code").first.inner_text()))

    assert bodies[0].keys() == {"id", "dataSourceId", "connectionString"}
    assert bodies[1] == [{"columnName": "EMAIL_ADDRESS"}]


def test_an_operation_leads_to_its_promises(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/reference/index.html{SEARCH}").page
    with page.expect_popup() as opened:
        page.get_by_role("link", name="SEARCH-1").click()

    opened.value.locator("section#search-1").wait_for()


def test_the_search_finds_a_promise(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/index.html").page
    page.get_by_role("textbox", name="Search").first.fill("unauthenticated")
    page.keyboard.press("Enter")

    page.locator("ul.search a", has_text="Promises").first.wait_for()


def test_a_link_of_the_promises_leads_to_the_operation(site: str, open_page: Open) -> None:
    page = open_page(f"{site}/promises.html#search-1").page
    section = page.locator("section#search-1")
    section.locator("summary", has_text="operation").click()
    section.get_by_role("link", name="searchDictionaryColumns").click()

    page.locator(".opblock.is-open [data-path='/dictionary/columns']").wait_for()
