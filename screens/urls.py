from django.urls import re_path

from screens import board, room

TOKEN = r"(?P<token>[A-Za-z0-9_-]{1,256})"  # noqa: S105  (its shape)
EVENT = r"(?P<event_id>[A-Za-z0-9_-]{1,22})"

urlpatterns = [
    re_path(r"^room/worker\.js\Z", room.room_worker),
    re_path(rf"^room/{TOKEN}/(?P<kind>clock|sign)/?\Z", room.room_page),
    re_path(rf"^room/{TOKEN}/day\Z", room.room_state),
    re_path(rf"^calendar/{TOKEN}\.ics\Z", room.calendar_link),
    re_path(rf"^board/{EVENT}/?\Z", board.board),
    re_path(rf"^board/{EVENT}/state\Z", board.board_state),
    re_path(rf"^board/{EVENT}/sessions/(?P<session_id>[A-Za-z0-9_-]{{1,22}})\Z", board.session_files),
]
