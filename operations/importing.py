"""Imports for people at a terminal and files in a folder: who acts, and what is told."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from crud import RowError
from kernel.ids import ID_LENGTH, is_id
from tenancy.command import find_account
from tenancy.principal import Principal, Role


def operator_of(account: Any) -> Principal:
    """Whoever may use this machine's commands acts as a manager of the account, and for no other one."""
    return Principal(
        role=Role.MANAGER, account_id=account.pk, account_public_id=account.id_random, time_zone=account.time_zone
    )


def account_named(name: str) -> str:
    """The public id of an account that is here under this id or code, or may be still to come. Raises CommandError."""
    try:
        return str(find_account(name).id_random)
    except CommandError:
        if is_id(name) and len(name) == ID_LENGTH:
            return name
        raise


def told(errors: list[RowError]) -> list[str]:
    return [str(error) for error in errors]
