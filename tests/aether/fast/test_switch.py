"""AETHER_FAST_PATHS=false is stock Django, and says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aether.settings import ROOT

ASK = """
import io, json, os
import aether.wsgi
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
def ask(path):
    head = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
        "HTTP_X_REQUEST_ID": "same"}
    answer = aether.wsgi.application(environ, lambda status, headers: head.extend([status, sorted(headers)]))
    return [*head, b"".join(answer).decode()]
from crud.rest.views import ApiView
classes = [type(aether.wsgi.application), ApiView.response_class]
print(json.dumps({
    "by_passes": [c.__module__ for c in classes] + settings.MIDDLEWARE + [settings.DATABASES["default"]["ENGINE"]],
    "answers": [ask(path) for path in ("/v3/crud/journal/", "/health/live", "/nowhere", "/v3/schema/")],
}))
"""


def told(home: Path, fast: str, url: str = "") -> dict[str, list[str]]:
    environment = {
        "PATH": os.environ["PATH"], "AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null",
        "AETHER_FAST_PATHS": fast, "DATABASE_URL": url, "AETHER_LOG_CONSOLE": "false",
        "DJANGO_SETTINGS_MODULE": "aether.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_off_nothing_of_them_is_in_use_and_the_answers_are_the_same(tmp_path: Path) -> None:
    fast, stock = told(tmp_path, "true"), told(tmp_path, "false")
    assert stock["answers"] == fast["answers"]
    assert sum(name.startswith("aether.fast") for name in fast["by_passes"]) == 3
    assert not [name for name in stock["by_passes"] if name.startswith("aether.fast")]


@pytest.mark.parametrize(("fast", "engine"), [("true", "aether.fast.mysql"), ("false", "django.db.backends.mysql")])
def test_the_driver_is_named_like_any_backend(tmp_path: Path, fast: str, engine: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from aether.settings import DATABASES; print(DATABASES['default']['ENGINE'])"],
        env={"PATH": os.environ["PATH"], "AETHER_HOME": str(tmp_path), "AETHER_ENV_FILE": "/dev/null",
             "AETHER_FAST_PATHS": fast, "DATABASE_URL": "mysql://aether@127.0.0.1/aether"},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == engine
