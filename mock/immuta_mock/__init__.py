"""A mock tenant of the Immuta V1 "connect your data" API: `create_app` builds a server on a `Store`."""

from immuta_mock import light_import  # noqa: F401  # before whatever imports Connexion
from immuta_mock.app import create_app
from immuta_mock.store import Store

__all__ = ["Store", "create_app"]
