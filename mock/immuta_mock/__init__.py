"""A mock tenant of the Immuta V1 "connect your data" API: `create_app` builds a server on a `Store`."""

import warnings

with warnings.catch_warnings():
    # Connexion imports starlette.testclient, which warns of the httpx it finds; nobody here uses that client.
    warnings.simplefilter("ignore")
    from immuta_mock.app import create_app

from immuta_mock.store import Store

__all__ = ["Store", "create_app"]
