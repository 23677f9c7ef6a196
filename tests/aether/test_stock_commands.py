"""Every command that is installed works here, or says in a sentence why not: Django's own know no account."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command, get_commands

from accounts.models import User
from aether.settings import ROOT
from tenancy.context import every_tenant
from tests.conftest import Party

PASSWORD = "correct horse battery"
ARGUMENTS: dict[str, tuple[list[str], int, str]] = {
    "check": ([], 0, "no issues"),
    "clearsessions": ([], 0, ""),
    "createcachetable": ([], 0, ""),
    "diffsettings": ([], 0, "AUTH_USER_MODEL"),
    "dumpdata": (["accounts.account"], 0, "[]"),
    "findstatic": (["crud/admin.js"], 0, "Found"),
    "flush": (["--noinput"], 0, ""),
    "generateschema": ([], 1, "/v3/schema/"),
    "inspectdb": (["turn"], 0, "class Turn"),
    "loaddata": (["/nowhere/at-all.json"], 1, "No fixture"),
    "makemigrations": (["--check", "--dry-run"], 0, "No changes"),
    "optimizemigration": (["accounts", "0001", "--check"], 0, ""),
    "remove_stale_contenttypes": (["--noinput"], 0, ""),
    "sendtestemail": (["a@example.org"], -1, ""),
    "shell": (["--no-imports", "-c", "print('here')"], 0, "here"),
    "showmigrations": (["tenancy"], 0, "tenancy"),
    "sqlflush": ([], 0, "DELETE FROM"),
    "sqlmigrate": (["crud", "0002"], 0, "turn"),
    "sqlsequencereset": (["accounts"], 0, ""),
    "startapp": (["sample", "/nowhere"], 1, "does not exist"),
    "startproject": (["sample", "/nowhere"], 1, "does not exist"),
    "squashmigrations": (["crud", "9999", "--noinput"], 1, "Cannot find a migration"),
    "testserver": (["--noinput", "/nowhere/at-all.json"], 1, "No fixture"),
}
"""Command of Django or a library → arguments, exit code (-1: either), and what it says."""
ELSEWHERE = {
    *("createsuperuser", "changepassword"),  # below
    *("collectstatic", "migrate"),  # tests/operations/test_preparation.py
    *("makemessages", "compilemessages", "dbshell"),  # programs of their own: gettext, the database's client
    *("runserver", "test"),  # `serve` and pytest are this project's
}
OURS = {"accounts", "aether", "crud", "demo", "events", "files", "legacy", "lookups", "mail", "operations", "realtime"}


def test_each_is_run_by_a_test() -> None:
    stock = {name for name, app in get_commands().items() if app not in OURS}
    replaced = {path.stem for path in (ROOT / "aether/management/commands").glob("[a-z]*.py")}
    assert stock - set(ARGUMENTS) - ELSEWHERE == set()
    assert (set(ARGUMENTS) | ELSEWHERE) - stock - replaced - {"migrate"} == set()


RUN_ALL = """
import contextlib, io, json, sys, traceback
from django.core.management import ManagementUtility
answers = {}
for name, arguments in json.loads(sys.argv[1]).items():
    said, code = io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            ManagementUtility(["manage.py", name, *arguments]).execute()
        except SystemExit as error:
            code = error.code or 0
        except BaseException:
            code = traceback.format_exc()
    answers[name] = [code, said.getvalue()]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, str]]:
    """What each command ended with, and said: in one process of its own, on a database of its own, as each starts
    slowly."""
    given = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    given |= {"AETHER_HOME": str(tmp_path_factory.mktemp("home")), "AETHER_ENV_FILE": "/dev/null"}
    given |= {"DJANGO_SETTINGS_MODULE": "aether.settings"}
    arguments = {"migrate": ["-v0"]} | {name: arguments for name, (arguments, _, _) in ARGUMENTS.items()}
    command = [sys.executable, "-c", RUN_ALL, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[Any, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ARGUMENTS)
def test_it_works_or_says_why_not(answers: dict[str, tuple[Any, str]], name: str) -> None:
    _, expected, words = ARGUMENTS[name]
    code, said = answers[name]
    assert code in ((0, 1) if expected == -1 else (expected,)), said
    assert "Traceback" not in said
    assert words in said


# The two for users


def make(monkeypatch: pytest.MonkeyPatch, **options: Any) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    said = io.StringIO()
    call_command("createsuperuser", interactive=False, stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_the_first_user_of_a_fresh_server_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make(monkeypatch, username="root1", email="Root@Example.org") == "Superuser created successfully.\n"
    with every_tenant(reason="a test"):
        user = User.objects.get()
    assert (user.username, user.super, user.account_id, user.is_staff) == ("root1", True, None, True)
    assert user.check_password(PASSWORD)
    assert authenticate(username="root1", password=PASSWORD) == user


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"username": "root1"}, "already taken"),
        ({"username": "root2", "email": "root@example.org"}, "Another user has this address"),
        ({"username": "root2", "email": "nobody"}, "Enter a valid email address"),
        ({"username": ""}, "cannot be blank"),
        ({}, "You must use --username"),
        ({"username": "x" * 151}, "at most 150"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, str], words: str
) -> None:
    make(monkeypatch, username="root1", email="root@example.org")
    with pytest.raises(CommandError, match=words):
        make(monkeypatch, **options)
    with every_tenant(reason="a test"):
        assert User.objects.count() == 1


@pytest.mark.django_db
def test_anybodys_password_is_changed(monkeypatch: pytest.MonkeyPatch, north: Party) -> None:
    with every_tenant(reason="a test"):
        user = User(username="ada", account=north.account)
        user.set_password("another horse battery")
        user.save()
    monkeypatch.setattr("getpass.getpass", lambda prompt="": PASSWORD)
    call_command("changepassword", "ada", stdout=io.StringIO())
    with every_tenant(reason="a test"):
        assert User.objects.get(username="ada").check_password(PASSWORD)
    with pytest.raises(CommandError, match="'nobody' does not exist"):
        call_command("changepassword", "nobody")
