"""The least a Python server can do: uvicorn answers recorded bytes. `python bare.py PORT RECORDED.json`."""

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn

port, recorded = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
answers = {
    method: json.dumps(recorded[name], separators=(",", ":")).encode()
    for method, name in (("GET", "get"), ("POST", "create"))
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, answer by the method."""
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    body = answers[scope["method"]]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


uvicorn.run(app, port=port, log_level="error", access_log=False, lifespan="off")
