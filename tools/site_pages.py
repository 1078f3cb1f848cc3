"""The first half of `make docs`: lays the pages of the site into a folder, where Sphinx finds them.

Pages of docs/ that end in `.j2` are filled in; README.md and its neighbours are pages too; Swagger UI lies beside them.
"""

import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import site_facts
from immuta_mock.publish import published
from immuta_mock.spec import load_spec
from immuta_mock.spec_walk import Document, places

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SWAGGER = ROOT / "build" / "tools" / "node_modules" / "swagger-ui-dist"
NEIGHBOURS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
FILLED = {
    "api.md": site_facts.api,
    "promises.md": site_facts.tested,
    "fidelity.md": site_facts.fidelity,
    "codegen.md": site_facts.codegen,
}
LOCAL = {
    "url": "http://{address}",
    "description": "A mock on this machine",
    "variables": {"address": {"default": "127.0.0.1:8080", "description": "Address and port of the mock."}},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Lay everything into the folder given."""
    (folder,) = sys.argv[1:] if arguments is None else arguments
    out = Path(folder)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(DOCS, out, ignore=shutil.ignore_patterns("*.j2", "reference", "images"))
    for name in FILLED:
        (out / name).write_text(filled(name), "utf-8")
    for name in NEIGHBOURS:
        (out / name.lower()).write_text(_linked((ROOT / name).read_text("utf-8")), "utf-8")
    shutil.copytree(DOCS / "images", out / "_extra" / "images")
    _lay_reference(out / "_extra" / "reference")
    return 0


def filled(name: str) -> str:
    """The text of a page that is filled in."""
    environment = Environment(loader=FileSystemLoader(DOCS), undefined=StrictUndefined, autoescape=False)  # Markdown
    environment.filters |= {
        "segment": lambda tag: quote(tag, safe="()"),
        "words": lambda name: name.replace("_", " "),
        "cell": lambda text: " ".join(text.replace("|", "\\|").split()),
    }
    return environment.get_template(f"{name}.j2").render(FILLED[name]())


def _linked(text: str) -> str:
    """The text with its links to files of the checkout, and its pictures, as those of the site."""
    text = re.sub(r"(\]\(|src=\")docs/", r"\1", text)
    return re.sub(rf"\]\(({'|'.join(map(re.escape, NEIGHBOURS))})", lambda found: f"]({found[1].lower()}", text)


def _lay_reference(folder: Path) -> None:
    """Swagger UI with the document in a script, so that it opens as a file too."""
    shutil.copytree(DOCS / "reference", folder)
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        (folder / name).write_text((SWAGGER / name).read_text("utf-8").partition("\n//# sourceMapp")[0], "utf-8")
    document = load_spec()
    (folder / "document.js").write_text(f"const DOCUMENT = {json.dumps(_shown(load_spec()))};\n", "utf-8")
    (folder / "openapi.yaml").write_text(published(document, form="yaml"), "utf-8")
    (folder / "openapi.json").write_text(published(document, form="json"), "utf-8")
    (folder / "strict.yaml").write_text(published(load_spec(["strict"]), form="yaml"), "utf-8")


def _shown(document: Document) -> Document:
    """The document as the reference shows it: a mock before the tenant, and each operation leading to its promises."""
    document["servers"].insert(0, LOCAL)
    for place in places(document):
        links = (f"[{name}](../promises.html#{name.lower()})" for name in place.operation["x-promises"])
        place.operation["description"] += f"\n\nPromises: {', '.join(links)}"
    return document


if __name__ == "__main__":
    sys.exit(main())
