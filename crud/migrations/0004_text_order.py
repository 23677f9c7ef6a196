"""SQLite keeps indexes in the order of `crud.sqlite.compare`, which has learnt where emoji and the like stand."""

from django.db import migrations

from crud.model_fields import TEXT_COLLATION_SQLITE


def reindex(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"REINDEX {TEXT_COLLATION_SQLITE}")


class Migration(migrations.Migration):
    dependencies = [("crud", "0003_lease")]

    operations = [migrations.RunPython(reindex, migrations.RunPython.noop)]
