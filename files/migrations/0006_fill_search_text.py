from django.db import migrations

from crud.fill_search_text import fill

SEARCHED = {
    "hostedfilelink": ["link_to_type", "role_code"],
    "hostedfile": ["filename", "title", "description"],
}


def fill_rows(apps, schema_editor):
    fill(apps, schema_editor, "files", SEARCHED)


class Migration(migrations.Migration):
    atomic = False  # each batch is committed by itself

    dependencies = [("files", "0005_search_text")]

    operations = [migrations.RunPython(fill_rows, migrations.RunPython.noop)]
