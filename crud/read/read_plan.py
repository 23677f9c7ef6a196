"""How a type is read: view + fields + filter shape + order + page → one compiled plan.

The ORM writes the SQL, once a shape; after that a read is the ready text with new values. A plan is
made from `ObjectType.rows(access)` and is keyed by the Access, which holds no account and no user:
the account is put in from the active tenant when the plan runs, and only from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.sql.constants import INNER

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, children_of, registry
from crud.read.columns import (
    column,
    own_expression,
    related_field_readable,
    related_own_expression,
    related_row_visible,
    shown_column,
)
from crud.read.row_shape import MakeRows, Nested, Output, no_rows, rows_maker
from crud.read.search.compiler import EVERYTHING, Shape, condition_of
from crud.read.search.grammar import ORDERED
from kernel.errors import Invalid, UnknownField
from kernel.slots import ACCOUNT_SENTINEL, Comparison, IsNull, Relevance, Slot
from kernel.statement import execute
from kernel.wording import one_of
from tenancy.context import EVERY_TENANT, current_scope, every_tenant, tenant
from tenancy.principal import SUBJECT_SENTINEL, Access

RELEVANCE = "@relevance"


class Read(NamedTuple):
    """What is asked for, without any value: the key of a plan."""

    type_name: str
    access: Access
    shape: Shape = EVERYTHING
    view: str = "default"
    fields: tuple[str, ...] | None = None
    includes: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """(column, descending); the primary key follows as the last tie-break, in the direction of the last column."""
    relevance_slot: int = -1
    after: tuple[bool, ...] | None = None
    """For a page after a cursor: which of the order's values there were null."""
    after_slot: int = -1
    key_count: int = 0
    """Of the rows with so many primary keys (a page that `keys` found), whose values stand from `key_slot` on."""
    key_slot: int = 0
    only: str = ""
    """`one`: a row with what its ETag needs. `keys`: primary keys only. `count`: how many. `locked`: the table's own
    columns, FOR UPDATE, for `write.lock`."""

    @property
    def descending(self) -> bool:
        """The primary key follows the order's last column down, so that one index can be walked for both."""
        return bool(self.order) and self.order[-1][1]


@dataclass(slots=True)
class Plan:
    sql: str
    params: tuple[Any, ...]
    outputs: list[Output]
    nested: tuple[Nested, ...] = ()
    dicts: MakeRows = no_rows
    """Rows as the contract shows them."""
    masks: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Where a row says whether it may be seen whole, and the outputs that are blank where it may not."""
    key_index: int = 0
    """Where the primary key stands in a row; behind it the order's values, or of `one` its updated_on."""

    def rows(self, values: list[Any]) -> list[tuple[Any, ...]]:
        """Run it with the values of one request, in the active tenant."""
        if not self.sql:
            return []
        return execute(self.sql, bind(self.params, values))

    def masked(self, rows: list[tuple[Any, ...]]) -> list[str]:
        """The outputs that a rule has blanked in any of the rows, for `meta.masked`."""
        return [name for place, names in self.masks if any(not row[place] for row in rows) for name in names]


def bind(params: tuple[Any, ...], values: list[Any]) -> list[Any]:
    """The parameters of one execution: values in their slots, the active account where its sentinel stands."""
    bound = []
    for param in params:
        if type(param) is Slot:
            param = values[param.index]
            if isinstance(param, datetime):
                param = param.replace(tzinfo=None).isoformat(" ")
            elif isinstance(param, date):
                param = param.isoformat()
        elif type(param) is int and param == ACCOUNT_SENTINEL:
            param = current_scope()
            if param is EVERY_TENANT:
                raise RuntimeError("a plan for one account was run for every account")
        bound.append(param)
    return bound


def plan(read: Read) -> Plan:
    """The compiled plan. Raises UnknownField, or Invalid for an unknown view."""
    subject = read.access.subject
    if not subject:
        return compiled_plan(read)
    shared = compiled_plan(read._replace(access=read.access.compiled_as))
    params = tuple(subject if type(p) is int and p == SUBJECT_SENTINEL else p for p in shared.params)
    return replace(shared, params=params)


@lru_cache(maxsize=2_048)
def compiled_plan(read: Read) -> Plan:
    if read.access.every_account:
        with every_tenant(reason="compile a plan for a principal that acts in no single account; rows() limits guests"):
            return _Compiler(read).compile()
    with tenant(ACCOUNT_SENTINEL):
        compiled = _Compiler(read).compile()
    if compiled.sql and ACCOUNT_SENTINEL not in compiled.params:
        raise RuntimeError(f"the plan for {read.type_name} is not held to an account")
    scoped = read.access.subject and registry[read.type_name].scope_of(read.access)
    if compiled.sql and scoped and SUBJECT_SENTINEL not in compiled.params:
        raise RuntimeError(f"the plan for {read.type_name} is not held to what the principal acts for")
    return compiled


class _Compiler:
    def __init__(self, read: Read) -> None:
        self.read = read
        self.type = registry[read.type_name]
        self.access = read.access
        self.rows = self.type.rows(read.access)
        self.selected: list[str] = []
        self.aliases = 0

    def compile(self) -> Plan:
        read = self.read
        rows = self.rows
        if read.shape != EVERYTHING:
            rows = rows.filter(condition_of(read.shape, self.type, self.access))
        if read.key_count:
            slots = range(read.key_slot, read.key_slot + read.key_count)
            rows = rows.filter(Comparison("pk", "in", tuple(map(Slot, slots))))
        self.rows = rows
        if read.only == "count":
            return self._finish(self.rows.order_by().values("pk"), [], counting=True)
        if read.only == "locked":
            columns = [f.attname for f in self.type.model._meta.concrete_fields]
            return self._finish(self.rows.order_by().select_for_update().values_list(*columns), [])
        outputs = [] if read.only == "keys" else self._outputs()
        nested = () if read.only == "keys" else tuple(self._nested(relation) for relation in read.includes)
        masks = () if read.only == "keys" else tuple(self._masks())
        key_index = len(self.selected)
        self.selected.append("pk")
        if read.only == "one":
            self.selected.append("updated_on")
        orders = [self._order_column(name) for name, _ in read.order]
        self.selected.extend(orders)
        if read.after is not None:
            self.rows = self.rows.filter(self._after(orders))
        directions = [
            F(name).desc() if down else F(name).asc() for name, (_, down) in zip(orders, read.order, strict=True)
        ]
        key = "-pk" if read.descending else "pk"
        result = self._finish(self.rows.order_by(*directions, key).values_list(*self.selected), outputs)
        result.nested, result.masks, result.key_index = nested, masks, key_index
        result.dicts = rows_maker(outputs, nested, len(self.selected))
        return result

    def _finish(self, rows: Any, outputs: list[Output], *, counting: bool = False) -> Plan:
        _keep_table_first(rows.query)
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            return Plan("", (), outputs)
        if connection.vendor == "mysql" and not self.access.every_account:
            sql = _by_the_accounts_index(sql, rows.model)
        if counting:
            sql = f"SELECT COUNT(*) FROM ({sql}) counted"  # noqa: S608  (around the ORM's own text)
        return Plan(sql, tuple(params), outputs)

    def _select(self, expression: Any) -> str:
        """Select an expression; answers the name under which values_list and order_by know it."""
        if type(expression) is F:
            name: str = expression.name  # type: ignore[attr-defined]
            return name
        self.aliases += 1
        name = f"c{self.aliases}"
        self.rows = self.rows.annotate(**{name: expression})
        return name

    def _outputs(self) -> list[Output]:
        outputs = []
        names = self.read.fields
        for name, kind, expression in self._available():
            if names is not None and name not in names:
                continue
            if name == "account_id" and not self.access.every_account:
                outputs.append(Output(name, kind, constant="account"))
            else:
                self.selected.append(self._select(expression))
                outputs.append(Output(name, kind))
        if names is not None and (missing := [n for n in names if n not in {o.name for o in outputs}]):
            raise UnknownField(missing[0], "SELECT")
        return outputs

    def _available(self) -> Iterator[tuple[str, Kind, Any]]:
        """Every output of the view: own fields, then what it adds."""
        for own in self.type.fields.values():
            if own.readable(self.access):
                yield own.name, own.kind, own_expression(self.type, own, self.access)
        view = self.read.view
        if view not in view_names(self.type):
            raise Invalid.field("view", one_of(view_names(self.type)))
        for path in self.type.views.get(view, ()):
            available = shown_column(self.type.name, self.access, path)
            if available is not None:
                yield path.replace(".", "_"), available.kind, available.expression()
        if view == "enriched":
            for child_name in self.type.counts:
                child, relation = children_of(self.type)[child_name]
                if child.readable_by(self.access):
                    yield f"{child_name}_count", Kind.INTEGER, self._count(child, relation)

    def _count(self, child: ObjectType, relation: str) -> Any:
        current = {child.versions_by: True} if child.versions_by else {}
        counted = (
            child.rows(self.access)
            .filter(**{relation: OuterRef("pk")}, enable=True, hide=False, **current)
            .order_by()
            .values(relation)
            .annotate(n=Count("pk"))
            .values("n")
        )
        return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))

    def _nested(self, relation: str) -> Nested:
        related = self.type.related(relation)
        start = len(self.selected)
        columns = []
        for inner in related.fields.values():
            if related_field_readable(self.type, relation, inner, self.access):
                self.selected.append(self._select(related_own_expression(self.type, relation, inner, self.access)))
                columns.append(Output(inner.name, inner.kind))
        if not columns:
            raise Invalid.field(f"inc_{relation}", f"You may not read '{related.name}'.")
        visible = related_row_visible(related, relation, self.access)
        flag = len(self.selected)
        self.selected.append(
            self._select(Case(When(visible, then=Value(1)), default=Value(0), output_field=IntegerField()))
        )
        return Nested(relation, columns, tuple(related.flattened), start, flag)

    def _masks(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """For each mask that this read comes upon: a column that says of a row whether it is seen whole."""
        chosen = self.read.fields
        for mask in self.type.masks:
            related = self.type.related(mask.relation)
            readable = [
                name
                for name, inner in related.fields.items()
                if mask.covers(name, self.access)
                and related_field_readable(self.type, mask.relation, inner, self.access)
            ]
            names = [f"{mask.relation}.{n}" for n in readable] if mask.relation in self.read.includes else []
            in_view = [f"{mask.relation}_{n}" for n in readable if self._in_view(f"{mask.relation}.{n}")]
            names += [name for name in in_view if chosen is None or name in chosen]
            if not names:
                continue
            whole = Q(**{f"{mask.relation}__isnull": True}) | Q(**{mask.unless: True})
            place = len(self.selected)
            self.selected.append(
                self._select(Case(When(whole, then=Value(1)), default=Value(0), output_field=IntegerField()))
            )
            yield place, tuple(names)

    def _in_view(self, path: str) -> bool:
        return path in self.type.views.get(self.read.view, ())

    def _order_column(self, name: str) -> str:
        if name == RELEVANCE:
            return self._select(Relevance("default_qry_str", Slot(self.read.relevance_slot)))
        order_column = column(self.type.name, self.access, name)
        if order_column is None:
            raise UnknownField(name, "ORDER BY")
        if order_column.kind not in ORDERED:
            raise Invalid.field(name, "It can't be used in order_by.")
        return self._select(order_column.sorted())

    def _after(self, orders: list[str]) -> Q:
        """The rows behind a cursor: (a > x) or (a = x and b > y) or …, null being the smallest of all."""
        read = self.read
        assert read.after is not None
        slot = read.after_slot
        columns = [
            *zip(orders, (down for _, down in read.order), read.after, strict=True),
            ("pk", read.descending, False),
        ]
        condition = Q(_connector=Q.OR)
        equal: list[Any] = []
        for name, down, was_null in columns:
            beyond = self._beyond(name, down, was_null, slot)
            if beyond is not None:
                condition.children.append(Q(*equal, beyond))
            equal.append(IsNull(F(name)) if was_null else Comparison(F(name), "eq", (Slot(slot),)))
            slot += 1
        first, first_down, first_null = columns[0]
        if len(columns) > 1 and not first_null:
            # Says nothing new, but it is what the database can begin an index range with.
            start = Q(Comparison(F(first), "lte" if first_down else "gte", (Slot(read.after_slot),)))
            condition = ((start | Q(IsNull(F(first)))) if first_down else start) & condition
        return condition

    def _beyond(self, name: str, down: bool, was_null: bool, slot: int) -> Any:
        if was_null:
            return None if down else Q(~Q(IsNull(F(name))))
        if down:
            return Q(Comparison(F(name), "lt", (Slot(slot),))) | Q(IsNull(F(name)))
        return Q(Comparison(F(name), "gt", (Slot(slot),)))


def _keep_table_first(query: Any) -> None:
    """LEFT JOIN every parent that a row always has: the same rows, but MariaDB can't begin at the parent's table.

    It would, whenever its statistics make that look cheap, and then sort all rows of an account for the first page.
    """
    for alias, join in query.alias_map.items():
        if join.join_type == INNER and not join.nullable:
            query.alias_map[alias] = join.promote()


def _by_the_accounts_index(sql: str, model: Any) -> str:
    """Never walk all accounts' rows by their primary keys to find one account's page in order: MariaDB would, as soon
    as its statistics say that the page is soon full. Every table has an index of (account, id)."""
    table = f"FROM {connection.ops.quote_name(model._meta.db_table)}"
    # Where the ORM reads the table within an expression, it has another name.
    return re.sub(rf"{table}(?! U\d)", f"{table} IGNORE INDEX FOR ORDER BY (PRIMARY)", sql, count=1)


def view_names(object_type: ObjectType) -> list[str]:
    return ["default", "enriched", *(name for name in object_type.views if name != "enriched")]


def by_keys(read: Read, count: int, *, behind: int | None = None) -> Read:
    """The read of the rows whose keys a `keys` read found: the same columns and order. Without the filter, as the keys
    are the only values; or with it, and the keys `behind` so many values of its own."""
    filtering = {"shape": EVERYTHING, "key_slot": 0} if behind is None else {"key_slot": behind}
    return read._replace(key_count=count, after=None, after_slot=-1, relevance_slot=-1, only="", **filtering)
