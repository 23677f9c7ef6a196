"""/v3/crud: one view for every type. It reads the request and words the answer; the work is done elsewhere."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from crud.api_view import ApiView
from crud.declare.object_type import ObjectType
from crud.declare.values import parse_boolean
from crud.describe import discovery
from crud.parameters import Parameters, parse_parameters, single_values
from crud.read.change_history import read_history
from crud.read.guests import named_exactly
from crud.read.page import One, Page, read_one, read_page, select
from crud.read.resolve import missing, paths_of, resolve_links
from crud.read.search.parser import Search, parse_search
from crud.routers import Route, route_of
from crud.tables import export
from crud.to_bytes import RETURN_FILE, leads_to_bytes, redirect_to_bytes
from crud.write.idempotency import answer_once
from crud.write.writer import Writer
from kernel.envelope import answer, to_json
from kernel.errors import ApiError, Invalid, MethodNotAllowed, Refused
from kernel.etag import etag, is_fresh
from kernel.json_body import read_json


class ObjectView(ApiView):
    http_method_names = ["get", "head", "post", "patch", "delete", "options"]

    route: Route

    def prepare(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().prepare(request, *args, **kwargs)
        principal = self.principal
        if principal.account_id is None and not principal.bypass and not principal.is_guest:
            raise Refused("Name the account to act in: x-account-id, or x-no-account-id: bypass.")
        self.route = route_of(kwargs.get("path", ""))
        request.crud_route = self.route  # type: ignore[attr-defined]
        if request.method not in self.route.methods and request.method != "OPTIONS":
            raise MethodNotAllowed(list(self.route.methods))

    @property
    def keyless_download(self) -> bool:  # type: ignore[override]
        """A browser that is led on to bytes follows links without headers."""
        return leads_to_bytes(self.request, self.kwargs.get("path", ""))

    @property
    def allowed_methods(self) -> list[str]:
        route = getattr(self, "route", None)
        return list(route.methods) if route else ["GET", "HEAD", "POST", "PATCH", "DELETE"]

    @cached_property
    def object_type(self) -> ObjectType:
        assert self.route.object_type is not None
        return self.route.object_type

    def get(self, request: HttpRequest, path: str = "") -> HttpResponseBase:
        match self.route.kind:
            case "types":
                return self.answer(discovery.object_types(self.principal))
            case "schema":
                return self.answer(discovery.schema(self.object_type, self.principal))
            case "collection":
                return self.list(None)
            case "history":
                return self.history()
            case _:
                return self.retrieve()

    head = get

    def post(self, request: HttpRequest, path: str = "") -> HttpResponseBase:
        match self.route.kind:
            case "search":
                return self.list(parse_search(read_json(request)))
            case "bulk":
                return self.bulk()
            case _:
                return self.create()

    def patch(self, request: HttpRequest, path: str = "") -> HttpResponse:
        body = read_json(request)
        return self.one(self.writer().update(self.route.public_id, body))

    def delete(self, request: HttpRequest, path: str = "") -> HttpResponse:
        method = self.delete_method()
        found = self.writer(besides="method").delete(self.route.public_id, method)
        return self.one(found) if found else self.answer({"id": self.route.public_id}, message="Deleted")

    # reading

    def retrieve(self) -> HttpResponse:
        parameters = self.single_parameters(RETURN_FILE if self.object_type.bytes_at else "")
        if not self.object_type.readable_by(self.principal.access):
            raise missing(self.object_type, self.principal, self.route.public_id)
        self.check_links_for_guests()
        found = read_one(self.object_type, self.principal, self.route.public_id, parameters, paths_of(self.route.links))
        if found is None:
            raise self.absent()
        if self.object_type.bytes_at and leads_to_bytes(self.request, self.kwargs["path"]):
            return redirect_to_bytes(self.request, self.object_type, self.route.public_id)
        return self.one(found)

    def absent(self) -> ApiError:
        """Why the row in the URL was not found: because of a parent, or of itself."""
        links = self.route.links
        resolve_links(links, self.principal)
        return missing(self.object_type, self.principal, self.route.public_id, below=bool(links))

    def list(self, search: Search | None) -> HttpResponseBase:
        object_type, principal = self.object_type, self.principal
        for link in self.route.links:
            if not link.object_type.readable_by(principal.access):
                raise missing(link.object_type, principal, link.public_id)
        readable = object_type.readable_by(principal.access)
        if not readable and search is None:
            raise Refused(f"You may not read '{object_type.name}'.")
        besides = "" if search is None else "export"
        parameters = parse_parameters(self.request.GET, object_type, principal.access, besides=besides)
        if not readable:
            return self.nothing(parameters)
        self.check_links_for_guests()
        if principal.is_guest and not self.route.links:
            search, allowed = named_exactly(object_type, principal, parameters, search)
            if not allowed:
                return self.nothing(parameters)
        selection = select(object_type, principal, parameters, search, paths_of(self.route.links))
        if "export" in self.request.GET:
            resolve_links(self.route.links, principal)
            return export.stream(object_type, selection, self.request.GET["export"])
        page = read_page(selection, parameters)
        if not page.rows and self.route.links and not principal.is_guest:
            resolve_links(self.route.links, principal)
        return self.page(page, parameters)

    def check_links_for_guests(self) -> None:
        """Guests read below a parent only when every parent is public; for others the child's rows say enough."""
        if self.principal.is_guest and self.route.links:
            resolve_links(self.route.links, self.principal)

    def history(self) -> HttpResponse:
        parameters = single_values(self.request.GET)
        links = self.route.links
        if links and not read_one(self.object_type, self.principal, self.route.public_id, within=paths_of(links)):
            raise self.absent()
        entries, limit, offset = read_history(self.object_type, self.principal, self.route.public_id, parameters)
        return self.answer(entries, count=len(entries), limit=limit, offset=offset)

    # writing

    def create(self) -> HttpResponse:
        writer = self.writer(creating=True)
        body = read_json(self.request)

        def work() -> HttpResponse:
            made = writer.create(body)
            location = f"/v3/crud/{self.object_type.name}/{made.public_id}/"
            return self.one(made, status=201, headers={"Location": location})

        return answer_once(self.request, self.principal, body, work)

    def bulk(self) -> HttpResponse:
        method = self.delete_method()
        writer = self.writer(besides="method")
        body = read_json(self.request)
        return answer_once(self.request, self.principal, body, lambda: self.answer(writer.bulk(body, method)))

    def writer(self, *, creating: bool = False, besides: str = "") -> Writer:
        parameters = self.single_parameters(besides)
        links = self.route.links
        fixed = {}
        if links:
            resolve_links(links, self.principal)
            fixed = {f"{links[-1].relation}_id": links[-1].public_id}
        return Writer(
            self.object_type,
            self.principal,
            parameters,
            permissive=self.header_flag("HTTP_X_AE_IGNORE_EXTRA_FIELDS"),
            within=[] if creating else paths_of(links),
            fixed=fixed,
            if_match=self.request.META.get("HTTP_IF_MATCH", ""),
        )

    def single_parameters(self, besides: str = "") -> Parameters:
        access = self.principal.access
        return parse_parameters(self.request.GET, self.object_type, access, single=True, besides=besides)

    def header_flag(self, name: str) -> bool:
        try:
            return parse_boolean(self.request.META.get(name, ""))
        except ValidationError:
            raise Invalid("x-ae-ignore-extra-fields is true or false.") from None

    def delete_method(self) -> str:
        return single_values(self.request.GET).get("method", settings.AETHER_DELETE_DEFAULT)

    # answers

    def answer(self, data: Any, **more: Any) -> HttpResponse:
        return answer(data, warnings=self.principal.warnings, **more)

    def one(self, found: One, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
        body = to_json(found.data)
        tag = etag(self.object_type.name, found.pk, found.updated_on, body)
        if_none_match = self.request.META.get("HTTP_IF_NONE_MATCH")
        if if_none_match and self.request.method in ("GET", "HEAD") and is_fresh(if_none_match, tag):
            return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "private, no-cache"})
        return self.answer(orjson.Fragment(body), status=status, headers={**(headers or {}), "ETag": tag})

    def nothing(self, parameters: Parameters) -> HttpResponseBase:
        """To a search that is open to the caller, but finds nothing for them: no row, or a file without one."""
        if "export" in self.request.GET:
            return export.empty(self.object_type, self.request.GET["export"])
        return self.page(Page([], total=0), parameters)

    def page(self, page: Page, parameters: Parameters) -> HttpResponse:
        meta: dict[str, Any] = {
            "count": len(page.rows),
            "limit": parameters.limit,
            "offset": parameters.offset,
            "next_cursor": page.next_cursor,
        }
        if parameters.with_total:
            meta["total"] = page.total
        return self.answer(page.rows, **meta)
