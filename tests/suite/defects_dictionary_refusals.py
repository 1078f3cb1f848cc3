"""Planted defects of what the dictionary operations refuse: DICT-2 and DICT-9 to DICT-11."""

from immuta_mock import Store
from immuta_mock.store import Dictionary
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import Columns, Write, columns_in, is_dictionary, prefix_of, put, source_of
from planting_refusals import has_key, refusal

# DICT-2


@on_wire("DICT-2")
class RemoteTypeDefaultsToDataType(Wire):
    """A column without remoteType is given its dataType."""

    def request(self, seen: Seen) -> Reply | None:
        for column in columns_in(seen.json) if is_dictionary(seen, "POST") else ():
            if "dataType" in column:
                column.setdefault("remoteType", column["dataType"])
        return None


@on_wire("DICT-2")
class NumbersAreTakenForText(Wire):
    """PUT takes a number where a column needs a string."""

    def request(self, seen: Seen) -> Reply | None:
        for column in columns_in(seen.json) if is_dictionary(seen, "PUT") else ():
            for name in ("name", "dataType", "remoteType"):
                if type(column.get(name)) is int:
                    column[name] = str(column[name])
        return None


@on_wire("DICT-2")
class NullIsNoColumns(Wire):
    """PUT takes null for an empty list of columns."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "PUT") and isinstance(seen.json, dict) and seen.json.get("metadata", ...) is None:
            seen.json["metadata"] = []
        return None


@on_wire("DICT-2")
class BareListIsTaken(Wire):
    """A bare list of columns is taken for a body."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST", "PUT") and isinstance(seen.json, list):
            seen.json = {"metadata": seen.json}
        return None


@on_wire("DICT-2")
class InvalidColumnsAreSkipped(Wire):
    """Columns that lack a field are passed over, as long as there are valid ones."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST", "PUT") and columns_in(seen.json):
            fields = ("name", "dataType", "remoteType")
            valid = [each for each in columns_in(seen.json) if all(isinstance(each.get(name), str) for name in fields)]
            seen.json["metadata"] = valid or seen.json["metadata"]
        return None


@on_wire("DICT-2")
class DictionaryNeedsAColumn(Wire):
    """POST refuses an empty list of columns."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST") and seen.json == {"metadata": []} and has_key(seen):
            return refusal(400, "Bad request: metadata is empty.")
        return None


# DICT-9


@in_store("DICT-9")
def post_replaces_a_dictionary(store: Store) -> None:
    """POST replaces a dictionary that exists."""

    def wrap(create: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            put(store, source_of(store, data_source_id), dictionary=None)
            return create(user, data_source_id, columns)

        return defective

    replace(store, "create_dictionary", wrap)


@in_store("DICT-9")
def post_replaces_an_empty_dictionary(store: Store) -> None:
    """POST takes a dictionary without columns for none."""

    def wrap(create: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            source = source_of(store, data_source_id)
            if source is not None and not source.columns:
                put(store, source, dictionary=None)
            return create(user, data_source_id, columns)

        return defective

    replace(store, "create_dictionary", wrap)


class AnswerToExisting(Wire):
    """Changes the refusal of POST with a valid body, which means that a dictionary exists."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "POST") and reply.status == 400 and "dictionary" in str(reply.json.get("message")):
            self.change(reply)

    def change(self, reply: Reply) -> None:
        raise NotImplementedError


@on_wire("DICT-9")
class ExistingIsAConflict(AnswerToExisting):
    """An existing dictionary is answered 409."""

    def change(self, reply: Reply) -> None:
        reply.status, reply.json["statusCode"], reply.json["error"] = 409, 409, "Conflict"


@on_wire("DICT-9")
class ExistingIsToldWithoutPrefix(AnswerToExisting):
    """The refusal does not start with `Bad request: `."""

    def change(self, reply: Reply) -> None:
        reply.json["message"] = reply.json["message"].removeprefix("Bad request: ")


@on_wire("DICT-9")
class SameDictionaryIsWelcome(Wire):
    """POST of the columns that were posted last is answered 200 once more."""

    def __init__(self) -> None:
        self.posted: dict[str, tuple[bytes, Reply]] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "POST"):
            body, before = self.posted.get(seen.path, (b"", reply))
            if reply.status == 400 and seen.body == body:
                reply.status, reply.json = before.status, before.json
            elif reply.status == 200:
                self.posted[seen.path] = seen.body, Reply(200, reply.json)


# DICT-10


MISSING = "Dictionary not found."


class AnswerToMissing(Wire):
    """Changes the refusal where a data source has no dictionary."""

    methods: tuple[str, ...] = ("GET",)

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, *self.methods) and reply.status == 404 and reply.json.get("message") == MISSING:
            self.change(reply)

    def change(self, reply: Reply) -> None:
        raise NotImplementedError


@on_wire("DICT-10")
class MissingDictionaryIsNull(AnswerToMissing):
    """GET answers null where there is no dictionary."""

    def change(self, reply: Reply) -> None:
        reply.status, reply.json, reply.raw = 200, None, b"null"


@on_wire("DICT-10")
class DeletingTwiceIsFine(AnswerToMissing):
    """DELETE answers 200 also where there is nothing to delete."""

    methods = ("DELETE",)

    def change(self, reply: Reply) -> None:
        reply.status, reply.json = 200, {}


@on_wire("DICT-10")
class DeletedDictionaryIsGone(Wire):
    """PUT of a dictionary that was deleted is answered 410."""

    def __init__(self) -> None:
        self.deleted: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "DELETE") and reply.status == 200:
            self.deleted.add(seen.path)
        if is_dictionary(seen, "PUT") and reply.status == 404 and seen.path in self.deleted:
            reply.status, reply.json = 410, refusal(410, MISSING).json


@in_store("DICT-10")
def put_creates_a_dictionary_on_redshift(store: Store) -> None:
    """PUT creates the dictionary that a Redshift data source does not have."""

    def wrap(update: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            source = source_of(store, data_source_id)
            missing = source is not None and source.dictionary is None
            if missing and prefix_of(store, data_source_id) == "redshift":
                return store.create_dictionary(user, data_source_id, columns)
            return update(user, data_source_id, columns)

        return defective

    replace(store, "update_dictionary", wrap)


# DICT-11


class AnswerToUnknown(Wire):
    """Changes the refusal of an unknown data source."""

    methods: tuple[str, ...] = ("GET",)

    def answer(self, seen: Seen, reply: Reply) -> None:
        unknown = reply.status == 404 and reply.json.get("message") == "Data source not found."
        if is_dictionary(seen, *self.methods) and unknown and self.concerns(seen.headers.get("authorization", "")):
            self.change(reply)

    def concerns(self, _credential: str) -> bool:
        return True

    def change(self, reply: Reply) -> None:
        raise NotImplementedError


@on_wire("DICT-11")
class UnknownDataSourceHasNoDictionary(AnswerToUnknown):
    """GET says of an unknown data source that the dictionary is not found."""

    def change(self, reply: Reply) -> None:
        reply.json["message"] = MISSING


@on_wire("DICT-11")
class UnknownDataSourceIsABadRequest(AnswerToUnknown):
    """POST to an unknown data source is answered 400."""

    methods = ("POST",)

    def change(self, reply: Reply) -> None:
        reply.status, reply.json = 400, refusal(400, "Bad request: no such data source.").json


@on_wire("DICT-11")
class DeletingTheUnknownIsFine(AnswerToUnknown):
    """DELETE answers 200 for an unknown data source."""

    methods = ("DELETE",)

    def change(self, reply: Reply) -> None:
        reply.status, reply.json = 200, {}


@on_wire("DICT-11")
class ReadersAreToldNothing(AnswerToUnknown):
    """A caller without rights gets 403 for an unknown data source."""

    methods = ("PUT",)

    def concerns(self, credential: str) -> bool:
        return "reader" in credential

    def change(self, reply: Reply) -> None:
        text = "User must have one of the following roles to delete dictionary: owner,expert."
        reply.status, reply.json = 403, refusal(403, text).json
