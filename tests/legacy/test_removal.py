"""The app is removed as docs/migrating_from_v2.md says: a folder, a line of urls, a line of settings. V3 goes on."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aether.settings import ROOT
from tests.architecture.test_settings_documented import start

APPS = sorted(place.parent.name for place in ROOT.glob("*/__init__.py") if place.parent.name not in ("legacy", "tests"))
ASK_V3 = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
from accounts.models import Account, ApiKey
from tenancy.context import every_tenant
with every_tenant(reason="a test makes an account"):
    account = Account(code="a", name="A")
    account.save()
key = ApiKey.issue(name="k", role="manager", accounts=[account])[1]
settings.ALLOWED_HOSTS = ["testserver"]
headers = {"x-aether-api-key": key, "x-account-id": account.id_random}
made = Client(headers=headers).post("/v3/crud/journal/", {"name": "J"}, "application/json")
paths = ("/v3/crud/journal/", "/v2/crud/journal/list", "/crud/journal/list", "/crud/site/domain/x.org", "/")
print(json.dumps([made.status_code, *(Client(headers=headers).get(path).status_code for path in paths)]))
"""


def without_line(file: Path, text: str) -> None:
    lines = file.read_text().splitlines(keepends=True)
    kept = [line for line in lines if text not in line]
    assert len(lines) - len(kept) == 1, f"{file.name} names {text} {len(lines) - len(kept)} times"
    file.write_text("".join(kept))


@pytest.mark.timeout(300)
def test_without_the_app_v3_goes_on(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "manage.py", project)
    for app in APPS:
        shutil.copytree(ROOT / app, project / app, ignore=shutil.ignore_patterns("__pycache__"))
    without_line(project / "aether/urls.py", '"legacy.urls"')
    without_line(project / "aether/settings.py", '    "legacy",')
    environment = {
        "AETHER_HOME": str(tmp_path / "home"),
        "AETHER_ENV_FILE": "/dev/null",
        "DJANGO_SETTINGS_MODULE": "aether.settings",
        "PATH": "/usr/bin:/bin",
    }
    (tmp_path / "home").mkdir()

    def run(*arguments: str) -> str:
        command = [sys.executable, "-W", "error::ImportWarning", *arguments]
        answer = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    assert "no issues" in run("manage.py", "check")
    assert run("manage.py", "makemigrations", "--check", "--dry-run") == "No changes detected\n"
    assert "legacy" not in run("manage.py", "migrate")
    assert run("-c", ASK_V3).splitlines()[-1] == "[201, 200, 404, 404, 404, 404]"


def test_no_other_app_imports_it() -> None:
    found = []
    for file in (file for app in APPS for file in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                found += [file for name in (node.module or "",) if name.split(".")[0] == "legacy"]
            elif isinstance(node, ast.Import):
                found += [file for name in node.names if name.name.split(".")[0] == "legacy"]
    assert found == []


def test_the_settings(tmp_path: Path) -> None:
    code = "print(s.AETHER_LEGACY, s.AETHER_LEGACY_SUNSET)"
    assert start(tmp_path, code).stdout == "True None\n"
    assert start(tmp_path, code, AETHER_LEGACY="off", AETHER_LEGACY_SUNSET="2027-06-30").stdout == "False 2027-06-30\n"
    for name, value in (("AETHER_LEGACY", "perhaps"), ("AETHER_LEGACY_SUNSET", "soon")):
        answer = start(tmp_path, code, **{name: value})
        assert answer.returncode != 0
        assert f"{name} must be" in answer.stderr.splitlines()[-1]
