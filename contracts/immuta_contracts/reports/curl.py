"""A request as a line of bash that sends it again; secrets are read from environment variables."""

import re
import shlex

from immuta_contracts.exchange import RUN, Request
from immuta_contracts.redaction import PLACEHOLDER
from immuta_contracts.reports.way import DIRECT, Way

BYTES_PLACEHOLDER = re.compile(PLACEHOLDER.pattern.encode())


def curl(request: Request, base_url: str, way: Way = DIRECT) -> str:
    """The line; `request` is redacted, what stands in it or in `way` as `${VARIABLE}` is read from that variable."""
    words = ["curl", "-sS"]
    if request.method != "GET":
        words += ["-X", request.method]
    if ".." in request.target:
        words.append("--path-as-is")
    words.append(_word(base_url + request.target))
    words += [word for name, value in way.options for word in (name, _word(value))]
    present = {name.lower() for name, _ in request.headers}
    extra = ((name, value) for name, value in way.headers if name.lower() not in present)
    for name, value in (*request.headers, *extra):
        words += ["-H", _word(f"{name}: {value}") if value else shlex.quote(f"{name};")]
    if request.body is not None:
        if "content-type" not in present:
            words += ["-H", "'Content-Type:'"]
        words += ["--data-binary", _body_word(request.body)]
    return " ".join(words)


def _word(text: str) -> str:
    """One word; in double quotes where it holds a variable."""
    pieces = PLACEHOLDER.split(text)
    if len(pieces) == 1:
        return shlex.quote(text)
    texts = [re.sub(r'([$`"\\])', r"\\\1", piece) for piece in pieces[::2]]
    variables = [
        f"${{{name}}}" if after[:1].isalnum() or after[:1] == "_" else f"${name}"
        for name, after in zip(pieces[1::2], texts[1:], strict=True)
    ]
    return '"' + "".join(piece for pair in zip(texts, [*variables, ""], strict=True) for piece in pair) + '"'


def _body_word(body: bytes) -> str:
    """The body as one word; a long run of one byte is made by the line itself."""
    runs = list(RUN.finditer(body))
    if not runs:
        return _quoted(body)
    commands, end = [], 0
    for run in runs:
        made = f"head -c {len(run[0])} /dev/zero | tr '\\0' {_escaped(run[1])}"
        commands += [_printed(body[end : run.start()]), made]
        end = run.end()
    return "@<(" + "; ".join(filter(None, [*commands, _printed(body[end:])])) + ")"


def _printed(piece: bytes) -> str:
    return f"printf %s {_quoted(piece)}" if piece else ""


def _quoted(body: bytes) -> str:
    """Bytes as one word: quoted pieces with the variables between them."""
    pieces = BYTES_PLACEHOLDER.split(body)
    words = [f'"${piece.decode()}"' if number % 2 else _escaped(piece) for number, piece in enumerate(pieces)]
    return "".join(words)


def _escaped(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
        if text.isprintable() or all(c.isprintable() or c in "\n\t" for c in text):
            return shlex.quote(text)
    except UnicodeDecodeError:
        pass
    escaped = "".join(f"\\x{byte:02x}" if not 32 <= byte < 127 or chr(byte) in "'\\" else chr(byte) for byte in body)
    return f"$'{escaped}'"
