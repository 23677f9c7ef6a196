from django.db import migrations

import kernel.model_fields
from kernel.model_fields import BINARY_COLLATION
from kernel.migration_operations import Together

TABLES = ('event', 'event_session')


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
        ('events', '0002_words'),
        ('files', '0005_search_text'),
    ]

    operations = [
        migrations.RunPython(renew_columns, old_indexes, atomic=False),
        Together([
            migrations.AddField(
                model_name='eventbadge',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventbadgetemplate',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventdevice',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventexhibit',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventexhibittracking',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventfile',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventlocation',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventperson',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventpresentation',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='eventpresenter',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddIndex(
                model_name='event',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='event_words'),
            ),
            migrations.AddIndex(
                model_name='eventbadge',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventbadge_words'),
            ),
            migrations.AddIndex(
                model_name='eventbadgetemplate',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventbadgetemplate_words'),
            ),
            migrations.AddIndex(
                model_name='eventdevice',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventdevice_words'),
            ),
            migrations.AddIndex(
                model_name='eventexhibit',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventexhibit_words'),
            ),
            migrations.AddIndex(
                model_name='eventexhibittracking',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventexhibittracking_words'),
            ),
            migrations.AddIndex(
                model_name='eventfile',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventfile_words'),
            ),
            migrations.AddIndex(
                model_name='eventlocation',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventlocation_words'),
            ),
            migrations.AddIndex(
                model_name='eventperson',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventperson_words'),
            ),
            migrations.AddIndex(
                model_name='eventpresentation',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventpresentation_words'),
            ),
            migrations.AddIndex(
                model_name='eventpresenter',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventpresenter_words'),
            ),
            migrations.AddIndex(
                model_name='eventsession',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='eventsession_words'),
            ),
        ]),
    ]
