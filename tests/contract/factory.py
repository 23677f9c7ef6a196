"""A valid row of every registered type, made from the models' fields: types added later need no word here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import UniqueConstraint

from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from crud.declare.values import PASSCODE_ROLES
from kernel.model_fields import LookupField, hash_secrets_by_role
from tenancy.context import tenant
from tenancy.principal import Role
from tests.conftest import Party

SPECIAL: dict[str, Callable[[str], Any]] = {
    "event_exhibit.leads_api_access": lambda text: True,
    "event_session.expected_slots": lambda text: ["slides"],
    "event_session.freeze_minutes": lambda text: None,  # MOMENT is long past: all of its slots were frozen
    "event_file.frozen_on": lambda text: None,
    "event_file.slot": lambda text: "other",  # one a file name; of the others the second supersedes the first
}
"""`type.field` → its value, made from the text that other fields would hold. For fields that no candidate fits,
and for what `row_rules` want: the rows of a world are there for all who read the type (test_rules.py)."""

GENERIC_TARGETS = ("event", "account")
"""What a pair like (link_to_type, link_to_id) points at where the type leaves it open."""

CODES = {"country": "US", "country_subdivision": "US-CO", "time_zone": "Europe/Berlin"}

MOMENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def candidates(kind: Kind, text: str) -> Iterator[Any]:
    """Values to try, the most telling first: they hold the text, so that a leak shows."""
    match kind:
        case Kind.TEXT | Kind.EXACT | Kind.SECRET:
            yield from (text, f"{text}@example.org", f"https://example.org/{text}", text[:32], text[:14])
            yield from (sha256(text.encode()).hexdigest(), "Europe/Berlin", text[:2], "1")
        case Kind.HTML:
            yield f"<p>{text}</p>"
        case Kind.INTEGER:
            yield from (47, 11, 1, 0)
        case Kind.NUMBER:
            yield from (47.5, 11.5, 0.5)
        case Kind.DATETIME:
            yield MOMENT
        case Kind.DATE:
            yield date(2026, 5, 1)
        case Kind.JSON:
            yield from ({"word": text}, [text], [{"code": text}], {"word": text, "elements": []}, {}, [])
        case Kind.SECRETS_BY_ROLE:
            yield {"manager": text}


@dataclass
class World:
    """An account with a row of every type. Every text that it holds begins with its canary."""

    party: Party
    canary: str = field(default_factory=lambda: "cn" + secrets.token_hex(6))
    rows: dict[str, Any] = field(default_factory=dict)
    made: int = 0
    making: list[str] = field(default_factory=list)

    def id(self, type_name: str) -> str:
        public_id: str = self.rows[type_name].id_random
        return public_id

    @property
    def telltales(self) -> set[str]:
        """What nobody outside may be told: the canary, the ids, the names of the party."""
        party = self.party
        return {self.canary, party.fqdn, party.id, party.site.id_random, *(row.id_random for row in self.rows.values())}

    def fill(self) -> World:
        with tenant(self.party.account.pk):
            self._fill_account()
            for name in sorted(registry):
                self._get(name)
        return self

    def make(self, type_name: str, **given: Any) -> Any:
        """One more row of a type. `given`: attributes of the model."""
        with tenant(self.party.account.pk):
            return self._make(type_name, given)

    def payload(self, type_name: str, **given: Any) -> dict[str, Any]:
        """What a manager can POST to create one more; references by the ids of this account's rows."""
        object_type = registry[type_name]
        with tenant(self.party.account.pk):
            values = self._values(object_type, {})
        found = {}
        for spec in object_type.fields.values():
            if spec.name == "account_id" or not (spec.least_role <= Role.MANAGER) or spec.read_only:
                continue
            value = values.get(spec.model_field.name)
            if value is None:
                continue
            if spec.kind is Kind.REFERENCE:
                value = value.id_random
            found[spec.name] = value.isoformat() if isinstance(value, date) else value
        return found | given

    def lean_payload(self, type_name: str, **given: Any) -> dict[str, Any]:
        """The same without the pairs (type, id) that would contradict a changed reference."""
        found = self.payload(type_name)
        for type_field, id_field in registry[type_name].generic_references:
            if registry[type_name].fields[id_field].nullable:
                del found[type_field], found[id_field]
        return found | given

    # how

    def _fill_account(self) -> None:
        account = self.rows["account"] = self.party.account
        for name, value in self._values(registry["account"], {}).items():
            setattr(account, name, value)
        account.save()

    def _get(self, type_name: str) -> Any:
        if type_name not in self.rows:
            self.rows[type_name] = self._make(type_name, {})
        return self.rows[type_name]

    def _make(self, type_name: str, given: dict[str, Any]) -> Any:
        object_type = registry[type_name]
        self.making.append(type_name)
        row = object_type.model(**self._stored(object_type, self._values(object_type, given)))
        row.save()
        self.making.remove(type_name)
        return row

    def _stored(self, object_type: ObjectType, values: dict[str, Any]) -> dict[str, Any]:
        """Secrets as the database holds them."""
        for spec in object_type.fields.values():
            name = spec.model_field.name
            if spec.kind is Kind.SECRET and values.get(name):
                values[name] = make_password(values[name])
            if spec.kind is Kind.SECRETS_BY_ROLE and values.get(name):
                values[name] = hash_secrets_by_role(values[name], PASSCODE_ROLES)
        return values

    def _values(self, object_type: ObjectType, given: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        number = self.made
        values = dict(given)
        for spec in object_type.fields.values():
            name = spec.model_field.name
            if name in values or f"{name}_id" in values or name in ("id_random", "account", "created_on", "updated_on"):
                continue
            if spec.kind is Kind.REFERENCE:
                values[name] = self._target(object_type, spec)
            elif spec.kind is Kind.BOOLEAN and f"{object_type.name}.{spec.name}" not in SPECIAL:
                values[name] = spec.model_field.get_default()
            else:
                values[name] = self._value(object_type, spec, number)
        for type_field, id_field in object_type.generic_references:
            if type_field not in given:
                values[type_field], values[id_field] = self._generic_target(object_type.fields[type_field])
        return values

    def _value(self, object_type: ObjectType, spec: Field, number: int) -> Any:
        text = f"{self.canary}{number}{spec.name.replace('_', '')}"
        special = SPECIAL.get(f"{object_type.name}.{spec.name}")
        if special:
            return special(text)
        if isinstance(spec.model_field, LookupField):
            return CODES[spec.model_field.lookup]
        if spec.model_field.choices:
            default = spec.model_field.get_default()
            return default or spec.model_field.flatchoices[0][0]
        for candidate in candidates(spec.kind, text):
            try:
                spec.model_field.clean(candidate, None)
            except ValidationError:
                continue
            return candidate
        raise AssertionError(
            f"no candidate fits {object_type.name}.{spec.name}; add one to tests.contract.factory.SPECIAL"
        )

    def _target(self, object_type: ObjectType, spec: Field) -> Any:
        assert spec.refers_to is not None
        if spec.refers_to in self.making or spec.refers_to == object_type.name:
            return None  # rows that refer to each other, or to their own type: one of them does without
        target = self._get(spec.refers_to)
        if object_type.name in self.rows and spec.model_field.name == self._last_of_unique(object_type):
            target = self._make(spec.refers_to, {})  # the same pair of references a second time would be refused
        return target

    def _last_of_unique(self, object_type: ObjectType) -> str:
        references = {spec.model_field.name for spec in object_type.fields.values() if spec.kind is Kind.REFERENCE}
        for constraint in object_type.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and references.issuperset(constraint.fields):
                return constraint.fields[-1]
        return ""

    def _generic_target(self, type_field: Field) -> tuple[str, str]:
        choices = [value for value, _ in type_field.model_field.flatchoices] if type_field.model_field.choices else []
        name = next(name for name in [*choices, *GENERIC_TARGETS] if name in registry)
        return name, self._get(name).id_random
