from django.urls import re_path

from crud.docs_views import DocsView, SchemaView
from crud.health import LiveView, ReadyView
from crud.views import ObjectView

urlpatterns = [
    re_path(r"^v3/crud(?:/(?P<path>.*))?\Z", ObjectView.as_view()),
    re_path(r"^v3/schema/?\Z", SchemaView.as_view()),
    re_path(r"^docs/?\Z", DocsView.as_view()),
    re_path(r"^health/live/?\Z", LiveView.as_view()),
    re_path(r"^health/ready/?\Z", ReadyView.as_view()),
]
