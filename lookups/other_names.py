"""Names that people use for countries and that ISO 3166 does not: short, former, and other common ones."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import orjson

COMMON: Final = {
    "AE": "UAE, U.A.E., Emirates",
    "AG": "Antigua",
    "BA": "Bosnia, Bosnia & Herzegovina",
    "BL": "St. Barts, Saint Barthelemy",
    "BN": "Brunei",
    "BO": "Bolivia",
    "BQ": "Bonaire, Caribbean Netherlands",
    "BS": "The Bahamas",
    "BY": "Belorussia",
    "CC": "Keeling Islands, Cocos Islands",
    "CD": "DR Congo, DRC, D.R. Congo, Congo-Kinshasa, Congo Kinshasa, Democratic Republic of the Congo, "
    "Democratic Republic of Congo, Zaire, Congo (Kinshasa)",
    "CF": "CAR",
    "CG": "Congo-Brazzaville, Congo Brazzaville, Republic of the Congo, Republic of Congo, Congo (Brazzaville)",
    "CI": "Ivory Coast, Cote d Ivoire",
    "CN": "PRC, P.R. China, PR China, Mainland China, People's Republic of China",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, Ceska republika",
    "DE": "Deutschland",
    "EH": "Sahrawi Arab Democratic Republic",
    "FK": "Falkland Islands, Falklands, Malvinas",
    "FM": "Micronesia",
    "FO": "Faroes, Faeroe Islands",
    "GB": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland, "
    "United Kingdom of Great Britain, GB & NI",
    "GM": "The Gambia",
    "GW": "Guinea Bissau",
    "HK": "Hong Kong SAR, Hongkong, HK SAR",
    "IO": "British Indian Ocean Territory",
    "IR": "Iran",
    "KG": "Kirghizia, Kirgizstan",
    "KN": "St. Kitts and Nevis, St Kitts and Nevis, St. Kitts, St Kitts",
    "KP": "North Korea, DPRK, Korea North",
    "KR": "South Korea, ROK, Korea, Republic of Korea, Korea South",
    "LA": "Laos, Lao PDR",
    "LC": "St. Lucia, St Lucia",
    "MD": "Moldova",
    "MF": "Saint Martin, St. Martin, St Martin",
    "MK": "Macedonia, FYROM, FYR Macedonia",
    "MM": "Burma",
    "MO": "Macau, Macao SAR, Macau SAR",
    "NL": "Holland, The Netherlands, Nederland",
    "PM": "St. Pierre and Miquelon, St Pierre and Miquelon",
    "PN": "Pitcairn Islands",
    "PS": "Palestine, Palestinian Territories, Palestinian Territory, West Bank and Gaza",
    "RE": "Reunion Island",
    "RU": "Russia",
    "SH": "St. Helena, St Helena, Saint Helena",
    "ST": "Sao Tome, Sao Tome & Principe",
    "SX": "Sint Maarten, St. Maarten, St Maarten",
    "SY": "Syria",
    "SZ": "Swaziland, eSwatini",
    "TL": "East Timor, Timor Leste",
    "TR": "Turkey, Turkiye",
    "TT": "Trinidad, Trinidad & Tobago",
    "TW": "Formosa, Republic of China, ROC, Chinese Taipei",
    "TZ": "Tanzania",
    "UM": "US Outlying Islands",
    "US": "U.S., U.S.A., The United States, The United States of America",
    "VA": "Vatican, Vatican City, Holy See",
    "VC": "St. Vincent and the Grenadines, St Vincent and the Grenadines, St. Vincent, St Vincent",
    "VE": "Venezuela",
    "VG": "British Virgin Islands, BVI",
    "VI": "US Virgin Islands, U.S. Virgin Islands, USVI",
    "VN": "Vietnam, Viet Nam",
    "WF": "Wallis & Futuna",
    "WS": "Western Samoa",
}
"""Alpha-2 → names, parted by commas."""


@cache
def official_names(lu_type: str) -> dict[str, tuple[str, ...]]:
    """Group → the names that ISO 3166 has for it, the long ones too."""
    if lu_type != "country":
        return {}
    entries = orjson.loads((files("pycountry") / "databases" / "iso3166-1.json").read_bytes())["3166-1"]
    names = {}
    for entry in entries:
        official = [entry[key] for key in ("name", "official_name", "common_name") if key in entry]
        names[entry["alpha_2"]] = (*official, *(_turned(name) for name in official if ", " in name))
    return names


def common_names(lu_type: str, group: str) -> list[str]:
    return COMMON[group].split(", ") if lu_type == "country" and group in COMMON else []


def _turned(name: str) -> str:
    """ "Korea, Republic of" as one says it."""
    first, _, rest = name.partition(", ")
    return f"{rest} {first}"
