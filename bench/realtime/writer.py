"""`python -m bench.realtime.writer ACCOUNT PER_SECOND SECONDS < ROWS`: publishes updates of these rows at that pace."""

from __future__ import annotations

import json
import sys
import time

import django


def main(account: int, per_second: int, seconds: float) -> None:
    from crud.history import Change
    from realtime.publish import publish_changes

    rows = json.load(sys.stdin)
    state = {"enable": True, "hide": False, "priority": False, "account_id": account, "person_id": None}
    batch = 10
    started = time.perf_counter()
    for number in range(0, int(per_second * seconds), batch):
        time.sleep(max(0.0, started + number / per_second - time.perf_counter()))
        some = (rows[n % len(rows)] for n in range(number, number + batch))
        publish_changes(
            [
                Change("journal", public_id, pk, account, "updated", {"name": ("a", "b")}, state)
                for pk, public_id in some
            ]
        )


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
