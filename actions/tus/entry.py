"""What an upload is for: looked at when it is begun, and made when it is complete, as a form's upload would be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from crud import PayloadReader, registry
from events.file_entry import demand_upload, enter_files, planned
from files.filename import clean_filename
from files.host import demand_account, values_of
from files.links import LinkTarget, target_of
from files.models import HostedFile, ResumableUpload
from files.store import StoredFile
from files.upload import Arrived, host_upload
from kernel.errors import Invalid, Refused
from tenancy.principal import Principal, Role

OF_EVENT: Final = ("for_type", "for_id")


@dataclass(frozen=True, slots=True)
class Purpose:
    """From the metadata of an upload, in the words of a form's fields."""

    filename: str
    content_type: str
    """As the client takes it; the bytes decide."""
    hash_sha256: str
    is_event_file: bool
    values: dict[str, Any]
    target: LinkTarget | None


def purpose_of(principal: Principal, metadata: dict[str, str], length: int) -> Purpose:
    """Raises Invalid, UnknownField, BadReference, Refused: all that can be known before the bytes have come."""
    fields = dict(metadata)
    filename = fields.pop("filename", "")
    if not filename.strip():
        raise Invalid.field("filename", "Say in Upload-Metadata what the file is called.")
    content_type = fields.pop("filetype", "")
    target = target_of(principal, fields.pop("link_to_type", None), fields.pop("link_to_id", None))
    hash_sha256 = fields.pop("hash_sha256", "").strip().lower()
    if hash_sha256 and not re.fullmatch(r"[0-9a-f]{64}", hash_sha256):
        raise Invalid.field("hash_sha256", "It is 64 hexadecimal digits.")
    if fields.pop("size", str(length)).strip() != str(length):
        raise Invalid.field("size", "It is not what Upload-Length says.")
    is_event_file = any(name in fields for name in OF_EVENT)
    if principal.presenter is not None and not is_event_file:
        raise Invalid.field("for_type", "Say which of your talks the file is for.")
    values = values_of(registry["event_file" if is_event_file else "hosted_file"], fields)
    return Purpose(clean_filename(filename), content_type, hash_sha256, is_event_file, values, target)


def demand(principal: Principal, purpose: Purpose) -> None:
    """Raises what a form's upload to the same place would."""
    if principal.presenter is not None and purpose.target is not None:
        raise Invalid.field("link_to_type", "It is not for presenters to say.")
    if principal.read_only:
        raise Refused("This key may only read.")
    demand_account(principal)
    if purpose.is_event_file or principal.presenter is not None:
        if principal.presenter is None:
            demand_upload(principal)
        planned(principal, purpose.filename, purpose.content_type, purpose.values)
        return
    if not principal.may(Role.USER):
        raise Refused("You may not do that.")
    reader = PayloadReader(registry["hosted_file"], principal)
    reader.apply(HostedFile(), {"filename": purpose.filename} | purpose.values, creating=True)


def make_rows(
    principal: Principal, upload: ResumableUpload, stored: StoredFile, content_type: str
) -> dict[str, str | None]:
    """The rows of a complete upload. Answers what the upload notes of them. Raises Invalid, Refused, BadReference."""
    purpose = purpose_of(principal, upload.metadata_json, upload.length)
    arrived = Arrived(purpose.filename, stored, content_type)
    if not purpose.is_event_file:
        row = host_upload(principal, arrived, purpose.values, purpose.target)
        return {"hosted_file_id_random": row.id_random}
    [entered] = enter_files(principal, [arrived], purpose.values, purpose.target)
    return {
        "hosted_file_id_random": entered.data["hosted_file_id"],
        "event_file_id_random": entered.data["id"],
    }
