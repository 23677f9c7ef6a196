from django.apps import AppConfig


class CrudConfig(AppConfig):
    name = "crud"
    verbose_name = "Log"

    def ready(self) -> None:
        from crud.declare import checks  # noqa: F401  (it registers the system checks)
