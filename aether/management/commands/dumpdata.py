"""`manage.py dumpdata`: Django's own, of every account. `backup_db` is the one that can be put back as a whole."""

from django.core.management.commands.dumpdata import Command as DumpData

from aether.stock import ForTheWholeInstallation


class Command(ForTheWholeInstallation, DumpData):
    pass
