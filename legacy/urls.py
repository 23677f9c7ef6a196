from django.urls import re_path

from legacy.views import crud_v1, crud_v2, root

# All below the prefixes is ours, so that what was never served is refused like the rest: after the key.
urlpatterns = [
    re_path(r"^v2/crud(?:/(?P<path>(?s:.*)))?\Z", crud_v2),
    re_path(r"^crud(?:/(?P<path>(?s:.*)))?\Z", crud_v1),
    re_path(r"^\Z", root),
]
