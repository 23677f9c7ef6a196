"""check_and_import: what is dropped into backups/import/ is taken in once (operations.md)."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from events.models import Event
from operations import drop_folder
from operations.places import alone, dropped
from tenancy.context import every_tenant, tenant
from tests.conftest import Party
from tests.operations.conftest import clear


@pytest.fixture
def drop(inhabited: Any) -> Callable[..., Path]:
    """Puts a file into the folder; it has rested for a minute."""
    shutil.rmtree(dropped())

    def put(name: str, data: bytes, rested: float = 60) -> Path:
        path = dropped() / name
        path.write_bytes(data)
        os.utime(path, (time.time() - rested,) * 2)
        return path

    return put


def run(*arguments: str) -> str:
    words = io.StringIO()
    call_command("check_and_import", *arguments, stdout=words, stderr=words)
    return words.getvalue()


def failing() -> str:
    with pytest.raises(CommandError) as caught:
        run()
    return str(caught.value)


def reports(state: str) -> list[Any]:
    return [json.loads(file.read_text()) for file in sorted((dropped() / state).glob("*.report.json"))]


def waiting() -> list[str]:
    return sorted(path.name for path in dropped().iterdir() if path.is_file() and path.name != ".lock")


def names(party: Party) -> list[str]:
    with tenant(party.account.pk):
        return sorted(Event.objects.values_list("name", flat=True))


def test_a_spreadsheet_is_taken_in_and_put_away(drop: Any, inhabited: Any) -> None:
    _, north, south = inhabited
    drop(f"event.{north.id}.may.csv", b"code,name\nA,One\n")
    drop(f"event.{south.id}.csv", b"code,name\nA,Theirs\n")
    run()
    assert (names(north), names(south)) == (["One"], ["Theirs"])
    assert waiting() == []
    assert [report["state"] for report in reports("done")] == ["done", "done"]
    assert [report["said"][-1] for report in reports("done")] == ["event: 1 made, 0 changed, 0 as they were."] * 2
    kept = [path for path in (dropped() / "done").iterdir() if path.suffix == ".csv"]
    assert len(kept) == 2
    assert run() == "Nothing waits.\n"


def test_a_bad_one_is_put_aside_with_the_reasons_and_the_others_go_on(drop: Any, inhabited: Any) -> None:
    _, north, _ = inhabited
    drop(f"event.{north.id}.bad.csv", b"code,name,sort\nA,,many\nB,Fine,1\n", rested=90)
    drop(f"event.{north.id}.good.csv", b"code,name\nC,Good\n")
    assert failing().startswith(f"Not taken in: event.{north.id}.bad.csv.")
    assert names(north) == ["Good"]
    (report,) = reports("failed")
    assert report["said"] == [
        "row 2, sort: Give a whole number. The cell says “many”.",
        "row 2, name: It is required.",
    ]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("event.csv", b"name\nA\n", "Name it <type>.<account id>"),
        ("evnt.ID.csv", b"name\nA\n", "There is no object type 'evnt'. Known: account, "),
        ("event.nobody.csv", b"name\nA\n", "There is no account 'nobody'."),
        ("event.ID.ods", b"name\nA\n", "Taken are bundles and backups"),
        ("dump.sql", b"DROP TABLE account;", "A dump in SQL may hold any statement"),
        ("dump.sql.gz", b"\x1f\x8b cut", "A dump in SQL may hold any statement"),
        ("x.zip", b"PK\x03\x04 cut", "It is truncated, damaged, or no archive at all."),
        ("event.ID.xlsx", b"PK\x03\x04 cut", "The file is no workbook that can be read"),
        ("account.ID.csv", b"code,name\nA,B\n", "Accounts are not made or changed by an import."),
        ("hosted_file.ID.csv", b"filename\nA\n", "You may not create 'hosted_file'."),
        ("..\u202eevent.ID.csv", b"name\nA\n", None),
    ],
)
def test_what_is_nothing_of_ours_fails_with_a_reason(
    drop: Any, inhabited: Any, name: str, data: bytes, said: Any
) -> None:
    _, north, _ = inhabited
    drop(name.replace("ID", north.id), data)
    if said is None:
        assert run() == "Nothing waits.\n"  # a hidden file
        return
    failing()
    (report,) = reports("failed")
    assert report["said"][0].startswith(said)
    assert waiting() == names(north) == []


def test_what_is_still_on_its_way_is_left(drop: Any, inhabited: Any) -> None:
    _, north, _ = inhabited
    drop(f"event.{north.id}.csv", b"code,na", rested=2)
    drop(f"event.{north.id}.b.csv.part", b"code,na")
    drop(f".event.{north.id}.csv", b"code,na")
    (dropped() / "event.folder.csv").mkdir()
    left = "left alone for now, as it may still be copied (--settled).\n"
    told = f"event.{north.id}.b.csv.part: {left}event.{north.id}.csv: {left}"
    assert run() == told
    assert run("--dry-run") == f"{told}Nothing was written.\n"
    assert len(waiting()) == 3


def test_a_link_is_not_followed(drop: Any, inhabited: Any, tmp_path: Path) -> None:
    _, north, _ = inhabited
    secret = tmp_path / "secret.csv"
    secret.write_text("name\nsecret\n")
    link = dropped() / f"event.{north.id}.csv"
    link.symlink_to(secret)
    os.utime(link, (time.time() - 60,) * 2, follow_symlinks=False)
    failing()
    assert reports("failed")[0]["said"] == ["It is a link or no file."]
    assert names(north) == []
    assert secret.exists()


def test_the_same_file_is_taken_in_once(drop: Any, inhabited: Any) -> None:
    """Rows without a code are new objects each time: a file that comes again, or was not moved in time, is known."""
    _, north, south = inhabited
    for name in (f"event.{north.id}.csv", f"event.{north.id}.copy.csv", f"event.{south.id}.csv"):
        drop(name, b"name\nOne\n")
    run()
    assert (names(north), names(south)) == (["One"], ["One"])
    assert sum("imported" in report["said"][0] for report in reports("done")) == 1


def test_two_at_once_do_not_meet(drop: Any, inhabited: Any) -> None:
    _, north, _ = inhabited
    drop(f"event.{north.id}.csv", b"name\nOne\n")
    with alone(dropped()):
        assert run() == "Another process is taking them in.\n"
    assert names(north) == []
    run()
    assert names(north) == ["One"]


def test_a_file_stays_while_the_database_is_away(drop: Any, inhabited: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, north, _ = inhabited
    name = f"event.{north.id}.csv"
    drop(name, b"name\nOne\n")

    def away(*arguments: Any) -> Any:
        raise OperationalError(2013, "Lost connection")

    with monkeypatch.context() as patch:
        patch.setattr(drop_folder, "find_account", away)
        assert failing().endswith("What is left stays there.")
    assert waiting() == [name]
    run()
    assert names(north) == ["One"]


def test_a_dry_run_only_tells(drop: Any, inhabited: Any) -> None:
    _, north, _ = inhabited
    drop(f"event.{north.id}.csv", b"name\nOne\n")
    drop("x.txt", b"")
    said = run("--dry-run").splitlines()
    assert sorted(said)[:2] == ["Nothing was written.", f"event.{north.id}.csv: would be taken in"]
    assert len(waiting()) == 2


def test_a_backup_fills_an_installation_without_accounts_only(drop: Any, inhabited: Any) -> None:
    out = io.StringIO()
    call_command("backup_db", stdout=out, stderr=io.StringIO())
    data = Path(out.getvalue().strip()).read_bytes()
    drop("all.zip", data)
    failing()
    assert reports("failed")[0]["said"][0].startswith("This installation holds accounts.")
    clear()
    drop("all.zip", data)
    run()
    assert reports("done")[0]["said"][0].startswith("Restored: ")
    with every_tenant(reason="tests look from outside"):
        assert inhabited[1].account.__class__.objects.count() == 2
