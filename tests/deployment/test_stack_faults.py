"""Parts of the service that die, hang or fill up: nothing acknowledged is lost, and it comes back by itself. FLT-… are
the numbers of the list of faults that the project was given."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import MySQLdb
import pytest
from redis import Redis

from tests.background import children_of, wait_for
from tests.deployment.load import repeated
from tests.deployment.processes import sql
from tests.deployment.stack import Answer, Stack, is_envelope, start_api, start_database, start_redis

pytestmark = pytest.mark.timeout(300)


# two readers of one connection must not disagree about where a request ends


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: 5\r\n folded",),
        ("Content-Length: 5", "X-A: b\nTransfer-Encoding: chunked"),
    ],
)
@pytest.mark.parametrize(
    ("door", "path"), [("https", "/health/live"), ("https", "/v3/ws"), ("api", "/health/live"), ("ws", "/health/live")]
)
def test_a_smuggled_request_is_never_answered(stack: Stack, door: str, path: str, lines: tuple[str, ...]) -> None:
    """FLT-17: through nginx to both servers, and straight to each."""
    smuggled = "GET /v3/crud/journal/smuggled000 HTTP/1.1\r\nHost: api.example.org\r\n\r\n"
    request = "\r\n".join([f"POST {path} HTTP/1.1", "Host: api.example.org", *lines, "", f"0\r\n\r\n{smuggled}"])
    plain = socket.create_connection(("127.0.0.1", stack.ports[door]), timeout=60)
    if door == "https":
        context = ssl.create_default_context(cafile=str(stack.directory / "fullchain.pem"))
        context.check_hostname = False
        plain = context.wrap_socket(plain)
    with plain:
        plain.sendall(request.encode())
        received = b""
        while chunk := plain.recv(65_536):
            received += chunk
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501", b"HTTP/1.1 405"))
    assert "smuggled000" not in (stack.home / "logs" / "crud.log").read_text()


# what hangs


def timed(stack: Stack, method: str, body: Any = None) -> tuple[Answer, float]:
    started = time.monotonic()
    return stack.call(method, "/v3/crud/journal/", body), time.monotonic() - started


def test_a_database_that_hangs_is_told_in_two_seconds_and_comes_back(stack: Stack) -> None:
    """FLT-02: whoever waits for it is told too, and the workers are the ones of before."""
    database, api = stack.processes.running["database"].pid, stack.processes.running["api"].pid
    workers = set(children_of(api))
    with ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda _: stack.call("GET", "/v3/crud/journal/"), range(40)))  # each thread has a connection
        os.kill(database, signal.SIGSTOP)
        try:
            waiting = [pool.submit(timed, stack, "GET"), pool.submit(timed, stack, "POST", {"name": "Stopped"})]
            answer = stack.ask("GET", "/health/ready")
            assert answer.status == 503
            # Its migrations can't be asked for either.
            assert answer.body["meta"]["status_message"] in ("Not ready: database.", "Not ready: database, migrations.")
            assert stack.ask("GET", "/health/live").status == 200
            told = [future.result() for future in waiting]
        finally:
            os.kill(database, signal.SIGCONT)
    for answer, seconds in told:
        is_envelope(answer, 503, "database_connection")
        assert seconds < 10 + 3 + 12  # reading, connecting anew, and what a busy machine takes
    wait_for(lambda: stack.ask("GET", "/health/ready").status == 200, "the database")
    assert stack.call("POST", "/v3/crud/journal/", {"name": "Goes on"}).status == 201
    assert set(children_of(api)) == workers


def test_redis_away_is_told_and_the_api_goes_on(stack: Stack) -> None:
    redis = stack.processes.running["redis"].pid
    os.kill(redis, signal.SIGSTOP)
    try:
        answer = stack.ask("GET", "/health/ready")
        assert answer.body["meta"]["status_message"] == "Not ready: cache, broker."
        assert stack.call("GET", "/v3/crud/journal/").status == 200
    finally:
        os.kill(redis, signal.SIGCONT)
    wait_for(lambda: stack.ask("GET", "/health/ready").status == 200, "Redis")


# what is broken


def turn_keys_into_lists(redis: Redis) -> None:
    for key in redis.scan_iter("aether*"):
        redis.delete(key)
        redis.rpush(key, "no value of ours")


REDIS_FAULTS: dict[str, tuple[Callable[[Redis], Any], int]] = {
    "emptied": (Redis.flushdb, 401),
    "full": (lambda redis: redis.config_set("maxmemory", 1), 503),
    "of other types": (turn_keys_into_lists, 503),
}
"""What is done to it, and what somebody is then told who guesses at a passcode."""


@pytest.mark.parametrize("fault", list(REDIS_FAULTS))
def test_a_broken_redis_breaks_no_request_and_opens_no_door(stack: Stack, fault: str) -> None:
    """FLT-04: without its counter nobody guesses at a passcode; all else goes on."""
    break_it, told = REDIS_FAULTS[fault]
    guess = {"site_id": stack.account["site_id"], "passcode": "a wrong one"}

    def guessed() -> int:
        return stack.call("POST", "/api/authenticate_passcode", guess, role="publishable").status

    with Redis(port=stack.ports["redis"]) as redis:
        assert guessed() == 401  # its counter is there now
        break_it(redis)
        try:
            started = time.monotonic()
            made = stack.call("POST", "/v3/crud/journal/", {"name": fault})
            assert made.status == 201
            assert stack.call("GET", f"/v3/crud/journal/{made.body['data']['id']}").body["data"]["name"] == fault
            assert stack.ask("GET", "/v3/crud/journal/", x_aether_api_key="aes_bad").status == 403
            assert time.monotonic() - started < 10
            assert guessed() == told
        finally:
            redis.config_set("maxmemory", "256mb")
            redis.flushdb()
    assert stack.ask("GET", "/health/ready").status == 200


def test_redis_may_be_killed(stack: Stack) -> None:
    """FLT-04."""
    stack.processes.end("redis", signal.SIGKILL)
    try:
        assert stack.call("POST", "/v3/crud/journal/", {"name": "Without Redis"}).status == 201
    finally:
        start_redis(stack)
    wait_for(lambda: stack.ask("GET", "/health/ready").status == 200, "Redis")


def test_more_clients_than_the_database_takes_are_told_so(stack: Stack) -> None:
    """FLT-14: and when there are fewer again, no connection is left over."""
    answers: list[Answer] = []
    with closing(MySQLdb.connect(unix_socket=str(stack.directory / "my.sock"), user="root")) as root:
        root.query("SET GLOBAL max_connections = 10")
        root.query("KILL USER aether")
        try:
            with ThreadPoolExecutor(40) as pool:

                def somebody_is_refused() -> bool:
                    answers.extend(pool.map(lambda _: stack.call("GET", "/v3/crud/journal/"), range(80)))
                    return any(answer.status == 503 for answer in answers)

                wait_for(somebody_is_refused, "a refusal")
        finally:
            root.query("SET GLOBAL max_connections = 200")
    # 429: one account asks with more threads at once than its share.
    assert {200, 503} <= {answer.status for answer in answers} <= {200, 429, 503}
    for answer in answers:
        if answer.status == 503:
            is_envelope(answer, 503, "database_connection")
    assert all(stack.call("GET", "/v3/crud/journal/").status == 200 for _ in range(40))
    connected = int(
        sql(stack.directory / "my.sock", "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'aether'")
    )
    assert connected <= 2 * 8 + 8  # the threads of both workers; the sockets, the worker and beat


# what dies


def kill_a_worker(stack: Stack) -> None:
    os.kill(children_of(stack.processes.running["api"].pid)[0], signal.SIGKILL)


def kill_gunicorn(stack: Stack) -> None:
    """And start it again, as a container or systemd does, who let none of its processes live on."""
    stack.processes.end("api", signal.SIGKILL)
    start_api(stack)


def kill_the_database(stack: Stack) -> None:
    stack.processes.end("database", signal.SIGKILL)
    start_database(stack)


@pytest.mark.parametrize("kill", [kill_a_worker, kill_gunicorn, kill_the_database])
def test_no_acknowledged_write_is_lost(stack: Stack, kill: Callable[[Stack], None]) -> None:
    """FLT-01, FLT-08: kill -9 while clients write. What they were told is there; what they sent again is there once."""
    acknowledged: dict[str, str] = {}
    refused: list[Answer] = []
    prefix = kill.__name__

    def writing(writer: str) -> Callable[[int], bool]:
        def work(number: int) -> bool:
            name = f"{prefix}-{writer}-{number}"
            answer = stack.call("POST", "/v3/crud/journal/", {"name": name}, idempotency_key=name)
            if answer.status != 201:
                refused.append(answer)
                return False
            acknowledged[name] = answer.body["data"]["id"]
            return True

        return work

    with repeated(writing("a"), writing("b")) as writers:

        def more() -> Callable[[], bool]:
            numbers = [writer.number + 5 for writer in writers]
            return lambda: all(writer.number >= number for writer, number in zip(writers, numbers, strict=True))

        wait_for(more(), "writes")
        kill(stack)
        wait_for(more(), "writes afterwards", 120)
    assert {(answer.status, answer.body["meta"]["details"]["recoverable"]) for answer in refused} <= {(503, True)}
    there = sql(stack.directory / "my.sock", f"SELECT name, id_random FROM aether.journal WHERE name LIKE '{prefix}-%'")
    rows = [row.split("\t") for row in there.splitlines()]
    assert len(rows) == len(dict(rows)), "a write that was sent again was done twice"
    assert dict(rows) == dict(rows) | acknowledged


def test_a_reload_under_load_fails_no_request(stack: Stack) -> None:
    """FLT-08."""
    statuses: list[int] = []
    ended = threading.Event()

    def load(method: str, path: str, body: Any, status: int) -> None:
        while not ended.is_set():
            statuses.append(stack.call(method, path, body).status - status)

    loads = [("GET", "/v3/auth/whoami", None, 200), ("POST", "/v3/crud/journal/", {"name": "Reload"}, 201)]
    threads = [threading.Thread(target=load, args=arguments) for arguments in loads]
    for thread in threads:
        thread.start()
    api = stack.processes.running["api"].pid
    before = stack.processes.output("api").count("Booting worker")
    os.kill(api, signal.SIGHUP)
    wait_for(lambda: stack.processes.output("api").count("Booting worker") >= before + 2, "new workers")
    so_far = len(statuses)
    wait_for(lambda: len(statuses) > so_far + 20, "answers of the new workers")
    ended.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {0}


def test_what_was_not_killed_is_alive(stack: Stack) -> None:
    """After all the faults above: worker, beat and sockets live on, and nobody has written of a defect."""
    assert [name for name, process in stack.processes.running.items() if process.poll() is not None] == []
    errors = [json.loads(line) for line in (stack.home / "logs" / "errors.log").read_text().splitlines()]
    assert [error["message"] for error in errors if error["logger"] == "crud.request"] == []


def test_without_the_api_nginx_answers_in_the_envelope(stack: Stack) -> None:
    """And the API ends well."""
    api = stack.processes.running["api"]
    stack.processes.end("api")
    assert api.returncode == 0
    answer = stack.call("GET", "/v3/crud/journal/")
    start_api(stack)
    wait_for(lambda: stack.ask("GET", "/health/live").status == 200, "the API")
    is_envelope(answer, 503, "internal")
    assert answer.headers["retry-after"] == "2"
    assert answer.body["meta"]["details"]["recoverable"] is True
