"""The fault rules of a tenant."""

import difflib
from collections.abc import Collection, Iterable

from immuta_mock.control.asked import Asked, Json
from immuta_mock.errors import BadRequest, quoted
from immuta_mock.injection.soundness import check_effect


def list_faults(asked: Asked) -> Json:
    """`GET /faults`"""
    return {"faults": asked.tenant.faults.shown()}


def add_fault(asked: Asked) -> Json:
    """`POST /faults`"""
    check_rules([asked.payload], asked.operations)
    return asked.tenant.faults.add(asked.payload)


def replace_faults(asked: Asked) -> Json:
    """`PUT /faults`"""
    check_rules(asked.payload["faults"], asked.operations)
    asked.tenant.faults.replace(asked.payload["faults"])
    return list_faults(asked)


def clear_faults(asked: Asked) -> Json:
    """`DELETE /faults`"""
    asked.tenant.faults.replace([])
    return {}


def put_fault(asked: Asked) -> Json:
    """`PUT /faults/{faultId}`"""
    check_rules([asked.payload], asked.operations)
    return asked.tenant.faults.add({**asked.payload, "id": asked.values["fault_id"]})


def remove_fault(asked: Asked) -> Json:
    """`DELETE /faults/{faultId}`"""
    asked.tenant.faults.remove(asked.values["fault_id"])
    return {}


def check_rules(rules: Iterable[Json], operations: Collection[str]) -> None:
    """Raises BadRequest for a rule that waits for an operation that the mock does not have, or does what cannot be."""
    for rule in rules:
        check_effect(rule["effect"])
        require_operation(rule.get("match", {}).get("operationId"), operations)


def require_operation(name: str | None, operations: Collection[str]) -> None:
    """Raises BadRequest for the name of an operation that the mock does not have, with the one that was meant."""
    require("operation", name, operations)


def require(kind: str, name: str | None, names: Collection[str]) -> None:
    """Raises BadRequest for a name that nothing of this kind has, with the one that was meant."""
    if name is not None and name not in names:
        nearest = difflib.get_close_matches(name, names, n=1, cutoff=0)
        raise BadRequest(f"there is no {kind} {quoted(name)}; the nearest is {nearest[0]}")
