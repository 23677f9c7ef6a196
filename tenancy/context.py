"""Which account's rows the running code may touch. Fails closed: no account, no rows."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final


class NoTenantError(RuntimeError):
    """Rows of an account were asked for outside `with tenant(...)`."""


class CrossTenantError(RuntimeError):
    """A row of one account was about to be written, or referred to, from inside another."""


class EveryTenant:
    """The scope that filters nothing. There is one instance, and one way to it: `every_tenant`."""

    def __repr__(self) -> str:
        return "EVERY_TENANT"


EVERY_TENANT: Final = EveryTenant()
Scope = int | EveryTenant
_scope: ContextVar[Scope] = ContextVar("tenant_scope")


class Entered:
    """`with Entered(variable, value):` sets it, and then what it was before."""

    __slots__ = ("token", "value", "variable")

    def __init__(self, variable: ContextVar[Any], value: Any) -> None:
        self.variable = variable
        self.value = value

    def __enter__(self) -> None:
        self.token = self.variable.set(self.value)

    def __exit__(self, *_: object) -> None:
        self.variable.reset(self.token)


def tenant(account_id: int) -> Entered:
    """Act inside one account. Takes its integer id; never None, so a missing account can't open every one."""
    if type(account_id) is not int or account_id < 1:
        raise TypeError(f"tenant() takes an account's positive integer id, not {account_id!r}")
    return Entered(_scope, account_id)


def every_tenant(*, reason: str) -> Entered:
    """The only way past the filter. `reason` makes each use findable; a test lists the files that have one."""
    if not reason:
        raise ValueError("say why this code may see every account")
    return Entered(_scope, EVERY_TENANT)


def current_scope() -> Scope:
    """The active scope. Raises NoTenantError when there is none."""
    try:
        return _scope.get()
    except LookupError:
        raise NoTenantError("no account is active; wrap this in `with tenant(account_id)`") from None
