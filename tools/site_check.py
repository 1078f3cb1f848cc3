"""The last part of `make docs`: links inside the built site lead somewhere, nothing is fetched from elsewhere."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin

from immuta_mock.spec import load_spec, operations

ELSEWHERE = re.compile(r"(?!data:)([a-z]+:)?//|(?!data:|file:)[a-z]+:")
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
NOT_FETCHED = {"index", "search", "next", "prev", "canonical"}  # relations of a <link>
NO_PROSE = re.compile(r"<(pre|code|script)\b.*?</\1>", re.DOTALL)
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass
class Page(HTMLParser):
    """What one HTML page holds: anchors, links, and the resources that a browser fetches with it."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if FETCHED.get(tag) in values and not (tag == "link" and values.get("rel") in NOT_FETCHED):
            self.resources.append(values[FETCHED[tag]])
        self.resources += _of_css(values.get("style", ""))


def main(arguments: Sequence[str] | None = None) -> int:
    """1 and a line for each fault, if the site in the folder given has any."""
    (site,) = sys.argv[1:] if arguments is None else arguments
    found = list(faults(Path(site)))
    for fault in found:
        print(f"{site}: {fault}", file=sys.stderr)
    return 1 if found else 0


def faults(site: Path) -> Iterator[str]:
    """What is wrong, page by page; anchors of the reference are the operations that its script shows."""
    pages = {path: Page(path) for path in sorted(site.resolve().rglob("*.html"))}
    for path, page in pages.items():
        if path.match("reference/index.html"):
            page.anchors |= {f"/{operation.tag}/{operation.operation_id}" for operation in operations(load_spec())}
    for page in pages.values():
        if "](" in NO_PROSE.sub("", page.path.read_text("utf-8")):
            yield f"{page.path.name}: a link in Markdown was not understood"
        name = page.path.relative_to(site.resolve())
        yield from (f"{name}: {fault}" for link in page.links if (fault := _broken(link, page.path, pages)))
        yield from (f"{name}: {fault}" for each in page.resources if (fault := _missing(each, page.path)))
    for sheet in sorted(site.resolve().rglob("*.css")):
        found = (_missing(each, sheet) for each in _of_css(sheet.read_text("utf-8")))
        yield from (f"{sheet.name}: {fault}" for fault in found if fault)


def _broken(link: str, path: Path, pages: dict[Path, Page]) -> str | None:
    if ELSEWHERE.match(link):
        return None
    target, _, anchor = unquote(urljoin(path.as_uri(), link)).removeprefix("file://").partition("#")
    page = pages.get(Path(target))
    if not Path(target).is_file():
        return f"the link {link} leads to no file"
    return f"the link {link} leads to no anchor" if anchor and page and anchor not in page.anchors else None


def _missing(resource: str, path: Path) -> str | None:
    if resource.startswith(("data:", "#")):
        return None
    if ELSEWHERE.match(resource):
        return f"{resource} is fetched from elsewhere"
    return None if (path.parent / resource.partition("?")[0]).is_file() else f"{resource} is not there"


def _of_css(text: str) -> list[str]:
    return [found[0] or found[1] for found in CSS_URL.findall(text)]


if __name__ == "__main__":
    sys.exit(main())
