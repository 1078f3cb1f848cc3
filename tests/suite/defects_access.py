"""Planted defects of credentials: AUTH-1 to AUTH-3."""

from collections.abc import Callable

from immuta_mock import Store
from immuta_mock.store import Token
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import is_dictionary, is_search
from planting_handlers import is_bulk
from planting_refusals import (
    KEYS,
    Tokens,
    as_owner,
    credential_of,
    has_key,
    is_job,
    is_on,
    refusal,
    unauthorized,
)

# AUTH-1


@in_store("AUTH-1")
def tokens_never_expire(store: Store) -> None:
    """A token is accepted after its expiry."""
    issued: dict[str, User] = {}
    users = {user.key: user for user in store.users}

    def remembering(issue: Callable[[str], Token]) -> Callable[[str], Token]:
        def defective(api_key: str) -> Token:
            token = issue(api_key)
            issued[token.token] = users[api_key]
            return token

        return defective

    replace(store, "issue_token", remembering)
    replace(store, "user_for", lambda user_for: lambda credential: issued.get(credential) or user_for(credential))


@on_wire("AUTH-1")
class ExpiredTokenMayBulkUpdate(Tokens):
    """Bulk updates of redshift do not look at the expiry of a token."""

    def request(self, seen: Seen) -> Reply | None:
        if is_bulk(seen, "redshift") and self.is_token(seen):
            as_owner(seen)
        return None


@on_wire("AUTH-1")
class ExpiredTokenIsForbidden(Tokens):
    """An expired token is answered 403, so that clients do not log in again."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        super().answer(seen, reply)
        if reply.status == 401 and self.is_token(seen):
            reply.status, reply.json = 403, refusal(403, "The token has expired.").json


@on_wire("AUTH-1")
class BasicIsIgnored(Wire):
    """A key behind the word Basic is accepted."""

    def request(self, seen: Seen) -> Reply | None:
        scheme, _, rest = seen.headers.get("authorization", "").partition(" ")
        if scheme == "Basic" and rest in KEYS:
            seen.headers["authorization"] = rest
        return None


@on_wire("AUTH-1")
class DictionariesArePublic(Wire):
    """A dictionary can be read without a credential."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "GET") and "authorization" not in seen.headers:
            as_owner(seen)
        return None


@on_wire("AUTH-1")
class KeyIsComparedByItsStart(Wire):
    """On trino whatever starts with a key is taken for it."""

    def request(self, seen: Seen) -> Reply | None:
        sent = credential_of(seen)
        if is_on(seen, "trino"):
            seen.headers["authorization"] = next((key for key in KEYS if sent.startswith(key)), sent)
        return None


@on_wire("AUTH-1")
class SearchSaysUnauthorized(Wire):
    """The column search words its 401 in another way."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_search(seen) and reply.status == 401:
            reply.json["message"] = "Unauthorized"


@on_wire("AUTH-1")
class JobsForbidWithoutCredential(Wire):
    """Starting a databricks job without a credential is answered 403."""

    def request(self, seen: Seen) -> Reply | None:
        if is_job(seen, "databricks") and "authorization" not in seen.headers:
            return refusal(403, "User must be an owner.")
        return None


# AUTH-2


@on_wire("AUTH-2")
class BearerIsCaseSensitive(Wire):
    """On snowflake only the spelling `Bearer` is known."""

    def request(self, seen: Seen) -> Reply | None:
        text = seen.headers.get("authorization", "")
        lower = text.lower().startswith("bearer ") and not text.startswith("Bearer ")
        return unauthorized() if is_on(seen, "snowflake") and lower else None


@on_wire("AUTH-2")
class RawTokenIsUnknown(Tokens):
    """A token needs the word Bearer."""

    def request(self, seen: Seen) -> Reply | None:
        bare = seen.headers.get("authorization", "") in self.used
        return unauthorized() if bare and seen.method != "GET" else None


@on_wire("AUTH-2")
class BearerKeyIsUnknown(Wire):
    """A key behind the word Bearer is no credential for writing a dictionary."""

    def request(self, seen: Seen) -> Reply | None:
        bearer = seen.headers.get("authorization", "").lower().startswith("bearer ")
        return unauthorized() if is_dictionary(seen, "PUT", "POST") and bearer and has_key(seen) else None


@on_wire("AUTH-2")
class TokenWorksOnce(Tokens):
    """A token is good for one call."""

    def request(self, seen: Seen) -> Reply | None:
        if not self.is_token(seen):
            return None
        self.used[credential_of(seen)] += 1
        return unauthorized() if self.used[credential_of(seen)] > 1 else None


@on_wire("AUTH-2")
class TokenMayNotStartJobs(Tokens):
    """The user of a token does not count as owner when it comes to jobs of asa."""

    def request(self, seen: Seen) -> Reply | None:
        return refusal(403, "User must be an owner.") if is_job(seen, "asa") and self.is_token(seen) else None


# AUTH-3


def _anonymous(seen: Seen) -> bool:
    return "authorization" not in seen.headers and seen.path != "/bim/apikey/authenticate"


@on_wire("AUTH-3")
class HandlerIsLookedUpFirst(Wire):
    """An unknown handler of trino is 404 before credentials are looked at."""

    def request(self, seen: Seen) -> Reply | None:
        unknown = seen.on("GET", "trino", "handler") and seen.path.split("/")[-1] == str(2**31 - 1)
        return refusal(404, "Handler not found.") if unknown and _anonymous(seen) else None


@on_wire("AUTH-3")
class MediaTypeIsCheckedFirst(Wire):
    """A wrong media type is 415 before credentials are looked at."""

    def request(self, seen: Seen) -> Reply | None:
        odd = bool(seen.body) and "json" not in seen.headers.get("content-type", "json")
        return refusal(415, "The media type is not supported.") if odd and _anonymous(seen) else None


@on_wire("AUTH-3")
class BodyIsParsedFirst(Wire):
    """A body of an asa bulk update that is no JSON is 400 before an unknown credential is noticed."""

    def request(self, seen: Seen) -> Reply | None:
        broken = is_bulk(seen, "asa") and bool(seen.body) and seen.json is None
        unknown = "authorization" in seen.headers and not has_key(seen)
        return refusal(400, "Bad request: the body is not JSON.") if broken and unknown else None


@on_wire("AUTH-3")
class RouteIsLookedUpFirst(Wire):
    """An unknown route is 404 for everybody."""

    def request(self, seen: Seen) -> Reply | None:
        known = ("handler", "bulk", "dictionary", "dataSource", "jobs", "bim")
        return None if any(word in known for word in seen.path.split("/")) else refusal(404, "Not Found")


@on_wire("AUTH-3")
class IdIsParsedFirst(Wire):
    """An id that is no number is 400 before credentials are looked at, when a dictionary is deleted."""

    def request(self, seen: Seen) -> Reply | None:
        bad = is_dictionary(seen, "DELETE") and not seen.path.split("/")[2].isdecimal()
        return refusal(400, "Bad request: dataSourceId is no integer.") if bad and _anonymous(seen) else None


@on_wire("AUTH-3")
class EmptyBodyCrashesFirst(Wire):
    """A create without a body and without a credential is 500 on redshift."""

    def request(self, seen: Seen) -> Reply | None:
        empty = seen.on("POST", "redshift", "handler") and not seen.body
        return refusal(500, "Internal Server Error") if empty and _anonymous(seen) else None
