"""From kept bytes to an event_file in its slot: the same rules for a form and for a resumable upload."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from crud import Parameters, PayloadReader, Writer, registry
from events.models import EventFile
from events.slots import default_slot
from events.upload_links import uploader
from files.filename import extension_of
from files.links import LinkTarget, link
from files.models import HostedFileLink
from files.upload import Arrived, EnteredFile, host_upload
from kernel.database_errors import translate
from kernel.errors import Invalid
from tenancy.principal import Principal

SHARED = ("title", "description")
"""Fields that the event_file and its hosted_file have both."""
TYPE = "event_file"


def demand_upload(principal: Principal) -> None:
    """Raises Refused for who may upload nothing."""
    Writer(registry[TYPE], principal).demand("create")


def enter_files(
    principal: Principal, files: list[Arrived], values: dict[str, Any], target: LinkTarget | None
) -> list[EnteredFile]:
    """The rows of all files of one request. Call it in a transaction. Raises Invalid, Refused, BadReference."""
    if principal.presenter is not None and target is not None:
        raise Invalid.field("link_to_type", "It is not for presenters to say.")
    principal, values = uploader(principal, values)
    demand_upload(principal)
    if "hosted_file_id" in values:
        raise Invalid.field("hosted_file_id", "The upload makes it.")
    taken: set[str | None] = set()
    entered = []
    for one in files:
        place = planned(principal, one.name, one.content_type, values)
        if place.slot_key in taken and place.slot_key is not None:
            raise Invalid.field("slot", "Several files came for one slot, which holds one; send them one by one.")
        taken.add(place.slot_key)
        entered.append(_enter(principal, one, place, values, target))
    return entered


def planned(principal: Principal, name: str, content_type: str, values: dict[str, Any]) -> EventFile:
    """The row that such an upload would make, without its file: where it belongs, and whether it may go there.

    Raises Invalid, UnknownField, BadReference, Refused.
    """
    principal, values = uploader(principal, values)
    object_type = registry[TYPE]
    row = EventFile()
    names = {"filename": name, "extension": extension_of(name)}
    PayloadReader(object_type, principal).apply(row, names | values, creating=False)
    try:
        object_type.validate(row, principal)
        row.derive()  # follows the place
    except ValidationError as error:
        raise translate(error, EventFile) or error from error
    if not values.get("slot"):
        row.slot = default_slot(content_type, row.filename or "", of_talk=row.event_presentation_id is not None)
        row.derive()
    last = row.versions().order_by("-version").first() if row.slot_key else None
    (last or row).demand_changeable(principal)
    return row


def _enter(
    principal: Principal, one: Arrived, place: EventFile, values: dict[str, Any], target: LinkTarget | None
) -> EnteredFile:
    parameters = Parameters(includes=("hosted_file",))
    there = place.with_these_bytes(one.stored.hash_sha256)
    writer = Writer(registry[TYPE], principal, parameters=parameters)
    if there is not None:
        there.save()
        _link_once(there, target)
        return EnteredFile(writer.read_back(there).data, repeated=True)
    shared = {name: values[name] for name in SHARED if name in values}
    hosted = host_upload(principal, one, shared, target)
    names = {"filename": hosted.filename, "extension": hosted.extension, "slot": place.slot}
    named = {name: value for name, value in values.items() if name != "slot" or value}
    return EnteredFile(writer.create(names | named | {"hosted_file_id": hosted.id_random}).data)


def _link_once(row: EventFile, target: LinkTarget | None) -> None:
    if target is None:
        return
    same = {"link_to_type": target.type_name, "link_to_id": target.public_id}
    if not HostedFileLink.objects.filter(hosted_file_id=row.hosted_file_id, **same).exists():
        link(row.hosted_file, target)
