"""Tree + type → shape and values; shape → condition for the ORM.

A shape is the tree with its values taken out: hashable, so that a compiled plan serves every search
of the same shape. `Shaper` makes it (and checks fields, operators, values); `condition_of` compiles it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from crud.declare.fields import Kind
from crud.declare.moments import day_alone, end_of, start_of
from crud.declare.object_type import ObjectType
from crud.declare.values import parse
from crud.read.account_size import is_searched_by_index
from crud.read.columns import Column, column
from crud.read.search.grammar import MAX_CONDITIONS, MAX_LIST, NEGATED, OPERATORS
from crud.read.search.parser import Condition, Node
from crud.read.search.words import Query, full_text, needles, parse_q
from kernel.errors import Invalid, UnknownField
from kernel.slots import Comparison, Constant, IsNull, Match, Slot, literal_pattern, wildcard_pattern
from tenancy.principal import Access

Shape = tuple[Any, ...]
NOTHING: Shape = ("constant", False)
EVERYTHING: Shape = ("constant", True)
IDS = (Kind.ID, Kind.REFERENCE)
SEARCH_TEXT = "default_qry_str"


class Shaper:
    """Collects the values of one request while its conditions become a shape."""

    def __init__(self, object_type: ObjectType, access: Access, time_zone: str = "UTC") -> None:
        self.object_type = object_type
        self.access = access
        self.time_zone = time_zone
        self.values: list[Any] = []

    def shape(self, node: Node) -> Shape:
        if isinstance(node, Condition):
            return self.condition(node)
        if node.connector == "not":
            return ("not", self.shape(node.nodes[0]))
        return (node.connector, *(self.shape(child) for child in node.nodes)) if node.nodes else EVERYTHING

    def condition(self, condition: Condition) -> Shape:
        name, operator, value = condition.field, condition.operator, condition.value
        searched = self._column(name, operator)
        if operator in NEGATED:
            return ("not", self.condition(Condition(name, NEGATED[operator], value)))
        if operator == "is_null" or (value is None and operator == "eq" and searched.kind is not Kind.BOOLEAN):
            return ("null", name)
        try:
            if searched.kind is Kind.DATETIME and (days := self._days(name, operator, value)):
                return days
            return self._compared(name, operator, value, searched)
        except ValidationError as error:
            raise Invalid.field(name, error.messages[0]) from None

    def engine(self, path: str, operator: str, value: Any) -> Shape:
        """A condition of the engine's own, on an ORM path, with a value that is right already."""
        return ("compare", f"@{path}", operator, self._slot(value), 1)

    def _column(self, name: str, operator: str) -> Column:
        searched = column(self.object_type.name, self.access, name)
        if searched is None:
            raise UnknownField(name, "WHERE")
        if operator not in OPERATORS[searched.kind]:
            usable = ", ".join(sorted(OPERATORS[searched.kind])) or "none"
            raise Invalid.field(name, f"'{operator}' does not fit this field; operators: {usable}.")
        return searched

    def _compared(self, name: str, operator: str, value: Any, searched: Column) -> Shape:
        match operator:
            case "in":
                values = [self._value(searched, item, name) for item in value]
                padded = values + values[-1:] * (padded_length(len(values)) - len(values))
                first = len(self.values)
                self.values.extend(padded)
                return ("compare", name, "in", first, len(padded))
            case "between":
                low, high = (self._value(searched, item, name) for item in value)
                first = self._slot(low)
                self._slot(high)
                return ("compare", name, "between", first, 2)
            case "like" | "contains" | "starts_with" | "ends_with":
                text = parse(Kind.TEXT, value, self.time_zone)
                like = "like_exact" if searched.kind is Kind.EXACT else "like"
                return ("compare", name, like, self._slot(_pattern(operator, text)), 1)
            case _:
                return ("compare", name, operator, self._slot(self._value(searched, value, name)), 1)

    def _days(self, name: str, operator: str, value: Any) -> Shape | None:
        """The condition for moments in which a day stands for all its time; None where no day does."""
        values = value if isinstance(value, list) else [value]
        if not any(map(day_alone, values)):
            return None
        match operator:
            case "in":
                if len(values) > MAX_CONDITIONS:
                    raise ValidationError(f"A list with days has at most {MAX_CONDITIONS} values.")
                return ("or", *(self.condition(Condition(name, "eq", item)) for item in values))
            case "between":
                low, high = values
                return (
                    "and",
                    *(self.condition(Condition(name, op, item)) for op, item in (("gte", low), ("lte", high))),
                )
            case "eq":
                return ("and", *(self.condition(Condition(name, op, value)) for op in ("gte", "lte")))
        day = day_alone(value)
        assert day is not None
        parse(Kind.DATETIME, value, self.time_zone)  # refuses what no column holds
        bound = end_of(day, self.time_zone) if operator in ("gt", "lte") else start_of(day, self.time_zone)
        return ("compare", name, {"gt": "gte", "lte": "lt"}.get(operator, operator), self._slot(bound), 1)

    def _value(self, searched: Column, value: Any, name: str = "") -> Any:
        kind = searched.kind
        if kind in IDS:
            # An integer is no id: it finds nothing, as an unknown id does.
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise ValidationError("Give an id.")
            return parse(Kind.TEXT, value, self.time_zone) if isinstance(value, str) else ""
        if value is None and kind is not Kind.BOOLEAN:
            raise ValidationError("null fits `eq`, `ne`, `is_null` and `is_not_null` only.")
        parsed = parse(kind, value, self.time_zone, name)
        return _normal(searched.normal_form, parsed) if searched.normal_form else parsed

    def _slot(self, value: Any) -> int:
        self.values.append(value)
        return len(self.values) - 1

    def q(self, query: Query, *, by_index: bool) -> Shape:
        """The condition for `q`: the index finds rows where it is asked, their search text decides."""
        if not self.object_type.search_text:
            return NOTHING
        indexed = full_text(query) if by_index else ""
        parts: list[Shape] = [("match", self._slot(indexed))] if indexed else []
        parts += [self.engine(SEARCH_TEXT, "holds", text) for text in needles(query, indexed=bool(indexed))]
        return ("and", *parts)


def _normal(normal_form: Callable[[str], str], text: str) -> str:
    """What has no such form is stored nowhere, and compared as it is."""
    try:
        return normal_form(text)
    except ValidationError:
        return text


def words_condition(object_type: ObjectType, q: str) -> Q:
    """The condition for `q` with its values in it, for a query that is made once: the admin's."""
    query = parse_q(q)
    if not query or not object_type.search_text:
        return Q(pk__in=[])
    indexed = full_text(query) if is_searched_by_index(object_type) else ""
    condition = Q(Match(SEARCH_TEXT, indexed)) if indexed else Q()
    for text in needles(query, indexed=bool(indexed)):
        condition &= Q(GreaterThan(StrIndex(SEARCH_TEXT, Value(text)), 0))
    return condition


def padded_length(count: int) -> int:
    """Lists are filled up to the next power of two with their last value, so that few plans serve all lengths."""
    length = 1
    while length < count:
        length *= 2
    return min(length, MAX_LIST) if count else 0


def _pattern(operator: str, text: str) -> str:
    match operator:
        case "like":
            return wildcard_pattern(text)
        case "contains":
            return f"%{literal_pattern(text)}%"
        case "starts_with":
            return f"{literal_pattern(text)}%"
        case _:
            return f"%{literal_pattern(text)}"


def condition_of(shape: Shape, object_type: ObjectType, access: Access, *, negated: bool = False) -> Any:
    """The ORM condition of a shape. `negated`: it stands below a NOT, where comparisons with null must be false."""
    match shape:
        case ("and" | "or" as connector, *nodes):
            condition = Q(_connector=Q.AND if connector == "and" else Q.OR)
            condition.children = [condition_of(node, object_type, access, negated=negated) for node in nodes]
            return condition
        case ("not", node):
            return ~Q(condition_of(node, object_type, access, negated=True))
        case ("null", name):
            return IsNull(_expression(name, object_type, access))
        case ("match", index):
            return Match(SEARCH_TEXT, Slot(index))
        case ("compare", name, operator, first, count):
            slots = tuple(Slot(first + i) for i in range(count))
            return Comparison(_expression(name, object_type, access), operator, slots, strict=negated)
        case ("constant", value):
            return Constant(value)
        case _:
            raise AssertionError(f"not a shape: {shape!r}")


def _expression(name: str, object_type: ObjectType, access: Access) -> Any:
    if name.startswith("@"):
        return F(name[1:])
    searched = column(object_type.name, access, name)
    if searched is None:
        raise UnknownField(name, "WHERE")
    return searched.expression()
