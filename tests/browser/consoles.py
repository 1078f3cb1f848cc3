"""What tests of the console share: the tenant they look at, and what they do on its page."""

from collections.abc import Callable
from typing import Any

import requests
from playwright.sync_api import Page

from immuta_contracts.target import MockProcess
from immuta_mock.control import Control
from visits import Visit

VIEWS = ("sources", "columns", "jobs", "users", "journal", "faults", "snapshots", "tenants")
NASTY = "<img/src=x/onerror='window.hit=1'>"
LONG = "W" * 300

Json = dict[str, Any]


Show = Callable[..., Visit]


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
