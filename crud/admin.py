"""Every registered object type has its pages in the admin; an app that writes its own registers them over these."""

from django.contrib import admin

from crud.declare.object_type import registry
from crud.models import ChangeLog
from crud.staff.change_log import ChangeLogAdmin
from crud.staff.labels import name_fields, name_in_plural
from crud.staff.object_admin import ObjectAdmin

for _object_type in registry.values():
    name_in_plural(_object_type.model)
    name_fields(_object_type.model)
    admin.site.register(_object_type.model, ObjectAdmin)
name_fields(ChangeLog)
admin.site.register(ChangeLog, ChangeLogAdmin)
admin.site.index_title = "Dashboard"
