"""Builds one server: the document, a store, and the layers between HTTP and the two."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from connexion import ConnexionMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver

from immuta_mock import workarounds
from immuta_mock.auth import SECURITY_MAP
from immuta_mock.checking import RequestValidation, ResponseValidation
from immuta_mock.checks import Checks, compile_checks
from immuta_mock.console.layer import Console
from immuta_mock.control.access import LOOPBACK, Access
from immuta_mock.control.document import effect_check
from immuta_mock.control.layer import ControlApi
from immuta_mock.error_mapping import ErrorMapping
from immuta_mock.handlers import HANDLERS, may_wait
from immuta_mock.injection.layer import Faulty
from immuta_mock.inline import Inline
from immuta_mock.journal.layer import Journaling
from immuta_mock.pages import LocalPages
from immuta_mock.routing import Router
from immuta_mock.skeleton import check_valid, skeleton
from immuta_mock.spec import SpecError, load_spec
from immuta_mock.store import Store
from immuta_mock.tenancy import Tenancy
from immuta_mock.tenants import Tenants
from immuta_mock.validation import VALIDATOR_MAP, Admission
from immuta_mock.views import Views

MAX_BODY = 10 * 1024 * 1024


def create_app(
    store: Store | Tenants | None = None,
    *,
    overlays: Sequence[str | Path] = (),
    max_body: int = MAX_BODY,
    control: Access | None = LOOPBACK,
) -> ConnexionMiddleware:
    """A server on a store (by default an empty one), as an ASGI application; no two of them share anything.

    The store is that of the default tenant; give `Tenants` to set more. `overlays` change the document (see
    `load_spec`); a request body may have `max_body` bytes; `control` says who may steer the mock, None that nobody
    may. Raises `SpecError` for an overlay that cannot be used, or that asks for an operation the mock does not have.
    """
    tenants = store if isinstance(store, Tenants) else Tenants(store)
    document = load_spec(overlays)
    if overlays:
        check_valid(document)
    checks = compile_checks(document)
    _check_served(document, checks)
    tenants.operations = checks
    app = ConnexionMiddleware(
        Inline(Views(HANDLERS), may_wait=may_wait),
        import_name="immuta_mock",
        middlewares=_layers(document, checks, tenants, max_body, control),
        auth_all_paths=True,
        resolver=Resolver(HANDLERS.__getitem__),
        security_map=SECURITY_MAP,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui_path=workarounds.UI),
        uri_parser_class=workarounds.Unparsed,
        validate_responses=True,
        validator_map=VALIDATOR_MAP,
    )
    app.add_api(skeleton(document, checks.values()), base_path="")
    return app


def _layers(
    document: dict[str, Any], checks: Mapping[str, Checks], tenants: Tenants, max_body: int, control: Access | None
) -> list[Any]:
    """The layers of a request from the outside in; those of Connexion's own have its names.

    Errors are mapped twice: so that faults and the journal see the answers to those of the tenant.
    """
    steering: list[Any] = []
    if control is not None:
        steering.append(partial(Console, access=control))
        steering.append(partial(ControlApi, tenants=tenants, operations=checks, access=control, max_body=max_body))
    return [
        LocalPages,
        ErrorMapping,
        partial(Tenancy, tenants=tenants),
        *steering,
        partial(workarounds.Documents, document=document),
        partial(Router, operations=checks.values()),
        Journaling,
        partial(Faulty, effect=effect_check()),
        ErrorMapping,
        SecurityMiddleware,
        partial(Admission, max_body=max_body),
        RequestValidation,
        ResponseValidation,
    ]


def _check_served(document: dict[str, Any], operation_ids: Iterable[str]) -> None:
    """What the document asks and the mock cannot do stops the start."""
    if unknown := [operation_id for operation_id in operation_ids if operation_id not in HANDLERS]:
        raise SpecError(f"the mock has no operation {unknown[0]!r}; an overlay may remove operations, not add them.")
    if not document.get("security"):
        raise SpecError("the document has no `security` at its top, which guards unknown paths; put it back.")
