"""The command `immuta-mock proxy`: its options, and the proxy that runs by them."""

import argparse
import sys
from pathlib import Path
from ssl import SSLContext

from immuta_mock.checks import compile_checks
from immuta_mock.proxy.app import proxy
from immuta_mock.proxy.archive import ArchiveFile
from immuta_mock.proxy.upstream import Upstream
from immuta_mock.proxy.watching import Watch
from immuta_mock.serving import AccessLog, bind, serve, url_of
from immuta_mock.skeleton import check_valid
from immuta_mock.spec import load_spec

DESCRIPTION = (
    "Forwards requests to a tenant, holds requests and answers to the document, says each deviation once with its "
    "promise, and records all without secrets in an HTTP archive. Forwards nothing that writes unless told to."
)
HAR = "recorded.har"


def add_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser with the options that the proxy has beside those of any server."""
    add = parser.add_argument
    add("--to", required=True, metavar="URL", help="the tenant")
    add("--allow-writes", action="store_true", help="forward requests that may change something, too")
    add("--har", default=HAR, metavar="FILE", help=f"where to record; an archive of ours is continued ({HAR})")
    add("--no-har", action="store_true", help="record nothing")
    add("--ca-bundle", metavar="FILE", help="PEM certificates that the tenant's is checked against")
    add("--timeout", type=_seconds, default=60.0, metavar="N", help="seconds to wait for the tenant (60)")
    return parser


def run(options: argparse.Namespace, *, tls: SSLContext | None = None, ca_file: Path | None = None) -> None:
    """Forward until told to stop, then say the totals. Raises SpecError, CannotListen."""
    document = load_spec(options.overlay)
    check_valid(document)
    upstream = Upstream(options.to, timeout=options.timeout, ca_bundle=options.ca_bundle)
    archive = None if options.no_har else ArchiveFile(options.har)
    watch = Watch(tuple(compile_checks(document).values()), upstream.url, _say, archive)
    app = proxy(upstream, watch, allow_writes=options.allow_writes)
    logged = app if options.quiet else AccessLog(app, watch.cleared)
    with bind(options.host, options.port) as listener:
        url = url_of(*listener.getsockname()[:2], scheme="http" if tls is None else "https")
        text = _banner(url, upstream.url, options.allow_writes, archive, ca_file)
        try:
            serve(logged, listener, on_start=lambda: _say(text), quiet=True, tls=tls, named=False)
        finally:
            _say(watch.summary())


def _banner(url: str, to: str, allow_writes: bool, archive: ArchiveFile | None, ca_file: Path | None) -> str:
    forwards = "everything" if allow_writes else "what reads alone; --allow-writes forwards the rest"
    recorded = "nothing" if archive is None else str(archive.path)
    if archive is not None and archive.before:
        recorded += f", continued after {archive.before}"
    lines = [f"Immuta proxy listening on {url}", "", f"  To        {to}", f"  Forwards  {forwards}"]
    lines += [f"  Records   {recorded}", *([f"  CA        {ca_file}"] if ca_file is not None else [])]
    return "\n".join([*lines, "  Ctrl-C stops it and says the totals.", ""])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give a number of seconds above 0, up to 3600")
    return seconds
