"""What a hosted file hangs on."""

from __future__ import annotations

from dataclasses import dataclass

from crud import key_of, registry
from files.models import HostedFile, HostedFileLink
from kernel.errors import BadReference, Invalid
from kernel.wording import REQUIRED
from tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """An object of the principal's account that a file may hang on."""

    type_name: str
    public_id: str


def target_of(principal: Principal, type_name: str | None, public_id: str | None) -> LinkTarget | None:
    """The target that a caller names; None when none is named. Raises Invalid, BadReference."""
    if not type_name and not public_id:
        return None
    if not type_name:
        raise Invalid("link_to_type and link_to_id go together.", fields={"link_to_type": [REQUIRED]})
    if not public_id:
        raise Invalid("link_to_type and link_to_id go together.", fields={"link_to_id": [REQUIRED]})
    if type_name not in registry or type_name == HostedFileLink._meta.db_table:
        raise Invalid.field("link_to_type", "There is no such object type.")
    if key_of(registry[type_name], principal, public_id) is None:
        raise BadReference("link_to_id")
    return LinkTarget(type_name, public_id)


def link(row: HostedFile, target: LinkTarget) -> HostedFileLink:
    row_of_link = HostedFileLink(hosted_file=row, link_to_type=target.type_name, link_to_id=target.public_id)
    row_of_link.save(force_insert=True)
    return row_of_link
