"""GET /v3/crud/ and …/schema: what a caller is told of the types, and what not."""

import json

import pytest
from django.db import connection
from jsonschema import Draft202012Validator

from content.models import Journal
from crud.declare.fields import Kind
from crud.declare.object_type import VERBS, registry
from crud.describe.discovery import ID_LENGTH, outputs, schema
from crud.read.read_plan import Read, plan, view_names
from tenancy.context import tenant
from tenancy.principal import Access, Principal, Role

PUBLIC = {name for name, object_type in registry.items() if object_type.guests}
CONTRACT = {
    *("obj_type", "table", "columns", "fields", "views", "parents", "children"),
    *("searchable", "order_by", "roles", "json_schema"),
}
ROLES = [Role.GUEST, Role.USER, Role.ADMINISTRATOR, Role.MANAGER, Role.SUPER]


def principal(role):
    return Principal(role=role, account_id=1, account_public_id="one")


def readers(object_type):
    return [role for role in ROLES if object_type.may("read", principal(role))]


def field(described, name):
    return next(field for field in described["fields"] if field["name"] == name)


def column(described, name):
    return next(column for column in described["columns"] if column["name"] == name)


# the list of types


def test_types_are_listed_with_what_one_may_do(north):
    listed = {entry["name"]: entry for entry in north.member.get("/v3/crud/").data}
    assert sorted(listed) == sorted(registry)
    assert listed["event_session"] == {
        "name": "event_session",
        "title": "Event session",
        "alias": "session",
        "parents": ["event", "event_location"],
        "children": ["event_file", "event_presentation", "event_presenter"],
        "views": ["default", "enriched"],
        "may": {"read": True, "create": False, "update": False, "delete": False, "hard_delete": False},
    }
    assert listed["journal"]["may"] == {**dict.fromkeys(VERBS, True), "hard_delete": False}
    assert listed["user"]["may"] == dict.fromkeys(VERBS, False)
    assert listed["account"]["alias"] is None


def test_guests_are_told_of_public_types_only(north, visitor):
    for guest in (north.guest, visitor):
        listed = guest.get("/v3/crud").data
        assert {entry["name"] for entry in listed} == PUBLIC
        named = {name for entry in listed for name in (*entry["parents"], *entry["children"])}
        assert named <= PUBLIC
        assert {tuple(entry["may"].values()) for entry in listed} == {(True, False, False, False, False)}


def test_a_key_that_only_reads_may_only_read(north):
    reader = Principal(role=Role.MANAGER, account_id=1, read_only=True)
    listed = registry["journal"]
    assert [verb for verb in VERBS if listed.may(verb, reader)] == ["read"]


# who reads a schema


@pytest.mark.parametrize("name", sorted(registry))
def test_guests_read_the_schema_of_public_types_only(north, name):
    answer = north.guest.get(f"/v3/crud/{name}/schema")
    if name in PUBLIC:
        assert answer.status == 200
    else:
        assert (answer.status, answer.error) == (403, ("permission", 403))


def test_a_schema_takes_the_role_that_reading_takes(north):
    assert north.member.get("/v3/crud/user/schema").status == 403
    assert north.manager.get("/v3/crud/user/schema").status == 200


def test_an_unknown_type_has_none(north):
    for name in ("nothing", "change_log", "api_key", "django_session", "country"):
        answer = north.manager.get(f"/v3/crud/{name}/schema")
        assert (answer.status, answer.error) == (404, ("database_schema", 1146))


# what it says


@pytest.mark.parametrize("name", sorted(registry))
def test_it_has_what_the_contract_names_for_every_reader(name):
    object_type = registry[name]
    for role in readers(object_type):
        described = schema(object_type, principal(role))
        assert set(described) == CONTRACT
        names = [field["name"] for field in described["fields"]]
        assert [column["name"] for column in described["columns"]] == names
        readable = {name for name, field in object_type.fields.items() if field.readable(principal(role).access)}
        secrets = {name for name, field in object_type.fields.items() if field.kind.write_only}
        assert readable <= set(names) <= readable | secrets
        assert {*described["searchable"], *described["order_by"]} <= readable
        for draft in described["json_schema"].values():
            Draft202012Validator.check_schema(draft)


@pytest.mark.parametrize("name", sorted(registry))
def test_secrets_are_unheard_of_below_administrators(name):
    object_type = registry[name]
    secrets = [field.name for field in object_type.fields.values() if field.kind.write_only]
    for role in readers(object_type):
        text = json.dumps(schema(object_type, principal(role)))
        told = [secret for secret in secrets if f'"{secret}"' in text]
        assert told == (secrets if role >= Role.ADMINISTRATOR else [])
        assert "default_qry_str" not in text
        assert "id_random" not in text


@pytest.mark.parametrize("name", sorted(registry))
def test_guests_hear_of_public_fields_only(name):
    if name in PUBLIC:
        described = schema(registry[name], principal(Role.GUEST))
        assert {field["public"] for field in described["fields"]} == {True}
        assert {field["read_only"] for field in described["fields"]} == {True}
        assert described["json_schema"]["create"]["properties"] == {}
        assert "notes" not in [field["name"] for field in described["fields"]]


def test_restricted_fields_are_left_out():
    member, administrator = (schema(registry["account"], principal(r)) for r in (Role.USER, Role.ADMINISTRATOR))
    assert "cfg_json" not in json.dumps(member)
    assert field(administrator, "cfg_json")["type"] == "json"


@pytest.mark.parametrize("role", ROLES)
def test_views_are_what_a_plan_selects(role, db):
    for object_type in registry.values():
        access = Access(role, every_account=False)
        for view in view_names(object_type):
            if object_type.readable_by(access):
                selected = [
                    (output.name, output.kind) for output in plan(Read(object_type.name, access, view=view)).outputs
                ]
                assert [(shown.name, shown.kind) for shown in outputs(object_type, access, view)] == selected


def test_a_session():
    described = schema(registry["event_session"], principal(Role.USER))
    assert (described["obj_type"], described["table"]) == ("event_session", "event_session")
    assert described["parents"] == ["event", "event_location"]
    assert described["searchable"] == ["code", "name", "description", "type_code"]
    assert {"name", "start_datetime", "event_id"} <= set(described["order_by"])
    assert "description" not in described["order_by"]
    assert set(described["views"]) == {"default", "enriched"}
    assert {"event_name", "event_presentation_count"} <= set(described["views"]["enriched"])
    assert described["roles"] == {
        "read": "user",
        "create": "administrator",
        "update": "administrator",
        "delete": "administrator",
        "hard_delete": "administrator",
    }
    assert column(described, "event_id") == {
        "name": "event_id",
        "database_type": "varchar(22)",
        "nullable": False,
        "default": None,
        "max_length": ID_LENGTH,
        "unique": False,
        "indexed": True,
        "references": "event",
    }
    assert column(described, "enable") == {
        "name": "enable",
        "database_type": "tinyint(1)",
        "nullable": False,
        "default": True,
        "max_length": None,
        "unique": False,
        "indexed": False,
        "references": None,
    }
    assert column(described, "created_on")["default"] == "current_timestamp(6)"
    name = field(described, "name")
    assert name["operators"] == sorted(name["operators"])
    assert {"contains", "like", "gt"} <= set(name.pop("operators"))
    assert name == {
        "name": "name",
        "type": "text",
        "required": True,
        "read_only": False,
        "nullable": False,
        "choices": [],
        "bounds": {"minLength": 1, "maxLength": 255},
        "help_text": "",
        "public": True,
        "sort_indexed": True,
        "filter_indexed": True,
        "references": None,
        "lookup": None,
    }
    assert field(described, "description")["operators"] == sorted(
        ["contains", "ends_with", "is_not_null", "is_null", "like", "not_contains", "not_like", "starts_with"]
    )


def test_bounds_and_choices_of_fields():
    badge = schema(registry["event_badge"], principal(Role.ADMINISTRATOR))
    assert field(badge, "print_count")["bounds"] == {"minimum": 0, "maximum": 1_000_000}
    assert field(badge, "sort")["bounds"] == {"minimum": -(2**31) + 1, "maximum": 2**31 - 1}
    assert field(badge, "email")["bounds"] == {"maxLength": 254, "format": "email"}
    file = schema(registry["hosted_file"], principal(Role.USER))
    assert field(file, "status")["choices"] == ["queued", "processing", "ready", "failed"]
    assert field(file, "size")["bounds"] == {"minimum": 0, "maximum": 2**63 - 1}
    assert field(file, "hash_sha256")["bounds"] == {"maxLength": 64, "pattern": "^[0-9a-f]{64}$"}
    assert field(file, "size")["read_only"] is True
    assert column(file, "size")["database_type"] == "bigint(20)"
    entry = schema(registry["journal_entry"], principal(Role.USER))
    assert field(entry, "latitude")["bounds"] == {"minimum": -90.0, "maximum": 90.0}
    assert field(entry, "url")["bounds"] == {"maxLength": 500, "format": "uri"}
    assert field(entry, "content")["help_text"] == "Markdown"
    assert roles_of("hosted_file")["create"] == "nobody"


def roles_of(name):
    return schema(registry[name], principal(Role.USER))["roles"]


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ({"name": "Notes"}, True),
        ({"name": "Notes", "cfg_json": None, "summary": ""}, True),
        ({}, False),
        ({"name": ""}, False),
        ({"name": None}, False),
        ({"name": 5}, False),
        ({"name": "n" * 256}, False),
        ({"name": "Notes", "nope": 1}, False),
        ({"name": "Notes", "created_on": "2026-05-01T09:30:00Z"}, False),
        ({"name": "Notes", "cfg_json": "text"}, False),
        ({"name": "Notes", "sort": 2**31}, False),
        ({"name": "Notes", "sort": 1.5}, False),
        ({"name": "Notes", "person_id": 17}, False),
    ],
)
def test_the_json_schema_says_what_the_api_takes(north, body, right):
    draft = north.member.get("/v3/crud/journal/schema").data["json_schema"]["create"]
    assert draft["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert Draft202012Validator(draft).is_valid(body) == right
    assert (north.member.post("/v3/crud/journal/", body).status == 201) == right


def test_defaults_stand_in_the_schema_for_creating_only():
    drafts = schema(registry["journal"], principal(Role.USER))["json_schema"]
    assert drafts["create"]["properties"]["enable"] == {"type": "boolean", "default": True}
    assert drafts["update"]["properties"]["enable"] == {"type": "boolean"}
    assert drafts["create"]["required"] == ["name"]
    assert "required" not in drafts["update"]


def test_no_value_of_a_row_is_told(north):
    with tenant(north.account.pk):
        Journal(name="canary", notes="canary", group="canary").save()
    for name in registry:
        assert "canary" not in json.dumps(north.manager.get(f"/v3/crud/{name}/schema").body)


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has other names for its types")
def test_column_types_are_mariadbs(db):
    for object_type in registry.values():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, column_type FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND table_name = %s",
                [object_type.name],
            )
            actual = dict(cursor.fetchall())
        described = schema(object_type, principal(Role.SUPER))
        own = [f for f in object_type.fields.values() if f.kind is not Kind.REFERENCE]
        told = {f.model_field.column: column(described, f.name)["database_type"] for f in own}
        assert told == {name: actual[name] for name in told}
