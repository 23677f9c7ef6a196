"""What docker/ names exists: files, settings, and secrets that nobody may start with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import compose_spec
import pytest

from aether.settings import ROOT
from tests.deployment.processes import DOCKER, variables

SETTINGS = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
OTHERS = {  # read by gunicorn.conf.py, and by the database's image
    "AETHER_PROXY_ADDRESSES",
    "MARIADB_DATABASE",
    "MARIADB_USER",
    "MARIADB_PASSWORD",
    "MARIADB_RANDOM_ROOT_PASSWORD",
}
LONG = "k9Xw2Qe7Rt4Yu1Io5Pa8Sd3Fg6Hj0KlZxCvBnM-mNbVcXzLkJhGfDsA"


def check(**given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "AETHER_ENV_FILE": str(DOCKER / "production.env.example"), **given}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_example_names_settings_only() -> None:
    named = set(variables(DOCKER / "production.env.example")) | set(variables(DOCKER / "cluster.env.example"))
    assert named - SETTINGS == OTHERS


def test_the_check_for_deployment_is_clean(tmp_path: object) -> None:
    secrets = {"AETHER_SECRET_KEY": LONG, "AETHER_API_JWT_KEY": LONG[::-1], "AETHER_HOME": str(tmp_path)}
    done = check(**secrets)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (6 silenced).\n"), done.stderr


def test_the_example_as_it_is_does_not_start(tmp_path: object) -> None:
    done = check(AETHER_HOME=str(tmp_path))
    assert done.returncode != 0
    assert "AETHER_SECRET_KEY must be set when AETHER_ENV=production" in done.stderr


def services_of(name: str) -> Any:
    """Raises unless every key and value is of the Compose specification, and all volumes exist."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (DOCKER / name).read_text())  # each variable has its default beside it
    compose = compose_spec.PyOptions(apply_merge=True).from_yaml(text)
    compose.validate()
    return compose.to_dict()["services"]


@pytest.mark.parametrize("name", ["compose.yml", "compose.cluster.yml"])
def test_a_compose_file_is_one(name: str) -> None:
    """What a service waits for exists."""
    services = services_of(name)
    awaited = {other for service in services.values() for other in service.get("depends_on", {})}
    assert len(services) >= 8
    assert awaited <= set(services)


@pytest.mark.parametrize("name", ["compose.yml", "compose.cluster.yml"])
def test_nginx_owns_the_place_where_uploads_wait(name: str) -> None:
    """It is no root, and begins when the volume is its own, whoever made that."""
    services = services_of(name)
    place = variables(DOCKER / "nginx" / "nginx.env")["AETHER_SPOOL_DIR"].rpartition("/")[0]
    volume = f"spool:{place}"
    assert services["spool"]["entrypoint"] == ["chown", services["nginx"]["user"], place]
    assert services["spool"]["volumes"] == [volume]
    assert volume in services["nginx"]["volumes"]
    assert services["nginx"]["depends_on"]["spool"]["condition"] == "service_completed_successfully"


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert program
    done = subprocess.run([program, DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", ["compose.yml", "compose.cluster.yml"])
def test_what_a_compose_file_mounts_exists(name: str) -> None:
    """Or is made by the operator, from an example that stands beside it."""
    made = {"./tls", "./s3.json"}
    mounted = set(re.findall(r"(\./[\w./-]+):", (DOCKER / name).read_text())) - made
    assert len(mounted) >= 3
    assert [path for path in mounted if not (DOCKER / path).exists()] == []


def test_nginx_has_a_value_for_each_variable() -> None:
    template = (DOCKER / "nginx" / "aether.conf.template").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", template)) == set(variables(DOCKER / "nginx" / "nginx.env"))
