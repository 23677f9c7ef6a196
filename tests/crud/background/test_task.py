"""Background work, by a worker in a process of its own and a real Redis."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aether.celery import app
from kernel.request_context import set_request_id
from tenancy.context import NoTenantError, current_scope
from tenancy.principal import Principal, Role, acting_as
from tests.background import own_redis, wait_for, worker
from tests.crud import tasks_on_trial

ASKING = Principal(role=Role.USER, account_id=7, account_public_id="Abc", key_prefix="pre", user_public_id="Usr")


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a worker on its own Redis, to which this process sends too."""
    home = tmp_path_factory.mktemp("worker")
    with own_redis(home) as address, pytest.MonkeyPatch.context() as patch:
        environment = {"CELERY_BROKER_URL": address, "AETHER_HOME": str(home)}
        with worker(environment, home / "worker.log", "--include", "tests.crud.tasks_on_trial"):
            send_to(address, patch)
            yield home


def send_to(address: str, patch: pytest.MonkeyPatch) -> None:
    """Let this process send to another broker; its connections are made anew."""
    patch.setattr(app.conf, "broker_url", address)
    patch.setattr(app, "_pool", None)
    patch.setattr(app.amqp, "_producer_pool", None)


def told(report: Path) -> Any:
    return wait_for(lambda: report.exists() and json.loads(report.read_text()), str(report))


def test_a_task_acts_in_its_account_and_for_whoever_asked(working: Path, tmp_path: Path) -> None:
    set_request_id("asked-1")
    with acting_as(ASKING):
        tasks_on_trial.report_scope.delay(7, str(tmp_path / "report"))
    expected = {"scope": 7, "request_id": "asked-1", "by": "key:pre user:Usr", "account": 7}
    assert told(tmp_path / "report") == expected
    log = working / "logs" / "tasks.log"
    wait_for(lambda: "trial.report: done  [asked-1 Abc]" in log.read_text(), "its line in the log")


def test_a_task_whose_process_is_killed_is_done_again(working: Path, tmp_path: Path) -> None:
    set_request_id("asked-2")
    tasks_on_trial.report_second_time.delay(8, str(tmp_path / "report"))
    begun = tmp_path / "report.pid"
    os.kill(int(wait_for(lambda: begun.exists() and begun.read_text(), "the first run")), signal.SIGKILL)
    assert told(tmp_path / "report") == {"scope": 8, "request_id": "asked-2", "by": "system", "account": 8}


@pytest.mark.parametrize("account", [None, 0, "7"])
def test_no_task_runs_without_an_account(account: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="positive integer"):
        tasks_on_trial.report_scope(account, str(tmp_path / "report"))
    assert not (tmp_path / "report").exists()
    with pytest.raises(NoTenantError):
        current_scope()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_loses_no_write(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """The row is committed; the schedule takes up what stands in it."""
    send_to("redis://127.0.0.1:1/0", monkeypatch)
    tasks_on_trial.report_scope.after_commit(7, "nowhere")
    assert [record.getMessage() for record in caplog.records] == ["the broker does not take trial.report"]
