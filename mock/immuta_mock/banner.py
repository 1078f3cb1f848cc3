"""What the mock prints when it listens: its address, its users and something to paste."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from immuta_mock.users import User
from immuta_mock.workarounds import DOCUMENT, UI


def banner(url: str, users: Sequence[User], *, overlays: Sequence[str] = (), ca_file: Path | None = None) -> str:
    """Several lines; the first is `Immuta mock listening on URL` whatever else changes; `ca_file` is that of https."""
    width = max(len(user.name) for user in users)
    trusting = f"--cacert {quote(str(ca_file))} " if ca_file is not None else ""
    lines = [
        f"Immuta mock listening on {url}",
        "",
        "  Users and their keys (for local use only)",
        *(f"    {user.name:<{width}}  {user.key}{_rights(user)}" for user in users),
        "",
        f"  Swagger UI  {url}{UI}/",
        f"  OpenAPI     {url}{DOCUMENT}" + (f" (with {', '.join(overlays)})" if overlays else ""),
        *([] if ca_file is None else [f"  Trust it    export {trust(ca_file)}"]),
        f"  Try it      curl {trusting}-H {quote(f'Authorization: {users[0].key}')} {url}/bim/rpc/user/current",
        "  Ctrl-C stops it, and what it remembers is gone.",
    ]
    return "\n".join(lines)


def trust(ca_file: Path) -> str:
    """The variables by which clients trust a CA: requests by the first, curl by the second, httpx by the third."""
    variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    return " ".join(f"{name}={quote(str(ca_file))}" for name in variables)


def _rights(user: User) -> str:
    return f"  ({', '.join(sorted(user.permissions))})" if user.permissions else ""
