"""Whose bundles are taken in, and for which account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature

from operations.archive import ArchiveReader
from operations.bundle import BundleError
from operations.server_keys import Server, signer_of, trusted_one

ONCE = "Whoever knows where it is from takes it in once by check_and_import --trust."


@dataclass(frozen=True, slots=True)
class Terms:
    """What is let in."""

    anybody: bool = False
    """Bundles of unknown servers too, and unsigned ones."""
    account: str = ""
    """The public id of the one account that may be written."""

    def demand_account(self, account_id: Any) -> None:
        if self.account and account_id != self.account:
            raise BundleError(f"It is of the account {account_id}, and only {self.account} is taken in.")


def check_origin(archive: ArchiveReader, terms: Terms) -> None:
    """Raises BundleError unless it was made by this server, or by one that may bring this account here."""
    account_id = archive.manifest.get("account_id")
    terms.demand_account(account_id)
    if terms.anybody:
        return
    try:
        public_key = signer_of(archive.manifest_text, archive.signature)
    except InvalidSignature:
        raise BundleError("It was changed after it was signed.") from None
    if public_key is None:
        raise BundleError(f"It is not signed: nobody can say which server made it. {ONCE}")
    server = trusted_one(public_key)
    if server is None:
        unknown = Server("", public_key).fingerprint
        raise BundleError(
            f"The server that made it is not known here: its key is {unknown}. `manage.py trust_server FILE` takes "
            f"its card. {ONCE}"
        )
    if server.accounts and account_id not in server.accounts:
        raise BundleError(
            f"{server.name} may not bring the account {account_id} here, but {' '.join(server.accounts)}."
        )
