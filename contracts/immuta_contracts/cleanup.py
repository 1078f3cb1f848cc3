"""Removes what a run made, newest first, and says what is left.

A data source takes its handler and its dictionary along, so one rule undoes every create; what a run made is known by
the names it asked for, all of which start with the run's own prefix.
"""

from contextlib import suppress
from urllib.parse import quote

from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer
from immuta_contracts.fence import Refused
from immuta_contracts.target import Unreachable

FORBIDDEN = 403
REMOVE = 2  # the first DELETE disables, the second removes
TRIES = 4  # where the target is in trouble; each one looks first what is there


def clean(client: Client) -> list[str]:
    """Remove every data source of the client's names that bears the run's prefix; returns the names still there."""
    names = [name for name in reversed(client.names) if name.startswith(client.fence.prefix)]
    return [name for name in names if not remove(client, name)]


def remove(client: Client, name: str) -> bool:
    """Remove the data source of that name: whether there is none (any more)."""
    gone = _removed_by_name(client, name)
    if gone and client.ledger is not None:
        client.ledger.gone(name)
    return gone


def _removed_by_name(client: Client, name: str) -> bool:
    for _ in range(TRIES):
        with suppress(Unreachable, Refused):
            found = client.call("GET", "/dataSource/name/" + quote(name, safe=""))
            if found.status == 404:
                return True
            identifier = _own_id(found, name)
            return identifier is not None and any(_removed(client, identifier) for _ in range(REMOVE))
    return False


def _removed(client: Client, identifier: int) -> bool:
    """One DELETE, by whoever may: whether the data source is gone for good with it."""
    for role in client.target.keys:
        answer = client.call("DELETE", f"/dataSource/{identifier}", role=role)
        if answer.status != FORBIDDEN:
            break
    return answer.status == 200 and isinstance(answer.json, dict) and answer.json.get("hardDelete") is True


def _own_id(found: Answer, name: str) -> int | None:
    """The id of the data source found, if the answer shows that it bears the very name that was asked for."""
    source = found.json
    if found.status != 200 or not isinstance(source, dict) or source.get("name") != name:
        return None
    identifier = source.get("id")
    return identifier if isinstance(identifier, int) else None
