"""What the mock prints when it listens: its address, its users and something to paste."""

from collections.abc import Sequence
from shlex import quote

from immuta_mock.users import User
from immuta_mock.workarounds import DOCUMENT, UI


def banner(url: str, users: Sequence[User], *, overlays: Sequence[str] = (), state: str | None = None) -> str:
    """Several lines; the first is `Immuta mock listening on URL` whatever else changes."""
    width = max(len(user.name) for user in users)
    lines = [
        f"Immuta mock listening on {url}",
        "",
        "  Users and their keys (for local use only)",
        *(f"    {user.name:<{width}}  {user.key}{_rights(user)}" for user in users),
        "",
        f"  Swagger UI  {url}{UI}/",
        f"  OpenAPI     {url}{DOCUMENT}" + (f" (with {', '.join(overlays)})" if overlays else ""),
        f"  Try it      curl -H {quote(f'Authorization: {users[0].key}')} {url}/bim/rpc/user/current",
        "  Ctrl-C stops it, and what it remembers is gone."
        if state is None
        else f"  Ctrl-C stops it; {state} remembers.",
    ]
    return "\n".join(lines)


def _rights(user: User) -> str:
    return f"  ({', '.join(sorted(user.permissions))})" if user.permissions else ""
