"""The site of `make docs`: it is whole, and what it says is taken from the document and the promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from immuta_contracts.promises import promises
from immuta_contracts.run import checks
from immuta_mock.spec import load_spec
from immuta_mock.spec_walk import places
from site_check import Page, faults

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "tools"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built anew without a warning; in CI the tools for it have to be there."""
    if not (TOOLS / ".ready").exists() and not os.environ.get("CI"):
        pytest.skip("Sphinx is not installed: `make docs` does it")
    sources, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("site")
    path = os.pathsep.join(str(ROOT / "tests" / part) for part in ("suite", "codegen"))
    generate = [sys.executable, str(ROOT / "tools" / "site_pages.py"), str(sources)]
    subprocess.run(generate, env={**os.environ, "PYTHONPATH": path}, check=True, timeout=120)
    build = [str(TOOLS / "bin" / "sphinx-build"), "--quiet", "--fail-on-warning", str(sources), str(out)]
    subprocess.run(build, check=True, timeout=120)
    return out


def test_every_page_is_there_and_none_has_a_fault(site: Path) -> None:
    names = {path.relative_to(site).as_posix().removesuffix(".html") for path in site.rglob("*.html")}

    assert names >= {"index", "mock", "ci", "codegen", "api", "promises", "fidelity", "readme", "reference/index"}
    assert list(faults(site)) == []


def test_every_promise_has_its_place_its_properties_and_its_evidence(site: Path) -> None:
    page = Page(site / "promises.html")
    text = page.path.read_text("utf-8")
    unsaid = [check.name for check in checks() if check.promise and check.name.replace("_", " ") not in text]

    assert {name.lower() for name in promises()} <= page.anchors
    assert unsaid == []
    assert text.count('<span class="evidence') == sum(len(each.evidence) for each in promises().values())


def test_the_reference_shows_the_document_that_the_mock_serves(site: Path) -> None:
    script = (site / "reference" / "document.js").read_text("utf-8")
    shown = json.loads(script.removeprefix("const DOCUMENT = ").removesuffix(";\n"))
    promised = {place.name: place.operation["description"].partition("\n\nPromises: ") for place in places(shown)}
    for place in places(shown):
        place.operation["description"] = promised[place.name][0]

    assert {**shown, "servers": load_spec()["servers"]} == load_spec()
    assert [server["url"] for server in shown["servers"]] == ["http://{address}", "https://{tenant}"]
    assert promised["getCurrentUser"][2] == "[COMP-2](../promises.html#comp-2)"
    assert all(links for *_, links in promised.values())
