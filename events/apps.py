from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import devices, exhibitors  # noqa: F401  (they say for whom their tokens stand)
