"""What the planted defects of access, transport and errors share: credentials on the wire, and refusals."""

from http import HTTPStatus
from typing import Any

from immuta_contracts.target import MOCK_KEYS
from immuta_mock.connectors import Connector
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire

Json = dict[str, Any]
KEYS = frozenset(MOCK_KEYS.values())
OWNER_KEY = MOCK_KEYS["owner"]
UNAUTHORIZED = "A valid Authorization token must be provided."


def refusal(status: int, message: str) -> Reply:
    """An error in the one form that errors have."""
    phrase = "Unprocessable Entity" if status == 422 else HTTPStatus(status).phrase
    return Reply(status, {"statusCode": status, "error": phrase, "message": message})


def unauthorized() -> Reply:
    return refusal(401, UNAUTHORIZED)


def credential_of(seen: Seen) -> str:
    """The credential without the word Bearer."""
    text = seen.headers.get("authorization", "")
    return text[7:] if text.lower().startswith("bearer ") else text


def has_key(seen: Seen) -> bool:
    return credential_of(seen) in KEYS


def as_owner(seen: Seen) -> None:
    """Let the request pass as the owner's."""
    seen.headers["authorization"] = OWNER_KEY


def is_on(seen: Seen, prefix: str) -> bool:
    """Whether the request is about a connector, or the dictionaries."""
    return seen.path.split("/")[1] == prefix


def is_job(seen: Seen, *prefixes: str) -> bool:
    """Whether the request starts a job, of one of these connectors if any are named."""
    parts = seen.path.split("/")
    return seen.method == "PUT" and parts[-1].endswith("Job") and (not prefixes or parts[1] in prefixes)


def is_selected(source: DataSource, connector: Connector, body: Json) -> bool:
    """Whether a bulk update selects the data source."""
    wanted = source.id in body["ids"] if "ids" in body else source.connection_string == body["connectionString"]
    return source.connector == connector and wanted


class Tokens(Wire):
    """Remembers each token that was issued, and how often it was used."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.path == "/bim/apikey/authenticate" and isinstance(reply.json, dict) and "token" in reply.json:
            self.used[reply.json["token"]] = 0

    def is_token(self, seen: Seen) -> bool:
        return credential_of(seen) in self.used
