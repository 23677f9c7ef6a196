"""`python -m bench.realtime.publishing ID`: what publishing adds to the CPU of a write, in this process, in percent."""

from __future__ import annotations

import json
import os
import sys
import time
from statistics import median

import django

WRITES = 25
ROUNDS = 80


def main(key: str, account: str, public_id: str) -> None:
    from django.test import Client

    from crud.history import objects_changed
    from realtime.publish import publish_changes

    client = Client(headers={"x-aether-api-key": key, "x-account-id": account})
    counter = 0

    def writes() -> float:
        nonlocal counter
        started = time.process_time()
        for _ in range(WRITES):
            counter += 1
            body = json.dumps({"name": f"name {counter}"})
            path = f"/v3/crud/journal/{public_id}"
            answer = client.patch(path, body, content_type="application/json", headers={"host": "127.0.0.1"})
            assert answer.status_code == 200, answer.content
        return (time.process_time() - started) / WRITES * 1_000

    writes()
    with_it, without = [], []
    for _ in range(ROUNDS):  # in turns, so that a noisy minute falls on both
        with_it.append(writes())
        objects_changed.disconnect(dispatch_uid="realtime")
        without.append(writes())
        objects_changed.connect(publish_changes, dispatch_uid="realtime")
    print(json.dumps([median(with_it), median(without)]))


if __name__ == "__main__":
    os.environ["AETHER_LOG_LEVEL"] = "WARNING"
    django.setup()
    main(*sys.argv[1:])
