"""A run document as JUnit XML, for CI servers."""

import re
import xml.etree.ElementTree as ElementTree

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.text import explain
from immuta_contracts.reports.verdict import cut, standing, with_standing

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(whole: Document) -> str:
    """One test case for each promise; one that was not tried, or whose breaking is no failure, is skipped with it."""
    suite = ElementTree.Element(
        "testsuite",
        name="immuta-contract",
        tests=str(len(whole["promises"])),
        failures=str(len(with_standing(whole, "broken"))),
        skipped=str(len(with_standing(whole, "not tried", "advisory", "known"))),
        errors="0",
        time=f"{whole['seconds']:.3f}",
    )
    for promise in whole["promises"]:
        _case(suite, promise)
    return ElementTree.tostring(suite, "unicode", xml_declaration=True)


def _case(suite: ElementTree.Element, promise: Document) -> None:
    spent = sum(tried["seconds"] for tried in promise["tried"])
    name, family = _xml(f"{promise['id']} {promise['text']}"), f"promises.{promise['family']}"
    case = ElementTree.SubElement(suite, "testcase", classname=family, name=name, time=f"{spent:.3f}")
    kind = standing(promise)
    if kind == "not tried":
        ElementTree.SubElement(case, "skipped", message=_xml(promise["detail"]))
    if kind in ("advisory", "known"):
        ElementTree.SubElement(case, "skipped", message=_xml(f"broken, but {kind}"))
    for failure in promise["failures"]:
        message = f"expected {failure['expected']}, seen {failure['seen']}"
        tag = "failure" if kind == "broken" else "system-out"
        element = ElementTree.SubElement(case, tag)
        element.text = _xml(explain(promise, failure))
        if tag == "failure":
            element.set("message", _xml(cut(message, 500)))


def _xml(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
