"""A payload → the attributes of a row: names, ids, extras, values (contract section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from crud.declare.code_lists import hold_to_lists
from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from crud.declare.values import parse_for_field
from crud.read.resolve import key_of, resolve_reference
from kernel.errors import BadReference, Invalid, UnknownField, shorten
from kernel.wording import REQUIRED
from tenancy.context import EVERY_TENANT, current_scope
from tenancy.principal import Principal


@dataclass(slots=True)
class PayloadReader:
    """Reads the payloads of one request for one type; remembers references that it resolved already."""

    object_type: ObjectType
    principal: Principal
    permissive: bool = False
    fixed: dict[str, str] = field(default_factory=dict)
    """Reference fields that the URL gives (the parent): injected; a different value in the body is refused."""
    resolved: dict[tuple[str, str], int] = field(default_factory=dict)

    def apply(self, row: Any, body: Any, *, creating: bool) -> None:
        """Set the attributes of a row. Raises UnknownField, Invalid, BadReference; the row is then unusable."""
        values = self._accepted(body, creating=creating)
        errors: dict[str, list[str]] = {}
        for name in list(values):
            spec = self.object_type.fields[name]
            if spec.kind is Kind.REFERENCE:
                continue
            try:
                setattr(row, spec.attname, parse_for_field(spec, values[name], self.principal.time_zone))
            except ValidationError as error:
                errors[name] = list(error.messages)
        if creating:
            for spec in self.object_type.fields.values():
                if spec.required and spec.name not in values:
                    errors[spec.name] = [REQUIRED]
        if errors:
            name, messages = next(iter(errors.items()))
            raise Invalid(f"{shorten(name)}: {messages[0]}", fields=errors)
        for name, value in values.items():
            if self.object_type.fields[name].kind is Kind.REFERENCE:
                self._refer(row, self.object_type.fields[name], value)
        self._check_generic_references(row, values)
        if errors := hold_to_lists(self.object_type, row, values):
            name, messages = next(iter(errors.items()))
            raise Invalid(f"{name}: {messages[0]}", fields=errors)
        if (
            creating
            and getattr(row, "account_id", 0) is None
            and current_scope() is EVERY_TENANT
            and not self._may_lack_account()
        ):
            raise Invalid.field("account_id", "It is required when you act in no single account.")

    def _may_lack_account(self) -> bool:
        return bool(self.object_type.model._meta.get_field("account").null)

    def _accepted(self, body: Any, *, creating: bool) -> dict[str, Any]:
        """The values to write, unknown and read-only ones refused, or dropped when the client asked for that."""
        if not isinstance(body, dict):
            raise Invalid("The body must be an object.")
        values = {}
        for name, value in body.items():
            spec = self.object_type.fields.get(name)
            if spec is None:
                if not self.permissive:
                    raise UnknownField(name, "SET")
            elif not spec.writable(self.principal):
                if not self.permissive:
                    raise Invalid.field(name, "The field is read-only.")
            else:
                values[name] = value
        for name, public_id in self.fixed.items():
            if values.get(name, public_id) != public_id:
                raise Invalid.field(name, "It differs from the parent in the URL.")
            if creating:
                values[name] = public_id
        return values

    def _refer(self, row: Any, spec: Field, value: Any) -> None:
        if value is None:
            if not spec.nullable:
                raise Invalid.field(spec.name, "It can't be null.")
            setattr(row, spec.attname, None)
            return
        assert spec.refers_to is not None
        scope = current_scope()
        if spec.name == "account_id" and scope is not EVERY_TENANT:
            if value != self.principal.account_public_id:
                raise BadReference(spec.name)
            row.account_id = scope
            return
        if not isinstance(value, str):
            raise BadReference(spec.name)
        key = self.resolved.get((spec.refers_to, value))
        if key is None:
            key = resolve_reference(spec.name, spec.refers_to, self.principal, value)
            self.resolved[spec.refers_to, value] = key
        if scope is EVERY_TENANT:
            setattr(row, spec.attname, key)  # whose it is, is checked when the row is saved
        else:
            related = spec.model_field.related_model
            setattr(row, spec.model_field.name, related.from_db(None, ["id", related.tenant_column], [key, scope]))

    def _check_generic_references(self, row: Any, values: dict[str, Any]) -> None:
        for type_field, id_field in self.object_type.generic_references:
            if type_field not in values and id_field not in values:
                continue
            type_name, public_id = getattr(row, type_field), getattr(row, id_field)
            if type_name is None and public_id is None:
                continue
            related = registry.get(type_name)
            if related is None:
                raise Invalid.field(type_field, "There is no such object type.")
            key = None if public_id is None else key_of(related, self.principal, public_id)
            if key is None or not _same_account(row, related, key):
                raise BadReference(id_field)


def _same_account(row: Any, related: ObjectType, key: int) -> bool:
    """Whether a resolved row is of the row's own account; asked only where several accounts are open."""
    if current_scope() is not EVERY_TENANT:
        return True
    owner = related.model.objects.filter(pk=key).values_list(related.model.tenant_column, flat=True).first()
    return bool(owner == getattr(row, row.tenant_column))
