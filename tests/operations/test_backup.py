"""backup_db and restore_db: nothing acknowledged is lost, nothing half-done is left (operations.md)."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from aether.settings import ROOT
from content.models import Journal, JournalEntry
from crud.models import ChangeLog
from files import store
from files.models import HostedFile
from operations.archive import opened
from operations.places import alone
from tenancy.context import every_tenant, tenant
from tests.operations.conftest import Installation

pytestmark = pytest.mark.timeout(300)
WORDS = ["😀 Möwe", "a\nb\t\\ 'quoted' \"double\" `x`", "); DROP TABLE account; --", "\x1a\x01", "e\u0301 ≠ é", " x "]


def command(name: str, *arguments: Any) -> tuple[str, str]:
    out, words = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=words)
    return out.getvalue().strip(), words.getvalue()


def refusal(name: str, *arguments: Any) -> str:
    with pytest.raises(CommandError) as caught:
        command(name, *arguments)
    assert caught.value.returncode != 0
    return str(caught.value)


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


@pytest.fixture
def full(inhabited: Any) -> Installation:
    installation, north, _ = inhabited
    with tenant(north.account.pk):
        journal = Journal(name="Log", cfg_json={"a": [1, None, "é"]})
        journal.save()
        for word in WORDS:
            JournalEntry(journal=journal, name=word, content=word * 50, latitude=0.1).save()
        late = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        JournalEntry(journal=journal, start_datetime=late).save()
        kept = store.put(b"%PDF-1.4 a file")
        HostedFile(filename="a.pdf", hash_sha256=kept.hash_sha256, size=kept.size).save()
    return installation


def add_rows(count: int = 3) -> None:
    with every_tenant(reason="tests look from outside"):
        journal = Journal.objects.get()
    with tenant(journal.account_id):
        for number in range(count):
            JournalEntry(journal=journal, name=f"Later {number}").save()


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


def shape() -> dict[str, list[Any]]:
    """Columns, indexes and constraints of every table."""
    with connection.cursor() as cursor:
        found: dict[str, list[Any]] = {}
        for name in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, name)
            found[name] = [(c.name, c.type_code, c.internal_size, c.null_ok, c.default, c.collation) for c in columns]
            found[name] += sorted(connection.introspection.get_constraints(cursor, name).items())
    return found


def test_a_backup_of_an_older_version_is_brought_up_to_date(full: Installation) -> None:
    """The version before is one without the last table of the engine."""
    call_command("migrate", verbosity=0)  # the permissions, which it looks after
    rows, tables = everything(), shape()
    call_command("migrate", "crud", "0002", verbosity=0)
    assert "lease" not in shape()
    path, _ = command("backup_db")
    call_command("migrate", verbosity=0)
    add_rows()
    _, words = command("restore_db", path, "--yes")
    assert words.splitlines()[-1] == "It is of an older version: 1 migration to go. Run: manage.py migrate"
    assert "lease" not in shape()
    call_command("migrate", verbosity=0)
    assert shape() == tables
    found = everything()
    assert {name: found[name] for name in rows if name != "django_migrations"} == {
        name: kept for name, kept in rows.items() if name != "django_migrations"
    }
    again, _ = command("migrate")
    assert "No migrations to apply." in again


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


def rebuilt(path: Path, target: Path, change: Any) -> Path:
    """The archive anew, after `change(entries, manifest)`; every hash and size fits again."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist() if name != "manifest.json"}
        manifest = json.loads(old.read("manifest.json"))
    change(entries, manifest)
    manifest["entries"] = {n: {"size": len(d), "sha256": sha256(d).hexdigest()} for n, d in entries.items()}
    with zipfile.ZipFile(target, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
        new.writestr("manifest.json", json.dumps(manifest))
    return target


def test_what_is_damaged_or_of_elsewhere_is_refused_and_changes_nothing(full: Installation, tmp_path: Path) -> None:
    path = Path(command("backup_db")[0])
    data = path.read_bytes()
    before = everything()
    bad = tmp_path / "bad.backup.zip"

    def refused(how: str) -> str:
        said = refusal("restore_db", bad, "--yes")
        assert everything() == before, how
        assert [name for name in full.backups if "before-restore" in name] == [], how
        return said

    for part in (0.0, 0.25, 0.5, 0.9, 0.999):
        bad.write_bytes(data[: int(len(data) * part)])
        assert refused(f"cut at {part}") == "Nothing was restored. It is truncated, damaged, or no archive at all."
    for place in (100, len(data) // 2, len(data) - 900):
        bad.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert refused(f"a bit flipped at {place}").startswith("Nothing was restored. ")

    engine = "sqlite" if connection.vendor == "mysql" else "mysql"
    changes: list[tuple[Any, str]] = [
        (lambda entries, m: m.update(format=2), "It was made by a newer version of Aether (3.1.0); update this one."),
        (lambda entries, m: m["migrations"].append("events/0999_more"), "It was made by a newer version, which has"),
        (lambda entries, m: m.update(engine=engine), "It holds a database of "),
        (lambda entries, m: m.update(kind="bundle"), "It is a bundle, no backup."),
        (lambda entries, m: m["tables"].update(account=7), "The "),
        (lambda entries, m: entries.update({"../../evil": b"x"}), "Its manifest is damaged."),
        (lambda entries, m: entries.pop(next(iter(entries))), "It holds no database."),
        (lambda entries, m: entries.update({f"files/{'0' * 64}": b"x"}), f"files/{'0' * 64} holds other bytes"),
    ]
    for change, words in changes:
        bad.unlink(missing_ok=True)
        rebuilt(path, bad, change)
        said = refusal("restore_db", bad, "--yes", "--no-safety-backup")
        assert said.startswith(f"Nothing was restored. {words}"), said
        assert everything() == before
    assert refusal("restore_db", tmp_path / "nowhere", "--yes").endswith("No such file or directory.")


@pytest.mark.parametrize(
    "statement",
    [
        b"\\! touch /tmp/marker",
        b"source /etc/passwd",
        b"system id",
        b"USE mysql;",
        b"CREATE USER evil@'%' IDENTIFIED BY 'x';",
        b"GRANT ALL ON *.* TO evil@'%';",
        b"SET GLOBAL general_log=1;",
        b"/*!40101 SET GLOBAL general_log=1 */;",
        b"/*!40101 SET NAMES gbk */;",
        b"SELECT 1 INTO OUTFILE '/tmp/marker';",
        b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE account;",
        b"CREATE DEFINER=root@localhost TRIGGER t BEFORE INSERT ON account FOR EACH ROW SET @a=1;",
        b"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DROP TABLE account;",
        b"DROP DATABASE mysql;",
        b"DROP TABLE IF EXISTS `mysql`.`user`;",
        b"INSERT INTO `account` VALUES\n(LOAD_FILE('/etc/passwd'));",
        b"INSERT INTO `account` VALUES\n(1,(SELECT password FROM mysql.user));",
        b"INSERT INTO `account` VALUES\n(1,'a'); DROP TABLE account;",
        b"INSERT INTO `account` VALUES\n(1,'a\\''); DROP TABLE account; -- ');",
        b"INSERT INTO `mysql`.`user` VALUES\n(1);",
        b"CREATE TABLE `x` (\n  `a` int(11) DEFAULT (load_file('/etc/passwd'))\n) ENGINE=InnoDB;",
        b"CREATE TABLE `x` (\n  `a` int(11)\n) ENGINE=InnoDB DATA DIRECTORY='/tmp';",
        b"CREATE TABLE `x` (\n  `a` int(11)\n) ENGINE=FEDERATED CONNECTION='mysql://x';",
        b"CREATE TABLE `x` (\n  `a` int(11)\n) ENGINE=InnoDB SELECT * FROM mysql.user;",
        b"CREATE TABLE `x` (\n  `a` int(11)); GRANT ALL ON *.* TO evil;\n) ENGINE=InnoDB;",
        b"-- fine\r\nGRANT ALL ON *.* TO evil@'%';",
        b"DELIMITER //",
    ],
)
def test_a_dump_says_nothing_that_mariadb_dump_does_not(statement: bytes) -> None:
    from operations.dump_lines import DumpLines, NotADump

    begin = b"-- MariaDB dump\n\nDROP TABLE IF EXISTS `x`;\n"
    passed: list[bytes] = []
    with pytest.raises(NotADump):
        passed.extend(DumpLines({}).checked(io.BytesIO(begin + statement + b"\n-- Dump completed\n")))
    assert passed == []


def test_hostile_contents_of_a_sound_archive_are_refused(full: Installation, tmp_path: Path) -> None:
    path, before = Path(command("backup_db")[0]), everything()
    marker = tmp_path / "marker"

    def poison(entries: dict[str, bytes], manifest: Any) -> None:
        if connection.vendor == "mysql":
            entries["database.sql"] = entries["database.sql"].replace(
                b"\n-- Dump completed", f"\n\\! touch {marker}\nCREATE DATABASE evil;\n-- Dump completed".encode()
            )
            return
        copy = tmp_path / "copy"
        copy.write_bytes(entries["database.sqlite3"])
        poisoned = sqlite3.connect(copy)
        poisoned.execute("CREATE TRIGGER t AFTER INSERT ON account BEGIN DELETE FROM change_log; END")
        poisoned.commit()
        poisoned.close()
        entries["database.sqlite3"] = copy.read_bytes()

    said = refusal("restore_db", rebuilt(path, tmp_path / "x.zip", poison), "--yes", "--no-safety-backup")
    assert "none that mariadb-dump writes" in said or "this service makes none" in said
    assert everything() == before
    assert not marker.exists()
    assert scratch_databases() == set()


def scratch_databases() -> set[str]:
    """Those that a restore or a hostile dump has left on the server."""
    if connection.vendor == "sqlite":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        return {name for (name,) in cursor.fetchall() if name == "evil" or "_restore_" in name or "_before_" in name}


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
    module, step = ("backup.Writer", "finish") if name == "backup_db" else ("mariadb", "_swap")
    if name == "restore_db" and connection.vendor == "sqlite":
        module, step = "sqlite", "restore"
    hook = SLOW.format(module=module, name=step).replace(
        "from operations import backup.Writer as module", "from operations.archive import Writer as module"
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


mariadb_only = pytest.mark.skipif("'mysql' not in __import__('os').environ.get('DATABASE_URL', '')", reason="MariaDB's")


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
