"""A server imports no more than it needs, and what it leaves out is whole for who wants it."""

import subprocess
import sys

import pytest

LEFT_OUT = "print({'rich', 'requests', 'urllib3'} & set(sys.modules))"


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        (f"import immuta_mock.cli; {LEFT_OUT}", "set()"),
        (
            "import requests, httpx, immuta_mock; import httpx._main; print(sys.modules['requests'] is requests)",
            "True",
        ),
        ("import immuta_mock, requests, connexion.json_schema as c; print(c.requests.get is requests.get)", "True"),
        ("import immuta_mock, httpx._main, requests; print(requests.Session.__name__)", "Session"),
        ("from immuta_mock.control import Control; print(Control.__name__)", "Control"),
    ],
)
def test_what_is_imported(code: str, printed: str) -> None:
    ran = subprocess.run([sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == printed


def test_nothing_else_is_exported_by_the_control_package() -> None:
    import immuta_mock.control

    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = immuta_mock.control.Nothing
