"""`manage.py sendtestemail`: Django's own, which says why a mail did not go."""

from django.core.management.commands.sendtestemail import Command as SendTestEmail

from aether.stock import ForTheWholeInstallation


class Command(ForTheWholeInstallation, SendTestEmail):
    pass
