"""A run document as JUnit XML, for CI servers."""

import re
import xml.etree.ElementTree as ElementTree

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.text import explain
from immuta_contracts.reports.verdict import cut, said, standing, with_standing

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(whole: Document) -> str:
    """One test case for each promise; one that was not tried is skipped with its reason.

    Skipped is also what is broken and does not fail the run, as pytest writes expected failures: a passed case would
    hide it (GitLab and most others show no output of what passed), a failure would turn the job red.
    """
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
    kind, entry = standing(promise), promise.get("deviation")
    if kind not in ("kept", "broken"):
        told = [said(promise)] if promise["verdict"] == "broken" else []
        told += [entry["says"]] if entry else [promise["detail"]] if promise["detail"] else []
        ElementTree.SubElement(case, "skipped", message=_xml(": ".join(told)))
    aside = [_xml(entry["says"])] if entry and kind in ("kept", "broken") else []
    for failure in promise["failures"]:
        if kind == "broken" and not failure.get("known"):
            message = _xml(cut(f"expected {failure['expected']}, seen {failure['seen']}", 500))
            ElementTree.SubElement(case, "failure", message=message).text = _xml(explain(promise, failure))
        else:
            aside.append(_xml(explain(promise, failure)))
    if aside:
        ElementTree.SubElement(case, "system-out").text = "\n\n".join(aside)


def _xml(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
