from django.db import migrations

from crud.fill_search_text import fill

SEARCHED = {
    "event": ["code", "name", "summary", "description", "location_text"],
    "eventbadge": ["full_name", "full_name_override", "given_name", "family_name", "professional_title", "affiliations", "location", "email", "external_id"],
    "eventbadgetemplate": ["name"],
    "eventdevice": ["code", "name", "type_code"],
    "eventexhibit": ["code", "name", "description"],
    "eventexhibittracking": ["captured_by", "exhibitor_notes"],
    "eventfile": ["filename", "title", "description"],
    "eventlocation": ["code", "name", "description"],
    "eventperson": ["full_name", "given_name", "family_name", "affiliations", "email", "external_id"],
    "eventpresentation": ["code", "name", "description"],
    "eventpresenter": ["full_name", "given_name", "family_name", "professional_title", "affiliations", "biography"],
    "eventsession": ["code", "name", "description", "type_code"],
}


def fill_rows(apps, schema_editor):
    fill(apps, schema_editor, "events", SEARCHED)


class Migration(migrations.Migration):
    atomic = False  # each batch is committed by itself

    dependencies = [("events", "0003_search_text")]

    operations = [migrations.RunPython(fill_rows, migrations.RunPython.noop)]
