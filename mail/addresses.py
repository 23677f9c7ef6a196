"""Addresses as SMTP takes them: ASCII where that is possible, else international (RFC 6531)."""

from __future__ import annotations

from email.headerregistry import Address

from django.core.exceptions import ValidationError

from kernel.internet_names import normal_host_name


def wire_address(address: str) -> str:
    """A domain in any script is sent in its ASCII form, a local part as it is. Raises ValidationError."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not address.isprintable() or " " in address:
        raise ValidationError("Give an e-mail address.")
    return f"{local}@{domain if domain.startswith('[') else normal_host_name(domain)}"


def is_international(address: str) -> bool:
    """Whether the server must know SMTPUTF8 to take it."""
    return not wire_address(address).isascii()


def header_address(address: str, name: str = "") -> Address:
    """For a From, To or Reply-To. What can't stand in a header is left out of the name."""
    local, _, domain = wire_address(address).rpartition("@")
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return Address(display_name=shown, username=local, domain=domain)
