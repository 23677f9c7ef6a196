"""`.env.example` and the settings name the same variables."""

import re
import subprocess
import sys
from itertools import pairwise

import pytest
from django.conf import settings

from aether import secrets
from aether.settings import ROOT, read

EXAMPLE = (ROOT / ".env.example").read_text()
ENTRY = re.compile(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)
LONG = "k9Xw2Qe7Rt4Yu1Io5Pa8Sd3Fg6Hj0KlZxCvBnM-mNbVcXzLkJhGfDsA"


def test_every_variable_is_named_once():
    named = [name for name, _ in ENTRY.findall(EXAMPLE)]
    assert sorted(named) == sorted(read.names | {"AETHER_ENV_FILE"})


def test_every_variable_has_its_line_of_meaning():
    bare = [
        line for before, line in pairwise(EXAMPLE.splitlines()) if ENTRY.match(line) and not before.startswith("# ")
    ]
    assert bare == []


def test_the_refused_examples_are_the_examples():
    shown = dict(ENTRY.findall(EXAMPLE))
    assert {name: shown[name] for name in secrets.EXAMPLES} == secrets.EXAMPLES


@pytest.mark.parametrize(
    ("secret_key", "jwt_key", "complaint"),
    [
        ("", LONG, "AETHER_SECRET_KEY must be set when AETHER_ENV=production"),
        (LONG, "", "AETHER_API_JWT_KEY must be set when AETHER_ENV=production"),
        (LONG[:49], LONG[::-1], "AETHER_SECRET_KEY is too short: at least 50 characters"),
        (LONG, LONG[:31], "AETHER_API_JWT_KEY is too short: at least 32 characters"),
        (LONG, LONG, "AETHER_SECRET_KEY and AETHER_API_JWT_KEY must differ"),
        (LONG, "ab" * 30, "AETHER_API_JWT_KEY is too simple: make it at random"),
        (secrets.EXAMPLES["AETHER_SECRET_KEY"], LONG, "AETHER_SECRET_KEY is the example's; make one of your own"),
    ],
)
def test_production_refuses_weak_secrets_without_telling_them(tmp_path, secret_key, jwt_key, complaint):
    answer = start(tmp_path, AETHER_ENV="production", AETHER_SECRET_KEY=secret_key, AETHER_API_JWT_KEY=jwt_key)
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[-1] == f"django.core.exceptions.ImproperlyConfigured: {complaint}"
    told = [value for value in (secret_key, jwt_key) if value and value in answer.stderr]
    assert told == []


def test_production_starts_with_good_secrets(tmp_path):
    answer = start(tmp_path, AETHER_ENV="production", AETHER_SECRET_KEY=LONG, AETHER_API_JWT_KEY=LONG[::-1])
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not (tmp_path / "secrets.json").exists()


def test_development_makes_its_secrets_once(tmp_path):
    assert start(tmp_path, AETHER_SECRET_KEY="").stdout == start(tmp_path).stdout
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PORT", "many", "PORT must be a whole number from 0 to 65535"),
        ("AETHER_DEBUG", "perhaps", "AETHER_DEBUG must be true or false"),
        ("AETHER_ENV", "staging", "AETHER_ENV must be one of development, production"),
        ("DATABASE_URL", "oracle://x", "DATABASE_URL must begin with sqlite:// or mysql://"),
        ("CORS_ALLOWED_ORIGINS", "*", "CORS_ALLOWED_ORIGINS must list origins such as https://example.org"),
        ("AETHER_METRICS_ALLOWED_NETWORKS", "home", "AETHER_METRICS_ALLOWED_NETWORKS must list addresses"),
    ],
)
def test_a_bad_value_is_refused_by_name(tmp_path, name, value, complaint):
    answer = start(tmp_path, **{name: value})
    assert answer.returncode != 0
    assert complaint in answer.stderr.splitlines()[-1]


def test_the_environment_outranks_the_file_and_empty_is_unset(tmp_path):
    dotenv = tmp_path / "dotenv"
    dotenv.write_text("PORT=6001\nAETHER_JWT_ISSUER=file\nAETHER_JWT_AUDIENCE=\n")
    code = "print(s.AETHER_SERVE_PORT, s.AETHER_JWT_ISSUER, s.AETHER_JWT_AUDIENCE)"
    answer = start(tmp_path, code, AETHER_ENV_FILE=str(dotenv), PORT="", AETHER_JWT_ISSUER="environment")
    assert answer.stdout == "6001 environment aether-api\n"


def start(home, code="print(s.SECRET_KEY, s.AETHER_API_JWT_KEY)", **variables):
    """The settings, read by a process of their own."""
    variables = {"AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null", "PATH": "/usr/bin:/bin", **variables}
    command = [sys.executable, "-c", f"from aether import settings as s; {code}"]
    return subprocess.run(command, env=variables, cwd=settings.ROOT, capture_output=True, text=True, check=False)
