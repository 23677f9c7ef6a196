from django.db import migrations

from crud.fill_search_text import fill

SEARCHED = {
    "archive": ["name", "description", "code"],
    "archivecontent": ["name", "description", "type_code", "credit"],
    "journal": ["name", "type_code", "summary", "description"],
    "journalentry": ["name", "category_code", "content", "url"],
    "page": ["name", "path", "title", "description", "content"],
    "post": ["title", "name", "content", "topic_code"],
    "postcomment": ["name", "content"],
}


def fill_rows(apps, schema_editor):
    fill(apps, schema_editor, "content", SEARCHED)


class Migration(migrations.Migration):
    atomic = False  # each batch is committed by itself

    dependencies = [("content", "0003_search_text")]

    operations = [migrations.RunPython(fill_rows, migrations.RunPython.noop)]
