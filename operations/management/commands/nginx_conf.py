"""`manage.py nginx_conf`: docker/nginx/aether.conf.template, filled in for this server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from tenancy.command import AetherCommand

DIRECTORY = Path(__file__).resolve().parents[3] / "docker/nginx"
PLACE = re.compile(r"\$\{(AETHER_[A-Z_]+)\}")
LINE = re.compile(r"^(AETHER_[A-Z_]+)=(.*)$", re.MULTILINE)
ON_THIS_MACHINE = {
    "AETHER_HTTP_PORT": "80",
    "AETHER_HTTPS_PORT": "443",
    "AETHER_API_SERVERS": "server 127.0.0.1:8000;",
    "AETHER_WS_SERVERS": "server 127.0.0.1:8001;",
    "AETHER_SPOOL_DIR": "/var/lib/nginx/aether-uploads",
    "AETHER_ACCESS_LOG": "/var/log/nginx/aether.log",
    "AETHER_ERROR_LOG": "/var/log/nginx/aether-error.log",
}
"""What differs from docker/nginx/nginx.env, which is for containers."""


class Command(AetherCommand):
    help = (
        "Prints nginx's configuration for this server: the template of docker/nginx/ with its variables filled in,\n"
        "and nginx's own left as they are. Those that can be set stand in docker/nginx/nginx.env."
    )
    example = (
        "manage.py nginx_conf > /etc/nginx/conf.d/aether.conf\n"
        "  manage.py nginx_conf --set AETHER_TLS_DIR=/etc/letsencrypt/live/api.example.org"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="given")

    def handle(self, *, given: list[str], **options: Any) -> None:
        values = dict(LINE.findall((DIRECTORY / "nginx.env").read_text())) | ON_THIS_MACHINE
        values["AETHER_FILES_DIR"] = str(settings.AETHER_HOME / "files")
        for pair in given:
            name, equals, value = pair.partition("=")
            if name not in values or not equals:
                raise CommandError(f"--set takes NAME=VALUE, and there are: {', '.join(sorted(values))}.")
            if not value or not value.isprintable():
                raise CommandError(f"{name}: give one line that is not empty.")
            values[name] = value
        template = (DIRECTORY / "aether.conf.template").read_text()
        self.stdout.write(PLACE.sub(lambda place: values[place[1]], template))
