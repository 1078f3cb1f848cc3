"""The mock inside tests: tenants of one test, in process or over HTTP, and calls of unchanged clients intercepted.

The fixtures of `pytest_immuta_mock` are these context managers.
"""

from immuta_mock.testing.interception import MissingExtra
from immuta_mock.testing.tenant import MockTenant, intercept, mock_server, mock_tenant

__all__ = ["MissingExtra", "MockTenant", "intercept", "mock_server", "mock_tenant"]
