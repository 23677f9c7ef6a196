"""Members of IDAA: what their association's Novi AMS says of them."""

from __future__ import annotations

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
        "Whose `MemberStatus` is not among the account's admitted ones is an answer like any other, with "
        "`verified: false`. Members are remembered for 4 hours, others for 5 minutes, and a 404 never. "
        "While Novi can't answer, its last answer is given, with `stale: true`. "
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
        "status": "current",
        "expires_on": "2030-01-01",
        "as_of": "2026-12-01T08:30:00Z",
        "stale": False,
    }
    failures = (404, 502)

    def run(self, call: Call) -> dict[str, Any]:
        if call.principal.account_id is None:
            raise Refused("Say whose members: x-account-id, or a token.")
        uuid = canonical(call.path["uuid"])
        if uuid is None:
            raise Invalid.field("uuid", "Give a UUID: 0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f.")
        member, admitted = find_member(call.principal, uuid)
        return {
            "uuid": uuid,
            "verified": admitted,
            "active": member.active,
            "display_name": member.display_name,
            "email": member.email,
            "status": member.status or None,
            "expires_on": member.expires_on or None,
            "as_of": member.heard_on,
            "stale": member.stale,
        }
