"""`manage.py changepassword`: Django's own, for a user of any account."""

from django.contrib.auth.management.commands.changepassword import Command as ChangePassword

from aether.stock import ForTheWholeInstallation


class Command(ForTheWholeInstallation, ChangePassword):
    pass
