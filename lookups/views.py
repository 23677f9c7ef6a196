"""/v3/lookup (contract section 7)."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from crud import ApiRequest, ApiView
from crud.declare.values import parse_boolean
from kernel.envelope import to_json
from kernel.errors import Invalid
from kernel.etag import etag, is_fresh
from kernel.query_parameters import refuse_unknown
from lookups.lookup_types import LookupType, type_named
from lookups.models.lookup_row import LookupRow
from lookups.questions import LIST, RESOLVE, read_question
from lookups.read import list_rows, resolve_row
from lookups.write import LookupWriter, find_row, show


class LookupView(ApiView):
    lookup_type: LookupType

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.lookup_type = type_named(kwargs["lu_type"])

    def reply(self, data: Any, tag: str = "", **more: Any) -> HttpResponse:
        """An answer with its ETag, or 304 for who has it."""
        body = to_json(data)
        tag = tag or f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        known = self.request.META.get("HTTP_IF_NONE_MATCH")
        if known and self.request.method in ("GET", "HEAD") and is_fresh(known, tag):
            return HttpResponse(status=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
        headers = {"ETag": tag, **more.pop("headers", {})}
        return self.answer(orjson.Fragment(body), headers=headers, **more)

    def one(self, row: LookupRow, **more: Any) -> HttpResponse:
        data = show(self.lookup_type, self.request.principal, row)
        return self.reply(data, etag(self.lookup_type.name, row.pk, row.updated_on, to_json(data)), **more)

    def writer(self) -> LookupWriter:
        try:
            permissive = parse_boolean(self.request.META.get("HTTP_X_AE_IGNORE_EXTRA_FIELDS", ""))
        except ValidationError:
            raise Invalid("x-ae-ignore-extra-fields is true or false.") from None
        if_match = self.request.META.get("HTTP_IF_MATCH", "")
        return LookupWriter(self.lookup_type, self.request.principal, permissive=permissive, if_match=if_match)


class ListView(LookupView):
    def get(self, request: ApiRequest, lu_type: str) -> HttpResponse:
        question = read_question(request.GET, self.lookup_type, request.principal, LIST)
        rows = list_rows(self.lookup_type, request.principal, question)
        return self.reply(rows, count=len(rows), limit=len(rows), offset=0, next_cursor=None)


class ResolveView(LookupView):
    def get(self, request: ApiRequest, lu_type: str) -> HttpResponse:
        question = read_question(request.GET, self.lookup_type, request.principal, RESOLVE)
        if not question.q:
            raise Invalid.field("q", "Give a code, a group or a name.")
        return self.reply(resolve_row(self.lookup_type, request.principal, question))


class CollectionView(LookupView):
    def post(self, request: ApiRequest, lu_type: str) -> HttpResponseBase:
        refuse_unknown(request.parameters)
        body = request.data

        def work() -> HttpResponse:
            row = self.writer().create(body)
            location = f"/v3/lookup/{self.lookup_type.name}/{row.id_random}/"
            return self.one(row, status=201, headers={"Location": location})

        return self.once(work, body)


class RowView(LookupView):
    def get(self, request: ApiRequest, lu_type: str, public_id: str) -> HttpResponse:
        refuse_unknown(request.parameters)
        return self.one(find_row(self.lookup_type, request.principal, public_id))

    def patch(self, request: ApiRequest, lu_type: str, public_id: str) -> HttpResponseBase:
        refuse_unknown(request.parameters)
        body = request.data
        return self.once(lambda: self.one(self.writer().update(public_id, body)), body)

    def delete(self, request: ApiRequest, lu_type: str, public_id: str) -> HttpResponseBase:
        refuse_unknown(request.parameters, "method")
        method = request.parameters.get("method", "delete")

        def work() -> HttpResponse:
            row = self.writer().delete(public_id, method)
            return self.one(row) if row else self.reply({"id": public_id}, message="Deleted")

        return self.once(work, None)
