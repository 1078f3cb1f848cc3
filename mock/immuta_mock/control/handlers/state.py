"""The state of a tenant: read, reset, loaded, kept and brought back."""

from immuta_mock.control.asked import Asked, Json
from immuta_mock.control.document import seed_schema


def get_seed_schema(_asked: Asked) -> Json:
    """`GET /seed.schema.json`"""
    return seed_schema()


def reset_tenant(asked: Asked) -> Json:
    """`POST /reset`"""
    asked.tenant.reset()
    return {}


def get_state(asked: Asked) -> Json:
    """`GET /state`"""
    return asked.tenant.store.dump()


def load_state(asked: Asked) -> Json:
    """`PUT /state`"""
    asked.tenant.store.load(asked.payload)
    return {}


# Snapshots


def list_snapshots(asked: Asked) -> list[Json]:
    """`GET /snapshots`"""
    return [{"name": name, "dataSources": count} for name, count in asked.tenant.store.snapshots().items()]


def save_snapshot(asked: Asked) -> Json:
    """`PUT /snapshots/{snapshot}`"""
    asked.tenant.store.save(asked.values["snapshot"])
    return {}


def restore_snapshot(asked: Asked) -> Json:
    """`POST /snapshots/{snapshot}/restore`"""
    asked.tenant.store.bring_back(asked.values["snapshot"])
    return {}


def remove_snapshot(asked: Asked) -> Json:
    """`DELETE /snapshots/{snapshot}`"""
    asked.tenant.store.forget(asked.values["snapshot"])
    return {}
