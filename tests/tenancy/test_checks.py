"""Each start-up check fires on a model made wrong on purpose, and on none of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps.registry import Apps
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import Account, ApiKey, Person
from crud.models import TenantObject
from tenancy import checks
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantManager, TenantRow


def problems(monkeypatch: pytest.MonkeyPatch, apps: Apps) -> list[str]:
    monkeypatch.setattr(checks, "apps", apps)
    return sorted(str(problem.id) for problem in checks.check_tenant_models())


def test_our_models_pass() -> None:
    assert run_checks(tags=["tenancy"]) == []


def test_the_checks_run_with_the_others() -> None:
    assert (
        checks.check_tenant_models
        in __import__("django.core.checks.registry", fromlist=["registry"]).registry.registered_checks
    )


def test_a_right_model_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Right(TenantRow):
            account = models.ForeignKey(Account, models.PROTECT, related_name="+")
            person = TenantForeignKey(Person, models.PROTECT, related_name="+")

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == []


def test_e001_a_manager_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            objects = models.Manager()  # type: ignore[misc]

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E001", "tenancy.E002"]


def test_a_meta_that_forgets_its_parent_keeps_the_managers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relations go by the base manager, which Django looks for in the parents too."""
    with isolate_apps("tenancy") as apps:

        class Forgetful(TenantRow):
            account_id = models.BigIntegerField()

            class Meta:
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == []
        assert isinstance(Forgetful._base_manager, TenantManager)


def test_e001_djangos_base_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            plain = models.Manager()

            class Meta(TenantRow.Meta):
                app_label = "tenancy"
                base_manager_name = "plain"

        assert problems(monkeypatch, apps) == ["tenancy.E001", "tenancy.E002"]


def test_e001_another_default_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            everything = models.Manager()

            class Meta(TenantRow.Meta):
                app_label = "tenancy"
                default_manager_name = "everything"

        assert problems(monkeypatch, apps) == ["tenancy.E001", "tenancy.E002"]


def test_e002_a_second_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            everything = models.Manager()

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E002"]


def test_a_second_manager_that_asks_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Fine(TenantRow):
            account_id = models.BigIntegerField()
            recent = TenantManager()

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == []


def test_e003_a_table_between_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            people = models.ManyToManyField(Person, related_name="+")

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E003"]


@pytest.mark.parametrize("target", [ApiKey, Group])
def test_e004_a_reference_out_of_the_accounts_rows(monkeypatch: pytest.MonkeyPatch, target: Any) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            out = models.ForeignKey(target, models.PROTECT, related_name="+")

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E004"]


def test_e004_one_to_one_leads_out_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account_id = models.BigIntegerField()
            out = models.OneToOneField(ApiKey, models.PROTECT, related_name="+")

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E004"]


def test_an_object_inherits_all_of_it() -> None:
    with isolate_apps("tenancy"):

        class Thing(TenantObject):
            class Meta(TenantObject.Meta):
                app_label = "tenancy"
                indexes: list[Any] = []

        assert isinstance(Thing._base_manager, TenantManager)
        assert isinstance(Thing._default_manager, TenantManager)


def test_e005_a_reference_that_joins_whatever_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("tenancy") as apps:

        class Wrong(TenantRow):
            account = models.ForeignKey(Account, models.PROTECT, related_name="+")
            person = models.ForeignKey(Person, models.PROTECT, related_name="+")

            class Meta(TenantRow.Meta):
                app_label = "tenancy"

        assert problems(monkeypatch, apps) == ["tenancy.E005"]
