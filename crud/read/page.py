"""Reading rows: one by its id, a page of many, or all of them for an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crud.declare.object_type import ObjectType, registry
from crud.read.account_size import is_searched_by_index
from crud.read.parameters import Parameters
from crud.read.read_plan import RELEVANCE, Read, bind, by_keys, plan
from crud.read.search.compiler import EVERYTHING, NOTHING, Shape, Shaper, padded_length
from crud.read.search.parser import Condition, Search
from crud.read.search.words import full_text, parse_q
from crud.read.sorted_page import demand_sortable, needs_sorting, rows_with_keys, sorted_keys, sorted_rows
from kernel import cursor
from kernel.errors import Invalid
from kernel.statement import execute
from kernel.wording import NOT_A_CURSOR
from tenancy.principal import Access, Principal

DEEP_OFFSET = 1_000
"""From here on the keys of a page are found first, on the narrow index, and its rows then."""
EXPORT_PAGE = 2_000
KEYS_AT_ONCE = 128


@dataclass(slots=True)
class ResultPage:
    rows: list[dict[str, Any]]
    next_cursor: str | None = None
    total: int | None = None
    masked: Sequence[str] = ()
    """Outputs that a rule has blanked in some of the rows."""


@dataclass(slots=True)
class Selection:
    """Which rows of a type, in which shape and order: a Read and the values that belong to it."""

    read: Read
    values: list[Any]
    account_public_id: str | None


@lru_cache(maxsize=1_024)
def ancestor_path(type_name: str, ancestor: str) -> str | None:
    """The relation from a type up to an ancestor, as the ORM spells it; None if there is no way up."""
    paths = [(type_name, "")]
    visited = {type_name}
    while paths:
        name, path = paths.pop(0)
        for relation in registry[name].parents:
            parent = registry[name].related(relation).name
            if parent == ancestor:
                return path + relation
            if parent not in visited:
                visited.add(parent)
                paths.append((parent, f"{path}{relation}__"))
    if ancestor == "account" and type_name != "account":
        return "account"
    return None


def select(
    object_type: ObjectType,
    principal: Principal,
    parameters: Parameters,
    search: Search | None = None,
    within: list[tuple[str, str]] | None = None,
) -> Selection:
    """`within`: pairs of relation path and public id that the rows must hang on (the parents in the URL)."""
    access = principal.access
    shaper = Shaper(object_type, access, principal.time_zone)
    shapes: list[Shape] = [shaper.engine(f"{path}__id_random", "eq", public_id) for path, public_id in within or ()]
    shapes += _states(shaper, parameters, object_type.public_only(access))
    if object_type.versions_by and parameters.versions != "all":
        shapes.append(shaper.engine(object_type.versions_by, "eq", True))
    if parameters.for_object:
        shapes.append(_for_object(shaper, object_type, *parameters.for_object))
    shapes += [shaper.condition(condition) for condition in parameters.filters]
    order, relevance_slot = parameters.order, -1
    if search is not None:
        shapes.append(shaper.shape(search.tree))
        query = parse_q(search.q)
        if query:
            by_index = is_searched_by_index(object_type)
            shapes.append(shaper.q(query, by_index=by_index))
            if not order and object_type.search_text and by_index and (text := full_text(query)):
                order, relevance_slot = ((RELEVANCE, True),), len(shaper.values)
                shaper.values.append(text)
        elif search.q.strip() not in ("", "%"):
            shapes.append(NOTHING)  # nothing but invisible characters
    conditions = tuple(shape for shape in shapes if shape != EVERYTHING)
    read = Read(
        object_type.name,
        access,
        ("and", *conditions) if conditions else EVERYTHING,
        parameters.view,
        parameters.fields,
        parameters.includes,
        order,
        relevance_slot,
    )
    return Selection(read, shaper.values, principal.account_public_id)


def _states(shaper: Shaper, parameters: Parameters, public_only: bool) -> Iterator[Shape]:
    if public_only:
        return  # rows() holds guests to enabled and not hidden
    if parameters.enabled != "all":
        yield shaper.engine("enable", "eq", parameters.enabled == "enabled")
    if parameters.hidden != "all":
        yield shaper.engine("hide", "eq", parameters.hidden == "hidden")


def _for_object(shaper: Shaper, object_type: ObjectType, ancestor: str, public_id: str) -> Shape:
    way = way_up(object_type, ancestor, shaper.access)
    if isinstance(way, str):
        return shaper.engine(f"{way}__id_random", "eq", public_id)
    type_field, id_field = way
    return (
        "and",
        shaper.condition(Condition(type_field, "eq", ancestor)),
        shaper.condition(Condition(id_field, "eq", public_id)),
    )


def way_up(object_type: ObjectType, ancestor: str, access: Access) -> str | tuple[str, str]:
    """How a row of this type names an ancestor: a relation path, or a generic reference's two fields. Or Invalid."""
    if ancestor not in registry:
        raise Invalid.field("for_obj_type", "There is no such object type.")
    path = ancestor_path(object_type.name, ancestor)
    if path is not None and _may_climb(object_type, path, access):
        return path
    for pair in object_type.generic_references:
        if all(object_type.fields[name].readable(access) for name in pair):
            return pair
    raise Invalid.field("for_obj_type", f"A {object_type.name} does not hang on such an object.")


def _may_climb(object_type: ObjectType, path: str, access: Access) -> bool:
    """Whether such a principal may read every reference on the way up."""
    for relation in path.split("__"):
        if not object_type.fields[f"{relation}_id"].readable(access):
            return False
        object_type = object_type.related(relation)
    return True


def read_page(selection: Selection, parameters: Parameters) -> ResultPage:
    read, values = selection.read, list(selection.values)
    order_key = _order_key(read)
    limit, offset = parameters.limit, parameters.offset
    kept_at: list[Any] = []
    if parameters.cursor:
        read, values, kept_at = _after_cursor(read, values, cursor.decode(order_key, parameters.cursor))
    compiled = plan(read)
    place: list[Any] | None = []
    if needs_sorting(read):
        rows, place = sorted_rows((selection.read, selection.values), (read, values), kept_at, limit, offset)
    elif offset > DEEP_OFFSET and read.relevance_slot < 0:
        rows = rows_with_keys(selection.read, selection.values, sorted_keys(read, values, limit + 1, offset))
    elif compiled.sql:
        rows = execute(f"{compiled.sql} LIMIT {limit + 1} OFFSET {offset}", bind(compiled.params, values))
    else:
        rows = []
    more, rows = len(rows) > limit, rows[:limit]
    page = ResultPage(compiled.dicts(rows, selection.account_public_id), masked=compiled.masked(rows))
    if more or (rows and place is None):
        at = compiled.key_index
        last = rows[-1]
        page.next_cursor = cursor.encode(order_key, [*map(cursor.as_value, last[at + 1 :]), last[at], *(place or [])])
    if parameters.with_total:
        page.total = count(selection)
    return page


def _order_key(read: Read) -> str:
    return f"{read.type_name}:{','.join(f'-{name}' if down else name for name, down in read.order)}"


def _after_cursor(read: Read, values: list[Any], decoded: list[Any]) -> tuple[Read, list[Any], list[Any]]:
    """The read behind the cursor, its values, and where its keys are kept, if they are."""
    length = len(read.order) + 1
    if len(decoded) not in (length, length + 2):
        raise Invalid.field("cursor", NOT_A_CURSOR)
    after, kept_at = decoded[:length], decoded[length:]
    nulls = tuple(value is None for value in after[:-1])
    return read._replace(after=nulls, after_slot=len(values)), values + after, kept_at


def count(selection: Selection) -> int:
    compiled = plan(
        selection.read._replace(only="count", order=(), relevance_slot=-1, fields=None, includes=(), view="default")
    )
    return int(compiled.rows(selection.values)[0][0]) if compiled.sql else 0


def read_all(selection: Selection, limit: int) -> Iterator[list[dict[str, Any]]]:
    """Every row in pages: memory stays flat, and no statement is long. Raises Invalid for more than can be sorted."""
    if needs_sorting(selection.read):
        demand_sortable(selection.read, selection.values)
        return _read_all_sorted(selection, limit)
    return _read_all_by_cursor(selection, limit)


def _read_all_by_cursor(selection: Selection, limit: int) -> Iterator[list[dict[str, Any]]]:
    parameters = Parameters(limit=EXPORT_PAGE)
    remaining = limit
    while remaining > 0:
        parameters.limit = min(EXPORT_PAGE, remaining)
        page = read_page(selection, parameters)
        yield page.rows
        remaining -= len(page.rows)
        if page.next_cursor is None:
            return
        parameters.cursor = page.next_cursor


def _read_all_sorted(selection: Selection, limit: int) -> Iterator[list[dict[str, Any]]]:
    read, values = selection.read, selection.values
    compiled = plan(read)
    keys = sorted_keys(read, values, limit)
    for start in range(0, max(len(keys), 1), EXPORT_PAGE):
        rows = rows_with_keys(read, values, keys[start : start + EXPORT_PAGE])
        yield compiled.dicts(rows, selection.account_public_id)


@dataclass(slots=True)
class One:
    data: dict[str, Any]
    pk: int
    updated_on: Any
    public_id: str
    masked: list[str]


def read_one(
    object_type: ObjectType,
    principal: Principal,
    public_id: str,
    parameters: Parameters | None = None,
    within: list[tuple[str, str]] | None = None,
) -> One | None:
    """One row by its public id, and by the parents it must hang on; None if this principal reads no such row."""
    chosen = parameters or Parameters()
    hangs_on = tuple(("compare", f"@{path}__id_random", "eq", i + 1, 1) for i, (path, _) in enumerate(within or ()))
    read = Read(
        object_type.name,
        principal.access,
        ("and", ("compare", "@id_random", "eq", 0, 1), *hangs_on),
        chosen.view,
        chosen.fields,
        chosen.includes,
        only="one",
    )
    compiled = plan(read)
    rows = compiled.rows([public_id, *(parent_id for _, parent_id in within or ())])
    if not rows:
        return None
    row = rows[0]
    at = compiled.key_index
    data = compiled.dicts(rows, principal.account_public_id)[0]
    return One(data, row[at], row[at + 1], public_id, compiled.masked(rows))


def read_many(
    object_type: ObjectType, principal: Principal, keys: list[int], parameters: Parameters
) -> dict[int, dict[str, Any]]:
    """Key → data of the rows with these keys that this principal reads."""
    data_by_key: dict[int, dict[str, Any]] = {}
    chosen = (parameters.view, parameters.fields, parameters.includes)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        some += some[-1:] * (padded_length(len(some)) - len(some))
        compiled = plan(by_keys(Read(object_type.name, principal.access, EVERYTHING, *chosen), len(some)))
        rows = compiled.rows(some)
        page = compiled.dicts(rows, principal.account_public_id)
        data_by_key |= {row[compiled.key_index]: data for row, data in zip(rows, page, strict=True)}
    return data_by_key
