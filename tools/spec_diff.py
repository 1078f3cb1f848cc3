"""The command behind `make spec-diff`: what changed in the document since a revision, and whether its version says so.

Redocly finds and rates the changes, in the document with its companions and in that with the strict overlay on top.
oasdiff 1.37, tried on the edits of tests/tools/test_spec_diff.py, misses 7 of 31 that break clients, and needs Go.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from immuta_mock.spec import SpecError, load_spec

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "spec-diff"
COMPARED = ((), ("strict",))  # the overlays of each document that is compared
LONGEST = 60  # seconds
SCHEMA = re.compile("#/components/schemas/[^/]+")
NOTICED = {  # modified properties that Redocly takes for harmless, and what users of a client notice
    "key": "Generated clients have it under another name: {old} became {new}.",
    "tags": "Generated clients have it in another group: {old} became {new}.",
    "default": "Who leaves it out gets something else: the default {old} became {new}.",
    "readOnly": "What may be sent changes: readOnly {old} became {new}.",
    "writeOnly": "What is answered changes: writeOnly {old} became {new}.",
}

Version = tuple[int, int, int]


class CannotCompare(Exception):
    """There is nothing to compare, or it cannot be done; the message says what to do."""


@dataclass(frozen=True)
class Change:
    """One change; `impact` is the part of a version that it asks for: major (a client may break), minor or patch."""

    impact: str
    where: str
    says: str

    @property
    def breaking(self) -> bool:
        return self.impact == "major"


@dataclass(frozen=True)
class Comparison:
    """All changes of both documents since the revision `ref`, each once, the breaking ones first."""

    ref: str
    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def breaking(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.breaking)

    @property
    def title(self) -> str:
        others = len(self.changes) - len(self.breaking)
        found = f"{len(self.breaking)} breaking, {others} other changes"
        return f"spec {self.after} against {self.before} of {self.ref}: {found}"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the version and the changelog say what has changed, 1 when they do not, 2 when nothing can be compared."""
    parser = argparse.ArgumentParser(prog="make spec-diff", description=__doc__, allow_abbrev=False)
    parser.add_argument("--base", help="the revision to compare with; the last tag v* if there is one")
    options = parser.parse_args(arguments)
    ref = options.base or last_tag()
    if ref is None:
        print("spec-diff: there is no tag v* to compare with; BASE=ref names a revision")
        return 0
    try:
        comparison = compare(ref, earlier(ref))
        lacking = missing(comparison, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    except (CannotCompare, SpecError) as error:
        print(f"spec-diff: {error}", file=sys.stderr)
        return 2
    print(text(comparison), flush=True)
    (OUT / "changes.md").write_text(markdown(comparison), "utf-8")
    if lacking:
        print(f"spec-diff: {lacking}", file=sys.stderr)
    return 1 if lacking else 0


def last_tag(directory: Path = ROOT) -> str | None:
    """The nearest tag `v*` behind the checked out commit."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def earlier(ref: str) -> Path:
    """The folder `spec` as it was at the revision, laid into `build`."""
    done = subprocess.run(["git", "archive", ref, "spec"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise CannotCompare(f"{ref!r} is no revision with a folder spec; give a tag, a branch or a commit as BASE")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(OUT / "base", filter="data")
    return OUT / "base" / "spec"


def compare(ref: str, base: Path) -> Comparison:
    """The documents of the folder `base` against ours. Raises SpecError, CannotCompare."""
    pairs = [(load_spec(overlays, directory=base), load_spec(overlays)) for overlays in COMPARED]
    found = [change for old, new in pairs for change in changes(old, new)]
    ranked = sorted(dict.fromkeys(found), key=lambda change: ("major", "minor", "patch").index(change.impact))
    old, new = pairs[0]
    return Comparison(ref, old["info"]["version"], new["info"]["version"], tuple(ranked))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What Redocly finds between two documents, but for the version itself."""
    command = ["redocly", "diff", "old.json", "new.json", "--fail-on", "none", "--format", "json"]
    command += ["--config", str(ROOT / "tools" / "redocly-diff.yaml")]
    with tempfile.TemporaryDirectory() as folder:
        for name, document in (("old.json", old), ("new.json", new)):
            Path(folder, name).write_text(json.dumps(document), "utf-8")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise CannotCompare(f"redocly diff failed: {' '.join(done.stderr.split())}")
    found = [_change(entry) for entry in json.loads(done.stdout)["changes"]]
    return [change for change in found if change.where != "#/info/version"]


def _change(entry: Mapping[str, Any]) -> Change:
    old, new, name = entry.get("base", {}), entry.get("revision", {}), entry.get("property")
    where = (new or old)["pointer"]
    if entry["kind"] == "modified" and name in NOTICED:
        values = {side: json.dumps(place.get("value")) for side, place in (("old", old), ("new", new))}
        return Change("major", where, NOTICED[name].format(**values))
    if entry["kind"] == "removed" and SCHEMA.fullmatch(where):
        return Change("major", where, "Generated clients lose this type.")
    says = " ".join(verdict["message"] for verdict in entry["verdicts"])
    return Change(entry["impact"], where, says or " ".join(filter(None, (entry["typeName"], name, entry["kind"]))))


def missing(comparison: Comparison, changelog: str) -> str | None:
    """What a breaking change asks for and is not there, in one line."""
    if not comparison.breaking:
        return None
    least, line = next_version(comparison.before), f"spec {comparison.after}"
    lacking = []
    if _numbers(comparison.after) < _numbers(least):
        line = f"spec {least}"
        lacking.append(f"info.version {least} or above in spec/openapi.yaml (it is {comparison.after})")
    if line not in changelog:
        lacking.append(f"a line in CHANGELOG.md that names `{line}`")
    count = len(comparison.breaking)
    changed = "1 breaking change" if count == 1 else f"{count} breaking changes"
    asks = f"since {comparison.ref} {'asks' if count == 1 else 'ask'} for"
    return f"{changed} {asks} {' and '.join(lacking)}" if lacking else None


def next_version(version: str) -> str:
    """The lowest version that may break clients of this one: the next major, before 1.0.0 the next minor."""
    major, minor, _ = _numbers(version)
    return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"


def _numbers(version: str) -> Version:
    try:
        major, minor, patch = map(int, version.split("."))
    except ValueError:
        raise CannotCompare(f"info.version is {version!r}; write it as three numbers, like 1.2.3") from None
    return major, minor, patch


def text(comparison: Comparison) -> str:
    """For a terminal."""
    shown = [
        f"{'BREAKING' if each.breaking else each.impact:8}  {each.says}\n          {each.where}"
        for each in comparison.changes
    ]
    return "\n".join([comparison.title, *shown])


def markdown(comparison: Comparison) -> str:
    """For a pull request or release notes."""
    rows = [
        f"| {'**breaking**' if each.breaking else each.impact} | {_cell(each.says)} | `{_cell(each.where)}` |"
        for each in comparison.changes
    ]
    table = ["| impact | change | where |", "| --- | --- | --- |", *rows] if rows else []
    return "\n".join([f"## {comparison.title}", "", *table]) + "\n"


def _cell(words: str) -> str:
    return " ".join(words.replace("|", "\\|").split())


if __name__ == "__main__":
    sys.exit(main())
