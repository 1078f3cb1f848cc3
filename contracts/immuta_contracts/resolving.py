"""Makes the settings of a run: from the command line, the environment, the target file and defaults, in this order."""

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from immuta_contracts.options import CONFIG_VARIABLE, OPTIONS, Option
from immuta_contracts.settings import Connection, Keys, Limits, Prefix, Reach, Readable, Settings, Transport, UserFile
from immuta_contracts.target_file import DEFAULT_FILE, BadSettings, TargetFile, read
from pydantic import TypeAdapter, ValidationError

Json = dict[str, Any]

DEFAULT = "default"
CONNECTORS = get_args(Prefix)
KNOWN: Mapping[str, tuple[str, ...]] = {  # what each table may hold; `connector.*` stands for any connector's
    "": tuple(each.name for each in fields(Settings) if each.name != "secrets"),
    "keys": tuple(each.name for each in fields(Keys)),
    "limits": tuple(each.name for each in fields(Limits)),
    "transport": tuple(each.name for each in fields(Transport)),
    "read": tuple(each.name for each in fields(Readable)),
    "read.handlers": CONNECTORS,
    "connector": CONNECTORS,
    "connector.*": ("tables", "free", *Reach.__annotations__, *(f"{name}_env" for name in Reach.__annotations__)),
    "connector.*.userFiles": tuple(UserFile.__annotations__),
}
ANY_CONNECTOR = re.compile(r"^connector\.[^.]+")
NEVER_SHOWN = ("keys", "transport.headers", "transport.proxy")
PASSED_ON = ("transport.headers",)  # tables whose names are free


@dataclass(frozen=True)
class Resolved:
    """`origins` says for each dotted name where its value came from; what is not in it is a default."""

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None

    def origin(self, name: str) -> str:
        """Where the value of a name came from."""
        return self.origins.get(name, DEFAULT)


def resolve(
    given: Mapping[str, Any], *, environ: Mapping[str, str] | None = None, defaults: Mapping[str, Any] | None = None
) -> Resolved:
    """`given` is the command line: a value (None: not given) for the place of each option, and `config`.

    `defaults` stand in for those of `Settings`. Raises `BadSettings`.
    """
    environ = os.environ if environ is None else environ
    file = _file(given.get("config"), environ)
    draft = _Draft(file, environ)
    for option in OPTIONS:
        draft.set(option, environ.get(option.variable) or None, f"environment, {option.variable}")
        draft.set(option, given.get(option.at), f"command line, --{option.flag}")
    return Resolved(draft.settings(defaults or {}), draft.origins, file.path if file else None)


def _file(named: str | None, environ: Mapping[str, str]) -> TargetFile | None:
    path = named or environ.get(CONFIG_VARIABLE)
    if path:
        return read(Path(path))
    return read(DEFAULT_FILE) if DEFAULT_FILE.exists() else None


class _Draft:
    """Values not yet checked, each with its origin, and the secrets read for them."""

    def __init__(self, file: TargetFile | None, environ: Mapping[str, str]) -> None:
        self.origins: dict[str, str] = {}
        self.values: Json = {}
        self._environ, self._secrets = environ, dict[str, str]()
        if file:
            self._note(file, file.values, "")
            self.values = self._take(file.values, "")
            self._place(file.path.parent)

    def set(self, option: Option, value: object, origin: str) -> None:
        if value is None:
            return
        *tables, last = option.at.split(".")
        inner = self.values
        for table in tables:
            inner = inner.setdefault(table, {})
        inner[last] = value
        self.origins[option.at] = origin

    def settings(self, defaults: Mapping[str, Any]) -> Settings:
        try:
            settings = TypeAdapter(Settings).validate_python({**defaults, **self.values})
        except ValidationError as error:
            raise BadSettings(self._said(error)) from None
        for name in vars(settings.keys).values():
            if self._environ.get(name):
                self._secrets[name] = self._environ[name]
        url = None if settings.url in (None, "mock") else settings.url
        if url and "@" in urlsplit(url).netloc:
            raise BadSettings(f"{self._origin('url')}: a URL with a user name or password in it; leave them out")
        return replace(settings, url=url, secrets=self._secrets)

    def _note(self, file: TargetFile, table: Mapping[str, Any], at: str) -> None:
        """Keep in mind where each name stands; a name that nothing knows is an error."""
        known = KNOWN.get(ANY_CONNECTOR.sub("connector.*", at))
        for name, value in table.items():
            place = f"{at}.{name}".lstrip(".")
            if known is not None and name not in known:
                raise BadSettings(f"{file.where(place)}: {_unknown(at, name, known)}")
            self.origins[place] = file.where(place)
            if place in KNOWN and not isinstance(value, dict):
                raise BadSettings(f"{file.where(place)}: {place} is {value!r}; write a table, [{place}]")
            if isinstance(value, dict) and (at not in PASSED_ON and not at.startswith("connector.")):
                self._note(file, value, place)
            for each in value if isinstance(value, list) else ():
                if isinstance(each, dict):
                    self._note(file, each, place)

    def _take(self, value: Any, at: str) -> Any:
        """The value with the secrets that it names by their environment variables."""
        if isinstance(value, list):
            return [self._take(each, at) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"env"}:
            return self._secret(value["env"], at)
        taken: Json = {}
        for name, each in value.items():
            place = f"{at}.{name}".lstrip(".")
            if at.startswith("connector.") and name.endswith("_env"):
                taken[name.removesuffix("_env")] = self._secret(each, place)
                self.origins[place.removesuffix("_env")] = self.origins[place]
            elif at.startswith("connector.") and name == "password" and isinstance(each, str):
                raise BadSettings(
                    f"{self.origins[place]}: a password does not belong in a file; "
                    f'write password_env = "NAME" under [{at}] and put it in the environment variable NAME'
                )
            else:
                taken[name] = self._take(each, place)
        return taken

    def _secret(self, variable: object, at: str) -> str:
        value = self._environ.get(variable) if isinstance(variable, str) else None
        if not value:
            raise BadSettings(f"{self._origin(at)}: {at} names the environment variable {variable}, which is not set")
        self._secrets[str(variable)] = value
        return value

    def _place(self, folder: Path) -> None:
        """What the file says of paths starts where the file lies."""
        for option in OPTIONS:
            *tables, last = option.at.split(".")
            inner: Any = self.values
            for table in tables:
                inner = inner.get(table, {}) if isinstance(inner, dict) else {}
            if option.local and isinstance(inner, dict) and last in inner:
                inner[last] = _placed(folder, inner[last])

    def _said(self, error: ValidationError) -> str:
        """The first thing that is wrong, with where it came from."""
        first = error.errors(include_url=False)[0]
        words = [str(word) for word in first["loc"] if word not in ("metadata", "[key]")]
        name = ".".join(word for word in words if "[" not in word)
        shown = "" if _hidden(name) else f" is {first['input']!r}"
        detail = first["msg"].removeprefix("Value error, ")
        if first["type"] == "value_error":
            return f"{self._origin(name)}: [{name}]: {detail}"
        return f"{self._origin(name)}: {name}{shown}: {detail[:1].lower()}{detail[1:]}"

    def _origin(self, name: str) -> str:
        while name and name not in self.origins:
            name = name.rpartition(".")[0]
        return self.origins.get(name, DEFAULT)


def _unknown(table: str, name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    where = f"[{table}]" if table else "a target file"
    meant = f"did you mean {close[0]!r}?" if close else f"it may hold {', '.join(known)}"
    return f"{where} has no {name!r}; {meant}"


def _placed(folder: Path, value: Any) -> Any:
    if isinstance(value, list):
        return [_placed(folder, each) for each in value]
    return value if not isinstance(value, str) or value == "strict" else str(folder / value)


def _hidden(name: str) -> bool:
    return name.startswith(NEVER_SHOWN) or not {"password", "userFiles"}.isdisjoint(name.split("."))


def flat(settings: Settings, *, secrets: bool = False) -> dict[str, object]:
    """The settings in force by dotted name, defaults included; secrets are masked unless they are asked for."""
    found: dict[str, object] = {}
    _flatten(settings, "", found)
    found |= {"mode": settings.fence, "gate": settings.gating}
    return found if secrets else {name: _masked(name, value, settings) for name, value in found.items()}


def _flatten(value: Any, at: str, found: dict[str, object]) -> None:
    parts: Mapping[str, Any] | None = None
    if is_dataclass(value):
        parts = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "secrets"}
        if isinstance(value, Connection):
            parts = {**value.metadata, "tables": value.tables, "free": value.free}
    elif isinstance(value, Mapping):
        parts = value
    if parts is None or (not parts and at):
        found[at] = value
        return
    for name, each in parts.items():
        _flatten(each, f"{at}.{name}".lstrip("."), found)


def _masked(name: str, value: object, settings: Settings) -> object:
    if name.startswith("keys."):
        return f"{value} ({'set' if settings.secrets.get(str(value)) else 'not set'})"
    return "***" if value and (_hidden(name) or value in settings.secrets.values()) else value
