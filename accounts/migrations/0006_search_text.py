from django.db import migrations

import kernel.model_fields
from kernel.migration_operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_indexes_of_lists'),
        ('files', '0004_name_background_jobs'),
    ]

    operations = [
        Together([
            migrations.AddField(
                model_name='account',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='contact',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='organization',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='person',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='site',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='sitedomain',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='user',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddIndex(
                model_name='account',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='account_words'),
            ),
            migrations.AddIndex(
                model_name='contact',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='contact_words'),
            ),
            migrations.AddIndex(
                model_name='organization',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='organization_words'),
            ),
            migrations.AddIndex(
                model_name='person',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='person_words'),
            ),
            migrations.AddIndex(
                model_name='site',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='site_words'),
            ),
            migrations.AddIndex(
                model_name='sitedomain',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='sitedomain_words'),
            ),
            migrations.AddIndex(
                model_name='user',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='user_words'),
            ),
        ]),
    ]
