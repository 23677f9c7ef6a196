"""The scope: opened and closed in pairs, whatever happens inside, and by each thread and task for itself."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.context import EVERY_TENANT, NoTenantError, Scope, current_scope, every_tenant, tenant

ACCOUNTS = st.integers(min_value=1, max_value=2**63 - 1)
SCOPES = st.one_of(ACCOUNTS, st.just(EVERY_TENANT))


def entered(scope: Scope) -> Any:
    return every_tenant(reason="a test") if scope is EVERY_TENANT else tenant(scope)  # type: ignore[arg-type]


def scope_or_none() -> Scope | None:
    try:
        return current_scope()
    except NoTenantError:
        return None


def test_there_is_none_to_begin_with() -> None:
    with pytest.raises(NoTenantError):
        current_scope()


@given(st.lists(SCOPES, max_size=12))
def test_scopes_nest_and_come_back(scopes: list[Scope]) -> None:
    with ExitStack() as doors:
        for depth, scope in enumerate(scopes):
            assert scope_or_none() == (scopes[depth - 1] if depth else None)
            doors.enter_context(entered(scope))
            assert current_scope() == scope
    assert scope_or_none() is None


@given(st.lists(SCOPES, min_size=1, max_size=8), st.integers(min_value=0, max_value=7))
def test_an_exception_at_any_depth_closes_all(scopes: list[Scope], at: int) -> None:
    def descend(rest: list[Scope], depth: int) -> None:
        if depth == at or not rest:
            raise ZeroDivisionError
        outside = scope_or_none()
        try:
            with entered(rest[0]):
                descend(rest[1:], depth + 1)
        finally:
            assert scope_or_none() == outside

    with pytest.raises(ZeroDivisionError):
        descend(scopes, 0)
    assert scope_or_none() is None


@pytest.mark.parametrize("value", [None, 0, -1, True, False, "1", 1.0, b"1", [1], EVERY_TENANT, object(), "bypass", ""])
def test_nothing_but_an_accounts_integer_id_opens_one(value: Any) -> None:
    """None above all: a missing account must not open every one."""
    with pytest.raises(TypeError), tenant(value):
        pass
    assert scope_or_none() is None


@pytest.mark.parametrize("reason", ["", None, 0])
def test_every_account_is_opened_with_a_reason_only(reason: Any) -> None:
    with pytest.raises(ValueError, match="why"), every_tenant(reason=reason):
        pass
    with pytest.raises(TypeError):
        every_tenant("a reason without its name")  # type: ignore[misc]
    assert scope_or_none() is None


def test_a_thread_begins_outside() -> None:
    found: list[Scope | None] = []
    with tenant(7):
        thread = threading.Thread(target=lambda: found.append(scope_or_none()))
        thread.start()
        thread.join()
    assert found == [None]


def test_tasks_do_not_see_each_others_scope() -> None:
    async def work(account: int, others: asyncio.Barrier) -> list[Scope | None]:
        before = scope_or_none()
        with tenant(account):
            await others.wait()
            inside = current_scope()
            await others.wait()
        return [before, inside, scope_or_none()]

    async def both() -> list[list[Scope | None]]:
        barrier = asyncio.Barrier(3)
        return list(await asyncio.gather(*(work(account, barrier) for account in (1, 2, 3))))

    assert asyncio.run(both()) == [[None, account, None] for account in (1, 2, 3)]


def test_a_generator_left_open_does_not_leak_its_scope_for_good() -> None:
    """Why exports hold no scope across `yield`: what happens if one did is at least closed with it."""

    def rows() -> Any:
        with tenant(5):
            yield current_scope()

    generator = rows()
    assert next(generator) == 5
    generator.close()
    assert scope_or_none() is None
