"""Every address of the service."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("crud.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "crud.envelope.bad_request"
handler403 = "crud.envelope.permission_denied"
handler404 = "crud.envelope.page_not_found"
handler500 = "crud.envelope.server_error"
