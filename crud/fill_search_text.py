"""`default_qry_str` of rows that were written before it was kept, or folded otherwise: for migrations."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from kernel.html import html_to_text
from kernel.model_fields import HtmlField
from kernel.search_text import search_text_of, with_terms

BATCH = 500


def fill(apps: Any, schema_editor: Any, app_label: str, searched: dict[str, list[str]]) -> None:
    """`searched`: model → the fields that `q` looks in. Each batch is committed by itself; whoever is ended half-way
    is run again, and passes over what is right already."""
    for model_name, names in searched.items():
        model = apps.get_model(app_label, model_name)
        last = 0
        while batch := list(model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = batch[-1].pk
            changed = [row for row in batch if _derive(row, names, schema_editor.connection.vendor)]
            with transaction.atomic():
                model.objects.bulk_update(changed, ["default_qry_str"], batch_size=100)


def _derive(row: Any, names: list[str], vendor: str) -> bool:
    """Whether that changes anything."""
    before = row.default_qry_str
    text = search_text_of(_plain(row, name) for name in names)
    row.default_qry_str = with_terms(text) if vendor == "mysql" else text
    return bool(row.default_qry_str != before)


def _plain(row: Any, name: str) -> str | None:
    text: str | None = getattr(row, name)
    return html_to_text(text) if text and isinstance(row._meta.get_field(name), HtmlField) else text
