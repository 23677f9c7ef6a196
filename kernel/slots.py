"""SQL with places for values: what lets the ORM compile a plan once and serve it with ever new values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Func, IntegerField, Lookup, Value

ACCOUNT_SENTINEL: Final = 9_007_199_254_740_881
"""Stands for the account while a plan is compiled; `crud.read.read_plan` puts the active account's id in its place."""

ESCAPE: Final = "!"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of the value number `index` among the parameters of a statement."""

    index: int


_BINARY = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "LIKE"}


class SqlCondition(Lookup):
    """A condition on a column. A Lookup, as Django wraps any other expression in `= 1`, which no index can use."""

    prepare_rhs = False
    lookup_name = "condition"

    def __init__(self, column: Any, parameters: Any = None) -> None:
        super().__init__(F(column) if isinstance(column, str) else column, parameters)

    def left(self, compiler: Any) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.lhs)
        return sql, list(params)


class Comparison(SqlCondition):
    """`column <operator> slots`. Two-valued: where the column is null, it is false."""

    def __init__(self, column: Any, operator: str, slots: tuple[Slot, ...], *, strict: bool = False) -> None:
        super().__init__(column, (operator, slots, strict))
        self.operator = operator
        self.slots = slots
        self.strict = strict
        """Say `IS NOT NULL` too; needed below a NOT, where SQL's unknown would stay unknown."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.left(compiler)
        prefix, prefix_params = (f"{left} IS NOT NULL AND ", params) if self.strict else ("", [])
        match self.operator:
            case "in":
                places = ", ".join(["%s"] * len(self.slots))
                sql = f"{left} IN ({places})" if self.slots else "0 = 1"
                params = params if self.slots else []
            case "between":
                sql = f"{left} BETWEEN %s AND %s"
            case "holds":
                sql = f"INSTR({left}, %s) > 0"  # of a column that compares byte by byte
            case "like_exact" if connection.vendor == "sqlite":
                sql = f"{self.operator}(%s, {left}, '{ESCAPE}')"  # see kernel.sqlite
                return f"({prefix}{sql})", [*prefix_params, *self.slots, *params]
            case "like" | "like_exact":
                sql = f"{left} LIKE %s ESCAPE '{ESCAPE}'"
            case operator:
                sql = f"{left} {_BINARY[operator]} %s"
        return f"({prefix}{sql})", [*prefix_params, *params, *self.slots]


class Constant(SqlCondition):
    """True or false, as a condition."""

    def __init__(self, value: bool) -> None:
        super().__init__(Value(1), value)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return ("(1 = 1)" if self.rhs else "(0 = 1)"), []


class IsNull(SqlCondition):
    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.left(compiler)
        return f"({left} IS NULL)", params


class Match(SqlCondition):
    """MariaDB's full-text match of a column."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.left(compiler)
        return f"(MATCH ({column}) AGAINST (%s IN BOOLEAN MODE))", [*params, self.rhs]


class Relevance(Func):
    """How well a row matches, in millionths. A whole number, so that a cursor can tell ties from differences."""

    output_field = IntegerField()

    def __init__(self, column: str, slot: Slot) -> None:
        super().__init__(F(column))
        self.slot = slot

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"CAST(ROUND(1000000 * MATCH ({column}) AGAINST (%s IN BOOLEAN MODE)) AS SIGNED)"
        return sql, [*params, self.slot]


def literal_pattern(text: str) -> str:
    """Text that LIKE ... ESCAPE '!' takes literally."""
    return text.replace(ESCAPE, ESCAPE * 2).replace("%", f"{ESCAPE}%").replace("_", f"{ESCAPE}_")


def wildcard_pattern(pattern: str) -> str:
    """A client's LIKE pattern (% and _ are wildcards, backslash escapes them) for LIKE ... ESCAPE '!'."""
    out = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            out.append(literal_pattern(next(characters, "\\")))
        else:
            out.append(ESCAPE * 2 if character == ESCAPE else character)
    return "".join(out)
