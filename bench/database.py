"""A MariaDB of the bench's own, in its temporary directory."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.processes import Server, clean_environment, free_port

NAME = "aether"
COLLATION = "utf8mb4_uca1400_nopad_as_ci"
INSTALL = ["--skip-test-db", "--auth-root-authentication-method=normal"]
OPTIONS = [
    "--innodb-buffer-pool-size=1G",
    "--innodb-log-file-size=512M",
    "--innodb-flush-log-at-trx-commit=2",
    "--skip-log-bin",
    "--sync-binlog=0",
    "--max-connections=200",
    "--character-set-server=utf8mb4",
    f"--collation-server={COLLATION}",
    "--performance-schema=OFF",
    "--query-cache-type=0",
    "--query-cache-size=0",
]


class MariaDb(Server):
    asked = 0

    def __init__(self, directory: Path) -> None:
        as_root = ["--user=root"] if os.getuid() == 0 else []
        data, temporary = directory / "db", directory / "tmp"
        temporary.mkdir()  # of its own: a MariaDB that starts deletes what others keep in /tmp
        port = free_port()
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        for program in ("mariadb-install-db", "mariadbd"):
            if not shutil.which(program, path=path):
                raise SystemExit(f"{program} is missing; as root: apt-get install mariadb-server-core")
        env = clean_environment() | {"PATH": path}
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *as_root, *INSTALL],
            check=True,
            env=env,
            stdout=subprocess.DEVNULL,
        )
        command = ["mariadbd", "--no-defaults", *as_root, f"--datadir={data}", f"--socket={directory}/my.sock"]
        command += [f"--pid-file={directory}/my.pid", "--bind-address=127.0.0.1", f"--port={port}"]
        command += [f"--tmpdir={temporary}", *OPTIONS]
        super().__init__("MariaDB", command, port, directory / "mariadb.log", env, directory)

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{NAME}"

    def connect(self, database: str = NAME) -> Any:
        # Here, as the linters and --help need no database driver.
        import MySQLdb

        return MySQLdb.connect(host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True)

    def create(self) -> None:
        self.wait_until_open()
        connection = self.connect(database="")
        connection.query(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE {COLLATION}")
        connection.close()

    @cached_property
    def connection(self) -> Any:
        return self.connect()

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.cursor()
        cursor.execute(sql, params or None)
        return list(cursor.fetchall()) if cursor.description else []

    def statements(self) -> int:
        """How many statements clients have sent so far, those that ask for it not counted."""
        self.asked += 1
        return int(self.query("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1]) - self.asked
