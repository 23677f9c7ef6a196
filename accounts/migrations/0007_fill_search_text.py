from django.db import migrations

from crud.fill_search_text import fill

SEARCHED = {
    "account": ["code", "name", "short_name", "description"],
    "contact": ["type", "email", "phone", "mobile", "address_line_1", "address_line_2", "city", "postal_code"],
    "organization": ["name", "description", "website", "email"],
    "person": ["full_name", "display_name", "professional_title", "affiliations", "email", "external_id"],
    "site": ["code", "name", "title", "tagline", "description"],
    "sitedomain": ["fqdn"],
    "user": ["username", "email", "name"],
}


def fill_rows(apps, schema_editor):
    fill(apps, schema_editor, "accounts", SEARCHED)


class Migration(migrations.Migration):
    atomic = False  # each batch is committed by itself

    dependencies = [("accounts", "0006_search_text")]

    operations = [migrations.RunPython(fill_rows, migrations.RunPython.noop)]
