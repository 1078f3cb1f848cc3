"""The state file: made, taken by one process alone, and refused, and left, when it is damaged or something else."""

import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immuta_mock.errors import BadRequest
from immuta_mock.statefile import StateFile
from immuta_mock.statefile.opening import APPLICATION
from immuta_mock.store import Store
from immuta_mock.store.keeping import CannotKeep, Record
from immuta_mock.tenants import NoSuchTenant, Tenants
from immuta_mock.users import User

RECORDS = [Record("kind", f"key {number}", f'"{"text" * number}"') for number in range(60)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state_file(path: Path) -> Iterator[StateFile]:
    with StateFile(path) as file:
        yield file


def written(path: Path, records: list[Record] = RECORDS, tenant: str = "one") -> None:
    with StateFile(path) as file:
        file.of(tenant).write(records)


def read(path: Path, tenant: str = "one") -> list[Record]:
    with StateFile(path) as file:
        return list(file.of(tenant).read())


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, to the byte."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refusal(path: Path) -> str:
    """Why a file is refused, which has to leave everything in its folder as it was."""
    before = files(path.parent)
    with pytest.raises(CannotKeep) as caught:
        StateFile(path)
    assert files(path.parent) == before
    message = str(caught.value)
    assert message.startswith(f"state file {path}: ")
    return message.removeprefix(f"state file {path}: ")


# What is kept


def test_records_are_read_in_the_order_in_which_they_first_came(path: Path) -> None:
    written(path, [Record("a", "2", "1"), Record("a", "1", "1"), Record("b", "x", "1"), Record("b", "gone", "1")])
    written(path, [Record("a", "2", "2"), Record("b", "gone", None), Record("b", "never there", None)])
    written(path, [Record("a", "2", "other")], tenant="other")

    assert read(path) == [Record("a", "2", "2"), Record("a", "1", "1"), Record("b", "x", "1")]
    assert read(path, "nobody") == []


def test_dropping_a_kind_and_writing_anew_is_one_write(state_file: StateFile) -> None:
    keeper = state_file.of("one")
    keeper.write([Record("a", "1", "1"), Record("b", "1", "1")])
    keeper.write([Record("a", "2", "2")], dropping=["a", "c"])

    assert keeper.read() == [Record("b", "1", "1"), Record("a", "2", "2")]


def test_a_tenant_that_is_forgotten_leaves_nothing_and_writes_nothing_more(state_file: StateFile) -> None:
    gone, other = state_file.of("gone"), state_file.of("other")
    for keeper in (gone, other):
        keeper.write(RECORDS)

    gone.forget()
    gone.write(RECORDS)

    assert (state_file.tenants(), state_file.of("gone").read()) == (("other",), [])


def test_a_file_is_for_its_owner_alone_and_has_nothing_beside_it_once_closed(path: Path) -> None:
    written(path)

    assert (stat.S_IMODE(path.stat().st_mode), [each.name for each in path.parent.iterdir()]) == (0o600, ["state.db"])


def test_a_link_leads_to_the_file_and_its_log(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    written(link)

    assert (read(path), link.is_symlink()) == (RECORDS, True)


# Tenants


def test_tenants_last_and_are_there_from_the_start(state_file: StateFile) -> None:
    tenants = Tenants(keeping=state_file)
    for name in ("b", "a", "removed"):
        tenants.find(name).store.add_user(User(name, f"key-{name}", 90))
    tenants.find("b").store.save("kept")
    tenants.remove("removed")

    later = Tenants(Store([User("only", "key-only", 1)]), keeping=state_file)

    assert later.names() == ("default", "b", "a")
    assert [later.find(name).store.users[-1].name for name in ("a", "b", "default")] == ["a", "b", "governor"]
    assert later.find("b").store.snapshots() == {"kept": 0}
    assert [user.name for user in later.find("new").store.users] == ["only"]
    later.find("b").reset()
    assert [user.name for user in later.find("b").store.users] == ["only"]


def test_a_tenant_that_goes_to_make_room_is_gone_from_the_file(state_file: StateFile) -> None:
    tenants = Tenants(keeping=state_file, limit=2)
    for name in ("a", "b", "a", "c"):
        tenants.find(name)

    assert Tenants(keeping=state_file).names() == ("default", "a", "c") == tenants.names()


def test_more_tenants_than_there_may_be_stop_the_start(state_file: StateFile) -> None:
    tenants = Tenants(keeping=state_file)
    for name in "abc":
        tenants.find(name)

    with pytest.raises(CannotKeep, match="3 tenants are kept, and 2 may be there; let there be more"):
        Tenants(keeping=state_file, limit=2)
    assert state_file.tenants() == ("default", "a", "b", "c")


def test_what_is_no_tenant_leaves_nothing(state_file: StateFile) -> None:
    tenants = Tenants(keeping=state_file)

    with pytest.raises(BadRequest):
        tenants.find("no name")
    with pytest.raises(NoSuchTenant):
        tenants.remove("nobody")
    assert state_file.tenants() == ("default",)


# What is refused


def test_a_file_that_is_in_use_is_refused(path: Path) -> None:
    with StateFile(path) as file:
        with pytest.raises(CannotKeep, match="is in use by another process; end that one, or name another file"):
            StateFile(path)
        file.of("one").write(RECORDS)

    assert read(path) == RECORDS


@pytest.mark.parametrize("content", [b"", b"x", b"[[user]]\n" * 500, b"SQLite format 3\0", b"\0" * 5000])
def test_what_is_no_database_is_refused_and_left(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    assert refusal(path) == "is no SQLite database; it is left as it is; name another file"


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("application", [0, 77])
def test_a_database_of_something_else_is_refused_and_left(path: Path, application: int, journal: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.executescript(
            f"PRAGMA application_id = {application}; PRAGMA journal_mode = {journal}; CREATE TABLE t (a);"
        )

    assert refusal(path) == "is an SQLite database of something else; it is left as it is; name another file"


@pytest.mark.parametrize("version", [0, 2, 77])
def test_a_file_of_another_version_is_refused_by_name_and_left(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {version}")

    told = f"is of version {version}, this immuta-mock reads version 1; it is left as it is; name another file"
    assert refusal(path) == told


def test_a_log_without_its_file_is_left(path: Path) -> None:
    path.with_name("state.db-wal").write_bytes(b"log")

    assert refusal(path) == ("is not there, but its log state.db-wal is; bring the one back, or move the other away")


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()

    assert refusal(path) == "is no file; name another one"


def test_a_file_in_no_folder_is_refused(path: Path) -> None:
    with pytest.raises(CannotKeep, match="cannot be made: No such file or directory"):
        StateFile(path / "none" / "state.db")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A state file that was closed."""
    folder = tmp_path_factory.mktemp("closed")
    written(folder / "state.db")
    return files(folder)


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A state file whose process was killed, with its log."""
    folder = tmp_path_factory.mktemp("cut off")
    written(folder / "state.db", RECORDS[:30])
    with StateFile(folder / "state.db") as file:
        file.of("one").write(RECORDS[30:])
        return files(folder)


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@pytest.mark.parametrize("end", ["closed", "cut_off"])
def test_a_damaged_file_is_refused_and_left_unless_nothing_in_it_is_lost(
    request: pytest.FixtureRequest, end: str, place: float, bit: int
) -> None:
    content: dict[str, bytes] = request.getfixturevalue(end)
    damaged = bytearray(content["state.db"])
    damaged[int(place * len(damaged))] ^= 1 << bit
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in {**content, "state.db": bytes(damaged)}.items():
            (Path(folder) / name).write_bytes(raw)
        path = Path(folder) / "state.db"

        before = files(path.parent)
        try:
            found = read(path)
        except CannotKeep:
            found = RECORDS
            assert files(path.parent) == before
        assert found == RECORDS


def test_a_record_that_is_not_as_it_was_written_is_named(path: Path) -> None:
    written(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE record SET text = '{}' WHERE key = 'key 7'")
        other.commit()

    how = "the kind key 7 of the tenant one is not as it was written"
    assert refusal(path) == f"is damaged ({how}); it is left as it is: bring back a copy, or name another file"


def test_records_that_no_store_has_written_stop_the_start(state_file: StateFile) -> None:
    state_file.of("default").write(RECORDS)

    with pytest.raises(CannotKeep, match="its records contradict themselves"):
        Tenants(keeping=state_file)
