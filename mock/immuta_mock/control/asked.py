"""What a call of the control API asks, once it is known to be valid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from immuta_mock.checks import Checks
from immuta_mock.tenants import Tenant, Tenants

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One valid call: the tenant it is about, its parameters by argument name, and its body.

    `operations` are those of the API that is mocked; `base_url` is where clients find the tenant; names of `headers`
    are in lower case.
    """

    tenants: Tenants
    tenant: Tenant
    operations: Mapping[str, Checks]
    base_url: str
    headers: Mapping[str, str]
    values: Mapping[str, Any]
    payload: Any
