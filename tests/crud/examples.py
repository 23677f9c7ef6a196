"""One valid object of every type, with whatever it hangs on: for tests that run over the whole registry."""

from __future__ import annotations

from itertools import count
from typing import Any

from crud.declare.fields import Kind
from crud.declare.object_type import registry
from events.models import EventBadge, EventBadgeConsent, EventDevice, EventDeviceCommand, EventExhibit
from files.models import HostedFile
from tenancy.context import tenant
from tenancy.principal import Role
from tests.conftest import Party

BY_BYPASS = {"account"}
"""Types that only a super principal creates."""

BY_MANAGERS = sorted(name for name in registry if registry[name].least_role("create") <= Role.MANAGER)
"""Types that a manager creates. Those that nobody does (uploads, a ledger) are in tests/contract/test_authorisation.py."""


class Examples:
    """Makes objects of one party. Parents are made once and shared; every reference that can be given is given."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.shared: dict[str, str] = {"account": party.id, "site": party.site.id_random}
        self.numbers = count(1)

    def one(self, type_name: str) -> str:
        """The id of the shared object of a type."""
        if type_name not in self.shared:
            self.shared[type_name] = self.another(type_name)
        return self.shared[type_name]

    def another(self, type_name: str, **values: Any) -> str:
        """The id of a new object."""
        if type_name == "hosted_file":
            return self._hosted_file(**values)
        if type_name == "event_device_command":
            return self._command(**values)
        if type_name == "event_badge_consent":
            return self._decision(**values)
        created = self.party.manager.create(type_name, **self.payload(type_name, **values))
        public_id: str = created["id"]
        return public_id

    def payload(self, type_name: str, **values: Any) -> dict[str, Any]:
        """What a POST of such an object needs."""
        number = next(self.numbers)
        filled = _values(type_name, number)
        for name, field in registry[type_name].fields.items():
            given = name in filled or name in values or name == "account_id"
            if field.kind is Kind.REFERENCE and not field.read_only and not given:
                assert field.refers_to is not None
                filled[name] = self.one(field.refers_to)
        if type_name == "event_exhibit_tracking" and "event_badge_id" not in values:
            filled["event_badge_id"] = self.another("event_badge")
        if type_name == "hosted_file_link":
            filled |= {"link_to_type": "event", "link_to_id": self.one("event")}
        return filled | values

    def _command(self, **values: Any) -> str:
        with tenant(self.party.account.pk):
            device = EventDevice.objects.get(id_random=self.one("event_device"))
            row = EventDeviceCommand(event_device=device, command="reload", **values)
            row.save()
        made: str = row.id_random
        return made

    def _decision(self, **values: Any) -> str:
        with tenant(self.party.account.pk):
            badge = EventBadge.objects.get(id_random=self.one("event_badge"))
            exhibit = EventExhibit.objects.get(id_random=self.one("event_exhibit"))
            row = EventBadgeConsent(
                event_badge=badge, event_exhibit=exhibit, share=True, decided_by="attendee", how="attendee", **values
            )
            row.save()
        made: str = row.id_random
        return made

    def _hosted_file(self, **values: Any) -> str:
        number = next(self.numbers)
        with tenant(self.party.account.pk):
            row = HostedFile(
                **{
                    "filename": f"slides-{number}.pdf",
                    "hash_sha256": f"{number:064x}",
                    "subdirectory_path": "00/00",
                    "content_type": "application/pdf",
                    "size": 1_000 + number,
                }
                | values
            )
            row.save()
        made: str = row.id_random
        return made


def _values(type_name: str, number: int) -> dict[str, Any]:
    match type_name:
        case "account":
            return {"code": f"account-{number}", "name": f"Account {number}"}
        case "site_domain":
            return {"fqdn": f"www{number}.example.com"}
        case "user":
            return {
                "username": f"user-{number}",
                "email": f"user-{number}@example.com",
                "password": "correct horse battery",
            }
        case "page":
            return {"name": f"Page {number}", "path": f"/page-{number}"}
        case "post_comment" | "journal_entry":
            return {"name": f"Entry {number}", "content": f"Text {number}"}
        case "post":
            return {"title": f"Post {number}", "content": f"<p>Text {number}</p>"}
        case "person" | "event_person" | "event_presenter" | "event_badge":
            return {"given_name": "Ann", "family_name": f"Archer {number}"}
        case "contact":
            return {"city": f"Town {number}"}
        case "event_file":
            return {"title": f"File {number}", "filename": f"file-{number}.txt", "slot": "other"}
        case "hosted_file_link" | "event_exhibit_tracking":
            return {}
        case _:
            return {"name": f"{type_name} {number}"}
