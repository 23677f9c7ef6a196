"""How pages for people write moments: read the same way on both sides of the Atlantic."""

DATETIME_FORMAT = "j M Y, H:i"
DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
