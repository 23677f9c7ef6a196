from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deployment.stack import Stack, whole_service


@pytest.fixture(scope="package")
def stack(django_db_setup: None) -> Iterator[Stack]:
    with whole_service() as service:
        yield service
