"""The server and its tenants."""

from importlib.metadata import version

from immuta_mock.control.asked import Asked, Json
from immuta_mock.control.document import control_document


def get_health(asked: Asked) -> Json:
    """`GET /health`"""
    return {
        "service": "immuta-mock",
        "version": version("immuta-contract-kit"),
        "status": "ok",
        "tenant": asked.tenant.name,
        "dataSources": asked.tenant.store.count_data_sources(),
    }


def get_document(_asked: Asked) -> Json:
    """`GET /openapi.json`"""
    return control_document()


def list_tenants(asked: Asked) -> list[Json]:
    """`GET /tenants`"""
    return [{"name": name} for name in asked.tenants.names()]


def remove_tenant(asked: Asked) -> Json:
    """`DELETE /tenants/{tenant}`"""
    asked.tenants.remove(asked.values["tenant"])
    return {}
