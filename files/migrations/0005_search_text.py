from django.db import migrations

import kernel.model_fields
from kernel.migration_operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_search_text'),
        ('files', '0004_name_background_jobs'),
    ]

    operations = [
        Together([
            migrations.AddField(
                model_name='hostedfile',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='hostedfilelink',
                name='default_qry_str',
                field=kernel.model_fields.SearchTextField(blank=True, editable=False, null=True),
            ),
            migrations.AddIndex(
                model_name='hostedfile',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='hostedfile_words'),
            ),
            migrations.AddIndex(
                model_name='hostedfilelink',
                index=kernel.model_fields.FullTextIndex(fields=['default_qry_str'], name='hostedfilelink_words'),
            ),
        ]),
    ]
