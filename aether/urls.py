"""Every address of the service."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from accounts.urls import urlpatterns as account_patterns
from actions.urls import urlpatterns as action_patterns
from crud.urls import urlpatterns as crud_patterns
from lookups.urls import urlpatterns as lookup_patterns

urlpatterns: list[URLPattern | URLResolver] = [
    *crud_patterns,  # first, and not behind an include: most requests are theirs
    *account_patterns,
    *lookup_patterns,
    *action_patterns,
    path("admin/", admin.site.urls),
]
handler400 = "crud.envelope.bad_request"
handler403 = "crud.envelope.permission_denied"
handler404 = "crud.envelope.page_not_found"
handler500 = "crud.envelope.server_error"
