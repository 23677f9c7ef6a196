"""Start-up checks: the model shapes through which a join or a write could slip past the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks

from tenancy.foreign_key import SameAccountJoin
from tenancy.models import TenantManager, TenantRow


@checks.register("tenancy")
def check_tenant_models(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    return [problem for model in apps.get_models() for problem in _problems(model)]


def _problems(model: Any) -> Iterator[checks.CheckMessage]:
    if not issubclass(model, TenantRow):
        return
    if not isinstance(model._base_manager, TenantManager) or not isinstance(model._default_manager, TenantManager):
        yield checks.Error(
            f"{model.__name__}'s default or base manager is not held to an account.",
            hint="Do not override `objects`; inherit Meta from the parent's Meta.",
            obj=model,
            id="tenancy.E001",
        )
    for manager in model._meta.managers:
        if not isinstance(manager, TenantManager):
            yield checks.Error(f"{model.__name__}.{manager.name} is no TenantManager.", obj=model, id="tenancy.E002")
    for field in model._meta.get_fields():
        if field.many_to_many and not field.auto_created and field.remote_field.through._meta.auto_created:
            yield checks.Error(
                f"{field} has an automatic table without an account; name a through model.",
                obj=model,
                id="tenancy.E003",
            )
        if (
            (field.many_to_one or field.one_to_one)
            and field.concrete
            and not issubclass(field.related_model, TenantRow)
        ):
            yield checks.Error(f"{field} leads out of the account's rows.", obj=model, id="tenancy.E004")
    for reference in model.tenant_references():
        if not isinstance(reference, SameAccountJoin):
            yield checks.Error(
                f"{reference} joins rows whatever their accounts.",
                hint="Use TenantForeignKey or TenantOneToOneField of tenancy.foreign_key.",
                obj=model,
                id="tenancy.E005",
            )
