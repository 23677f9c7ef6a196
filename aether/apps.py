import os

from django.apps import AppConfig


class AetherConfig(AppConfig):
    name = "aether"

    def ready(self) -> None:
        from aether import celery, checks, env  # noqa: F401  (the app that tasks belong to; the system checks)
        from aether.settings import ROOT, read

        env.refuse_to_guess(read, ROOT, os.environ)
