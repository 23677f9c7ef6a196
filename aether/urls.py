"""Every address of the service."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from accounts.metrics_view import MetricsView, may_read
from accounts.staff_entry import urlpatterns as staff_entry_patterns
from accounts.staff_second_factor import urlpatterns as second_factor_patterns
from accounts.staff_session_views import urlpatterns as staff_session_patterns
from accounts.urls import urlpatterns as account_patterns
from actions.tus.urls import urlpatterns as tus_patterns
from actions.urls import urlpatterns as action_patterns
from agents.urls import urlpatterns as agent_patterns
from crud.rest.health_views import ReadyView
from crud.rest.urls import urlpatterns as crud_patterns
from desk.urls import urlpatterns as desk_patterns
from events.urls import urlpatterns as event_patterns
from lookups.urls import urlpatterns as lookup_patterns
from operations.person_page import urlpatterns as person_patterns
from screens.urls import urlpatterns as screen_patterns

ICON = "drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png"

urlpatterns: list[URLPattern | URLResolver] = [
    *crud_patterns,  # first: most requests are theirs
    *account_patterns,
    *event_patterns,
    *lookup_patterns,
    *action_patterns,
    *tus_patterns,
    *agent_patterns,
    path("", ("legacy.urls", None, None)),  # type: ignore[arg-type]  # V1 and V2, as include() would give them; the app may be deleted
    re_path(r"^metrics/?\Z", MetricsView.as_view()),
    re_path(r"^health(?:/ready)?/?\Z", ReadyView.as_view(may_read_names=staticmethod(may_read))),
    *screen_patterns,
    *person_patterns,
    *desk_patterns,  # before the rest of the admin
    *staff_entry_patterns,
    *second_factor_patterns,
    *staff_session_patterns,
    path("admin/", admin.site.urls),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("favicon.ico", RedirectView.as_view(url=settings.STATIC_URL + ICON)),
]
handler400 = "kernel.error_pages.bad_request"
handler403 = "kernel.error_pages.permission_denied"
handler404 = "kernel.error_pages.page_not_found"
handler500 = "kernel.error_pages.server_error"
