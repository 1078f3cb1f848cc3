"""Turns the outcomes of a run into verdicts promise by promise, and writes them as text, JSON and JUnit XML."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from immuta_contracts.client import Client
from immuta_contracts.contract import Failure, Outcome, Verdict
from immuta_contracts.deviations import Listed
from immuta_contracts.exchange import shown
from immuta_contracts.promises import Promise, promises
from immuta_contracts.reports.curl import curl
from immuta_contracts.reports.requests import written


@dataclass(frozen=True)
class Ruling:
    """The verdict on one promise: `failures` with the outcome each came from, `detail` says what was not tried.

    A promise that is not `gating` is advisory: broken, it does not fail the run. Neither do `excused` failures, which
    are known deviations; `deviation` is the gravest entry about the promise.
    """

    promise: Promise
    verdict: Verdict
    detail: str
    failures: tuple[tuple[Outcome, Failure], ...]
    outcomes: tuple[Outcome, ...]
    gating: bool = True
    excused: tuple[Failure, ...] = ()
    deviation: Listed | None = None

    @property
    def fails(self) -> bool:
        """Whether the run fails because of it."""
        return self.gating and len(self.excused) < len(self.failures)

    @property
    def standing(self) -> str:
        """The verdict, and for a broken promise why it does not count, or why it counts in spite of an entry."""
        if self.verdict != "broken":
            return self.verdict
        words = [] if self.gating else ["advisory"]
        if len(self.excused) == len(self.failures):
            words.append("known")
        elif self.deviation and self.deviation.state == "expired":
            words.append("expired")
        return f"broken ({', '.join(words)})" if words else "broken"


def rulings(outcomes: Iterable[Outcome]) -> list[Ruling]:
    """One ruling for each promise that any outcome is about, in the order of the list of promises.

    A promise is broken when any layer broke it, kept when every subject of its own properties was tried and kept it.
    """
    outcomes = list(outcomes)
    found = []
    for promise in promises().values():
        own = tuple(outcome for outcome in outcomes if outcome.check.promise == promise.id)
        failures = tuple((o, o.failure) for o in outcomes if o.failure and o.failure.promise == promise.id)
        if own or failures:
            found.append(Ruling(promise, *_verdict(own, bool(failures)), failures, own))
    return found


def _verdict(own: tuple[Outcome, ...], broken: bool) -> tuple[Verdict, str]:
    untried = [outcome for outcome in own if outcome.verdict == "not tried"]
    notes = sorted({note for outcome in own for note in outcome.notes})
    reasons = sorted({outcome.reason for outcome in untried})
    if broken:
        return "broken", "; ".join(notes)
    if not untried:
        return "kept", "; ".join(notes)
    part = f"in part ({len(own) - len(untried)} of {len(own)} were): " if len(untried) < len(own) else ""
    return "not tried", part + "; ".join(reasons)


def explain(promise: Promise, outcome: Outcome, failure: Failure, client: Client) -> str:
    """Everything one needs to see a broken promise: its sentence, the requests as curl lines, expected and seen."""
    subject = f" [{outcome.subject}]" if outcome.subject else ""
    lines = [
        f"{promise.id} is broken{subject}: {promise.text}",
        f"  found by   {outcome.check.layer}: {outcome.check.name}",
        f"  expected   {failure.expected}",
        f"  seen       {failure.seen}",
        "  requests",
    ]
    for exchange in failure.exchanges:
        line = curl(client.redactor().request(exchange.request), client.target.base_url)
        lines += [f"    {line}", f"      -> {exchange.answer.status} {_masked(exchange.answer.text, client, 300)}"]
    return "\n".join(lines)


def _masked(text: str, client: Client, limit: int) -> str:
    text = client.redactor().mask(text)
    return text if len(text) <= limit else f"{text[:limit]}..."


def table(found: list[Ruling]) -> str:
    """The verdicts as a table: promise, verdict, evidence, sentence."""
    width = max([9, *(len(ruling.standing) for ruling in found)])
    rows = [
        f"{ruling.promise.id:<10} {ruling.standing:<{width}} {_tags(ruling.promise):<24} "
        + _cut(ruling.promise.text, 74)
        + (f"\n{'':<{width + 12}}({ruling.detail})" if ruling.detail else "")
        for ruling in found
    ]
    return "\n".join([f"{'promise':<10} {'verdict':<{width}} {'evidence':<24} it says", *rows])


def _tags(promise: Promise) -> str:
    return "".join(f"[{tag}]" for tag in promise.evidence)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def coverage_table(client: Client) -> str:
    """Operation by operation: how often each status was seen, and each query parameter of it was sent."""
    rows = []
    for name, seen in client.coverage.items():
        statuses = " ".join(f"{status}:{count}" for status, count in sorted(seen.statuses.items()))
        parameters = " ".join(f"{parameter}:{count}" for parameter, count in seen.parameters.items())
        rows.append(f"{name:<36} {statuses or 'never called':<58} {parameters}".rstrip())
    return "\n".join([f"{'operation':<36} {'statuses seen':<58} query parameters sent", *rows])


def counts(found: list[Ruling]) -> dict[str, int]:
    verdicts = [ruling.verdict for ruling in found]
    return {verdict: verdicts.count(verdict) for verdict in ("kept", "broken", "not tried")}


def as_json(found: list[Ruling], client: Client, about: Mapping[str, Any]) -> dict[str, Any]:
    """The whole run as a JSON document; no secret is in it."""
    return {
        **about,
        "counts": counts(found),
        "promises": [_ruling_json(ruling, client) for ruling in found],
        "operations": {
            name: {"statuses": dict(sorted(seen.statuses.items())), "parameters": dict(seen.parameters)}
            for name, seen in client.coverage.items()
        },
    }


def _ruling_json(ruling: Ruling, client: Client) -> dict[str, Any]:
    promise = ruling.promise
    return {
        "id": promise.id,
        "family": promise.family,
        "evidence": list(promise.evidence),
        "text": promise.text,
        "verdict": ruling.verdict,
        "gating": ruling.gating,
        "deviation": ruling.deviation.as_json() if ruling.deviation else None,
        "detail": ruling.detail,
        "tried": [
            {
                "property": outcome.check.name,
                "subject": str(outcome.subject) if outcome.subject else None,
                "verdict": outcome.verdict,
                "reason": outcome.reason,
                "requests": outcome.requests,
                "seconds": round(outcome.seconds, 3),
            }
            for outcome in ruling.outcomes
        ],
        "failures": [
            {**_failure_json(outcome, failure, client), "known": failure in ruling.excused}
            for outcome, failure in ruling.failures
        ],
    }


def _failure_json(outcome: Outcome, failure: Failure, client: Client) -> dict[str, Any]:
    return {
        "layer": outcome.check.layer,
        "found_by": outcome.check.name,
        "subject": str(outcome.subject) if outcome.subject else None,
        "expected": failure.expected,
        "seen": failure.seen,
        "requests": [
            {
                "operation": exchange.operation,
                "role": exchange.role,
                "request": written(client.redactor().request(exchange.request)),
                "curl": curl(client.redactor().request(exchange.request), client.target.base_url),
                "status": exchange.answer.status,
                "answer": client.redactor().mask(shown(exchange.answer.text)),
            }
            for exchange in failure.exchanges
        ],
    }


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_junit(path: Path, found: list[Ruling], client: Client, seconds: float) -> None:
    """One test case for each promise; one that was not tried is skipped with its reason.

    Skipped is also what is broken and does not fail the run, as pytest writes expected failures: a passed case would
    hide it (GitLab and most others show no output of what passed), a failure would turn the job red.
    """
    failing = sum(ruling.fails for ruling in found)
    kept = sum(ruling.verdict == "kept" for ruling in found)
    suite = ElementTree.Element(
        "testsuite",
        name="immuta-contract",
        tests=str(len(found)),
        failures=str(failing),
        skipped=str(len(found) - failing - kept),
        errors="0",
        time=f"{seconds:.3f}",
    )
    for ruling in found:
        spent = sum(outcome.seconds for outcome in ruling.outcomes)
        name = f"{ruling.promise.id} {ruling.promise.text}"
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"promises.{ruling.promise.family}", name=_xml(name), time=f"{spent:.3f}"
        )
        _add_verdict(case, ruling, client)
    ElementTree.ElementTree(suite).write(path, "utf-8", xml_declaration=True)


def _add_verdict(case: ElementTree.Element, ruling: Ruling, client: Client) -> None:
    """Properties where something is special, why it was skipped, the failures that count, and those that do not."""
    marks = {} if ruling.gating else {"gating": "false"}
    marks |= {"deviation": ruling.deviation.state} if ruling.deviation else {}
    if marks:
        properties = ElementTree.SubElement(case, "properties")
        for name, value in marks.items():
            ElementTree.SubElement(properties, "property", name=name, value=value)
    if ruling.verdict != "kept" and not ruling.fails:
        told = [ruling.standing] if ruling.verdict == "broken" else []
        told += [str(ruling.deviation)] if ruling.deviation else [ruling.detail] if ruling.detail else []
        ElementTree.SubElement(case, "skipped", message=_xml(": ".join(told)))
    aside = []
    for outcome, failure in ruling.failures:
        text = _xml(explain(ruling.promise, outcome, failure, client))
        if ruling.fails and failure not in ruling.excused:
            message = _xml(_cut(f"expected {failure.expected}, seen {failure.seen}", 500))
            ElementTree.SubElement(case, "failure", message=message).text = text
        else:
            aside.append(text)
    if aside:
        ElementTree.SubElement(case, "system-out").text = "\n\n".join(aside)


NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
