"""Starts a mock with planted defects over HTTP, to see a contract run find them."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from defects import DEFECTS
from immuta_mock import Store
from immuta_mock.banner import banner
from immuta_mock.serving import CannotListen, bind, serve, url_of
from planting import planted


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 2 when that cannot begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("defects", help="names of planted defects, separated by commas")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--token-seconds", type=float, default=3600)
    options = parser.parse_args(argv)
    names = [name.strip() for name in options.defects.split(",") if name.strip()]
    if unknown := [name for name in names if name not in DEFECTS]:
        parser.error(f"no planted defect is named {unknown[0]!r}; `make defects` lists them")
    store = Store(token_lifetime=timedelta(seconds=options.token_seconds))
    try:
        listener = bind("127.0.0.1", options.port)
    except CannotListen as error:
        parser.error(str(error))
    broken = "".join(f"  {DEFECTS[name].promise:<10} {name}: {DEFECTS[name].says}\n" for name in names)
    text = f"{banner(url_of(*listener.getsockname()[:2]), store.users)}\n\n  Planted defects\n{broken}"
    app = planted(store, *(DEFECTS[name] for name in names))
    serve(app, listener, on_start=lambda: print(text, flush=True), quiet=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
