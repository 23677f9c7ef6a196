"""SQLite keeps indexes by `kernel.sqlite.compare`, which has learnt which letters and digits MariaDB takes for equal."""

from django.db import migrations

from kernel.model_fields import TEXT_COLLATION_SQLITE


def reindex(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"REINDEX {TEXT_COLLATION_SQLITE}")


class Migration(migrations.Migration):
    dependencies = [("crud", "0004_text_order")]

    operations = [migrations.RunPython(reindex, migrations.RunPython.noop)]
