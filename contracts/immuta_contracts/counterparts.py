"""What in a recorded sequence of requests stands for what when it is sent again: names of the run, ids, jobs.

Ids are told apart by kind, since one number may be a handler, a data source and a bulk update; each has one counterpart
and is the counterpart of one, so that an answer about the wrong thing does not pass for one about the right thing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from immuta_contracts.exchange import NO_JSON, Request, parsed

Kind = Literal["handler", "source", "dictionary", "bulk", "text"]

NUMBER = re.compile(r"(?<!\d)(0*)(\d+)")
IN_PATH = re.compile(r"(?<=/)(handler|dictionary|dataSource)/([^/?]+)")
IN_QUERY = re.compile(r"(?<=[?&])(bulkId|dataSourceIds)=([^&]*)")
IN_BODY = re.compile(r'"(ids)"\s*:\s*\[([^\]]*)\]')
PLACES: Mapping[str, Kind] = {"handler": "handler", "bulkId": "bulk"}  # anything else is a data source
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
RUN = re.compile(r"contract-(\d+(?:s\d+)?[a-z]?)-(?:\d+|spare)\b")
CUT = re.compile(r"\.\.\. \(\d+ characters\)$")  # the end of an answer that was too long for the report
IDS = re.compile(r'("(?:id|dataSourceId|dataSource|bulkId)"\s*:\s*)\d+')
SLACK = 200  # characters
OF_A_SOURCE = {"blobHandlerType", "blobHandler", "hardDelete"}  # an object with one of these is a data source's


class Counterparts:
    """From the recording to now; `was` and `now` are the names of the runs."""

    def __init__(self, was: str | None, now: str) -> None:
        self._named = re.compile(rf"(contract-?){re.escape(was)}(?!\d)", re.IGNORECASE) if was else None
        self._now = now
        self._pairs: dict[tuple[Kind, Any], Any] = {}
        self._taken: set[tuple[Kind, Any]] = set()

    def request(self, recorded: Request) -> Request:
        """The request about the counterparts of what the recorded one was about."""
        path, question, query = self.text(recorded.target).partition("?")
        path = IN_PATH.sub(self._places, path)
        target = path + IN_QUERY.sub(self._places, question + query)
        body = recorded.body
        if body is not None:
            text = self.text(body.decode("latin-1"))
            body = (IN_BODY.sub(self._places, text) if "bulk" in path else text).encode("latin-1")
        return replace(recorded, target=target, body=body)

    def text(self, recorded: str) -> str:
        """A text with the run's name and the ids in it that are texts replaced."""
        text = self._named.sub(rf"\g<1>{self._now}", recorded) if self._named else recorded
        return UUID.sub(lambda found: str(self._pairs.get(("text", found[0]), found[0])), text)

    def same(self, recorded: str, seen: str) -> bool:
        """Whether two bodies of answers say the same; what stands for what is learned on the way."""
        was, now = parsed(recorded.encode()), parsed(seen.encode())
        if CUT.search(recorded) or CUT.search(seen):
            return _same_start(_nameless(self.text(recorded)), _nameless(seen))
        if was is NO_JSON or now is NO_JSON:
            return _timeless(self.text(recorded)) == _timeless(seen)
        return self._same(was, now)

    def _same(self, was: Any, now: Any) -> bool:
        """Looks at everything, also behind a difference, for what there is to learn."""
        if isinstance(was, dict) and isinstance(now, dict):
            return self._same_object(was, now)
        if isinstance(was, list) and isinstance(now, list):
            items = [self._same(*each) for each in zip(was, now, strict=False)]
            return len(was) == len(now) and all(items)
        if isinstance(was, str) and isinstance(now, str):
            return self._same_text(was, now)
        return type(was) is type(now) and bool(was == now)

    def _same_object(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
        ids = [self._pair(kind, was[name], now.get(name)) for name in was if (kind := _kind(name, was))]
        members = {self.text(name): value for name, value in was.items()}
        others = [name for name in members if name in now and not _kind(name, was)]
        return all([members.keys() == now.keys(), *ids, *[self._same(members[name], now[name]) for name in others]])

    def _same_text(self, was: str, now: str) -> bool:
        if UUID.fullmatch(was) and UUID.fullmatch(now):
            return self._pair("text", was, now)
        return _timeless(IN_PATH.sub(self._places, self.text(was))) == _timeless(now)

    def _pair(self, kind: Kind, was: Any, now: Any) -> bool:
        """Whether the two stand for each other, if need be from now on."""
        if isinstance(was, str) and isinstance(now, str) and kind != "text":
            return self._same_text(was, now)
        if type(was) is not type(now) or isinstance(was, bool | dict | list | None):
            return type(was) is type(now) and bool(was == now)
        if (kind, was) not in self._pairs and (kind, now) not in self._taken:
            self._pairs[kind, was] = now
            self._taken.add((kind, now))
        return bool(self._pairs.get((kind, was)) == now)

    def _places(self, found: re.Match[str]) -> str:
        """A place where ids stand, with those that have a counterpart replaced."""
        kind = PLACES.get(found[1], "source")
        ids = NUMBER.sub(lambda number: number[1] + str(self._pairs.get((kind, int(number[2])), number[2])), found[2])
        start = found.start(2) - found.start()
        return found[0][:start] + ids + found[0][start + len(found[2]) :]


def run_of(texts: list[str]) -> str | None:
    """The name of the run whose things the texts are about."""
    return next((found[1] for text in texts if (found := RUN.search(text))), None)


def _kind(name: str, siblings: Mapping[str, Any]) -> Kind | None:
    """What kind of id a member of an object is; None: no id."""
    if name in ("dataSourceId", "dataSource", "bulkId"):
        return "bulk" if name == "bulkId" else "source"
    if name != "id":
        return None
    if "dataSourceId" in siblings:
        return "handler"
    if "dataSource" in siblings:
        return "dictionary"
    return "source" if OF_A_SOURCE & siblings.keys() else None


def _nameless(text: str) -> str:
    """A text that was cut, and so is no JSON, without the ids in it."""
    return IDS.sub(r"\1<an id>", IN_PATH.sub(r"\1/<an id>", _timeless(CUT.sub("", text))))


def _same_start(one: str, other: str) -> bool:
    """Whether two texts say the same as far as they go; where they were cut depends on the names in them."""
    length = min(len(one), len(other))
    return one[:length] == other[:length] and abs(len(one) - len(other)) <= SLACK


def _timeless(text: str) -> str:
    return TIME.sub("<a time>", text)
