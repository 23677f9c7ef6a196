"""Two accounts full of objects, and their staff at the admin; nothing of another account shows or changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.contract.conftest import Stage, make_stage
from tests.crud.staff.pages import Staff


@pytest.fixture(scope="module")
def _stage_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=hashers), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)


@pytest.fixture
def stage(_stage_of_module: Stage, db: None) -> Stage:
    return _stage_of_module


@pytest.fixture
def staff(stage: Stage) -> Any:
    strangers = frozenset(stage.south.telltales)
    return lambda role: Staff(stage.users[role], frozenset() if role == "super" else strangers).sign_in()


@pytest.fixture
def manager(staff: Any) -> Staff:
    return staff("manager")  # type: ignore[no-any-return]
