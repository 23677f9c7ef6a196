"""/v3/crud, the API's document, and whether it is up."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from crud.declare.object_type import registry
from crud.rest.docs_views import DocsView, SchemaView
from crud.rest.health_views import DoorsView, LiveView
from crud.rest.routers import ObjectRouter
from crud.rest.viewsets import ObjectTypesView, viewset_of

router = ObjectRouter()
for name in registry:
    router.register(name, viewset_of(name))

route = router.resolver.find
"""For calls from within, and for the fast path."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("v3/crud/", include(router.urls)),
    path("v3/crud", ObjectTypesView.as_view()),
    re_path(r"^v3/schema/?\Z", SchemaView.as_view()),
    re_path(r"^openapi\.json\Z", SchemaView.as_view()),
    re_path(r"^v3/?\Z", DoorsView.as_view()),
    re_path(r"^docs/?\Z", DocsView.as_view()),
    re_path(r"^health/live/?\Z", LiveView.as_view()),
]
