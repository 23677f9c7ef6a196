import atexit

from django.apps import AppConfig


class LegacyConfig(AppConfig):
    name = "legacy"

    def ready(self) -> None:
        from legacy.hits import counter  # needs the models

        atexit.register(counter.write_all)
