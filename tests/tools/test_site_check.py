"""Which faults of a site stop `make docs`."""

from pathlib import Path

import pytest

from site_check import faults, main


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two pages, a style sheet and a picture, without a fault."""
    (tmp_path / "a.html").write_text(
        "<link rel=stylesheet href='s.css?v=1'><link rel=next href='https://x.example'>"
        "<a href='b.html#there'>b</a> <a href='#here'>a</a> <a href='https://x.example/y'>x</a> <p id=here>"
        "<img src='data:image/png;base64,AAAA'>"
    )
    (tmp_path / "b.html").write_text("<h1 id=there>b</h1>")
    (tmp_path / "s.css").write_text("p { background: url(p.png) } q { background: url('data:,') }")
    (tmp_path / "p.png").write_bytes(b"")
    return tmp_path


def test_a_whole_site_has_none(site: Path) -> None:
    assert list(faults(site)) == []
    assert main([str(site)]) == 0


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<a href='c.html'>", "the link c.html leads to no file"),
        ("<a href='b.html#nowhere'>", "the link b.html#nowhere leads to no anchor"),
        ("<script src='https://cdn.example/x.js'></script>", "https://cdn.example/x.js is fetched from elsewhere"),
        ("<script src='//cdn.example/x.js'></script>", "//cdn.example/x.js is fetched from elsewhere"),
        ("<link rel=stylesheet href='http://x.example/f.css'>", "http://x.example/f.css is fetched from elsewhere"),
        ("<p style='background: url(https://x.example/p)'>", "https://x.example/p is fetched from elsewhere"),
        ("<img src='q.png'>", "q.png is not there"),
        ("<code>[a](b)</code> [c](file:d)", "a link in Markdown was not understood"),
    ],
)
def test_a_fault_of_a_page_is_named(site: Path, html: str, fault: str) -> None:
    (site / "c").mkdir()
    (site / "b.html").write_text(f"<h1 id=there>b</h1>{html}")

    assert list(faults(site)) == [f"b.html: {fault}"]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("@import 'https://x.example/f.css';", "https://x.example/f.css is fetched from elsewhere"),
        ("p { src: url('f.woff2') }", "f.woff2 is not there"),
    ],
)
def test_a_fault_of_a_style_sheet_is_named(
    site: Path, rule: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "s.css").write_text(rule)

    assert main([str(site)]) == 1
    assert capsys.readouterr().err == f"{site}: s.css: {fault}\n"


def test_links_into_the_reference_lead_to_operations(site: Path) -> None:
    (site / "reference").mkdir()
    (site / "reference" / "index.html").write_text("")
    links = [f"reference/index.html#/Starburst%20(Trino)/{name}" for name in ("getTrinoHandler", "getTrinoHandle")]
    (site / "a.html").write_text("".join(f"<a href='{link}'>" for link in links))

    assert list(faults(site)) == [f"a.html: the link {links[1]} leads to no anchor"]
