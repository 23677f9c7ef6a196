from django.apps import AppConfig


class AetherConfig(AppConfig):
    name = "aether"

    def ready(self) -> None:
        from aether import checks  # noqa: F401  (registers the system checks)
