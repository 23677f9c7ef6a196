"""manage.py nginx_conf, the units of systemd, and the page that tells of them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from aether.settings import ROOT

UNITS = sorted((ROOT / "docker/systemd").glob("*.service"))


def conf(*arguments: str) -> str:
    out = io.StringIO()
    call_command("nginx_conf", *arguments, stdout=out)
    return out.getvalue()


def test_nginx_takes_it_with_its_own_variables_whole(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x", "-days", "1"]
    key = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run([*command, *key], check=True, capture_output=True)
    text = conf(
        *(f"--set=AETHER_{name}={tmp_path}" for name in ("TLS_DIR", "SPOOL_DIR")),
        *(f"--set=AETHER_{name}_LOG={tmp_path}/{name}.log" for name in ("ACCESS", "ERROR")),
        *("--set=AETHER_HTTP_PORT=18080", "--set=AETHER_HTTPS_PORT=18443"),
    )
    assert "$request_uri" in text
    assert "${AETHER_" not in text
    assert "server 127.0.0.1:8000;" in text
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    done = subprocess.run(
        [nginx, "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", str(tmp_path / "e.log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("pair", ["AETHER_NOTHING=1", "AETHER_HTTP_PORT", "AETHER_HTTP_PORT=", "AETHER_TLS_DIR=a\nb"])
def test_what_can_not_be_set_is_refused(pair: str) -> None:
    with pytest.raises(CommandError, match=r"NAME=VALUE|give one line"):
        conf(f"--set={pair}")


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_start_what_is_there_and_may_little(path: Path) -> None:
    service = unit(path)["Service"]
    program = service["ExecStart"].split()[0].removeprefix("/opt/aether/current/")
    assert (ROOT / program).exists()
    for file in re.findall(r"docker/[\w./]+", path.read_text()):
        assert (ROOT / file).exists(), file
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("aether", "true", "strict")
    assert service["CapabilityBoundingSet"] == ""
    assert "AETHER_ENV_FILE=/etc/aether/aether.env" in service["Environment"]


def test_the_target_starts_all() -> None:
    wanted = unit(ROOT / "docker/systemd/aether.target")["Unit"]["Wants"].split()
    assert sorted(wanted) == [path.name for path in UNITS]


def test_the_page_names_files_and_commands_that_exist() -> None:
    page = (ROOT / "docs/deployment.md").read_text()
    section = page[page.index("## One server, without containers") : page.index("## A cluster")]
    for file in re.findall(r"docker/[\w./]+[\w]", section):
        assert (ROOT / file).exists() or list(ROOT.glob(f"{file}*")), file
    for name in set(re.findall(r"manage\.py (\w+)", section)):
        call_command("help", name, stdout=io.StringIO())
    (script,) = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    assert len(script.splitlines()) < 40
    checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", ["backup_db", "restore_db", "export_db", "check_and_import"])
def test_the_names_of_the_earlier_installation_work(name: str) -> None:
    done = subprocess.run([ROOT / f"{name}.sh", "--help"], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, f"usage: manage.py {name}" in done.stdout) == (0, True), done.stderr
