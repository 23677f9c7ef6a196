"""Idempotency-Key: a write that is sent again gets its first answer again (contract section 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crud.models import IdempotentAnswer
from kernel.database_errors import TRANSLATED, error_number, translate
from kernel.envelope import json_response, to_json
from kernel.errors import Invalid
from kernel.request_context import current_request_id
from kernel.transactions import in_transaction
from tenancy.principal import Principal

KEPT = timedelta(hours=24)
MAX_LENGTH = 255
KEPT_HEADERS = ("Location", "ETag")


def answer_once(request: HttpRequest, principal: Principal, body: Any, work: Callable[[], Any]) -> HttpResponse:
    """Run `work` and keep its answer in the same transaction; or give the answer that was kept.

    Two at once: the second waits on the first's unique row, then reads its answer. Raises Invalid when
    the key was used for another body.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        answer: HttpResponse = work()
        return answer
    if len(key) > MAX_LENGTH or not key.isprintable():
        raise Invalid(f"An Idempotency-Key has at most {MAX_LENGTH} printable characters.")
    who = [principal.key_id, principal.user_id, principal.account_id, int(principal.role), principal.subject]
    digest = _digest([key, *who, request.path.rstrip("/")])
    method = [] if request.method == "POST" else [request.method]  # a key is of one request, and not of each method
    body_digest = _digest([body, request.META.get("QUERY_STRING", ""), *method])

    def first_time() -> HttpResponse:
        IdempotentAnswer.objects.filter(digest=digest, created_on__lt=timezone.now() - KEPT).delete()
        row = IdempotentAnswer(digest=digest, body_digest=body_digest)
        row.save(force_insert=True)
        response: HttpResponse = work()
        row.status, row.body = response.status_code, response.content.decode()
        row.headers_json = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        row.save(update_fields=["status", "body", "headers_json"])
        return response

    row = _kept(digest)
    if row is None:
        try:
            return in_transaction(first_time)
        except TRANSLATED as error:
            row = _kept(digest) if isinstance(error, IntegrityError) and error_number(error) == 1062 else None
            if row is None:
                raise translate(error) or error from error
    if row.body_digest != body_digest:
        raise Invalid("This Idempotency-Key was used for another request.")
    body = orjson.loads(row.body)
    body["meta"]["request_id"] = current_request_id()
    return json_response(to_json(body), row.status, {**row.headers_json, "Idempotent-Replayed": "true"})


def _kept(digest: str) -> IdempotentAnswer | None:
    return IdempotentAnswer.objects.filter(digest=digest, created_on__gte=timezone.now() - KEPT).first()


def _digest(parts: list[Any]) -> str:
    data = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.blake2b(data, digest_size=32).hexdigest()
