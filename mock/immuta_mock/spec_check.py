"""The command behind `make spec`: checks the API document and that operations, handlers and promises agree with it."""

import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files

from openapi_spec_validator import OpenAPIV30SpecValidator

from immuta_mock import spec_rules as rules
from immuta_mock.documents import SpecError, read_document
from immuta_mock.spec import COMPANION, load_spec, spec_directory
from immuta_mock.spec_rules import Subject
from immuta_mock.spec_walk import Document

Rule = Callable[[Subject], Iterator[str]]


def documents_are_valid(subject: Subject) -> Iterator[str]:
    """Both documents, alone, merged and under the strict overlay, are valid OpenAPI 3.0."""
    companion = spec_directory() / COMPANION
    yield from (f"{COMPANION}: {fault}" for fault in _faults(read_document(companion), companion.as_uri()))
    for name, document in (("reference", subject.reference), ("merged", subject.merged), ("strict", subject.strict)):
        yield from (f"{name}: {fault}" for fault in _faults(document))


def _faults(document: Document, base_uri: str = "") -> Iterator[str]:
    if document.get("openapi") != "3.0.3":
        yield f"openapi is {document.get('openapi')!r}, expected is '3.0.3'"
    for error in OpenAPIV30SpecValidator(document, base_uri=base_uri).iter_errors():
        yield f"{' > '.join(str(part) for part in error.absolute_path)}: {error.message.splitlines()[0]}"


RULES: tuple[Rule, ...] = (
    documents_are_valid,
    rules.paths_are_the_references,
    rules.operation_ids_read_as_methods,
    rules.tags_are_the_guides,
    rules.everything_is_described,
    rules.bodies_are_named,
    rules.examples_are_there,
    rules.examples_fit,
    rules.links_lead_somewhere,
    rules.handlers_agree,
    rules.promises_agree,
    rules.marks_are_the_references,
    rules.strict_requires_all,
)


def load_subject() -> Subject:
    """Everything there is to check, as it lies in the checkout or the wheel. Raises SpecError."""
    return Subject(
        reference=load_spec(companion=False),
        merged=load_spec(),
        strict=load_spec(["strict"]),
        handlers=_handlers(),
        promises=_promises(),
    )


def main() -> int:
    """0 when every rule is kept, 1 when one is broken or the documents cannot be read."""
    try:
        subject = load_subject()
    except SpecError as error:
        sys.stderr.write(f"spec: {error}\n")
        return 1
    return 1 if check(subject) else 0


def check(subject: Subject) -> int:
    """Prints a line for each rule, and under a broken one a line for each place. Gives the number of broken rules."""
    broken = 0
    for rule in RULES:
        faults = list(rule(subject))
        broken += bool(faults)
        sys.stdout.write(f"{'BROKEN' if faults else 'ok    '}  {(rule.__doc__ or '').splitlines()[0]}\n")
        sys.stdout.writelines(f"          {fault}\n" for fault in faults)
    sys.stdout.write(f"{len(RULES) - broken} of {len(RULES)} rules are kept.\n")
    return broken


def _handlers() -> frozenset[str]:
    try:
        from immuta_mock.handlers import operation_ids  # here, so that a mock that cannot be imported is a clear line
    except ImportError as error:
        raise SpecError(f"the handlers of the mock cannot be imported: {error}.") from error
    return frozenset(operation_ids())


def _promises() -> dict[str, str]:
    """What each promise applies to, by its id; read as a file, since the mock knows nothing of the contract's code."""
    text = files("immuta_contracts").joinpath("promises.toml").read_text(encoding="utf-8")
    return {promise["id"]: promise["applies"] for promise in tomllib.loads(text)["promise"]}


if __name__ == "__main__":
    sys.exit(main())
