"""Members of IDAA: what their association's Novi AMS says of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from accounts.novi import canonical, find_member
from actions.action import Action, Call, register
from kernel.errors import Invalid, Refused
from tenancy.principal import Role


@register
class NoviMember(Action):
    path = "idaa/novi_member/{uuid}"
    summary = "Whether somebody is a member, as Novi AMS says"
    description = (
        "Asked from the server, so that the address of the member's browser is never in the path to Novi. "
        "A lapsed member is an answer like any other, with `active: false`. "
        "Active members are remembered for 4 hours, others for 5 minutes, and a 404 never. "
        "Each key may cause a number of calls to Novi in a minute; then 429."
    )
    least_role = Role.GUEST
    places = {"uuid": r"[\s\S]+?"}
    examples = {"uuid": "0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f"}
    example = {
        "uuid": "0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f",
        "verified": True,
        "active": True,
        "display_name": "Ada L.",
        "email": "ada+novi@example.org",
    }
    failures = (404, 502)

    def run(self, call: Call) -> dict[str, Any]:
        if call.principal.account_id is None:
            raise Refused("Say whose members: x-account-id, or a token.")
        uuid = canonical(call.path["uuid"])
        if uuid is None:
            raise Invalid.field("uuid", "Give a UUID: 0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f.")
        member = find_member(call.principal, uuid)
        return {"uuid": uuid, "verified": member.active, **asdict(member)}
