"""The linters and generators of `make lint-spec`, for the tests that need them."""

import os
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "build" / "tools"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they are installed, first in the path; in CI they have to be there."""
    if not (TOOLS / ".ready").exists() and not os.environ.get("CI"):
        pytest.skip("the linters are not installed: `make lint-spec` does it")
    monkeypatch.setenv("PATH", os.pathsep.join((f"{TOOLS}/node_modules/.bin", f"{TOOLS}/bin", os.environ["PATH"])))
    return TOOLS
