"""Where mails go, from the environment: AETHER_SMTP_…, else EMAIL_URL in django-environ's form, else files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import environ

from aether.env import EnvReader, refused

SMTP: Final = "mail.smtp.InternationalSmtpBackend"
FILES: Final = "mail.files.FileBackend"
SECURITY: Final = {
    **dict.fromkeys(("starttls", "true", "1", "yes", "on"), "starttls"),
    **dict.fromkeys(("tls", "ssl", "implicit"), "tls"),
    **dict.fromkeys(("none", "false", "0", "no", "off"), "none"),
}
HERE: Final = {"localhost", "127.0.0.1", "::1"}
NOBODY: Final = "no-reply@localhost"


@dataclass(frozen=True, slots=True)
class MailServer:
    backend: str
    directory: str
    by_environment: bool
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    security: str = "none"
    from_address: str = NOBODY


def configured(read: EnvReader, home: Path) -> MailServer:
    host, url = read.text("AETHER_SMTP_HOST"), read.text("EMAIL_URL")
    user, password = read.text("AETHER_SMTP_USER"), read.text("AETHER_SMTP_PASSWORD")
    named = read.integer("AETHER_SMTP_PORT", 0, most=65_535)
    security = read.text("AETHER_SMTP_TLS").lower()
    if security and security not in SECURITY:
        raise refused("AETHER_SMTP_TLS", "must be starttls, tls or none")
    from_address = read.fitting("AETHER_SMTP_FROM", "", _is_address, "must be an address such as info@example.org")
    if host:
        server = MailServer(SMTP, str(home / "mail"), True, host, 0, security="")
    elif url:
        server = _of_url(url, home)
    else:
        server = MailServer(FILES, str(home / "mail"), False, security="none")
    server = replace(
        server,
        port=named or server.port,
        user=user or server.user,
        password=password or server.password,
        security=SECURITY.get(security, server.security),
    )
    chosen = server.security or _usual_security(server)
    sender = from_address or (server.user if _is_address(server.user) else NOBODY)
    return replace(server, security=chosen, port=server.port or (465 if chosen == "tls" else 587), from_address=sender)


def _of_url(url: str, home: Path) -> MailServer:
    try:
        config = environ.Env.email_url_config(url)
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except Exception as error:
        raise refused("EMAIL_URL", "must look like smtp://user:password@host:25") from error
    if "smtp" not in scheme:
        directory = f"/{config['EMAIL_FILE_PATH']}" if config["EMAIL_FILE_PATH"] else str(home / "mail")
        backend = FILES if scheme == "filemail" else config["EMAIL_BACKEND"]
        return MailServer(backend, directory, True, security="none")
    if not host:
        raise refused("EMAIL_URL", "names no mail server")
    security = "starttls" if config.get("EMAIL_USE_TLS") else "tls" if config.get("EMAIL_USE_SSL") else "none"
    port = config["EMAIL_PORT"] or {"starttls": 587, "tls": 465, "none": 25}[security]
    user, password = config["EMAIL_HOST_USER"] or "", config["EMAIL_HOST_PASSWORD"] or ""
    return MailServer(SMTP, str(home / "mail"), True, host, port, user, password, security)


def _usual_security(server: MailServer) -> str:
    if server.port == 465:
        return "tls"
    return "none" if server.host in HERE else "starttls"


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain) and text.isprintable() and " " not in text


def is_public_address(text: str) -> bool:
    parts = urlsplit(text)
    whole = (
        parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment or parts.username)
    )
    return bool(whole) and parts.path in {"", "/"}
