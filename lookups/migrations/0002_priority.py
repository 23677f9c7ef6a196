from django.db import migrations

from kernel.ids import new_id

COUNTRIES = (
    "AE AR AT AU BE BR CA CH CL CN CO CZ DE DK EG ES FI FR GB GR HK HU ID IE IL IN IT JP KE KR MX MY NG NL NO NZ "
    "PE PH PL PT RO SA SE SG TH TR TW UA US VN ZA"
).split()
SUBDIVISIONS_OF = ("US", "CA", "AU")


def give_priority(apps, schema_editor):
    """The global rows have begun without; where staff have given some to any, theirs stands."""
    chosen = {"country": {"group__in": COUNTRIES}, "countrysubdivision": {"country_group__in": SUBDIVISIONS_OF}}
    for name, first in chosen.items():
        model = apps.get_model("lookups", name)
        rows = model.objects.filter(account_id=None)
        if not rows.filter(priority=True).exists():
            rows.filter(**first).update(priority=True)
            table = model._meta.db_table
            apps.get_model("lookups", "lookupversion").objects.filter(lu_type=table).update(token=new_id())


class Migration(migrations.Migration):
    dependencies = [("lookups", "0001_initial")]

    operations = [migrations.RunPython(give_priority, migrations.RunPython.noop)]
