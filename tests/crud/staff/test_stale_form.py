"""Two people on one form: neither writes over the other without being told."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.object_type import registry
from tenancy.context import tenant
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.cast import key_of, last_change
from tests.crud.staff.pages import Staff, errors, messages, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(stage: Stage) -> str:
    return url("journal_entry", "change", key_of(stage, "journal_entry"))


def row(stage: Stage) -> Any:
    with tenant(stage.north.party.account.pk):
        return registry["journal_entry"].model.objects.get(pk=key_of(stage, "journal_entry"))


def test_what_only_one_has_changed_is_kept_and_told(stage: Stage, staff: Any, manager: Staff, path: str) -> None:
    theirs = {
        "name": "Theirs",
        "content": "one\r\ntwo",
        "tags_json": '["x"]',
        "start_datetime_0": "2020-05-02",
        "start_datetime_1": "10:00:00",
    }
    mine = manager.form(path).values
    assert staff("administrator").save(path, **theirs).status_code == 302
    answer = manager.client.post(path, mine | {"category_code": ["mine"]}, follow=True)
    assert answer.status_code == 200
    told = "".join(messages(answer))
    assert "Changed by somebody else meanwhile, and kept:" in told
    for label in ("Name", "Content", "Tags (JSON)", "Start"):
        assert label in told, told
    now = row(stage)
    assert (now.name, now.content, now.tags_json, now.category_code) == ("Theirs", "one\ntwo", ["x"], "mine")
    assert f"{now.start_datetime:%Y-%m-%d}" == "2020-05-02"
    assert set(last_change("journal_entry", now.id_random).changes_json) == {"category_code"}


def test_what_both_have_changed_is_refused_with_both_values(
    stage: Stage, staff: Any, manager: Staff, path: str
) -> None:
    code = row(stage).category_code
    mine = manager.form(path).values | {"name": ["Mine"], "category_code": ["mine"]}
    other = staff("administrator")
    assert other.save(path, name="Theirs <b>").status_code == 302
    with nothing_changes():
        refused = manager.post(path, mine)
    (question,) = errors(refused)["name"]
    assert f"user:{other.user.id_random}" in question
    assert "“Theirs &lt;b&gt;”" in question
    page = refused.content.decode()
    assert 'value="Mine"' in page
    assert 'name="_choice-name" value="theirs"' in page
    again = type(manager.form(path))(page).values
    for choice, name in (("mine", "Mine"), ("theirs", "Theirs <b>")):
        with tenant(stage.north.party.account.pk):
            registry["journal_entry"].model.objects.filter(pk=row(stage).pk).update(
                name="Theirs <b>", category_code=code
            )
        answer = manager.post(path, again | {"_choice-name": choice})
        assert answer.status_code == 302, errors(answer)
        assert (row(stage).name, row(stage).category_code) == (name, "mine")


def test_a_third_change_is_asked_about_again(stage: Stage, staff: Any, manager: Staff, path: str) -> None:
    mine = manager.form(path).values | {"name": ["Mine"]}
    staff("administrator").save(path, name="Second")
    again = type(manager.form(path))(manager.post(path, mine).content.decode()).values
    staff("administrator").save(path, name="Third")
    with nothing_changes():
        (question,) = errors(manager.post(path, again | {"_choice-name": "mine"}))["name"]
    assert "“Third”" in question


def test_the_same_change_twice_is_none(stage: Stage, staff: Any, manager: Staff, path: str) -> None:
    mine = manager.form(path).values | {"name": ["Same"]}
    staff("administrator").save(path, name="Same")
    with nothing_changes():
        assert manager.post(path, mine).status_code == 302


def test_a_long_text_that_somebody_else_wrote_stays(stage: Stage, staff: Any, manager: Staff, path: str) -> None:
    staff("administrator").save(path, content="a\r\n" * 2_000, tags_json='["' + "a" * 600 + '"]')
    mine = manager.form(path).values | {"name": ["Mine"]}
    staff("administrator").save(path, content="b\r\n" * 2_000, tags_json='["b"]')
    assert manager.post(path, mine).status_code == 302
    assert (row(stage).content, row(stage).tags_json, row(stage).name) == ("b\n" * 2_000, ["b"], "Mine")
    refused = manager.form(path).values | {"content": ["c"]}
    staff("administrator").save(path, content="d")
    with nothing_changes():
        assert "“d”" in errors(manager.post(path, refused))["content"][0]


@pytest.mark.parametrize("seen", ["", "[]", "{", '{"nowhere": "1"}', "\x00"])
def test_a_form_that_says_nothing_of_what_it_showed_is_taken_as_it_is(
    manager: Staff, stage: Stage, path: str, seen: str
) -> None:
    assert manager.save(path, name="Plain", seen=seen).status_code in (200, 302)
    if seen != "\x00":
        assert row(stage).name == "Plain"


def test_every_form_that_nobody_touched_changes_nothing_when_another_did(
    stage: Stage, staff: Any, manager: Staff
) -> None:
    """Of each type: opened, changed by somebody else, sent as it was. Their change stands."""
    changed = set()
    for name, object_type in registry.items():
        if name not in stage.north.rows:
            continue
        key = stage.north.rows[name].pk
        form_path = url(name, "change", key)
        page = manager.client.get(form_path)
        if page.status_code != 200 or 'name="seen"' not in page.content.decode():
            continue
        values = manager.form(form_path).values
        if "sort" not in values or manager.save(form_path, sort="4711").status_code != 302:
            continue
        answer = manager.post(form_path, values)
        assert answer.status_code == 302, (name, errors(answer))
        with tenant(stage.north.party.account.pk):
            assert object_type.model.objects.get(pk=key).sort == 4711, name
        changed.add(name)
    assert len(changed) > 15, changed
