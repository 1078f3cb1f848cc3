"""Keeps secrets out of everything that is shown: keys, tokens, passwords and the content of uploaded files."""

import base64
import binascii
import json
import re
import string
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from immuta_contracts.exchange import RUN, Request
from immuta_contracts.strategies import ODD_TEXTS

MASK = "***"
PIECE = 10  # characters: so much of a secret gives it away, wherever it stands and in whatever letter case
WRONG_KEY = "IMMUTA_WRONG_KEY"  # stands for a text that is nearly a key, which a target has to refuse
PROXY_USER = "IMMUTA_PROXY_USER"  # stands for the `user:password` of a proxy that no variable was named for
MEMBERS = {"password": "IMMUTA_PASSWORD", "content": "IMMUTA_FILE_CONTENT"}  # of a request, by the name of the member
ANSWERED = ("password", "content", "token", "apikey")  # members of an answer
PLACEHOLDER = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
MOST_BYTES = 2**20  # larger bodies are made large by the run and hold nothing that others do not
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON may hold one, no file and no terminal can
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"})

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")  # spelled alike wherever it stands
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # unlike str.lower it keeps the length
# A member as JSON writes it, also where the JSON is itself inside a text, and where the text was cut in the value.
_MEMBER = r'((\\*")({})\2\s*:\s*\2)((?!\2)(?:\\.|[^\\])+?)(?=\2|\Z)'
_ASKED = re.compile(_MEMBER.format("|".join(MEMBERS)), re.IGNORECASE | re.DOTALL)
_ANSWERED = re.compile(_MEMBER.format("|".join(ANSWERED)), re.IGNORECASE | re.DOTALL)
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]*@")


class Redactor:
    """Takes secrets out of texts; `known` maps each secret to the environment variable a reproduction reads it from."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known: dict[str, str] = {}
        self._spelled: list[tuple[str, str]] = []  # with their placeholders; a part of another one comes after it
        self._pieces: dict[int, dict[str, str]] = {}
        self._wholes: dict[str, str] = {}
        for secret, variable in known.items():
            self.learn(secret, variable)

    @property
    def secrets(self) -> Mapping[str, str]:
        return self._known

    def learn(self, secret: str, variable: str) -> None:
        """Know one more secret from here on."""
        if not secret or secret in self._known:
            return
        self._known[secret] = variable
        for spelled in _spelled(secret):
            insort(self._spelled, (spelled, f"${{{variable}}}"), key=lambda each: -len(each[0]))
        if variable in MEMBERS.values():
            self._learn_value(secret, variable)
        else:
            self._learn_pieces((each for piece in _pieces(secret) for each in _escaped(piece)), WRONG_KEY)
            self._learn_pieces(_in_base64(secret), WRONG_KEY)

    def _learn_value(self, secret: str, variable: str) -> None:
        """A password or the like: bodies hold endless random ones, whose escaped pieces may stand anywhere."""
        self._learn_pieces((piece for piece in _pieces(secret) if _PLAIN.fullmatch(piece)), variable)
        self._learn_pieces(_in_base64(secret), variable)
        for text in (secret, *_out_of_base64(secret)):
            self._wholes.update((form.translate(_LOWER), variable) for form in _escaped(text))

    def _learn_pieces(self, pieces: Iterable[str], variable: str) -> None:
        for piece in pieces:
            self._pieces.setdefault(len(piece), {})[piece.translate(_LOWER)] = variable

    def mask(self, text: str) -> str:
        """A text of the target or of a property with every secret replaced by `***`."""
        return self.known(_ANSWERED.sub(rf"\1{MASK}", text))

    def known(self, text: str) -> str:
        """Like `mask`, for texts whose members may stay: what is not known to be a secret is none."""
        return self._without(_USER_INFO.sub(f"{MASK}@", text), lambda _: MASK)

    def everywhere(self, value: Any) -> Any:
        """A JSON value with all its texts passed through `known`, and without halves of characters."""
        if isinstance(value, str):
            return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", self.known(value))
        if isinstance(value, Mapping):
            return {self.known(str(name)): self.everywhere(each) for name, each in value.items()}
        return [self.everywhere(each) for each in value] if isinstance(value, list | tuple) else value

    def request(self, request: Request) -> Request:
        """The request with `${VARIABLE}` in the place of every secret; anyone who has the secrets can send it again."""
        headers = tuple((name, self._variables(value)) for name, value in request.headers)
        body = None if request.body is None else self._body(request.body)
        return replace(request, target=self._variables(request.target), headers=headers, body=body)

    def headers(self, headers: Mapping[str, str]) -> list[list[str]]:
        """The headers of an answer as pairs."""
        return [[n, MASK if n.lower() in SECRET_HEADERS else self.mask(v)] for n, v in headers.items()]

    def _body(self, body: bytes) -> bytes:
        """A run of one byte holds no secret, and may be too long to be looked at."""
        redacted, end = b"", 0
        for run in RUN.finditer(body):
            redacted += self._part(body[end : run.start()]) + run[0]
            end = run.end()
        return redacted + self._part(body[end:])

    def _part(self, part: bytes) -> bytes:
        return self._variables(part.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _variables(self, text: str) -> str:
        for spelled, placeholder in self._spelled:
            text = text.replace(spelled, placeholder)
        text = _ASKED.sub(_in_place_of, text)
        return self._without(text, lambda variable: f"${{{variable}}}")

    def _without(self, text: str, mask: Callable[[str], str]) -> str:
        """The text without any stretch that is a secret or part of one; `mask` makes what stands in its place."""
        kept, end = [], 0
        for start, stop, variable in self._stretches(text.translate(_LOWER)):
            if start >= end:
                kept += [text[end:start], mask(variable)]
            end = max(end, stop)
        return "".join([*kept, text[end:]])

    def _stretches(self, folded: str) -> list[tuple[int, int, str]]:
        """Where in a text in lower case something is secret, and the variable for it; from left to right."""
        found = [
            (at, at + length, pieces[folded[at : at + length]])
            for length, pieces in self._pieces.items()
            for at in range(len(folded) - length + 1)
            if folded[at : at + length] in pieces
        ]
        for whole, variable in self._wholes.items():
            at = folded.find(whole)
            while at >= 0:
                found.append((at, at + len(whole), variable))
                at = folded.find(whole, at + len(whole))
        return sorted(found, key=lambda each: (each[0], -each[1]))


def secret_parts(setting: str) -> list[str]:
    """What is secret of a setting: all of it, but of a URL the user with the password, and the password.

    Its host is no secret, and may be much like that of the target.
    """
    if not setting.lower().startswith(("http://", "https://")):
        return [setting]
    login = setting.partition("://")[2].rpartition("@")[0]
    password = login.partition(":")[2]
    return list(dict.fromkeys([login, unquote(login), password, unquote(password)])) if password else []


def secrets_in(body: bytes) -> Iterator[tuple[str, str]]:
    """The passwords and file contents that a body carries, each with its variable; short ones tell nobody anything."""
    if len(body) > MOST_BYTES or (b'"password"' not in body and b'"content"' not in body):
        return
    for found in _ASKED.finditer(body.decode("utf-8", "replace")):
        value = _unescaped(found[4])
        if len(value) >= PIECE - 2 and not _open(found[4]):
            yield value, MEMBERS[found[3].lower()]


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _open(written: str) -> bool:
    """Whether a value, as JSON writes it, is none that anybody keeps to himself."""
    return PLACEHOLDER.fullmatch(written) is not None or _unescaped(written) in ODD_TEXTS


def _in_place_of(found: re.Match[str]) -> str:
    return found[0] if _open(found[4]) else f"{found[1]}${{{MEMBERS[found[3].lower()]}}}"


def _spelled(secret: str) -> list[str]:
    """A secret as a request may spell it: plain, inside JSON, inside a URL or a form."""
    in_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    in_url = [quote(secret, safe=safe, errors="replace") for safe in ("", "/")]
    return list(dict.fromkeys([secret, *in_json, *in_url, quote_plus(secret, errors="replace")]))


def _pieces(text: str) -> Iterator[str]:
    """Every stretch of a secret that gives it away; a short one as a whole."""
    yield from (text[at : at + PIECE] for at in range(max(1, len(text) - PIECE + 1)))


def _escaped(text: str) -> set[str]:
    """What is part of a secret as any text may hold it, also escaped twice."""
    spelled = _spelled(text)
    twice = [again for each in spelled for again in (json.dumps(each)[1:-1], quote(each, safe="", errors="replace"))]
    return {*spelled, *twice, repr(text)[1:-1]}


def _in_base64(secret: str) -> Iterator[str]:
    """What of the secret's base64 does not depend on its neighbours, for each of the three ways it can be aligned."""
    known = secret.encode("utf-8", "replace")
    for before in range(3):
        whole = base64.b64encode(bytes(before) + known + bytes(2)).decode()
        core = whole[(before * 8 + 5) // 6 : (before + len(known)) * 8 // 6]
        for spelled in {core, core.replace("+", "-").replace("/", "_")} if len(core) > 3 else ():
            yield from _pieces(spelled)


def _out_of_base64(secret: str) -> Iterator[str]:
    """The very text of an uploaded file."""
    try:
        decoded = base64.b64decode(secret, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return
    if len(decoded) >= PIECE:
        yield decoded
