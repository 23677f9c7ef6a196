from django.apps import AppConfig


class AetherConfig(AppConfig):
    name = "aether"

    def ready(self) -> None:
        from aether import celery, checks  # noqa: F401  (the app that tasks belong to; the system checks)
