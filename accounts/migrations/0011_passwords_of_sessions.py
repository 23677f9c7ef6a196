from hashlib import sha256

from django.db import migrations


def fill_passwords(apps, schema_editor):
    """Sessions that are open go on: each is of the password that its user has now."""
    tokens = apps.get_model("accounts", "RefreshToken").objects.filter(password=None, used_on=None, revoked_on=None)
    for pk, stored, created_on in tokens.values_list("pk", "user__password", "created_on"):
        tokens.model.objects.filter(pk=pk).update(
            password=sha256(stored.encode()).hexdigest()[:16], began_on=created_on, last_used_on=created_on
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_sessions")]

    operations = [migrations.RunPython(fill_passwords, migrations.RunPython.noop)]
