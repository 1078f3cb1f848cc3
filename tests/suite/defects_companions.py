"""Planted defects of the login, the current user and reading data sources: COMP-1, COMP-2 and COMP-4."""

from typing import Any
from urllib.parse import unquote

from immuta_mock import Store
from immuta_mock.store import Token
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_refusals import refusal

LOGIN = "/bim/apikey/authenticate"
FORM = "application/x-www-form-urlencoded"


# COMP-1


@on_wire("COMP-1")
class FormsAreNotRead(Wire):
    """A form with the key counts as no key."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.path == LOGIN and seen.headers.get("content-type") == FORM:
            return refusal(400, "Bad request: apikey is missing.")
        return None


@on_wire("COMP-1")
class BearerIsPartOfTheKey(Wire):
    """The word Bearer before the key makes it a bad one."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.path == LOGIN and not seen.body and seen.headers.get("authorization", "").startswith("Bearer "):
            return refusal(401, "A valid Authorization token must be provided.")
        return None


class AnswerOfLogin(Wire):
    """Changes the answer to a login."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.path == LOGIN:
            self.change(seen, reply)

    def change(self, seen: Seen, reply: Reply) -> None:
        raise NotImplementedError


@on_wire("COMP-1")
class BadKeyIsForbidden(AnswerOfLogin):
    """A bad key in a form is answered 403."""

    def change(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 401 and seen.headers.get("content-type") == FORM:
            reply.status, reply.json = 403, refusal(403, "This key is not known.").json


@on_wire("COMP-1")
class MissingKeyIsUnauthorized(AnswerOfLogin):
    """A body without a key is answered 401."""

    def change(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 400 and seen.body:
            reply.status, reply.json = 401, refusal(401, "A valid Authorization token must be provided.").json


@on_wire("COMP-1")
class BadKeyIsAnsweredInTheBody(AnswerOfLogin):
    """A bad key is answered 200 with authenticated false."""

    def change(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 401 and seen.body:
            reply.status, reply.json = 200, {"authenticated": False}


@on_wire("COMP-1")
class TokenIsCutOff(AnswerOfLogin):
    """The token for a key in the header is not the whole one."""

    def change(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 200 and not seen.body:
            reply.json["token"] = reply.json["token"][:-1]


@on_wire("COMP-1")
class TokenHasAnotherName(AnswerOfLogin):
    """The token comes as access_token."""

    def change(self, seen: Seen, reply: Reply) -> None:
        if reply.status == 200 and seen.body:
            reply.json["access_token"] = reply.json.pop("token")


@in_store("COMP-1")
def token_of_the_last_login(store: Store) -> None:
    """Who logs in gets the token that was issued last, whoever asked for it."""
    issued: list[Token] = []

    def wrap(issue: Any) -> Any:
        def defective(api_key: str) -> Token:
            fresh: Token = issue(api_key)
            issued.append(fresh)
            return issued[max(0, len(issued) - 2)]

        return defective

    replace(store, "issue_token", wrap)


@in_store("COMP-1")
def keys_forget_letter_case(store: Store) -> None:
    """A key is accepted in any letter case."""

    def wrap(issue: Any) -> Any:
        def defective(api_key: str) -> Token:
            known = {user.key.lower(): user.key for user in store.users}
            token: Token = issue(known.get(api_key.lower(), api_key))
            return token

        return defective

    replace(store, "issue_token", wrap)


# COMP-2


class AnswerOfCurrentUser(Wire):
    """Changes the user who calls."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.path == "/bim/rpc/user/current" and reply.status == 200:
            self.change(reply.json)

    def change(self, user: Any) -> None:
        raise NotImplementedError


@on_wire("COMP-2")
class ProfileIdIsText(AnswerOfCurrentUser):
    """profile.id is a string."""

    def change(self, user: Any) -> None:
        user["profile"]["id"] = str(user["profile"]["id"])


@on_wire("COMP-2")
class ProfileIsItsId(AnswerOfCurrentUser):
    """profile is the id alone."""

    def change(self, user: Any) -> None:
        user["profile"] = user["profile"]["id"]


@on_wire("COMP-2")
class EverybodyIsTheFirst(AnswerOfCurrentUser):
    """Everybody has the profile of who asked first."""

    def __init__(self) -> None:
        self.first: Any = None

    def change(self, user: Any) -> None:
        self.first = self.first or user["profile"]
        user["profile"] = self.first


# COMP-4


def is_read(seen: Seen, *, by_name: bool) -> bool:
    """Whether a data source is read, by its name or by its id."""
    parts = seen.path.split("/")
    named = parts[2:3] == ["name"]
    return seen.method == "GET" and parts[1] == "dataSource" and len(parts) > 2 and named == by_name


class AnswerOfRead(Wire):
    """Changes a data source that is read by its name, or by its id."""

    by_name = True

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_read(seen, by_name=self.by_name) and reply.status == 200:
            self.change(reply.json)

    def change(self, source: Any) -> None:
        raise NotImplementedError


@on_wire("COMP-4")
class NamedReadIsShort(AnswerOfRead):
    """Reading by name leaves a field out that reading by id has."""

    def change(self, source: Any) -> None:
        del source["sqlTableName"]


@on_wire("COMP-4")
class NamedReadAnswersAList(AnswerOfRead):
    """Reading by name answers an array of one."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_read(seen, by_name=True) and reply.status == 200:
            reply.json = [reply.json]


@on_wire("COMP-4")
class ReadIdIsText(AnswerOfRead):
    """Reading by id answers the id as a string."""

    by_name = False

    def change(self, source: Any) -> None:
        source["id"] = str(source["id"])


@on_wire("COMP-4")
class HandlerUrlOfDatabricksIsEmpty(Wire):
    """blobHandler.url of a Databricks data source is empty."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        read = is_read(seen, by_name=True) or is_read(seen, by_name=False)
        if read and reply.status == 200 and "/databricks/" in reply.json["blobHandler"]["url"]:
            reply.json["blobHandler"]["url"] = ""


@on_wire("COMP-4")
class DeletedIsANumber(AnswerOfRead):
    """Reading answers deleted as 0 or 1."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if (is_read(seen, by_name=True) or is_read(seen, by_name=False)) and reply.status == 200:
            reply.json["deleted"] = int(reply.json["deleted"])


@on_wire("COMP-4")
class NamesAreDecodedTwice(Wire):
    """A percent sign in a name is decoded once more."""

    def request(self, seen: Seen) -> Reply | None:
        if is_read(seen, by_name=True):
            seen.path = unquote(seen.path)
        return None


@in_store("COMP-4")
def names_forget_letter_case(store: Store) -> None:
    """Reading by name takes any letter case."""

    def wrap(read: Any) -> Any:
        def defective(name: str) -> Any:
            known = {each.name.lower(): each.name for each in store._state.data_sources.values()}
            return read(known.get(name.lower(), name))

        return defective

    replace(store, "get_data_source_by_name", wrap)


@in_store("COMP-4")
def beginning_of_a_name_is_enough_on_asa(store: Store) -> None:
    """On Azure Synapse Analytics the beginning of a name finds the data source."""

    def wrap(read: Any) -> Any:
        def defective(name: str) -> Any:
            sources = [each for each in store._state.data_sources.values() if each.connector.prefix == "asa"]
            longer = [each.name for each in sources if each.name.startswith(name)]
            return read(name if name in store._state.by_name else next(iter(longer), name))

        return defective

    replace(store, "get_data_source_by_name", wrap)


@in_store("COMP-4")
def old_names_still_lead(store: Store) -> None:
    """A name that was read once still leads to the data source when that has another name."""
    read_once: dict[str, int] = {}

    def wrap(read: Any) -> Any:
        def defective(name: str) -> Any:
            known = store._state.data_sources.get(read_once.get(name, 0))
            found = read(name) if known is None else known
            read_once[name] = found.id
            return found

        return defective

    replace(store, "get_data_source_by_name", wrap)
