from django.urls import re_path

from crud.docs_views import DocsView, SchemaView
from crud.rest.health_views import LiveView, ReadyView
from crud.views import ObjectView

objects = ObjectView.as_view()
OBJECTS = r"^v3/crud(?:/(?P<path>.*))?\Z"

urlpatterns = [
    re_path(OBJECTS, objects),
    re_path(r"^v3/schema/?\Z", SchemaView.as_view()),
    re_path(r"^docs/?\Z", DocsView.as_view()),
    re_path(r"^health/live/?\Z", LiveView.as_view()),
    re_path(r"^health/ready/?\Z", ReadyView.as_view()),
]
