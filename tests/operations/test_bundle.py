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

from accounts.models import AccountService, User
from content.models import Journal
from crud.declare.object_type import registry
from crud.models import ChangeLog
from events.models import Event, EventDevice, EventFile, EventSession
from files import store
from files.models import HostedFile
from lookups.models import TimeZone
from operations import sqlite
from operations.archive import ArchiveError, opened
from operations.bundle import BundleError
from operations.bundle_import import Outcome, check_bundle, take_in
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


def take(path: Path) -> Outcome:
    with opened(path, "bundle") as archive:
        check_bundle(archive)
        return take_in(archive)


def rows_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("rows/")}


def lines_of(path: Path, type_name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in rows_of(path)[f"rows/{type_name}.jsonl"].splitlines()]


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
    code += "call('migrate', verbosity=0); call('check_and_import', settled=0.0)"
    answer = on_site.run("export_db", "--account", north.party.id, before=code)
    assert answer.returncode == 0, answer.stderr
    back = Path(answer.stdout.strip())
    assert rows_of(back) == rows_of(path)
    assert json.loads(next((dropped / "done").glob("*.report.json")).read_text())["state"] == "done"
    clear()
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

    def line_in(name: str, /, **values: Any) -> Any:
        def change(entries: dict[str, bytes], manifest: Any) -> None:
            entry = f"rows/{name}.jsonl"
            first, *rest = entries[entry].splitlines()
            entries[entry] = b"\n".join([orjson.dumps(orjson.loads(first) | values), *rest]) + b"\n"

        return change

    changes: list[tuple[Any, str]] = [
        (lambda entries, m: m.update(format=2), "newer version"),
        (lambda entries, m: entries.update({"rows/venue.jsonl": b""}), "newer version, which has rows/venue.jsonl"),
        (line_in("event", colour="red"), "'event' has a field colour"),
        (line_in("user", password="x"), "'user' has a field password"),
        (line_in("user", super=True), "'user' has a field super"),
        (line_in("event", id=south.id("event")), "Already taken: id"),
        (line_in("event_session", event_id=south.id("event")), "event_id that leads to nothing in it"),
        (line_in("event", id="../../etc"), "a line without an id"),
        (line_in("event", name="x" * 300), "At most 255 characters"),
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
            take(bad)
        assert words in str(caught.value)
        assert count_everything() == before, words
    with tenant(north.party.account.pk):
        assert set(Journal.objects.values_list("name", flat=True)) == {"As it is"}
    assert take(path).updated > 0


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
