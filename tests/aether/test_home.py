"""An embedded installation is for its owner's eyes only, on a machine that others use too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aether.settings import ROOT


def python(home: Path, code: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment |= {"AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null", "AETHER_ENV": "development", **more}
    environment["DJANGO_SETTINGS_MODULE"] = "aether.settings"
    command = ["sh", "-c", 'umask 022; exec "$0" -c "$1"', sys.executable, code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


def open_to_others(home: Path) -> list[str]:
    paths = [home, *home.rglob("*")]
    return [str(path.relative_to(home)) for path in paths if path.stat().st_mode & 0o077]


def test_what_is_made_there_is_the_owners_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = "import django; django.setup(); from django.db import connection; connection.ensure_connection()\n"
    code += "connection.cursor().execute('create table stored_bytes (x)')"
    assert python(home, code).returncode == 0
    assert (home / "aether.sqlite3").exists()
    assert (home / "logs").exists()
    assert open_to_others(home) == []


def test_a_home_that_was_open_is_closed_and_that_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("files", "logs", "notes"):
        (home / name).mkdir(parents=True)
        (home / name).chmod(0o755)
    (home / "aether.sqlite3").touch(mode=0o644)
    (home / "link").symlink_to("/etc")
    home.chmod(0o755)
    done = python(home, "import aether.settings")
    assert f"{home} was open to other users of this machine" in done.stderr
    assert set(open_to_others(home)) == {"notes", "link"}
    again = python(home, "import aether.settings")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.parametrize("mode", [0o1777, 0o777])
def test_a_directory_for_all_and_a_service_stay_as_they_are(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    (tmp_path / "logs").mkdir()
    secret = "0123456789 a secret that is long enough to be taken, and "
    production = {
        "AETHER_ENV": "production",
        "AETHER_SECRET_KEY": f"{secret} one",
        "AETHER_API_JWT_KEY": f"{secret} two",
    }
    done = python(tmp_path, "import aether.settings", **({} if mode & 0o1000 else production))
    assert (done.returncode, done.stderr) == (0, "")
    assert tmp_path.stat().st_mode & 0o7777 == mode
