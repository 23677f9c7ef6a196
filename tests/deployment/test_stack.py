"""The service as docker/compose.yml runs it, without the containers: nginx → gunicorn and uvicorn → MariaDB, Redis,
worker, beat, each with its file from docker/."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.background import children_of, wait_for
from tests.deployment.processes import sql
from tests.deployment.stack import Stack, is_envelope

pytestmark = pytest.mark.timeout(300)


def test_the_api_answers_behind_nginx(stack: Stack) -> None:
    made = stack.call("POST", "/v3/crud/journal/", {"name": "Behind nginx"})
    assert made.status == 201
    read = stack.call("GET", f"/v3/crud/journal/{made.body['data']['id']}")
    assert read.body["data"]["name"] == "Behind nginx"
    assert read.headers["server"] == "nginx"
    assert stack.ask("GET", "/v3/crud/journal/").status == 403  # no key
    assert stack.ask("GET", "/v3/crud/journal/", x_aether_api_key="aes_bad").status == 403


def test_pages_are_served_with_their_headers(stack: Stack) -> None:
    page = stack.ask("GET", "/admin/login/")
    assert page.status == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert page.headers["x-frame-options"] == "DENY"
    cookie = page.headers["set-cookie"]
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie
    style = re.search(r'href="(/static/[^"]+\.css)"', page.raw.decode())
    assert style
    assert stack.ask("GET", style[1]).headers["cache-control"].endswith("immutable")
    assert stack.ask("GET", "/admin/login/", host="evil.example").status == 400


def test_nothing_is_answered_in_the_clear(stack: Stack) -> None:
    is_envelope(stack.ask("GET", "/v3/crud/journal/", to="http", x_aether_api_key="aes_x"), 403, "permission")
    is_envelope(stack.ask("GET", "/health/ready", to="http"), 403, "permission")
    page = stack.ask("GET", "/admin/", to="http")
    assert (page.status, page.headers["location"]) == (301, "https://api.example.org/admin/")


def test_what_nginx_refuses_has_the_envelope_too(stack: Stack) -> None:
    is_envelope(stack.call("POST", "/v3/crud/journal/", b"x" * 1_100_000), 413, "payload_too_large")
    is_envelope(stack.ask("GET", "/metrics"), 403, "permission")
    is_envelope(stack.ask("GET", "/v3/crud/journal/", cookie="x" * 9_000), 400, "validation")


def test_a_long_header_is_answered_in_the_envelope(stack: Stack) -> None:
    """FILE-15: a thousand ranges. By HTTP/2, where headers come compressed, nginx passes on longer ones."""
    (stack.directory / "headers").write_text(f"range: bytes={','.join(['0-0'] * 2_100)}\n")
    headers = [word for name, value in stack.headers().items() for word in ("-H", f"{name}: {value}")]
    url = f"https://127.0.0.1:{stack.ports['https']}/v3/crud/journal/"
    command = [
        "curl",
        "-sSk",
        "--http2",
        "-H",
        "host: api.example.org",
        *headers,
        "-H",
        f"@{stack.directory}/headers",
        url,
    ]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert answer["meta"]["status_code"] == 200


def test_metrics_of_all_processes_are_added_up(stack: Stack) -> None:
    def counted(status: str) -> float:
        text = stack.ask("GET", "/metrics", to="api").raw.decode()
        pattern = rf'^aether_http_request_seconds_count{{.*route="/v3/auth/whoami",status="{status}".*}} (.*)$'
        return sum(float(value) for value in re.findall(pattern, text, re.MULTILINE))

    before = counted("200")
    for _ in range(20):  # two workers take turns, as they like
        assert stack.call("GET", "/v3/auth/whoami").status == 200
    assert counted("200") == before + 20
    assert stack.ask("GET", "/metrics", to="api", x_forwarded_for="203.0.113.9").status == 403


def form(stack: Stack, content: bytes) -> tuple[str, bytes]:
    """An upload's boundary and body."""
    boundary = uuid.uuid4().hex
    fields = {"link_to_type": "journal", "link_to_id": stack.account["samples"]["journal"]}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="ü 1.txt"\r\n\r\n'
    return boundary, "".join(parts).encode() + head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def upload(stack: Stack, content: bytes) -> Any:
    boundary, body = form(stack, content)
    kind = f"multipart/form-data; boundary={boundary}"
    return stack.call("POST", "/v3/action/hosted_file/upload", body, content_type=kind)


@contextmanager
def slow_uploads(stack: Stack, count: int) -> Iterator[list[ssl.SSLSocket]]:
    """Begun, and far from their end; each has sent more than nginx keeps in memory."""
    context = ssl.create_default_context(cafile=str(stack.directory / "fullchain.pem"))
    context.check_hostname = False
    lines = ["POST /v3/action/hosted_file/upload HTTP/1.1", "host: api.example.org", "content-length: 100000"]
    lines += [f"{name}: {value}" for name, value in stack.headers().items()]
    lines += ["content-type: multipart/form-data; boundary=b", "", "--b\r\n" + 40_000 * "x"]
    with ExitStack() as opened:
        clients: list[ssl.SSLSocket] = []
        for _ in range(count):
            plain = opened.enter_context(socket.create_connection(("127.0.0.1", stack.ports["https"]), timeout=60))
            clients.append(opened.enter_context(context.wrap_socket(plain)))
            clients[-1].sendall("\r\n".join(lines).encode())
        yield clients


def spooled(stack: Stack) -> list[str]:
    """The files that nginx has open where uploads wait."""
    [worker] = children_of(stack.processes.running["nginx"].pid)
    places = []
    for link in Path(f"/proc/{worker}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            places.append(os.readlink(link))
    return [place for place in places if place.startswith(str(stack.directory / "spool"))]


def test_uploads_that_trickle_in_keep_nobody_waiting(stack: Stack) -> None:
    """FILE-11: nginx receives them; the API, whose threads they would take, is given what has come in whole."""
    with slow_uploads(stack, 40) as clients:  # more than twice the threads of both workers
        for _ in range(4):
            for client in clients:
                client.sendall(b"x")
            started = time.monotonic()
            assert stack.call("GET", "/v3/crud/journal/").status == 200
            assert time.monotonic() - started < 5  # a thread would be free after 60
        assert upload(stack, b"not slow").status == 201
        wait_for(lambda: len(spooled(stack)) == 40, "the slow ones on the disk")
        assert all(place.endswith(" (deleted)") for place in spooled(stack))  # they go with nginx, however it ends
    wait_for(lambda: not spooled(stack), "the end of those that broke off")


def test_an_upload_without_a_length_is_measured_by_nginx(stack: Stack) -> None:
    content = os.urandom(300_000).hex().encode()
    boundary, body = form(stack, content)
    connection = stack.connection("https")
    headers = stack.headers() | {"host": "api.example.org", "content-type": f"multipart/form-data; boundary={boundary}"}
    pieces = (body[at : at + 50_000] for at in range(0, len(body), 50_000))
    connection.request("POST", "/v3/action/hosted_file/upload", pieces, headers, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["data"]["size"]) == (201, len(content))
    connection.close()


def test_files_come_in_by_nginx_and_go_out_by_it(stack: Stack) -> None:
    content = os.urandom(3_000_000).hex().encode()  # more than the 1 MiB that other requests may have
    sent = upload(stack, content)
    assert sent.status in (200, 201), sent.raw
    data = sent.body["data"]
    file = data[0] if isinstance(data, list) else data
    path = f"/v3/action/hosted_file/{file['id']}/download"
    got = stack.call("GET", path)
    assert (got.status, got.raw == content) == (200, True)
    assert got.headers["etag"] == f'"{file["hash_sha256"]}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in got.headers["content-disposition"]
    link = stack.call("POST", f"/v3/action/hosted_file/{file['id']}/download_url", host="api.example.org:8443")
    assert link.body["data"]["url"].startswith("https://api.example.org:8443/")  # where we are not on 443
    part = stack.call("GET", path, range="bytes=10-19")
    assert (part.status, part.raw) == (206, content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(content)}"
    assert stack.call("GET", path, if_none_match=got.headers["etag"]).status == 304
    # It was nginx that sent it: straight from the process there is only the address.
    key = {name.replace("-", "_"): value for name, value in stack.headers().items()}
    inside = stack.ask("GET", path, to="api", **key)
    assert inside.headers["x-accel-redirect"].startswith("/files-inside/")
    assert stack.ask("GET", inside.headers["x-accel-redirect"]).status == 404  # nobody gets there from outside
    assert stack.call("GET", path, role="publishable").status in (403, 404)


def test_a_websocket_hears_of_a_change_made_by_the_api(stack: Stack) -> None:
    context = ssl.create_default_context(cafile=str(stack.directory / "fullchain.pem"))
    context.check_hostname = False
    address = f"wss://127.0.0.1:{stack.ports['https']}/v3/ws"
    headers = {"x-request-id": "socket-1"}
    with connect(address, ssl=context, additional_headers=headers, open_timeout=60) as client:
        key = stack.account["api_keys"]["manager"]
        client.send(json.dumps({"type": "auth", "api_key": key, "account_id": stack.account["id"]}))
        assert json.loads(client.recv(60))["type"] == "ok"
        client.send(json.dumps({"type": "subscribe", "id": 1, "obj_type": "journal"}))
        assert json.loads(client.recv(60))["type"] == "ok"
        made = stack.call("POST", "/v3/crud/journal/", {"name": "Heard"}).body["data"]
        change = json.loads(client.recv(60))
        assert (change["type"], change["action"], change["obj_id"]) == ("change", "created", made["id"])
        assert client.response is not None
        assert client.response.headers["x-request-id"] == "socket-1"

    def logged() -> list[Any]:
        lines = map(json.loads, (stack.home / "logs" / "realtime.log").read_text().splitlines())
        return [line for line in lines if line.get("request_id") == "socket-1"]

    wait_for(lambda: len(logged()) > 1, "the socket's end in the log")
    opened, closed = logged()
    assert opened["message"].startswith("Socket opened by ")
    assert (opened["account"], bool(opened["key"])) == (stack.account["id"], True)
    assert closed["message"].startswith("Socket closed: ")


# the worker and beat


def test_beat_sends_what_staff_scheduled_and_the_worker_does_it(stack: Stack) -> None:
    database = stack.directory / "my.sock"
    names = sql(database, "SELECT name FROM aether.django_celery_beat_periodictask").splitlines()
    assert "Prune the change log" in names
    # As the admin does on saving: another interval, and a note that something changed.
    sql(
        database,
        "USE aether; INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'seconds'); "
        "UPDATE django_celery_beat_periodictask SET crontab_id = NULL, interval_id = LAST_INSERT_ID(), "
        "date_changed = UTC_TIMESTAMP() WHERE task = 'crud.forget_answers'; "
        "REPLACE INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, UTC_TIMESTAMP(6))",
    )
    log = stack.home / "logs" / "tasks.log"
    wait_for(lambda: "crud.forget_answers: done" in log.read_text(), "the task")
    line = next(line for line in log.read_text().splitlines() if "crud.forget_answers: done" in line)
    assert json.loads(line)["request_id"]


# logs


def test_one_request_is_followed_through_the_processes(stack: Stack) -> None:
    answer = stack.call("GET", "/v3/crud/journal/", x_request_id="follow-me.1")
    assert answer.headers["x-request-id"] == "follow-me.1"
    stack.call("GET", "/v3/crud/journal/", x_request_id="follow-me.12")  # another's, which begins alike
    told = stack.manage("follow_request", "follow-me.1", str(stack.directory / "nginx_access.log")).splitlines()
    assert len(told) == 2
    assert sum("crud.request: GET /v3/crud/journal/ 200" in line and stack.account["id"] in line for line in told) == 1
    assert sum(" nginx" in line and "upstream=127.0.0.1" in line for line in told) == 1
    is_sane = stack.call("GET", "/v3/crud/journal/", x_request_id="no way\x7f")
    assert re.fullmatch(r"[0-9a-f]{32}", is_sane.headers["x-request-id"])


def test_no_secret_is_in_any_log(stack: Stack) -> None:
    account = stack.account
    user = account["users"]["manager"]
    login = stack.call("POST", "/v3/auth/login", user, role="publishable")
    assert login.status == 200
    access, refresh = login.body["data"]["access"], login.body["data"]["refresh"]
    passcode = account["passcodes"]["manager"]
    site = {"site_id": account["site_id"]}
    entered = stack.call("POST", "/api/authenticate_passcode", site | {"passcode": passcode}, role="publishable")
    assert entered.status == 200
    stack.call("POST", "/api/authenticate_passcode", site | {"passcode": "wrong-" + passcode}, role="publishable")
    stack.call("POST", "/v3/auth/login", user | {"password": "wrong-" + user["password"]}, role="publishable")
    for path in ("/v3/crud/journal/", "/v3/no/route", "/v3/crud/journal/?limit=x", "/", "/admin/"):
        joined = path + ("&" if "?" in path else "?") + f"jwt={access}"
        stack.call("GET", joined, role="publishable")
        stack.ask("GET", joined, authorization=f"Bearer {refresh}")
        stack.ask("GET", joined, to="http")
    stack.call("POST", f"/v3/crud/journal/?jwt={access}", b"x" * 1_100_000)  # nginx refuses it
    stack.call("POST", "/v3/auth/refresh", {"refresh": refresh}, role="publishable")
    page = stack.ask("GET", "/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.raw.decode())
    assert token
    form = f"username={user['username']}&password={user['password']}&csrfmiddlewaretoken={token[1]}"
    cookie = page.headers["set-cookie"].partition(";")[0]
    kind, origin = "application/x-www-form-urlencoded", "https://api.example.org"
    staff = stack.ask("POST", "/admin/login/", form, content_type=kind, cookie=cookie, referer=origin, origin=origin)
    session = re.search(r"sessionid=(\w+)", staff.headers.get("set-cookie", ""))
    assert session
    secrets = {
        "session": session[1],
        "csrf": cookie.partition("=")[2],
        "password": user["password"],
        "passcode": passcode,
        "access token": access.rpartition(".")[2],
        "refresh token": refresh.rpartition(".")[2],
        "database": stack.environment["MARIADB_PASSWORD"],
        "secret key": stack.environment["AETHER_SECRET_KEY"],
        "jwt key": stack.environment["AETHER_API_JWT_KEY"],
        **{f"{role} key": key for role, key in account["api_keys"].items()},
    }
    for secret in (
        account["api_keys"]["manager"],
        access,
        f"jwt={access}",
        account["api_keys"]["user"].replace("_", "%5F"),
    ):
        stack.ask("GET", f"/v3/crud/journal/{secret}/x")
    logs = stack.logs()
    assert '"path":"/v3/crud/journal/***"' in logs["nginx_access.log"]
    assert {"crud.log", "nginx_access.log", "api.out"} <= set(logs)
    told = {(file, name) for file, text in logs.items() for name, secret in secrets.items() if secret in text}
    assert told == set()
    assert "jwt=" not in logs["nginx_access.log"]


def test_each_line_of_the_logs_is_json(stack: Stack) -> None:
    for name, text in stack.logs().items():
        if name.endswith(".log") and name != "nginx_error.log":
            for line in text.splitlines():
                assert json.loads(line)["time"], (name, line)
