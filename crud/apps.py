from django.apps import AppConfig


class CrudConfig(AppConfig):
    name = "crud"
    verbose_name = "Log"

    def ready(self) -> None:
        from crud import checks, sqlite  # noqa: F401  (they register the system checks and SQLite's functions)
