from django.apps import AppConfig


class CrudConfig(AppConfig):
    name = "crud"
    verbose_name = "Log"

    def ready(self) -> None:
        from crud.declare import checks  # noqa: F401  (they register the system checks)
        from crud.rest import checks as checks_of_viewsets  # noqa: F401
