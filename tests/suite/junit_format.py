"""Holds a JUnit report to the strictest schema that a CI server publishes, junit-10.xsd of Jenkins' xUnit plugin."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, fromstring

SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


@dataclass(frozen=True)
class Known:
    """What an element may hold: other elements, attributes that it needs, attributes beside them, and text."""

    elements: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    text: bool = False


def _known(elements: str = "", needs: str = "", may: str = "", *, text: bool = False) -> Known:
    return Known(frozenset(elements.split()), frozenset(needs.split()), frozenset(may.split()), text)


OUTCOME = _known(may="type message", text=True)
RERUN = _known("stackTrace system-out system-err", "type", "message", text=True)
RERUNS = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")
ELEMENTS = {
    "testsuites": _known("testsuite", may="name time tests failures errors"),
    "testsuite": _known(
        "testsuite properties testcase system-out system-err",
        "name tests failures errors",
        "group time skipped timestamp hostname id package file log url",
    ),
    "testcase": _known(
        f"skipped error failure system-out system-err {' '.join(RERUNS)}", "name", "time classname group"
    ),
    "properties": _known("property"),
    "property": _known(needs="name value"),
    **dict.fromkeys(("failure", "error", "skipped"), OUTCOME),
    **dict.fromkeys(("system-out", "system-err", "stackTrace"), _known(text=True)),
    **dict.fromkeys(RERUNS, RERUN),
}


def strange(report: str) -> list[str]:
    """What the schema does not allow."""
    root = fromstring(report)
    if root.tag not in ("testsuites", "testsuite"):
        return [f"it begins with {root.tag}"]
    return list(_strange(root))


def _strange(element: Element) -> Iterator[str]:
    known, names = ELEMENTS[element.tag], set(element.keys())
    yield from (f"{element.tag} lacks {name}" for name in known.needs - names)
    yield from (f"{element.tag} has {name}" for name in names - known.needs - known.may)
    if element.tag.startswith("testsuite") and not SECONDS.fullmatch(element.get("time", "")):
        yield f"{element.tag} took {element.get('time')}"
    if not known.text and "".join([element.text or "", *(each.tail or "" for each in element)]).strip():
        yield f"{element.tag} holds text"
    for each in element:
        if each.tag in known.elements:
            yield from _strange(each)
        else:
            yield f"{element.tag} holds {each.tag}"
