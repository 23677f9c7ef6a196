from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import exhibitors  # noqa: F401  (it says for whom exhibitors' tokens stand)
