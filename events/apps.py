from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import (
            devices,  # noqa: F401  (it says for whom the tokens of devices stand)
            exhibitors,  # noqa: F401  (and this for whom exhibitors' do)
            manifest_changes,  # noqa: F401  (it hears of what changes a manifest)
            packages,  # noqa: F401  (it builds them in the background)
            readiness_alerts,  # noqa: F401  (it names the mails that it sends)
            tasks,  # noqa: F401  (it hears of files that arrive)
            upload_links,  # noqa: F401  (and this for whom presenters' links do)
            upload_mails,  # noqa: F401  (it names the mails that take them to presenters)
        )
