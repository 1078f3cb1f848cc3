"""What in a recorded sequence of requests stands for what when it is sent again: names of the run, ids, jobs.

Ids are told apart by kind, since one number may be a handler, a data source and a bulk update; each has one counterpart
and is the counterpart of one, so that an answer about the wrong thing does not pass for one about the right thing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from immuta_contracts.exchange import NO_JSON, Request, parsed

Kind = Literal["handler", "source", "dictionary", "bulk", "profile", "text"]
What = Literal["status", "media type", "value", "type", "order", "length", "gone", "new", "wording"]

NUMBER = re.compile(r"(?<!\d)(0*)(\d{1,18})(?!\d)")
IN_PATH = re.compile(r"(?<=/)(handler|dictionary|dataSource)/([^/?]+)")
IN_QUERY = re.compile(r"(?<=[?&])(bulkId|dataSourceIds)=([^&]*)")
IN_BODY = re.compile(r'"(ids)"\s*:\s*\[([^\]]*)\]')
URL = re.compile(r"(https?:/)?/\S+")
PEOPLE = re.compile(r'"(profiles|ownerProfileId)"\s*:\s*(\[[\d\s,]*\]|\d+)')
PLACES: Mapping[str, Kind] = {  # anything else is a data source
    "handler": "handler",
    "bulkId": "bulk",
    "profiles": "profile",
    "ownerProfileId": "profile",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
RUN = re.compile(r"contract-(\d+(?:s\d+)?[a-z]?)-(?:\d+|spare)\b")
OF_A_KIND: Mapping[str, Kind] = {
    **dict.fromkeys(("dataSourceId", "dataSource"), "source"),
    **dict.fromkeys(("createdBy", "ownerProfileId"), "profile"),
    "bulkId": "bulk",
}
CUT = re.compile(r"\.\.\. \(\d+ characters\)$")  # the end of an answer that was too long for the report
IDS = re.compile(r'("(?:id|dataSourceId|dataSource|bulkId)"\s*:\s*)\d+')
SLACK = 200  # characters
OF_A_SOURCE = {"blobHandlerType", "blobHandler", "hardDelete"}  # an object with one of these is a data source's


@dataclass(frozen=True)
class Difference:
    """`path` is like hits[].name, empty for the whole; `gone` and `new` are members that only one of both has."""

    path: str
    what: What
    was: Any = None
    now: Any = None


class Counterparts:
    """From the recording to now; `was` and `now` are the names of the runs.

    `missed` holds the ids, with their kinds, that the last request was to be about and that have no counterpart.
    """

    def __init__(self, was: str | None, now: str) -> None:
        self._named = re.compile(rf"(contract-?){re.escape(was)}(?!\d)", re.IGNORECASE) if was else None
        self._now = now
        self._pairs: dict[tuple[Kind, Any], Any] = {}
        self._taken: set[tuple[Kind, Any]] = set()
        self.missed: set[tuple[Kind, Any]] = set()

    @property
    def known(self) -> frozenset[tuple[Kind, Any]]:
        """The ids of the recording that have a counterpart."""
        return frozenset(self._pairs)

    def request(self, recorded: Request) -> Request:
        """The request about the counterparts of what the recorded one was about."""
        self.missed.clear()
        path, question, query = self.text(recorded.target).partition("?")
        path = IN_PATH.sub(self._places, path)
        target = path + IN_QUERY.sub(self._places, question + query)
        body = recorded.body
        if body is not None:
            text = PEOPLE.sub(self._places, self.text(body.decode("latin-1")))
            body = (IN_BODY.sub(self._places, text) if "bulk" in path else text).encode("latin-1")
        return replace(recorded, target=target, body=body)

    def text(self, recorded: str) -> str:
        """A text with the run's name and the ids in it that are texts replaced."""
        text = self._named.sub(rf"\g<1>{self._now}", recorded) if self._named else recorded
        return UUID.sub(lambda found: str(self._counterpart("text", found[0])), text)

    def _counterpart(self, kind: Kind, was: Any) -> Any:
        if (kind, was) not in self._pairs:
            self.missed.add((kind, was))
        return self._pairs.get((kind, was), was)

    def same(self, recorded: str, seen: str) -> bool:
        """Whether two bodies of answers say the same; what stands for what is learned on the way."""
        was, now = parsed(recorded.encode()), parsed(seen.encode())
        if CUT.search(recorded) or CUT.search(seen):
            return _same_start(_nameless(self.text(recorded)), _nameless(seen))
        if was is NO_JSON or now is NO_JSON:
            return _timeless(self.text(recorded)) == _timeless(seen)
        return not self.differences(was, now)

    def differences(self, was: Any, now: Any, at: str = "") -> list[Difference]:
        """Where two JSON values, the members called `at`, say different things.

        Looks at everything, also behind a difference, for what there is to learn.
        """
        if isinstance(was, dict) and isinstance(now, dict):
            return self._of_objects(was, now, at)
        if isinstance(was, list) and isinstance(now, list):
            return self._of_lists(was, now, at)
        if isinstance(was, str) and isinstance(now, str):
            same = self._same_text(was, now)
        else:
            same = type(was) is type(now) and bool(was == now)
        return [] if same else [_unequal(at, was, now)]

    def _of_objects(self, was: Mapping[str, Any], now: Mapping[str, Any], at: str) -> list[Difference]:
        members = {self.text(name): (_kind(name, was), value) for name, value in was.items()}
        gone = [name for name in members if name not in now]
        found = [Difference(_member(at, name), "gone", members[name][1]) for name in gone]
        found += [Difference(_member(at, name), "new", None, now[name]) for name in now if name not in members]
        both = [(name, kind, value) for name, (kind, value) in members.items() if name in now]
        for name, kind, value in sorted(both, key=lambda each: each[1] is None):  # ids first: others hold them
            if kind is None:
                found += self.differences(value, now[name], _member(at, name))
            elif not self.pair(kind, value, now[name]):
                found.append(_unequal(_member(at, name), value, now[name]))
        return found

    def _of_lists(self, was: list[Any], now: list[Any], at: str) -> list[Difference]:
        found = [each for pair in zip(was, now, strict=False) for each in self.differences(*pair, f"{at}[]")]
        if len(was) != len(now):
            return [*found, Difference(at, "length", was, now)]
        if found and sorted(self._written(each) for each in was) == sorted(map(_written, now)):
            return [Difference(at, "order", was, now)]
        return found

    def _written(self, was: Any) -> str:
        return self.text(_written(was))

    def _same_text(self, was: str, now: str) -> bool:
        if UUID.fullmatch(was) and UUID.fullmatch(now):
            return self.pair("text", was, now)
        if URL.fullmatch(was) and URL.fullmatch(now):
            self._learn_places(was, now)
        return _timeless(IN_PATH.sub(self._places, self.text(was))) == _timeless(now)

    def _learn_places(self, was: str, now: str) -> None:
        """The ids at the same places of two addresses stand for each other."""
        for old, new in zip(IN_PATH.finditer(was), IN_PATH.finditer(now), strict=False):
            if old[1] == new[1] and old[2].isdecimal() and new[2].isdecimal():
                self.pair(PLACES.get(old[1], "source"), int(old[2]), int(new[2]))

    def pair(self, kind: Kind, was: Any, now: Any) -> bool:
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
        ids = NUMBER.sub(lambda number: number[1] + str(self._counterpart(kind, int(number[2]))), found[2])
        start = found.start(2) - found.start()
        return found[0][:start] + ids + found[0][start + len(found[2]) :]


def run_of(texts: list[str]) -> str | None:
    """The name of the run whose things the texts are about."""
    return next((found[1] for text in texts if (found := RUN.search(text))), None)


def _kind(name: str, siblings: Mapping[str, Any]) -> Kind | None:
    """What kind of id a member of an object is; None: no id."""
    if name in OF_A_KIND:
        return OF_A_KIND[name]
    if name != "id":
        return None
    if "dataSourceId" in siblings:
        return "handler"
    if "dataSource" in siblings:
        return "dictionary"
    return "source" if OF_A_SOURCE & siblings.keys() else None


def _member(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _unequal(at: str, was: Any, now: Any) -> Difference:
    return Difference(at, "value" if type(was) is type(now) else "type", was, now)


def _written(value: Any) -> str:
    return _timeless(json.dumps(value, sort_keys=True))


def _nameless(text: str) -> str:
    """A text that was cut, and so is no JSON, without the ids in it."""
    return IDS.sub(r"\1<an id>", IN_PATH.sub(r"\1/<an id>", _timeless(CUT.sub("", text))))


def _same_start(one: str, other: str) -> bool:
    """Whether two texts say the same as far as they go; where they were cut depends on the names in them."""
    length = min(len(one), len(other))
    return one[:length] == other[:length] and abs(len(one) - len(other)) <= SLACK


def _timeless(text: str) -> str:
    return TIME.sub("<a time>", text)
