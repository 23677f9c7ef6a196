"""The migration that gives rows their search text, and what keeps it in step with the types."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from crud.declare.object_type import registry
from crud.fill_search_text import BATCH, fill
from events.models import EventLocation
from tenancy.context import every_tenant
from tests.conftest import Party

WAY = "Its search_text has changed: the rows need a migration as events/migrations/0004_fill_search_text.py."


def test_it_fills_what_is_missing_or_folded_otherwise(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crud.fill_search_text.BATCH", 2)
    event = north.administrator.create("event", name="Gala")
    for number in range(5):
        north.administrator.create(
            "event_location", event_id=event["id"], name=f"Großmann {number}", description="<p>a</p>"
        )
    assert BATCH > 2
    with every_tenant(reason="test"):
        editor = SimpleNamespace(connection=connection)
        right = dict(EventLocation.objects.values_list("pk", "default_qry_str"))
        keys = sorted(right)
        EventLocation.objects.filter(pk__in=keys[:2]).update(default_qry_str=None)
        EventLocation.objects.filter(pk=keys[4]).update(default_qry_str=" groẞmann ")
        before = dict(EventLocation.objects.values_list("pk", "updated_on"))
        for _ in range(2):  # whoever was ended half-way is run again
            fill(apps, editor, "events", {"eventlocation": ["code", "name", "description"]})
            assert dict(EventLocation.objects.values_list("pk", "default_qry_str")) == right
        assert dict(EventLocation.objects.values_list("pk", "updated_on")) == before
    assert " grossmann 4 a " in right[keys[4]]


def test_the_rows_were_filled_with_what_is_searched_now() -> None:
    """A type that is younger than its app's last filling was filled from its first row on."""
    filled: dict[tuple[str, str], list[str]] = {}
    for path in sorted(Path(__file__).parents[2].glob("*/migrations/0*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^SEARCHED = ", text, re.M):
            app = path.parent.parent.name
            searched = import_module(f"{app}.migrations.{path.stem}").SEARCHED
            filled |= {(app, model): names for model, names in searched.items()}
    assert filled
    for object_type in registry.values():
        opts = object_type.model._meta
        assert filled.get((opts.app_label, opts.model_name), object_type.search_text) == object_type.search_text, WAY
