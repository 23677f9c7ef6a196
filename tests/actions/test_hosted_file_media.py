"""Pages of a PDF as pictures, clips of a video: at once, and in the background."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from PIL import Image

from files import derive, store
from files.clips import MOVED_INDEX, Beginning, arguments, ffmpeg
from files.models import DerivedFile, HostedFile, HostedFileLink
from files.tasks import derive as derive_task
from kernel.errors import StorageFull
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller, Party
from tests.files.media import film, pdf, seconds_of
from tests.files.sending import content, download, hosted, journal_entry

pytestmark = pytest.mark.usefixtures("own_store")


@pytest.fixture
def entry(north: Party) -> str:
    return journal_entry(north)


def ask(
    caller: Caller, verb: str, source: str, entry: str, query: str = "", method: str = "GET", **headers: str
) -> Answer:
    link = f"link_to_type=journal_entry&link_to_id={entry}"
    return caller(method, f"/v3/action/hosted_file/{source}/{verb}?{link}{query}", **headers)


def convert(caller: Caller, source: str, entry: str, query: str = "", **more: str) -> Answer:
    return ask(caller, "convert_file", source, entry, query, **more)


def clip(caller: Caller, source: str, entry: str, query: str = "", **more: str) -> Answer:
    return ask(caller, "clip_video", source, entry, f"&start_time=00:00:01&end_time=00:00:03{query}", **more)


def left(own_store: Path) -> tuple[int, int, int, list[Path]]:
    with every_tenant(reason="count what a refused request left"):
        counts = HostedFile.objects.count(), HostedFileLink.objects.count(), DerivedFile.objects.count()
    return (*counts, list((own_store / "incoming").iterdir()))


# pictures


@pytest.mark.parametrize(("to_type", "kind"), [("webp", "WEBP"), ("png", "PNG")])
def test_a_page_becomes_a_picture(north: Party, entry: str, to_type: str, kind: str) -> None:
    source = hosted(north.member, pdf(), "slides.pdf")
    answer = convert(north.member, source["id"], entry, f"&to_type={to_type}&page=2&max_px=300")
    assert answer.status == 200, answer.body
    made = answer.data
    told = {name: made[name] for name in ("filename", "extension", "content_type", "source_hosted_file_id", "status")}
    assert told == {
        "filename": f"automated_hosted_file_conversion.{to_type}",
        "extension": to_type,
        "content_type": f"image/{to_type}",
        "source_hosted_file_id": source["id"],
        "status": "ready",
    }
    picture = Image.open(io.BytesIO(content(download(north.member, made["id"]))))
    assert (picture.format, picture.size) == (kind, (300, 150))
    links = north.member.get(f"/v3/crud/hosted_file/{made['id']}/link/").data
    assert [(one["link_to_type"], one["link_to_id"]) for one in links] == [("journal_entry", entry)]


@pytest.mark.parametrize("side", [300, 612, 842, 960])
def test_a_picture_is_never_larger_than_asked(north: Party, entry: str, side: int) -> None:
    source = hosted(north.member, pdf(width=side, height=200), "slides.pdf")
    made = convert(north.member, source["id"], entry, "&max_px=1000").data
    assert Image.open(io.BytesIO(content(download(north.member, made["id"])))).size[0] == 1000


def test_the_same_request_again_is_the_same_file(north: Party, entry: str) -> None:
    source, twin = (hosted(north.member, pdf(), name) for name in ("a.pdf", "b.pdf"))
    first = convert(north.member, source["id"], entry).data["id"]
    assert convert(north.member, source["id"], entry).data["id"] == first
    assert convert(north.member, twin["id"], entry).data["id"] == first  # the same bytes
    posted = north.member.post(
        f"/v3/action/hosted_file/{source['id']}/convert_file",
        {"link_to_type": "journal_entry", "link_to_id": entry, "page": 1},
    )
    assert posted.data["id"] == first
    others = [
        convert(north.member, source["id"], entry, "&page=2"),
        convert(north.member, source["id"], entry, "&filename_no_ext=cover"),
        convert(north.member, source["id"], journal_entry(north)),
    ]
    assert len({first, *(answer.data["id"] for answer in others)}) == 4


@pytest.mark.parametrize("headers", [{"method": "HEAD"}, {"sec_purpose": "prefetch"}, {"purpose": "prefetch"}])
def test_who_only_looks_makes_nothing(north: Party, entry: str, own_store: Path, headers: dict[str, str]) -> None:
    source = hosted(north.member, pdf(), "a.pdf")
    before = left(own_store)
    assert convert(north.member, source["id"], entry, **headers).status == 404
    assert left(own_store) == before
    assert convert(north.member, source["id"], entry).status == 200
    assert convert(north.member, source["id"], entry, **headers).status == 200


NO_PAGES = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "The file is not a PDF."),
        (b"plain", "The file is not a PDF."),
        (b"%PDF-1.7\n", "The PDF can't be rendered."),
        (pdf()[:300], "The PDF can't be rendered."),
        (NO_PAGES, "The PDF can't be rendered."),
        (pdf(encrypt="secret"), "The PDF is encrypted."),
        (pdf(width=20_000, height=20_000), "The page is too large."),
        (b"\xff\xd8\xff\xe0" + bytes(500), "The file is not a PDF."),
    ],
    ids=["empty", "text", "only a head", "cut", "no pages", "encrypted", "huge page", "picture"],
)
def test_what_is_no_good_pdf_is_told_and_leaves_nothing(
    north: Party, entry: str, own_store: Path, data: bytes, why: str
) -> None:
    source = hosted(north.member, data, "a.pdf")
    before = left(own_store)
    answer = convert(north.member, source["id"], entry)
    assert (answer.error, answer.meta["status_message"]) == (("validation", 400), why)
    assert left(own_store) == before


@pytest.mark.parametrize(
    "query",
    [
        *("&page=0", "&page=4", "&page=x", "&max_px=0", "&max_px=9999", "&unknown=1", "&page=1&page=2"),
        *("&to_type=svg", "&to_type=WEBP", "&to_type=webp;x", "&to_type=../png", "&to_type="),
        *("&filename_no_ext=../x", "&filename_no_ext=-y", "&filename_no_ext=a:b", "&filename_no_ext=%25d"),
        *("&filename_no_ext=", f"&filename_no_ext={'x' * 300}", "&filename_no_ext=a%0Ab", "&background=perhaps"),
    ],
)
def test_arguments_that_do_not_fit(north: Party, entry: str, own_store: Path, query: str) -> None:
    source = hosted(north.member, pdf(), "a.pdf")
    before = left(own_store)
    assert convert(north.member, source["id"], entry, query).error == ("validation", 400)
    assert left(own_store) == before


FULL = "There is no room to store it now; nothing was kept."


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the children write goes to a device that is always full."""

    @contextmanager
    def full() -> Iterator[Path]:
        with TemporaryDirectory(dir=tmp_path) as place:
            for name in ("page.webp", "clip.mp4"):
                (Path(place) / name).symlink_to("/dev/full")
            yield Path(place)

    monkeypatch.setattr(store, "workplace", full)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_no_fault_of_the_file(north: Party, entry: str, own_store: Path) -> None:
    sources = {
        "convert_file": hosted(north.member, pdf(), "a.pdf"),
        "clip_video": hosted(north.member, film(), "a.mp4"),
    }
    before = left(own_store)
    times = {"convert_file": "", "clip_video": "&start_time=00:00:01&end_time=00:00:03"}
    for verb, source in sources.items():
        answer = ask(north.member, verb, source["id"], entry, times[verb])
        details = answer.meta["details"]
        assert (answer.status, details["message"], details["recoverable"]) == (507, FULL, True), verb
        assert left(own_store) == before


# clips


def test_a_clip_is_a_copy_of_the_streams(north: Party, entry: str) -> None:
    source = hosted(north.member, film(), "talk.mp4")
    made = clip(north.member, source["id"], entry).data
    assert (made["filename"], made["content_type"]) == ("automated_hosted_file_clip_video.mp4", "video/mp4")
    data = content(download(north.member, made["id"]))
    assert 1.9 < seconds_of(data) < 2.2
    assert b"Lavf" not in data  # no tag says what made it
    assert data.index(b"moov") < data.index(b"mdat")  # a browser begins to play before it has all of it


def test_an_index_that_is_longer_than_the_room_for_it(north: Party, entry: str) -> None:
    source = hosted(north.member, film(3, picture="16x16", sound=False, rate=10_000), "fast.mp4")
    data = content(download(north.member, clip(north.member, source["id"], entry).data["id"]))
    assert 1.9 < seconds_of(data) < 2.2
    assert data.index(b"moov") + 65_536 < data.index(b"mdat")


@pytest.mark.parametrize("how", ["reencode", "scale_down"])
def test_a_clip_encoded_anew(north: Party, entry: str, how: str) -> None:
    source = hosted(north.member, film(2, picture="1600x90", sound=False), "wide.mp4")
    query = f"&start_time=00:00:00.5&end_time=00:00:01.5&{how}=true"
    made = ask(north.member, "clip_video", source["id"], entry, query).data
    data = content(download(north.member, made["id"]))
    assert 0.9 < seconds_of(data) < 1.1
    width = int.from_bytes(data[data.index(b"tkhd") + 4 :][76:78])
    assert width == (1280 if how == "scale_down" else 1600)


def test_a_clip_says_nothing_of_where_and_by_whom_it_was_filmed(north: Party, entry: str, tmp_path: Path) -> None:
    """MED-11."""
    plain, told = tmp_path / "plain.mp4", tmp_path / "told.mp4"
    plain.write_bytes(film())
    tags = {"title": "canary-title", "artist": "canary-owner", "comment": "/home/canary", "location": "+47.05-003.01/"}
    command = [ffmpeg(), "-v", "error", "-nostdin", "-i", str(plain), "-c", "copy"]
    command += [word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")]
    subprocess.run([*command, "-metadata:s:v:0", "handler_name=canary-camera", str(told)], check=True)
    assert told.read_bytes().count(b"canary") == 4
    source = hosted(north.member, told.read_bytes(), "talk.mp4")
    for how in ("", "&reencode=true"):
        data = content(download(north.member, clip(north.member, source["id"], entry, how).data["id"]))
        assert (b"canary" in data, b"+47.05" in data, str(store.root()).encode() in data) == (False, False, False)


def test_a_webm_stays_one(north: Party, entry: str) -> None:
    source = hosted(north.member, film(3, extension="webm"), "talk.webm")
    made = clip(north.member, source["id"], entry).data
    assert (made["extension"], made["content_type"]) == ("webm", "video/webm")


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: PLAYLIST, "The file is not a video."),
        (lambda: CONCAT, "The file is not a video."),
        (lambda: film()[:1_000], "The file holds no video."),
        (lambda: film(3, picture=""), "The file holds no video."),
        (lambda: b"\x00\x00\x00\x20ftypisom" + PLAYLIST, "The file holds no video."),
        (lambda: b"\x1a\x45\xdf\xa3" + b"\x00" * 500, "The file holds no video."),
    ],
    ids=["playlist", "concat", "cut", "sound only", "disguised playlist", "empty matroska"],
)
def test_what_is_no_video_is_told_and_leaves_nothing(
    north: Party, entry: str, own_store: Path, make: Any, why: str
) -> None:
    source = hosted(north.member, make(), "a.mp4")
    before = left(own_store)
    answer = clip(north.member, source["id"], entry)
    assert (answer.error, answer.meta["status_message"]) == (("validation", 400), why)
    assert left(own_store) == before


@pytest.mark.parametrize(
    ("start", "end"),
    [
        *(("00:00:03", "00:00:01"), ("00:00:01", "00:00:01"), ("00:00:01", "00:00:09"), ("00:00:05", "00:00:06")),
        *(("99:99:99", "99:99:99"), ("00:60:00", "00:61:00"), ("00:01", "00:02"), ("10:00:00", "10:00:01")),
        *(("-1", "2"), ("00:00:00 -i /etc/passwd", "00:00:01"), ("$(id)", ";id"), ("00:00:00", "00:00:01;id")),
        *(("１:００:００", "00:00:01"), ("00:00:00", "00:00:01%0A"), ("", "00:00:01"), ("00:00:00", "")),
    ],
)
def test_times_that_do_not_fit(north: Party, entry: str, own_store: Path, start: str, end: str) -> None:
    source = hosted(north.member, film(), "talk.mp4")
    before = left(own_store)
    answer = ask(north.member, "clip_video", source["id"], entry, f"&start_time={start}&end_time={end}")
    assert answer.error == ("validation", 400), answer.body
    assert left(own_store) == before


def test_the_command_holds_nothing_of_the_caller_but_numbers() -> None:
    parameters = {"start": 1.0, "end": 2.5, "reencode": False, "scale_down": False}
    command = arguments(
        Path("/store/ab"), "video/mp4", Path("/job/clip.mp4"), parameters, MOVED_INDEX, Beginning(1.0), ["0:a?"]
    )
    assert [command[command.index(name) + 1] for name in ("-protocol_whitelist", "-f", "-ss", "-i", "-t")] == [
        *("file,pipe", "mov", "1.000000", "file:/store/ab", "1.500000")
    ]
    assert "-nostdin" in command


# who may


@pytest.mark.parametrize("verb", ["convert_file", "clip_video"])
@pytest.mark.parametrize(
    "link",
    [
        *("", "link_to_type=event", "link_to_id=$", "link_to_type=nonsense&link_to_id=$"),
        *(
            "link_to_type=hosted_file_link&link_to_id=$",
            "link_to_type=event&link_to_id=$",
            "link_to_type=event&link_to_id=1",
        ),
    ],
)
def test_what_a_new_file_can_not_hang_on(north: Party, entry: str, own_store: Path, verb: str, link: str) -> None:
    """MED-07."""
    source = hosted(north.member, film(), "talk.mp4")
    before = left(own_store)
    query = link.replace("$", entry) + ("&start_time=00:00:01&end_time=00:00:03" if verb == "clip_video" else "")
    answer = north.member.get(f"/v3/action/hosted_file/{source['id']}/{verb}?{query}")
    assert answer.status == 400
    assert list(answer.meta["details"]["fields"]) in (["link_to_type"], ["link_to_id"])
    assert left(own_store) == before


def test_who_is_kept_out_before_any_work(north: Party, south: Party, entry: str, own_store: Path) -> None:
    source, foreign = hosted(north.member, pdf(), "a.pdf"), hosted(south.member, pdf(), "b.pdf")
    before = left(own_store)
    assert convert(north.guest, source["id"], entry).error == ("permission", 403)
    assert convert(north.member, foreign["id"], entry).error == ("permission", 403)
    answers = [convert(north.member, source["id"], wanted) for wanted in (journal_entry(south), "nowhere0000")]
    assert [answer.error for answer in answers] == [("database_constraint", 1452)] * 2
    assert answers[0].meta["details"] == answers[1].meta["details"]
    url = north.member.post(f"/v3/action/hosted_file/{source['id']}/download_url", None).data["url"]
    by_link = Caller({"x-aether-api-key": north.keys["user"]})
    token = url.split("jwt=")[1]
    assert convert(by_link, source["id"], entry, f"&jwt={token}").error == ("authentication", 401)
    assert left(own_store) == before


# in the background


def queued(north: Party, entry: str, query: str = "") -> Answer:
    source = hosted(north.member, film(), "talk.mp4")
    return clip(north.member, source["id"], entry, f"&background=true{query}")


def work(north: Party, public_id: str) -> None:
    derive_task(north.account.pk, public_id)


def test_in_the_background_it_is_queued_then_ready(north: Party, entry: str) -> None:
    answer = queued(north, entry)
    assert (answer.status, answer.data["status"], answer.data["hash_sha256"]) == (202, "queued", None)
    public_id = answer.data["id"]
    assert download(north.member, public_id).error == ("not_found", 404)
    again = queued(north, entry)
    assert (again.status, again.data["id"]) == (202, public_id)
    work(north, public_id)
    made = north.member.get(f"/v3/crud/hosted_file/{public_id}").data
    assert (made["status"], made["progress"], made["content_type"]) == ("ready", 100, "video/mp4")
    assert 1.9 < seconds_of(content(download(north.member, public_id))) < 2.2
    stamp = made["updated_on"]
    work(north, public_id)  # the message comes twice
    assert north.member.get(f"/v3/crud/hosted_file/{public_id}").data["updated_on"] == stamp


@pytest.mark.django_db(transaction=True)
def test_it_is_queued_in_the_answer_however_fast_the_worker_is(
    north: Party, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current_app.conf, "task_always_eager", True)
    answer = queued(north, entry)
    assert (answer.status, answer.data["status"], answer.data["progress"]) == (202, "queued", 0)
    assert north.member.get(f"/v3/crud/hosted_file/{answer.data['id']}").data["status"] == "ready"
    again = queued(north, entry)
    assert (again.status, again.data["id"], again.data["status"]) == (200, answer.data["id"], "ready")


def test_why_it_failed_stands_in_the_row_and_it_may_be_asked_again(north: Party, entry: str) -> None:
    source = hosted(north.member, film(), "talk.mp4")["id"]
    query = "&start_time=00:00:01&end_time=00:00:30&background=true"
    answer = ask(north.member, "clip_video", source, entry, query)
    public_id = answer.data["id"]
    work(north, public_id)
    made = north.member.get(f"/v3/crud/hosted_file/{public_id}").data
    assert (made["status"], made["status_message"]) == ("failed", "The video ends after 4.00 seconds.")
    again = ask(north.member, "clip_video", source, entry, query)
    assert (again.status, again.data["id"], again.data["status_message"]) == (202, public_id, None)


def test_a_source_that_is_removed_meanwhile(north: Party, entry: str) -> None:
    answer = queued(north, entry)
    source = answer.data["source_hosted_file_id"]
    assert north.administrator.delete(f"/v3/action/hosted_file/{source}").status == 200
    work(north, answer.data["id"])
    made = north.member.get(f"/v3/crud/hosted_file/{answer.data['id']}").data
    assert made["status_message"] == "The file that it was to be made of is gone."


def test_what_it_was_to_hang_on_is_removed_meanwhile(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    assert north.administrator.delete(f"/v3/crud/journal_entry/{entry}?method=delete").status == 200
    work(north, public_id)
    assert north.member.get(f"/v3/crud/hosted_file/{public_id}").data["status"] == "ready"
    assert download(north.guest, public_id).status == 403


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_stands_in_the_row_and_it_may_be_asked_again(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    with pytest.raises(StorageFull):
        work(north, public_id)
    made = north.member.get(f"/v3/crud/hosted_file/{public_id}").data
    assert (made["status"], made["status_message"]) == ("failed", FULL)
    assert queued(north, entry).data["status"] == "queued"


def test_a_result_that_is_removed_meanwhile_stays_away(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    assert north.administrator.delete(f"/v3/action/hosted_file/{public_id}").status == 200
    work(north, public_id)
    assert north.member.get(f"/v3/crud/hosted_file/{public_id}").status == 404


def test_one_worker_at_a_time_and_a_dead_one_is_followed(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    now = timezone.now()
    with tenant(north.account.pk):
        HostedFile.objects.filter(id_random=public_id).update(status="processing")
        DerivedFile.objects.update(attempts=1, lease_until=now + timedelta(seconds=20))
        derive.work_on(public_id)
        assert HostedFile.objects.get(id_random=public_id).status == "processing"
        DerivedFile.objects.update(lease_until=now - timedelta(seconds=1))
        derive.work_on(public_id)
        assert HostedFile.objects.get(id_random=public_id).status == "ready"


def test_a_file_that_kills_its_workers_is_given_up(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    with tenant(north.account.pk):
        DerivedFile.objects.update(attempts=derive.MAX_ATTEMPTS)
        derive.work_on(public_id)
        row = HostedFile.objects.get(id_random=public_id)
    assert (row.status, row.status_message) == ("failed", "It was tried 20 times, and each time the worker died.")


def test_a_worker_that_was_given_up_on_writes_nothing(north: Party, entry: str) -> None:
    public_id = queued(north, entry).data["id"]
    with tenant(north.account.pk):
        job = DerivedFile.objects.get()
        DerivedFile.objects.update(attempts=2)
        with pytest.raises(derive.Superseded):
            derive.Progress(job, 1)(50)
        derive._finish(job, 1, lambda row: pytest.fail("it is another one's"))
        assert HostedFile.objects.get(id_random=public_id).status == "queued"
