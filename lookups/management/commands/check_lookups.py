"""`manage.py check_lookups`: finds codes in objects that their account's lists do not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from crud import registry
from crud.declare.code_lists import code_lists, fields_with_list
from kernel.errors import shorten
from tenancy.command import AetherCommand
from tenancy.context import every_tenant
from tenancy.principal import SYSTEM, acting_as


class Command(AetherCommand):
    help = (
        "Looks at every field that takes a code of a lookup (country, subdivision, time zone). Objects from before\n"
        "the fields were held to their lists may have other texts: they are read as ever, and refused when they are\n"
        "given again. Told are type, id, field, text, and the code that is meant where one is found. Writes nothing."
    )
    example = "manage.py check_lookups"

    def handle(self, **options: Any) -> None:
        count = 0
        with acting_as(SYSTEM), every_tenant(reason="an operator looks at all codes"):
            for line in self.odd_ones():
                count += 1
                self.say(line)
        if count:
            raise CommandError(f"{count} codes are in no list.")
        self.say("All codes are in their lists.")

    def odd_ones(self) -> Iterator[str]:
        for object_type in registry.values():
            owner = object_type.model.tenant_column
            for spec, field in fields_with_list(object_type):
                codes, known = code_lists[field.lookup], {}
                names = ["id_random", owner, spec.attname, *([field.within] if field.within else [])]
                rows = object_type.model.objects.exclude(**{f"{spec.attname}__isnull": True}).order_by("pk")
                for public_id, account_id, text, *whole in rows.values_list(*names).iterator(chunk_size=2_000):
                    within = (whole[0] or "") if whole else ""
                    key = (account_id, text, within)
                    if key not in known:
                        known[key] = self.problem(codes, account_id, text, within)
                    if known[key]:
                        yield f"{object_type.name} {public_id}: {spec.name} {shorten(text)!r} {known[key]}"

    def problem(self, codes: Any, account_id: int | None, text: str, within: str) -> str:
        if not text:
            return ""
        code = codes.spelled(account_id, text)
        if code is None:
            meant = codes.meant(account_id, text, within)
            return f"is in no list{f'; {meant} is meant' if meant else ''}."
        if within and not codes.is_part(account_id, code, within):
            return f"is no part of {shorten(within)!r}."
        return "" if code == text else f"is spelled {code!r}."
