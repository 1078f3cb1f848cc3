"""Connexion as it comes, both validations on, recorded answers. `python stock.py PORT DOCUMENT.json RECORDED.json`."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connexion import FlaskApp
from connexion.resolver import Resolver

port, document = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
recorded = json.loads(Path(sys.argv[3]).read_text("utf-8"))
ANSWERED = {"getSnowflakeHandler": "get", "createSnowflakeDataSource": "create"}


def handler(operation_id: str) -> Callable[..., Any]:
    """The view of an operation."""
    answer = recorded[ANSWERED.get(operation_id, "get")]

    def view(**_: Any) -> Any:
        return answer, 200

    return view


def key(_key: str, **_: Any) -> dict[str, Any]:
    """Whoever calls is known."""
    return {"sub": "owner"}


logging.disable()  # no server writes a line for a request
app = FlaskApp("stock")
for scheme, function in (("apiKey", "x-apikeyInfoFunc"), ("bearer", "x-bearerInfoFunc")):
    document["components"]["securitySchemes"][scheme][function] = "__main__.key"
app.add_api(document, resolver=Resolver(handler), validate_responses=True)
app.run(port=port, log_level="error", access_log=False)
