"""Backups that are damaged, of elsewhere, or made to do harm: refused, and nothing is changed."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.operations.archives import rebuilt
from tests.operations.conftest import Installation
from tests.operations.saving import command, everything, refusal, scratch_databases

pytestmark = pytest.mark.timeout(300)


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
