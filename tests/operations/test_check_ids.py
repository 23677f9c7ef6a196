"""check_ids: public ids that are none are found and mended (objects.md: event_badge_template)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.models import Event, EventBadgeTemplate
from files.models import HostedFile, HostedFileLink
from kernel.ids import is_id
from tenancy.context import tenant
from tests.conftest import Party


def run(*arguments: str) -> str:
    words = io.StringIO()
    call_command("check_ids", *arguments, stdout=words, stderr=words)
    return words.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


@pytest.fixture
def template(north: Party) -> Any:
    with tenant(north.account.pk):
        event = Event(name="Meeting")
        event.save()
        made = EventBadgeTemplate(event=event, name="Badge", width_mm=90, height_mm=50)
        made.save()
        file = HostedFile(filename="a.png")
        file.save()
        HostedFileLink(hosted_file=file, link_to_type="event_badge_template", link_to_id=made.id_random).save()
    return made


def test_good_ids_are_left_alone(north: Party, template: Any) -> None:
    assert run("--fix") == "All ids are good.\n"
    with tenant(north.account.pk):
        assert EventBadgeTemplate.objects.get().id_random == template.id_random


@pytest.mark.parametrize("bad", ["17", "", "search", "a b/c", "x;--", "äöü"])
def test_a_bad_one_is_told_then_mended_with_what_names_it(north: Party, template: Any, bad: str) -> None:
    with tenant(north.account.pk):
        EventBadgeTemplate.objects.update(id_random=bad)
        HostedFileLink.objects.update(link_to_id=bad)
    for arguments in ([], ["--fix", "--dry-run"]):
        assert refusal(*arguments) == "1 ids are none. With --fix they get new ones."
    with tenant(north.account.pk):
        assert EventBadgeTemplate.objects.get().id_random == bad
    assert run("--fix").splitlines()[-1] == "All ids are good; 1 were mended."
    with tenant(north.account.pk):
        mended = EventBadgeTemplate.objects.get()
        assert is_id(mended.id_random)
        assert HostedFileLink.objects.get().link_to_id == mended.id_random
    answer = north.administrator.get(f"/v3/crud/event_badge_template/{mended.id_random}/history")
    assert [entry["action"] for entry in answer.data] == ["updated"]
    assert run() == "All ids are good.\n"


def test_ids_of_other_shapes_that_came_by_import_are_kept(north: Party, template: Any) -> None:
    with tenant(north.account.pk):
        EventBadgeTemplate.objects.update(id_random="OGQK-02-04-94")
        HostedFileLink.objects.update(link_to_id="OGQK-02-04-94")
    assert run("--fix") == "All ids are good.\n"


def test_what_names_nothing_is_told(north: Party, south: Party, template: Any) -> None:
    with tenant(north.account.pk):
        HostedFileLink.objects.update(link_to_id="nowhere0000")
    assert refusal("--fix").startswith("1 objects name others that are not there")
