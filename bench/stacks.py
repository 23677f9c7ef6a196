"""Starting the peers, each as one process with four threads on the server core."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.database import MariaDb
from bench.processes import SERVER_CORE, Server, clean_environment, free_port, pinned, say

ROOT = Path(__file__).resolve().parent.parent
THREADS = 4
WSGI = {
    "limit": "bench.peers.limit:application",
    "aether": "aether.wsgi:application",
    "stock": "aether.wsgi:application",
    "drf": "bench.peers.drf.wsgi:application",
}
SHIPPED = ("gunicorn", "uvicorn")
"""Aether behind the servers that production and `make run` have: with Redis, and logs to console and file."""
PEERS = ["limit", "aether", *SHIPPED, "stock", "fastapi", "drf"]


def service_environment(database_url: str, directory: Path) -> dict[str, str]:
    """Aether as in production."""
    return clean_environment(
        AETHER_ENV="production",
        AETHER_ENV_FILE="/dev/null",
        AETHER_HOME=str(directory / "home"),
        AETHER_SECRET_KEY=secrets.token_urlsafe(64),
        AETHER_API_JWT_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="127.0.0.1",
        DATABASE_URL=database_url,
        DJANGO_SETTINGS_MODULE="aether.settings",
    )


class Stacks:
    """What a peer needs to start: the database, the key, the environment of the service."""

    def __init__(self, database: MariaDb, directory: Path, service: dict[str, str], key: str) -> None:
        self.database = database
        self.directory = directory
        self._redis: Server | None = None
        self.service = service
        self.peer = clean_environment(BENCH_DB_PORT=str(database.port), BENCH_KEY=key, PYTHONPATH=str(ROOT))

    def start(self, name: str) -> Server:
        port = free_port()
        if name in SHIPPED:
            command = shipped(name, port)
        else:
            command = granian(WSGI[name], port) if name in WSGI else fastapi(port)
        log = self.directory / f"{name}.log"
        server = Server(name, pinned(SERVER_CORE, command), port, log, self.environment(name), ROOT)
        server.wait_until_open()
        return server

    def environment(self, name: str) -> dict[str, str]:
        if name in SHIPPED:
            few = {"AETHER_API_WORKERS": "1", "AETHER_WEB_THREADS": str(THREADS), "AETHER_WORKER_THREADS": "0"}
            own = {"AETHER_HOME": str(self.directory / name), "REDIS_URL": self.redis()}
            return self.service | few | own
        if name == "stock":
            return self.service | {"AETHER_FAST_PATHS": "false"}
        return self.service if name == "aether" else self.peer

    def redis(self) -> str:
        """The address of one of the bench's own."""
        if self._redis is None:
            port = free_port()
            command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
            if not shutil.which("redis-server"):
                raise SystemExit("redis-server is missing; as root: apt-get install redis-server")
            env = clean_environment()
            self._redis = Server("Redis", command, port, self.directory / "redis.log", env, self.directory)
            self._redis.wait_until_open()
        return f"redis://127.0.0.1:{self._redis.port}/0"

    def stop(self) -> None:
        if self._redis is not None:
            self._redis.stop()

    def profile(self, name: str, requests: Path, seconds: float) -> str:
        """Where the CPU goes, as bench.profiler says, in a process of its own."""
        command = [sys.executable, "-m", "bench.profiler", WSGI[name], str(requests), str(seconds)]
        env = self.environment(name)
        with (self.directory / "profile.log").open("wb") as log:
            streams = {"stdout": subprocess.PIPE, "stderr": log}
            done = subprocess.run(pinned(SERVER_CORE, command), env=env, cwd=ROOT, check=False, **streams)
        if done.returncode:
            raise SystemExit((self.directory / "profile.log").read_text(errors="replace")[-3000:])
        return done.stdout.decode()


@contextmanager
def own_installation(kind: str) -> Iterator[dict[str, str]]:
    """The environment of one in a directory of its own, on `sqlite` or `mariadb`, with tables and without rows."""
    with ExitStack() as doors:
        directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
        if kind == "mariadb":
            database = MariaDb(directory)
            doors.callback(database.stop)
            database.create()
            environment = service_environment(database.url, directory)
        else:
            home = {"AETHER_HOME": str(directory / "home"), "AETHER_ENV_FILE": "/dev/null"}
            environment = clean_environment(DJANGO_SETTINGS_MODULE="aether.settings", **home)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        yield environment


def shipped(name: str, port: int) -> list[str]:
    if name == "uvicorn":
        return [sys.executable, "manage.py", "serve", "--port", str(port)]
    command = [str(Path(sys.executable).with_name("gunicorn")), "--config", "docker/gunicorn.conf.py"]
    return [*command, "--bind", f"127.0.0.1:{port}", "aether.wsgi"]


def granian(application: str, port: int) -> list[str]:
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS), "--runtime-threads", "1"]
    return [*command, "--backpressure", "64", "--no-ws", "--log-level", "warning", application]


def fastapi(port: int) -> list[str]:
    command = [str(fastapi_python()), "-m", "uvicorn", "bench.peers.fastapi_app:app", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--loop", "uvloop", "--http", "httptools"]
    return [*command, "--timeout-keep-alive", "75", "--no-access-log", "--log-level", "warning"]


def fastapi_python() -> Path:
    """The interpreter of the earlier stack's environment, made at the first use inside the one that runs this."""
    locked = ROOT / "requirements" / "bench-fastapi.txt"
    place = Path(sys.prefix) / "bench-fastapi"
    python, stamp = place / "bin" / "python", place / ".installed"
    if stamp.exists() and stamp.read_text() == locked.read_text():
        return python
    if sys.prefix == sys.base_prefix:
        raise SystemExit("Run the bench from a virtual environment (make bench).")
    say("Installing the earlier stack")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(locked)]
    subprocess.run(install, check=True)
    stamp.write_text(locked.read_text())
    return python
