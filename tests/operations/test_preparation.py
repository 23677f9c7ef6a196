"""One-time steps are done once: whoever comes second waits, and finds nothing to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from aether.settings import ROOT
from kernel.preparation import WAITING, preparing
from tests.operations.conftest import Installation

pytestmark = pytest.mark.timeout(300)
STEPS = {
    "migrate": "No migrations to apply.",
    "collectstatic --noinput": "static file",
    "load_lookups": "Lookups: everything is there.",
}


def begin(arguments: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", *arguments.split()]
    environment = environment | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def until_it_waits(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if WAITING in line:
            return
    pytest.fail("it did not wait")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_waits_for_the_one_that_is_at_work(installation: Installation, step: str) -> None:
    subprocess.run([sys.executable, "manage.py", "load_lookups"], cwd=ROOT, env=installation.environment, check=True)
    with preparing():
        process = begin(step, installation.environment)
        list(until_it_waits(process))
        assert process.poll() is None
    said, _ = process.communicate(timeout=200)
    assert (process.returncode, STEPS[step] in said) == (0, True), said


def test_on_mariadb_it_waits_for_another_machine_too(installation: Installation, tmp_path: Path) -> None:
    if connection.vendor != "mysql":
        pytest.skip("SQLite is on one machine")
    with preparing():
        process = begin("migrate", installation.environment | {"AETHER_HOME": str(tmp_path)})
        list(until_it_waits(process))
    said, _ = process.communicate(timeout=200)
    assert (process.returncode, STEPS["migrate"] in said) == (0, True), said


def test_two_that_begin_at_once_on_nothing_both_succeed(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment |= {"AETHER_HOME": str(tmp_path), "AETHER_ENV_FILE": "/dev/null"}
    processes = [begin("migrate", environment) for _ in range(2)]
    said = [process.communicate(timeout=250)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sorted("No migrations to apply." in text for text in said) == [False, True], said


def test_a_step_may_be_part_of_another(installation: Installation) -> None:
    with preparing(), preparing():
        pass
    with preparing():  # it was given back
        pass


def test_a_second_serve_names_the_first(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment |= {"AETHER_HOME": str(tmp_path), "AETHER_ENV_FILE": "/dev/null"}
    first = begin("serve --port 0", environment)
    try:
        assert first.stdout is not None
        line = next(line for line in first.stdout if "answers at" in line)
        address = line.split("answers at ")[1].split()[0]
        second = begin("serve --port 0", environment)
        said, _ = second.communicate(timeout=100)
        assert second.returncode == 1
        assert f"{tmp_path} is served already, at {address} (process {first.pid})" in said
        assert first.poll() is None
    finally:
        first.terminate()
        first.communicate(timeout=60)
