"""The default users, and users files."""

from pathlib import Path

import pytest

from immuta_mock.users import DEFAULT_USERS, User, UsersError, load_users

ONE = '[[user]]\nname = "a"\nkey = "key-a"\nprofile = 1\n'


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "users.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def message(path: Path) -> str:
    """What is said about a users file, without its path."""
    with pytest.raises(UsersError) as error:
        load_users(path)
    opening, said = str(error.value).split(f"{path}: ")
    assert opening == "users file "
    assert "\n" not in said
    return said


def test_the_default_users_show_every_role() -> None:
    assert [(user.profile, user.name, user.key, sorted(user.permissions)) for user in DEFAULT_USERS] == [
        (2, "owner", "owner-key-local-only", ["CREATE_DATA_SOURCE"]),
        (3, "second owner", "second-owner-key-local-only", ["CREATE_DATA_SOURCE"]),
        (4, "expert", "expert-key-local-only", []),
        (5, "reader", "reader-key-local-only", []),
        (6, "governor", "governor-key-local-only", ["GOVERNANCE"]),
    ]


def test_a_users_file_is_read(tmp_path: Path) -> None:
    text = f"""{ONE}
        [[user]]
        name = "b c"
        key = "key-b"
        profile = 20
        permissions = ["GOVERNANCE", "CREATE_DATA_SOURCE"]
        groups = [7, 8]
    """
    assert load_users(written(tmp_path, text)) == (
        User("a", "key-a", 1),
        User("b c", "key-b", 20, frozenset({"CREATE_DATA_SOURCE", "GOVERNANCE"}), frozenset({7, 8})),
    )


def test_the_path_may_be_text(tmp_path: Path) -> None:
    assert load_users(str(written(tmp_path, ONE))) == (User("a", "key-a", 1),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no user; write at least one [[user]] table"),
        ("user = []", "holds no user; write at least one [[user]] table"),
        ('user = "x"', "holds no user; write at least one [[user]] table"),
        ('user = ["x"]', "user 1 is not a table; write [[user]] above its fields"),
        (f"other = 1\n{ONE}", "unknown entry 'other'; it holds [[user]] tables and nothing else"),
        (
            f"{ONE}role = 1\n",
            "user 1 has the unknown field 'role'; known are name, key, profile, permissions, groups",
        ),
        ('[[user]]\nname = "a"\nprofile = 1\n', "user 1 lacks the field 'key'"),
        (ONE.replace('"a"', "5"), "user 1: name must hold text that is not empty, not a number"),
        (ONE.replace('"a"', "[]"), "user 1: name must hold text that is not empty, not a list"),
        (ONE.replace('"key-a"', '""'), "user 1: key must hold text that is not empty, not an empty string"),
        (ONE.replace('"key-a"', "true"), "user 1: key must hold text that is not empty, not a boolean"),
        (
            ONE.replace("key-a", "key a"),
            "user 1: key must be printable ASCII without spaces, as it is sent in a header",
        ),
        (
            ONE.replace("key-a", "schlüssel"),
            "user 1: key must be printable ASCII without spaces, as it is sent in a header",
        ),
        (ONE.replace("= 1", "= 0"), "user 1: profile must hold whole numbers from 1 up, not 0"),
        (ONE.replace("= 1", "= true"), "user 1: profile must hold whole numbers from 1 up, not a boolean"),
        (ONE.replace("= 1", '= "secret"'), "user 1: profile must hold whole numbers from 1 up, not a string"),
        (ONE.replace("= 1", "= 1.5"), "user 1: profile must hold whole numbers from 1 up, not a float"),
        (f'{ONE}permissions = "X"\n', "user 1: permissions must be a list, not a string"),
        (f"{ONE}permissions = [1]\n", "user 1: permissions must hold text that is not empty, not a number"),
        (f"{ONE}groups = {{}}\n", "user 1: groups must be a list, not a table"),
        (f"{ONE}groups = [-1]\n", "user 1: groups must hold whole numbers from 1 up, not -1"),
        (ONE + ONE.replace("= 1", "= 2"), "users 1 and 2 have the same key; each needs its own"),
        (ONE + ONE.replace("key-a", "b"), "users 1 and 2 have the same profile 1; each needs its own"),
    ],
)
def test_a_users_file_with_a_fault_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    assert message(written(tmp_path, text)) == said


def test_bad_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    assert message(written(tmp_path, f"{ONE}key-a")).startswith("is not valid TOML: ")


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    assert message(written(tmp_path, b"\xff")) == "is not UTF-8 text"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert message(tmp_path / "missing.toml") == "cannot be read: No such file or directory"


@pytest.mark.parametrize("key", ["5719", '["5719"]', '"5719 "', '"5719'])
def test_a_key_is_never_in_a_message(tmp_path: Path, key: str) -> None:
    assert "5719" not in message(written(tmp_path, ONE.replace('"key-a"', key)))
