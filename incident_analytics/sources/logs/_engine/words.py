"""Words in times: months in the languages that loggers write, and names of zones that mean one offset only."""

from __future__ import annotations

from collections.abc import Mapping

_MONTHS = (
    ("Jan", "january januar jänner jän janvier janv janeiro januari enero ene gennaio gen"),
    ("Feb", "february februar feber février févr fév fevrier fevr fev fevereiro febrero febr febbraio februari"),
    ("Mar", "march märz mär mrz maerz mars março marco marzo maart mrt"),
    ("Apr", "april avril avr abril abr aprile"),
    ("May", "may mai mayo maio maggio mag mei"),
    ("Jun", "june juni juin junio junho giugno giu"),
    ("Jul", "july juli juillet juil julio julho luglio lug"),
    ("Aug", "august août aout agosto ago augustus"),
    ("Sep", "september sept septembre septiembre setiembre setembro settembre set sett"),
    ("Oct", "october oktober okt octobre octubre outubro out ottobre ott"),
    ("Nov", "november novembre noviembre novembro"),
    ("Dec", "december dezember dez décembre déc decembre diciembre dic dezembro dicembre"),
)

MONTHS: Mapping[str, str] = {word: short for short, words in _MONTHS for word in (short.lower(), *words.split())}
"""Months in English, German, French, Spanish, Italian, Portuguese and Dutch, in lower case, as English writes them."""

ZONES: Mapping[str, str] = {
    **dict.fromkeys(("UTC", "GMT", "UT", "Z"), "+00:00"),
    # The zones of North America mean what RFC 822 says, whatever else they may be short for.
    **{"EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00"},
    **{"MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00"},
    # These have one meaning in the database of time zones.
    **{"WET": "+00:00", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00", "EET": "+02:00", "EEST": "+03:00"},
}
"""Names of zones with the offset they stand for; others, such as IST or BST, have more than one meaning."""

ZONE_WORDS = (
    *ZONES,
    "BST",
    "IST",
    "JST",
    "KST",
    "MSK",
    "SGT",
    "HKT",
    "AEST",
    "AEDT",
    "NZST",
    "NZDT",
    "AKST",
    "AKDT",
    "HST",
)
"""Names that are known to be of zones, whatever they mean."""
