"""Whose bundles are taken in: this server's, those of servers that it was told to trust, and others when told so."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from content.models import Journal
from operations import server_keys
from operations.drop_folder import work_off
from operations.places import dropped
from operations.server_keys import trusted
from tenancy.context import tenant
from tests.conftest import Party
from tests.operations.archives import rebuilt
from tests.operations.conftest import Installation
from tests.operations.test_bundle import export

OTHER_SECRET = "another server's secret, which is as long as it has to be: 0123456789"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def north(inhabited: Any, installation: Installation) -> Party:
    shutil.rmtree(installation.home / "trusted_servers", ignore_errors=True)
    shutil.rmtree(dropped())
    found: Party = inhabited[1]
    with tenant(found.account.pk):
        Journal(name="As it was sent").save()
    return found


def sent_by_another(party: Party) -> Path:
    with override_settings(SECRET_KEY=OTHER_SECRET):
        path = export("--account", party.id)
    with tenant(party.account.pk):
        Journal.objects.update(name="As it is here", updated_on="2020-01-01T00:00:00Z")
    return path


def card_of_another(directory: Path, name: str = "home") -> str:
    out = io.StringIO()
    with override_settings(SECRET_KEY=OTHER_SECRET):
        call_command("trust_server", "--own", "--name", name, stdout=out)
    file = directory / "card.json"
    file.write_text(out.getvalue())
    return str(file)


def trust_server(*arguments: str) -> str:
    words = io.StringIO()
    call_command("trust_server", *arguments, stdout=words, stderr=words)
    return words.getvalue()


def take(path: Path, *arguments: str) -> str:
    """Drops it, takes it in, and answers what is said, of a failure too."""
    shutil.copy(path, dropped() / path.name)
    os.utime(dropped() / path.name, (time.time() - 60,) * 2)
    words = io.StringIO()
    try:
        call_command("check_and_import", *arguments, stdout=words, stderr=words)
    except CommandError:
        assert (dropped() / "failed").is_dir()
    return words.getvalue()


def names(party: Party) -> list[str]:
    with tenant(party.account.pk):
        return list(Journal.objects.values_list("name", flat=True))


def test_its_own_is_taken(north: Party) -> None:
    assert ": done: 0 made" in take(export("--account", north.id))


def test_an_unknown_servers_is_put_aside_until_it_is_trusted(north: Party, tmp_path: Path) -> None:
    path = sent_by_another(north)
    with override_settings(SECRET_KEY=OTHER_SECRET):
        key = server_keys.own().fingerprint
    said = take(path)
    assert f"failed: The server that made it is not known here: its key is {key}. `manage.py trust_server FILE`" in said
    assert names(north) == ["As it is here"]
    assert trust_server(card_of_another(tmp_path)) == f"Bundles of any account are taken from home, key {key}.\n"
    assert ": done: " in take(path)
    assert names(north) == ["As it was sent"]
    assert trust_server("--list") == f"{key}  home  any account\n"
    assert trust_server("--remove", "home") == "No longer trusted: home.\n"
    assert "is not known here" in take(path)


def test_an_unsigned_one_needs_a_word_of_trust(north: Party, tmp_path: Path) -> None:
    path = rebuilt(sent_by_another(north), tmp_path / "unsigned.bundle.zip", lambda entries, manifest: None)
    assert "failed: It is not signed: nobody can say which server made it." in take(path)
    assert names(north) == ["As it is here"]
    assert ": done: " in take(path, "--trust")
    assert names(north) == ["As it was sent"]


def test_the_import_folder_takes_anybodys_where_the_settings_say_so(north: Party) -> None:
    path = sent_by_another(north)
    shutil.copy(path, dropped() / path.name)
    with override_settings(AETHER_BUNDLE_TRUST="any"):
        (report,) = work_off(settled=0)
    assert report.state == "done"
    assert names(north) == ["As it was sent"]


def test_one_that_was_changed_after_it_was_signed_is_refused(north: Party, tmp_path: Path) -> None:
    path = sent_by_another(north)
    trust_server(card_of_another(tmp_path))

    def change(entries: dict[str, bytes], manifest: Any) -> None:
        entries["rows/journal.jsonl"] = entries["rows/journal.jsonl"].replace(b"As it was sent", b"As I want it..")

    changed = rebuilt(path, tmp_path / "changed.bundle.zip", change)
    with zipfile.ZipFile(path) as signed, zipfile.ZipFile(changed, "a") as forged:
        forged.comment = signed.comment
    assert "failed: It was changed after it was signed." in take(changed)
    for comment in (b"{}", b"signed, honestly", b'{"public_key": "AAAA", "signature": "AAAA"}', b"\xff"):
        with zipfile.ZipFile(changed, "a") as forged:
            forged.comment = comment
        assert "failed: It was changed after it was signed." in take(changed)
    assert names(north) == ["As it is here"]


def test_a_server_may_be_held_to_some_accounts(north: Party, inhabited: Any, tmp_path: Path) -> None:
    path = sent_by_another(north)
    south: Party = inhabited[2]
    trust_server(card_of_another(tmp_path), "--account", south.account.code, "--account", "7Qx2b9TfLm0")
    assert f"failed: home may not bring the account {north.id} here, but {south.id} 7Qx2b9TfLm0." in take(path)
    trust_server(card_of_another(tmp_path), "--account", north.id)  # the new word holds
    assert ": done: " in take(path)


@pytest.mark.parametrize("trusting", [[], ["--trust"]])
def test_an_import_may_be_held_to_one_account(north: Party, inhabited: Any, trusting: list[str]) -> None:
    south: Party = inhabited[2]
    path = export("--account", north.id)
    said = take(path, "--account", south.id, *trusting)
    assert f"failed: It is of the account {north.id}, and only {south.id} is taken in." in said
    assert ": done: " in take(path, "--account", north.account.code, *trusting)
    sheet = dropped().parent / f"journal.{north.id}.csv"
    sheet.write_bytes(b"name\nFrom a sheet\n")
    assert "is taken in." in take(sheet, "--account", south.id, *trusting)
    assert ": done: " in take(sheet, "--account", north.id, *trusting)


def test_a_dry_run_tells_whose_would_be_taken(north: Party) -> None:
    path = sent_by_another(north)
    assert "would not be taken in. The server that made it is not known here" in take(path, "--dry-run")
    assert "bundle.zip: would be taken in" in take(path, "--dry-run", "--trust")
    assert names(north) == ["As it is here"]


def test_a_card_holds_no_secret_and_is_for_nobodys_eyes_but_the_owners(north: Party, tmp_path: Path) -> None:
    file = card_of_another(tmp_path, "the server (home)")
    assert json.loads(Path(file).read_text()).keys() == {"aether_server", "public_key"}
    assert "Nothing was written." in trust_server(file, "--dry-run")
    assert list(trusted()) == []
    trust_server(file)
    (kept,) = (dropped().parents[1] / "trusted_servers").iterdir()
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        ("", "It is no card of a server"),
        ("[]", "It is no card of a server"),
        ('{"aether_server": "x", "public_key": "AAAA"}', "It is no card of a server"),
        ('{"aether_server": "../x", "public_key": "%s"}', "The server's name on it is not one"),
        ('{"aether_server": 7, "public_key": "%s"}', "The server's name on it is not one"),
        ('{"aether_server": "x", "public_key": "%s"}', "It is this server's own card"),
        (None, "Cannot read"),
    ],
)
def test_what_is_no_card_is_refused(north: Party, tmp_path: Path, card: str | None, complaint: str) -> None:
    if card is not None:
        (tmp_path / "x").write_text(card % server_keys.own().public_key if "%s" in card else card)
    with pytest.raises(CommandError, match=complaint):
        trust_server(str(tmp_path / "x"))
    assert trusted() == []


def test_names_that_nobody_has_are_told(north: Party, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No server 'x' is trusted here"):
        trust_server("--remove", "x")
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        trust_server(card_of_another(tmp_path), "--account", "nobody")
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("check_and_import", account="nobody")
