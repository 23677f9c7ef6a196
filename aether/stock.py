"""Commands of Django and of libraries that ask for rows outside of any account, as they know of none."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, InterfaceError

from tenancy.context import every_tenant
from tenancy.principal import SYSTEM, acting_as


class ForTheWholeInstallation(BaseCommand):
    """Whoever may run commands on this machine may see every account. What goes wrong is said in a sentence."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with every_tenant(reason="a command of Django works on the whole installation"), acting_as(SYSTEM):
                return super().execute(*args, **options)
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(f"The database refused it: {error}. Has `manage.py migrate` been run?") from error
        except (DeserializationError, SMTPException, OSError) as error:
            raise CommandError(str(error).strip() or type(error).__name__) from error
