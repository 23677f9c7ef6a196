from datetime import UTC, datetime

import pytest

from lookups.zones import offset_at, zone_named

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text", "minutes"),
    [
        ("UTC", "+00:00", 0),
        ("Asia/Kathmandu", "+05:45", 345),
        ("America/St_Johns", "-03:30", -210),
        ("Pacific/Kiritimati", "+14:00", 840),
        ("Pacific/Marquesas", "-09:30", -570),
    ],
)
def test_offsets(name, text, minutes):
    assert offset_at(zone_named(name), WINTER) == {"utc_offset": text, "utc_offset_minutes": minutes}


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "America", "right/UTC", "utc", "UTC\x00", "localtime"]
)
def test_what_is_no_zone(name):
    assert zone_named(name) is None
    assert offset_at(None, WINTER) == {"utc_offset": None, "utc_offset_minutes": None}
