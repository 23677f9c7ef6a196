from django.apps import AppConfig


class LookupsConfig(AppConfig):
    name = "lookups"

    def ready(self) -> None:
        from crud.declare.code_lists import code_lists
        from lookups.code_list import LISTS

        code_lists.update(LISTS)
