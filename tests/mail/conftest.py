from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.mail.smtp_server import Postbox, smtp_server


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def by_smtp(settings: Any) -> Callable[[int], None]:
    """Says, as the environment would, that mails go by the server on that port."""

    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "mail.smtp.InternationalSmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", port
        settings.DEFAULT_FROM_EMAIL = "post@example.org"
        settings.AETHER_MAIL_BY_ENVIRONMENT = True

    return use


@pytest.fixture
def server(postbox: Postbox, by_smtp: Callable[[int], None]) -> Iterator[int]:
    with smtp_server(postbox) as port:
        by_smtp(port)
        yield port
