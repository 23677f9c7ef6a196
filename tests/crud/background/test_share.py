"""No account has more than its share of the background work while others wait for theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import Retry

from aether.settings import AETHER_ACCOUNT_QUEUES
from crud.background import share
from crud.background.share import at_work_for, is_beyond_share, queue_of
from tests.crud import tasks_on_trial

A, B, NEIGHBOUR = 1, 2, 1 + len(AETHER_ACCOUNT_QUEUES)


@pytest.fixture
def waiting(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    settings.AETHER_HOME = tmp_path
    lengths: dict[str, int] = {}
    monkeypatch.setattr(share, "waiting_by_queue", lambda: lengths)
    return lengths


def test_alone_an_account_has_all_of_a_worker(waiting: dict[str, int]) -> None:
    waiting[queue_of(A)] = 5  # its own
    with at_work_for(A), at_work_for(A), at_work_for(A):
        assert not is_beyond_share(A)


def test_while_others_wait_it_has_half(waiting: dict[str, int]) -> None:
    waiting[queue_of(B)] = 1
    assert not is_beyond_share(A)
    with at_work_for(A):
        assert is_beyond_share(A)
        assert not is_beyond_share(B)
        with at_work_for(B), at_work_for(B):
            assert not is_beyond_share(A)
            with at_work_for(A):
                assert is_beyond_share(A)
    assert not is_beyond_share(A)


def test_work_that_is_too_much_is_put_off_and_does_nothing(
    waiting: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, dict[str, Any]]] = []
    task, report = tasks_on_trial.report_scope._get_current_object(), str(tmp_path / "report")
    monkeypatch.setattr(type(task), "apply_async", lambda self, args, kwargs, **options: sent.append((args, options)))
    waiting[queue_of(B)] = 1
    with at_work_for(A), ExitStack() as pushed:
        task.push_request(args=(A, report), kwargs={}, called_directly=False, id="x")
        pushed.callback(task.pop_request)
        with pytest.raises(Retry):
            task(A, report)
    assert not Path(report).exists()
    [(args, options)] = sent
    assert (args, options["countdown"]) == ((A, report), 2)


def test_a_process_that_is_killed_holds_nothing(waiting: dict[str, int], tmp_path: Path) -> None:
    waiting[queue_of(B)] = 1
    work = "import os; from crud.background.share import at_work_for; w = at_work_for(1); w.__enter__(); os.kill(0, 9)"
    start = f"import django; django.setup(); os = __import__('os'); os.setpgid(0, 0); {work}"
    environment = os.environ | {"AETHER_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "aether.settings"}
    assert subprocess.run([sys.executable, "-c", start], env=environment, check=False).returncode == -9
    assert (tmp_path / "work" / "1.0").exists()
    assert not is_beyond_share(A)
    assert not (tmp_path / "work" / "1.0").exists()


def test_accounts_are_dealt_out_over_queues_that_each_worker_reads() -> None:
    app = tasks_on_trial.report_scope.app
    assert {queue_of(account) for account in range(100)} == set(AETHER_ACCOUNT_QUEUES)
    assert queue_of(A) == queue_of(NEIGHBOUR) != queue_of(B)
    assert set(AETHER_ACCOUNT_QUEUES) < set(app.amqp.queues.consume_from)
