from django.db import migrations

import kernel.model_fields
from kernel.model_fields import BINARY_COLLATION
from kernel.migration_operations import Together

TABLES = ('journal_entry', 'post')


def renew_columns(apps, schema_editor):
    """These have a search text already. It is folded now as it is asked for, and compares byte by byte."""
    if schema_editor.connection.vendor == "mysql":
        for table in TABLES:
            schema_editor.execute(
                f"ALTER TABLE {table} DROP INDEX {table}_words, "
                f"MODIFY default_qry_str longtext COLLATE {BINARY_COLLATION} NULL"
            )


def old_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "mysql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} ADD FULLTEXT INDEX {table}_words (default_qry_str)")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_search_text'),
        ('content', '0002_words'),
        ('files', '0005_search_text'),
    ]

    operations = [
        migrations.RunPython(renew_columns, old_indexes, atomic=False),
        Together([
            migrations.AddField(
                model_name='archive',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='archivecontent',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='journal',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='page',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='postcomment',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddIndex(
                model_name='archive',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='archive_words'),
            ),
            migrations.AddIndex(
                model_name='archivecontent',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='archivecontent_words'),
            ),
            migrations.AddIndex(
                model_name='journal',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='journal_words'),
            ),
            migrations.AddIndex(
                model_name='journalentry',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='journalentry_words'),
            ),
            migrations.AddIndex(
                model_name='page',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='page_words'),
            ),
            migrations.AddIndex(
                model_name='post',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='post_words'),
            ),
            migrations.AddIndex(
                model_name='postcomment',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='postcomment_words'),
            ),
        ]),
    ]
