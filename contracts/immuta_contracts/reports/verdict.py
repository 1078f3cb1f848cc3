"""What the promises of a run document come to: what breaks the run, and one sentence about it."""

from dataclasses import dataclass
from typing import Any, Literal

from immuta_contracts.reports.document import Document

Standing = Literal["kept", "broken", "advisory", "known", "not tried"]
SPARED: tuple[Standing, ...] = ("advisory", "known")  # broken, and no failure of the run


def standing(promise: Document) -> Standing:
    """The verdict on a promise: broken only where that breaks the run, else `advisory` or a `known` deviation."""
    if promise["verdict"] != "broken":
        verdict: Standing = promise["verdict"]
        return verdict
    if promise.get("gating") is False:
        return "advisory"
    return "known" if _all_known(promise) else "broken"


def _all_known(promise: Document) -> bool:
    return all(failure.get("known") for failure in promise["failures"])


def said(promise: Document) -> str:
    """The verdict in words; for a broken promise why it does not count, or why it counts in spite of an entry."""
    if promise["verdict"] != "broken":
        return str(promise["verdict"])
    words = [] if promise.get("gating", True) else ["advisory"]
    if _all_known(promise):
        words.append("known")
    elif (promise.get("deviation") or {}).get("state") == "expired":
        words.append("expired")
    return f"broken ({', '.join(words)})" if words else "broken"


def with_standing(whole: Document, *wanted: Standing) -> list[Document]:
    return [promise for promise in whole["promises"] if standing(promise) in wanted]


def headline(whole: Document) -> str:
    """The verdict in a few words."""
    broken, other = with_standing(whole, "broken"), with_standing(whole, "advisory", "known")
    if whole["interrupted"]:
        return f"Interrupted: {_promises(len(broken))} broken until then" if broken else "Interrupted"
    if broken:
        return f"{_promises(len(broken))} broken"
    if not whole["counts"]["kept"] and not other:
        return "Nothing could be judged"
    return f"Nothing broken that counts ({_promises(len(other))} advisory or known)" if other else "Nothing broken"


def mood(whole: Document) -> Literal["good", "bad", "unsure"]:
    """What colour the verdict has."""
    if with_standing(whole, "broken"):
        return "bad"
    return "unsure" if whole["interrupted"] or not whole["counts"]["kept"] else "good"


def tally(whole: Document) -> str:
    """The last line of a report: the counts, the cost and the seed."""
    numbers = whole["counts"]
    spared = {kind: len(with_standing(whole, kind)) for kind in SPARED}
    words = [f"{number} {kind}" for kind, number in spared.items() if number]
    aside = f" ({', '.join(words)})" if words else ""
    shard = whole.get("shard", {"of": 1})
    part = f", shard {shard['index']}/{shard['of']}" if shard["of"] > 1 else ""
    return (
        f"{numbers['kept']} promises kept, {numbers['broken']} broken{aside}, {numbers['not tried']} not tried; "
        f"{whole['requests']} requests in {whole['seconds']:.1f} s; seed {whole['seed']}{part}"
    )


@dataclass(frozen=True)
class Finding:
    """What one property found of one promise: the first failure, and those on `others` of its subjects."""

    promise: Document
    failure: Document
    others: tuple[Document, ...]

    @property
    def subjects(self) -> list[str]:
        return [each["subject"] for each in (self.failure, *self.others) if each["subject"]]


def findings(whole: Document) -> list[Finding]:
    """All failures, those together that one property found on one subject after the other."""
    alike: dict[tuple[object, ...], tuple[Document, list[Document]]] = {}
    for promise, failure in failures(whole):
        key = promise["id"], failure["layer"], failure["found_by"], failure.get("known")
        alike.setdefault(key, (promise, []))[1].append(failure)
    return [Finding(promise, first, tuple(others)) for promise, (first, *others) in alike.values()]


def failures(whole: Document) -> list[tuple[Document, Document]]:
    """Each failure with its promise; those that break the run come first."""
    order: tuple[Standing, ...] = ("broken", "advisory", "known")
    broken = sorted(with_standing(whole, *order), key=lambda promise: order.index(standing(promise)))
    return [(promise, failure) for promise in broken for failure in promise["failures"]]


def tags(promise: dict[str, Any]) -> str:
    return "".join(f"[{tag}]" for tag in promise["evidence"])


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _promises(number: int) -> str:
    return "1 promise" if number == 1 else f"{number} promises"
