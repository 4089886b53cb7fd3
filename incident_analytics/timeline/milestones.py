"""Clock points in the account: each stands once, on the entry that it is, or as an entry of its own.

A *mark* is a clock point on its way into the account: a row like an entry's, of kind ``milestone``, whose ``field``
names the point and whose text is the point's meaning.
"""

from __future__ import annotations

import pandas as pd

from .. import wording
from ..schema import CLOCK_POINTS
from .phases import Clock

IMPACT_POINTS = ("impact_start", "impact_end")
FOLLOW_UP_POINTS = tuple(CLOCK_POINTS)[list(CLOCK_POINTS).index("resolved") + 1 :]
"""Points that usually come after the end of an incident."""

LIKELY_KINDS = {
    "impact_start": ("impact", "change/trigger"),
    "alert_fired": ("alert/fired", "alert"),
    "detected": ("alert/fired", "alert", "finding"),
    "paged": ("alert/paged", "alert/notified", "alert"),
    "acknowledged": ("status/acknowledged", "action/diagnosis"),
    "declared": ("status/declared", "status/triggered"),
    "ic_assumed": ("role",),
    "channel_open": ("message", "role"),
    "mobilised": ("role/joined", "role"),
    "severity_first": ("severity",),
    "stakeholder_first": ("update/stakeholders",),
    "public_first": ("update/public",),
    "identified": ("status/identified", "finding"),
    "mitigation_started": ("action/mitigation", "status/mitigated", "action"),
    "mitigated": ("status/mitigated", "action/mitigation", "recovery"),
    "impact_end": ("recovery", "status/resolved"),
    "resolved": ("status/resolved", "recovery", "action/recovery"),
    "closed": ("status/closed",),
    "report_published": ("update/public", "update", "note"),
    "fixed": ("change", "action/change"),
}
"""Which entries a clock point may be, the likeliest first: a kind, or a kind and its word (what changed)."""

_RANKS = {f"{point}:{kind}": rank for point, kinds in LIKELY_KINDS.items() for rank, kind in enumerate(kinds)}
_UNLIKELY = max(_RANKS.values()) + 1
# In a busy channel or log some line falls into the same minute by chance: only the very second counts there.
_CHATTY = ("message", "log")
_EXACT = pd.Timedelta("1s")
_AUDIENCES = {"stakeholder_first": "stakeholders", "public_first": "public"}


def is_coarse(rows: pd.DataFrame) -> pd.Series:
    """Whether a time is known less exactly than to the minute; what begins at a minute and lasts is not coarse."""
    precision = rows["precision"]
    return precision.isin(["hour", "day"]) | (rows["at_latest"].notna() & precision.isna())


def meaning(points: pd.Series) -> pd.Series:
    """What a clock point says, in words; an unknown point is its own name."""
    return points.map(CLOCK_POINTS).fillna(points.str.replace("_", " "))


def build_marks(milestones: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """The marks of the account: the sources' own, and those that the clock derived from something else.

    Milestones without a time are left to the clock, which says that they are unknown. A milestone whose time is not
    the one that the clock uses keeps its place, with a remark that says so.

    Args:
        milestones: entries without a text of their own.
        clock: the clock.

    Returns:
        Rows like entries, with ``is_used`` (it is the clock's own value) and ``remark``.
    """
    known = clock[clock["at"].notna()]
    own = _compared(milestones[milestones["at"].notna()], clock)
    own = own.assign(rule=pd.Series(None, index=own.index, dtype="str"))
    covered = pd.MultiIndex.from_frame(own.loc[own["is_used"], ["incident_id", "field"]])
    derived = known[~pd.MultiIndex.from_frame(known[["incident_id", "point"]]).isin(covered)]
    derived = _compared(_like_entries(derived, milestones), clock).assign(rule=derived["rule"].to_numpy())
    marks = pd.concat([part for part in (own, derived) if len(part)] or [derived], ignore_index=True)
    order = {point: place for place, point in enumerate(CLOCK_POINTS)}
    marks = marks.assign(order=marks["field"].map(order).fillna(len(order)))
    return marks.sort_values(["incident_id", "at", "order", "field", "source"], ignore_index=True).drop(columns="order")


def with_remarks(entries: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """The entries, where milestones with a text of their own say that the clock uses another time than theirs."""
    is_milestone = entries["kind"] == "milestone"
    compared = _compared(entries[is_milestone], clock)
    other = compared["remark"].where(~compared["is_used"])
    return entries.assign(remark=other.set_axis(entries.index[is_milestone]).reindex(entries.index))


def _compared(milestones: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """Milestones with ``is_used`` (the clock has this very instant) and what is to be said about it otherwise."""
    known = clock[clock["at"].notna()][["incident_id", "point", "at", "is_disputed"]]
    used = known.rename(columns={"at": "used_at", "point": "field"})
    rows = milestones.merge(used, on=["incident_id", "field"], how="left")
    rows["is_used"] = rows["at"] == rows["used_at"]
    is_other = rows["used_at"].notna() & (rows["used_at"].dt.floor("min") != rows["at"].dt.floor("min"))
    is_disputed = rows["is_used"] & rows["is_disputed"].fillna(False).astype(bool)
    instead = "for this clock point " + rows["used_at"].dt.strftime("%Y-%m-%d %H:%M UTC") + " is used"
    remark = instead.where(is_other & rows["at"].notna()).mask(is_disputed, "sources differ on this time")
    return rows.assign(remark=remark.astype("str")).drop(columns=["used_at", "is_disputed"])


def annotate(entries: pd.DataFrame, marks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put each mark on the entry that it is; returns the entries, and the marks that stand alone.

    A mark is an entry of the same incident in the same minute, known as exactly, the likeliest kind first. A message
    or a log line must fall on the very second. ``points`` lists the clock points that fall on an entry, and
    ``remark`` what is to be said about them.
    """
    pairs = _pairs(entries, marks).drop_duplicates("mark").sort_values("mark")
    chosen = marks.loc[pairs["mark"]]
    place = pd.Series(pairs["entry"].to_numpy(), index=chosen.index)
    entries = entries.assign(points=pd.Series([[] for _ in range(len(entries))], index=entries.index))
    listed = _points_of(chosen).groupby(place).agg(list)
    entries.loc[listed.index, "points"] = listed.map(_in_order)
    said = chosen["note"].where(chosen["note"] != entries["note"].reindex(place).to_numpy())
    said = _sentences(said, chosen["remark"])
    said = (chosen["field"].str.replace("_", " ") + ": " + said)[said.notna()]
    entries["remark"] = _sentences(entries["remark"], said.groupby(place).agg(" ".join).reindex(entries.index))
    return entries, marks.drop(index=chosen.index)


def stand_alone(marks: pd.DataFrame) -> pd.DataFrame:
    """Marks as entries; those of one incident, instant and lane (impact or not) share one."""
    is_impact = marks["field"].isin(IMPACT_POINTS)
    keys = [marks["incident_id"], marks["at"], marks["at_latest"], is_impact, marks["is_used"]]
    place = marks.groupby(keys, sort=False, dropna=False).ngroup()
    first = ~place.duplicated()
    rows, order = marks[first], place[first]
    notes = marks["note"].where(marks["note"].notna(), "derived: " + marks["rule"])
    joined = {
        "text": marks["text"].groupby(place).agg("; ".join),
        "points": _points_of(marks).groupby(place).agg(list).map(_in_order),
        "remark": marks["remark"].groupby(place).agg(_first_of_each),
        "note": notes.groupby(place).agg(_first_of_each),
        "source": marks["source"].groupby(place).agg(_first_of_each),
    }
    joined["text"] = joined["text"].str[:1].str.upper() + joined["text"].str[1:]
    return rows.assign(**{column: order.map(values) for column, values in joined.items()})


def _like_entries(known: Clock, entries: pd.DataFrame) -> pd.DataFrame:
    """Clock points as rows with the columns and dtypes of entries."""
    rows = pd.DataFrame(
        {
            "incident_id": known["incident_id"],
            "at": known["at"],
            "at_latest": known["at_latest"],
            "lower": known["at"],
            "placed_at": known["at"],
            "precision": known["precision"],
            "kind": "milestone",
            "field": known["point"],
            "text": meaning(known["point"]),
            "basis": known["knowledge"],
            "verified": known["verified"],
            "note": known["note"],
            "source": known["source"],
            "is_bare": True,
            "is_between": False,
            "is_contradicted": False,
        }
    )
    return rows.reindex(columns=entries.columns).astype(entries.dtypes.to_dict())


def _pairs(entries: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Every mark with every entry that it may be, the best first."""
    dated = entries[entries["at"].notna() & ~entries["is_between"]]
    # The word of an entry: the audience of an update, the new status, what changed otherwise.
    word = (
        dated["field"]
        .where(dated["kind"] != "status", dated["new"])
        .where(dated["kind"] != "update", dated["audience"])
    )
    candidates = pd.DataFrame(
        {
            "incident_id": dated["incident_id"],
            "minute": dated["at"].dt.floor("min"),
            "is_coarse": is_coarse(dated),
            "entry": dated.index,
            "entry_at": dated["at"],
            "kind": dated["kind"],
            "word": word,
        }
    )
    keys = ["incident_id", "minute", "is_coarse"]
    wanted = marks[["incident_id", "at", "field"]].assign(
        minute=marks["at"].dt.floor("min"), is_coarse=is_coarse(marks), mark=marks.index
    )
    pairs = wanted.merge(candidates, on=keys)
    pairs["distance"] = (pairs["at"] - pairs["entry_at"]).abs()
    pairs["rank"] = _rank(pairs)
    return pairs[pairs["rank"].notna()].sort_values(["mark", "rank", "distance", "entry"])


def _rank(pairs: pd.DataFrame) -> pd.Series:
    """How likely an entry is the clock point, 0 the most; missing when it is not."""
    kind, word, point = pairs["kind"], pairs["word"], pairs["field"]
    by_kind = point + ":" + kind
    rank = (by_kind + "/" + word).map(_RANKS).fillna(by_kind.map(_RANKS)).astype("float64").fillna(_UNLIKELY)
    is_exact = (pairs["distance"] < _EXACT) & (pairs["at"] != pairs["minute"])
    is_other_audience = kind.eq("update") & point.isin(_AUDIENCES) & (word != point.map(_AUDIENCES))
    rank = rank.where((~kind.isin(_CHATTY) | is_exact) & ~is_other_audience)
    # A milestone with a text of its own is an entry that says which clock point it is.
    return rank.mask(kind.eq("milestone") & (word == point), -1.0)


def _points_of(marks: pd.DataFrame) -> pd.Series:
    """The point of a mark, None when the clock uses another value for it."""
    return marks["field"].astype("object").where(marks["is_used"], None)


def _in_order(points: list[str | None]) -> list[str]:
    known = {point for point in points if point is not None}
    order = list(CLOCK_POINTS)
    return sorted(known, key=lambda point: (order.index(point) if point in order else len(order), point))


def _sentences(first: pd.Series, second: pd.Series) -> pd.Series:
    """Two remarks as sentences, one behind the other; missing when both are."""
    both = [part.map(wording.sentence, na_action="ignore").astype("str").fillna("") for part in (first, second)]
    joined = (both[0] + " " + both[1]).str.strip()
    return joined.where(joined != "")


def _first_of_each(texts: pd.Series) -> str | None:
    return "; ".join(dict.fromkeys(texts.dropna())) or None
