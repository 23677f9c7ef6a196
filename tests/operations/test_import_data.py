"""`manage.py import_data`, as somebody at a terminal meets it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from events.models import Event
from tenancy.context import tenant
from tests.conftest import Party


def run(*arguments: Any) -> str:
    words = io.StringIO()
    call_command("import_data", *map(str, arguments), stdout=words, stderr=words)
    return words.getvalue()


def names(party: Party) -> list[str]:
    with tenant(party.account.pk):
        return sorted(Event.objects.values_list("name", flat=True))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "events.csv"
    found.write_text("Title,code,starts\nAnnual meeting,AM,2026-05-01 09:00\nGala,G,soon\n")
    return found


MAPPED = ("--map", "Title=name", "starts=start_datetime")


def test_rows_become_objects(north: Party, south: Party, file: Path) -> None:
    file.write_text(file.read_text().replace("soon", ""))
    said = run("event", file, "--account", "north", *MAPPED, "--set", "type_code=congress")
    assert said.splitlines()[-1] == "event: 2 made, 0 changed, 0 as they were."
    assert (names(north), names(south)) == (["Annual meeting", "Gala"], [])
    with tenant(north.account.pk):
        assert set(Event.objects.values_list("type_code", flat=True)) == {"congress"}


def test_a_dry_run_writes_nothing(north: Party, file: Path) -> None:
    with pytest.raises(CommandError, match="1 problem; nothing was written"):
        run("event", file, "--account", north.id, *MAPPED, "--dry-run")
    file.write_text(file.read_text().replace("soon", ""))
    said = run("event", file, "--account", north.id, *MAPPED, "--dry-run")
    assert said.splitlines()[-1] == "Would make 2, change 0 and leave 0 as they are. Nothing was written."
    assert names(north) == []


def test_partial_writes_what_is_right_and_still_fails(north: Party, file: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run("event", file, "--account", north.id, *MAPPED, "--partial")
    assert str(caught.value) == "1 of 2 rows of events.csv were left out, for the reasons above."
    assert names(north) == ["Annual meeting"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["evnt", "{file}", "--account", "north"], "There is no object type 'evnt'."),
        (["event", "{file}", "--account", "nobody"], "There is no account 'nobody'."),
        (["event", "nowhere.csv", "--account", "north"], "Cannot read nowhere.csv: No such file or directory."),
        (["event", "{file}", "--account", "north"], "2 problems; nothing was written."),
        (["event", "{file}", "--account", "north", "--map", "name"], "--map takes NAME=VALUE, not 'name'."),
        (["hosted_file", "{file}", "--account", "north"], "You may not create 'hosted_file'. Nothing was written."),
    ],
)
def test_what_does_not_fit_is_refused(north: Party, file: Path, arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(*(argument.format(file=file) for argument in arguments))
    assert str(caught.value).startswith(complaint)
    assert names(north) == []


def test_a_sheet_is_named_or_counted(north: Party, tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Cover"
    book.create_sheet("Programme").append(["name"])
    book["Programme"].append(["From the second sheet"])
    book.save(tmp_path / "events.xlsx")
    for sheet in ("programme", "2"):
        said = run("event", tmp_path / "events.xlsx", "--account", north.id, "--sheet", sheet, "--dry-run")
        assert "Would make 1" in said
        assert "The sheet “Programme” is read; not read: Cover." in said
    with pytest.raises(CommandError, match="1 problem; nothing was written"):
        run("event", tmp_path / "events.xlsx", "--account", north.id, "--sheet", "3")
