from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import (
            last_login,  # noqa: F401  (takes Django's place in noting sign-ins)
            mails,  # noqa: F401  (registers kinds of mail)
        )
