"""Where mails go, from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from aether.env import EnvReader
from aether.mail_server import FILES, SMTP, MailServer, configured


def read(**variables: str) -> MailServer:
    return configured(EnvReader(variables, Path("/dev/null")), Path("/home/aether"))


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"AETHER_SMTP_HOST": "mx.example.org"}, ("mx.example.org", 587, "", "", "starttls", "no-reply@localhost")),
        (
            {"AETHER_SMTP_HOST": "mx.example.org", "AETHER_SMTP_PORT": "465", "AETHER_SMTP_USER": "a@b.org"},
            ("mx.example.org", 465, "a@b.org", "", "tls", "a@b.org"),
        ),
        ({"AETHER_SMTP_HOST": "127.0.0.1", "AETHER_SMTP_PORT": "2525"}, ("127.0.0.1", 2525, "", "", "none", "")),
        ({"AETHER_SMTP_HOST": "mx.example.org", "AETHER_SMTP_TLS": "ssl"}, ("mx.example.org", 465, "", "", "tls", "")),
        (
            {"AETHER_SMTP_HOST": "mx.example.org", "AETHER_SMTP_TLS": "off", "AETHER_SMTP_FROM": "post@b.org"},
            ("mx.example.org", 587, "", "", "none", "post@b.org"),
        ),
        ({"EMAIL_URL": "smtp://u:p%40w@mx.example.org:2500"}, ("mx.example.org", 2500, "u", "p@w", "none", "")),
        ({"EMAIL_URL": "smtp+tls://mx.example.org"}, ("mx.example.org", 587, "", "", "starttls", "")),
        ({"EMAIL_URL": "smtp+ssl://mx.example.org"}, ("mx.example.org", 465, "", "", "tls", "")),
        (
            {"EMAIL_URL": "smtp://u:p@mx.example.org", "AETHER_SMTP_PASSWORD": "q", "AETHER_SMTP_TLS": "starttls"},
            ("mx.example.org", 25, "u", "q", "starttls", ""),
        ),
        (
            {"EMAIL_URL": "smtp://u:p@other.example.org", "AETHER_SMTP_HOST": "mx.example.org"},
            ("mx.example.org", 587, "", "", "starttls", ""),
        ),
    ],
)
def test_a_mail_server_is_named_by_the_environment(
    variables: dict[str, str], expected: tuple[str, int, str, str, str, str]
) -> None:
    found = read(**variables)
    assert (found.backend, found.by_environment) == (SMTP, True)
    assert (found.host, found.port, found.user, found.password, found.security) == expected[:5]
    assert found.from_address == (expected[5] or "no-reply@localhost")


def test_without_one_mails_are_files() -> None:
    found = read()
    assert (found.backend, found.directory, found.by_environment) == (FILES, "/home/aether/mail", False)
    assert read(EMAIL_URL="filemail:///srv/mails").directory == "/srv/mails"
    assert "console" in read(EMAIL_URL="consolemail://").backend


@pytest.mark.parametrize(
    "variables",
    [
        {"AETHER_SMTP_HOST": "x", "AETHER_SMTP_TLS": "maybe"},
        {"AETHER_SMTP_FROM": "nobody"},
        {"AETHER_SMTP_FROM": "a@b.org\nBcc: c@d.org"},
        {"EMAIL_URL": "pigeon://secret@x"},
        {"EMAIL_URL": "smtp://"},
        {"AETHER_SMTP_PORT": "70000"},
    ],
)
def test_what_can_t_be_used_is_refused_by_name(variables: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(**variables)
    assert str(refusal.value).startswith(tuple(variables))
    assert "secret" not in str(refusal.value)
