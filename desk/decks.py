"""Files: every session and talk with its deck, and a place to drop the next one on. Kept as any upload is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from crud import Writer, missing, registry
from desk.clock import chosen_day, days_of, local
from desk.page import DeskView
from events.models import EventFile, EventPresentation, EventSession
from files.content_type import SHOWN_INLINE, content_type_of_file
from files.filename import clean_filename
from files.models import HostedFile
from files.store import put, rows_follow
from files.upload import Arrived, host_upload
from kernel.errors import Invalid, TooLarge
from kernel.transactions import in_transaction

ON_A_PAGE: Final = 40
IN_USE: Final = {"enable": True, "hide": False}
PLACES: Final = {"event_session": "event", "event_presentation": "event_session__event"}
"""What a file can be dropped on here → the way up to the event."""


@dataclass(slots=True)
class Deck:
    """One file as the page shows it."""

    file: EventFile

    @property
    def hosted(self) -> HostedFile:
        hosted: HostedFile = self.file.hosted_file
        return hosted

    @property
    def name(self) -> str:
        return str(self.file.filename or self.hosted.filename)

    @property
    def address(self) -> str:
        return reverse("admin:files_hostedfile_content", args=[self.hosted.pk])

    @property
    def is_ready(self) -> bool:
        return bool(self.hosted.status == HostedFile.Status.READY)

    @property
    def preview(self) -> str:
        """ "" for what a browser does not show."""
        return f"{self.address}?inline=1" if self.is_ready and self.hosted.content_type in SHOWN_INLINE else ""


@dataclass(slots=True)
class DeckPlace:
    """A session or a talk, and what lies there."""

    type_name: str
    row: Any
    words: str
    decks: list[Deck] = field(default_factory=list)
    talks: list[DeckPlace] = field(default_factory=list)

    @property
    def state(self) -> str:
        if not self.decks:
            return "missing"
        return "here" if all(deck.is_ready for deck in self.decks) else "being made"


class FilesPage(DeskView):
    demands = (
        *(("event_session", "read"), ("event_presentation", "read")),
        *(("event_file", "read"), ("hosted_file", "read")),
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        term = request.GET.get("q", "").strip()[:200]
        state = "missing" if request.GET.get("state") == "missing" else ""
        sessions = self.rows("event_session").filter(event=self.event)
        starts = list(sessions.exclude(start_datetime=None).order_by().values_list("start_datetime", flat=True))
        days, counts = days_of(self.event, starts), Counter(local(start).date() for start in starts)
        asked = request.GET.get("day", "")
        day = None if asked == "all" or term else chosen_day(asked, days)
        page = self._sessions(request, sessions, day, term, state)
        values = {
            "days": [(one, counts[one]) for one in sorted({*days, *([day] if day else [])})],
            "day": day,
            "q": term,
            "state": state,
            "page": page,
            "places": self._places(list(page), state),
            "missing": self.talks_without_file().count(),
            "may_write": self.may("event_file", "create"),
            "most_bytes": settings.AETHER_MAX_UPLOAD_BYTES,
        }
        return self.page("files.html", "files", values)

    def files(self) -> Any:
        return self.rows("event_file").filter(event=self.event, **IN_USE)

    def talks_without_file(self) -> Any:
        talks = self.rows("event_presentation").filter(event_session__event=self.event, **IN_USE)
        theirs = self.files().order_by().filter(event_presentation=OuterRef("pk"))
        return talks.filter(~Exists(theirs), event_session__enable=True, event_session__hide=False).order_by()

    def _sessions(self, request: HttpRequest, sessions: Any, day: Any, term: str, state: str) -> Page[EventSession]:
        listed = sessions.filter(**IN_USE)
        if day is not None:
            listed = listed.filter(start_datetime__range=self.whole_day(day))
        if term:
            talks = self.rows("event_presentation").filter(name__icontains=term, event_session=OuterRef("pk"))
            listed = listed.filter(Q(name__icontains=term) | Q(code__iexact=term) | Exists(talks.order_by()))
        if state:
            listed = listed.filter(pk__in=self.talks_without_file().values("event_session"))
        listed = listed.select_related("event_location").order_by("start_datetime", "event_location__name", "pk")
        return Paginator(listed, ON_A_PAGE).get_page(request.GET.get("page"))

    def _places(self, sessions: list[EventSession], state: str) -> list[DeckPlace]:
        keys = [session.pk for session in sessions]
        decks: dict[tuple[str, int], list[Deck]] = defaultdict(list)
        files = self.files().filter(event_session__in=keys).select_related("hosted_file").order_by("-updated_on", "pk")
        for file in files:
            if file.event_presentation_id:
                decks["event_presentation", file.event_presentation_id].append(Deck(file))
            else:
                decks["event_session", file.event_session_id].append(Deck(file))
        talks = self._talks(keys)
        places = []
        for session in sessions:
            room = session.event_location.name if session.event_location else "no room"
            start = f"{local(session.start_datetime):%a %d %b, %H:%M}" if session.start_datetime else "no time"
            place = DeckPlace("event_session", session, f"{start} · {room}", decks["event_session", session.pk])
            for talk, speakers in talks[session.pk]:
                theirs = decks["event_presentation", talk.pk]
                if not (state and theirs):
                    place.talks.append(DeckPlace("event_presentation", talk, speakers, theirs))
            places.append(place)
        return places

    def _talks(self, sessions: list[int]) -> dict[int, list[tuple[EventPresentation, str]]]:
        """Session → its talks and who gives them."""
        rows = self.rows("event_presentation").filter(event_session__in=sessions, **IN_USE)
        talks = list(rows.order_by("start_datetime", "sort", "pk"))
        speakers: dict[int, list[str]] = defaultdict(list)
        people = self.rows("event_presenter").filter(event_presentation__in=[talk.pk for talk in talks], **IN_USE)
        named = people.exclude(full_name=None).order_by("sort", "pk").values_list("event_presentation_id", "full_name")
        for talk_key, name in named:
            speakers[talk_key].append(name)
        by_session: dict[int, list[tuple[EventPresentation, str]]] = defaultdict(list)
        for talk in talks:
            by_session[talk.event_session_id].append((talk, ", ".join(speakers[talk.pk])))
        return by_session


class FileDrop(FilesPage):
    """POST file, for_type, for_id, and `replaces` with the id of the event_file whose place it takes: {"filename"}."""

    http_method_names = ["post"]
    writes = (("event_file", "create"), ("hosted_file", "update"))

    def post(self, request: HttpRequest) -> HttpResponse:
        file: Any = request.FILES.get("file")
        if file is None or len(request.FILES) != 1 or len(request.FILES.getlist("file")) != 1:
            raise Invalid.field("file", "Send one file.")
        if (file.size or 0) > settings.AETHER_MAX_UPLOAD_BYTES:
            raise TooLarge("The file is larger than uploads may be.")
        type_name, public_id = request.POST.get("for_type", ""), request.POST.get("for_id", "")
        self._demand_place(type_name, public_id)
        former = self._former(type_name, public_id, request.POST.get("replaces", ""))
        with rows_follow():
            one = Arrived(clean_filename(file.name or ""), put(file), content_type_of_file(file))
            made = in_transaction(lambda: self._make(one, type_name, public_id, former))
        return JsonResponse({"filename": made["filename"]}, status=201)

    def _demand_place(self, type_name: str, public_id: str) -> None:
        """Raises Invalid, Refused or NotFound unless it is something of this event."""
        if type_name not in PLACES:
            raise Invalid.field("for_type", f"Give one of: {', '.join(PLACES)}.")
        here = self.rows(type_name).filter(**{PLACES[type_name]: self.event})
        if not here.filter(id_random=public_id).exists():
            raise missing(registry[type_name], self.principal, public_id, below=True)

    def _former(self, type_name: str, public_id: str, former: str) -> str:
        if former and not self.files().filter(**{f"{type_name}__id_random": public_id}, id_random=former).exists():
            raise Invalid.field("replaces", "The file that it replaces is no longer there; look at the page again.")
        return former

    def _make(self, one: Arrived, type_name: str, public_id: str, former: str) -> dict[str, Any]:
        hosted = host_upload(self.principal, one, {}, None)
        writer = Writer(registry["event_file"], self.principal)
        values = {"filename": hosted.filename, "extension": hosted.extension, "hosted_file_id": hosted.id_random}
        made = writer.create(values | {"for_type": type_name, "for_id": public_id}).data
        if former and self.files().filter(id_random=former).exists():
            writer.delete(former, "hide")
        return made
