"""Mails as files, one each: what happens to them where no mail server is named."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FileBackend(BaseEmailBackend):
    """`$AETHER_HOME/mail/<when>-<message id>.eml`, for its owner's eyes: links in it open accounts."""

    def __init__(self, *, file_path: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.directory = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Any) -> int:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            mime_message = message.message()
            name = re.sub(r"[^\w.-]", "", str(mime_message["Message-ID"]).strip("<>").partition("@")[0])
            target = self.directory / f"{timezone.now():%Y%m%dT%H%M%S}-{name}.eml"
            partial = target.with_suffix(".part")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(mime_message.as_bytes())
            partial.rename(target)
        return len(email_messages)
