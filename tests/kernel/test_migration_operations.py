"""Many small operations of a migration as one: the same state, the same tables, and the way back."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations import AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter

from kernel.migration_operations import Together

KEY = ("id", models.BigAutoField(primary_key=True))


def made() -> Together:
    hall = CreateModel("Hall", [KEY, ("name", models.CharField(max_length=9))])
    return Together([hall, CreateModel("Chair", [KEY, ("hall", models.ForeignKey("sample.Hall", models.PROTECT))])])


def added() -> Together:
    return Together(
        [
            AddField("Hall", "floor", models.IntegerField(default=0)),
            AddField("Hall", "note", models.TextField(null=True)),
            AddField("Chair", "next", models.ForeignKey("sample.Chair", models.SET_NULL, null=True)),
            AddIndex("Hall", models.Index(fields=["name", "floor"], name="hall_name")),
        ]
    )


def state_after(*operations: Operation) -> ProjectState:
    state = ProjectState()
    assert state.apps is not None  # from now on it is rendered anew at each change
    for operation in operations:
        operation.state_forwards("sample", state)
    return state


def test_the_state_is_the_same() -> None:
    together = state_after(made(), added())
    one_by_one = state_after(*made().operations, *added().operations)
    for key, model in one_by_one.models.items():
        assert together.models[key] == model
        names = [
            {field.name for field in state.apps.get_model(*key)._meta.get_fields(include_hidden=True)}
            for state in (together, one_by_one)
        ]
        assert names[0] == names[1]


@pytest.mark.django_db(transaction=True)
def test_there_and_back() -> None:
    def columns(table: str) -> set[str]:
        with connection.cursor() as cursor:
            if table not in connection.introspection.table_names(cursor):
                return set()
            return {column.name for column in connection.introspection.get_table_description(cursor, table)}

    states = [ProjectState(), state_after(made()), state_after(made(), added())]
    steps = [made(), added()]
    for step, before, after in zip(steps, states, states[1:], strict=False):
        with connection.schema_editor() as editor:
            step.database_forwards("sample", editor, before, after)
    assert columns("sample_hall") == {"id", "name", "floor", "note"}
    assert columns("sample_chair") == {"id", "hall_id", "next_id"}
    for step, before, after in reversed(list(zip(steps, states, states[1:], strict=False))):
        with connection.schema_editor() as editor:
            step.database_backwards("sample", editor, after, before)
        assert columns("sample_hall") == (set() if step is steps[0] else {"id", "name"})


def test_it_is_written_as_it_is_read() -> None:
    text, imports = OperationWriter(added(), indentation=0).serialize()
    assert text.startswith("kernel.migration_operations.Together(")
    assert "migrations.AddIndex(" in text
    assert "import kernel.migration_operations" in imports


@pytest.mark.parametrize(
    "operations",
    [
        [AddField("Hall", "note", models.TextField(null=True)), AddField("Hall", "n", models.IntegerField(default=0))],
        [
            AddField("Hall", "note", models.TextField(null=True)),
            AddField("hall", "n", models.TextField(null=True, unique=True)),
        ],
        [CreateModel("Hall", [KEY]), AddField("Hall", "note", models.TextField(null=True))],
    ],
)
def test_what_one_table_copied_would_lose_is_refused(operations: list[AddField]) -> None:
    with pytest.raises(ValueError, match=r"first place|not both"):
        Together(operations)
