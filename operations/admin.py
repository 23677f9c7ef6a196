"""Schedules in the admin, in its theme: what beat runs, and when. For super users: the work is for all accounts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat import admin as stock
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from crud.staff import principal_of
from tenancy.principal import Role


class ForSuperUsers(ModelAdmin):
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.SUPER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


class TaskSelect(UnfoldAdminSelectWidget, stock.TaskSelectWidget):
    pass


class PeriodicTaskForm(stock.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


class PeriodicTaskAdmin(ForSuperUsers, stock.PeriodicTaskAdmin):
    form = PeriodicTaskForm
    change_form_template = "operations/periodic_task_form.html"  # the stock one holds a script within the page


for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule):
    admin.site.unregister(model)
admin.site.register(PeriodicTask, PeriodicTaskAdmin)
admin.site.register([IntervalSchedule, CrontabSchedule, ClockedSchedule], ForSuperUsers)
