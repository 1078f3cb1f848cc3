"""The operations of the control API by operationId: what is asked on one side, what a tenant can do on the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from immuta_mock.answers import timestamp
from immuta_mock.control.document import control_document, seed_schema
from immuta_mock.errors import BadRequest
from immuta_mock.store.seed import job_entry, moment, user_entry, user_of
from immuta_mock.tenants import Tenant, Tenants
from immuta_mock.users import UsersError

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One valid call: the tenant it is about, its parameters by argument name, and its body."""

    tenants: Tenants
    tenant: Tenant
    values: Mapping[str, Any]
    payload: Any


def _camel(name: str) -> str:
    """The operationId of a function: what is snake case here is camel case there."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


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


def get_document(_asked: Asked) -> Json:
    """`GET /openapi.json`"""
    return control_document()


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
    return [{"name": name, "dataSources": count} for name, count in asked.tenant.snapshots().items()]


def save_snapshot(asked: Asked) -> Json:
    """`PUT /snapshots/{snapshot}`"""
    asked.tenant.save(asked.values["snapshot"])
    return {}


def restore_snapshot(asked: Asked) -> Json:
    """`POST /snapshots/{snapshot}/restore`"""
    asked.tenant.restore(asked.values["snapshot"])
    return {}


def remove_snapshot(asked: Asked) -> Json:
    """`DELETE /snapshots/{snapshot}`"""
    asked.tenant.forget(asked.values["snapshot"])
    return {}


# Time


def get_time(asked: Asked) -> Json:
    """`GET /time`"""
    clock = asked.tenant.store.clock
    return {"now": timestamp(clock()), "frozen": clock.frozen}


def freeze_time(asked: Asked) -> Json:
    """`POST /time/freeze`"""
    asked.tenant.store.freeze(moment(asked.payload["at"]) if "at" in asked.payload else None)
    return get_time(asked)


def advance_time(asked: Asked) -> Json:
    """`POST /time/advance`"""
    asked.tenant.store.advance(timedelta(seconds=asked.payload["seconds"]))
    return get_time(asked)


def resume_time(asked: Asked) -> Json:
    """`POST /time/resume`"""
    asked.tenant.store.resume()
    return get_time(asked)


# Jobs


def list_jobs(asked: Asked) -> list[Json]:
    """`GET /jobs`"""
    return [job_entry(job) for job in asked.tenant.store.all_jobs()]


def complete_job(asked: Asked) -> Json:
    """`POST /jobs/{jobId}/complete`"""
    return job_entry(asked.tenant.store.complete_job(asked.values["job_id"]))


def fail_job(asked: Asked) -> Json:
    """`POST /jobs/{jobId}/fail`"""
    output = asked.payload.get("output", "The job was made to fail.")
    return job_entry(asked.tenant.store.fail_job(asked.values["job_id"], output))


# Users


def list_users(asked: Asked) -> list[Json]:
    """`GET /users`"""
    return [user_entry(user) for user in asked.tenant.store.users]


def add_user(asked: Asked) -> Json:
    """`POST /users`"""
    user = user_of(asked.payload)
    try:
        asked.tenant.store.add_user(user)
    except UsersError as error:
        raise BadRequest(str(error)) from None
    return user_entry(user)


def expire_tokens(asked: Asked) -> Json:
    """`POST /tokens/expire`"""
    return {"expired": asked.tenant.store.expire_tokens(asked.payload.get("user"))}


_FUNCTIONS = (
    *(get_health, get_document, get_seed_schema, list_tenants, remove_tenant, reset_tenant, get_state, load_state),
    *(list_snapshots, save_snapshot, restore_snapshot, remove_snapshot),
    *(get_time, freeze_time, advance_time, resume_time, list_jobs, complete_job, fail_job),
    *(list_users, add_user, expire_tokens),
)

HANDLERS: Mapping[str, Callable[[Asked], Any]] = {_camel(function.__name__): function for function in _FUNCTIONS}
