"""Who is calling, and how pages are worded."""

import os

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response

from bench.peers.drf.models import Account

KEY = os.environ["BENCH_KEY"]
accounts = {}


class AccountUser:
    is_authenticated = True

    def __init__(self, account_id):
        self.account_id = account_id


class AccountAuthentication(BaseAuthentication):
    def authenticate(self, request):
        if not accounts:
            accounts.update({r: AccountUser(pk) for pk, r in Account.objects.values_list("id", "id_random")})
        user = accounts.get(request.META.get("HTTP_X_ACCOUNT_ID"))
        if user is None or request.META.get("HTTP_X_AETHER_API_KEY") != KEY:
            raise PermissionDenied
        return user, None


def meta(status=200, **more):
    return {"success": True, "status_code": status, "status_message": "OK", **more}


class Pagination(LimitOffsetPagination):
    max_limit = 1000

    def get_paginated_response(self, data):
        described = meta(count=len(data), limit=self.limit, offset=self.offset, total=self.count)
        return Response({"data": data, "meta": described})
