"""The promises that the descriptions of the OpenAPI document keep (DOC-1 to DOC-6)."""

from collections.abc import Iterable, Sequence

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5, DATABRICKS, SNOWFLAKE, Connector
from immuta_contracts.descriptions import group, operations, passages, plain, says, sentences, texts
from immuta_contracts.world import World

PLATFORMS = {
    "asa": r"azure synapse( analytics)?",
    "trino": r"starburst|trino",
    "snowflake": "snowflake",
    "databricks": "databricks",
    "redshift": "redshift",
}
NEGATION = r"\b(not|no|never|cannot|can.t|nor|neither|without|unsupported|rather than|instead of)\b"


def introduction(w: World) -> str:
    """What the document says of itself."""
    return plain(str(w.routes.document.get("info", {}).get("description", "")))


def said_of(w: World, prefix: str) -> list[str]:
    """Every text about the operations under the first path segment, and about their group."""
    document = w.routes.document
    found = [texts(document, each) for (_, path), each in operations(document).items() if path.split("/")[1] == prefix]
    return list(dict.fromkeys(text for several in found for text in several))


def expect_said(w: World, where: Iterable[str], patterns: Sequence[str], fact: str, place: str) -> None:
    """One of the passages says it all."""
    told = any(says(passage, patterns) for passage in where)
    w.expect(told, f"{place} to say that {fact}", f"no passage that matches all of {list(patterns)}")


def all_passages(several: Iterable[str]) -> list[str]:
    return [passage for text in several for passage in passages(text)]


@promise("DOC-1", once=True)
def test_the_document_says_for_whom_it_is_and_what_about(w: World) -> None:
    said, place = introduction(w), "the description of the document"
    expect_said(w, sentences(said), (r"\bdata owners?\b",), "it is for data owners", place)
    expect_said(w, passages(said), (r"\bconnect(s|ing|ed)?\b", r"\bdata\b"), "it is about connecting data", place)
    managing = (r"\b(manag|maintain)", r"\bdata dictionar(y|ies)\b")
    expect_said(w, sentences(said), managing, "it is about managing data dictionaries", place)


@promise("DOC-1", once=True)
def test_the_document_says_that_the_v2_api_is_another_way(w: World) -> None:
    told = [each for each in sentences(introduction(w)) if says(each, (r"\bv2\b", r"\bdata sources?\b"))]
    place = "the description of the document"
    patterns = (r"\b(creat|mak|regist)", r"\b(manag|maintain|updat)", r"\b(api|interface)\b")
    expect_said(w, told, patterns, "data sources can be created and managed with the V2 API too", place)
    denied = [each for each in told if says(each, (r"\b(cannot|can not|can.t|not be|no longer)\b",))]
    w.expect(not denied, "no sentence that denies it", denied)


@promise("DOC-2", once=True)
def test_six_groups_exist_one_for_each_guide(w: World) -> None:
    document = w.routes.document
    of_prefix: dict[str, set[str]] = {}
    for (method, path), operation in operations(document).items():
        prefix = path.split("/")[1]
        if prefix == "dictionary" or prefix in PLATFORMS:
            tags = operation.get("tags") or ["<none>"]
            w.expect(len(tags) == 1, f"{method} {path} in one group", tags)
            of_prefix.setdefault(prefix, set()).add(tags[0])
    for prefix, names in of_prefix.items():
        w.expect(len(names) == 1, f"the operations under /{prefix} in one group", sorted(names))
    groups = [next(iter(names)) for names in of_prefix.values()]
    w.expect(len(set(groups)) == 6, "six groups", groups)
    declared = [tag.get("name") for tag in document.get("tags", ())]
    for name in groups:
        w.expect(declared.count(name) == 1, f"the group {name!r} to be declared once", declared)
    foreign = {tag for (_, path), each in operations(document).items() for tag in each.get("tags", ()) if outside(path)}
    unused = [name for name in declared if name not in groups and name not in foreign]
    w.expect(not unused, "no group without operations", unused)


def outside(path: str) -> bool:
    """Whether the path is none of the 34 operations'."""
    return path.split("/")[1] not in (*PLATFORMS, "dictionary")


@promise("DOC-2", once=True)
def test_each_group_has_its_name_and_its_purpose(w: World) -> None:
    for connector in C5:
        name, purpose = group_of(w, f"/{connector.prefix}/handler")
        w.expect(says(name.lower(), (PLATFORMS[connector.prefix],)), f"the group of {connector} named after it", name)
        regist = (PLATFORMS[connector.prefix], r"\b(connect|regist|expos)")
        expect_said(w, [purpose], regist, f"{connector} data is connected there", f"the purpose of the group {name!r}")
    name, _ = group_of(w, "/trino/handler")
    w.expect_equal(name, "Starburst (Trino)", "the name of the trino group")
    name, purpose = group_of(w, "/dictionary/{dataSourceId}")
    w.expect(says(name.lower(), (r"\bdata dictionar(y|ies)\b",)), "the group of the data dictionary named so", name)
    manage = (r"\b(creat|manag|describ|maintain)", r"\b(dictionar(y|ies)|columns?)\b")
    expect_said(w, [purpose], manage, "dictionaries are managed there", f"the purpose of the group {name!r}")


def group_of(w: World, path: str) -> tuple[str, str]:
    """Name and purpose of the group of the operation that creates there."""
    operation = operations(w.routes.document).get(("POST", path), {})
    tag = group(w.routes.document, operation)
    return str(tag.get("name", "")), plain(str(tag.get("description", "")))


@promise("DOC-3", once=True)
def test_tables_of_imported_databases_are_not_supported(w: World) -> None:
    patterns = (r"\bimported databases?\b|\bdatabases? (that (is|are|was|were) )?imported\b", r"\btables?\b", NEGATION)
    said, place = said_of(w, SNOWFLAKE.prefix), "a description of the snowflake group"
    expect_said(w, spoken(said), patterns, "tables of imported databases are not supported", place)
    around = [window for text in said for window in following(sentences(text), r"\bimported\b")]
    way_out = (r"\b(creat|mak|defin)\w*( \w+)* views?\b", r"\bviews?\b.*\bregist|\bregist\w*( \w+)* views?\b")
    expect_said(w, around, way_out, "a view of the table is to be made and registered", place)


def following(told: list[str], pattern: str) -> list[str]:
    """Each sentence that matches, with the two that follow it."""
    return [" ".join(told[place : place + 3]) for place, each in enumerate(told) if says(each, (pattern,))]


def spoken(several: Iterable[str]) -> list[str]:
    return [sentence for text in several for sentence in sentences(text)]


def of_databricks(w: World, *patterns: str) -> list[str]:
    """The passages about the databricks operations that match."""
    return [passage for passage in all_passages(said_of(w, DATABRICKS.prefix)) if says(passage, patterns)]


def expect_each(w: World, where: list[str], facts: dict[str, str], connector: Connector, subject: str) -> None:
    """One passage states all of the facts; the report names those that the nearest passage lacks."""
    lacking = [[fact for fact, pattern in facts.items() if not says(passage, (pattern,))] for passage in where]
    missing = min(lacking, key=len, default=list(facts))
    w.expect(not missing, f"a description of the {connector} group to say about {subject}: {', '.join(facts)}", missing)


@promise("DOC-4", once=True)
def test_what_exposing_from_an_immuta_enabled_cluster_needs(w: World) -> None:
    facts = {
        "that it is about an Immuta-enabled cluster": r"\bimmuta.enabled\b.*\bcluster|\bcluster\b.*\bimmuta.enabled\b",
        "that one of the following is enough": r"\b(one|any|either) of\b|\bat least one\b|\bor\b",
        "READ_METADATA and SELECT on the objects": r"\bread_metadata\b.{0,12}\bselect\b.*\b(object|table|securable)s?\b"
        r"|\bselect\b.{0,12}\bread_metadata\b.*\b(object|table|securable)s?\b",
        "notably with table ACLs": r"\btable (acls?\b|access control)",
        "a place in immuta.spark.acl.whitelist": r"\bimmuta\.spark\.acl\.whitelist\b",
        "workspace administration rights": r"\bworkspace admin|\badministrat\w+( \w+)* workspace",
    }
    expect_each(w, of_databricks(w, r"\bcluster\b"), facts, DATABRICKS, "Spark")


@promise("DOC-5", once=True)
def test_what_registering_from_unity_catalog_needs(w: World) -> None:
    joined = r"(,|/|\s|and|or|the|their|parent)+"
    parents = rf"(?=.*\b(parent|contain|enclos))(?=.*(\bcatalogs?{joined}schemas?\b|\bschemas?{joined}catalogs?\b))"
    facts = {
        "that it is about the registering credentials": r"\b(credential|account|user|principal)s?\b.*|regist",
        "SELECT": r"\bselect\b",
        "USE CATALOG": r"\buse[ _]catalog\b",
        "USE SCHEMA": r"\buse[ _]schema\b(?!.{0,20}information_schema)",
        "on the parent catalogs and schemas": parents,
        "USE SCHEMA on system.information_schema": r"\buse[ _]schema\b.{0,30}\bsystem\.information_schema\b",
    }
    expect_each(w, of_databricks(w, r"\bunity catalog\b"), facts, DATABRICKS, "Unity Catalog")


@promise("DOC-6", once=True)
def test_who_has_to_own_tables_in_azure_unity_catalog(w: World) -> None:
    facts = {
        "that it is about tables and their ownership": r"\btables?\b.*\bown|\bown.*\btables?\b",
        "a single user": r"\b(single|one|individual) (\w+ )?(user|principal)|\bto a user\b",
        "or a service principal": r"\bservice principal\b",
        "not a group": rf"{NEGATION}.{{0,24}}\bgroups?\b|\bgroups?\b.{{0,24}}{NEGATION}",
        "else data policies cannot be applied": r"\bpolic(y|ies)\b.{0,40}\b(cannot|can not|can.t|not|fail)"
        r"|\b(cannot|can not|prevents?|fail)\b.{0,40}\bpolic(y|ies)\b",
    }
    expect_each(w, of_databricks(w, r"\bazure\b", r"\bunity catalog\b"), facts, DATABRICKS, "Azure Unity Catalog")
