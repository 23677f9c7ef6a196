"""`manage.py createsuperuser`: Django's own. A super user belongs to no account, and sees every one."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as CreateSuperUser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from aether.stock import ForTheWholeInstallation


class Command(ForTheWholeInstallation, CreateSuperUser):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--email", help="where a link for a new password goes; also from DJANGO_SUPERUSER_EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"] or os.environ.get("DJANGO_SUPERUSER_EMAIL", "")
        if email and User.objects.filter(email=email).exists():
            raise CommandError("Another user has this address.")
        with transaction.atomic():
            last = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            super().handle(*args, **options)
            user = User.objects.filter(pk__gt=last, super=True).first()
            if user is None or not email:
                return
            user.email = email
            try:
                user.clean_fields(exclude=["password"])
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            user.save()
