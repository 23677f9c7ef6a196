from lookups.models.country import Country
from lookups.models.country_subdivision import CountrySubdivision
from lookups.models.lookup_version import LookupVersion
from lookups.models.time_zone import TimeZone

__all__ = ["Country", "CountrySubdivision", "LookupVersion", "TimeZone"]
