"""Schedules in the admin, in its theme: what beat runs, and when; for super users, as the work is for all accounts. And
from a person's form to all that is held of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_celery_beat import admin as stock
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from crud import registry
from crud.staff import principal_of
from operations.person_page import TYPES
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


class PersonDataLink:
    """From the form of a row that is about a person."""

    actions_detail = ("person_data_link",)

    @action(description="Export or erase the person", permissions=["person_data"], icon="person_remove")  # type: ignore[untyped-decorator]
    def person_data_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        asked = {"type": row._meta.db_table, "id": row.id_random, "account": row.account.id_random}
        return HttpResponseRedirect(f"{reverse('person_data')}?{urlencode(asked)}")

    def has_person_data_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.MANAGER)


for name in TYPES:
    model = registry[name].model
    stock_admin = type(admin.site.get_model_admin(model))
    admin.site.unregister(model)
    admin.site.register(model, type(stock_admin.__name__, (PersonDataLink, stock_admin), {}))
