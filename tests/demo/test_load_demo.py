"""load_demo (operations.md): what is in it, that it is real, and that a second run changes nothing."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from PIL import Image

from accounts import standing
from accounts.models import Account, User
from aether import storage
from content.models import Journal, PostComment
from crud.declare.object_type import registry
from demo.associations import BLOCKS
from demo.credentials import public_id
from events.consent import is_shared
from events.models import EventBadge, EventBadgeConsent, EventExhibitTracking, EventSession
from files import store
from files.models import HostedFile
from kernel.ids import is_id
from tenancy.context import every_tenant, tenant
from tenancy.principal import SYSTEM
from tests.actions.documentation import Reader, operations
from tests.conftest import Caller
from tests.files.sending import hosted, multipart, send

pytestmark = pytest.mark.usefixtures("db")

KEYS = {"publishable", "read_only", "user", "administrator", "manager"}


@dataclass
class Demo:
    home: Path
    told: dict[str, Any]

    @property
    def accounts(self) -> list[dict[str, Any]]:
        accounts: list[dict[str, Any]] = self.told["accounts"]
        return accounts

    @property
    def first(self) -> dict[str, Any]:
        return self.accounts[0]

    def again(self, **options: Any) -> tuple[dict[str, Any], str]:
        """What another run hands out, and what it says."""
        out, words = io.StringIO(), io.StringIO()
        call_command("load_demo", stdout=out, stderr=words, **options)
        return json.loads(out.getvalue() or "null"), words.getvalue()


def stored_below(home: Path) -> dict[str, Any]:
    return settings.STORAGES | {"files": storage.configured("", home)}


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Loaded once; each test runs in a transaction within this one."""
    home = tmp_path_factory.mktemp("home")
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(AETHER_HOME=home, STORAGES=stored_below(home), PASSWORD_HASHERS=quick),
        transaction.atomic(),
    ):
        call_command("load_demo", json_file=str(home / "demo.json"), stdout=io.StringIO(), stderr=io.StringIO())
        yield Demo(home, json.loads((home / "demo.json").read_text()))
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: Demo, settings: Any) -> Demo:
    settings.AETHER_HOME = loaded.home
    settings.STORAGES = stored_below(loaded.home)
    return loaded


def caller(account: dict[str, Any], key: str) -> Caller:
    return Caller({"x-aether-api-key": account["api_keys"][key], "x-account-id": account["id"]})


def account_key(account: dict[str, Any]) -> int:
    with every_tenant(reason="tests look into the demo's accounts"):
        key: int = Account.objects.get(id_random=account["id"]).pk
    return key


def database_digest() -> dict[str, str]:
    """A checksum of every table."""
    digests = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            digests[table] = sha256(repr(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
    return digests


def files_on_disk(home: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in (home / "files").rglob("*") if path.is_file()}


def test_the_json_has_the_shape_of_the_specification(demo: Demo) -> None:
    assert list(demo.told) == ["accounts", "bypass_key", "super"]
    assert len(demo.accounts) == 2
    for account in demo.accounts:
        assert list(account) == ["id", "code", "site_id", "fqdn", "api_keys", "users", "passcodes", "samples"]
        assert set(account["api_keys"]) == KEYS
        assert {key[:4] for name, key in account["api_keys"].items() if name != "publishable"} == {"aes_"}
        assert account["api_keys"]["publishable"].startswith("aep_")
        assert set(account["users"]) == {"user", "administrator", "manager"}
        assert set(account["passcodes"]) == {"administrator", "manager"}
        assert set(account["samples"]) == set(registry)
        assert all(is_id(sample) and sample[0].isalnum() for sample in account["samples"].values())
        assert (account["samples"]["account"], account["samples"]["site"]) == (account["id"], account["site_id"])
    keys = {key for account in demo.accounts for key in account["api_keys"].values()}
    assert len(keys | {demo.told["bypass_key"]}) == 11


def test_the_json_file_is_for_its_owner_only(demo: Demo) -> None:
    assert stat.S_IMODE((demo.home / "demo.json").stat().st_mode) == 0o600


def test_a_second_run_changes_nothing(demo: Demo) -> None:
    before, files = database_digest(), files_on_disk(demo.home)
    told, words = demo.again()
    assert told == demo.told
    assert words == "Demo: everything is there.\n"
    assert database_digest() == before
    assert files_on_disk(demo.home) == files


def test_what_people_changed_stays_and_what_they_deleted_comes_back(demo: Demo) -> None:
    samples = demo.first["samples"]
    with tenant(account_key(demo.first)):
        journal = Journal.objects.get(id_random=samples["journal"])
        journal.name = "Renamed"
        journal.save()
        session = EventSession.objects.get(id_random=samples["event_session"])
        session.hide = True
        session.save()
        PostComment.objects.get(id_random=samples["post_comment"]).delete()
    assert demo.again() == (demo.told, "post_comment: 1\nDemo: 1 rows made in 2 accounts.\n")
    with tenant(account_key(demo.first)):
        assert Journal.objects.get(pk=journal.pk).name == "Renamed"
        assert EventSession.objects.get(pk=session.pk).hide is True
        assert PostComment.objects.filter(id_random=samples["post_comment"]).exists()


def test_a_row_whose_place_is_taken_is_left_out(demo: Demo) -> None:
    """A lead that somebody deleted and captured again: one row an exhibit and badge."""
    with tenant(account_key(demo.first)):
        old = EventExhibitTracking.objects.get(id_random=public_id(demo.first["code"], "event_exhibit_tracking", 9))
        old.delete()
        EventExhibitTracking(event_exhibit_id=old.event_exhibit_id, event_badge_id=old.event_badge_id).save()
    told, words = demo.again()
    assert told == demo.told
    assert "1 rows left out" in words


def test_a_dry_run_writes_nothing(demo: Demo) -> None:
    with tenant(account_key(demo.first)):
        PostComment.objects.get(id_random=demo.first["samples"]["post_comment"]).delete()
    before = database_digest()
    assert demo.again(dry_run=True) == (None, "post_comment: 1\nWould make 1 rows. Nothing was written.\n")
    assert database_digest() == before


def test_large_contains_small(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two blocks stand for a hundred; what small made is not made again, nor are two leads of one badge at a booth."""
    monkeypatch.setitem(BLOCKS, "large", 2)
    with every_tenant(reason="tests count the demo's leads"):
        before = EventExhibitTracking.objects.count()
        told, words = demo.again(size="large")
        assert EventExhibitTracking.objects.count() == 2 * before
    assert told == demo.told
    assert "left out" not in words


def test_production_needs_force(demo: Demo, settings: Any) -> None:
    settings.AETHER_ENV = "production"
    with pytest.raises(CommandError, match="This is a production service"):
        demo.again()
    assert demo.again(force=True)[0] == demo.told


def test_a_code_that_is_somebody_elses_is_refused(demo: Demo) -> None:
    with every_tenant(reason="tests move the demo's account aside"):
        Account.objects.filter(id_random=demo.first["id"]).update(id_random="anotherId01")
    before = database_digest()
    with pytest.raises(CommandError, match="There is an account with the code 'nsc' that is not the demo's"):
        demo.again()
    assert database_digest() == before


def test_another_secret_key_means_other_credentials(demo: Demo, settings: Any) -> None:
    settings.SECRET_KEY = "another secret key, as when the installation's file of secrets was lost"
    settings.AETHER_KEY_PEPPER = "another pepper"
    told, words = demo.again()
    assert "all demo credentials are new" in words
    assert told["accounts"][0]["samples"] == demo.first["samples"]
    assert told["bypass_key"] != demo.told["bypass_key"]
    standing.forget()
    assert caller(told["accounts"][0], "manager").get("/v3/auth/whoami").data["role"] == "manager"
    check_sign_ins(told["accounts"][0])
    assert demo.again()[1] == "Demo: everything is there.\n"


def test_missing_bytes_are_written_again(demo: Demo) -> None:
    with tenant(account_key(demo.first)):
        digest = HostedFile.objects.get(id_random=demo.first["samples"]["hosted_file"]).hash_sha256
    data = store.path_of(digest).read_bytes()
    store.path_of(digest).unlink()
    assert "the bytes of 1 files were missing" in demo.again()[1]
    assert store.path_of(digest).read_bytes() == data


@pytest.mark.parametrize("index", [0, 1])
def test_every_key_does_what_it_is_for(demo: Demo, index: int) -> None:
    account, other = demo.accounts[index], demo.accounts[1 - index]
    found = {name: caller(account, name).get("/v3/auth/whoami").data for name in account["api_keys"]}
    roles = {name: (data["role"], data["key"]["read_only"], data["account_id"]) for name, data in found.items()}
    assert roles == {
        "publishable": ("guest", False, account["id"]),
        "read_only": ("manager", True, account["id"]),
        "user": ("user", False, account["id"]),
        "administrator": ("administrator", False, account["id"]),
        "manager": ("manager", False, account["id"]),
    }
    foreign = Caller({"x-aether-api-key": account["api_keys"]["manager"], "x-account-id": other["id"]})
    assert foreign.get("/v3/auth/whoami").status == 403


@pytest.mark.parametrize("index", [0, 1])
def test_users_and_passcodes_open_their_account(demo: Demo, index: int) -> None:
    check_sign_ins(demo.accounts[index])


def check_sign_ins(account: dict[str, Any]) -> None:
    web = Caller({"x-aether-api-key": account["api_keys"]["publishable"]})
    for role, login in account["users"].items():
        answer = web.post("/v3/auth/login", login)
        assert answer.status == 200, answer.body
        assert role_of(web, answer.data["access"]) == (role, account["id"])
    for role, passcode in account["passcodes"].items():
        answer = web.post("/api/authenticate_passcode", {"site_id": account["site_id"], "passcode": passcode})
        assert answer.status == 200, answer.body
        assert role_of(web, answer.data["jwt"]) == (role, account["id"])


def role_of(web: Caller, token: str) -> tuple[str, str]:
    data = web.get("/v3/auth/whoami", authorization=f"Bearer {token}").data
    return data["role"], data["account_id"]


def test_bypass_key_and_super_user_reach_every_account(demo: Demo) -> None:
    ids = {account["id"] for account in demo.accounts}
    bypass = Caller({"x-aether-api-key": demo.told["bypass_key"], "x-no-account-id": "bypass"})
    assert set(bypass.get("/v3/crud/account/").ids) == ids
    free = Caller({"x-aether-api-key": demo.told["bypass_key"]})
    token = free.post("/v3/auth/login", demo.told["super"]).data["access"]
    answer = free.get("/v3/crud/account/", authorization=f"Bearer {token}", **{"x-no-account-id": "bypass"})
    assert set(answer.ids) == ids
    with every_tenant(reason="the super user belongs to no account"):
        assert User.objects.get(username=demo.told["super"]["username"]).account_id is None


@pytest.mark.parametrize("index", [0, 1])
def test_every_sample_is_there_for_its_own_account_only(demo: Demo, index: int) -> None:
    own, other = caller(demo.accounts[index], "manager"), caller(demo.accounts[1 - index], "manager")
    for name, sample in demo.accounts[index]["samples"].items():
        found = own.get(f"/v3/crud/{name}/{sample}?view=enriched")
        assert (found.status, found.data["enable"], found.data["hide"]) == (200, True, False), name
        assert other.get(f"/v3/crud/{name}/{sample}").status == 403, name


def test_visitors_read_the_samples_of_public_types(demo: Demo) -> None:
    visitor = Caller({"x-aether-api-key": demo.first["api_keys"]["publishable"]})
    statuses = {name: visitor.get(f"/v3/crud/{name}/{sample}").status for name, sample in demo.first["samples"].items()}
    assert statuses == {name: 200 if registry[name].guests else 403 for name in statuses}


def test_a_visitor_finds_the_site_by_its_name(demo: Demo) -> None:
    for account in demo.accounts:
        visitor = Caller({"x-aether-api-key": account["api_keys"]["publishable"]})
        condition = {"field": "fqdn", "op": "eq", "value": account["fqdn"]}
        answer = visitor.search("site_domain", {"and": [condition]})
        assert [(row["account_id"], row["site_id"]) for row in answer.data] == [(account["id"], account["site_id"])]


LEDGERS = ("event_badge_consent", "event_device_command")
"""Nobody changes them."""


@pytest.mark.parametrize("index", [0, 1])
def test_every_type_has_hidden_and_disabled_rows(demo: Demo, index: int) -> None:
    with tenant(account_key(demo.accounts[index])):
        hidden = {name for name, each in registry.items() if each.model.objects.filter(hide=True).exists()}
        disabled = {name for name, each in registry.items() if each.model.objects.filter(enable=False).exists()}
    assert hidden == disabled == set(registry) - {"account", *LEDGERS}


@pytest.mark.parametrize("index", [0, 1])
def test_leads_share_contact_data_as_the_attendees_decided(demo: Demo, index: int) -> None:
    with tenant(account_key(demo.accounts[index])):
        leads = EventExhibitTracking.objects.all()
        wrong = [row for row in leads if row.contact_shared != is_shared(row.event_badge_id, row.event_exhibit_id)]
        decisions = EventBadgeConsent.objects.filter(how="attendee")
        covered = {(row.share, row.event_exhibit_id is None) for row in decisions}
    assert wrong == []
    assert covered == {(share, for_all) for share in (True, False) for for_all in (True, False)}


def test_every_row_would_pass_the_api(demo: Demo) -> None:
    for account in demo.accounts:
        with tenant(account_key(account)):
            for object_type in registry.values():
                for row in object_type.model.objects.all():
                    row.full_clean(validate_unique=False, validate_constraints=False)
                    object_type.validate(row, SYSTEM)


def test_the_programme_is_full(demo: Demo) -> None:
    manager = caller(demo.first, "manager")  # who sees the leads of exhibits that did not share theirs, too
    counts = {
        name: manager.get(f"/v3/crud/{name}/?enabled=all&hidden=all&limit=1&inc_total=true").meta["total"]
        for name in (
            *("event_session", "event_presentation", "event_presenter", "event_badge"),
            *("event_exhibit", "event_exhibit_tracking", "journal_entry"),
        )
    }
    assert counts == {
        "event_session": 43,
        "event_presentation": 83,
        "event_presenter": 123,
        "event_badge": 200,
        "event_exhibit": 10,
        "event_exhibit_tracking": 300,
        "journal_entry": 62,
    }


def test_no_room_has_two_sessions_at_a_time(demo: Demo) -> None:
    for account in demo.accounts:
        with tenant(account_key(account)):
            sessions = EventSession.objects.exclude(event_location=None)
            places = list(sessions.values_list("event_location", "start_datetime"))
        assert len(places) == len(set(places))


def test_files_are_real(demo: Demo) -> None:
    for account in demo.accounts:
        with tenant(account_key(account)):
            rows = list(HostedFile.objects.filter(status="ready"))
        assert {row.content_type for row in rows} >= {"application/pdf", "image/png", "image/jpeg", "video/mp4"}
        for row in rows:
            path = demo.home / "files" / row.subdirectory_path / row.hash_sha256
            data = path.read_bytes()
            assert (sha256(data).hexdigest(), len(data)) == (row.hash_sha256, row.size)
            check_content(row.content_type, data)


def check_content(content_type: str, data: bytes) -> None:
    match content_type:
        case "application/pdf":
            with pypdfium2.PdfDocument(data) as document:
                assert len(document) >= 1
        case "video/mp4":
            assert data[4:8] == b"ftyp"
        case _:
            with Image.open(io.BytesIO(data)) as image:
                assert Image.MIME[image.format or ""] == content_type
                image.load()


def test_the_same_bytes_are_stored_once(demo: Demo) -> None:
    with every_tenant(reason="tests look at both accounts' files"):
        hashes = [row.hash_sha256 for row in HostedFile.objects.exclude(hash_sha256=None)]
    stored = [path for path in (demo.home / "files").rglob("*") if path.is_file()]
    assert sorted(path.name for path in stored) == sorted(set(hashes))
    assert len(set(hashes)) < len(hashes)


LOOKUPS = ("country", "country_subdivision", "time_zone")
NOT_FOR_MANAGERS = {
    *("post /v3/crud/account", "post /v3/crud/account/bulk", "delete /v3/crud/account/{id}"),
    *(f"{verb} /v3/lookup/{name}/{{id}}" for verb in ("patch", "delete") for name in LOOKUPS),
}
"""Accounts are made by super users, who alone change the rows that all accounts share."""


SIGNING_IN = (
    "/v3/auth/rules",
    "/v3/auth/methods",
    "/v3/auth/guest",
    "/api/authenticate_passcode",
    "/api/authenticate_exhibit",
    "/v3/auth/login",
    "/v3/auth/verify",
    "/v3/auth/whoami",
    "/v3/auth/sessions",
    "/v3/auth/refresh",
    "/v3/auth/logout",
    "/v3/auth/password/reset",
    "/v3/auth/magic_link",
)
"""In the order in which a visitor of the page can try them."""
NEEDS_MORE = {
    "/v3/auth/password/change",
    "/v3/auth/sessions/{session_id}",
    "/v3/auth/password/reset/confirm",
    "/v3/auth/magic_link/confirm",
    "/v3/auth/mfa",
    "/v3/auth/mfa/setup",
    "/v3/auth/mfa/confirm",
    "/v3/auth/invite",
    "/v3/auth/invite/accept",
}
"""Than a visitor has: a link that came by mail, an app of codes, a session, a manager's key."""


def token_of_a_badge(demo: Demo) -> str:
    """With which its holder finds who scanned it."""
    with tenant(account_key(demo.first)):
        token: str = EventBadge.objects.get(id_random=demo.first["samples"]["event_badge"]).consent_token
    return token


def first_exhibit(manager: Caller) -> str:
    """The one that the page fills in."""
    public_id: str = manager.get("/v3/crud/event_exhibit/?limit=1").ids[0]
    return public_id


def made_passcode(manager: Caller, exhibit_id: str) -> dict[str, str]:
    made = manager.post(f"/v3/action/event_exhibit/{exhibit_id}/passcodes", {"reps": ["Grace Hopper"]})
    passcode: dict[str, str] = made.data[0]
    return passcode


@pytest.mark.parametrize("prefix", ["/v3/crud/", "/v3/lookup/", "/v3/action/event"])
def test_the_examples_of_the_documentation_work(demo: Demo, prefix: str) -> None:
    """Every operation of every type, by a manager who presses "Execute"; each is undone before the next.

    What the page can't look up, they type: a badge's token, and which passcode goes.
    """
    manager = caller(demo.first, "manager")
    places = {
        "consent_token": token_of_a_badge(demo),
        "passcode_id": made_passcode(manager, first_exhibit(manager))["id"],
    }
    reader, failed, refused = Reader(manager, places=places), {}, set()
    for operation in operations(prefix):
        with transaction.atomic():
            answer = reader.execute(operation)
            transaction.set_rollback(True)
        verb, path, _ = operation
        if answer.status == 403:
            refused.add(f"{verb} {path}")
        elif answer.status not in (200, 201, 202):
            failed[f"{verb} {path}"] = f"{answer.status} {answer.body['meta']['status_message']}"
    assert failed == {}
    assert refused == {path for path in NOT_FOR_MANAGERS if path.partition(" ")[2].startswith(prefix)}


def test_the_examples_of_signing_in_work(demo: Demo) -> None:
    """By a page's visitor, who types the demo's credentials over the made-up ones."""
    page, member = caller(demo.first, "publishable"), demo.first["users"]["user"]
    del page.headers["x-account-id"]
    exhibit_id = demo.first["samples"]["event_exhibit"]
    passcode = made_passcode(caller(demo.first, "manager"), exhibit_id)["passcode"]
    typed: dict[str, Any] = {
        "/api/authenticate_passcode": {
            "site_id": demo.first["site_id"],
            "passcode": demo.first["passcodes"]["administrator"],
        },
        "/api/authenticate_exhibit": {"exhibit_id": exhibit_id, "passcode": passcode, "rep_name": "Grace Hopper"},
        "/v3/auth/login": {name: member[name] for name in ("username", "password")},
        "/v3/auth/magic_link": {"site_id": demo.first["site_id"], "email": "ada@example.org"},
    }
    places = {"site_id": demo.first["site_id"]}
    described = [*operations("/v3/auth/"), *operations("/api/")]
    assert {path for _, path, _ in described} == {*SIGNING_IN, *NEEDS_MORE}
    answers = {}
    tried = (operation for operation in described if operation[1] not in NEEDS_MORE)
    for operation in sorted(tried, key=lambda operation: SIGNING_IN.index(operation[1])):
        answers[operation[1]] = answer = Reader(page, typed.get(operation[1]), places).execute(operation)
        if operation[1] == "/v3/auth/login":
            typed |= {f"/v3/auth/{verb}": {"refresh": answer.data["refresh"]} for verb in ("refresh", "logout")}
            typed["/v3/auth/verify"] = {"token": answer.data["access"]}
        elif operation[1] == "/v3/auth/refresh":
            typed["/v3/auth/logout"] = {"refresh": answer.data["refresh"]}
    mailed = dict.fromkeys(("/v3/auth/password/reset", "/v3/auth/magic_link"), 202)
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 200) | mailed


def test_the_examples_of_files_work(demo: Demo) -> None:
    """By a manager who names a PDF, a film, or what may go; each is undone before the next."""
    manager = caller(demo.first, "manager")
    with tenant(account_key(demo.first)):
        ready = HostedFile.objects.filter(status="ready", source_hosted_file=None)
        ids = {kind: ready.filter(content_type=kind)[0].id_random for kind in ("application/pdf", "video/mp4")}
        stored = ready.filter(content_type="image/png")[0].hash_sha256
    failed = {}
    for operation in [*operations("/v3/action/hosted_file/"), *operations("/v3/mcp")]:
        verb, path, _ = operation
        chosen = ids["video/mp4" if path.endswith("clip_video") else "application/pdf"]
        with transaction.atomic():
            if verb == "delete":
                chosen = hosted(manager, b"What nothing refers to.", "notes.txt")["id"]
            answer = Reader(manager, places={"id": chosen, "sha256": stored}).execute(operation)
            transaction.set_rollback(True)
        if answer.status not in (200, 201):
            failed[f"{verb} {path}"] = f"{answer.status} {answer.body}"
    assert failed == {}


def test_the_example_of_the_upload_works(demo: Demo) -> None:
    """As multipart, like the form that /docs shows for it."""
    (_, path, _) = next(
        one for one in operations("/v3/action/hosted_file/", uploads=True) if one[1].endswith("/upload")
    )
    with transaction.atomic():
        answer = send(caller(demo.first, "manager"), multipart(("notes.txt", b"Bring water."), title="Notes"), path)
        transaction.set_rollback(True)
    assert (answer.status, answer.data["filename"]) == (201, "notes.txt")
