from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from crud import objects_changed
        from realtime.publish import publish_changes

        objects_changed.connect(publish_changes, dispatch_uid="realtime")
