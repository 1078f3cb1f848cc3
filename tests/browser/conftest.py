"""One browser for all tests; a page that complains, or asks anything of another machine, fails its test."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from consoles import Client, Show
from immuta_contracts.target import MockProcess
from reported import Reported, reported
from visits import DESKTOP, PATIENCE, Open, Visit, launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens pages; how each looks at the end is kept under build/browser/."""
    visits: list[Visit] = []

    def open_(url: str, *, size: tuple[int, int] = DESKTOP, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.set_default_timeout(PATIENCE)
        visits.append(Visit(context.new_page()))
        visits[-1].watch()
        visits[-1].page.goto(url)
        return visits[-1]

    yield open_
    for number, visit in enumerate(visits):
        visit.keep(f"{request.path.stem} {request.node.name} {number or ''}")
        visit.page.context.close()
    assert [visit.complaints for visit in visits] == [[] for _ in visits]
    assert [visit.outside for visit in visits] == [[] for _ in visits]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """A contract run with something of everything: its reports, and the address of the mock that it judged."""
    context = reported(tmp_path_factory.mktemp("run"))
    with ThreadPoolExecutor(1) as elsewhere:  # the event loop of Playwright has this thread
        yield elsewhere.submit(context.__enter__).result()
        elsewhere.submit(context.__exit__, None, None, None).result()


@pytest.fixture(scope="module")
def mock() -> Iterator[MockProcess]:
    mock = MockProcess()
    yield mock
    mock.close()


@pytest.fixture
def client(mock: MockProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A tenant of the test's own."""
    client = Client(mock, re.sub(r"[^a-z0-9]+", "-", request.node.name)[:60])
    yield client
    client.control.close()


@pytest.fixture
def show(open_page: Open, client: Client) -> Show:
    """Opens a view of the test's tenant and waits until it follows."""

    def show(view: str = "sources", **options: Any) -> Visit:
        visit = open_page(f"{client.page}#{view}", **options)
        expect(visit.page.locator("#live")).to_have_text("live")
        return visit

    return show
