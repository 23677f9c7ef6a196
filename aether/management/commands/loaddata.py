"""`manage.py loaddata`: Django's own, into every account. What it loads is checked by nothing."""

from django.core.management.commands.loaddata import Command as LoadData

from aether.stock import ForTheWholeInstallation


class Command(ForTheWholeInstallation, LoadData):
    pass
