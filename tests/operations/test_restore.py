"""restore_db: all of a backup or nothing, however it ends (operations.md)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

from aether.settings import ROOT
from operations.archive import opened
from tests.operations.conftest import Installation
from tests.operations.saving import add_rows, command, everything, refusal, scratch_databases

pytestmark = pytest.mark.timeout(300)


def test_a_restored_database_is_the_one_that_was_saved(full: Installation) -> None:
    before = everything()
    path, words = command("backup_db", "--files")
    assert Path(path).parent == full.home / "backups"
    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert (full.home / "backups").stat().st_mode & 0o077 == 0
    with opened(Path(path)) as archive:
        assert archive.manifest["tables"] == {name: len(rows) for name, rows in before.items()}
    rows = sum(map(len, before.values()))
    assert words.splitlines()[-1] == f"Saved and verified: {len(before)} tables, {rows:,} rows, 1 files."

    add_rows()
    later = everything()
    shutil.rmtree(full.home / "files")
    _, words = command("restore_db", path, "--yes")
    assert everything() == before
    assert (full.home / "files").is_dir()
    assert words.splitlines()[-1] == f"Restored and counted: {len(before)} tables, {rows:,} rows, 1 files."

    safety = next(name for name in full.backups if "before-restore" in name)
    command("restore_db", full.home / "backups" / safety, "--yes", "--no-safety-backup")
    assert everything() == later
    call_command("check", databases=["default"])
    add_rows(1)  # ids, references and full-text indexes work on


SLOW = """
import os, sys
from operations import {module} as module
real = module.{name}
def slow(*arguments):
    print("begun", flush=True)
    sys.stdin.read()
    return real(*arguments)
module.{name} = slow
"""


@pytest.mark.parametrize("name", ["backup_db", "restore_db"])
def test_a_death_half_way_leaves_the_old_state(full: Installation, name: str) -> None:
    """Killed between the loading and the last step, and nothing but time has to be given for the next run."""
    path, _ = command("backup_db")
    add_rows()
    before, names = everything(), full.backups
    module, step = ("backup.ArchiveWriter", "finish") if name == "backup_db" else ("mariadb", "_swap")
    if name == "restore_db" and connection.vendor == "sqlite":
        module, step = "sqlite", "restore"
    hook = SLOW.format(module=module, name=step).replace(
        "from operations import backup.ArchiveWriter as module",
        "from operations.archive import ArchiveWriter as module",
    )
    arguments = [name] if name == "backup_db" else [name, path, "--yes", "--no-safety-backup"]
    code = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'aether.settings'; import django; django.setup()\n{hook}"
    code += f"\nsys.argv = {['manage.py', *arguments]!r}; import manage; manage.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=full.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"begun\n"
    assert refusal("backup_db") == "Another backup is being made now." if name == "backup_db" else True
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdin.close()
    process.stdout.close()
    assert everything() == before
    assert full.backups == names
    command("backup_db")
    command("restore_db", path, "--yes", "--no-safety-backup")
    assert not [file for file in os.listdir(full.home / "backups") if file.endswith(".part") or file[:5] == ".copy"]
    assert scratch_databases() == set()


def test_without_being_asked_nothing_goes(full: Installation) -> None:
    path, _ = command("backup_db")
    before = everything()
    answer = full.run("restore_db", path)
    assert answer.returncode != 0
    assert "give --yes if all in it may go" in answer.stderr
    _, words = command("restore_db", path, "--dry-run")
    assert words.splitlines()[-1] == "It is whole and fits. Nothing was written."
    _, words = command("backup_db", "--dry-run", "--files")
    assert words.endswith("Nothing was written.\n")
    assert everything() == before
    assert full.backups == [Path(path).name]


def test_an_empty_database_is_filled_and_not_saved(full: Installation) -> None:
    path, _ = command("backup_db")
    before = everything()
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            name = connection.settings_dict["NAME"]
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    connections.close_all()
    for file in full.home.glob("aether.sqlite3*"):
        file.unlink()
    assert refusal("backup_db").startswith("Nothing was saved. The database has no tables.")
    command("restore_db", path)
    assert everything() == before
