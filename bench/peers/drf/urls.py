from django.urls import include, path
from rest_framework.routers import DefaultRouter

from bench.peers.drf.views import EventSessionViewSet, EventViewSet, JournalEntryViewSet

router = DefaultRouter()
router.trailing_slash = "/?"
router.register("event", EventViewSet)
router.register("event_session", EventSessionViewSet)
router.register("journal_entry", JournalEntryViewSet)
urlpatterns = [path("v3/crud/", include(router.urls))]
