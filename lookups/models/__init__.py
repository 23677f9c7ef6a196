from lookups.models.country import Country
from lookups.models.country_subdivision import CountrySubdivision
from lookups.models.time_zone import TimeZone

__all__ = ["Country", "CountrySubdivision", "TimeZone"]
