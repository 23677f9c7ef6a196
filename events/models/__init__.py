from events.models.event import Event
from events.models.event_badge import EventBadge
from events.models.event_badge_consent import EventBadgeConsent
from events.models.event_badge_template import EventBadgeTemplate
from events.models.event_calendar_link import EventCalendarLink
from events.models.event_device import EventDevice
from events.models.event_device_command import EventDeviceCommand
from events.models.event_device_report import EventDeviceReport
from events.models.event_device_token import EventDeviceProvision, EventDeviceToken
from events.models.event_exhibit import EventExhibit
from events.models.event_exhibit_passcode import EventExhibitPasscode
from events.models.event_exhibit_scan import EventExhibitScan
from events.models.event_exhibit_tracking import EventExhibitTracking
from events.models.event_file import EventFile
from events.models.event_file_preflight import EventFilePreflight
from events.models.event_location import EventLocation
from events.models.event_manifest import EventFileDeparture, EventManifest
from events.models.event_person import EventPerson
from events.models.event_presentation import EventPresentation
from events.models.event_presenter import EventPresenter
from events.models.event_session import EventSession

__all__ = [
    "Event",
    "EventBadge",
    "EventBadgeConsent",
    "EventBadgeTemplate",
    "EventCalendarLink",
    "EventDevice",
    "EventDeviceCommand",
    "EventDeviceProvision",
    "EventDeviceReport",
    "EventDeviceToken",
    "EventExhibit",
    "EventExhibitPasscode",
    "EventExhibitScan",
    "EventExhibitTracking",
    "EventFile",
    "EventFileDeparture",
    "EventFilePreflight",
    "EventLocation",
    "EventManifest",
    "EventPerson",
    "EventPresentation",
    "EventPresenter",
    "EventSession",
]
