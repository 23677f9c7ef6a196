"""SQLite keeps indexes in the order of `crud.sqlite.compare`, which has learnt where emoji and the like stand."""

from django.db import migrations

from kernel.text_indexes import rebuild_text_indexes


def reindex(apps, schema_editor):
    rebuild_text_indexes(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("crud", "0003_lease")]

    operations = [migrations.RunPython(reindex, migrations.RunPython.noop)]
