"""Imports for people at a terminal and files in a folder: who acts, and what is told."""

from __future__ import annotations

from typing import Any

from crud import RowError
from tenancy.principal import Principal, Role


def operator_of(account: Any) -> Principal:
    """Whoever may use this machine's commands acts as a manager of the account, and for no other one."""
    return Principal(
        role=Role.MANAGER, account_id=account.pk, account_public_id=account.id_random, time_zone=account.time_zone
    )


def told(errors: list[RowError]) -> list[str]:
    return [str(error) for error in errors]
