"""Planted defects of what a dictionary shows: DICT-4, DICT-5, DICT-7 and DICT-13."""

from datetime import datetime
from typing import Any

from planting import Reply, Seen, Wire, on_wire
from planting_dictionaries import AnswerOfDictionary, Json, columns_in, is_dictionary
from planting_refusals import has_key

# DICT-4


@on_wire("DICT-4")
class DictionaryIdIsText(AnswerOfDictionary):
    """GET answers the id of the dictionary as a string."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        answered["id"] = str(answered["id"])


@on_wire("DICT-4")
class DictionaryNamesItselfAsDataSource(AnswerOfDictionary):
    """PUT answers the id of the dictionary as that of the data source."""

    methods = ("PUT",)

    def change(self, answered: Json) -> None:
        answered["dataSource"] = answered["id"]


@on_wire("DICT-4")
class CreationTimeInSeconds(AnswerOfDictionary):
    """createdAt is a number of seconds."""

    def change(self, answered: Json) -> None:
        answered["createdAt"] = int(datetime.fromisoformat(answered["createdAt"]).timestamp())


@on_wire("DICT-4")
class CreationTimeWithoutZone(AnswerOfDictionary):
    """createdAt of a new dictionary does not say that it is UTC."""

    methods = ("POST",)

    def change(self, answered: Json) -> None:
        answered["createdAt"] = answered["createdAt"].removesuffix("Z")


@on_wire("DICT-4")
class PutAnswersWithoutTypes(AnswerOfDictionary):
    """The answer of PUT has no types."""

    methods = ("PUT",)

    def change(self, answered: Json) -> None:
        del answered["types"]


@on_wire("DICT-4")
class PostAnswersColumnNames(AnswerOfDictionary):
    """The answer of POST lists the names of the columns, as the reference types it."""

    methods = ("POST",)

    def change(self, answered: Json) -> None:
        answered["metadata"] = [column["name"] for column in answered["metadata"]]


@on_wire("DICT-4")
class PutAnswersTheStateBefore(Wire):
    """PUT answers the columns that were there before."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "POST", "GET") and reply.status == 200:
            self.last[seen.path] = reply.json["metadata"]
        if is_dictionary(seen, "PUT") and reply.status == 200:
            reply.json["metadata"], self.last[seen.path] = (
                self.last.get(seen.path, reply.json["metadata"]),
                reply.json["metadata"],
            )


# DICT-5


def types_of(answered: Json) -> list[str]:
    return [column["dataType"] for column in answered["metadata"]]


@on_wire("DICT-5")
class TypesRepeat(AnswerOfDictionary):
    """types has an entry for each column."""

    def change(self, answered: Json) -> None:
        answered["types"] = types_of(answered)


@on_wire("DICT-5")
class TypesRepeatWhenApart(AnswerOfDictionary):
    """types drops a repetition only where it follows at once."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        types = types_of(answered)
        answered["types"] = [each for before, each in zip([None, *types], types, strict=False) if each != before]


@on_wire("DICT-5")
class TypesAreSorted(AnswerOfDictionary):
    """types is sorted instead of in order of appearance."""

    methods = ("POST",)

    def change(self, answered: Json) -> None:
        answered["types"] = sorted(answered["types"])


@on_wire("DICT-5")
class TypesForgetLetterCase(AnswerOfDictionary):
    """Types that differ in letter case alone are listed as one."""

    def change(self, answered: Json) -> None:
        answered["types"] = list({each.lower(): each for each in reversed(answered["types"])}.values())[::-1]


@on_wire("DICT-5")
class TypesRemember(Wire):
    """types still lists a type whose last column PUT has removed."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "POST", "PUT", "GET") and reply.status == 200:
            before = self.known.get(seen.path, [])
            reply.json["types"] = list(dict.fromkeys([*reply.json["types"], *before]))
            self.known[seen.path] = reply.json["types"]


# DICT-7


class StaleDictionary(Wire):
    """GET answers what it answered before, until the dictionary operations write."""

    def __init__(self) -> None:
        self.cache: dict[str, Reply] = {}

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST", "PUT", "DELETE") or (seen.method == "DELETE" and "dataSource" in seen.path):
            self.cache.clear()
        return self.cache.get(seen.path) if is_dictionary(seen, "GET") and has_key(seen) else None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "GET") and reply.status == 200:
            self.cache[seen.path] = reply


@on_wire("DICT-7")
class HandlerWritesAreNotSeen(StaleDictionary):
    """A dictionary that was read once does not show what the handler operations write."""


@on_wire("DICT-7")
class BulkWritesAreNotSeen(StaleDictionary):
    """A dictionary that was read once does not show what a bulk update of Snowflake writes."""

    def request(self, seen: Seen) -> Reply | None:
        if seen.method == "PUT" and seen.path != "/snowflake/bulk":
            self.cache.clear()
        return super().request(seen)


@on_wire("DICT-7")
class OldColumnsAfterEmptying(Wire):
    """GET shows the columns before where there are none now."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "GET") and reply.status == 200:
            reply.json["metadata"] = reply.json["metadata"] or self.last.get(seen.path, [])
            self.last[seen.path] = reply.json["metadata"]


@on_wire("DICT-7")
class ColumnsComeByName(AnswerOfDictionary):
    """GET sorts the columns by name."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        answered["metadata"].sort(key=lambda column: column["name"])


@on_wire("DICT-7")
class PrimaryKeysAreForgotten(AnswerOfDictionary):
    """GET does not tell the primary key."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        for column in answered["metadata"]:
            column.pop("isPrimaryKey", None)


# DICT-13


@on_wire("DICT-13")
class NullableLeftOut(AnswerOfDictionary):
    """A column that is nullable does not say so."""

    def change(self, answered: Json) -> None:
        for column in answered["metadata"]:
            if column["nullable"] is True:
                del column["nullable"]


@on_wire("DICT-13")
class NullableIsWordy(AnswerOfDictionary):
    """GET answers nullable as YES or NO."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        for column in answered["metadata"]:
            column["nullable"] = "YES" if column["nullable"] else "NO"


@on_wire("DICT-13")
class KeysAreNotNullable(AnswerOfDictionary):
    """PUT answers nullable false for primary keys, whatever was sent."""

    methods = ("PUT",)

    def change(self, answered: Json) -> None:
        for column in answered["metadata"]:
            column["nullable"] = column["nullable"] and not column.get("isPrimaryKey")


@on_wire("DICT-13")
class TagDeletionIsABoolean(AnswerOfDictionary):
    """GET answers the text "False" of a tag as false."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        for tag in [tag for column in columns_in(answered) for tag in column.get("tags") or []]:
            if tag.get("deleted") in ("True", "False"):
                tag["deleted"] = tag["deleted"] == "True"


@on_wire("DICT-13")
class TagNamesAreNumbers(AnswerOfDictionary):
    """A tag whose name looks like a number comes back as one."""

    def change(self, answered: Json) -> None:
        for tag in [tag for column in columns_in(answered) for tag in column.get("tags") or []]:
            if tag["name"].isdecimal():
                tag["name"] = int(tag["name"])
