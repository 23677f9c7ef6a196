"""Made by generate.py from the OpenAPI document. Do not edit."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypedDict, TypeVar

T = TypeVar("T")


class ObjectType(str, Generic[T]):
    """The name of a type, which knows how its objects look."""

    __slots__ = ()


class Account(TypedDict, total=False):
    id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    code: str
    name: str
    short_name: str | None
    description: str | None
    time_zone: str
    cfg_json: dict[str, Any] | list[Any] | None


class Archive(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    site_id: str | None
    name: str
    description: str | None
    code: str | None
    account_name: str | None
    site_name: str | None
    archive_content_count: int
    account: Account | None
    site: Site | None


class ArchiveContent(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    archive_id: str
    hosted_file_id: str | None
    name: str
    description: str | None
    type_code: str | None
    url: str | None
    original_datetime: str | None
    credit: str | None
    account_name: str | None
    archive_name: str | None
    hosted_file_filename: str | None
    account: Account | None
    archive: Archive | None
    hosted_file: HostedFile | None
    hosted_file_hash_sha256: str | None
    hosted_file_subdirectory_path: str | None
    hosted_file_content_type: str | None
    hosted_file_size: str | None


class Contact(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    person_id: str | None
    organization_id: str | None
    type: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    address_line_1: str | None
    address_line_2: str | None
    address_line_3: str | None
    city: str | None
    country_subdivision: str | None
    postal_code: str | None
    country: str | None
    time_zone: str | None
    account_name: str | None
    person_full_name: str | None
    organization_name: str | None
    account: Account | None
    person: Person | None
    organization: Organization | None


class Event(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    site_id: str | None
    code: str | None
    name: str
    summary: str | None
    description: str | None
    type_code: str | None
    start_datetime: str | None
    end_datetime: str | None
    time_zone: str | None
    location_text: str | None
    external_id: str | None
    cfg_json: dict[str, Any] | list[Any] | None
    account_name: str | None
    site_name: str | None
    event_session_count: int
    event_exhibit_count: int
    account: Account | None
    site: Site | None


class EventBadge(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    event_person_id: str | None
    event_badge_template_id: str | None
    given_name: str | None
    family_name: str | None
    full_name: str | None
    full_name_override: str | None
    professional_title: str | None
    affiliations: str | None
    location: str | None
    email: str | None
    phone: str | None
    badge_type_code: str | None
    allow_tracking: bool
    print_count: int
    first_printed_on: str | None
    last_printed_on: str | None
    external_id: str | None
    badge_token: str
    consent_token: str
    account_name: str | None
    event_name: str | None
    event_person_full_name: str | None
    event_badge_template_name: str | None
    event_exhibit_tracking_count: int
    account: Account | None
    event: Event | None
    event_person: EventPerson | None
    event_badge_template: EventBadgeTemplate | None


class EventBadgeConsent(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_badge_id: str
    event_exhibit_id: str | None
    share: bool
    decided_on: str
    decided_by: str | None
    how: Literal["attendee", "staff", "import", "created"]
    account_name: str | None
    event_badge_full_name: str | None
    event_exhibit_name: str | None
    account: Account | None
    event_badge: EventBadge | None
    event_exhibit: EventExhibit | None


class EventBadgeTemplate(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    name: str
    width_mm: float
    height_mm: float
    layout_json: dict[str, Any] | list[Any] | None
    background_hosted_file_id: str | None
    account_name: str | None
    event_name: str | None
    background_hosted_file_filename: str | None
    event_badge_count: int
    account: Account | None
    event: Event | None
    background_hosted_file: HostedFile | None
    background_hosted_file_hash_sha256: str | None
    background_hosted_file_subdirectory_path: str | None
    background_hosted_file_content_type: str | None
    background_hosted_file_size: str | None


class EventDevice(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    event_location_id: str | None
    code: str | None
    name: str
    type_code: str | None
    cfg_json: dict[str, Any] | list[Any] | None
    status_json: dict[str, Any] | list[Any] | None
    last_seen_on: str | None
    profile: Literal["launcher", "signage", "scanner", "kiosk"] | None
    platform: str | None
    version: str | None
    provisioned_by: str | None
    enrolled_on: str | None
    revoked_on: str | None
    last_report_on: str | None
    clock_error_seconds: float | None
    account_name: str | None
    event_name: str | None
    event_location_name: str | None
    account: Account | None
    event: Event | None
    event_location: EventLocation | None


class EventDeviceCommand(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_device_id: str
    command: Literal["open", "blank", "message", "reload", "identify"]
    payload_json: dict[str, Any] | list[Any] | None
    status: Literal["queued", "sent", "acknowledged", "failed", "expired"]
    sent_on: str | None
    answered_on: str | None
    message: str | None
    account_name: str | None
    event_device_name: str | None
    account: Account | None
    event_device: EventDevice | None


class EventExhibit(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    organization_id: str | None
    event_location_id: str | None
    code: str | None
    name: str
    description: str | None
    leads_api_access: bool
    leads_questions_json: dict[str, Any] | list[Any] | None
    account_name: str | None
    event_name: str | None
    organization_name: str | None
    event_location_name: str | None
    event_exhibit_tracking_count: int
    account: Account | None
    event: Event | None
    organization: Organization | None
    event_location: EventLocation | None


class EventExhibitTracking(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_exhibit_id: str
    event_badge_id: str | None
    captured_on: str | None
    captured_by: str | None
    rating: int | None
    exhibitor_notes: str | None
    responses_json: dict[str, Any] | list[Any] | None
    client_ref: str | None
    device_captured_on: str | None
    received_on: str | None
    scan_count: int
    tags_json: dict[str, Any] | list[Any] | None
    contact_shared: bool
    account_name: str | None
    event_exhibit_name: str | None
    event_exhibit_code: str | None
    event_badge_full_name: str | None
    event_badge_affiliations: str | None
    event_badge_professional_title: str | None
    account: Account | None
    event_exhibit: EventExhibit | None
    event_badge: EventBadge | None


class EventFile(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str | None
    event_session_id: str | None
    event_presentation_id: str | None
    event_presenter_id: str | None
    event_location_id: str | None
    event_exhibit_id: str | None
    hosted_file_id: str
    filename: str | None
    extension: str | None
    title: str | None
    description: str | None
    for_type: Literal["event", "event_session", "event_presentation", "event_presenter", "event_location", "event_exhibit"] | None
    for_id: str | None
    open_in: str | None
    slot: Literal["slides", "video", "poster", "handout", "other"] | None
    version: int
    is_current: bool
    slot_state: Literal["uploaded", "approved", "rejected", "frozen"]
    approved: bool
    approved_on: str | None
    approved_by: str | None
    rejected_reason: str | None
    frozen_on: str | None
    freeze_lifted: bool
    preflight_level: Literal["clean", "info", "warning", "error", "unsupported"] | None
    save_as: str | None
    account_name: str | None
    event_name: str | None
    event_session_name: str | None
    event_session_code: str | None
    event_presentation_name: str | None
    event_presenter_full_name: str | None
    event_location_name: str | None
    event_exhibit_name: str | None
    hosted_file_filename: str | None
    account: Account | None
    event: Event | None
    event_session: EventSession | None
    event_presentation: EventPresentation | None
    event_presenter: EventPresenter | None
    event_location: EventLocation | None
    event_exhibit: EventExhibit | None
    hosted_file: HostedFile | None
    hosted_file_hash_sha256: str | None
    hosted_file_subdirectory_path: str | None
    hosted_file_content_type: str | None
    hosted_file_size: str | None


class EventLocation(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    code: str | None
    name: str
    description: str | None
    capacity: int | None
    screen_width: int | None
    screen_height: int | None
    fonts_json: dict[str, Any] | list[Any] | None
    account_name: str | None
    event_name: str | None
    event_session_count: int
    account: Account | None
    event: Event | None


class EventPerson(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    person_id: str | None
    registration_type_code: str | None
    external_id: str | None
    given_name: str | None
    family_name: str | None
    full_name: str | None
    professional_title: str | None
    affiliations: str | None
    email: str | None
    phone: str | None
    account_name: str | None
    event_name: str | None
    person_full_name: str | None
    event_badge_count: int
    account: Account | None
    event: Event | None
    person: Person | None


class EventPresentation(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_session_id: str
    code: str | None
    name: str
    description: str | None
    start_datetime: str | None
    end_datetime: str | None
    external_id: str | None
    account_name: str | None
    event_session_name: str | None
    event_session_code: str | None
    event_presenter_count: int
    event_file_count: int
    account: Account | None
    event_session: EventSession | None


class EventPresenter(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_presentation_id: str
    event_session_id: str | None
    person_id: str | None
    given_name: str | None
    family_name: str | None
    full_name: str | None
    professional_title: str | None
    affiliations: str | None
    email: str | None
    biography: str | None
    role_code: str | None
    agreed_on: str | None
    arrived_on: str | None
    external_id: str | None
    upload_link_made_on: str | None
    upload_link_expires_on: str | None
    upload_link_mailed_on: str | None
    account_name: str | None
    event_presentation_name: str | None
    event_session_name: str | None
    person_full_name: str | None
    event_file_count: int
    account: Account | None
    event_presentation: EventPresentation | None
    event_session: EventSession | None
    person: Person | None


class EventSession(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    event_id: str
    event_location_id: str | None
    poc_person_id: str | None
    code: str | None
    name: str
    description: str | None
    type_code: str | None
    start_datetime: str | None
    end_datetime: str | None
    external_id: str | None
    expected_slots: dict[str, Any] | list[Any] | None
    upload_deadline: str | None
    freeze_minutes: int | None
    account_name: str | None
    event_name: str | None
    event_location_name: str | None
    poc_person_full_name: str | None
    event_presentation_count: int
    event_file_count: int
    account: Account | None
    event: Event | None
    event_location: EventLocation | None
    poc_person: Person | None


class HostedFile(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    hash_sha256: str | None
    subdirectory_path: str | None
    filename: str
    extension: str | None
    content_type: str | None
    size: int | None
    title: str | None
    description: str | None
    status: Literal["queued", "processing", "ready", "failed"]
    status_message: str | None
    progress: int | None
    source_hosted_file_id: str | None
    account_name: str | None
    source_hosted_file_filename: str | None
    hosted_file_link_count: int
    account: Account | None
    source_hosted_file: HostedFile | None
    source_hosted_file_hash_sha256: str | None
    source_hosted_file_subdirectory_path: str | None
    source_hosted_file_content_type: str | None
    source_hosted_file_size: str | None


class HostedFileLink(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    hosted_file_id: str
    link_to_type: str
    link_to_id: str
    role_code: str | None
    account_name: str | None
    hosted_file_filename: str | None
    account: Account | None
    hosted_file: HostedFile | None
    hosted_file_hash_sha256: str | None
    hosted_file_subdirectory_path: str | None
    hosted_file_content_type: str | None
    hosted_file_size: str | None


class Journal(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    person_id: str | None
    name: str
    type_code: str | None
    summary: str | None
    description: str | None
    cfg_json: dict[str, Any] | list[Any] | None
    account_name: str | None
    person_full_name: str | None
    journal_entry_count: int
    account: Account | None
    person: Person | None


class JournalEntry(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    journal_id: str
    person_id: str | None
    name: str | None
    category_code: str | None
    content: str | None
    tags_json: dict[str, Any] | list[Any] | None
    start_datetime: str | None
    end_datetime: str | None
    start_time_zone: str | None
    latitude: float | None
    longitude: float | None
    url: str | None
    account_name: str | None
    journal_name: str | None
    person_full_name: str | None
    account: Account | None
    journal: Journal | None
    person: Person | None


class Organization(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    name: str
    description: str | None
    website: str | None
    email: str | None
    phone: str | None
    logo_hosted_file_id: str | None
    account_name: str | None
    logo_hosted_file_filename: str | None
    person_count: int
    contact_count: int
    account: Account | None
    logo_hosted_file: HostedFile | None
    logo_hosted_file_hash_sha256: str | None
    logo_hosted_file_subdirectory_path: str | None
    logo_hosted_file_content_type: str | None
    logo_hosted_file_size: str | None


class Page(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    site_id: str
    name: str
    path: str
    title: str | None
    description: str | None
    content: str | None
    template_code: str | None
    account_name: str | None
    site_name: str | None
    account: Account | None
    site: Site | None


class Person(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    organization_id: str | None
    prefix: str | None
    given_name: str | None
    middle_name: str | None
    family_name: str | None
    suffix: str | None
    full_name: str | None
    display_name: str | None
    professional_title: str | None
    affiliations: str | None
    email: str | None
    phone: str | None
    external_id: str | None
    biography: str | None
    tagline: str | None
    image_hosted_file_id: str | None
    account_name: str | None
    organization_name: str | None
    image_hosted_file_filename: str | None
    contact_count: int
    account: Account | None
    organization: Organization | None
    image_hosted_file: HostedFile | None
    image_hosted_file_hash_sha256: str | None
    image_hosted_file_subdirectory_path: str | None
    image_hosted_file_content_type: str | None
    image_hosted_file_size: str | None


class Post(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    site_id: str | None
    person_id: str | None
    title: str | None
    name: str | None
    content: str | None
    topic_code: str | None
    published_on: str | None
    external_id: str | None
    account_name: str | None
    site_name: str | None
    person_full_name: str | None
    post_comment_count: int
    account: Account | None
    site: Site | None
    person: Person | None


class PostComment(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    post_id: str
    person_id: str | None
    name: str | None
    content: str | None
    account_name: str | None
    post_title: str | None
    post_name: str | None
    person_full_name: str | None
    account: Account | None
    post: Post | None
    person: Person | None


class Site(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    code: str | None
    name: str
    title: str | None
    description: str | None
    tagline: str | None
    cfg_json: dict[str, Any] | list[Any] | None
    account_name: str | None
    site_domain_count: int
    account: Account | None


class SiteDomain(TypedDict, total=False):
    id: str
    account_id: str
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    site_id: str
    fqdn: str
    is_primary: bool
    account_name: str | None
    account_code: str | None
    site_name: str | None
    site_code: str | None
    site_title: str | None
    site_tagline: str | None
    site_cfg_json: dict[str, Any] | list[Any] | None
    account: Account | None
    site: Site | None


class User(TypedDict, total=False):
    id: str
    account_id: str | None
    enable: bool
    hide: bool
    priority: bool
    sort: int | None
    group: str | None
    notes: str | None
    created_on: str
    updated_on: str
    person_id: str | None
    username: str
    email: str | None
    name: str | None
    super: bool
    manager: bool
    administrator: bool
    verified_on: str | None
    last_login: str | None
    account_name: str | None
    person_full_name: str | None
    account: Account | None
    person: Person | None


account: ObjectType[Account] = ObjectType("account")
archive: ObjectType[Archive] = ObjectType("archive")
archive_content: ObjectType[ArchiveContent] = ObjectType("archive_content")
contact: ObjectType[Contact] = ObjectType("contact")
event: ObjectType[Event] = ObjectType("event")
event_badge: ObjectType[EventBadge] = ObjectType("event_badge")
event_badge_consent: ObjectType[EventBadgeConsent] = ObjectType("event_badge_consent")
event_badge_template: ObjectType[EventBadgeTemplate] = ObjectType("event_badge_template")
event_device: ObjectType[EventDevice] = ObjectType("event_device")
event_device_command: ObjectType[EventDeviceCommand] = ObjectType("event_device_command")
event_exhibit: ObjectType[EventExhibit] = ObjectType("event_exhibit")
event_exhibit_tracking: ObjectType[EventExhibitTracking] = ObjectType("event_exhibit_tracking")
event_file: ObjectType[EventFile] = ObjectType("event_file")
event_location: ObjectType[EventLocation] = ObjectType("event_location")
event_person: ObjectType[EventPerson] = ObjectType("event_person")
event_presentation: ObjectType[EventPresentation] = ObjectType("event_presentation")
event_presenter: ObjectType[EventPresenter] = ObjectType("event_presenter")
event_session: ObjectType[EventSession] = ObjectType("event_session")
hosted_file: ObjectType[HostedFile] = ObjectType("hosted_file")
hosted_file_link: ObjectType[HostedFileLink] = ObjectType("hosted_file_link")
journal: ObjectType[Journal] = ObjectType("journal")
journal_entry: ObjectType[JournalEntry] = ObjectType("journal_entry")
organization: ObjectType[Organization] = ObjectType("organization")
page: ObjectType[Page] = ObjectType("page")
person: ObjectType[Person] = ObjectType("person")
post: ObjectType[Post] = ObjectType("post")
post_comment: ObjectType[PostComment] = ObjectType("post_comment")
site: ObjectType[Site] = ObjectType("site")
site_domain: ObjectType[SiteDomain] = ObjectType("site_domain")
user: ObjectType[User] = ObjectType("user")
