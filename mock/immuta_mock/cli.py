"""The command `immuta-mock`: reads options, builds the server and runs it.

What only some commands and options need is imported where they are carried out, which spares the others memory.
"""

import argparse
import gc
import ipaddress
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from ssl import SSLContext
from tempfile import TemporaryDirectory
from typing import NoReturn

from starlette.types import ASGIApp

from immuta_mock.app import MAX_BODY, create_app
from immuta_mock.banner import banner
from immuta_mock.beginning import begun, shared, warn_if_begun
from immuta_mock.control.access import KEY_VARIABLE, Access
from immuta_mock.errors import Refusal
from immuta_mock.publish import DESCRIPTION, write_spec
from immuta_mock.reloading import Reloading
from immuta_mock.serving import CannotListen, bind, held, serve, url_of
from immuta_mock.spec import SpecError
from immuta_mock.store.keeping import CannotKeep
from immuta_mock.tenants import DEFAULT, MOST_TENANTS, Tenants
from immuta_mock.tls import Certificates, TlsError
from immuta_mock.users import UsersError
from immuta_mock.workers import Workers

STORE_VARIABLE = "IMMUTA_MOCK_STORE"
LONGEST_TIME = 10 * 365 * 24 * 3600  # seconds; what stands for "never" in a test


class _Parser(argparse.ArgumentParser):
    """One that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop, as a mock or as a `proxy`; or steer a mock (`ctl`); or write the document (`spec`).

    2 when it cannot begin.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["ctl"]:
        from immuta_mock.control import command

        return command.run(words[1:])
    if words[:1] == ["spec"]:
        return write_spec(_Parser(prog="immuta-mock spec", description=DESCRIPTION, allow_abbrev=False), words[1:])
    if words[:1] == ["proxy"]:
        return _proxy(words[1:])
    options = _parser().parse_args(words)
    if options.state is not None:
        options.store = None  # which the environment may have named
    return _serve(options) if options.workers is None else _serve_together(options)


def _serve_together(options: argparse.Namespace) -> int:
    """As several processes."""
    try:
        if options.store is None:
            raise CannotKeep(
                f"{options.workers} workers need a store that they share; give --store redis://host:6379/0"
            )
        if options.tls or options.tls_ca is not None:
            raise TlsError("workers speak no https, as each would show a certificate of its own; have a proxy do it")
        with shared(options.store) as store:
            warn_if_begun(options, store.server.shown, there=store.has(DEFAULT))
        with held(options.host, options.port) as options.port:
            return Workers(options.workers, partial(_serve, options)).run(_say)
    except (CannotKeep, CannotListen, TlsError, Refusal) as error:
        sys.stderr.write(f"immuta-mock: {error}\n")
        return 2


def _serve(options: argparse.Namespace, begin: Callable[[str], None] = _say) -> int:
    """As one process; what it says once it has begun goes to `begin`, which is another one for a worker."""
    thresholds = gc.get_threshold()
    gc.disable()
    try:
        with begun(options) as tenants:
            control = None if options.no_control else Access(os.environ.get(KEY_VARIABLE) or None)
            build = partial(create_app, tenants, overlays=options.overlay, max_body=options.max_body, control=control)
            with (
                _made(build, tenants, options) as app,
                bind(options.host, options.port, together=begin is not _say) as listener,
                _certified(options) as (tls, ca_file),
            ):
                _set_up_logging(quiet=options.quiet)
                if begin is _say:
                    _warn_if_exposed(options.host)
                url = url_of(*listener.getsockname()[:2], scheme="http" if tls is None else "https")
                text = banner(
                    url,
                    tenants.default.store.users,
                    overlays=options.overlay,
                    ca_file=ca_file,
                    state=options.state or (tenants.place if options.store is not None else None),
                    console=control is not None,
                )
                _collect_garbage_from_now_on()
                serve(app, listener, on_start=partial(begin, text), quiet=options.quiet, tls=tls)
    except (CannotKeep, SpecError, UsersError, CannotListen, TlsError) as error:
        sys.stderr.write(f"immuta-mock: {error}\n")
        return 2
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()
    return 0


def _collect_garbage_from_now_on() -> None:
    """What is there at the start stays, and all that came since is looked through a tenth as often as Python would.

    Each such look holds up the requests that come meanwhile, and the more there is, the longer.
    """
    gc.freeze()
    often, oftener, whole = gc.get_threshold()
    gc.set_threshold(often, oftener, 10 * whole)
    gc.enable()


def _proxy(words: Sequence[str]) -> int:
    from immuta_mock.proxy import command as proxy

    options = proxy.add_options(_server_parser("immuta-mock proxy", proxy.DESCRIPTION)).parse_args(words)
    _set_up_logging(quiet=options.quiet)
    try:
        with _certified(options) as (tls, ca_file):
            proxy.run(options, tls=tls, ca_file=ca_file)
    except (SpecError, CannotListen, TlsError) as error:
        sys.stderr.write(f"immuta-mock proxy: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _server_parser("immuta-mock", 'A mock tenant of the Immuta V1 "connect your data" API.')
    parser.epilog = (
        f"`immuta-mock ctl --help` steers one that runs ({KEY_VARIABLE} sets a key for that); "
        "`immuta-mock proxy --help` stands before a tenant; `immuta-mock spec --help` writes the OpenAPI document."
    )
    add = parser.add_argument
    add("--users", metavar="FILE", help="TOML file of [[user]] tables in place of the default users")
    add("--max-body", type=_size, default=MAX_BODY, metavar="BYTES", help=f"longest request body ({MAX_BODY})")
    add("--token-seconds", type=_seconds, default=3600, metavar="N", help="how long a token lives (3600)")
    add("--job-seconds", type=_seconds, default=0, metavar="N", help="how long a job takes (0)")
    seed = parser.add_mutually_exclusive_group().add_argument
    seed(
        "--seed-file",
        metavar="FILE",
        help="state at the start, as YAML or JSON (see `immuta-mock ctl get-seed-schema`)",
    )
    seed(
        "--seed-from",
        metavar="FILE",
        help="state at the start out of an HTTP archive that `immuta-mock proxy` or a browser recorded",
    )
    place = parser.add_mutually_exclusive_group().add_argument
    place("--state", metavar="FILE", help="keep the state in this file (SQLite), and begin as it says; else in memory")
    place(
        "--store",
        default=os.environ.get(STORE_VARIABLE) or None,
        metavar="URL",
        help="keep the state on a Redis or Valkey server (redis://host:6379/0, ?prefix=name for several mocks on one), "
        f"for any number of mocks; {STORE_VARIABLE} may say it, too",
    )
    add("--workers", type=_workers, metavar="N", help="serve as so many processes, which share a --store")
    add("--faults", metavar="FILE", help="faults from the start on, as YAML or JSON")
    add("--tenants", type=_size, default=MOST_TENANTS, metavar="N", help=f"tenants beside the default ({MOST_TENANTS})")
    add("--watch", action="store_true", help="read the document, its overlays and the users again when they change")
    add("--no-control", action="store_true", help="have no control API")
    add("--version", action="version", version=f"immuta-mock {version('immuta-contract-kit')}")
    return parser


def _server_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """A parser with the options of anything that listens."""
    parser = _Parser(prog=prog, description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--port", type=_port, default=8080, metavar="N", help="port to listen on; 0 picks a free one (8080)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add(
        "--overlay",
        action="append",
        default=[],
        metavar="strict|FILE",
        help="change the document by an OpenAPI Overlay; may be given several times",
    )
    add("--tls", action="store_true", help="speak https, with a certificate made for this start")
    add("--tls-ca", type=Path, metavar="FILE", help="write the CA of that certificate there, and speak https")
    add("--quiet", action="store_true", help="write no line for each request")
    return parser


@contextmanager
def _made(build: Callable[[], ASGIApp], tenants: Tenants, options: argparse.Namespace) -> Iterator[ASGIApp]:
    """The application, made anew as its files change if that is asked for."""
    if not options.watch:
        yield build()
        return
    app = Reloading(build, tenants, overlays=options.overlay, users=options.users)
    with app.watched(lambda line: sys.stderr.write(f"immuta-mock: {line}\n")):
        yield app


@contextmanager
def _certified(options: argparse.Namespace) -> Iterator[tuple[SSLContext | None, Path | None]]:
    """What the server shows, and the file with the CA to trust; neither where plain http is spoken."""
    if not options.tls and options.tls_ca is None:
        yield None, None
        return
    certificates = Certificates(options.host)
    with TemporaryDirectory(prefix="immuta-mock-") as directory:
        ca_file = options.tls_ca if options.tls_ca is not None else Path(directory) / "ca.pem"
        certificates.write_ca(ca_file)
        yield certificates.context(), ca_file


def _set_up_logging(*, quiet: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # clients are told what uvicorn would warn of
    access = logging.getLogger("immuta_mock.access")
    access.setLevel(logging.WARNING if quiet else logging.INFO)
    lines = logging.StreamHandler()
    lines.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(lines)
    access.propagate = False


def _warn_if_exposed(host: str) -> None:
    """The keys are printed in the documentation, so whoever reaches the mock can do anything there."""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        sys.stderr.write(f"immuta-mock: warning: {host} may be reached from elsewhere, and the keys are public\n")


def _workers(text: str) -> int | None:
    """None for one, which is this process."""
    return number if (number := _size(text)) > 1 else None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; give a number of bytes from 1 up")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST_TIME:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give a number of seconds from 0 to {LONGEST_TIME}")
    return seconds
