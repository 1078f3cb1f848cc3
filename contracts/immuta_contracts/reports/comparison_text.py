"""A comparison document in words: what it comes to, and the texts for a terminal and for a pull request."""

import math
from collections.abc import Iterator
from typing import Literal

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.markdown import SIGNS, cell, code, rows_of
from immuta_contracts.reports.verdict import cut

ANSWER = 300  # characters of an answer, and of a value
SAYS = {
    "status": "is answered with another status",
    "media type": "is answered with another media type",
    "value": "has another value",
    "type": "is of another type",
    "order": "is in another order",
    "length": "is of another length",
    "gone": "is only on A",
    "new": "is only on B",
    "wording": "is in other words",
}


def apart(whole: Document) -> list[Document]:
    """The differences that tell the two apart."""
    return [each for each in whole["differences"] if each["told_apart"]]


def said(difference: Document) -> str:
    """Where and how the two differ."""
    body = "" if difference["what"] in ("status", "media type") else difference["path"] or "the body"
    return f"{body} {SAYS[difference['what']]}".strip()


def times(count: int) -> str:
    """How often something was seen."""
    return "once" if count == 1 else f"{count} times"


def one_sided(whole: Document) -> list[Document]:
    """The fields that only one of both has."""
    return [each for each in apart(whole) if each["what"] in ("gone", "new")]


def differing(whole: Document) -> list[str]:
    """The operations that answer differently."""
    return list(dict.fromkeys(each["operation"] for each in apart(whole)))


def rate(tally: Document) -> str:
    """The share of answers that agree; it is 100 % only if all do."""
    share = math.floor(10_000 * tally["agreed"] / tally["compared"]) / 100 if tally["compared"] else 0
    return f"{share:g} %" if tally["compared"] else "-"


def headline(whole: Document) -> str:
    if not whole["compared"]:
        return "Nothing could be compared"
    stopped = "Interrupted: " if whole["interrupted"] else ""
    number = len(differing(whole))
    if not number:
        return f"{stopped}A and B agree"
    return f"{stopped}A and B differ on {number} operation{'s' if number > 1 else ''}"


def mood(whole: Document) -> Literal["good", "bad", "unsure"]:
    if apart(whole):
        return "bad"
    return "unsure" if whole["interrupted"] or ended(whole) or not whole["compared"] else "good"


def ended(whole: Document) -> str | None:
    """Why the comparison was ended early."""
    return next((whole[side]["trouble"]["ended"] for side in "ab" if whole[side]["trouble"]["ended"]), None)


def tally(whole: Document) -> str:
    """The last line: how many answers agree, the cost and the seed."""
    words = f", {whole['reworded']} in other words" if whole["reworded"] else ""
    requests = f"{whole['a']['requests']} and {whole['b']['requests']} requests in {whole['seconds']:.1f} s"
    agreed = f"{whole['agreed']} of {whole['compared']} answers agree ({rate(whole)}){words}"
    return f"{agreed}, {len(apart(whole))} kinds of differences; {requests}; seed {whole['seed']}"


def summary(whole: Document) -> str:
    """The comparison as the terminal shows it."""
    parts = [_table(whole), *(_explained(each) for each in apart(whole) if each["steps"]), *_listed(whole)]
    parts += [f"{what}: {text}" for what, text in _remarks(whole)]
    sides = f"A {whole['a']['target']}\nB {whole['b']['target']}"
    return "\n\n".join([*parts, f"{sides}\n{headline(whole)}: {tally(whole)}"])


def _table(whole: Document) -> str:
    rows = [
        f"{name:<36} {seen['compared']:>8} {seen['agreed']:>8} {rate(seen):>8}  {seen['reworded'] or ''}".rstrip()
        for name, seen in whole["operations"].items()
    ]
    return "\n".join([f"{'operation':<36} {'compared':>8} {'agree':>8} {'rate':>8}  in other words", *rows])


def _explained(difference: Document) -> str:
    subject = f" [{difference['subject']}]" if difference["subject"] else ""
    lines = [
        f"{difference['operation']}: {said(difference)} ({times(difference['count'])})",
        f"  found by   {difference['layer']}: {difference['found_by']}{subject}",
        f"  A          {_short(difference['a'])}",
        f"  B          {_short(difference['b'])}",
        "  requests",
    ]
    for step in difference["steps"]:
        lines.append(f"    {step['a']['curl']}")
        lines += [f"      {side.upper()} -> {step[side]['status']} {_short(step[side]['answer'])}" for side in "ab"]
    return "\n".join(lines)


def _listed(whole: Document) -> list[str]:
    """The other differences, which are like one that was shown."""
    rows = [f"  {each['operation']:<36} {said(each)} ({times(each['count'])})" for each in apart(whole)]
    return ["\n".join(["all differences", *rows])] if rows else []


def _remarks(whole: Document) -> Iterator[tuple[str, str]]:
    if whole["interrupted"]:
        yield "interrupted", "this is what was compared until then"
    if why := ended(whole):
        yield "ended early", why
    for side in "ab":
        if left := whole[side]["left_behind"]:
            yield f"left behind on {side.upper()}", ", ".join(left)
    for what in ("cut_short", "not_tried"):
        for each in whole[what]:
            yield what.replace("_", " "), f"{times(each['count'])}, {cut(each['reason'], ANSWER)}"


def _short(text: str | None) -> str:
    if text is None:
        return "(absent)"
    return text.rstrip("\n") if len(text) <= ANSWER else f"{text[:ANSWER]}..."


def markdown(whole: Document) -> str:
    """The comparison for a pull request or the page of a CI job."""
    parts = [f"## {SIGNS[mood(whole)]} {headline(whole)}", f"{tally(whole)}."]
    parts.append(f"A is {code(whole['a']['target'])}, B is {code(whole['b']['target'])}, profile {whole['profile']}.")
    rows = [
        f"| {each['operation']} | {cell(said(each))} | {cell(_short(each['a']))} | {cell(_short(each['b']))} "
        f"| {each['count']} |"
        for each in apart(whole)
    ]
    parts += rows_of("| operation | difference | A | B | times |", rows)
    parts += [f"**{what.capitalize()}:** {cell(text)}" for what, text in _remarks(whole)]
    return "\n\n".join(parts) + "\n"
