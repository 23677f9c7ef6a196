"""Files in the admin: uploaded through the store, seen in their place, and by nobody else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from content.models import Journal
from files import store
from files.models import DerivedFile, HostedFile, HostedFileLink
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/files/hostedfile/upload/"


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    settings.AETHER_HOME = tmp_path
    settings.STORAGES = settings.STORAGES | {
        name: value | {"OPTIONS": value["OPTIONS"] | {"location": str(tmp_path / "files")}}
        for name, value in settings.STORAGES.items()
        if "location" in value.get("OPTIONS", {})
    }


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(target, "PNG")
    return target.getvalue()


def upload(person: Staff, content: bytes, name: str = "red.png", **more: Any) -> Any:
    return person.client.post(ADDRESS, {"file": SimpleUploadedFile(name, content), **more})


def files_of(party: Party) -> list[HostedFile]:
    with tenant(party.account.pk):
        return list(HostedFile.objects.order_by("pk"))


def test_an_upload_and_its_preview(north: Party, south: Party) -> None:
    person = Staff(north.users["administrator"]).sign_in()
    with tenant(north.account.pk):
        journal = Journal(name="J")
        journal.save()
    assert 'name="file"' in person.get(ADDRESS).content.decode()
    link = {"link_to_type": "journal", "link_to_id": journal.id_random, "title": "Red"}
    answer = upload(person, picture(), "../../red.png", **link)
    (row,) = files_of(north)
    assert (row.filename, row.content_type, row.size, row.title) == ("red.png", "image/png", len(picture()), "Red")
    assert answer.headers["Location"] == f"/admin/files/hostedfile/{row.pk}/change/"
    with tenant(north.account.pk):
        assert HostedFileLink.objects.get().link_to_id == journal.id_random
    page = person.get(f"/admin/files/hostedfile/{row.pk}/change/").content.decode()
    address = f"/admin/files/hostedfile/{row.pk}/content/"
    assert f'<img src="{address}?inline=1"' in page
    shown = person.client.get(f"{address}?inline=1")
    assert b"".join(shown) == picture()
    assert shown.headers["Content-Type"] == "image/png"
    assert person.client.get(address).headers["Content-Disposition"].startswith("attachment")
    stranger = Staff(south.users["manager"]).sign_in()
    assert stranger.client.get(address).status_code == 403
    assert Staff(south.users["manager"]).client.get(address).status_code == 302


def test_the_bytes_decide_and_a_page_is_never_shown_as_one(north: Party) -> None:
    person = Staff(north.users["manager"]).sign_in()
    upload(person, b"<html><script>alert(1)</script></html>", "picture.png")
    (row,) = files_of(north)
    assert row.content_type != "image/png"
    page = person.get(f"/admin/files/hostedfile/{row.pk}/change/").content.decode()
    assert "?inline=1" not in page
    answer = person.client.get(f"/admin/files/hostedfile/{row.pk}/content/?inline=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_can_not_be_uploaded(north: Party, south: Party, settings: Any) -> None:
    person = Staff(north.users["manager"]).sign_in()
    with tenant(south.account.pk):
        theirs = Journal(name="Canary")
        theirs.save()
    for link in (
        {"link_to_type": "journal", "link_to_id": theirs.id_random},
        {"link_to_type": "journal", "link_to_id": "unknownIdXX"},
        {"link_to_type": "journal"},
        {"link_to_type": "nonsense", "link_to_id": "x"},
    ):
        answer = upload(person, picture(), **link)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
        assert "Canary" not in answer.content.decode()
    assert person.client.post(ADDRESS, {}).status_code == 200
    settings.AETHER_MAX_UPLOAD_BYTES = 10
    assert upload(person, picture()).status_code == 200
    assert files_of(north) == []


def test_lost_bytes_are_a_page_that_says_so(north: Party) -> None:
    person = Staff(north.users["manager"]).sign_in()
    upload(person, picture())
    (row,) = files_of(north)
    store.path_of(str(row.hash_sha256)).unlink()
    answer = person.client.get(f"/admin/files/hostedfile/{row.pk}/content/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def job_of(party: Party, name: str) -> DerivedFile:
    with tenant(party.account.pk):
        made = HostedFile(filename=name, status="processing", progress=40)
        made.save()
        job = DerivedFile(digest=party.account.id_random * 5, hosted_file=made, source_hash="0" * 64, kind="clip")
        job.save()
        return job


def test_background_jobs_are_for_looking_at(north: Party, south: Party) -> None:
    own, foreign = job_of(north, "own.mp4"), job_of(south, "foreign.mp4")
    person = Staff(north.users["administrator"]).sign_in()
    listed = person.get("/admin/files/derivedfile/?q=.mp4").content.decode()
    assert "own.mp4" in listed
    assert "40 %" in listed
    assert "foreign.mp4" not in listed
    page = person.get(f"/admin/files/derivedfile/{own.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert person.get(f"/admin/files/derivedfile/{foreign.pk}/change/").status_code in (302, 403, 404)
    assert person.get("/admin/files/derivedfile/add/").status_code == 403
    waiting = person.get("/admin/files/derivedfile/", {"hosted_file__status__exact": "queued"})
    assert "0 background jobs" in " ".join(waiting.content.decode().split())
    for name in ("hosted_file__hash_sha256", "hosted_file__account__id__exact", "hosted_file"):
        assert person.get("/admin/files/derivedfile/", {name: "1"}).status_code == 400
