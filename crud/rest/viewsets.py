"""/v3/crud: one viewset for each object type, made from its declaration unless its app writes one.

A viewset reads the request and words the answer; the work is done in `crud.read` and `crud.write`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework.decorators import action
from rest_framework.viewsets import GenericViewSet

from crud.declare.object_type import ObjectType, registry
from crud.declare.values import parse_boolean
from crud.describe import discovery
from crud.read.change_history import read_history
from crud.read.cost import is_dear
from crud.read.export_rules import demand_export
from crud.read.object_query import ObjectQuery
from crud.read.page import One, read_one
from crud.read.parameters import Parameters
from crud.read.resolve import missing, paths_of, resolve_links
from crud.rest import filters
from crud.rest.pagination import OffsetOrCursorPagination
from crud.rest.permissions import ActsInAccount, MayByRole
from crud.rest.requests import ApiRequest
from crud.rest.responses import ApiResponse
from crud.rest.to_bytes import RETURN_FILE, leads_to_bytes, redirect_to_bytes
from crud.rest.views import ApiView, shared
from crud.tables import export
from crud.write.writer import Writer
from kernel.envelope import to_json
from kernel.errors import ApiError, Invalid
from kernel.etag import etag, is_fresh
from kernel.fair_share import dear
from kernel.query_parameters import JWT, refuse_unknown


class ObjectTypesView(ApiView):
    http_method_names = ["get", "head", "options"]
    permission_classes: Sequence[Any] = [ActsInAccount]

    def get(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        return self.answer(discovery.object_types(request.principal))

    head = get


class ObjectViewSet(GenericViewSet[Any], ApiView):  # type: ignore[misc]  # as ViewSetMixin is typed
    """The routes of a type. A subclass adds verbs: methods with REST framework's `@action`; see
    docs/adding_an_object_type.md."""

    object_type: ClassVar[ObjectType]
    request: ApiRequest

    http_method_names = ["get", "head", "post", "patch", "delete", "options"]
    lookup_url_kwarg = "public_id"
    lookup_value_regex = r"[A-Za-z0-9_-]{1,22}"
    permission_classes: Sequence[Any] = [ActsInAccount, MayByRole]
    pagination_class = OffsetOrCursorPagination
    filter_backends: Sequence[Any] = [
        filters.SearchBodyFilter,
        filters.ColumnsFilter,
        filters.StateFilter,
        filters.VersionsFilter,
        filters.ForObjectFilter,
        filters.OrderFilter,
        filters.FieldFilterBackend,
        filters.GuestFilter,
    ]
    nested = True
    """Of an action: whether it is there below a parent, too."""
    verb = ""
    """Of an action that an app adds: the verb in the type's `roles` whose least role it asks for."""

    @property
    def allowed_methods(self) -> Any:
        return [method for method in ("GET", "HEAD", "POST", "PATCH", "DELETE") if hasattr(self, method.lower())]

    @property
    def known_parameters(self) -> frozenset[str]:
        """Of a list: those that a filter backend, the paginator or the view reads. Any other is a field's."""
        return _known_parameters(type(self), self.action == "search")

    # reading

    def get_queryset(self) -> Any:
        return ObjectQuery(self.object_type, self.request.principal, paths_of(self.parents))

    def filter_queryset(self, queryset: Any) -> Any:
        for backend in shared(self.filter_backends):
            queryset = backend.filter_queryset(self.request, queryset, self)
        return queryset

    def list(self, request: ApiRequest) -> HttpResponseBase:
        principal = request.principal
        query: ObjectQuery = self.get_queryset()
        query.is_empty = not self.object_type.readable_by(principal.access)
        query = self.filter_queryset(query)
        if not query.is_empty:
            self.check_parents_for_guests()
        if "export" in request.parameters and self.action == "search":
            return self.exported(query, request.parameters["export"])
        if is_dear(query) and not query.is_empty:
            dear()
        page = self.paginate_queryset(query)  # type: ignore[arg-type]
        if not page and self.parents and not principal.is_guest and not query.is_empty:
            self.resolve_parents()
        return self.get_paginated_response(page)

    @action(detail=False, methods=["post"])
    def search(self, request: ApiRequest) -> HttpResponseBase:
        return self.list(request)

    def exported(self, query: ObjectQuery, file_type: str) -> HttpResponseBase:
        """A file with all rows."""
        for name in self.pagination_class.names & self.request.parameters.keys():
            raise Invalid.field(name, "It does not go with export: a file holds all rows.")
        if query.is_empty:
            return export.empty(self.object_type, file_type)
        self.resolve_parents()
        demand_export(self.object_type, self.request.principal)
        return export.stream(self.object_type, query.selection(), file_type)

    def retrieve(self, request: ApiRequest, public_id: str) -> HttpResponseBase:
        parameters = self.single_parameters(RETURN_FILE if self.object_type.bytes_at else "")
        self.check_parents_for_guests()
        one = read_one(self.object_type, request.principal, public_id, parameters, paths_of(self.parents))
        if one is None:
            raise self.absent(public_id)
        if leads_to_bytes(request, self.object_type):
            return redirect_to_bytes(request, self.object_type, public_id)
        return self.one(one)

    @action(detail=True, methods=["get"])
    def history(self, request: ApiRequest, public_id: str) -> HttpResponseBase:
        principal, parents = request.principal, self.parents
        if parents and not read_one(self.object_type, principal, public_id, within=paths_of(parents)):
            raise self.absent(public_id)
        entries, limit, offset = read_history(self.object_type, principal, public_id, request.parameters)
        return self.answer(entries, count=len(entries), limit=limit, offset=offset)

    # `schema` is REST framework's own name for something else.
    @action(detail=False, methods=["get"], url_path="schema", url_name="schema", nested=False)
    def describe(self, request: ApiRequest) -> HttpResponseBase:
        refuse_unknown(request.parameters)
        return self.answer(discovery.schema(self.object_type, request.principal))

    # writing

    def create(self, request: ApiRequest) -> HttpResponseBase:
        writer = self.writer(creating=True)
        body = request.data

        def work() -> ApiResponse | HttpResponse:
            one = writer.create(body)
            location = f"/v3/crud/{self.object_type.name}/{one.public_id}/"
            return self.one(one, status=200 if writer.repeated else 201, headers={"Location": location})

        return self.once(work, body)

    def partial_update(self, request: ApiRequest, public_id: str) -> HttpResponseBase:
        body = request.data
        writer = self.writer()
        return self.once(lambda: self.one(writer.update(public_id, body)), body)

    def destroy(self, request: ApiRequest, public_id: str) -> HttpResponseBase:
        method = self.delete_method
        writer = self.writer(besides="method")

        def work() -> ApiResponse | HttpResponse:
            one = writer.delete(public_id, method)
            return self.one(one) if one else self.answer({"id": public_id}, message="Deleted")

        return self.once(work, None)

    @action(detail=False, methods=["post"], nested=False)
    def bulk(self, request: ApiRequest) -> HttpResponseBase:
        method = self.delete_method
        writer = self.writer(besides="method")
        body = request.data
        return self.once(lambda: self.answer(writer.bulk(body, method)), body)

    def once(self, work: Callable[[], Any], body: Any) -> HttpResponse:
        response = super().once(work, body)
        by_rule = self.object_type.masks or self.object_type.row_rules
        return self.as_read_now(response) if by_rule and "Idempotent-Replayed" in response.headers else response

    def as_read_now(self, first: HttpResponse) -> HttpResponse:
        """A kept answer with its objects read anew: what a rule has blanked or closed since is so here, too."""
        was = orjson.loads(first.content)
        response: HttpResponse
        if self.action == "bulk":
            listed = {name: [self.read_again(row).data for row in was["data"][name]] for name in ("created", "updated")}
            response = self.answer({**was["data"], **listed}, first.status_code)
        elif was["meta"]["success"] and len(was["data"]) > 1:
            response = self.one(self.read_again(was["data"]), first.status_code)
        else:
            return first
        for name in ("Location", "Idempotent-Replayed"):
            if name in first.headers:
                response.headers[name] = first.headers[name]
        return response

    def read_again(self, row: dict[str, Any]) -> One:
        """Raises what a GET would."""
        parameters = self.single_parameters("method" if self.action in ("bulk", "destroy") else "")
        one = read_one(self.object_type, self.request.principal, row["id"], parameters)
        if one is None:
            raise missing(self.object_type, self.request.principal, row["id"])
        return one

    def writer(self, *, creating: bool = False, besides: str = "") -> Writer:
        parameters = self.single_parameters(besides)
        if_match = self.request._request.META.get("HTTP_IF_MATCH", "")
        if creating and if_match:
            raise Invalid("If-Match: a new object has no ETag yet; leave the header out.")
        parents = self.parents
        fixed = {}
        if parents:
            self.resolve_parents()
            fixed = {f"{parents[-1].relation}_id": parents[-1].public_id}
        return Writer(
            self.object_type,
            self.request.principal,
            parameters=parameters,
            permissive=self.header_flag("HTTP_X_AE_IGNORE_EXTRA_FIELDS"),
            within=[] if creating else paths_of(parents),
            fixed=fixed,
            if_match=if_match,
        )

    def header_flag(self, name: str) -> bool:
        try:
            return parse_boolean(self.request._request.META.get(name, ""))
        except ValidationError:
            raise Invalid("x-ae-ignore-extra-fields is true or false.") from None

    @property
    def delete_method(self) -> str:
        return self.request.parameters.get("method", settings.AETHER_DELETE_DEFAULT)

    # of one object

    def single_parameters(self, besides: str = "") -> Parameters:
        """Of one object: which columns. `besides`: the one parameter that the action reads itself."""
        parameters, given = Parameters(), self.request.parameters
        if given:
            known = filters.ColumnsFilter.names
            refuse_unknown({n: t for n, t in given.items() if not filters.is_include(n)}, *known, besides)
            filters.read_columns(given, parameters, self.object_type, self.request.principal.access)
        return parameters

    def one(self, one: One, status: int = 200, headers: dict[str, str] | None = None) -> ApiResponse | HttpResponse:
        body = to_json(one.data)
        tag = etag(self.object_type.name, one.pk, one.updated_on, body)
        known = self.request._request.META.get("HTTP_IF_NONE_MATCH")
        if known and self.request.method in ("GET", "HEAD") and is_fresh(known, tag):
            return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "private, no-cache"})
        masked: dict[str, Any] = {"masked": one.masked} if one.masked else {}
        return self.answer(orjson.Fragment(body), status, headers={**(headers or {}), "ETag": tag}, **masked)

    def absent(self, public_id: str) -> ApiError:
        """Why the row in the URL was not found: because of a parent, or of itself."""
        self.resolve_parents()
        return missing(self.object_type, self.request.principal, public_id, below=bool(self.parents))

    def resolve_parents(self) -> None:
        """Raises Refused, NotFound."""
        resolve_links(self.parents, self.request.principal)

    def check_parents_for_guests(self) -> None:
        """Guests read below a parent only when every parent is public; for others the child's rows say enough."""
        if self.parents and self.request.principal.access.public_only:
            self.resolve_parents()

    @property
    def keyless_download(self) -> bool:  # type: ignore[override]
        """A browser that is led on to bytes follows links without headers."""
        return self.action == "retrieve" and leads_to_bytes(self.request, self.object_type)


@lru_cache(maxsize=512)
def _known_parameters(viewset: type[ObjectViewSet], is_search: bool) -> frozenset[str]:
    readers = [getattr(reader, "names", ()) for reader in (*viewset.filter_backends, viewset.pagination_class)]
    return frozenset({JWT, *(["export"] if is_search else [])}).union(*readers)


@lru_cache(maxsize=256)
def viewset_of(type_name: str) -> type[ObjectViewSet]:
    """The viewset class of a type: its declaration's `viewset`, or ObjectViewSet, for this type."""
    object_type = registry[type_name]
    base: type[ObjectViewSet] = import_string(object_type.viewset) if object_type.viewset else ObjectViewSet
    name = "".join(part.capitalize() for part in type_name.split("_"))
    return type(f"{name}ViewSet", (base,), {"object_type": object_type, "__module__": base.__module__})
