"""The fault rules of a tenant."""

import difflib
from collections.abc import Collection, Iterable

from immuta_mock.control.asked import Asked, Json
from immuta_mock.errors import BadRequest, quoted


def list_faults(asked: Asked) -> Json:
    """`GET /faults`"""
    return {"faults": asked.tenant.faults.shown()}


def add_fault(asked: Asked) -> Json:
    """`POST /faults`"""
    check_known([asked.payload], asked.operations)
    return asked.tenant.faults.add(asked.payload)


def replace_faults(asked: Asked) -> Json:
    """`PUT /faults`"""
    check_known(asked.payload["faults"], asked.operations)
    asked.tenant.faults.replace(asked.payload["faults"])
    return list_faults(asked)


def clear_faults(asked: Asked) -> Json:
    """`DELETE /faults`"""
    asked.tenant.faults.replace([])
    return {}


def put_fault(asked: Asked) -> Json:
    """`PUT /faults/{faultId}`"""
    check_known([asked.payload], asked.operations)
    return asked.tenant.faults.add({**asked.payload, "id": asked.values["fault_id"]})


def remove_fault(asked: Asked) -> Json:
    """`DELETE /faults/{faultId}`"""
    asked.tenant.faults.remove(asked.values["fault_id"])
    return {}


def check_known(rules: Iterable[Json], operations: Collection[str]) -> None:
    """Raises BadRequest for a rule that waits for an operation that the mock does not have."""
    for rule in rules:
        require_operation(rule.get("match", {}).get("operationId"), operations)


def require_operation(name: str | None, operations: Collection[str]) -> None:
    """Raises BadRequest for the name of an operation that the mock does not have, with the one that was meant."""
    if name is not None and name not in operations:
        nearest = difflib.get_close_matches(name, operations, n=1, cutoff=0)
        raise BadRequest(f"there is no operation {quoted(name)}; the nearest is {nearest[0]}")
