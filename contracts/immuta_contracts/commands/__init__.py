"""The commands of `immuta-contract`, a module each: `HELP`, `add_options(parser)` and `execute(options)`.

`closing` is how those of them end that come to a verdict.
"""

from immuta_contracts.client import Client
from immuta_contracts.errors import CannotRun as CannotRun
from immuta_contracts.settings import Settings

KEPT, BROKEN, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def need_owner(settings: Settings) -> None:
    """Raises `CannotRun` when there is a tenant and no key for it."""
    if settings.url is not None and "owner" not in settings.api_keys:
        raise CannotRun(f"no API key for {settings.url}: set {settings.keys.owner} in the environment")


def check_keys(client: Client) -> None:
    """One call as each role, so that a wrong key is said at once and not as a row of broken promises."""
    for role in client.target.keys:
        if client.call("GET", "/bim/rpc/user/current", role=role).status == 401:
            variable = getattr(client.settings.keys, role)
            raise CannotRun(f"{client.target.base_url} does not accept the key in {variable}")
