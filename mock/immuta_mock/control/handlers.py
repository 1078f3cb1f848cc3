"""The operations of the control API by operationId: what is asked on one side, what a tenant can do on the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from immuta_mock.tenants import Tenant, Tenants

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One valid call: the tenant it is about, its parameters by argument name, and its body."""

    tenants: Tenants
    tenant: Tenant
    values: Mapping[str, Any]
    payload: Any


def get_health(asked: Asked) -> Json:
    """`GET /health`"""
    return {
        "service": "immuta-mock",
        "version": version("immuta-contract-kit"),
        "status": "ok",
        "tenant": asked.tenant.name,
        "dataSources": asked.tenant.store.count_data_sources(),
    }


def list_tenants(asked: Asked) -> list[Json]:
    """`GET /tenants`"""
    return [{"name": name} for name in asked.tenants.names()]


def remove_tenant(asked: Asked) -> Json:
    """`DELETE /tenants/{tenant}`"""
    asked.tenants.remove(asked.values["tenant"])
    return {}


HANDLERS: Mapping[str, Callable[[Asked], Any]] = {
    "getHealth": get_health,
    "listTenants": list_tenants,
    "removeTenant": remove_tenant,
}
