"""Time zones by the names that shop programs give them: of the tz database, and of cities and regions."""

from __future__ import annotations

from functools import lru_cache

COMMON_NAMES = {
    "Pacific/Honolulu": ("hawaii", "hawaii time", "hawaii-aleutian time"),
    "America/Anchorage": ("alaska", "alaska time"),
    "America/Los_Angeles": ("pacific time", "pacific standard time", "pacific daylight time"),
    "America/Denver": ("mountain time", "mountain standard time", "mountain daylight time"),
    "America/Phoenix": ("arizona",),
    "America/Chicago": ("central time", "central standard time", "central daylight time"),
    "America/Regina": ("saskatchewan",),
    "America/New_York": ("eastern time", "eastern standard time", "eastern daylight time"),
    "America/Indiana/Indianapolis": ("indiana",),
    "America/Halifax": ("atlantic time", "atlantic standard time", "atlantic daylight time"),
    "America/St_Johns": ("newfoundland", "newfoundland time"),
    "America/Puerto_Rico": ("puerto rico",),
    "America/Mexico_City": ("mexico city",),
    "America/Sao_Paulo": ("brasilia",),
    "Europe/London": ("london", "edinburgh", "british summer time", "united kingdom"),
    "Europe/Dublin": ("dublin", "ireland"),
    "Europe/Lisbon": ("lisbon",),
    "Europe/Paris": ("paris", "central european time", "central european summer time"),
    "Europe/Madrid": ("madrid",),
    "Europe/Berlin": ("berlin",),
    "Europe/Rome": ("rome",),
    "Europe/Amsterdam": ("amsterdam",),
    "Europe/Brussels": ("brussels",),
    "Europe/Vienna": ("vienna",),
    "Europe/Zurich": ("zurich", "bern"),
    "Europe/Copenhagen": ("copenhagen",),
    "Europe/Stockholm": ("stockholm",),
    "Europe/Warsaw": ("warsaw",),
    "Europe/Prague": ("prague",),
    "Europe/Athens": ("athens",),
    "Europe/Helsinki": ("helsinki",),
    "Asia/Jerusalem": ("jerusalem",),
    "Asia/Kolkata": ("kolkata", "mumbai", "new delhi", "chennai"),
    "Asia/Singapore": ("singapore",),
    "Asia/Hong_Kong": ("hong kong",),
    "Asia/Tokyo": ("tokyo", "osaka", "sapporo", "japan standard time"),
    "Australia/Perth": ("perth", "western australia"),
    "Australia/Darwin": ("darwin",),
    "Australia/Adelaide": ("adelaide",),
    "Australia/Brisbane": ("brisbane",),
    "Australia/Sydney": ("sydney", "canberra"),
    "Australia/Melbourne": ("melbourne",),
    "Australia/Hobart": ("hobart",),
    "Pacific/Auckland": ("auckland", "wellington"),
}
"""Zone of the tz database -> other names of it, in small letters."""


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    from zoneinfo import available_timezones

    # Names without a region, such as EST, mean an offset and no place.
    known = {zone.lower(): zone for zone in available_timezones() if "/" in zone}
    return known | {name: zone for zone, names in COMMON_NAMES.items() for name in names}


def zone_name(text: str) -> str | None:
    """The zone of the tz database that a text in small letters names; None when it names none.

    Takes `america/new_york`, `eastern time` and `london`; what stands in brackets
    behind a name, as in `eastern time (us & canada)`, must be taken off before.
    """
    return _names().get(text.strip().replace(" / ", "/"))
