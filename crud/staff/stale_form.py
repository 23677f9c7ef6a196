"""Two people on one form: nobody's change is written over without a word.

The form carries what it showed when it was opened. Where the row is another one by then, a field that only one of both
has changed is kept as that one has it, and the page says so. One that both have changed is refused with both values,
and whoever sends the form says which to take.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html

from crud.declare.object_type import ObjectType
from crud.models import ChangeLog
from crud.staff.base import named
from tenancy.principal import Principal

SEEN: Final = "seen"
LONG: Final = 500
"""Characters from which on a digest of a value is carried instead of the value."""
SHOWN: Final = 200
STRANGER: Final = "Somebody else"
Texts = dict[str, str]


def as_text(value: Any) -> str:
    """One text for each value that a form holds. A browser can't tell an empty text from none."""
    return json.dumps(
        getattr(value, "pk", None if value == "" else value), default=_plain, sort_keys=True, ensure_ascii=False
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.replace(microsecond=0).astimezone(timezone.get_default_timezone()).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    return str(value)


def short(text: str) -> str:
    return text if len(text) <= LONG else "#" + blake2b(text.encode(), digest_size=16).hexdigest()


class StaleForm(forms.ModelForm):  # type: ignore[type-arg]
    object_type: ClassVar[ObjectType]
    principal: ClassVar[Principal]
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields[SEEN]
            return
        names = [name for name in self.fields if name in self._meta.fields and not self.fields[name].disabled]  # type: ignore[operator]
        self.now: Texts = {name: short(as_text(self.get_initial_for_field(self.fields[name], name))) for name in names}
        self.initial[SEEN] = json.dumps(self.now)

    @cached_property
    def changed_meanwhile(self) -> Texts:
        """Fields that somebody else has written since the form was opened, and what they held before."""
        if SEEN not in self.fields:
            return {}
        try:
            seen = json.loads(self.data.get(self.add_prefix(SEEN)) or "{}")
        except ValueError:
            seen = {}
        before = seen.items() if isinstance(seen, dict) else ()
        return {name: text for name, text in before if self.now.get(name, text) != text}

    @cached_property
    def theirs(self) -> list[str]:
        """Fields that stay as somebody else has them: untouched here, or given up."""
        if SEEN not in self.fields:
            return []
        given_up = [name for name in self.now if self.data.get(f"_choice-{name}") == "theirs"]
        untouched = [name for name, before in self.changed_meanwhile.items() if self._text_sent(name) == before]
        return list(dict.fromkeys([*given_up, *untouched]))

    def _text_sent(self, name: str) -> str | None:
        bound = self[name]
        try:
            if isinstance(bound.field, forms.MultiValueField):
                value = bound.field.clean(bound.data)
            else:
                value = bound.field.to_python(bound.data)
        except ValidationError:
            return None
        return short(as_text(value))

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != SEEN and name not in self.theirs]

    def refuse_conflicts(self) -> None:
        """Once the form's values are known: an error beside each field that both have changed."""
        conflicts = [name for name in self.changed_meanwhile if name in self.changed_data]
        if not conflicts:
            return
        who = self._who(conflicts)
        for name in conflicts:
            self.add_error(name, ValidationError(self._question(name, who[name])))
        # Sent again, the form is of now.
        seen = json.loads(self.data[self.add_prefix(SEEN)]) | {name: self.now[name] for name in conflicts}
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(SEEN)] = json.dumps(seen)
        self.data = data

    def _who(self, names: list[str]) -> dict[str, str]:
        entries = ChangeLog.objects.filter(obj_type=self.object_type.name, obj_id=self.instance.id_random)
        newest = list(entries.order_by("-id").values_list("principal", "changes_json")[:50])
        columns = {name: self.instance._meta.get_field(name).attname for name in names}
        labels = {
            name: next((label for label, changes in newest if {name, columns[name]} & set(changes)), STRANGER)
            for name in names
        }
        shown = named(labels.values(), self.principal)
        return {name: shown[label] if shown[label] != label else STRANGER for name, label in labels.items()}

    def _question(self, name: str, who: str) -> str:
        return format_html(
            "{who} has changed this meanwhile to “{value}”. Nothing is written yet: send the form again with "
            '<label><input type="radio" name="_choice-{name}" value="mine" checked> what stands here</label> or '
            '<label><input type="radio" name="_choice-{name}" value="theirs"> “{value}”</label>.',
            who=who,
            name=name,
            value=self._shown(name),
        )

    def _shown(self, name: str) -> str:
        value = self.get_initial_for_field(self.fields[name], name)
        if value is None or value == "":
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        queryset = getattr(self.fields[name], "queryset", None)
        if queryset is not None:
            value = queryset.filter(pk=getattr(value, "pk", value)).first() or "another object"
        if isinstance(value, datetime):
            value = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
        return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
