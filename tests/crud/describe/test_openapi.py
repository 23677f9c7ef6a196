"""The document is valid, says what is served, and does not change by accident."""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
from django.urls import resolve
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

import aether.urls  # noqa: F401  (the apps describe their paths where they route them)
from crud.declare.fields import Kind
from crud.declare.object_type import children_of, registry
from crud.describe import openapi
from crud.describe.openapi import document, document_json
from crud.describe.openapi.parts import operation, success
from crud.describe.openapi.types import component_name
from crud.rest.urls import route
from tenancy.principal import Principal, Role

MANAGER = Principal(role=Role.MANAGER, account_id=1)
SNAPSHOT = Path(__file__).with_name("openapi_snapshot.json")
RENEW = "RENEW_SNAPSHOTS=1 python -m pytest tests/crud/describe/test_openapi.py -k snapshot"
VERBS = ("get", "post", "patch", "put", "delete")
UNSAID = ("description", "summary", "example", "examples", "tags")


def operations():
    for path, item in document()["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield path, verb, item[verb]


def nodes(value, place=""):
    yield place, value
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from nodes(inner, f"{place}/{key}")


def resolved(node):
    while "$ref" in node:
        section, name = node["$ref"].removeprefix("#/components/").split("/")
        node = document()["components"][section][name]
    return node


@cache
def components():
    """The document's components as a JSON schema of their own, that others refer to."""
    contents = json.loads(json.dumps({"components": document()["components"]}).replace('"#/', '"components#/'))
    resource = Resource.from_contents(contents, default_specification=DRAFT202012)
    return Registry().with_resource("components", resource)


@cache
def validator(schema):
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(json.loads(schema), registry=components(), format_checker=checker)


def complaints(schema, value):
    found = validator(json.dumps(schema).replace('"#/', '"components#/'))
    return [f"{error.json_path}: {error.message}" for error in found.iter_errors(value)]


def test_it_is_openapi_3_1():
    OPENAPI_31_VALIDATOR.validate(json.loads(document_json()))


def test_every_reference_leads_somewhere():
    components = document()["components"]
    refs = {value for place, value in nodes(document()) if place.endswith("/$ref")}
    known = {f"#/components/{section}/{name}" for section, parts in components.items() for name in parts}
    assert sorted(refs - known) == []
    unused = known - refs - {name for name in known if "/securitySchemes/" in name}
    assert sorted(unused) == []


def test_operations_have_names_of_their_own_and_say_everything():
    names = [found["operationId"] for _, _, found in operations()]
    assert sorted(names) == sorted(set(names))
    tags = {tag["name"] for tag in document()["tags"]}
    for path, verb, found in operations():
        place = f"{verb} {path}"
        assert found["summary"], place
        assert set(found["tags"]) <= tags, place
        assert set(found["responses"]) >= {"500", "503"}, place
        assert any(status.startswith("2") for status in found["responses"]), place
        # A verb may say all in its path and parameters, or in who calls it.
        may_be_bare = path.startswith(("/v3/action/", "/v3/device/"))
        with_body = verb in ("post", "patch") or place == "delete /v3/auth/mfa"  # a code may not stand in an address
        assert ("requestBody" in found) == with_body or (may_be_bare and verb == "post"), place
        needed = {name.strip("{}") for name in path.split("/") if name.startswith("{")}
        above, own = document()["paths"][path]["parameters"], found.get("parameters", [])
        assert needed == {p["name"] for p in map(resolved, [*above, *own]) if p["in"] == "path"}, place
        for parameters in ([resolved(p) for p in above], [resolved(p) for p in own]):
            assert len(parameters) == len({(p["in"], p["name"]) for p in parameters}), place


def test_component_schemas_are_json_schemas():
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_examples_fit_their_schemas():
    wrong = []
    for place, node in nodes(document()):
        if isinstance(node, dict) and isinstance(node.get("schema"), dict) and "/properties/" not in place:
            examples = [node["example"]] if "example" in node else node["schema"].get("examples", [])
            wrong += [
                f"{place} {complaint}" for example in examples for complaint in complaints(node["schema"], example)
            ]
    assert wrong == []


def path_of(described):
    return "/".join("AAAAAAAAAAA" if part.startswith("{") else part for part in described.split("/"))


def test_what_is_described_is_served():
    for path, verb, _ in operations():
        resolve(path_of(path))
        if path.startswith("/v3/crud/"):
            assert verb in route(path_of(path).removeprefix("/v3/crud/")).target.methods, path


LEDGERS = {"event_badge_consent", "event_device_command"}
"""Nobody writes them over the API, so that a bulk has nothing to do."""


def test_what_is_served_is_described():
    paths = document()["paths"]
    for object_type in registry.values():
        base = f"/v3/crud/{object_type.name}"
        for kind in ("list", "search", "bulk", "schema", "detail", "history"):
            word = "" if kind in ("list", "detail") else kind
            path = "/".join(filter(None, [base, "{id}" if kind in ("detail", "history") else "", word]))
            if kind == "bulk" and object_type.name in LEDGERS:
                assert path not in paths
                continue
            verbs = {verb for verb in route(path_of(path).removeprefix("/v3/crud/")).target.methods if verb != "head"}
            written = {"list": {"create": "post"}, "detail": {"update": "patch", "delete": "delete"}}.get(kind, {})
            nobody = {verb for name, verb in written.items() if object_type.least_role(name) is Role.NOBODY}
            assert {verb for verb in VERBS if verb in paths[path]} == verbs - nobody, path
        for child, relation in children_of(object_type).values():
            assert f"{base}/{{{relation}_id}}/{child.name}" in paths
            assert f"{base}/{{{relation}_id}}/{child.name}/search" in paths
            assert f"{base}/{{{relation}_id}}/{child.name}/{{id}}" in paths


def test_secrets_are_written_and_never_read():
    schemas = document()["components"]["schemas"]
    for object_type in registry.values():
        name = component_name(object_type)
        secrets = {field.name for field in object_type.fields.values() if field.kind.write_only}
        assert not secrets & schemas[name]["properties"].keys()
        assert not secrets & schemas[f"{name}Filter"]["properties"].keys()
        for secret in secrets:
            assert schemas[f"{name}Create"]["properties"][secret]["writeOnly"] is True
    kinds = {field.kind for object_type in registry.values() for field in object_type.fields.values()}
    assert Kind.SECRET in kinds


def test_only_documents_and_health_are_open():
    unlocked = {path for path, _, found in operations() if found.get("security") == []}
    # One more is a decision. A machine enrols by its one-time code.
    assert unlocked == {"/v3/schema", "/health/live", "/health/ready", "/v3/device/enrol"}


@pytest.mark.parametrize("view", ["default", "enriched"])
def test_real_answers_fit(north, view):
    event = north.administrator.create("event", name="Open day", start_datetime="2026-05-01T09:30:00Z", cfg_json={})
    north.administrator.create("event_session", name="Opening", event_id=event["id"])
    user = north.manager
    for name in registry:
        component = component_name(registry[name])
        listed = user.get(f"/v3/crud/{name}/?view={view}&inc_total=true")
        assert listed.status == 200, listed.body
        schema = {"$ref": f"#/components/schemas/{component}ListAnswer"}
        assert complaints(schema, listed.body) == []
        known = document()["components"]["schemas"][component]["properties"]
        assert [key for row in listed.data for key in row if key not in known] == []
    nested = user.get("/v3/crud/event_session/?inc_event=true").body
    assert complaints({"$ref": "#/components/schemas/EventSessionListAnswer"}, nested) == []


def test_failures_fit(north):
    schema = {"$ref": "#/components/schemas/Failure"}
    for answer in (
        north.member.get("/v3/crud/nothing/"),
        north.member.get("/v3/crud/event/AAAAAAAAAAA"),
        north.administrator.post("/v3/crud/event/", {}),
        north.administrator.post("/v3/crud/event/bulk", {"create": [{"name": "a"}, {"nope": 1}]}),
        north.guest.get("/v3/crud/journal/"),
    ):
        assert answer.status >= 400
        assert complaints(schema, answer.body) == []


def test_examples_of_payloads_are_taken(north):
    """Those that need no other object."""
    bodies, taken = document()["components"]["requestBodies"], []
    for object_type in registry.values():
        body = bodies.get(f"{component_name(object_type)}Create")
        example = body["content"]["application/json"]["example"] if body else {}
        references = [name for name in example if name.endswith("_id")]
        if body and not references and object_type.may("create", MANAGER):
            answer = north.manager.post(f"/v3/crud/{object_type.name}/", example)
            assert answer.status == 201, (object_type.name, answer.body)
            taken.append(object_type.name)
    assert {"event", "journal", "person", "site", "user"} <= set(taken)


def test_other_apps_add_their_paths():
    item = {"get": operation("greet", "Says hello", "api", {"200": success({"type": "string"}, "hello")})}
    openapi.describe("/v3/action/greeting", item)
    try:
        assert document()["paths"]["/v3/action/greeting"]["get"] == item["get"]
        assert b"/v3/action/greeting" in document_json()
        with pytest.raises(ValueError, match="/v3/action/greeting is described twice"):
            openapi.describe("/v3/action/greeting", item)
    finally:
        openapi.extra_paths.pop("/v3/action/greeting")
        document.cache_clear()
        document_json.cache_clear()


# the snapshot


def said(value, named=False):
    """Without what is said to people only. `named`: the keys are names of fields, and no keywords."""
    if isinstance(value, list):
        return [said(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value and not named:
        return value["$ref"].removeprefix("#/components/")
    return {key: said(item, key == "properties") for key, item in value.items() if named or key not in UNSAID}


def shape_of_operation(path, verb, found):
    parameters = [*document()["paths"][path]["parameters"], *found.get("parameters", [])]
    responses = found["responses"]
    return {
        "id": found["operationId"],
        "parameters": " ".join(f"{p['in']}:{p['name']}" for p in map(resolved, parameters)),
        "body": said(found.get("requestBody")),
        "answers": {status: said(answer) for status, answer in responses.items() if status < "4"},
        "failures": " ".join(status for status in responses if status >= "4"),
        "security": found.get("security"),
    }


def shape():
    """Nested paths are made as those at the top are, so it is enough that they are there."""
    found = {}
    for path, verb, op in operations():
        nested = re.match(r"/v3/crud/\w+/\{\w+_id\}/", path)
        found[f"{verb.upper()} {path}"] = op["operationId"] if nested else shape_of_operation(path, verb, op)
    components = document()["components"]
    for section in ("schemas", "parameters"):
        found |= {f"{section}/{name}": said(part) for name, part in components[section].items()}
    return dict(sorted(found.items()))


def as_lines(found):
    lines = (
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}" for key, value in found.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_the_snapshot_is_what_is_public_now():
    now = shape()
    if os.environ.get("RENEW_SNAPSHOTS"):
        SNAPSHOT.write_text(as_lines(now))
    frozen = json.loads(SNAPSHOT.read_text())
    changes = [
        *(f"added: {key}" for key in sorted(now.keys() - frozen.keys())),
        *(f"gone: {key}" for key in sorted(frozen.keys() - now.keys())),
        *(f"changed: {key}" for key in sorted(now.keys() & frozen.keys()) if now[key] != frozen[key]),
    ]
    if changes:
        listed = "\n".join(changes[:40]) + (f"\n… and {len(changes) - 40} more" if len(changes) > 40 else "")
        pytest.fail(f"The public API differs from {SNAPSHOT.name}:\n{listed}\nIf that is meant: {RENEW}", pytrace=False)
