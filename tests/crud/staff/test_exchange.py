"""Spreadsheets in the admin: the preview writes nothing, the import what was previewed, the export what was chosen."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounts.models import User
from content.models import Journal
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff, url

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/content/journal/import/"


@pytest.fixture
def manager(north: Party) -> Staff:
    return Staff(north.users["manager"]).sign_in()


def journals(party: Party) -> list[str]:
    with tenant(party.account.pk):
        return sorted(Journal.objects.values_list("name", flat=True))


def make(party: Party, name: str) -> Journal:
    with tenant(party.account.pk):
        row = Journal(name=name)
        row.save()
        return row


def send(person: Staff, text: str, name: str = "journals.csv", **more: Any) -> Any:
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return person.client.post(ADDRESS, {"file": file, **more})


def words(response: Any) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", response.content.decode())


def digest_of(response: Any) -> str:
    found = re.search(r'data-digest="(\w*)"', response.content.decode())
    assert found
    return found[1]


def test_a_preview_and_then_the_import(north: Party, manager: Staff) -> None:
    kept = make(north, "Kept")
    text = f"id,name,summary\n{kept.id_random},Kept,Now with words\n,Made,\n"
    assert 'name="file"' in manager.get(ADDRESS).content.decode()
    preview = send(manager, text, _preview="1")
    said = re.sub(r"\s+", " ", words(preview))
    assert re.search(r"2 rows: 1 would be made, 1 changed, 0 stay", said)
    assert "summary" in said
    assert journals(north) == ["Kept"]
    assert send(manager, text, _import="1", previewed=digest_of(preview)).status_code == 302
    assert journals(north) == ["Kept", "Made"]
    with tenant(north.account.pk):
        assert Journal.objects.get(pk=kept.pk).summary == "Now with words"


def test_another_file_than_the_previewed_one_is_not_written(north: Party, manager: Staff) -> None:
    digest = digest_of(send(manager, "name\nOne\n", _preview="1"))
    assert send(manager, "name\nTwo\n", _import="1", previewed=digest).status_code == 200
    assert send(manager, "name\nOne\n", _import="1", previewed=digest, partial="on").status_code == 200
    assert send(manager, "name\nOne\n", _import="1").status_code == 200
    assert journals(north) == []


def test_errors_are_told_with_their_rows_and_nothing_is_written(north: Party, manager: Staff) -> None:
    text = "name,enable\nGood,true\n,true\nBad,perhaps\n"
    preview = send(manager, text, _preview="1")
    said = words(preview)
    assert "row 3" in said
    assert "row 4" in said
    assert send(manager, text, _import="1", previewed=digest_of(preview)).status_code == 200
    assert journals(north) == []
    partly = send(manager, text, _preview="1", partial="on")
    assert send(manager, text, _import="1", previewed=digest_of(partly), partial="on").status_code == 302
    assert journals(north) == ["Good"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "a.csv"),
        ("name\n", "a.txt"),
        ("PK\x03\x04 broken", "a.xlsx"),
        ("colour\nred\n", "a.csv"),
        ("\x00", "😀.csv"),
    ],
)
def test_files_that_are_none(north: Party, manager: Staff, text: str, name: str) -> None:
    response = send(manager, text, name, _preview="1")
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert journals(north) == []


def test_nothing_of_another_account_is_seen_or_touched(north: Party, south: Party, manager: Staff) -> None:
    theirs = make(south, "Canary")
    preview = send(manager, f"id,name\n{theirs.id_random},Taken\n", _preview="1")
    assert "Canary" not in preview.content.decode()
    send(manager, f"id,name\n{theirs.id_random},Taken\n", _import="1", previewed=digest_of(preview))
    assert journals(south) == ["Canary"]
    account = {"account": south.account.pk}
    digest = digest_of(send(manager, "name\nMine\n", _preview="1", **account))
    send(manager, "name\nMine\n", _import="1", previewed=digest, **account)
    assert (journals(north), journals(south)) == (["Mine"], ["Canary"])


def test_a_super_user_names_the_account(north: Party, south: Party) -> None:
    with every_tenant(reason="tests make somebody who may do everything"):
        root = User(username="root", email="root@example.org", super=True, account=None)
        root.set_password(PASSWORD)
        root.save()
    person = Staff(root).sign_in()
    assert 'name="account"' in person.get(ADDRESS).content.decode()
    assert send(person, "name\nX\n", _preview="1").status_code == 200
    account = {"account": south.account.pk}
    digest = digest_of(send(person, "name\nX\n", _preview="1", **account))
    assert send(person, "name\nX\n", _import="1", previewed=digest, **account).status_code == 302
    assert (journals(north), journals(south)) == ([], ["X"])


def test_who_may_not_import(north: Party) -> None:
    for role, address in (
        ("administrator", "/admin/accounts/site/import/"),
        ("manager", "/admin/accounts/account/import/"),
        ("manager", "/admin/files/hostedfile/import/"),
    ):
        assert Staff(north.users[role]).sign_in().get(address).status_code == 403
    assert Staff(north.users["manager"]).client.get(ADDRESS).status_code == 302


def test_the_chosen_ones_are_exported_as_the_api_would(north: Party, south: Party, manager: Staff) -> None:
    theirs = make(south, "Canary")
    rows = [make(north, name) for name in ("=1+1", "Two", "Three")]
    with tenant(north.account.pk):
        rows[1].hide = True
        rows[1].save()
    chosen = [rows[0].pk, rows[1].pk, theirs.pk]
    for kind in ("csv", "xlsx"):
        data = {"action": f"export_{kind}", "_selected_action": chosen}
        response = manager.client.post(url("journal"), data)
        assert response.headers["Content-Disposition"] == f'attachment; filename="journal.{kind}"'
        content = b"".join(response)
        assert b"Canary" not in content
        if kind == "csv":
            found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
            assert sorted(row["name"] for row in found) == ["'=1+1", "Two"]
            api = north.manager.post("/v3/crud/journal/search?export=csv", {}).raw
            assert found[0].keys() == next(csv.DictReader(io.StringIO(b"".join(api).decode("utf-8-sig")))).keys()


@pytest.mark.django_db(transaction=True)  # words are indexed on commit
def test_a_list_is_exported_as_it_is_shown(north: Party, south: Party, manager: Staff) -> None:
    """All of it, or what its search and filters leave, however many pages that is; of the own account only."""
    for party, names in ((north, ["Annual report", "Annual gala", "Diary"]), (south, ["Annual canary"])):
        for name in names:
            make(party, name)
    journal = make(north, "Annual secret")
    with tenant(north.account.pk):
        journal.hide = True
        journal.save()
    shown = manager.get("/admin/content/journal/?q=annual&hide__exact=0").content.decode()
    link = re.search(r'href="([^"]*export-csv[^"]*)"', shown)
    assert link
    address = link[1].replace("&amp;", "&")
    assert names_in(manager.client.get(address)) == ["Annual gala", "Annual report"]
    whole = address.partition("?")[0]
    assert names_in(manager.client.get(whole)) == ["Annual gala", "Annual report", "Annual secret", "Diary"]
    assert manager.get(f"{whole}?password=x").status_code == 400
    assert manager.get(f"{whole}?created_on__gte=banana").status_code == 302
    assert manager.client.get(whole.replace("csv", "xlsx")).getvalue()[:2] == b"PK"


def names_in(response: Any) -> list[str]:
    text = response.getvalue().decode("utf-8-sig")
    return sorted(row["name"] for row in csv.DictReader(io.StringIO(text)))


def test_headings_sheet_and_counts_in_the_admin(north: Party, manager: Staff) -> None:
    book = Workbook()
    book.active.title = "Notes"
    book.create_sheet("Titel").append(["番号", "名前", "hide"])
    for row in (["A", "First", False], ["B", None, "x"], ["C", "x" * 300, "y"]):
        book["Titel"].append(row)
    file = io.BytesIO()
    book.save(file)
    options = {"sheet": "titel", "mapping": "番号=type_code\n名前=name", "partial": "on"}
    preview = send(manager, file.getvalue(), "j.xlsx", _preview="1", **options)
    said = re.sub(r"\s+", " ", words(preview))
    assert "3 errors in 2 rows." in said
    assert "type_code: A; name: First; hide: False" in said
    assert "The cell says “x”." in said
    wrong = words(send(manager, file.getvalue(), "j.xlsx", _preview="1", mapping="番号"))
    assert "Give HEADING=FIELD, not “番号”." in wrong
    other = send(
        manager, file.getvalue(), "j.xlsx", _import="1", previewed=digest_of(preview), **options | {"sheet": "2 "}
    )
    assert other.status_code == 200, "another choice than the previewed one is previewed first"
    done = send(manager, file.getvalue(), "j.xlsx", _import="1", previewed=digest_of(preview), **options)
    assert done.status_code == 302
    assert journals(north) == ["First"]
    assert "Left out: 2 of 3 rows." in words(manager.get("/admin/content/journal/"))


def test_a_file_in_the_admin_has_fewer_rows_than_one_for_the_command(manager: Staff, monkeypatch: Any) -> None:
    monkeypatch.setattr("crud.staff.exchange.MOST_ROWS", 2)
    said = words(send(manager, "name\na\nb\nc\n", _preview="1"))
    assert "The file has more than 2 rows; split it." in said
