"""`manage.py collectstatic`: Django's own, one at a time."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic

from kernel.preparation import preparing


class Command(CollectStatic):
    def handle(self, **options: Any) -> str | None:
        with preparing(self.stdout.write):
            return super().handle(**options)
