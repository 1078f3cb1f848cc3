"""The states, faults and journals of all tenants on a Redis or Valkey server, for any number of mocks at once."""

from immuta_mock.sharing.shared import Shared
from immuta_mock.sharing.tenants import SharedTenants

__all__ = ["Shared", "SharedTenants"]
