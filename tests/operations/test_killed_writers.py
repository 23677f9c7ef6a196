"""SQLite with several processes: one of them dies while it writes, and nobody else notices (FLT-13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from tests.operations.conftest import Installation

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(connection.vendor == "mysql", reason="SQLite's"),
]
ROUNDS, WRITES = 6, 15
WRITERS = f"""
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "aether.settings"
import json, signal, sys, threading
import django
django.setup()
from django.db import connections
from content.models import Journal
from tenancy.context import tenant

account = int(sys.argv[1])


def write(told, name):
    with tenant(account):
        for number in range(10**6):
            try:
                journal = Journal(name=f"{{name}}-{{number}}")
                journal.save()
                os.write(told, (json.dumps([journal.name, ""]) + "\\n").encode())
            except Exception as error:
                os.write(told, (json.dumps(["", repr(error)]) + "\\n").encode())
                return


def process(name):
    reading, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        return pid, os.fdopen(reading)
    threads = [threading.Thread(target=write, args=[told, f"{{name}}-{{n}}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


def kill(writer):
    os.kill(writer[0], signal.SIGKILL)
    os.waitpid(writer[0], 0)
    return writer[1].readlines()


lines = []
steady = process("steady")
with tenant(account):
    reader = Journal.objects.order_by("pk").iterator(chunk_size=1)  # a long reader: it sees what was there at its start
    for round in range({ROUNDS}):
        mortal = process(f"mortal{{round}}")
        lines += [mortal[1].readline() for _ in range({WRITES})] + kill(mortal)
        lines += [steady[1].readline() for _ in range({WRITES})]
        next(reader, None)
lines += kill(steady)
connections.close_all()
sys.stdout.writelines(lines)
"""


def test_a_writer_that_is_killed_loses_nothing_that_was_acknowledged(inhabited: Any) -> None:
    installation: Installation = inhabited[0]
    told = [json.loads(line) for line in installation.python(WRITERS, str(inhabited[1].account.pk)).splitlines()]
    assert [error for _, error in told if error] == []
    acknowledged = {name for name, _ in told}
    assert len(acknowledged) == len(told) > 2 * ROUNDS * WRITES
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchall() == [("ok",)]
        cursor.execute("SELECT name FROM journal")
        found = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT COUNT(*) FROM change_log WHERE obj_type = 'journal'")
        assert cursor.fetchone() == (len(found),)  # a write and its line in the log are one
    assert len(found) == len(set(found))
    assert acknowledged <= set(found)
