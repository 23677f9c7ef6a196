"""Who may do what: every type, every verb, everybody; and the ways to more rights that must not exist."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import VERBS, registry
from tenancy.context import tenant
from tenancy.principal import Role
from tests.conftest import Answer, Caller
from tests.contract.conftest import (
    FOREIGN,
    NO_COLUMN,
    NOWHERE,
    TYPES,
    Stage,
    nothing_changes,
    refusal,
)

of_every_type = pytest.mark.parametrize("type_name", TYPES)

DEFAULT = {"read": "user", "create": "administrator", "update": "administrator"}
BY_USERS = {"create": "user", "update": "user"}
LAXER_OR_STRICTER: dict[str, dict[str, str]] = {
    "account": {"update": "manager", "create": "super", "delete": "super", "hard_delete": "super"},
    "site": {"create": "manager", "update": "manager"},
    "site_domain": {"create": "manager", "update": "manager"},
    "user": {"read": "manager", "create": "manager", "update": "manager", "delete": "manager"},
    "hosted_file": {"create": "nobody", "update": "user", "delete": "user"},
    "event_badge_consent": {
        "read": "administrator",
        "create": "nobody",
        "update": "nobody",
        "delete": "nobody",
        "hard_delete": "nobody",
    },
    "event_device_command": {"create": "nobody", "update": "nobody", "delete": "nobody", "hard_delete": "nobody"},
    "contact": BY_USERS,
    "journal": BY_USERS,
    "journal_entry": BY_USERS,
    "post_comment": BY_USERS,
    "event_exhibit_tracking": BY_USERS,
    "event_file": BY_USERS,
    "hosted_file_link": BY_USERS,
}
"""The decisions, apart from the default: a type that is declared otherwise fails until it is written down here."""


def least_role(type_name: str, verb: str) -> Role:
    """As the contract has it (section 2.4), from the table above: delete as update, hard_delete at least administrator."""
    table = DEFAULT | LAXER_OR_STRICTER.get(type_name, {})
    if verb in table:
        return Role.named(table[verb])
    if verb == "delete":
        return least_role(type_name, "update")
    return max(Role.ADMINISTRATOR, least_role(type_name, "delete"))


def test_the_types_declare_what_was_decided() -> None:
    declared = {name: {verb: registry[name].least_role(verb) for verb in VERBS} for name in TYPES}
    assert declared == {name: {verb: least_role(name, verb) for verb in VERBS} for name in TYPES}


# The matrix


def principals(stage: Stage) -> dict[str, tuple[Role, bool, Caller]]:
    """Everybody: name → (role in North, may write at all, caller)."""
    north = stage.north.party
    account = {"x-account-id": north.id}
    reader = {"x-aether-api-key": north.keys["read_only"]}
    return {
        "browser key": (Role.GUEST, True, stage.visitor),
        "browser key in an account": (Role.GUEST, True, stage.guest),
        "guest token": (Role.GUEST, True, stage.token_guest),
        "guest token under a manager's key": (
            Role.GUEST,
            True,
            stage.caller("manager").with_headers(authorization=f"Bearer {stage.guest_token}"),
        ),
        "secret key alone": (Role.GUEST, True, Caller({"x-aether-api-key": north.keys["manager"]})),
        **{
            f"{role} key": (Role.named(role), True, stage.caller(role)) for role in ("user", "administrator", "manager")
        },
        **{
            f"{role} token": (Role.named(role), True, stage.signed_in(role))
            for role in ("user", "administrator", "manager")
        },
        "user token under a manager's key": (
            Role.USER,
            True,
            stage.caller("manager").with_headers(authorization=f"Bearer {stage.token('user')}"),
        ),
        "super token": (Role.SUPER, True, stage.signed_in("super", **account)),
        "super key": (Role.SUPER, True, stage.super_key),
        "read-only key": (Role.MANAGER, False, stage.caller("read_only")),
        "read-only key with a super token": (
            Role.SUPER,
            False,
            Caller(reader | account | {"authorization": f"Bearer {stage.token('super')}"}),
        ),
    }


Attempt = Callable[[Caller], Answer]


def attempts(stage: Stage, type_name: str) -> dict[str, tuple[str, Attempt]]:
    """What can be tried with a type: name → (verb, the request). Deletions are of a row that nothing hangs on."""
    base, own = f"/v3/crud/{type_name}", stage.north.id(type_name)
    spares = [own if type_name == "account" else stage.north.make(type_name).id_random for _ in range(3)]
    payloads = [stage.north.payload(type_name) for _ in range(3)]
    parent = next((relation for relation in registry[type_name].parents), "")
    found: dict[str, tuple[str, Attempt]] = {
        "get": ("read", lambda c: c.get(f"{base}/{own}")),
        "list": ("read", lambda c: c.get(f"{base}/?id={own}")),
        "schema": ("read", lambda c: c.get(f"{base}/schema")),
        "patch": ("update", lambda c: c.patch(f"{base}/{own}", {"sort": 5})),
        "hide": ("delete", lambda c: c.delete(f"{base}/{spares[0]}?method=hide")),
        "delete": ("hard_delete", lambda c: c.delete(f"{base}/{spares[1]}?method=delete")),
        "bulk update": ("update", lambda c: c.post(f"{base}/bulk", {"update": [{"id": own, "sort": 6}]})),
        "bulk delete": ("hard_delete", lambda c: c.post(f"{base}/bulk?method=delete", {"delete": [spares[2]]})),
        "history": ("history", lambda c: c.get(f"{base}/{own}/history")),
    }
    if type_name != "account":  # which nobody makes from inside one
        found["create"] = ("create", lambda c: c.post(f"{base}/", payloads[0]))
        found["bulk create"] = ("create", lambda c: c.post(f"{base}/bulk", {"create": [payloads[1]]}))
    if parent:
        parent_type = registry[type_name].related(parent).name
        nested = f"/v3/crud/{parent_type}/{stage.north.id(parent_type)}/{type_name}"
        found["nested get"] = ("nested read", lambda c: c.get(f"{nested}/{own}"))
        found["nested create"] = ("create", lambda c: c.post(f"{nested}/", payloads[2]))
        found["nested patch"] = ("update", lambda c: c.patch(f"{nested}/{own}", {"sort": 7}))
    return found


def allowed(type_name: str, verb: str, role: Role, *, writes: bool) -> bool:
    if verb == "nested read":
        parent = registry[type_name].related(registry[type_name].parents[0])
        if role is Role.GUEST and not parent.guests:
            return False
        verb = "read"
    if verb == "read":
        return registry[type_name].guests if role is Role.GUEST else role >= least_role(type_name, "read")
    if verb == "history":
        return role >= max(Role.ADMINISTRATOR, least_role(type_name, "read"))
    return writes and role is not Role.GUEST and role >= least_role(type_name, verb)


@of_every_type
def test_the_matrix(stage: Stage, type_name: str) -> None:
    """Each request by everybody: exactly those whom the table lets get through; a refused one changes nothing."""
    everybody = principals(stage)
    wrong = []
    for name, (verb, attempt) in attempts(stage, type_name).items():
        with nothing_changes():
            refused = {
                who: attempt(caller)
                for who, (role, writes, caller) in everybody.items()
                if not allowed(type_name, verb, role, writes=writes)
            }
        for who, answer in refused.items():
            if answer.status != 403 or (answer.body and answer.error != ("permission", 403)):
                wrong.append(f"{who} was not refused: {name} → {answer.status} {answer.body}")
        passed = False
        for who, (_, _, caller) in everybody.items():
            if who in refused:
                continue
            answer = attempt(caller)
            # What is written once can't be written twice: later ones are let in and told so.
            again = passed and verb in ("create", "hard_delete") and answer.status in (400, 404)
            again |= answer.status == 400 and answer.error[1] == 1451  # an account, with all that hangs on it
            if answer.status not in (200, 201) and not again:
                wrong.append(f"{who} was refused: {name} → {answer.status} {answer.body}")
            passed = True
    assert wrong == []


@of_every_type
def test_what_may_be_done_is_what_the_list_of_types_says(stage: Stage, type_name: str) -> None:
    for who, (role, writes, caller) in principals(stage).items():
        told = {entry["name"]: entry["may"] for entry in caller.get("/v3/crud/").data}
        if role is Role.GUEST and not registry[type_name].guests:
            assert type_name not in told, who
            continue
        expected = {verb: allowed(type_name, verb, role, writes=writes) for verb in VERBS}
        assert told[type_name] == expected, who


def test_a_strangers_token_has_no_rights_here(stage: Stage) -> None:
    """AUTZ-14: South's administrator is nobody in North, whatever the key may do."""
    token = stage.south.party.users["manager"]
    southern = stage.southern("manager")
    answer = southern.post("/v3/auth/login", {"username": token.username, "password": "correct horse battery"})
    headers = {"authorization": f"Bearer {answer.data['access']}", "x-account-id": stage.north.party.id}
    for key in (*stage.north.party.keys.values(), stage.keys["super"], stage.south.party.keys["manager"]):
        caller = Caller({"x-aether-api-key": key} | headers)
        with nothing_changes():
            assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN
            assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN
            assert (
                refusal(
                    caller.with_headers(**{"x-no-account-id": "bypass", "x-account-id": ""}).get("/v3/crud/journal/")
                )
                == FOREIGN
            )


# Bypass


def test_bypass_is_for_a_key_that_has_it_and_for_nothing_else(stage: Stage) -> None:
    """AUTZ-01."""
    north = stage.north.party
    keys = [*north.keys.values(), *stage.south.party.keys.values()]
    with nothing_changes():
        for key in keys:
            for path in (
                "/v3/crud/journal/",
                "/v3/crud/event/",
                f"/v3/crud/journal/{stage.south.id('journal')}",
                "/v3/crud/",
            ):
                caller = Caller({"x-aether-api-key": key, "x-no-account-id": "bypass"})
                assert refusal(caller.get(path)) == FOREIGN
                assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN
        for role in ("user", "administrator", "manager"):
            caller = stage.signed_in(role).with_headers(**{"x-no-account-id": "bypass"})
            assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN
        guest = stage.token_guest.with_headers(**{"x-no-account-id": "bypass"})
        assert refusal(guest.get("/v3/crud/event/")) == FOREIGN


@pytest.mark.parametrize(
    "word", ["Bypass", "BYPASS", "true", "1", " bypass", "bypass ", "bypass,bypass", "all", "*", "null"]
)
def test_only_the_exact_word_bypasses(stage: Stage, word: str) -> None:
    key = {"x-aether-api-key": stage.keys["super"], "x-no-account-id": word}
    assert refusal(Caller(key).get("/v3/crud/journal/")) == FOREIGN
    token = {
        "x-aether-api-key": stage.keys["super"],
        "authorization": f"Bearer {stage.token('super')}",
        "x-no-account-id": word,
    }
    assert refusal(Caller(token).get("/v3/crud/journal/")) == FOREIGN
    assert stage.bypass.get("/v3/crud/journal/").status == 200


def test_bypass_and_an_account_exclude_each_other(stage: Stage) -> None:
    account = {"x-account-id": stage.north.party.id}
    for caller in (
        stage.bypass,
        stage.signed_in("super", **{"x-no-account-id": "bypass"}),
        stage.caller("manager").with_headers(**{"x-no-account-id": "bypass"}),
        stage.caller("manager").with_headers(**{"x-no-account-id": "nonsense"}),
    ):
        answer = caller.with_headers(**account).get("/v3/crud/journal/")
        assert refusal(answer) == (400, "validation", 400)


class Kept(logging.Handler):
    """Keeps records, straight from the logger that speaks: nothing above it has a say."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def authentication_log(caplog: pytest.LogCaptureFixture) -> Iterator[Kept]:
    caplog.set_level(logging.INFO, logger="accounts.authentication")
    logger, kept = logging.getLogger("accounts.authentication"), Kept()
    logger.addHandler(kept)
    yield kept
    logger.removeHandler(kept)


def test_every_use_of_bypass_is_in_the_log(stage: Stage, authentication_log: Kept) -> None:
    """AUTZ-02."""
    for caller in (stage.bypass, Caller(stage.signed_in("super", **{"x-no-account-id": "bypass"}).headers)):
        authentication_log.messages.clear()
        answer = caller.get("/v3/crud/journal/?limit=5", **{"x-request-id": "see-me"})
        assert answer.status == 200
        lines = authentication_log.messages
        assert len(lines) == 1
        assert "/v3/crud/journal/" in lines[0]
        prefix = caller.headers["x-aether-api-key"].split("_")[1]
        assert prefix in lines[0]
        assert caller.headers["x-aether-api-key"] not in lines[0]


def test_a_bypass_key_without_the_header_has_no_more_than_a_guest(stage: Stage) -> None:
    caller = Caller({"x-aether-api-key": stage.keys["super"]})
    assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN
    assert caller.search("event", {}).data == []
    assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN


def test_a_super_user_without_a_context_sees_nothing(stage: Stage) -> None:
    """All accounts are for who asks for them, and that is logged."""
    for type_name in TYPES:
        assert refusal(stage.signed_in("super").get(f"/v3/crud/{type_name}/")) == FOREIGN, type_name
    assert refusal(stage.signed_in("super").search("journal", {})) == FOREIGN


# More rights than one has


PROTECTED: dict[str, Any] = {
    "super": True,
    "is_staff": True,
    "is_superuser": True,
    "id_random": "x",
    "pk": 1,
    "role": "super",
}


@pytest.mark.parametrize("type_name", ["user", "person"])
@pytest.mark.parametrize("role", ["user", "administrator", "manager"])
def test_nobody_raises_themselves(stage: Stage, type_name: str, role: str) -> None:
    """AUTZ-09: strict refuses the body; permissive (AUTZ-10) drops what is protected, and keeps nothing of it."""
    own = stage.north.party.users[role].id_random if type_name == "user" else stage.north.id("person")
    path = f"/v3/crud/{type_name}/{own}"
    for caller in (stage.signed_in(role), stage.caller(role)):
        for name, value in PROTECTED.items():
            with nothing_changes():
                answer = caller.patch(path, {name: value})
                assert answer.status in (400, 403), (name, answer.body)
        for name, value in {
            "account_id": stage.south.party.id,
            "id": NOWHERE,
            "created_on": "2020-01-01",
            "last_login": None,
        }.items():
            with nothing_changes():
                assert caller.patch(path, {name: value}).status in (400, 403), name
        with nothing_changes():
            answer = caller.patch(path, {**PROTECTED, "id": NOWHERE, "updated_on": "2020-01-01"}, **PERMISSIVE)
            assert answer.status in (200, 403), answer.body
    with tenant(stage.north.party.account.pk):
        user = registry["user"].model.objects.get(pk=stage.north.party.users[role].pk)
    assert (user.super, user.role) == (False, Role.named(role))


PERMISSIVE = {"x-ae-ignore-extra-fields": "true"}


def test_only_super_users_make_super_users(stage: Stage) -> None:
    payload = stage.north.payload("user")
    for caller in (stage.caller("manager"), stage.signed_in("manager")):
        with nothing_changes():
            assert caller.post("/v3/crud/user/", payload | {"super": True}).status == 400
        made = caller.post("/v3/crud/user/", stage.north.payload("user", super=True), **PERMISSIVE)
        assert made.status == 201
        assert "super" not in made.data
        with tenant(stage.north.party.account.pk):
            assert not registry["user"].model.objects.get(id_random=made.data["id"]).super
    with nothing_changes():
        for caller in (stage.caller("administrator"), stage.caller("user"), stage.signed_in("administrator")):
            assert refusal(caller.post("/v3/crud/user/", payload)) == FOREIGN
            for user in stage.north.party.users.values():
                assert (
                    refusal(caller.patch(f"/v3/crud/user/{user.id_random}", {"password": "another long one"}))
                    == FOREIGN
                )


def test_a_super_user_is_out_of_a_managers_sight(stage: Stage) -> None:
    root = stage.users["super"]
    with tenant(stage.north.party.account.pk):
        ours = stage.north.make("user")
    with_super = stage.bypass.patch(f"/v3/crud/user/{ours.id_random}", {"super": True})
    assert with_super.status == 200, with_super.body
    manager = stage.caller("manager")
    for public_id in (root.id_random, ours.id_random):
        with nothing_changes():
            assert refusal(manager.get(f"/v3/crud/user/{public_id}")) == FOREIGN
            assert refusal(manager.get(f"/v3/crud/user/{public_id}/history")) == FOREIGN
            assert refusal(manager.patch(f"/v3/crud/user/{public_id}", {"password": "taken over by me"})) == FOREIGN
            assert refusal(manager.delete(f"/v3/crud/user/{public_id}")) == FOREIGN
        assert public_id not in manager.get("/v3/crud/user/?enabled=all&hidden=all").ids


@of_every_type
def test_permissive_never_writes_what_is_read_only(stage: Stage, type_name: str) -> None:
    """AUTZ-10: what the client may not write stays as it is; the rest of the body is taken."""
    role = next(
        (r for r in ("user", "administrator", "manager") if Role.named(r) >= least_role(type_name, "update")), ""
    )
    if not role:
        pytest.skip("nobody in an account updates one")
    caller, path = stage.caller(role), f"/v3/crud/{type_name}/{stage.north.id(type_name)}"
    manager = stage.caller("manager")
    before = manager.get(path).data
    protected: dict[str, Any] = {"nonesuch": 1, "id_random": "x", "default_qry_str": "x", "pk": 3}
    for spec in registry[type_name].fields.values():
        if spec.read_only or spec.least_role > Role.named(role):
            protected[spec.name] = {Kind.BOOLEAN: True, Kind.INTEGER: 4, Kind.REFERENCE: NOWHERE}.get(
                spec.kind, "2020-01-01"
            )
    assert {"id", "created_on", "updated_on"} <= set(protected)
    for name, value in protected.items():
        with nothing_changes():
            assert caller.patch(path, {name: value}).status == 400, name
    answer = caller.patch(path, protected | {"sort": 4711}, **PERMISSIVE)
    assert (answer.status, answer.data["sort"]) == (200, 4711)
    after = manager.get(path).data
    assert {name for name in after if after[name] != before[name]} == {"sort", "updated_on"}


def test_restricted_fields_are_for_their_role_only(stage: Stage) -> None:
    """`account.cfg_json` holds keys of outside services: not for users, by no path."""
    path = f"/v3/crud/account/{stage.north.party.id}"
    secret = stage.north.rows["account"].cfg_json["word"]
    assert stage.caller("administrator").get(path).data["cfg_json"] == {"word": secret}
    for caller in (stage.caller("user"), stage.signed_in("user")):
        for type_name in TYPES:
            if registry[type_name].least_role("read") > Role.USER:
                continue
            own = stage.north.id(type_name)
            shown = caller.get(
                f"/v3/crud/{type_name}/{own}?view=enriched" + ("&inc_account=true" if type_name != "account" else "")
            )
            assert shown.status == 200, shown.body
            assert secret not in str(shown.body), type_name
            field = "cfg_json" if type_name == "account" else "account.cfg_json"
            condition = {"field": field, "op": "is_null"}
            assert refusal(caller.search(type_name, {"and": [condition]})) == NO_COLUMN
            assert refusal(caller.get(f"/v3/crud/{type_name}/?order_by={field}")) == NO_COLUMN
        assert refusal(caller.get(f"{path}?fields=cfg_json")) == NO_COLUMN
        schema = caller.get("/v3/crud/account/schema").data
        assert "cfg_json" not in {field["name"] for field in schema["fields"]}


@of_every_type
def test_secrets_are_never_read_nor_searched_by_anybody(stage: Stage, type_name: str) -> None:
    """Not the hash either, nor whether one is set."""
    secrets = [spec for spec in registry[type_name].fields.values() if spec.kind.write_only]
    own = stage.north.rows[type_name]
    for caller in (stage.caller("user"), stage.caller("manager"), stage.super_key, stage.bypass):
        for spec in secrets:
            stored = getattr(own, spec.attname)
            words = list(stored.values()) if isinstance(stored, dict) else [stored]
            for path in (
                f"/v3/crud/{type_name}/{own.id_random}?view=enriched",
                f"/v3/crud/{type_name}/",
                f"/v3/crud/{type_name}/{own.id_random}/history",
            ):
                answer = caller.get(path)
                assert not [word for word in words if word in str(answer.body)], path
                if answer.status == 200 and isinstance(answer.data, dict):
                    assert spec.name not in answer.data
            if not registry[type_name].may("read", principal_like(caller, stage)):
                continue
            for operator in ("eq", "like", "starts_with", "is_null", "is_not_null", "in"):
                condition: dict[str, Any] = {"field": spec.name, "op": operator}
                if "null" not in operator:
                    condition["value"] = [words[0]] if operator == "in" else words[0]
                assert refusal(caller.search(type_name, {"and": [condition]})) == NO_COLUMN, operator
            assert refusal(caller.get(f"/v3/crud/{type_name}/?order_by={spec.name}")) == NO_COLUMN
            assert refusal(caller.get(f"/v3/crud/{type_name}/?{spec.name}=x")) == NO_COLUMN
            assert refusal(caller.get(f"/v3/crud/{type_name}/?fields={spec.name}")) == NO_COLUMN
    if secrets:  # ISO-17
        schema = stage.caller("user").get(f"/v3/crud/{type_name}/schema")
        assert schema.status == 403 or not {spec.name for spec in secrets} & {f["name"] for f in schema.data["fields"]}
        assert schema.status == 403 or not {spec.name for spec in secrets} & {c["name"] for c in schema.data["columns"]}


def principal_like(caller: Caller, stage: Stage) -> Any:
    from tenancy.principal import Principal  # here, as only this test makes one

    role = Role.named(caller.get("/v3/auth/whoami").data["role"])
    return Principal(role=role, account_id=stage.north.party.account.pk)


@of_every_type
def test_a_schema_holds_no_data(stage: Stage, type_name: str) -> None:
    """ISO-17: names and bounds only, for everybody alike; nothing of any row."""
    for caller in (stage.caller("user"), stage.caller("manager"), stage.super_key, stage.bypass):
        answer = caller.get(f"/v3/crud/{type_name}/schema")
        assert answer.status in (200, 403)
        text = str(answer.body)
        for world in (stage.north, stage.south):
            assert not [word for word in world.telltales if word in text]
    assert refusal(stage.caller("manager").get("/v3/crud/nonesuch/schema")) == (404, "database_schema", 1146)


# Verbs and paths beside the right ones


def test_other_spellings_of_a_path_are_no_less_guarded(stage: Stage) -> None:
    """AUTZ-15: every spelling that is answered is answered by the same rule."""
    own = stage.north.id("journal")
    spellings = [
        f"/v3/crud/journal/{own}",
        f"/v3/crud/journal/{own}/",
        f"/v3/crud/%6aournal/{own}",
        f"/v3/crud/journal%2f{own}",
        f"/v3%2fcrud/journal/{own}",
    ]
    for path in spellings:
        assert refusal(stage.guest.get(path)) == FOREIGN, path
        assert refusal(Caller().get(path)) == FOREIGN, path
        assert stage.caller("user").get(path).data["id"] == own, path


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "PROPFIND", "LINK", "X"])
def test_unknown_methods_do_nothing(stage: Stage, method: str) -> None:
    path = f"/v3/crud/journal/{stage.north.id('journal')}"
    with nothing_changes():
        for caller in (stage.caller("manager"), stage.super_key, stage.guest):
            assert caller(method, path, {"name": "x"}).status == 405


def test_a_read_only_key_writes_nothing_by_any_way(stage: Stage) -> None:
    """AUTZ-11; tokens of those who may write do not help it."""
    reader = stage.caller("read_only")
    journal = f"/v3/crud/journal/{stage.north.id('journal')}"
    for token in ("", *(f"Bearer {stage.token(role)}" for role in ("user", "administrator", "manager", "super"))):
        caller = reader.with_headers(authorization=token) if token else reader
        with nothing_changes():
            assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN
            assert refusal(caller.post("/v3/crud/journal/", {"name": "x"}, idempotency_key="k")) == FOREIGN
            assert refusal(caller.patch(journal, {"name": "x"})) == FOREIGN
            assert refusal(caller.delete(journal)) == FOREIGN
            assert refusal(caller.post("/v3/crud/journal/bulk", {"create": [{"name": "x"}]})) == FOREIGN
            assert refusal(caller.post(f"{journal}/entry/", {"name": "x"})) == FOREIGN
        assert caller.get(journal).status == 200
        assert caller.search("journal", {}).status == 200


def test_a_kept_answer_is_not_handed_to_a_lower_role(stage: Stage) -> None:
    """The same Idempotency-Key and body by somebody with fewer rights is refused, not replayed."""
    site = stage.north.party.site
    stage.caller("manager").patch(
        f"/v3/crud/site/{site.id_random}", {"passcodes": {"manager": "manager code", "administrator": "admin code"}}
    )
    callers = {}
    for role, passcode in (("manager", "manager code"), ("administrator", "admin code")):
        answer = stage.visitor.post("/api/authenticate_passcode", {"site_id": site.id_random, "passcode": passcode})
        assert answer.data[role] is True, answer.body
        callers[role] = stage.visitor.with_headers(authorization=f"Bearer {answer.data['jwt']}")
    payload = stage.north.payload("user")
    assert callers["manager"].post("/v3/crud/user/", payload, idempotency_key="once").status == 201
    with nothing_changes():
        assert callers["manager"].post("/v3/crud/user/", payload, idempotency_key="once").status == 201
        assert refusal(callers["administrator"].post("/v3/crud/user/", payload, idempotency_key="once")) == FOREIGN
