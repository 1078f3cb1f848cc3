"""Settings come from the command line, the environment, the target file and defaults, in this order."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.commands.config import printed
from immuta_contracts.commands.init import template
from immuta_contracts.options import OPTIONS
from immuta_contracts.resolving import Resolved, flat, resolve
from immuta_contracts.settings import Connection, Keys, Limits, Settings, Transport
from immuta_contracts.target_file import BadSettings

Resolve = Callable[..., Resolved]
PINNED = """
[connector.trino]
hostname = "trino.example"
username = "svc"
password_env = "TRINO_PASSWORD"
database = "sales"
tables = ["t1", "t2"]
"""


@pytest.fixture
def resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Resolves a target file, an environment and a command line."""
    monkeypatch.chdir(tmp_path)

    def resolve_all(text: str | None = None, environ: Mapping[str, str] | None = None, **given: Any) -> Resolved:
        if text is not None:
            Path("target.toml").write_text(text, encoding="utf-8")
        return resolve(given, environ=environ or {})

    return resolve_all


def refused(resolved: Resolve, text: str, environ: Mapping[str, str] | None = None, **given: Any) -> str:
    with pytest.raises(BadSettings) as error:
        resolved(text, environ, **given)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_anything_the_defaults_hold(resolved: Resolve) -> None:
    found = resolved()
    assert (found.settings, found.file) == (Settings(), None)
    assert found.settings.fence == "full"


def test_only_what_the_run_made_may_be_written_on_every_target_that_is_given(resolved: Resolve) -> None:
    assert resolved(url="http://127.0.0.1:8080").settings.fence == "own"
    assert resolved('url = "https://tenant.example"\n').settings.fence == "own"
    assert resolved(url="http://127.0.0.1:8080", mode="full").settings.fence == "full"
    assert resolved(url="mock", mode="read").settings.fence == "read"


def test_each_source_goes_before_the_next(resolved: Resolve) -> None:
    text = 'mode = "read"\nprofile = "quick"\n\n[limits]\ntimeout = 3\njob_seconds = 4\n'
    environ = {"IMMUTA_CONTRACT_PROFILE": "thorough", "IMMUTA_CONTRACT_TIMEOUT": "5"}
    found = resolved(text, environ, **{"limits.timeout": "6"})
    assert found.settings == Settings(mode="read", profile="thorough", limits=Limits(timeout=6.0, job_seconds=4.0))
    assert {
        name: found.origin(name) for name in ("mode", "profile", "limits.timeout", "limits.job_seconds", "seed")
    } == {
        "mode": "target.toml, line 1",
        "profile": "environment, IMMUTA_CONTRACT_PROFILE",
        "limits.timeout": "command line, --timeout",
        "limits.job_seconds": "target.toml, line 6",
        "seed": "default",
    }


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_every_option_has_a_place_in_the_file_and_a_variable(resolved: Resolve, option: Any) -> None:
    values = {"mode": "read", "profile": "quick", "gate": "ref"}
    value = values.get(option.flag, "7" if option.metavar in ("N", "SECONDS") else "some")
    found = resolved(None, {option.variable: value})
    assert found.origin(option.at) == f"environment, {option.variable}"
    assert option.at in flat(found.settings)
    assert flat(found.settings)[option.at] != flat(Settings())[option.at]


def test_a_file_that_is_named_goes_before_the_one_in_the_folder(resolved: Resolve, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('mode = "full"\n')
    assert resolved('mode = "read"\n', config=str(other)).settings.mode == "full"
    assert resolved(None, {"IMMUTA_CONTRACT_CONFIG": str(other)}).settings.mode == "full"


def test_paths_in_the_file_start_where_the_file_lies(resolved: Resolve, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    text = 'overlay = ["strict", "ours.yaml"]\ndeviations = "known.toml"\n[transport]\nca_bundle = "ca.pem"\n'
    (folder / "t.toml").write_text(text)
    found = resolved(config=str(folder / "t.toml")).settings
    assert found.overlay == ("strict", str(folder / "ours.yaml"))
    assert (found.deviations, found.transport.ca_bundle) == (folder / "known.toml", folder / "ca.pem")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ulr = "x"', "target.toml, line 1: a target file has no 'ulr'; did you mean 'url'?"),
        ("\n[limits]\ntimeot = 3", "target.toml, line 3: [limits] has no 'timeot'; did you mean 'timeout'?"),
        ("[limit]\ntimeout = 3", "target.toml, line 1: a target file has no 'limit'; did you mean 'limits'?"),
        ("[connector.trinno]", "target.toml, line 1: [connector] has no 'trinno'; did you mean 'trino'?"),
        (
            '[connector.trino]\nhost_name = "x"',
            "target.toml, line 2: [connector.trino] has no 'host_name'; did you mean 'hostname'?",
        ),
        (
            '[connector.trino]\nhostname = "x"\ndatabase = "d"\nuserFiles = [{ keyname = "x", content = "eA==" }]',
            "target.toml, line 4: [connector.trino.userFiles] has no 'keyname'; did you mean 'keyName'?",
        ),
        ('[keys]\nownr = "X"', "target.toml, line 2: [keys] has no 'ownr'; did you mean 'owner'?"),
        ("limits = 3", "target.toml, line 1: limits is 3; write a table, [limits]"),
        ('mode = "all"', "target.toml, line 1: mode is 'all': input should be 'read', 'own' or 'full'"),
        ("[limits]\ntimeout = -1", "target.toml, line 2: limits.timeout is -1: input should be greater than 0"),
        (
            '[connector.trino]\nhostname = "x"',
            "target.toml, line 1: [connector.trino]: database is missing; a pinned connection needs both",
        ),
        (
            '[connector.trino]\nport = 0\nhostname = "x"\ndatabase = "d"',
            "target.toml, line 2: connector.trino.port is 0: input should be greater than or equal to 1",
        ),
        ("mode =", "target.toml is not valid TOML: Invalid value (at end of document)"),
        (
            '[connector.trino]\npassword = "s3cret"',
            (
                'target.toml, line 2: a password does not belong in a file; write password_env = "NAME" under '
                "[connector.trino] and put it in the environment variable NAME"
            ),
        ),
        (
            '[transport.headers]\nCookie = "s=1"',
            (
                "target.toml, line 1: [transport.headers]: Cookie tells who calls; "
                "name the keys under [keys], and headers of a gateway or proxy here"
            ),
        ),
        (
            '[transport.headers]\nX-HTTP-Method-Override = "PUT"',
            (
                "target.toml, line 1: [transport.headers]: X-HTTP-Method-Override makes requests other ones "
                "than they are judged to be; leave it out"
            ),
        ),
        (
            '[transport.headers]\nX-Token = { env = "GATE" }',
            "target.toml, line 2: transport.headers.X-Token names the environment variable GATE, which is not set",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(resolved: Resolve, text: str, said: str) -> None:
    assert refused(resolved, text) == said


def test_a_key_in_the_place_of_the_name_of_its_variable_is_not_shown(resolved: Resolve) -> None:
    said = refused(resolved, '[keys]\nowner = "3f9c-the-key-itself"')
    assert said.startswith("target.toml, line 2: keys.owner: ")
    assert "the-key-itself" not in said


def test_a_file_that_is_not_as_it_should_be_is_not_shown(resolved: Resolve) -> None:
    said = refused(resolved, '[connector.trino]\nhostname = "x"\ndatabase = "d"\nuserFiles = [{ content = "s3cret" }]')
    assert said == "target.toml, line 4: connector.trino.userFiles.0.keyName: field required"


def test_a_url_with_credentials_is_refused_and_not_shown(resolved: Resolve) -> None:
    said = refused(resolved, 'url = "https://me:s3cret@tenant.example"')
    assert said == "target.toml, line 1: a URL with a user name or password in it; leave them out"


def test_a_wrong_value_of_the_environment_is_said_with_the_variable(resolved: Resolve) -> None:
    said = refused(resolved, "", {"IMMUTA_CONTRACT_MODE": "none"})
    assert said == "environment, IMMUTA_CONTRACT_MODE: mode is 'none': input should be 'read', 'own' or 'full'"


def test_a_file_that_is_not_there_is_said(resolved: Resolve) -> None:
    said = refused(resolved, "", config="nowhere.toml")
    assert said == "nowhere.toml cannot be read: No such file or directory; `immuta-contract init` writes a target file"


def test_the_connection_of_a_connector_is_pinned(resolved: Resolve) -> None:
    settings = resolved(PINNED, {"TRINO_PASSWORD": "s3cret"}).settings
    metadata: Any = {"hostname": "trino.example", "username": "svc", "password": "s3cret", "database": "sales"}
    assert settings.connector == {"trino": Connection(metadata, tables=("t1", "t2"))}
    assert [settings.in_scope(prefix) for prefix in ("trino", "asa")] == [True, False]


def test_keys_and_headers_come_from_the_variables_that_are_named(resolved: Resolve) -> None:
    text = '[keys]\nreader = "MY_READER"\n[transport.headers]\nX-A = "plain"\nX-B = { env = "GATE" }\n'
    settings = resolved(text, {"MY_READER": "r-key", "IMMUTA_API_KEY": "o-key", "GATE": "g-token"}).settings
    assert settings.keys == Keys(reader="MY_READER")
    assert settings.api_keys == {"owner": "o-key", "reader": "r-key"}
    assert settings.transport == Transport(headers={"X-A": "plain", "X-B": "g-token"})


@pytest.mark.parametrize(
    ("gate", "tags"),
    [('"all"', ("ref", "docs", "client", "inferred")), ('["ref"]', ("ref",)), ('"ref, docs"', ("ref", "docs"))],
)
def test_the_gate_is_a_list_of_tags_or_all(resolved: Resolve, gate: str, tags: tuple[str, ...]) -> None:
    assert resolved(f"gate = {gate}\n").settings.gate == tags


def test_config_shows_what_is_in_force_where_nothing_is_said(resolved: Resolve) -> None:
    def shown(url: str | None) -> tuple[object, object]:
        found = flat(resolved(url=url).settings)
        return found["mode"], found["gate"]

    assert shown(None) == ("full", ("ref", "docs", "client", "inferred"))
    assert shown("https://tenant.example") == ("own", ("ref", "docs"))


def test_a_mock_may_be_asked_for_although_the_file_names_a_tenant(resolved: Resolve) -> None:
    assert resolved('url = "https://tenant.example"\n', url="mock").settings.url is None


def test_no_secret_is_printed(resolved: Resolve) -> None:
    text = f'{PINNED}\n[transport]\nproxy = "http://me:p4ss@proxy:1"\n[transport.headers]\nX = {{ env = "GATE" }}\n'
    environ = {"TRINO_PASSWORD": "s3cret", "GATE": "g-token", "IMMUTA_API_KEY": "o-key"}
    found = resolved(text, environ)
    for shown in (printed(found), repr(found)):
        assert not re.search("s3cret|g-token|o-key|p4ss", shown)
    assert "keys.owner                           IMMUTA_API_KEY (set)" in printed(found)
    assert (
        "connector.trino.password             ***                                          (target.toml, line 5)"
        in (printed(found))
    )


def test_the_template_holds_and_names_every_option(resolved: Resolve) -> None:
    assert resolved(template()).settings == Settings(url="https://tenant.example", mode="own")
    whole = re.sub(r"(?m)^# (?=\w+ = |\[[\w.]+\]|[\w-]+ = )", "", template())
    environ = {"SNOWFLAKE_PASSWORD": "s3cret", "SNOWFLAKE_CA": "Y2E=", "GATEWAY_TOKEN": "token"}
    assert {option.at for option in OPTIONS} <= resolved(whole, environ).origins.keys()
