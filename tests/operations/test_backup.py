"""backup_db: what is saved is of one moment, and whole or not there (operations.md)."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from content.models import JournalEntry
from crud.models import ChangeLog
from files import store
from files.models import HostedFile
from operations.archive import opened
from operations.places import alone
from tenancy.context import every_tenant
from tests.operations.conftest import WORDS, Installation
from tests.operations.saving import add_rows, command, everything, refusal

pytestmark = pytest.mark.timeout(300)


def test_a_backup_under_writes_is_of_one_moment(full: Installation) -> None:
    """Each transaction writes two rows in two tables, which are not saved in the order of writing."""
    stop = threading.Event()
    done: list[int] = []

    def write() -> None:
        try:
            while not stop.is_set():
                add_rows(1)  # an entry and its line in the change log
                done.append(1)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(done) < 5:
            time.sleep(0.01)
        acknowledged = len(done)
        path, _ = command("backup_db")
    finally:
        stop.set()
        writer.join()
    assert len(done) > acknowledged, "nobody wrote meanwhile"
    command("restore_db", path, "--yes", "--no-safety-backup")
    with every_tenant(reason="tests count what is there"):
        saved = JournalEntry.objects.filter(name__startswith="Later").count()
        logged = ChangeLog.objects.filter(obj_type="journal_entry").count() - len(WORDS) - 1
    assert saved >= acknowledged
    assert logged == saved


FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"


def test_a_full_disk_leaves_the_old_backup_and_nothing_else(full: Installation) -> None:
    kept, _ = command("backup_db")
    names = sorted(os.listdir(full.home / "backups"))
    for part in (0.1, 0.9):
        limit = int(Path(kept).stat().st_size * part)
        answer = full.run("backup_db", "--files", before=FULL_DISK.format(limit=limit))
        assert answer.returncode != 0
        assert "Nothing was saved" in answer.stderr, answer.stderr
        assert sorted(os.listdir(full.home / "backups")) == names
    if connection.vendor == "sqlite":
        before = everything()
        add_rows()
        after = everything()
        limit = (full.home / "aether.sqlite3").stat().st_size // 2
        answer = full.run("restore_db", kept, "--yes", "--no-safety-backup", before=FULL_DISK.format(limit=limit))
        assert answer.returncode != 0
        assert everything() == after != before


def test_a_second_backup_waits_for_nobody(full: Installation) -> None:
    command("backup_db")
    with alone(full.home / "backups"):
        assert refusal("backup_db") == "Another backup is being made now."


def test_a_missing_file_is_told_and_all_else_saved(full: Installation) -> None:
    with every_tenant(reason="tests look from outside"):
        known = HostedFile.objects.get().hash_sha256
    store.path_of(known).write_bytes(b"damaged")
    assert refusal("backup_db", "--files") == "1 files are not in the backup; all else is."
    with opened(full.home / "backups" / full.backups[-1]) as archive:
        assert archive.manifest["missing_files"] == [known]
        archive.verify()


mariadb_only = pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB's")


@mariadb_only
def test_the_password_is_on_no_command_line(full: Installation, tmp_path: Path, monkeypatch: Any) -> None:
    password = "p\"a'ss \\w#ord;%é"
    log = tmp_path / "arguments"
    wrapper = tmp_path / "mariadb-dump"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("mariadb-dump")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER saver@localhost IDENTIFIED BY %s", [password])
        cursor.execute("GRANT ALL ON *.* TO saver@localhost")
    monkeypatch.setitem(connection.settings_dict, "USER", "saver")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", password)
    command("backup_db")
    assert "--defaults-file=" in log.read_text()
    assert 'p"a' not in log.read_text()
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "wrong")
    names = full.backups
    said = refusal("backup_db")
    assert "Access denied" in said
    assert "wrong" not in said
    monkeypatch.setitem(connection.settings_dict, "NAME", "nowhere")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", password)
    assert "Unknown database" in refusal("backup_db")
    assert full.backups == names
