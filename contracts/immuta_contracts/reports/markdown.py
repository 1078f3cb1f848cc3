"""A run document as a short Markdown summary, for a pull request or the page of a CI job."""

import re
from itertools import groupby

from immuta_contracts.reports.account import Rows, fence, way
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import cut, findings, headline, mood, standing, tags, tally, with_standing

MOST = 20  # rows of a table
SIGNS = {"good": "✅", "bad": "❌", "unsure": "⚠️"}


def markdown(whole: Document) -> str:
    """Verdict, what is broken, what was not tried, drift, known deviations, and what was kept from the target."""
    target = f"`{whole['target']}`, profile {whole['profile']}"
    parts = [f"## {SIGNS[mood(whole)]} {headline(whole)}", f"{tally(whole)}. Target {target}."]
    if ended := whole.get("trouble", {}).get("ended"):
        parts.append(f"**Ended early:** {cell(ended)}")
    parts += [*_broken(whole), *_untried(whole), *_drift(whole), *_deviations(whole)]
    if whole["left_behind"]:
        parts.append(f"**Left behind on the target:** {', '.join(map(code, whole['left_behind']))}")
    parts += _folded("Fence, and trouble on the way", rows_of("| | |", _account([*fence(whole), *way(whole)])))
    return "\n\n".join(parts) + "\n"


def _broken(whole: Document) -> list[str]:
    """A row for each promise, with what was found first and on what else the promise broke."""
    rows = []
    for _, together in groupby(findings(whole), lambda each: each.promise["id"]):
        first, *others = found = list(together)
        subjects = ", ".join(dict.fromkeys(subject for each in found for subject in each.subjects))
        more = f" (and {len(others)} more in the report)" if others else ""
        promise, failure = first.promise, first.failure
        says = f"{_sentence(promise['text'])} {tags(promise)}"
        rows.append(
            f"| {promise['id']} | {standing(promise)} | {cell(subjects)} | {says} "
            f"| {cell(failure['expected'])} | {cell(failure['seen'])}{more} |"
        )
    return rows_of("| promise | verdict | on | it says | expected | seen |", rows)


def _untried(whole: Document) -> list[str]:
    rows = [f"| {promise['id']} | {cell(promise['detail'])} |" for promise in with_standing(whole, "not tried")]
    return _folded(f"{len(rows)} not tried", rows_of("| promise | why |", rows))


def _drift(whole: Document) -> list[str]:
    rows = [
        f"| {each['operation']} | {each['status']} | {code(each['field']) if each['field'] else 'the status itself'} "
        f"| {each['count']} |"
        for each in whole["drift"]
    ]
    return [
        f"### Seen, but not documented\n\n{table}" for table in rows_of("| operation | status | field | times |", rows)
    ]


def _deviations(whole: Document) -> list[str]:
    rows = [f"- {cell(each['says'])}" for each in whole.get("deviations", [])]
    return ["\n".join(["### Known deviations\n", *rows])] if rows else []


def _account(rows: Rows) -> list[str]:
    return [f"| {name} | {'<br>'.join(map(cell, said))} |" for name, said in rows]


def _folded(what: str, parts: list[str]) -> list[str]:
    return [f"<details><summary>{what}</summary>", *parts, "</details>"] if parts else []


def rows_of(head: str, rows: list[str]) -> list[str]:
    """A table, or nothing without rows."""
    if not rows:
        return []
    more = [f"\n{len(rows) - MOST} more in the report"] if len(rows) > MOST else []
    line = "|" + " --- |" * (head.count("|") - 1)
    return ["\n".join([head, line, *rows[:MOST], *more])]


def cell(text: str) -> str:
    """A text that stays inside its cell: Markdown and HTML in it are shown, not obeyed."""
    return _escaped(cut(" ".join(text.split()), 200))


def _sentence(text: str) -> str:
    """A promise with its `code` as code."""
    return "".join(code(piece) if at % 2 else _escaped(piece) for at, piece in enumerate(text.split("`")))


def _escaped(text: str) -> str:
    return re.sub(r"([\\|*_\[\]<>`#~&!@])", r"\\\1", text)


def code(text: str) -> str:
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`"
