"""Keeps the references to grandparents that a row holds beside the one to its parent."""

from __future__ import annotations

from typing import Any


def keep_ancestors(row: Any, steps: list[tuple[str, str]]) -> None:
    """For each step (child, parent) of foreign keys of `row`: fill in the parent from the child's row.

    Where the child is another one than before, the parent follows, unless the caller has set the parent too.
    """
    for child, parent in steps:
        child_id, parent_id = getattr(row, f"{child}_id"), getattr(row, f"{parent}_id")
        moved = child_id != row.stored(f"{child}_id") and parent_id == row.stored(f"{parent}_id")
        if child_id is not None and (parent_id is None or moved):
            # Not through the relation: a row of another account is for `save` to refuse, in its own words.
            model = row._meta.get_field(child).related_model
            ancestor_id = model.objects.filter(pk=child_id).values_list(f"{parent}_id", flat=True).first()
            setattr(row, f"{parent}_id", ancestor_id if ancestor_id is not None else parent_id)
