"""`manage.py serve`: everything in one process, for development and demonstrations."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from aether import mail_server
from aether.http_protocol import WithoutTrailers
from aether.logs import quiet_console
from aether.serving import InUse, alone_in
from aether.worker import worker_in_this_process
from kernel.preparation import preparing
from realtime.protocol import MAX_FRAME


class Command(BaseCommand):
    help = "Prepares the database and serves the API. Example: manage.py serve --demo --port 8000"
    requires_system_checks: list[str] = []  # checked below, once

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--demo", action="store_true", help="load the demo accounts and print how to call them")
        parser.add_argument("--host", default=settings.AETHER_SERVE_HOST, help="default: %(default)s, or $HOST")
        parser.add_argument(
            "--port", type=int, default=settings.AETHER_SERVE_PORT, help="default: %(default)s, or $PORT; 0: a free one"
        )

    def handle(self, *, demo: bool, host: str, port: int, **options: Any) -> None:
        home = settings.AETHER_HOME
        home.mkdir(parents=True, exist_ok=True)
        try:
            with alone_in(home) as tell, quiet_console() as speak:
                self.serve(demo, host, port, tell, speak)
        except InUse as error:
            raise CommandError(f"{home} {error}. Stop that one first, or choose another AETHER_HOME.") from error

    def serve(self, demo: bool, host: str, port: int, tell: Callable[[str], None], speak: Callable[[], None]) -> None:
        listener = listen(host, port)  # first, so that a taken port is told at once
        address = base_url(host, listener.getsockname()[1])
        tell(address)
        self.check()
        with preparing(self.stdout.write):
            self.migrate()
            accounts = self.load_demo(settings.AETHER_HOME / "demo.json") if demo else None
        connection.close()

        server = AnnouncingServer(
            uvicorn.Config(
                "aether.asgi:application",
                http=WithoutTrailers,
                log_config=None,  # settings.LOGGING has configured it
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # AETHER_TRUSTED_PROXY_COUNT decides whom to believe
                ws_max_size=MAX_FRAME,
                ws_per_message_deflate=False,  # its buffers would be most of what a socket costs
            ),
            announce=lambda: self.announce(address, accounts, speak),
        )
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # uvicorn raises it again when it has ended
        with suppress(KeyboardInterrupt), worker_in_this_process(settings.AETHER_WORKER_THREADS):
            server.run(sockets=[listener])

    def announce(self, address: str, accounts: Any, speak: Callable[[], None]) -> None:
        self.stdout.write(announcement(address, accounts))
        speak()

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)

    def load_demo(self, file: Path) -> dict[str, Any]:
        """The credentials of the demo; they stay in the file for end-to-end tests and front-end developers."""
        file.touch(mode=0o600)
        if not file.stat().st_size:
            self.stdout.write("Loading the demo …")
        output = io.StringIO()
        with open(os.devnull, "w") as quiet:
            call_command("load_demo", json_file=str(file), stdout=quiet, stderr=output)
        for line in output.getvalue().splitlines():
            if line.startswith("Demo:") and not line.endswith(("accounts.", "is there.")):
                self.stdout.write(line)
        demo: dict[str, Any] = json.loads(file.read_text())
        return demo


class AnnouncingServer(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, announce: Any) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


def listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except (OSError, OverflowError) as error:
        raise CommandError(f"Cannot listen on {host}, port {port}: {error}. Choose another with PORT=…") from error
    return listener


def base_url(host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def announcement(address: str, demo: dict[str, Any] | None) -> str:
    slower = "Stock Django        AETHER_FAST_PATHS=false: slower, with the same answers\n"
    stock = "" if settings.AETHER_FAST_PATHS else slower
    if demo is None:
        return f"{stock}Aether answers at {address} (Ctrl+C stops it)\nMails: {mails()}"
    account = demo["accounts"][0]
    key, manager, boss = account["api_keys"]["user"], account["users"]["manager"], demo["super"]
    return "\n".join(
        [
            "",
            f"{stock}Aether answers at   {address} (Ctrl+C stops it)",
            f"Requests to try     {address}/docs, and the guide: docs/frontend_guide.md",
            f"Admin               {address}/admin/",
            f"  one account       {manager['username']} / {manager['password']}",
            f"  every account     {boss['username']} / {boss['password']}",
            f"API key (demo)      {key}",
            f"Account id          {account['id']}",
            f"Mails               {mails()}",
            f"All of the demo     {settings.AETHER_HOME / 'demo.json'}",
            "",
            f"curl -H 'x-aether-api-key: {key}' -H 'x-account-id: {account['id']}' {address}/v3/crud/journal/",
            "",
        ]
    )


def mails() -> str:
    """Where they go."""
    if settings.EMAIL_BACKEND == mail_server.SMTP:
        return f"by {settings.EMAIL_HOST}, port {settings.EMAIL_PORT}"
    to_files = settings.EMAIL_BACKEND == mail_server.FILES
    return f"files in {settings.EMAIL_FILE_PATH}; AETHER_SMTP_HOST sends them" if to_files else settings.EMAIL_BACKEND
