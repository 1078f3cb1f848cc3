"""A run document as the terminal shows it."""

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import Finding, cut, findings, said, tags, tally

ANSWER = 300  # characters of an answer


def summary(whole: Document) -> str:
    """The run as text: the tables, each failure, and the last line that sums it up."""
    left = [f"left behind on the target: {', '.join(whole['left_behind'])}"] if whole["left_behind"] else []
    stopped = ["interrupted: what follows is what was judged until then"] if whole["interrupted"] else []
    if ended := whole.get("trouble", {}).get("ended"):
        stopped.append(f"the run was ended early: {ended}")
    found = [_explained(each) for each in findings(whole) if not each.failure.get("known")]
    parts = [*stopped, table(whole), coverage_table(whole), *drift(whole), *found, *listed(whole), *left, tally(whole)]
    return "\n\n".join(parts)


def table(whole: Document) -> str:
    """The verdicts as a table: promise, verdict, evidence, sentence."""
    width = max([9, *(len(said(promise)) for promise in whole["promises"])])
    rows = [
        f"{promise['id']:<10} {said(promise):<{width}} {tags(promise):<24} {cut(promise['text'], 74)}"
        + (f"\n{'':<{width + 12}}({promise['detail']})" if promise["detail"] else "")
        for promise in whole["promises"]
    ]
    return "\n".join([f"{'promise':<10} {'verdict':<{width}} {'evidence':<24} it says", *rows])


def listed(whole: Document) -> list[str]:
    """The known deviations and what came of each; nothing where none is listed."""
    rows = [f"  {entry['says']}" for entry in whole.get("deviations", [])]
    return ["\n".join(["known deviations", *rows])] if rows else []


def coverage_table(whole: Document) -> str:
    """Operation by operation: how often each status was seen, and each query parameter of it was sent."""
    rows = []
    for name, seen in whole["operations"].items():
        statuses = " ".join(f"{status}:{count}" for status, count in seen["statuses"].items())
        parameters = " ".join(f"{parameter}:{count}" for parameter, count in seen["parameters"].items())
        rows.append(f"{name:<36} {statuses or 'never called':<58} {parameters}".rstrip())
    return "\n".join([f"{'operation':<36} {'statuses seen':<58} query parameters sent", *rows])


def drift(whole: Document) -> list[str]:
    """What the target showed and the document does not name; nothing where there is none."""
    rows = [
        f"{each['operation']:<36} {each['status']} {each['field'] or '(the status itself)'} {each['count']} times"
        for each in whole["drift"]
    ]
    return ["\n".join([f"{'operation':<36} seen, but not documented", *rows])] if rows else []


def _explained(finding: Finding) -> str:
    """The first failure, and where else the same property found one."""
    others = [f"  also on    {', '.join(finding.subjects[1:])}"] if finding.others else []
    return "\n".join([explain(finding.promise, finding.failure), *others])


def explain(promise: Document, failure: Document) -> str:
    """Everything one needs to see a broken promise: its sentence, the requests as curl lines, expected and seen."""
    subject = f" [{failure['subject']}]" if failure["subject"] else ""
    lines = [
        f"{promise['id']} is broken{subject}: {promise['text']}",
        f"  found by   {failure['layer']}: {failure['found_by']}",
        f"  expected   {failure['expected']}",
        f"  seen       {failure['seen']}",
        "  requests",
    ]
    for each in failure["requests"]:
        answer = each["answer"]
        short = answer if len(answer) <= ANSWER else f"{answer[:ANSWER]}..."
        lines += [f"    {each['curl']}", f"      -> {each['status']} {short}"]
    return "\n".join(lines)
