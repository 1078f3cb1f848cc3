"""Intercepts requests with the package responses, which repeats as requests would where a client asks for that."""

import re

import requests
import responses
from urllib3 import HTTPHeaderDict

from immuta_mock.testing.transports import Send, requested

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def through_requests(pattern: re.Pattern[str], send: Send) -> responses.RequestsMock:
    """What does not match goes on to whatever was there before, the network or another mock."""

    def answer(request: requests.PreparedRequest) -> tuple[int, HTTPHeaderDict, bytes]:
        timeout = request.req_kwargs.get("timeout")  # type: ignore[attr-defined]  # of responses
        status, headers, body = requested(send, request, timeout)
        return status, HTTPHeaderDict(headers), body

    before = requests.adapters.HTTPAdapter.send
    mock = responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=before)
    mock.add_passthru(re.compile(f"(?!{pattern.pattern})"))
    for method in METHODS:
        mock.add_callback(method, pattern, answer, content_type=None)
    return mock
