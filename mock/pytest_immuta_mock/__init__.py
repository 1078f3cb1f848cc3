"""The pytest plugin of the mock: its fixtures, and what the mock was asked in the report of a test that failed.

A package of its own, since every pytest run of the environment loads it: the mock is imported by its fixtures alone.
"""

import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from immuta_mock.testing import MockTenant

SECTION = "Immuta mock"


@pytest.fixture(scope="session")
def immuta_mock_overlays() -> Sequence[str | Path]:
    """The overlays of the mock's document, such as `["strict"]`: override it in conftest.py."""
    return ()


@pytest.fixture
def immuta_mock(immuta_mock_overlays: Sequence[str | Path]) -> Iterator["MockTenant"]:
    """A fresh tenant of a mock in this process."""
    from immuta_mock.testing import mock_tenant

    with mock_tenant(overlays=immuta_mock_overlays) as tenant:
        yield tenant


@pytest.fixture
def immuta_mock_server(immuta_mock_overlays: Sequence[str | Path]) -> Iterator["MockTenant"]:
    """A fresh tenant of a mock over HTTP, one server for all tests of the process."""
    from immuta_mock.testing import mock_server

    with mock_server(overlays=immuta_mock_overlays) as tenant:
        yield tenant


@pytest.fixture
def immuta_mock_tls_server(immuta_mock_overlays: Sequence[str | Path]) -> Iterator["MockTenant"]:
    """The same over HTTPS; `ca_file` is what clients have to trust."""
    from immuta_mock.testing import mock_server

    with mock_server(tls=True, overlays=immuta_mock_overlays) as tenant:
        yield tenant


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside a failure what each mock among the fixtures of the test was asked at last."""
    report = yield
    testing = sys.modules.get("immuta_mock.testing")
    if testing is not None and report.failed and report.when != "teardown":
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, testing.MockTenant):
                report.sections.append((f"{SECTION} ({name})", value.last_requests()))
    return report
