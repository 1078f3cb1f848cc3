"""The pytest plugin of the mock: its fixtures, and what the mock was asked in the report of a test that failed.

A package of its own, since every pytest run of the environment loads it: the mock is imported by its fixtures alone.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from immuta_mock.testing import MockTenant

Overlays = Sequence[str | Path]

TENANTS = pytest.StashKey[dict[str, "MockTenant"]]()
"""The tenants of a test by the names of their fixtures, as long as they are open."""


@pytest.fixture(scope="session")
def immuta_mock_overlays() -> Overlays:
    """The overlays of the mock's document, such as `["strict"]`: override it in conftest.py."""
    return ()


@pytest.fixture
def immuta_mock(request: pytest.FixtureRequest, immuta_mock_overlays: Overlays) -> Iterator["MockTenant"]:
    """A fresh tenant of a mock in this process."""
    from immuta_mock.testing import mock_tenant

    yield from _noted(request, mock_tenant(overlays=immuta_mock_overlays))


@pytest.fixture
def immuta_mock_server(request: pytest.FixtureRequest, immuta_mock_overlays: Overlays) -> Iterator["MockTenant"]:
    """A fresh tenant of a mock over HTTP, one server for all tests of the process."""
    from immuta_mock.testing import mock_server

    yield from _noted(request, mock_server(overlays=immuta_mock_overlays))


@pytest.fixture
def immuta_mock_tls_server(request: pytest.FixtureRequest, immuta_mock_overlays: Overlays) -> Iterator["MockTenant"]:
    """The same over HTTPS; `ca_file` is what clients have to trust."""
    from immuta_mock.testing import mock_server

    yield from _noted(request, mock_server(tls=True, overlays=immuta_mock_overlays))


def _noted(request: pytest.FixtureRequest, opened: AbstractContextManager["MockTenant"]) -> Iterator["MockTenant"]:
    with opened as tenant:
        tenants = request.node.stash.setdefault(TENANTS, {})
        tenants[str(request.fixturename)] = tenant
        yield tenant
        del tenants[str(request.fixturename)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside a failure what each tenant of the test was asked at last."""
    report = yield
    if report.failed:
        for name, tenant in item.stash.get(TENANTS, {}).items():
            report.sections.append((f"Immuta mock ({name})", tenant.last_requests()))
    return report
