"""Removes what a run made, newest first, and says what is left.

A data source takes its handler and its dictionary along, so one rule undoes every create; what a run made is known by
the names it asked for, all of which start with the run's own prefix.
"""

from contextlib import suppress
from urllib.parse import quote

from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer
from immuta_contracts.target import Unreachable

REMOVE = 2  # the first DELETE disables, the second removes
TRIES = 4  # where the target is in trouble; each one looks first what is there


def clean(client: Client, prefix: str) -> list[str]:
    """Remove every data source of the client's names that starts with `prefix`; returns the names still there."""
    names = [name for name in reversed(client.names) if name.startswith(prefix)]
    return [name for name in names if not _remove(client, name)]


def _remove(client: Client, name: str) -> bool:
    """Whether no data source of that name is there (any more)."""
    for _ in range(TRIES):
        with suppress(Unreachable):
            found = client.call("GET", "/dataSource/name/" + quote(name, safe=""))
            if found.status == 404:
                return True
            identifier = _own_id(found, name)
            return identifier is not None and any(_removed(client, identifier) for _ in range(REMOVE))
    return False


def _removed(client: Client, identifier: int) -> bool:
    """One DELETE: whether the data source is gone for good with it."""
    answer = client.call("DELETE", f"/dataSource/{identifier}")
    return answer.status == 200 and isinstance(answer.json, dict) and answer.json.get("hardDelete") is True


def _own_id(found: Answer, name: str) -> int | None:
    """The id of the data source found, if the answer shows that it bears the very name that was asked for."""
    source = found.json
    if found.status != 200 or not isinstance(source, dict) or source.get("name") != name:
        return None
    identifier = source.get("id")
    return identifier if isinstance(identifier, int) else None
