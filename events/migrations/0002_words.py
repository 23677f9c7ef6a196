from django.db import migrations

TABLES = ("event", "event_session")


def create_indexes(apps, schema_editor):
    """MariaDB searches words by a full-text index; SQLite, which has none of that kind, scans."""
    if schema_editor.connection.vendor == "mysql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} ADD FULLTEXT INDEX {table}_words (default_qry_str)")


def drop_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "mysql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} DROP INDEX {table}_words")


class Migration(migrations.Migration):
    atomic = False  # MariaDB commits at each ALTER TABLE anyway

    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunPython(create_indexes, drop_indexes)]
