from events.models.event import Event
from events.models.event_badge import EventBadge
from events.models.event_badge_template import EventBadgeTemplate
from events.models.event_device import EventDevice
from events.models.event_exhibit import EventExhibit
from events.models.event_exhibit_tracking import EventExhibitTracking
from events.models.event_file import EventFile
from events.models.event_location import EventLocation
from events.models.event_person import EventPerson
from events.models.event_presentation import EventPresentation
from events.models.event_presenter import EventPresenter
from events.models.event_session import EventSession

__all__ = [
    "Event",
    "EventBadge",
    "EventBadgeTemplate",
    "EventDevice",
    "EventExhibit",
    "EventExhibitTracking",
    "EventFile",
    "EventLocation",
    "EventPerson",
    "EventPresentation",
    "EventPresenter",
    "EventSession",
]
