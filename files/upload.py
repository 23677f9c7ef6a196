"""From a received upload to rows: the bytes first, then every row in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from crud import answer_once, read_one, registry
from files.host import demand_account, make_row, values_of, verify
from files.links import LinkTarget, target_of
from files.models import HostedFile
from files.receive import ReceivedUpload, received
from files.store import StoredFile, keep, rows_follow
from kernel.envelope import answer
from kernel.transactions import in_transaction
from tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class Arrived:
    """One file of an upload, its bytes kept."""

    name: str
    stored: StoredFile
    content_type: str


@dataclass(frozen=True, slots=True)
class EnteredFile:
    """What the client sees of the rows of one file, and whether they were there before."""

    data: dict[str, Any]
    repeated: bool = False


MakeRows = Callable[[list[Arrived], dict[str, Any], LinkTarget | None], list[EnteredFile]]
"""Makes the rows of an upload's files from the values of the form."""


@rows_follow()
def upload(request: HttpRequest, principal: Principal, type_name: str, make_rows: MakeRows) -> HttpResponse:
    """Receive, keep, make rows, answer: the object, or a list where several files came.

    All or nothing, whatever dies when. `type_name` is of the objects that are answered.
    """
    demand_account(principal)
    with received(request) as body:
        content = {"fields": dict(body.fields), "files": [(name, draft.hash_sha256) for name, draft in body.files]}
        fields = body.fields
        target = target_of(principal, fields.pop("link_to_type", None), fields.pop("link_to_id", None))
        verify(fields, [draft for _, draft in body.files])
        values = values_of(registry[type_name], fields)
        arrived = _kept(body)

    def work() -> HttpResponse:
        entered = in_transaction(lambda: make_rows(arrived, values, target))
        data = [one.data for one in entered]
        status = 200 if all(one.repeated for one in entered) else 201
        if len(data) > 1:
            return answer(data, status=status)
        location = f"/v3/crud/{type_name}/{data[0]['id']}/"
        return answer(data[0], status=status, headers={"Location": location})

    return answer_once(request, principal, content, work)


def _kept(body: ReceivedUpload) -> list[Arrived]:
    types = [draft.content_type() for _, draft in body.files]  # before they are kept: then they lie elsewhere
    return [Arrived(name, keep(draft), kind) for (name, draft), kind in zip(body.files, types, strict=True)]


def host_upload(principal: Principal, one: Arrived, values: dict[str, Any], target: LinkTarget | None) -> HostedFile:
    return make_row(principal, one.stored, one.content_type, {"filename": one.name} | values, target)


def described(principal: Principal, row: HostedFile) -> dict[str, Any]:
    """A hosted file as the API answers it."""
    hosted_file = read_one(registry["hosted_file"], principal, row.id_random)
    assert hosted_file is not None, "who makes a file can read it"
    return hosted_file.data
