"""The store in a bucket: an S3-compatible server in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.utils import timezone

from aether import storage
from files.models import StoredBytes
from files.sweep import sweep
from tests.background import answers, free_port, wait_for
from tests.conftest import Party
from tests.files.media import pdf
from tests.files.sending import content, download, hosted

DATA = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of the server, and its address."""
    port = free_port()
    program = Path(sys.executable).parent / "moto_server"
    process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port), "the S3 server", 60)
        address = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3", endpoint_url=address, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1"
        )
        client.create_bucket(Bucket="conference")
        yield client, address
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def bucket(s3: Any, settings: Any, tmp_path: Path) -> Any:
    client, address = s3
    url = f"s3://key:secret@conference/some/prefix?endpoint={address}&region=us-east-1"
    settings.AETHER_HOME = tmp_path
    settings.STORAGES = settings.STORAGES | {"files": storage.configured(url, tmp_path)}
    yield client
    for name in names(client):
        client.delete_object(Bucket="conference", Key=name)
    shutil.rmtree(tmp_path, ignore_errors=True)


def names(client: Any) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket="conference").get("Contents", [])]


def test_in_and_out(north: Party, bucket: Any, tmp_path: Path) -> None:
    made = hosted(north.member, DATA)
    digest = sha256(DATA).hexdigest()
    assert names(bucket) == [f"some/prefix/{digest[:2]}/{digest[2:4]}/{digest}"]
    assert content(download(north.member, made["id"])) == DATA
    assert content(download(north.member, made["id"], range="bytes=10-19")) == DATA[10:20]
    assert content(hosted_empty := download(north.member, hosted(north.member, b"")["id"])) == b""
    assert hosted_empty.headers["Content-Length"] == "0"
    assert content(download(north.member, made["id"], method="HEAD")) == b""
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


def test_a_picture_is_made_from_there(north: Party, bucket: Any) -> None:
    source = hosted(north.member, pdf(), "a.pdf")
    journal = north.manager.create("journal", name="J")
    link = f"link_to_type=journal&link_to_id={journal['id']}"
    made = north.member.get(f"/v3/action/hosted_file/{source['id']}/convert_file?{link}")
    assert made.status == 200, made.body
    assert content(download(north.member, made.data["id"]))[:4] == b"RIFF"


def test_nothing_tells_that_there_is_a_bucket(north: Party, bucket: Any) -> None:
    """FILE-18."""
    made = hosted(north.member, DATA)
    got = download(north.member, made["id"])
    got_part = download(north.member, made["id"], range="bytes=0-1")
    link = north.member.post(f"/v3/action/hosted_file/{made['id']}/download_url", None)
    told = f"{made} {got.headers} {got_part.headers} {link.body} {north.member.get('/v3/crud/hosted_file/').body}"
    endpoint = bucket.meta.endpoint_url.removeprefix("http://")
    assert [word for word in ("conference", "some/prefix", "secret", endpoint) if word in told] == []


def test_what_is_missing_is_told_and_mended(north: Party, bucket: Any, caplog: Any) -> None:
    made = hosted(north.member, DATA)
    bucket.delete_object(Bucket="conference", Key=names(bucket)[0])
    assert download(north.member, made["id"]).error == ("not_found", 404)
    assert f"the bytes of {made['hash_sha256']} are missing or damaged" in caplog.messages
    hosted(north.member, DATA)
    assert content(download(north.member, made["id"])) == DATA


def test_the_sweep_sees_the_bucket(north: Party, bucket: Any) -> None:
    kept, gone = hosted(north.member, b"kept"), hosted(north.member, b"gone")
    assert north.administrator.delete(f"/v3/action/hosted_file/{gone['id']}").status == 200
    StoredBytes.objects.update(touched_on=timezone.now() - timedelta(hours=25))
    assert sweep(verify=True).contents == 1
    assert [name.rpartition("/")[2] for name in names(bucket)] == [kept["hash_sha256"]]


@pytest.mark.parametrize(
    "url", ["ftp://x", "s3://", "file://", "file://host/x", "s3://bucket?what=1", "s3://bucket?endpoint", "/var/files"]
)
def test_an_address_that_can_not_be_meant(url: str) -> None:
    assert not storage.is_storage(url)
