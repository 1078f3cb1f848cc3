"""The page of a comparison in a real browser, opened from disk: one file that can be read on any screen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reported import SECRETS, Reported
from visits import DESKTOP, PHONE, Open


@pytest.fixture(scope="module")
def url(run: Reported, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A comparison of a mock with the one that the run judged, which minds letter case."""
    folder: Path = tmp_path_factory.mktemp("comparison")
    words = ["compare", "mock", run.url, "--only", "SEARCH-2", "--profile", "quick", "--seed", "1"]
    command = [sys.executable, "-m", "immuta_contracts", *words]
    done = subprocess.run(command, cwd=folder, env=os.environ | SECRETS, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    return (folder / "reports" / "comparison.html").as_uri()


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark"])
def test_all_of_it_can_be_read(url: str, open_page: Open, scheme: str, size: tuple[int, int]) -> None:
    visit = open_page(url, size=size, color_scheme=scheme)
    visit.open_all()
    assert "searchDictionaryColumns" in visit.page.locator(".failure h3").all_inner_texts()
    assert (visit.asked, visit.too_wide, visit.inaccessible()) == ([url], 0, [])
