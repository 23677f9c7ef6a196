"""The sweep takes what nobody points at, after the grace, and nothing else, whatever goes on meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from files import store
from files.models import StoredBytes
from files.sweep import sweep
from tests.conftest import Party
from tests.files.sending import content, download, hosted, stored

pytestmark = pytest.mark.usefixtures("own_store")

LONG_AGO = timedelta(hours=25)


def age(**which: Any) -> None:
    StoredBytes.objects.filter(**which).update(touched_on=timezone.now() - LONG_AGO)


def remove(party: Party, made: dict[str, Any]) -> None:
    assert party.administrator.delete(f"/v3/action/hosted_file/{made['id']}").status == 200


def test_bytes_go_with_the_last_file_that_has_them(north: Party, south: Party, own_store: Path) -> None:
    mine, theirs = hosted(north.member, b"shared"), hosted(south.member, b"shared")
    remove(north, mine)
    age()
    assert sweep().contents == 0
    assert content(download(south.member, theirs["id"])) == b"shared"
    remove(south, theirs)
    said = "would remove 1 contents (6 bytes) and 0 drafts"
    assert (str(sweep(dry_run=True)), len(stored(own_store))) == (said, 1)
    assert (str(sweep()), stored(own_store)) == ("1 contents (6 bytes) and 0 drafts removed", [])
    assert StoredBytes.objects.count() == 0


def test_what_was_touched_lately_stays(north: Party, own_store: Path) -> None:
    remove(north, hosted(north.member, b"just removed"))
    assert sweep().contents == 0
    assert len(stored(own_store)) == 1


def test_bytes_that_an_upload_relies_on_stay(north: Party, own_store: Path) -> None:
    """The same bytes come again while the sweep looks: they were old, and now they are not."""
    remove(north, hosted(north.member, b"again"))
    age()
    store.put(b"again")  # an upload between its bytes and its row
    assert sweep().contents == 0
    assert stored(own_store) == [next(iter(StoredBytes.objects.values_list("pk", flat=True)))]


def test_what_is_named_between_look_and_removal_stays(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    from files import sweep as module

    remove(north, hosted(north.member, b"late"))
    age()
    found = module._forsaken

    def look_then_upload(before: Any) -> Any:
        for one in list(found(before)):
            made.append(hosted(north.member, b"late"))
            yield one

    made: list[dict[str, Any]] = []
    monkeypatch.setattr(module, "_forsaken", look_then_upload)
    assert sweep().contents == 0
    assert content(download(north.member, made[0]["id"])) == b"late"


def test_drafts_that_were_left_go(db: None, own_store: Path) -> None:
    incoming = own_store / "incoming"
    (incoming / "work-x").mkdir(parents=True)
    for name in ("old", "new", "work-x/page.png"):
        (incoming / name).write_bytes(b"x")
    for name in ("old", "work-x"):
        os.utime(incoming / name, (time.time() - 25 * 3_600,) * 2)
    assert sweep().drafts == 2
    assert stored(own_store) == ["new"]


def test_contents_without_a_note_get_one_and_their_grace(db: None, own_store: Path) -> None:
    kept = store.put(b"copied here")
    StoredBytes.objects.all().delete()
    assert sweep().contents == 0
    age()
    assert sweep().contents == 1
    assert kept.hash_sha256 not in stored(own_store)


def test_the_command_says_what_is_damaged(north: Party, own_store: Path, caplog: Any, capsys: Any) -> None:
    good, flipped, gone = (hosted(north.member, data) for data in (b"good", b"flipped", b"gone"))
    for made, harm in ((flipped, b"FLIPPED"), (gone, None)):
        path = own_store / made["subdirectory_path"] / made["hash_sha256"]
        path.write_bytes(harm) if harm else path.unlink()
    with pytest.raises(CommandError, match=r"files\.log names them"):
        call_command("sweep_files", verify=True)
    assert "1 damaged, 1 missing" in capsys.readouterr().out
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    expected = [f"the bytes of {flipped['hash_sha256']} are damaged", f"the bytes of {gone['hash_sha256']} are missing"]
    assert sorted(told) == sorted(expected)
    call_command("sweep_files", dry_run=True)
    assert "would remove 0 contents" in capsys.readouterr().out
    assert content(download(north.member, good["id"])) == b"good"


class Vanishing(type(Path())):  # type: ignore[misc]
    """A directory whose files are gone when somebody looks at them."""

    def glob(self, pattern: str) -> Iterator[Path]:
        yield self / "gone"


def test_an_upload_that_ends_while_the_sweep_looks(db: None, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_store / "incoming").mkdir(parents=True)
    monkeypatch.setattr(storages["files"], "drafts", Vanishing(own_store / "incoming"))
    assert sweep().drafts == 0


class Killed(BaseException):
    """What ends a process, as far as this process goes."""


@pytest.mark.parametrize("after", [True, False], ids=["bytes gone, note there", "both there"])
def test_a_sweep_that_is_killed_is_ended_by_the_next(
    north: Party, own_store: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """FILE-21."""
    kept = hosted(north.member, b"kept")
    for data in (b"one", b"two", b"three"):
        remove(north, hosted(north.member, data))
    age()
    delete = storages["files"].delete

    def killed_at(name: str) -> None:
        if after:
            delete(name)
        raise Killed

    monkeypatch.setattr(storages["files"], "delete", killed_at)
    with pytest.raises(Killed):
        sweep()
    monkeypatch.undo()
    assert StoredBytes.objects.count() == 4
    assert sweep().contents == 3
    assert (StoredBytes.objects.count(), stored(own_store)) == (1, [kept["hash_sha256"]])
    assert content(download(north.member, kept["id"])) == b"kept"


def test_two_sweeps_at_once(db: None, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the one removes while the other looks at it is no fault."""
    for data in (b"one", b"two"):
        store.put(data)
    StoredBytes.objects.all().delete()
    found = storages["files"].names

    def removed_meanwhile() -> Iterator[str]:
        for name in found():
            yield name
            (own_store / name).unlink()

    monkeypatch.setattr(storages["files"], "names", removed_meanwhile)
    assert sweep().contents == 0
    assert StoredBytes.objects.count() == 0
