"""A whole service without containers: the processes of docker/compose.yml, with the same configuration files."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.background import free_port, wait_for
from tests.deployment.processes import (
    AS_ROOT,
    DOCKER,
    INSTALL,
    PATH,
    Processes,
    answers,
    listens,
    load_tables,
    password,
    sql,
    variables,
)

BIN = Path(sys.executable).parent
NGINX = """
daemon off;
{user}
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx_error.log crit;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {directory}/nginx_body;
    proxy_temp_path {directory}/nginx_proxy;
    fastcgi_temp_path {directory}/nginx_fastcgi;
    uwsgi_temp_path {directory}/nginx_uwsgi;
    scgi_temp_path {directory}/nginx_scgi;
    include {directory}/aether.conf;
}}
"""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Stack:
    directory: Path
    processes: Processes
    ports: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    demo: Any = None

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def account(self) -> Any:
        return self.demo["accounts"][0]

    def manage(self, *arguments: str) -> str:
        return self.processes.run(str(BIN / "python"), "manage.py", *arguments, **self.environment)

    def headers(self, role: str = "manager") -> dict[str, str]:
        return {"x-aether-api-key": self.account["api_keys"][role], "x-account-id": self.account["id"]}

    def connection(self, to: str) -> http.client.HTTPConnection:
        host, port = "127.0.0.1", self.ports[to]
        if to != "https":
            return http.client.HTTPConnection(host, port, timeout=60)
        context = ssl.create_default_context(cafile=str(self.directory / "fullchain.pem"))
        context.check_hostname = False
        return http.client.HTTPSConnection(host, port, timeout=60, context=context)

    def ask(self, method: str, path: str, body: Any = None, to: str = "https", **headers: str) -> Answer:
        """By way of nginx, or straight to the port of `to`."""
        connection = self.connection(to)
        headers = {"host": "api.example.org"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict | list):
            body = json.dumps(body)
            headers.setdefault("content-type", "application/json")
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return answer

    def call(self, method: str, path: str, body: Any = None, role: str = "manager", **headers: str) -> Answer:
        return self.ask(
            method, path, body, **{n.replace("-", "_"): v for n, v in self.headers(role).items()}, **headers
        )

    def logs(self) -> dict[str, str]:
        """Everything that any process has written anywhere."""
        files = [*(self.home / "logs").iterdir(), *self.directory.glob("*.out"), *self.directory.glob("*.log")]
        return {file.name: file.read_text(errors="replace") for file in files if file.suffix != ".lock"}


@contextmanager
def whole_service() -> Iterator[Stack]:
    directory = Path(tempfile.mkdtemp(prefix="aether-"))  # short: the path of a socket is limited to 107 bytes
    directory.chmod(0o755)
    processes = Processes(directory)
    names = ("database", "redis", "api", "ws", "http", "https")
    stack = Stack(directory, processes, {name: free_port() for name in names})
    try:
        start_services(stack)
        prepare(stack)
        start_processes(stack)
        yield stack
    finally:
        processes.end_all()


def start_services(stack: Stack) -> None:
    directory, ports, processes = stack.directory, stack.ports, stack.processes
    socket_file = directory / "my.sock"
    processes.run("mariadb-install-db", "--no-defaults", f"--datadir={directory}/mysql", *AS_ROOT, *INSTALL)
    start_database(stack)
    start_redis(stack)
    given = variables(DOCKER / "production.env.example")
    secret = password()
    stack.environment = given | {
        "PATH": PATH,
        "AETHER_ENV_FILE": "/dev/null",
        "AETHER_HOME": str(stack.home),
        "AETHER_SECRET_KEY": secrets.token_urlsafe(64),
        "AETHER_API_JWT_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": f"mysql://aether:{secret}@127.0.0.1:{ports['database']}/aether",
        "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{ports['redis']}/1",
        "AETHER_X_ACCEL_PREFIX": "/files-inside/",
        "AETHER_API_BIND": f"127.0.0.1:{ports['api']}",
        "AETHER_API_WORKERS": "2",
        "AETHER_PROXY_ADDRESSES": "127.0.0.1",
        "MARIADB_PASSWORD": secret,
    }
    wait_for(lambda: answers(socket_file), "the database")
    sql(  # what the image does with the variables of production.env, and then with what lies in its initdb.d
        socket_file,
        f"CREATE DATABASE aether; CREATE USER aether@'%' IDENTIFIED BY '{secret}'; GRANT ALL ON aether.* TO aether@'%'",
    )
    client = f'docker_process_sql() {{ mariadb --no-defaults --socket={socket_file} -uroot "$@"; }}'
    processes.run("bash", "-euc", f"{client}; . {DOCKER}/initdb/restore.sh", **stack.environment)


def start_database(stack: Stack) -> None:
    directory = stack.directory
    stack.processes.start(
        "database",
        "mariadbd",
        f"--defaults-file={DOCKER / 'mariadb.cnf'}",
        *AS_ROOT,
        f"--datadir={directory}/mysql",
        f"--tmpdir={directory}",
        f"--socket={directory}/my.sock",
        f"--pid-file={directory}/my.pid",
        "--bind-address=127.0.0.1",
        f"--port={stack.ports['database']}",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=16M",
    )


def start_redis(stack: Stack) -> None:
    stack.processes.start(
        "redis",
        "redis-server",
        str(DOCKER / "redis.conf"),
        *("--bind", "127.0.0.1", "--port", str(stack.ports["redis"]), "--dir", str(stack.directory)),
    )


def prepare(stack: Stack) -> None:
    """What the container `setup` does, and a demo."""
    socket_file = stack.directory / "my.sock"
    sql(socket_file, "SET GLOBAL innodb_flush_log_at_trx_commit = 0")  # thousands of statements, each on the disk
    load_tables(socket_file, "aether")
    stack.manage("migrate", "--noinput", "-v0")
    stack.manage("collectstatic", "--noinput", "-v0")
    stack.manage("load_demo", "--force", "--json", str(stack.directory / "demo.json"))
    stack.demo = json.loads((stack.directory / "demo.json").read_text())
    sql(socket_file, "SET GLOBAL innodb_flush_log_at_trx_commit = 1")


def start_processes(stack: Stack) -> None:
    processes, ports, environment = stack.processes, stack.ports, stack.environment
    start_api(stack)
    socket_settings = variables(DOCKER / "uvicorn.env")
    socket_settings |= {"UVICORN_HOST": "127.0.0.1", "UVICORN_PORT": str(ports["ws"])}
    processes.start("ws", str(BIN / "uvicorn"), "aether.asgi:application", **environment, **socket_settings)
    celery = [str(BIN / "celery"), "-A", "aether"]
    processes.start(
        "worker",
        *(*celery, "worker", "--without-gossip", "--without-mingle", "--concurrency", "1", "--loglevel", "INFO"),
        **environment,
    )
    processes.start("beat", *celery, "beat", "--pidfile=", "--loglevel", "INFO", **environment)
    start_nginx(stack)
    for name in ("api", "ws", "https"):
        wait_for(lambda name=name: listens(ports[name]), f"{name}: {processes.directory}")
    wait_for(lambda: stack.ask("GET", "/health/live").status == 200, "an answer")


def start_api(stack: Stack) -> None:
    gunicorn = [str(BIN / "gunicorn"), "--config", "docker/gunicorn.conf.py", "aether.wsgi"]
    short = {"AETHER_STATEMENT_TIMEOUT": "5"}  # so that the tests need not wait for longer
    stack.processes.start("api", *gunicorn, **stack.environment | short)


def start_nginx(stack: Stack) -> None:
    directory, ports = stack.directory, stack.ports
    processes = stack.processes
    processes.run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
        *("-subj", "/CN=api.example.org", "-addext", "subjectAltName=DNS:api.example.org,IP:127.0.0.1"),
        *("-keyout", f"{directory}/privkey.pem", "-out", f"{directory}/fullchain.pem"),
    )
    given = variables(DOCKER / "nginx" / "nginx.env")
    names = " ".join(f"${{{name}}}" for name in given)
    given |= {
        "AETHER_HTTP_PORT": f"127.0.0.1:{ports['http']}",
        "AETHER_HTTPS_PORT": f"127.0.0.1:{ports['https']}",
        "AETHER_TLS_DIR": str(directory),
        "AETHER_API_SERVERS": f"server 127.0.0.1:{ports['api']};",
        "AETHER_WS_SERVERS": f"server 127.0.0.1:{ports['ws']};",
        "AETHER_FILES_DIR": str(stack.home / "files"),
        "AETHER_SPOOL_DIR": str(directory / "spool"),
        "AETHER_ACCESS_LOG": f"{directory}/nginx_access.log",
        "AETHER_ERROR_LOG": f"{directory}/nginx_error.log",
    }
    template = DOCKER / "nginx" / "aether.conf.template"
    rendered = processes.run("sh", "-c", f"envsubst '{names}' < {template}", **given)
    (directory / "aether.conf").write_text(rendered)
    (directory / "nginx.conf").write_text(NGINX.format(directory=directory, user="user root;" if AS_ROOT else ""))
    stack.processes.start("nginx", "nginx", "-c", f"{directory}/nginx.conf", "-p", str(directory))


def is_envelope(answer: Answer, status: int, category: str) -> None:
    assert answer.status == status
    assert answer.body["data"] is None
    assert answer.body["meta"]["status_code"] == status
    assert answer.body["meta"]["details"]["category"] == category
    assert answer.body["meta"]["request_id"] == answer.headers.get("x-request-id", answer.body["meta"]["request_id"])
