"""Every start-up check of the object types fires on a wrong declaration, and on no declaration of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts.models.contact import ContactType
from accounts.models.site import SiteType
from accounts.models.user import UserType
from content.models.journal import JournalType
from content.models.post import PostType
from crud.declare import checks
from crud.declare.checks import check_object_types
from crud.declare.fields import Field
from crud.declare.object_type import ObjectType, register, registry
from crud.declare.rules import Mask, RowRule, Scope
from events.models.event import EventType
from events.models.event_exhibit import EventExhibitType
from kernel.model_fields import LookupField
from lookups.models import Country


def test_ours_are_right() -> None:
    assert check_object_types() == []


def with_list(lookup: str, within: str = "") -> dict[str, Field]:
    fields = registry["contact"].fields
    field = LookupField(lookup, within)
    field.set_attributes_from_name("country")
    return fields | {"country": replace(fields["country"], model_field=field)}


WRONG: dict[str, tuple[type[ObjectType], dict[str, Any]]] = {
    "crud.E001": (ObjectType, {"model": Country}),
    "crud.E002 public": (PostType, {"public": ["title", "no_such"], "search_text": ["title"]}),
    "crud.E002 read_only": (JournalType, {"read_only": ["no_such"]}),
    "crud.E002 search_text": (JournalType, {"search_text": ["no_such"]}),
    "crud.E002 restricted": (JournalType, {"restricted": {"no_such": "manager"}}),
    "crud.E002 flattened": (JournalType, {"flattened": ["no_such"]}),
    "crud.E003": (EventExhibitType, {"public": ["name", "passcode"]}),
    "crud.E004 secret": (UserType, {"search_text": ["password"]}),
    "crud.E004 restricted": (JournalType, {"restricted": {"summary": "manager"}, "search_text": ["summary"]}),
    "crud.E005": (PostType, {"search_text": ["title", "external_id"]}),
    "crud.E006 parents": (JournalType, {"parents": ["no_such"]}),
    "crud.E006 no relation": (JournalType, {"parents": ["name"]}),
    "crud.E006 public_parents": (EventType, {"public_parents": ["no_such"]}),
    "crud.E006 views": (JournalType, {"views": {"enriched": ["no_such.name"]}}),
    "crud.E006 a plain field": (JournalType, {"views": {"enriched": ["name.name"]}}),
    "crud.E007": (JournalType, {"views": {"enriched": ["person.no_such"]}}),
    "crud.E007 no dot": (JournalType, {"views": {"small": ["person"]}}),
    "crud.E008": (JournalType, {"counts": ["event"]}),
    "crud.E009 verb": (JournalType, {"roles": {"destroy": "user"}}),
    "crud.E009 role": (JournalType, {"roles": {"read": "emperor"}}),
    "crud.E009 rule": (JournalType, {"row_rules": [RowRule("emperor", "person", "enable")]}),
    "crud.E006 rule": (JournalType, {"row_rules": [RowRule("manager", "no_such", "enable")]}),
    "crud.E013": (JournalType, {"row_rules": [RowRule("manager", "person", "no_such")]}),
    "crud.E013 mask": (JournalType, {"masks": [Mask("person", ("no_such",), unless="enable")]}),
    "crud.E013 unless": (JournalType, {"masks": [Mask("person", ("email",), unless="no_such")]}),
    "crud.E015": (JournalType, {"scopes": {"exhibitor": Scope("no_such")}}),
    "crud.E015 role": (JournalType, {"scopes": {"user": Scope("person_id")}}),
    "crud.E016": (JournalType, {"versions_by": "no_such"}),
    "crud.E016 no boolean": (JournalType, {"versions_by": "name"}),
    "crud.E010": (JournalType, {"alias": "search"}),
    "crud.E011": (SiteType, {"public": ["name", "cfg_json"], "public_branches": {"name": "public"}}),
    "crud.E014": (ContactType, {"fields": with_list("no_such")}),
    "crud.E014 within": (ContactType, {"fields": with_list("country", within="no_such")}),
    "crud.E012": (JournalType, {"rows": lambda self, access: ObjectType.rows(self, access)}),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_declaration_is_refused(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base, values = WRONG[case]
    wrong = type("WrongType", (base,), values)()
    monkeypatch.setitem(registry, wrong.name, wrong)
    found = [error for error in check_object_types() if isinstance(wrong, error.obj)]
    assert [error.id for error in found] == [case.split(maxsplit=1)[0]] * len(found)
    assert len(found) == 1
    assert wrong.name in found[0].msg


def test_every_check_is_tried() -> None:
    numbers = re.findall(r"yield (\d+), ", Path(checks.__file__).read_text())
    assert {f"crud.E{int(number):03}" for number in numbers} == {case.split()[0] for case in WRONG}


def test_a_type_is_declared_once() -> None:
    with pytest.raises(ValueError, match="object type 'journal' is declared twice"):
        register(JournalType)
