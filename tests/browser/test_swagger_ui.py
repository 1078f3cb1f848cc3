"""The Swagger UI of the mock shows, in a real browser, every operation of the document."""

from collections.abc import Iterator

import pytest

from immuta_contracts.spec import Routes
from immuta_contracts.target import MockProcess, document
from visits import Open


@pytest.fixture(scope="module")
def mock() -> Iterator[MockProcess]:
    mock = MockProcess()
    yield mock
    mock.close()


def test_it_shows_every_operation(mock: MockProcess, open_page: Open) -> None:
    page = open_page(f"{mock.base_url}/ui/").page
    page.locator(".opblock").first.wait_for()
    shown = page.locator(".opblock-summary-path").evaluate_all("each => each.map(path => path.dataset.path)")
    operations = Routes(document()).operations
    assert sorted(shown) == sorted(operation.path for operation in operations)
    assert sum(not operation.companion for operation in operations) == 34


def test_an_operation_is_called_from_it(mock: MockProcess, open_page: Open) -> None:
    page = open_page(f"{mock.base_url}/ui/").page
    page.get_by_role("button", name="Authorize").click()
    way = page.locator(".auth-container", has_text="apiKey")
    way.locator("input").fill(mock.keys["owner"])
    way.get_by_role("button", name="Authorize").click()
    page.locator(".close-modal").click()
    operation = page.locator("[id$=searchDictionaryColumns]")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    answer.wait_for()
    assert answer.locator(".response-col_status").inner_text().split() == ["200"]
    assert answer.locator("pre code").first.inner_text() == "[]"
