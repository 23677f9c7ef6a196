"""The store as a bucket of an S3-compatible service (STORAGE_URL=s3://…; requirements/s3.txt)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from files.directory_storage import CHUNK, INCOMING, make_directory

PATIENCE = Config(connect_timeout=3, read_timeout=7, retries={"mode": "standard", "total_max_attempts": 2})
"""A service that is away is given up on within the deadline of a request (kernel.deadline); botocore's own patience is
five times a minute."""


class BucketStorage(S3Storage):
    """An object appears whole, or not at all; that it stays as it is, is the service's promise."""

    client_config: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(PATIENCE)

    @property
    def drafts(self) -> Path:
        """Where uploads are written before they go to the bucket: on this machine."""
        return Path(settings.AETHER_HOME) / "files" / INCOMING

    def ask_whether_ready(self) -> None:
        """Raises ClientError or another of botocore's errors unless the bucket is there for us."""
        self.connection.meta.client.head_bucket(Bucket=self.bucket_name)

    def seal(self, name: str) -> str:
        return str(self.size(name))

    def read(self, name: str, start: int, length: int) -> Iterator[bytes]:
        if not length:
            return iter(())
        answer = self._ask("get_object", name, Range=f"bytes={start}-{start + length - 1}")
        return iter(answer["Body"].iter_chunks(CHUNK))

    @contextmanager
    def local_file(self, name: str) -> Iterator[Path]:
        make_directory(self.drafts)
        with tempfile.NamedTemporaryFile(dir=self.drafts) as copy:
            shutil.copyfileobj(self._ask("get_object", name)["Body"], copy, CHUNK)
            copy.flush()
            yield Path(copy.name)

    def size(self, name: str) -> int:
        """In bytes. Raises FileNotFoundError."""
        return int(self._ask("head_object", name)["ContentLength"])

    def names(self) -> Iterator[str]:
        prefix = self._key("")
        for item in self.bucket.objects.filter(Prefix=prefix):
            yield item.key.removeprefix(prefix)

    def _key(self, name: str) -> str:
        return f"{self.location.strip('/')}/{name}".lstrip("/")

    def _ask(self, operation: str, name: str, **more: Any) -> Any:
        client = self.connection.meta.client
        try:
            return getattr(client, operation)(Bucket=self.bucket_name, Key=self._key(name), **more)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(name) from error
            raise
