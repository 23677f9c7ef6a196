"""export_db and taking bundles in: one account goes to another server whole, and nothing else with it."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Account, AccountService, User
from content.models import Journal
from crud.declare.object_type import registry
from crud.models import ChangeLog
from events.models import Event, EventDevice, EventExhibitTracking, EventFile, EventSession
from files import store
from files.models import HostedFile
from lookups.models import TimeZone
from operations import sqlite
from operations.archive import ArchiveError, opened
from operations.bundle import BundleError
from operations.bundle_import import BundleOutcome, check_bundle, take_in
from operations.bundle_origin import Terms
from tenancy.context import every_tenant, tenant
from tests.contract.factory import World
from tests.operations.archives import rebuilt
from tests.operations.conftest import Installation, clear

pytestmark = pytest.mark.timeout(300)
FILE = b"%PDF-1.4 slides of a session"


@pytest.fixture
def worlds(inhabited: Any) -> tuple[World, World]:
    _, north, south = inhabited
    found = World(north).fill(), World(south).fill()
    for world in found:
        kept = store.put(FILE + world.canary.encode())
        with tenant(world.party.account.pk):
            HostedFile.objects.exclude(hash_sha256=None).update(hash_sha256=kept.hash_sha256, size=kept.size)
            AccountService(account=world.party.account, name="novi", base="https://x.org", key="novikey1").save()
            user = world.party.users["manager"]
            user.set_password("correct horse")
            user.save()
            zone = TimeZone(account_id=world.party.account.pk, code="Europe/Berlin", group="Europe/Berlin", name="B")
            zone.save()
            derived, source = HostedFile(filename="page.png"), HostedFile(filename="slides.pdf")
            derived.save(), source.save()
            derived.source_hosted_file = source  # which comes after it in the bundle
            derived.save()
    return found


def export(*arguments: str) -> Path:
    out = io.StringIO()
    call_command("export_db", *arguments, stdout=out, stderr=io.StringIO())
    return Path(out.getvalue().strip())


def take(path: Path, terms: Terms = Terms()) -> BundleOutcome:  # noqa: B008
    with opened(path, "bundle") as archive:
        check_bundle(archive, terms)
        return take_in(archive)


def card() -> str:
    out = io.StringIO()
    call_command("trust_server", "--own", stdout=out)
    return out.getvalue()


def rows_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("rows/")}


def lines_of(path: Path, type_name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in rows_of(path)[f"rows/{type_name}.jsonl"].splitlines()]


def line_in(name: str, /, **values: Any) -> Any:
    """A change of an archive: other values in the first line of a type; of files, in the one with bytes."""

    def change(entries: dict[str, bytes], manifest: Any) -> None:
        entry = f"rows/{name}.jsonl"
        lines = [orjson.loads(line) for line in entries[entry].splitlines()]
        chosen = next((line for line in lines if line.get("hash_sha256")), lines[0])
        chosen |= values
        entries[entry] = b"".join(orjson.dumps(line) + b"\n" for line in lines)

    return change


def count_everything() -> dict[str, int]:
    with every_tenant(reason="tests count what is there"):
        return {t.name: t.model.objects.count() for t in registry.values()} | {"log": ChangeLog.objects.count()}


def test_it_holds_one_account_whole_and_no_secret(worlds: tuple[World, World]) -> None:
    north, south = worlds
    path = export("--account", north.party.id)
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for telltale in south.telltales:
        assert telltale.encode() not in everything
    user, site = north.party.users["manager"], north.rows["site"]
    secrets = [user.password, "novikey1", north.rows["event_exhibit"].passcode, *(site.passcodes or {}).values()]
    secrets += [user.password.split("$")[-1], *(key.split("_", 2)[2] for key in north.party.keys.values())]
    for secret in filter(None, secrets):
        assert secret.encode() not in everything
    with tenant(north.party.account.pk):
        for object_type in registry.values():
            ids = sorted(object_type.model.objects.values_list("id_random", flat=True))
            assert sorted(line["id"] for line in lines_of(path, object_type.name)) == ids, object_type.name
    assert FILE + north.canary.encode() in everything


def test_it_comes_up_elsewhere_under_its_ids_and_once(worlds: tuple[World, World], installation: Installation) -> None:
    north, _ = worlds
    path = export("--account", north.party.id)
    clear()
    shutil.rmtree(installation.home / "files")
    first = take(path)
    assert (first.updated, first.unchanged, first.newer) == (0, 0, 0)
    assert first.files == 1
    before = count_everything()
    second = take(path)
    assert (second.created, second.updated, second.newer) == (0, 0, 0)
    assert second.unchanged == first.created
    assert count_everything() == before
    again = export("--account", north.party.id)
    assert rows_of(again) == rows_of(path)
    with every_tenant(reason="tests look from outside"):
        file = HostedFile.objects.exclude(hash_sha256=None).first()
        assert store.path_of(file.hash_sha256).read_bytes() == FILE + north.canary.encode()
        assert {user.has_usable_password() for user in User.objects.all()} == {False}
        assert registry["account"].model.objects.count() == 1
        assert HostedFile.objects.get(filename="page.png").source_hosted_file.filename == "slides.pdf"


def test_it_goes_between_the_databases_both_ways(worlds: tuple[World, World], tmp_path: Path) -> None:
    """To a server of its own on SQLite, and what that exports comes back as it was sent."""
    north, _ = worlds
    path = export("--account", north.party.id)
    environment = {"AETHER_HOME": str(tmp_path / "site"), "AETHER_ENV_FILE": "/dev/null", "PATH": "/usr/bin:/bin"}
    on_site = Installation(tmp_path / "site", environment)
    dropped = on_site.home / "backups/import"
    dropped.mkdir(parents=True)
    shutil.copy(path, dropped)
    if connection.vendor == "sqlite":
        clear()
        sqlite.copy(on_site.home / "aether.sqlite3")  # spares its migrations
    code = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'aether.settings'; django.setup()\n"
    code += "from django.core.management import call_command as call\n"
    (tmp_path / "home.json").write_text(card())
    code += f"call('migrate', verbosity=0); call('trust_server', {str(tmp_path / 'home.json')!r})\n"
    code += "call('check_and_import', settled=0.0)"
    answer = on_site.run("export_db", "--account", north.party.id, before=code)
    assert answer.returncode == 0, answer.stderr
    back = Path(answer.stdout.strip())
    assert rows_of(back) == rows_of(path)
    assert json.loads(next((dropped / "done").glob("*.report.json")).read_text())["state"] == "done"
    clear()
    with pytest.raises(BundleError, match="The server that made it is not known here"):
        take(back)
    (tmp_path / "site.json").write_text(on_site.run("trust_server", "--own").stdout)
    call_command("trust_server", str(tmp_path / "site.json"), account=[north.party.id], stderr=io.StringIO())
    assert take(back).created > len(registry)
    assert rows_of(export("--account", north.party.id)) == rows_of(path)


def test_an_event_goes_with_what_it_refers_to_and_no_more(
    worlds: tuple[World, World], installation: Installation
) -> None:
    north, _ = worlds
    with tenant(north.party.account.pk):
        other = Event(name="Another one")
        other.save()
        EventSession(event=other, name="Elsewhere").save()
        Journal(name="Private").save()
        event = north.rows["event"]
        slides = HostedFile(filename="s.pdf", hash_sha256=store.put(b"%PDF-1 own").hash_sha256)
        slides.save()
        EventFile(event=event, hosted_file=slides).save()
        unused = HostedFile(filename="u.pdf", hash_sha256=store.put(b"%PDF-1 unused").hash_sha256)
        unused.save()
    path = export("--event", event.id_random)
    assert [line["id"] for line in lines_of(path, "event")] == [event.id_random]
    for name in ("event_session", "event_badge", "event_device", "event_exhibit_tracking", "event_presenter"):
        assert north.id(name) in {line["id"] for line in lines_of(path, name)}, name
    assert lines_of(path, "journal") == lines_of(path, "user") == lines_of(path, "post") == []
    assert "Elsewhere" not in {line["name"] for line in lines_of(path, "event_session")}
    files = {line["id"] for line in lines_of(path, "hosted_file")}
    assert slides.id_random in files
    assert unused.id_random not in files
    assert lines_of(path, "site_domain") != []
    clear()
    outcome = take(path)
    with every_tenant(reason="tests look from outside"):
        assert Event.objects.get().id_random == event.id_random
        assert outcome.created == sum(len(lines_of(path, name)) for name in [*registry, "time_zone"])
    assert take(path).created == 0


def test_the_newer_version_stays_and_own_secrets_too(worlds: tuple[World, World]) -> None:
    north, _ = worlds
    with tenant(north.party.account.pk):
        device = EventDevice.objects.first()
        device.cfg_json = {"screen": 1, "wifi": {"password": "hush-hush"}}
        device.save()
        one, two = Journal(name="One"), Journal(name="Two")
        one.save(), two.save()
    path = export("--account", north.party.id)
    assert b"hush-hush" not in rows_of(path)["rows/event_device.jsonl"]
    with tenant(north.party.account.pk):
        one.name = "Changed here"
        one.save()
        device.cfg_json = {"screen": 2, "wifi": {"password": "hush-hush"}}
        device.save()
        EventDevice.objects.filter(pk=device.pk).update(updated_on="2020-01-01T00:00:00Z")
        Journal.objects.filter(pk=two.pk).update(name="Stale", updated_on="2020-01-01T00:00:00Z")
    outcome = take(path)
    assert (outcome.created, outcome.updated, outcome.newer) == (0, 2, 1)
    with tenant(north.party.account.pk):
        assert sorted(Journal.objects.filter(pk__in=[one.pk, two.pk]).values_list("name", flat=True)) == [
            "Changed here",
            "Two",
        ]
        device.refresh_from_db()
        assert device.cfg_json == {"screen": 1, "wifi": {"password": "hush-hush"}}
    assert take(path).updated == 0
    with tenant(north.party.account.pk):
        assert north.party.users["manager"].check_password("correct horse")


def test_what_does_not_fit_is_refused_whole(worlds: tuple[World, World], tmp_path: Path) -> None:
    north, south = worlds
    path = export("--account", north.party.id)
    with tenant(north.party.account.pk):
        Journal.objects.all().update(name="As it is", updated_on="2020-01-01T00:00:00Z")
    before = count_everything()

    changes: list[tuple[Any, str]] = [
        (lambda entries, m: m.update(format=2), "newer version"),
        (lambda entries, m: entries.update({"rows/venue.jsonl": b""}), "newer version, which has rows/venue.jsonl"),
        (line_in("event", colour="red"), "'event' has a field colour"),
        (line_in("user", password="x"), "'user' has a field password"),
        (line_in("user", super=True), "'user' has a field super"),
        (line_in("event", id=south.id("event")), "Already taken: id"),
        (line_in("event_session", event_id=south.id("event")), "event_id that leads to nothing in it"),
        (line_in("event", id="../../etc"), "a line without an id"),
        (line_in("event", name="x" * 300), "It must have at most 255 characters"),
        (line_in("event", name=7), "Give a text"),
        (line_in("event", start_datetime="soon"), "ISO 8601"),
        (line_in("account", id=south.party.id), "not of one account"),
        (lambda entries, m: entries.update({"rows/event.jsonl": b"{"}), "no JSON"),
        (lambda entries, m: entries.pop("rows/account.jsonl"), "It holds no account."),
        (lambda entries, m: m.update(kind="backup"), "not a bundle"),
    ]
    for number, (change, words) in enumerate(changes):
        bad = rebuilt(path, tmp_path / f"{number}.zip", change)
        with pytest.raises((BundleError, ArchiveError)) as caught:
            take(bad, Terms(anybody=True))
        assert words in str(caught.value)
        assert count_everything() == before, words
    with tenant(north.party.account.pk):
        assert set(Journal.objects.values_list("name", flat=True)) == {"As it is"}
    assert take(path).updated > 0


REFUSED_AS_BY_THE_API: list[tuple[str, dict[str, Any], str]] = [
    ("organization", {"website": "javascript:alert(1)"}, "website: "),
    ("person", {"email": "nobody"}, "email: Enter a valid email address"),
    ("account", {"time_zone": "Mars/Base"}, "account .*, time_zone: "),
    ("contact", {"time_zone": "Mars/Base"}, "contact .*, time_zone: "),
    ("event", {"name": None}, "event .*, name: It can't be null"),
    ("event", {"name": ""}, "event .*, name: It can't be empty"),
    ("event", {"start_datetime": "2027-02-02T10:00:00Z", "end_datetime": "2027-02-01T10:00:00Z"}, "event .*: "),
    ("event_exhibit_tracking", {"rating": 101}, "rating: "),
    ("event_badge_template", {"layout_json": {"elements": 7}}, "layout_json: "),
    ("event_exhibit", {"leads_questions_json": [{"label": "no code"}]}, "Question 1: code"),
    ("event_session", {"updated_on": None}, "updated_on: "),
    ("hosted_file", {"size": 1}, "size: Its bytes are of another size"),
    ("hosted_file", {"hash_sha256": "../../etc/passwd"}, "hash_sha256: "),
    ("hosted_file", {"hash_sha256": "0" * 64}, "hash_sha256: It names bytes that it does not bring"),
    ("hosted_file_link", {"link_to_type": "venue"}, "an object of a type venue, which there is not"),
    ("time_zone", {"name": None}, "time_zone .*, name: "),
    ("time_zone", {"for_type": "event"}, "for_type and for_id go together"),
]


@pytest.mark.parametrize(("name", "values", "words"), REFUSED_AS_BY_THE_API)
@pytest.mark.parametrize("new", [False, True])
def test_it_is_held_to_the_rules_of_the_api(
    worlds: tuple[World, World], tmp_path: Path, name: str, values: dict[str, Any], words: str, new: bool
) -> None:
    """Of objects that are here, and where there is nothing yet; even a bundle that somebody trusts."""
    path = export("--account", worlds[0].party.id)
    if new:
        clear()
    before = count_everything()
    bad = rebuilt(path, tmp_path / "bad.zip", line_in(name, **values))
    with pytest.raises(BundleError, match=words):
        take(bad, Terms(anybody=True))
    assert count_everything() == before


@pytest.mark.parametrize("new", [False, True])
def test_answers_to_questions_of_their_day_are_taken_with_a_word(
    worlds: tuple[World, World], tmp_path: Path, new: bool
) -> None:
    north = worlds[0]
    path = export("--account", north.party.id)
    if new:
        clear()
    questions = [{"code": "color", "type": "choice", "options": ["red"], "required": True}]
    asks = line_in("event_exhibit", leads_questions_json=questions)
    answers = line_in("event_exhibit_tracking", responses_json={"color": "blue"}, updated_on="2099-01-01T00:00:00Z")

    def change(entries: dict[str, bytes], manifest: Any) -> None:
        asks(entries, manifest)
        answers(entries, manifest)

    old = rebuilt(path, tmp_path / "old.zip", change)
    (told,) = take(old, Terms(anybody=True)).warnings
    assert "its questions any more, and are kept as they are (color: there is no such option.)" in told
    with every_tenant(reason="tests look at what came"):
        lead = EventExhibitTracking.objects.get(id_random=lines_of(path, "event_exhibit_tracking")[0]["id"])
    assert lead.responses_json == {"color": "blue"}
    assert take(old, Terms(anybody=True)).warnings == []  # nothing of it is new


def test_it_opens_no_bytes_of_another_account(worlds: tuple[World, World], tmp_path: Path) -> None:
    """The bytes are stored once for all; a row that names their hash opens them."""
    north, south = worlds
    theirs = store.put(FILE + south.canary.encode())
    path = export("--account", north.party.id)
    claims = line_in("hosted_file", hash_sha256=theirs.hash_sha256, size=theirs.size)
    with pytest.raises(BundleError, match="It names bytes that it does not bring"):
        take(rebuilt(path, tmp_path / "a.zip", claims), Terms(anybody=True))

    def missing(entries: dict[str, bytes], manifest: Any) -> None:
        claims(entries, manifest)
        manifest["missing_files"] = [theirs.hash_sha256]

    clear()
    outcome = take(rebuilt(path, tmp_path / "b.zip", missing), Terms(anybody=True))
    assert outcome.without_bytes == 1
    with every_tenant(reason="tests look from outside"):
        account = Account.objects.get()
    with tenant(account.pk):
        assert not HostedFile.objects.filter(hash_sha256=theirs.hash_sha256).exists()
        assert HostedFile.objects.filter(status="failed", hash_sha256=None).count() == 1


def test_bytes_that_are_here_stay_where_the_other_server_lacks_them(
    worlds: tuple[World, World], tmp_path: Path
) -> None:
    north, _ = worlds
    path = export("--account", north.party.id)
    lacking = line_in("hosted_file", hash_sha256=None, status="failed", updated_on="2099-01-01T00:00:00Z")
    take(rebuilt(path, tmp_path / "a.zip", lacking), Terms(anybody=True))
    with tenant(north.party.account.pk):
        kept = HostedFile.objects.exclude(hash_sha256=None).get()
        assert (kept.status, store.path_of(kept.hash_sha256).exists()) == ("ready", True)


def test_it_hangs_files_on_nothing_of_another_account(worlds: tuple[World, World], tmp_path: Path) -> None:
    north, south = worlds
    path = export("--account", north.party.id)
    before = count_everything()
    for change in (
        line_in("hosted_file_link", link_to_type="event", link_to_id=south.id("event")),
        line_in("time_zone", id="7Qx2b9TfLm0", for_type="event", for_id=south.id("event")),
    ):
        with pytest.raises(BundleError, match="an object of type event that is another account's"):
            take(rebuilt(path, tmp_path / "a.zip", change), Terms(anybody=True))
        assert count_everything() == before


def test_super_users_of_an_account_are_left_alone(worlds: tuple[World, World], tmp_path: Path) -> None:
    north, _ = worlds
    path = export("--account", north.party.id)
    with tenant(north.party.account.pk):
        user = User.objects.get(id_random=lines_of(path, "user")[0]["id"])
        user.super = True
        user.save()
    take(
        rebuilt(path, tmp_path / "a.zip", line_in("user", email="me@evil.example", updated_on="2099-01-01T00:00:00Z")),
        Terms(anybody=True),
    )
    with tenant(north.party.account.pk):
        assert not User.objects.filter(email="me@evil.example").exists()


def test_missing_bytes_are_refused_unless_allowed(worlds: tuple[World, World], installation: Installation) -> None:
    north, _ = worlds
    with tenant(north.party.account.pk):
        known = HostedFile.objects.exclude(hash_sha256=None).first().hash_sha256
    store.path_of(known).unlink()
    with pytest.raises(CommandError, match="The bytes of 1 files are missing"):
        export("--account", north.party.id)
    assert list((installation.home / "backups").glob("*bundle*")) == []
    with opened(export("--account", north.party.id, "--allow-missing")) as archive:
        assert archive.manifest["missing_files"] == [known]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Say what: --account ID, or --event ID."),
        (["--account", "nobody"], "There is no account 'nobody'."),
        (["--event", "nowhere0000"], "There is no event 'nowhere0000'."),
    ],
)
def test_what_is_not_there_is_not_exported(inhabited: Any, arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError) as caught:
        export(*arguments)
    assert str(caught.value).startswith(complaint)


def test_an_event_of_another_account_is_not_exported(worlds: tuple[World, World]) -> None:
    with pytest.raises(CommandError, match="none of that account's"):
        export("--account", worlds[0].party.id, "--event", worlds[1].id("event"))
