"""Planted defects of writing a dictionary: DICT-1, DICT-3, DICT-6 and DICT-8."""

from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.store import DataSource, Dictionary
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import (
    AnswerOfDictionary,
    BodyOfDictionary,
    Columns,
    Json,
    Write,
    is_dictionary,
    prefix_of,
    put,
    source_of,
    writing,
)
from planting_refusals import has_key, refusal

# DICT-1


@in_store("DICT-1")
def created_dictionary_lacks_its_last_column(store: Store) -> None:
    """The last of several columns is lost on the way into a new dictionary."""
    writing(store, "create_dictionary", lambda _, columns: columns[: max(1, len(columns) - 1)])


@in_store("DICT-1")
def created_dictionary_holds_a_hundred_columns(store: Store) -> None:
    """A new dictionary takes the first hundred columns and drops the others."""
    writing(store, "create_dictionary", lambda _, columns: columns[:100])


@in_store("DICT-1")
def dictionary_is_created_nowhere_on_databricks(store: Store) -> None:
    """POST answers as if, but a Databricks data source has no dictionary afterwards."""

    def wrap(create: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            made = create(user, data_source_id, columns)
            if prefix_of(store, data_source_id) == "databricks":
                put(store, source_of(store, data_source_id), dictionary=None)
            return made

        return defective

    replace(store, "create_dictionary", wrap)


@in_store("DICT-1")
def dictionary_is_created_for_the_next_data_source_too(store: Store) -> None:
    """The data source made after this one gets a dictionary of the same columns."""

    def wrap(create: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            made = create(user, data_source_id, columns)
            following = source_of(store, data_source_id + 1)
            if following is not None and following.dictionary is None:
                put(store, following, dictionary=changed(made, id=made.id + 10**6, data_source_id=following.id))
            return made

        return defective

    replace(store, "create_dictionary", wrap)


# DICT-3


@on_wire("DICT-3")
class DescriptionLostOnPut(BodyOfDictionary):
    """A description that PUT carries is not kept."""

    methods = ("PUT",)

    def change(self, column: Json) -> None:
        column.pop("description", None)


@on_wire("DICT-3")
class DescriptionCutOff(BodyOfDictionary):
    """A description is cut off after 255 characters."""

    def change(self, column: Json) -> None:
        if isinstance(column.get("description"), str):
            column["description"] = column["description"][:255]


@on_wire("DICT-3")
class OneTagEach(BodyOfDictionary):
    """A column keeps its first tag only."""

    def change(self, column: Json) -> None:
        if isinstance(column.get("tags"), list):
            column["tags"] = [tag for tag in column["tags"] if "source" in tag][:1]


@on_wire("DICT-3")
class TagsKnowNoDeletion(BodyOfDictionary):
    """The `deleted` of a tag is not kept."""

    def change(self, column: Json) -> None:
        for tag in column.get("tags") or []:
            tag.pop("deleted", None)


@on_wire("DICT-3")
class TagWithoutSourceIsKept(BodyOfDictionary):
    """A tag without a source is given one instead of being dropped."""

    def change(self, column: Json) -> None:
        for tag in column.get("tags") or []:
            tag.setdefault("source", "curated")


@on_wire("DICT-3")
class EmptyDescriptionIsNone(AnswerOfDictionary):
    """Reading leaves an empty description out."""

    methods = ("GET",)

    def change(self, answered: Json) -> None:
        for column in answered["metadata"]:
            if column.get("description") == "":
                del column["description"]


# DICT-6


@in_store("DICT-6")
def put_merges_the_columns_by_name(store: Store) -> None:
    """Columns that PUT leaves out stay in the dictionary."""

    def rewrite(source: DataSource | None, columns: Columns) -> Columns:
        named = {column["name"] for column in columns}
        return [*columns, *(each for each in (source.columns if source else ()) if each["name"] not in named)]

    writing(store, "update_dictionary", rewrite)


@in_store("DICT-6")
def put_merges_each_column_on_trino(store: Store) -> None:
    """On Trino a column keeps the optional fields that PUT leaves out."""

    def rewrite(source: DataSource | None, columns: Columns) -> Columns:
        if source is None or source.connector.prefix != "trino":
            return columns
        before = {each["name"]: each for each in source.columns}
        return [{**before.get(column["name"], {}), **column} for column in columns]

    writing(store, "update_dictionary", rewrite)


@in_store("DICT-6")
def put_keeps_the_old_order(store: Store) -> None:
    """PUT does not reorder columns that were there before."""

    def rewrite(source: DataSource | None, columns: Columns) -> Columns:
        old = [each["name"] for each in source.columns] if source else []
        return sorted(columns, key=lambda each: old.index(each["name"]) if each["name"] in old else len(old))

    writing(store, "update_dictionary", rewrite)


@in_store("DICT-6")
def put_of_no_columns_changes_nothing(store: Store) -> None:
    """An empty list is taken for nothing to do."""
    writing(store, "update_dictionary", lambda source, columns: columns or (source.columns if source else ()))


def renewing(store: Store, **fields: Any) -> None:
    """Let PUT change some fields of the dictionary that it has to keep."""

    def wrap(update: Write) -> Write:
        def defective(user: User, data_source_id: int, columns: Columns) -> Dictionary:
            updated = update(user, data_source_id, columns)
            renewed = changed(updated, **{name: value(updated) for name, value in fields.items()})
            put(store, source_of(store, data_source_id), dictionary=renewed)
            return renewed

        return defective

    replace(store, "update_dictionary", wrap)


@in_store("DICT-6")
def put_gives_the_dictionary_a_new_id(store: Store) -> None:
    """After PUT the dictionary has another id."""
    renewing(store, id=lambda _: store._state.next_dictionary_id())


@in_store("DICT-6")
def put_renews_the_creation_time(store: Store) -> None:
    """After PUT the dictionary counts as created at that time."""
    renewing(store, created_at=lambda updated: updated.updated_at)


@in_store("DICT-6")
def put_reaches_twins_on_redshift(store: Store) -> None:
    """On Redshift PUT also reaches dictionaries that had the same columns."""

    def rewrite(source: DataSource | None, columns: Columns) -> Columns:
        kept = tuple({"nullable": True, **column} for column in columns)
        for other in list(store._state.data_sources.values()):
            twin = source is not None and source.connector.prefix == "redshift" and other.columns == source.columns
            if twin and other.dictionary is not None:
                put(store, other, dictionary=changed(other.dictionary, columns=kept))
        return columns

    writing(store, "update_dictionary", rewrite)


# DICT-8


@in_store("DICT-8")
def delete_removes_the_data_source(store: Store) -> None:
    """Deleting the dictionary takes the data source along."""

    def wrap(delete: Any) -> Any:
        def defective(user: User, data_source_id: int) -> None:
            delete(user, data_source_id)
            store._state.remove(store._state.data_sources[data_source_id])

        return defective

    replace(store, "delete_dictionary", wrap)


@in_store("DICT-8")
def delete_disables_the_data_source_on_asa(store: Store) -> None:
    """On Azure Synapse Analytics, deleting the dictionary disables the data source."""

    def wrap(delete: Any) -> Any:
        def defective(user: User, data_source_id: int) -> None:
            delete(user, data_source_id)
            if prefix_of(store, data_source_id) == "asa":
                put(store, source_of(store, data_source_id), deleted=True)

        return defective

    replace(store, "delete_dictionary", wrap)


@in_store("DICT-8")
def delete_empties_the_dictionary(store: Store) -> None:
    """DELETE leaves a dictionary without columns."""

    def wrap(delete: Any) -> Any:
        def defective(user: User, data_source_id: int) -> None:
            source = source_of(store, data_source_id)
            delete(user, data_source_id)
            if source is not None and source.dictionary is not None:
                put(store, source, dictionary=changed(source.dictionary, columns=()))

        return defective

    replace(store, "delete_dictionary", wrap)


@on_wire("DICT-8")
class DeleteAnswersTheDictionary(AnswerOfDictionary):
    """DELETE answers more than an empty object."""

    methods = ("DELETE",)

    def change(self, answered: Json) -> None:
        answered["deleted"] = True


@on_wire("DICT-8")
class DeletedDictionaryBlocksPost(Wire):
    """Once deleted, a dictionary cannot be created anew."""

    def __init__(self) -> None:
        self.deleted: set[str] = set()

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "POST") and seen.path in self.deleted and has_key(seen):
            message = "Bad request: the dictionary was deleted."
            return refusal(400, message)
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "DELETE") and reply.status == 200:
            self.deleted.add(seen.path)


@in_store("DICT-8")
def dictionary_made_anew_brings_old_columns_back(store: Store) -> None:
    """POST after DELETE brings the columns of the deleted dictionary back."""
    kept: dict[int, Columns] = {}

    def remember(delete: Any) -> Any:
        def defective(user: User, data_source_id: int) -> None:
            source = source_of(store, data_source_id)
            delete(user, data_source_id)
            kept[data_source_id] = source.columns if source else ()

        return defective

    def rewrite(source: DataSource | None, columns: Columns) -> Columns:
        named = {column["name"] for column in columns}
        return [*columns, *(each for each in kept.get(source.id if source else 0, ()) if each["name"] not in named)]

    replace(store, "delete_dictionary", remember)
    writing(store, "create_dictionary", rewrite)
