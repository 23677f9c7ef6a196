"""SQLite keeps indexes by `kernel.sqlite.compare`, which has learnt which letters and digits MariaDB takes for equal."""

from django.db import migrations

from kernel.text_indexes import rebuild_text_indexes


def reindex(apps, schema_editor):
    rebuild_text_indexes(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("crud", "0004_text_order")]

    operations = [migrations.RunPython(reindex, migrations.RunPython.noop)]
