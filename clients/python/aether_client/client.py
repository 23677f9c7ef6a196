"""Everything in one place: `AetherClient(base_url, api_key=…)`, with the names of the TypeScript client."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, overload

import httpx

from aether_client.session import AetherSession, Storage
from aether_client.transport import Answer, Params, Transport, path_of
from aether_client.types import ObjectType

T = TypeVar("T")
Row = dict[str, Any]
CHUNK = 2**20


class AetherClient:
    """With `jwt` the client is that token's; else whoever signs in by `session`, or the key's alone.

    `params` of every method are those of docs/api_guide.md: view, fields, inc_…, order_by, limit, enabled, hidden.
    Raises AetherError; httpx.TransportError where no answer comes.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str,
        account_id: str | None = None,
        jwt: str | None = None,
        timeout: float | None = 30.0,
        retries: int = 2,
        storage: Storage | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        http = http or httpx.Client()
        settings: dict[str, Any] = {"account_id": account_id, "timeout": timeout, "retries": retries, "http": http}
        self.session = AetherSession(Transport(base_url, api_key, **settings), storage)
        self.transport = Transport(base_url, api_key, jwt=jwt, session=None if jwt else self.session, **settings)

    def close(self) -> None:
        self.transport.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(self, method: str, path: str, **call: Any) -> Answer[Any]:
        """Any endpoint, actions too. `call`: params, json, headers; `repeatable`: sending it twice does no harm."""
        return self.transport.request(method, path, **call)

    # Objects

    @overload
    def get(self, obj_type: ObjectType[T], obj_id: str, **params: Any) -> Answer[T]: ...
    @overload
    def get(self, obj_type: str, obj_id: str, **params: Any) -> Answer[Row]: ...
    def get(self, obj_type: str, obj_id: str, **params: Any) -> Answer[Any]:
        return self.request("GET", path_of(obj_type, obj_id), params=params)

    @overload
    def search(
        self, obj_type: ObjectType[T], search_query: Mapping[str, Any] | None = None, **params: Any
    ) -> Answer[list[T]]: ...
    @overload
    def search(
        self, obj_type: str, search_query: Mapping[str, Any] | None = None, **params: Any
    ) -> Answer[list[Row]]: ...
    def search(self, obj_type: str, search_query: Mapping[str, Any] | None = None, **params: Any) -> Answer[Any]:
        """Objects that match; without a query all of them, page by page."""
        path = path_of(obj_type, "search")
        return self.request("POST", path, params=params, json=dict(search_query or {}), repeatable=True)

    @overload
    def all(
        self, obj_type: ObjectType[T], search_query: Mapping[str, Any] | None = None, **params: Any
    ) -> Iterator[T]: ...
    @overload
    def all(self, obj_type: str, search_query: Mapping[str, Any] | None = None, **params: Any) -> Iterator[Row]: ...
    def all(self, obj_type: str, search_query: Mapping[str, Any] | None = None, **params: Any) -> Iterator[Any]:
        """Every object that matches, one after the other; pages are fetched as they are needed, by cursor."""
        while True:
            page = self.search(obj_type, search_query, **params)
            yield from page.data
            if not page.meta.get("next_cursor"):
                return
            params["cursor"] = page.meta["next_cursor"]

    @overload
    def create(self, obj_type: ObjectType[T], data: Mapping[str, Any], **params: Any) -> Answer[T]: ...
    @overload
    def create(self, obj_type: str, data: Mapping[str, Any], **params: Any) -> Answer[Row]: ...
    def create(self, obj_type: str, data: Mapping[str, Any], **params: Any) -> Answer[Any]:
        """One object is made, also when the answer was lost on the way and the request sent again."""
        return self._once(f"{path_of(obj_type)}/", data, params)

    def create_nested(
        self, parent_type: str, parent_id: str, child_type: str, data: Mapping[str, Any], **params: Any
    ) -> Answer[Row]:
        """The parent's id is put in by the server."""
        return self._once(f"{path_of(parent_type, parent_id, child_type)}/", data, params)

    @overload
    def update(
        self,
        obj_type: ObjectType[T],
        obj_id: str,
        data: Mapping[str, Any],
        *,
        if_match: str | None = None,
        **params: Any,
    ) -> Answer[T]: ...
    @overload
    def update(
        self, obj_type: str, obj_id: str, data: Mapping[str, Any], *, if_match: str | None = None, **params: Any
    ) -> Answer[Row]: ...
    def update(
        self, obj_type: str, obj_id: str, data: Mapping[str, Any], *, if_match: str | None = None, **params: Any
    ) -> Answer[Any]:
        """Changes the given fields only; with `if_match`, an ETag, only what was not changed meanwhile."""
        headers = {"if-match": if_match} if if_match else {}
        return self.request("PATCH", path_of(obj_type, obj_id), json=dict(data), headers=headers, params=params)

    def delete(
        self, obj_type: str, obj_id: str, method: Literal["hide", "disable", "delete"] | None = None
    ) -> Answer[Row | None]:
        """Without `method` the object is hidden (the server's default), not deleted."""
        return self.request("DELETE", path_of(obj_type, obj_id), params={"method": method})

    def bulk(self, obj_type: str, **sections: Any) -> Answer[Row]:
        """`create`, `update`, `delete`: lists, at most 1,000 entries in all. All or none."""
        return self._once(path_of(obj_type, "bulk"), sections, {})

    def schema(self, obj_type: str) -> Answer[Row]:
        return self.request("GET", path_of(obj_type, "schema"))

    # Files

    def upload(
        self,
        file: str | Path,
        *,
        filename: str | None = None,
        what: Literal["hosted_file", "event_file"] = "hosted_file",
        fields: Mapping[str, str] | None = None,
    ) -> Answer[Row]:
        """Stores one file; the server compares the SHA-256 of what came in. It has no time limit."""
        form = {**(fields or {}), "hash_sha256": sha256(file)}
        with open(file, "rb") as source:
            files = {"file": (filename or Path(file).name, source)}
            return self.request("POST", f"/v3/action/{what}/upload", data=form, files=files, timeout=None)

    @contextmanager
    def download(self, file_id: str, *, start: int = 0) -> Iterator[Iterator[bytes]]:
        """The bytes of a hosted_file, or of what holds one, from byte `start` on."""
        headers = {"range": f"bytes={start}-"} if start else {}
        (step,) = path_of(file_id).removeprefix("/v3/crud/").split("/")
        with self.transport.stream("GET", f"/v3/action/hosted_file/{step}/download", headers=headers) as response:
            yield response.iter_bytes(CHUNK)

    @contextmanager
    def export(
        self,
        obj_type: str,
        file_format: Literal["csv", "xlsx"],
        search_query: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Iterator[Iterator[bytes]]:
        """All that matches a search, as a sheet."""
        call = {"params": {**params, "export": file_format}, "json": dict(search_query or {})}
        with self.transport.stream("POST", path_of(obj_type, "search"), **call) as response:
            yield response.iter_bytes(CHUNK)

    def _once(self, path: str, data: Mapping[str, Any], params: Params) -> Answer[Any]:
        """With an Idempotency-Key the server does it once however often it arrives."""
        headers = {"idempotency-key": secrets.token_hex(16)}
        return self.request("POST", path, json=dict(data), params=params, headers=headers, repeatable=True)


def sha256(file: str | Path) -> str:
    with open(file, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
