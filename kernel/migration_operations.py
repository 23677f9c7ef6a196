"""An operation of migrations for many small ones, whose cost is in the state and not in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Part = AddField | AddIndex | CreateModel


class Together(Operation):
    """Models, or fields and indexes, that are added at once: Django renders the models anew for each, and with them all
    that they refer to; here that is done once. An empty database is migrated in half of the time.

    Fields and indexes are of models that were there before. SQLite copies a table for a field that must have a value,
    is unique or has a default, and knows only the columns from before: such a field is the first of its model. Raises
    ValueError otherwise.
    """

    reduces_to_sql = True
    reversible = True
    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Part]) -> None:
        self.operations = operations
        _check(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # a cached property
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered
            refers = any(isinstance(one, CreateModel) or _is_relation(one) for one in self.operations)
            state.reload_models([(app_label, _model_of(one)) for one in self.operations], delay=not refers)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """One by one: what is taken away must be known until then."""
        states = [to_state]
        for operation in self.operations:
            state = states[-1].clone()
            operation.state_forwards(app_label, state)
            states.append(state)
        for operation, before, after in reversed(list(zip(self.operations, states, states[1:], strict=False))):
            operation.database_backwards(app_label, schema_editor, after, before)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


def _model_of(operation: Part) -> str:
    return (operation.name if isinstance(operation, CreateModel) else operation.model_name).lower()


def _is_relation(operation: Part) -> bool:
    return isinstance(operation, AddField) and operation.field.is_relation


def _check(operations: Sequence[Part]) -> None:
    begun: set[str] = set()
    for operation in operations:
        name = _model_of(operation)
        if isinstance(operation, AddField):
            field = operation.field
            copies = not field.null or field.unique or field.has_default()
            if copies and name in begun:
                raise ValueError(f"{operation.describe()}: give it an operation of its own, or the first place")
        begun.add(name)
    if len({isinstance(operation, CreateModel) for operation in operations}) > 1:
        raise ValueError("Models are made together, and fields and indexes added together; not both.")
