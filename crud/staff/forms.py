"""The admin's form of an object: the ModelForm of Django, held to the rules that payloads are held to."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from crud.declare.code_lists import as_meant, hold_to_lists
from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from crud.declare.values import PASSCODE_ROLES, parse_for_field
from crud.read.resolve import key_of
from crud.staff.stale_form import StaleForm
from kernel.database_errors import translate
from kernel.errors import ApiError, Invalid
from kernel.json_body import parse_json_text
from tenancy.context import EVERY_TENANT, current_scope

NO_SUCH_OBJECT = "It refers to no object of this account."


class ShortText(forms.CharField):
    """Knows that a browser drops line ends from a one-line input, and that the form trims: neither is a change."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        if isinstance(initial, str):
            initial = self.to_python(initial.replace("\r", "").replace("\n", ""))
        return super().has_changed(initial, data)


class LongText(forms.CharField):
    """Text of many lines. A browser sends CR LF for each line end; stored is LF."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"strip": False})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class LocalMoment(forms.SplitDateTimeField):
    """In the zone of who edits. Of the hour that a clock shows twice, the first."""

    def compress(self, data_list: Any) -> Any:
        try:
            return super().compress(data_list)
        except ValidationError:
            day, clock = data_list or (None, None)
            if not isinstance(day, date) or not isinstance(clock, time):
                raise
            first = datetime.combine(day, clock, timezone.get_current_timezone())
            shown = first.astimezone(UTC).astimezone(first.tzinfo) == first
            if not shown or first.utcoffset() == first.replace(fold=1).utcoffset():
                raise
            return first


class JsonText(forms.JSONField):
    """JSON, indented to be read, and read as strictly as the API's bodies are."""

    def to_python(self, value: Any) -> Any:
        if self.disabled or value in self.empty_values:
            return None
        try:
            return parse_json_text(value.encode("utf-8", "replace"))
        except Invalid:
            raise ValidationError("Give valid JSON: an object or a list.") from None

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, forms.fields.InvalidJSONInput | str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


class SecretInput(forms.CharField):
    """A password or passcode, written only: what is stored is never sent to the browser."""

    def __init__(self, *, stored: bool, required: bool = False, label: str = "") -> None:
        super().__init__(
            label=label,
            required=required and not stored,
            strip=False,
            max_length=128,
            widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
            help_text="One is set. Leave this empty to keep it." if stored else "None is set.",
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            identify_hasher(text)
        except ValueError:
            return text
        raise ValidationError("Give it in the clear, not hashed.")


def secret_inputs(spec: Field, row: Any) -> dict[str, forms.Field]:
    """The inputs for a secret field: one, or one a role; with a box to remove what may be missing."""
    name = spec.model_field.name
    stored = getattr(row, name) if row is not None else None
    if spec.kind is Kind.SECRET:
        targets = {name: (stored, spec.required)}
    else:
        targets = {f"{name}_{role}": ((stored or {}).get(role), False) for role in sorted(PASSCODE_ROLES)}
    inputs: dict[str, forms.Field] = {}
    for target, (value, required) in targets.items():
        label = target.replace("_", " ").capitalize()
        inputs[target] = SecretInput(stored=bool(value), required=required, label=label)
        if value and (spec.nullable or spec.kind is Kind.SECRETS_BY_ROLE):
            label = f"Remove {label.lower()}"
            inputs[f"remove_{target}"] = forms.BooleanField(
                required=False, label=label, widget=UnfoldBooleanSwitchWidget
            )
    return inputs


class ObjectForm(StaleForm):
    """`ObjectAdmin.get_form` sets the class attributes for one request."""

    refusal: ClassVar[ApiError | None] = None
    """What the database said when these very values were written: shown beside them."""

    def clean(self) -> Any:
        super().clean()
        self.cleaned_data |= as_meant(self.object_type, self.cleaned_data, self.instance)
        return self.cleaned_data

    def _post_clean(self) -> None:
        row = self.instance
        if row._state.adding and hasattr(row, "account_id"):
            scope = current_scope()
            if scope is EVERY_TENANT:
                row.account = self.cleaned_data.get("account")
            else:
                row.account_id = scope
        super()._post_clean()  # type: ignore[misc]
        if not row._state.adding:
            self.refuse_conflicts()
            self._restore_untouched()
        self._hold_to_fields()
        self._hold_to_lists()
        if not self.errors:
            self._check_references()
        if not self.errors and (row._state.adding or row.changes()):
            try:
                self.object_type.validate(row, self.principal)
                row.derive()
            except (ValidationError, ApiError) as error:
                self._show(translate(error, self.object_type.model))
        if self.refusal is not None:
            self._show(self.refusal)

    def _restore_untouched(self) -> None:
        """A browser can't send back all that it was shown (microseconds, null texts): write what was edited only."""
        for name in set(self.fields) - set(self.changed_data):
            if name in self._meta.fields:  # type: ignore[operator]
                attname = self.instance._meta.get_field(name).attname
                setattr(self.instance, attname, self.instance.stored(attname))

    def _hold_to_lists(self) -> None:
        given = [name for name in self.changed_data if name not in self.errors]
        for name, messages in hold_to_lists(self.object_type, self.instance, given).items():
            self.add_error(name, ValidationError(messages))

    def _hold_to_fields(self) -> None:
        for spec in self.object_type.fields.values():
            name = spec.model_field.name
            try:
                if spec.kind is Kind.SECRET:
                    self._keep_secret(spec)
                elif spec.kind is Kind.SECRETS_BY_ROLE:
                    self._keep_secrets_by_role(spec)
                elif name in self.changed_data and name not in self.errors and spec.kind is not Kind.REFERENCE:
                    value = self.cleaned_data[name]
                    sent = value.isoformat() if spec.kind in (Kind.DATE, Kind.DATETIME) and value else value
                    setattr(self.instance, spec.attname, parse_for_field(spec, sent, "UTC"))
            except ValidationError as error:
                self.add_error(name if name in self.fields else None, error)

    def _keep_secret(self, spec: Field) -> None:
        name = spec.model_field.name
        if given := self.cleaned_data.get(name):
            setattr(self.instance, name, parse_for_field(spec, given, "UTC"))
        elif self.cleaned_data.get(f"remove_{name}"):
            setattr(self.instance, name, None)

    def _keep_secrets_by_role(self, spec: Field) -> None:
        name = spec.model_field.name
        secrets = dict(getattr(self.instance, name) or {})
        given = {}
        for role in PASSCODE_ROLES:
            if self.cleaned_data.get(f"remove_{name}_{role}"):
                secrets.pop(role, None)
            if text := self.cleaned_data.get(f"{name}_{role}"):
                given[role] = text
        if given:
            secrets |= parse_for_field(spec, given, "UTC")
        if secrets != (getattr(self.instance, name) or {}):
            setattr(self.instance, name, secrets)

    def _check_references(self) -> None:
        """Every choice is one that this principal may read; a super user's must be of the row's account as well."""
        for name, target in list(self.cleaned_data.items()):
            if isinstance(target, models.Model) and name != "account" and name in self.changed_data:
                owner = getattr(target, "account_id", None)
                if owner != getattr(self.instance, "account_id", None):
                    self.add_error(name, NO_SUCH_OBJECT)
        for type_field, id_field in self.object_type.generic_references:
            if type_field not in self.changed_data and id_field not in self.changed_data:
                continue
            type_name, public_id = getattr(self.instance, type_field), getattr(self.instance, id_field)
            if type_name is None and public_id is None:
                continue
            related = registry.get(type_name)
            if related is None:
                self.add_error(type_field, "There is no such object type.")
            elif public_id is None or not self._is_ours(related, public_id):
                self.add_error(id_field, NO_SUCH_OBJECT)

    def _is_ours(self, related: ObjectType, public_id: str) -> bool:
        key = key_of(related, self.principal, public_id)
        column = related.model.tenant_column
        exists: bool = related.model.objects.filter(pk=key, **{column: self.instance.account_id}).exists()
        return exists

    def _show(self, refusal: ApiError | None) -> None:
        """An error in the API's words, beside the inputs that it names."""
        if refusal is None:
            return
        for name, messages in (refusal.fields or {"": [refusal.message]}).items():
            spec = self.object_type.fields.get(name)
            target = spec.model_field.name if spec else name
            self.add_error(target if target in self.fields else None, messages)
