"""All reports of a run as files in one folder."""

import json
import os
from pathlib import Path

from immuta_contracts.reports import document
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.har import har
from immuta_contracts.reports.html import html
from immuta_contracts.reports.junit import junit
from immuta_contracts.reports.markdown import markdown

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"  # names the file that GitHub shows on the page of a job


def write_all(whole: Document, folder: Path) -> str:
    """Write `run.json` and all that is rendered from it; returns what was written, for the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    document.write(folder / "run.json", whole)
    names = render_all(whole, folder)
    if path := os.environ.get(STEP_SUMMARY):
        with Path(path).open("a", encoding="utf-8") as page:
            page.write(markdown(whole))
    return ", ".join(str(folder / name) for name in ("run.json", *names))


def render_all(whole: Document, folder: Path) -> list[str]:
    """Write what is rendered from the document; returns the names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    rendered = {
        "report.html": html(whole),
        "summary.md": markdown(whole),
        "junit.xml": junit(whole),
        "failures.har": json.dumps(har(whole), indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in rendered.items():
        (folder / name).write_text(text, "utf-8")
    return list(rendered)
