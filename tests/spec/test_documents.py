"""Reading YAML documents: what is taken as JSON would mean it, and what is refused in one line."""

from pathlib import Path

import pytest

from immuta_mock.documents import SpecError, read_document


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "document.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_keys_are_text_and_dates_stay_text(tmp_path: Path) -> None:
    path = written(tmp_path, "responses: {200: fine}\ncreatedAt: 2026-01-15T10:52:30.535Z\nwhen: 2026-01-15\n")

    document = read_document(path)

    assert document == {
        "responses": {"200": "fine"},
        "createdAt": "2026-01-15T10:52:30.535Z",
        "when": "2026-01-15",
    }


def test_json_means_what_json_says(tmp_path: Path) -> None:
    path = written(tmp_path, '{"on": [1e3, "2026-01-15", true, null], "\\u00e9": "\\t"}')

    assert read_document(path) == {"on": [1000.0, "2026-01-15", True, None], "é": "\t"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", ", line 3: is not valid YAML: key 'a' is there twice."),
        ("a:\n  b: 1\n  b: 2\n", ", line 3: is not valid YAML: key 'b' is there twice."),
        ('{"a": 1,\n"b": {"c": 1, "c": 2}}', ", line 2: is not valid YAML: key 'c' is there twice."),
        ("a: [1\n", ", line 2: is not valid YAML: did not find expected ',' or ']'."),
        ("a: !!python/name:os.system\n", ", line 1: is not valid YAML: could not determine a constructor for the tag"),
        ("", ": a mapping is expected at the top, found nothing."),
        ("- 1\n", ": a mapping is expected at the top, found a list."),
        (b"a: \xff\n", ": is not UTF-8 text (byte 3); save it as UTF-8."),
        ("a: \x01\n", ": is not valid YAML: "),
        pytest.param("[" * 20_000, "is not valid YAML", id="20000 brackets"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str | bytes, reason: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(SpecError) as caught:
        read_document(path)

    message = str(caught.value)
    assert message.startswith(str(path))
    assert reason in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SpecError, match=r"nowhere\.yaml: cannot be read \(No such file or directory\); check the path\."
    ):
        read_document(tmp_path / "nowhere.yaml")
