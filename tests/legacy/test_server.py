"""A real server: fifty clients at once, a normal stop, and not one hit is missing."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aether.settings import ROOT
from tests.docs.conftest import own_environment, serving

THREADS, CALLS = 50, 8


@pytest.mark.timeout(300)
def test_no_hit_is_lost(tmp_path: Path) -> None:
    environment = own_environment(tmp_path, "aether_legacy")
    with serving(ROOT, tmp_path, environment) as live:
        account = live.demo["accounts"][0]
        headers = {"x-aether-api-key": account["api_keys"]["user"], "x-account-id": account["id"]}
        entry = account["samples"]["journal_entry"]
        paths = ["/v2/crud/journal/list", f"/crud/journal_entry/{entry}", "/v2/crud/journal/list?jp=%5B%5D", "/"]

        def client(number: int) -> list[int]:
            connection = http.client.HTTPConnection(urlsplit(live.base).netloc, timeout=60)
            statuses = []
            for call in range(CALLS):
                connection.request("GET", paths[(number + call) % len(paths)], headers=headers)
                response = connection.getresponse()
                response.read()
                statuses.append(response.status)
            connection.close()
            return statuses

        with ThreadPoolExecutor(THREADS) as pool:
            statuses = [status for answered in pool.map(client, range(THREADS)) for status in answered]
        assert set(statuses) == {200}
        early = hits_of(environment)
    late = hits_of(environment)
    expected = {"/v2/crud/{type}/list": 200, "/crud/{type}/{id}": 100, "/": 100}
    assert late == expected
    assert sum(early.values()) >= THREADS * CALLS - 8  # what may still wait for the next call, or for the stop


def hits_of(environment: dict[str, str]) -> Any:
    command = [sys.executable, "manage.py", "legacy_report", "--json"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return {row["route"]: row["hits"] for row in json.loads(answer.stdout)}
