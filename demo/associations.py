"""The two associations: their names, places, people and subjects. Everything else is put together from these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Sizes:
    """How many rows of what grows with --size."""

    people: int
    entries: int
    rooms: int
    sessions: int
    presentations: int
    presenters: int
    registrations: int
    exhibits: int
    leads: int
    slides: int


@dataclass(frozen=True)
class Association:
    code: str
    name: str
    short_name: str
    purpose: str
    time_zone: str
    fqdns: tuple[str, str, str]
    """The first is the primary one."""
    country: str
    subdivision: str
    city: str
    dialling: str
    colour: tuple[int, int, int]
    conference: str
    conference_code: str
    first_day: date
    venue: str
    rooms: tuple[str, ...]
    companies: tuple[str, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    titles: tuple[str, ...]
    subjects: tuple[str, ...]
    aspects: tuple[str, ...]
    sizes: Sizes

    @property
    def fqdn(self) -> str:
        return self.fqdns[0]


CARDIOLOGY = Association(
    code="nsc",
    name="Northlake Society of Cardiology",
    short_name="NSC",
    purpose="brings together clinicians, nurses and scientists who care for people with heart disease",
    time_zone="America/Denver",
    # A front end that is developed on this machine finds its site by the name that the browser shows.
    fqdns=("demo.example.org", "www.demo.example.org", "localhost"),
    country="US",
    subdivision="US-CO",
    city="Denver",
    dialling="+1 303 555 0",
    colour=(11, 78, 142),
    conference="NSC Scientific Sessions 2026",
    conference_code="NSC26",
    first_day=date(2026, 9, 14),
    venue="Front Range Convention Center, Denver",
    rooms=("Main Hall", "Aspen Room", "Pikes Theater", "Juniper Room", "Columbine Room"),
    companies=(
        *("Cardiolume Imaging", "Peakflow Devices", "Sable & Wren Pharma", "Arterra Diagnostics"),
        *("Mile High Monitoring", "Beacon Registry Services", "Larkspur Medical Books", "Vantage Echo"),
        *("Summit Rehab Partners", "Clearlead Wires"),
    ),
    given_names=(
        *("Amara", "Benjamin", "Carmen", "Dmitri", "Eun-ji", "Fatima", "George", "Hannah", "Imani", "Jonas", "Keiko"),
        *("Luis", "Mei", "Nadia", "Oluwaseun", "Priya", "Quentin", "Rosalía", "Samuel", "Tomasz", "Uma", "Victor"),
        *("Wendy", "Xavier", "Yusuf", "Zoë", "Aoife"),
    ),
    family_names=(
        *("Abernathy", "Bhattacharya", "Castellanos", "Delacroix", "Eriksen", "Fontaine", "Greenwood", "Hashimoto"),
        *("Ibarra", "Jefferson", "Kowalski", "Lindqvist", "McAllister", "Nakamura", "O'Connor", "Petrosyan", "Quispe"),
        *("Ramaswamy", "Santos-Rivera", "Thibodeaux", "Ulrich", "Vasquez", "Whitfield", "Xu", "Yamada", "Zapata"),
        *("Okafor", "Lundgren", "de la Cruz", "van der Berg", "Mbeki"),
    ),
    titles=(
        *("Interventional Cardiologist", "Nurse Practitioner", "Professor of Medicine", "Clinical Pharmacist"),
        *("Electrophysiologist", "Cardiac Surgeon", "Research Fellow", "Exercise Physiologist", "Biostatistician"),
    ),
    subjects=(
        *("Atrial fibrillation", "Heart failure", "Lipid lowering", "Aortic stenosis", "Hypertension"),
        *("Cardiac amyloid", "Congenital heart disease", "Coronary physiology", "Device therapy"),
        *("Cardiac rehabilitation", "Sudden cardiac death", "Pulmonary hypertension", "Preventive cardiology"),
    ),
    aspects=(
        *("what the new guideline changes", "lessons from the registry", "imaging at the bedside", "in older adults"),
        *("case discussions", "from trial to clinic", "shared decisions", "a view from primary care"),
        *("artificial intelligence in practice", "equity and access", "late-breaking results"),
    ),
    sizes=Sizes(
        people=100,
        entries=60,
        rooms=5,
        sessions=40,
        presentations=80,
        presenters=120,
        registrations=200,
        exhibits=10,
        leads=300,
        slides=40,
    ),
)

ECOLOGY = Association(
    code="gsoe",
    name="Gesellschaft für Stadtökologie e. V.",
    short_name="GSÖ",
    purpose="connects planners, ecologists and gardeners who make cities greener and cooler",
    time_zone="Europe/Berlin",
    fqdns=("gsoe.example.net", "www.gsoe.example.net", "stadtökologie.example.net"),
    country="DE",
    subdivision="DE-SN",
    city="Leipzig",
    dialling="+49 341 5550 ",
    colour=(38, 110, 62),
    conference="Kongress Grüne Stadt 2026",
    conference_code="GS26",
    first_day=date(2026, 10, 8),
    venue="Kongresshalle am Auwald, Leipzig",
    rooms=("Großer Saal", "Lindensaal", "Werkstatt", "Galerie"),
    companies=(
        *("Baumschule Lößnitz GmbH", "Regenwasser Röder", "Dachgrün Süd", "Sensorik Müritz"),
        *("Verlag Blatt & Stiel", "Büro für Freiraum"),
    ),
    given_names=(
        *("Anneliese", "Björn", "Cem", "Dörte", "Emre", "Franziska", "Günter", "Heike", "Ilse", "Jörg", "Käthe"),
        *("Łukasz", "Maren", "Nuray", "Øystein", "Petra", "René", "Sören", "Thi Mai", "Ulrike", "Václav"),
        *("Walburga", "Žofie"),
    ),
    family_names=(
        *("Albrecht", "Bäumler", "Çelik", "Dvořák", "Eßer", "Förster", "Größl", "Hübner", "Jäger", "Kühn", "Lindner"),
        *("Müller", "Nguyễn", "Özdemir", "Pawłowska", "Rößler", "Schön", "Strauß", "Türk", "Übelacker", "von Ahlen"),
        *("Weiß", "Yıldız", "Zöllner", "Groß-Wendt"),
    ),
    titles=(
        *("Stadtplanerin", "Landschaftsarchitekt", "Professorin für Ökologie", "Amtsleiter Grünflächen"),
        *("Hydrologin", "Baumpfleger", "Klimabeauftragte"),
    ),
    subjects=(
        *("Urban trees", "Green roofs", "Sponge cities", "Pollinators", "Heat islands", "Allotment gardens"),
        *("Soil unsealing", "Street lighting and insects", "Stormwater parks"),
    ),
    aspects=(
        *("monitoring with citizens", "costs and benefits", "lessons from Leipzig", "law and planning"),
        *("after the drought", "species for a hotter century", "maintenance on a budget", "open data"),
    ),
    sizes=Sizes(
        people=60,
        entries=36,
        rooms=4,
        sessions=24,
        presentations=48,
        presenters=72,
        registrations=120,
        exhibits=6,
        leads=150,
        slides=24,
    ),
)

ASSOCIATIONS = (CARDIOLOGY, ECOLOGY)
BLOCKS = {"small": 1, "large": 100}
"""--size large is the small programme a hundred times over, in halls of its own, so that small stays part of it."""
