"""SQL with places for values: what lets the ORM compile a plan once and serve it with ever new values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BooleanField, Expression, F, IntegerField

ACCOUNT_SENTINEL: Final = 9_007_199_254_740_881
"""Stands for the account while a plan is compiled; `crud.read_plan` puts the active account's id in its place."""

ESCAPE: Final = "!"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of the value number `index` among the parameters of a statement."""

    index: int


_BINARY = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "LIKE"}


class Comparison(Expression):
    """`column <operator> slots` as a condition. Two-valued: where the column is null, it is false."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, column: Any, operator: str, slots: tuple[Slot, ...], *, strict: bool = False) -> None:
        super().__init__()
        self.column = F(column) if isinstance(column, str) else column
        self.operator = operator
        self.slots = slots
        self.strict = strict
        """Say `IS NOT NULL` too; needed below a NOT, where SQL's unknown would stay unknown."""

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, expressions: list[Any]) -> None:
        (self.column,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = compiler.compile(self.column)
        prefix, prefix_params = (f"{left} IS NOT NULL AND ", list(params)) if self.strict else ("", [])
        match self.operator:
            case "in":
                places = ", ".join(["%s"] * len(self.slots))
                sql = f"{left} IN ({places})" if self.slots else "0 = 1"
                params = params if self.slots else []
            case "between":
                sql = f"{left} BETWEEN %s AND %s"
            case "like":
                sql = f"{left} LIKE %s ESCAPE '{ESCAPE}'"
            case operator:
                sql = f"{left} {_BINARY[operator]} %s"
        return f"({prefix}{sql})", [*prefix_params, *params, *self.slots]


class Constant(Expression):
    """True or false, as a condition."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, value: bool) -> None:
        super().__init__()
        self.value = value

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return ("(1 = 1)" if self.value else "(0 = 1)"), []


class IsNull(Expression):
    conditional = True
    output_field = BooleanField()

    def __init__(self, column: Any) -> None:
        super().__init__()
        self.column = F(column) if isinstance(column, str) else column

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, expressions: list[Any]) -> None:
        (self.column,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = compiler.compile(self.column)
        return f"({left} IS NULL)", list(params)


class Match(Expression):
    """MariaDB's full-text match of a column, as a condition."""

    conditional = True
    output_field = BooleanField()
    template = "(MATCH ({column}) AGAINST (%s IN BOOLEAN MODE))"

    def __init__(self, column: Any, slot: Slot) -> None:
        super().__init__()
        self.column = F(column) if isinstance(column, str) else column
        self.slot = slot

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, expressions: list[Any]) -> None:
        (self.column,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.column)
        return self.template.format(column=column), [*params, self.slot]


class Relevance(Match):
    """How well a row matches, in thousandths. A whole number, so that a cursor can tell ties from differences."""

    conditional = False
    output_field = IntegerField()
    template = "CAST(ROUND(1000 * MATCH ({column}) AGAINST (%s IN BOOLEAN MODE)) AS SIGNED)"


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
