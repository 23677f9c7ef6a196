from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "kernel"

    def ready(self) -> None:
        from kernel import sqlite  # noqa: F401  (it registers what SQLite lacks, on every connection)
