"""The archive file is whole after every exchange, readable by its owner alone, and never written over another's."""

import json
from pathlib import Path
from typing import Any

import pytest

from immuta_mock.proxy.archive import ArchiveFile
from immuta_mock.spec import SpecError


def entries(path: Path) -> list[Any]:
    found: list[Any] = json.loads(path.read_bytes())["log"]["entries"]
    return found


def test_the_file_is_whole_after_every_exchange(tmp_path: Path) -> None:
    archive = ArchiveFile(tmp_path / "a.har")
    seen = [entries(archive.path)]
    for entry in ({"name": "Ünïcode \ud800"}, {"end": "\n]}}\n"}, {}):
        archive.append(entry)
        seen.append(entries(archive.path))
    archive.close()
    whole = [{"name": "Ünïcode ?"}, {"end": "\n]}}\n"}, {}]
    assert seen == [[], whole[:1], whole[:2], whole]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    archive = ArchiveFile(tmp_path / "a.har")
    archive.close()
    assert archive.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_of_ours_is_continued(tmp_path: Path, count: int) -> None:
    first = ArchiveFile(tmp_path / "a.har")
    for number in range(count):
        first.append({"number": number})
    first.close()
    second = ArchiveFile(tmp_path / "a.har")
    second.append({"number": count})
    second.close()
    assert (second.before, entries(second.path)) == (count, [{"number": n} for n in range(count + 1)])


@pytest.mark.parametrize(
    "content",
    [
        b"notes",
        b"[]",
        b"null",
        b'{"log": {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": [\n]}}\n',
        b'{"log": {"version": "1.2", "creator": {"name": "immuta-mock", "version": "1"}, "entries": []}}',
        b'{"log": {"version": "1.2", "creator": {"name": "immuta-mock", "version": "1"}, "entries": [\n{"cut',
        b"[" * 100_000,
    ],
)
def test_any_other_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(content)
    with pytest.raises(SpecError, match="is there and no archive of this proxy; name another file, or move it away"):
        ArchiveFile(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("place", [".", "nowhere/a.har"])
def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(SpecError, match=r"--har .* cannot be written: (Is a directory|No such file or directory)"):
        ArchiveFile(tmp_path / place)
