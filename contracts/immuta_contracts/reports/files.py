"""All reports of a run or of a comparison as files in one folder."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from immuta_contracts.reports import comparison_text, document
from immuta_contracts.reports.document import COMPARISON, FORMAT, Document
from immuta_contracts.reports.har import har
from immuta_contracts.reports.html import comparison_html, html
from immuta_contracts.reports.junit import junit
from immuta_contracts.reports.markdown import markdown

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"  # names the file that GitHub shows on the page of a job
RENDERED: Mapping[str, Mapping[str, Callable[[Document], str]]] = {
    FORMAT: {
        "report.html": html,
        "summary.md": markdown,
        "junit.xml": junit,
        "failures.har": lambda whole: json.dumps(har(whole), indent=1, ensure_ascii=False) + "\n",
    },
    COMPARISON: {"comparison.html": comparison_html, "comparison.md": comparison_text.markdown},
}
WHOLE = {FORMAT: "run.json", COMPARISON: "comparison.json"}


def write_all(whole: Document, folder: Path) -> str:
    """Write the document and all that is rendered from it; returns what was written, for the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    name = WHOLE[whole["format"]]
    document.write(folder / name, whole)
    names = render_all(whole, folder)
    if path := os.environ.get(STEP_SUMMARY):
        with Path(path).open("a", encoding="utf-8") as page:
            page.writelines((folder / each).read_text("utf-8") for each in names if each.endswith(".md"))
    return ", ".join(str(folder / each) for each in (name, *names))


def render_all(whole: Document, folder: Path) -> list[str]:
    """Write what is rendered from the document; returns the names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    rendered = RENDERED[whole["format"]]
    for name, render in rendered.items():
        (folder / name).write_text(render(whole), "utf-8")
    return list(rendered)
