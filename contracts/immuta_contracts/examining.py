"""Looks at a target by reading alone: whether it answers, who the keys belong to, what is known of the connections."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from immuta_contracts.client import Client
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.exchange import Answer

NEEDED = {"owner": "CREATE_DATA_SOURCE", "second_owner": "CREATE_DATA_SOURCE", "governor": "GOVERNANCE"}
PROBE = "/bim/rpc/user/current"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `stops` when no run can go ahead like that."""

    about: str
    text: str
    stops: bool = False

    def __str__(self) -> str:
        return f"{self.about:<13} {self.text}"


def examine(client: Client) -> Iterator[Finding]:
    """Raises `Unreachable`."""
    yield _reached(client)
    profiles: dict[Any, str] = {}
    for role, variable in vars(client.settings.keys).items():
        yield _role(client, role, variable, profiles)
    for connector in C5:
        yield Finding(connector.prefix, _connector(client, connector))
    yield from _readable(client)


def _reached(client: Client) -> Finding:
    url = client.target.base_url if client.settings.url else "a mock started for the run"
    status = client.call("GET", PROBE, role=None).status
    how = "over TLS, certificate verified" if url.startswith("https:") else "without TLS"
    if status == 401:
        return Finding("target", f"{url} answers {how}")
    return Finding("target", f"{url} answers {how}, but {status} and not 401 to a call without a key: is it a tenant?")


def _role(client: Client, role: str, variable: str, profiles: dict[Any, str]) -> Finding:
    """Whose key it is; `profiles` are those of the roles before, each with its role."""
    if role not in client.target.keys:
        return Finding(role, f"{variable} is not set: what takes this role is not tried")
    answer = client.call("GET", PROBE, role=role)
    if answer.status != 200:
        return Finding(role, f"the key in {variable} is answered {answer.status}", stops=True)
    user = answer.json if isinstance(answer.json, dict) else {}
    permissions, profile = user.get("permissions"), user.get("profile")
    held = [str(each) for each in permissions] if isinstance(permissions, list) else []
    profile = profile.get("id") if isinstance(profile, dict) else None
    said = f"profile {profile}, permissions {', '.join(held) or 'none'}"
    if profile in profiles:
        return Finding(role, f"{said}: the same user as {profiles[profile]}; give the key of another one", stops=True)
    profiles[profile] = role
    needed = NEEDED.get(role)
    if needed and needed not in held:
        stops = role == "owner" and client.settings.fence != "read"
        return Finding(role, f"{said}: lacks {needed}, without which this role cannot do its part", stops=stops)
    return Finding(role, said)


def _connector(client: Client, connector: Connector) -> str:
    """What reads can tell of a connector: whether anything there is connected like that."""
    if not client.settings.in_scope(connector.prefix):
        return "out of scope"
    connection = client.settings.connection(connector.prefix)
    metadata: Any = connection.metadata
    if not connection.fixes("hostname") or not connection.fixes("database"):
        return "in scope, on made-up hosts: a tenant that tries connections will refuse its creates"
    string = connector.connection_string(metadata)
    found = client.call("GET", "/dataSource", query={"connectionString": string, "size": 1})
    tables = ", ".join(connection.tables) or "any"
    return f"in scope, pinned to {string}, tables: {tables}; {_known(found)}"


def _known(found: Answer) -> str:
    count = found.json.get("count") if isinstance(found.json, dict) else None
    if found.status != 200 or not isinstance(count, int):
        return f"who uses this connection cannot be read ({found.status})"
    if count == 0:
        return "nobody uses this connection yet: whether it works, only a create will show"
    return f"{count} data sources use this connection, so that the tenant knows it"


def _readable(client: Client) -> Iterator[Finding]:
    """Whether the ids that may be read lead anywhere."""
    read = client.settings.read
    paths = [f"/dataSource/{each}" for each in read.data_sources]
    paths += [f"/{prefix}/handler/{each}" for prefix, ids in read.handlers.items() for each in ids]
    for path in paths:
        status = client.call("GET", path).status
        yield Finding("read", f"{path} {'can be read' if status == 200 else f'is answered {status}'}")
