"""How a command that comes to a verdict ends: the reports written, the summary on the terminal, the exit code."""

import sys
from pathlib import Path

from immuta_contracts.commands import BROKEN, INTERRUPTED, KEPT, CannotRun
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.text import summary
from immuta_contracts.reports.verdict import with_standing


def close(whole: Document, folder: Path, remark: str = "") -> int:
    """0: nothing broken that gates; 1: a gating promise is broken; 130: interrupted. Raises `CannotRun`."""
    sys.stdout.write(f"{summary(whole)}\n{remark}reports: {write_all(whole, folder)}\n")
    if whole["interrupted"]:
        return INTERRUPTED
    if not _tried(whole):
        raise CannotRun("nothing could be tried; the table above says why")
    return BROKEN if with_standing(whole, "broken") else KEPT


def _tried(whole: Document) -> bool:
    """Whether a verdict was reached on anything; a shard may have nothing to say of any promise."""
    verdicts = {each["verdict"] for promise in whole["promises"] for each in [promise, *promise["tried"]]}
    of_many = whole["shard"]["of"] > 1 and not whole["trouble"]["ended"]
    return of_many or bool(verdicts & {"kept", "broken"})
