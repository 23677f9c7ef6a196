"""A command of a production install that was started without its environment works on no other database."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aether.settings import ROOT

LONG = "k9Xw2Qe7Rt4Yu1Io5Pa8Sd3Fg6Hj0KlZxCvBnM-mNbVcXzLkJhGfDsA"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the project, by links, in which a marker may stand."""
    project = tmp_path / "aether-1.2"
    project.mkdir()
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("var", "manage.py"):
            (project / path.name).symlink_to(path)
    shutil.rmtree(project / "aether", ignore_errors=True)
    (project / "aether").unlink()
    shutil.copytree(ROOT / "aether", project / "aether", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "manage.py", project)
    return project


def run(project: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    home = {"PATH": "/usr/bin:/bin", "AETHER_HOME": str(project.parent / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, *(command or ("manage.py", "migrate"))]
    return subprocess.run(
        line, cwd=project, env=home | environment, capture_output=True, text=True, timeout=100, check=False
    )


def refused(project: Path, **environment: str) -> str:
    done = run(project, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (project.parent / "home").exists()
    assert "Traceback" not in done.stderr
    assert "Nothing was touched." in done.stderr
    return done.stderr


def test_the_marker_names_the_file(installed: Path) -> None:
    (installed / ".aether-production").write_text("/etc/aether/aether.env\n")
    assert "/etc/aether/aether.env does not exist" in refused(installed)
    (installed / ".aether-production").write_text("")
    assert f"{installed}/.env does not exist" in refused(installed)


def test_a_file_that_is_named_must_say_where_the_database_is(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "aether.env"
    assert f"{file} does not exist" in refused(installed, AETHER_ENV_FILE=str(file))
    file.write_text("AETHER_ENV=development\n")
    assert f"{file} has none" in refused(installed, AETHER_ENV_FILE=str(file))


def test_production_in_the_environment_is_enough(installed: Path) -> None:
    said = refused(installed, AETHER_ENV="production", AETHER_SECRET_KEY=LONG, AETHER_API_JWT_KEY=LONG[::-1])
    assert "DATABASE_URL is not set" in said


def test_other_processes_refuse_too(installed: Path) -> None:
    (installed / ".aether-production").write_text("/etc/aether/aether.env\n")
    for code in ("import aether.wsgi", "from aether.celery import app; app.finalize(); import django; django.setup()"):
        done = run(installed, "-c", code, DJANGO_SETTINGS_MODULE="aether.settings")
        assert done.returncode == 1
        assert "This is a production install, and DATABASE_URL is not set" in done.stderr
    production = {"AETHER_ENV": "production", "AETHER_SECRET_KEY": LONG, "AETHER_API_JWT_KEY": LONG[::-1]}
    (installed / ".aether-production").unlink()
    done = run(installed, "-c", "import aether.wsgi", **production)
    assert "This is a production install, and DATABASE_URL is not set" in done.stderr


def test_with_its_environment_it_works(installed: Path, tmp_path: Path) -> None:
    (installed / ".aether-production").write_text("/etc/aether/aether.env\n")
    url = f"sqlite:///{tmp_path / 'service.sqlite3'}"
    assert run(installed, "manage.py", "check", DATABASE_URL=url).returncode == 0
    (installed / ".aether-production").unlink()
    assert run(installed, "manage.py", "check").returncode == 0  # a developer's
