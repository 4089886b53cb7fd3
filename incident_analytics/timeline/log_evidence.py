"""What the logs say about the beginning: errors per minute and service, and the first minute that departs.

The method and its rate of false alarms are in :mod:`incident_analytics.stats.departure`; ``METHOD`` is the
text to print beside a result.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from .. import wording
from ..errors import UsageError, did_you_mean
from ..schema import DTYPES, Events, Logs, frame_of
from ..stats.departure import ALPHA, BASELINE, METHOD, Departure, first_departure
from .phases import Clock

__all__ = ["ERROR_LEVELS", "METHOD", "build_log_onsets", "build_log_rates", "log_entries"]

ERROR_LEVELS = ("error", "critical", "fatal")
"""Levels that count as errors."""

LONGEST_FILL = pd.Timedelta("1D")
"""A longer stretch without any entry of a service is taken as not logged, not as quiet."""

RATE_COLUMNS = {"minute": DTYPES["instant"], "service": "str", "entries": "int64", "errors": "int64"}

ONSET_COLUMNS = {
    "incident_id": "str",
    "service": "str",
    "at": DTYPES["instant"],
    "errors": "Int64",
    "expected": "float64",
    "probability": "float64",
    "is_bursty": "boolean",
    "rule": "str",
    "from_impact_start": DTYPES["span"],
    "from_impact_start_low": DTYPES["span"],
    "from_detected": DTYPES["span"],
    "from_detected_low": DTYPES["span"],
    "searched_from": DTYPES["instant"],
    "searched_to": DTYPES["instant"],
    "reason": "str",
}

_MINUTE = pd.Timedelta("1min")
_TOO_SHORT = "no minute of this log has a whole hour of log before it"
_OUTSIDE = "this log has no minute to compare before the incident was resolved"
_NONE_FOUND = "no minute departs from the hour before it"


def build_log_rates(logs: Logs, *, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> pd.DataFrame:
    """Entries and errors per minute (UTC) and service; quiet minutes stand as 0.

    A service's minutes run from its first entry to its last, or over the window the log is known to cover when
    that is given: only then are quiet minutes before the first entry known to be quiet. A stretch of more than a
    day without an entry is not filled in. Entries without a service stand under the name of their file. Entries
    without a time cannot be counted.

    Args:
        logs: log entries of any services.
        start: beginning of the window that all of these logs cover; entries before it are not counted.
        end: end of that window, not included.

    Returns:
        Frame of ``minute, service, entries, errors``, by service and minute. No logs give no rows.
    """
    dated = logs[logs["at"].notna()]
    if start is not None:
        dated = dated[dated["at"] >= start]
    if end is not None:
        dated = dated[dated["at"] < end]
    counted = pd.DataFrame(
        {
            "minute": dated["at"].dt.floor("min"),
            "service": dated["service"].fillna(dated["source"]).fillna(wording.NOT_RECORDED),
            "is_error": dated["level"].isin(ERROR_LEVELS),
        }
    )
    grouped = counted.groupby(["service", "minute"])["is_error"]
    rates = grouped.agg(entries="size", errors="sum").reset_index()
    parts = [_filled(part, start, end) for _, part in rates.groupby("service")]
    made = pd.concat(parts, ignore_index=True) if parts else rates
    return made.reindex(columns=list(RATE_COLUMNS)).astype(RATE_COLUMNS)


def build_log_onsets(
    rates: pd.DataFrame,
    clock: Clock,
    *,
    incident_id: str | None = None,
    start: pd.Timestamp | None = None,
    baseline: int = BASELINE,
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """For every service the first minute whose errors depart from the hour before, and how far that lies off.

    The search runs from the first minute that has a whole hour before it (or from ``start``) to ``resolved``,
    or to the end of the log while that is not known. Give ``start`` when the log begins long before the
    incident: about one false alarm in a week of quiet minutes is stated, and the first departure is the one
    reported.

    Args:
        rates: of :func:`build_log_rates`, only of services that have to do with the incident.
        clock: the clock; of this incident alone unless ``incident_id`` is given.
        incident_id: which incident of the clock.
        start: do not look before this instant.
        baseline: minutes that each minute is compared with.
        alpha: largest probability of a false alarm, per minute and service.

    Returns:
        A row per service, the earliest onset first. ``at`` is the minute, NaT when none departs or none can
        be compared; ``reason`` then says why. ``expected`` is the mean number of errors a minute in the hour
        before. ``from_impact_start`` and ``from_detected`` are negative when the log came first; where the
        clock point is only known to lie in an interval, they are counted from its beginning, and ``..._low``
        from its end.

    Raises:
        UsageError: an incident that the clock does not have, or several in the clock and none named.
    """
    points = _points(clock, incident_id)
    resolved = points["at_latest"].fillna(points["at"]).get("resolved", pd.NaT)
    rows = []
    for service, part in rates.groupby("service"):
        series = part.sort_values("minute", ignore_index=True)
        if pd.notna(resolved):
            series = series[series["minute"] <= resolved]
        found, reason = _search(series, start=start, baseline=baseline, alpha=alpha)
        at = series["minute"].iloc[found.index] if found else pd.NaT
        first = part["minute"].min() + baseline * _MINUTE
        rows.append(
            {
                "incident_id": points.index.name,
                "service": service,
                "at": at,
                "errors": found.count if found else None,
                "expected": found.expected if found else None,
                "probability": found.probability if found else None,
                "is_bursty": found.is_bursty if found else None,
                "rule": found.rule if found else None,
                "searched_from": first if start is None else max(first, start),
                "searched_to": series["minute"].max(),
                "reason": reason,
            }
        )
    made = pd.DataFrame(rows, columns=list(ONSET_COLUMNS))
    for column in ("at", "searched_from", "searched_to"):
        made[column] = pd.to_datetime(made[column], utc=True)
    was_searched = made["searched_from"] <= made["searched_to"]
    for column in ("searched_from", "searched_to"):
        made[column] = made[column].where(was_searched)
    made = _with_distances(made, points)
    return made.sort_values(["at", "service"], ignore_index=True)


def log_entries(onsets: pd.DataFrame) -> Events:
    """The onsets as rows of ``events`` of kind ``log``; services without an onset give none."""
    found = onsets[onsets["at"].notna()]
    return frame_of("events", [_entry(row) for _, row in found.iterrows()])


def _entry(row: pd.Series) -> dict[str, object]:
    is_bursty = bool(row["is_bursty"])
    now, before = _rate(row["errors"]), _rate(row["expected"])
    rule = "The hour before was bursty; three minutes in a row passed its largest. " if is_bursty else ""
    return {
        "incident_id": row["incident_id"],
        "at": row["at"],
        "precision": "minute",
        "kind": "log",
        "text": f"errors of {row['service']} depart from the hour before: {now} a minute against {before}",
        "service": row["service"],
        "is_automatic": True,
        "basis": "inferred",
        "verified": "primary",
        "note": f"{rule}At most one false alarm in 10 000 quiet minutes",
        "source": f"logs:{row['service']}",
    }


def _rate(value: object) -> str:
    """A number of errors a minute with at most one decimal."""
    number = float(str(value))
    return "under 0.1" if 0 < number < 0.05 else wording.number(round(number, 1))


def _filled(part: pd.DataFrame, start: pd.Timestamp | None, end: pd.Timestamp | None) -> pd.DataFrame:
    """The minutes of one service without gaps of up to a day."""
    minutes = part["minute"]
    first = minutes.iloc[0] if start is None else start.tz_convert("UTC").floor("min")
    last = minutes.iloc[-1] if end is None else (end - pd.Timedelta("1us")).tz_convert("UTC").floor("min")
    edges = pd.concat([pd.Series([first]), minutes, pd.Series([last])]).dt.as_unit("us")
    places = np.unique(edges.to_numpy(dtype="datetime64[us]").astype("int64") // 60_000_000)
    gaps = np.diff(places, append=places[-1] + 1)
    # Each known minute is followed by the quiet ones up to the next, unless those are too many to believe.
    repeats = np.where(gaps <= LONGEST_FILL // _MINUTE, gaps, 1)
    offsets = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    whole = (np.repeat(places, repeats) + offsets) * 60_000_000
    index = pd.DatetimeIndex(whole.astype("datetime64[us]")).tz_localize("UTC")
    filled = part.set_index("minute")[["entries", "errors"]].reindex(index, fill_value=0)
    return filled.rename_axis("minute").reset_index().assign(service=part["service"].iloc[0])


def _points(clock: Clock, incident_id: str | None) -> pd.DataFrame:
    """The clock points of one incident by name; the index is named after the incident."""
    known = list(dict.fromkeys(clock["incident_id"]))
    if incident_id is None and len(known) > 1:
        raise UsageError(f"the clock holds {len(known)} incidents; name one of them, such as {known[0]!r}")
    chosen: str | None = incident_id if incident_id is not None else known[0] if known else None
    if chosen is not None and chosen not in known:
        near = did_you_mean(chosen, known)
        raise UsageError(f"there is no incident {chosen!r} among the {len(known)} incidents of the clock.{near}")
    rows = clock[clock["incident_id"] == chosen] if chosen is not None else clock
    return rows.set_index("point")[["at", "at_latest"]].rename_axis(chosen)


def _search(
    series: pd.DataFrame, *, start: pd.Timestamp | None, baseline: int, alpha: float
) -> tuple[Departure | None, str | None]:
    """The first departure, with its place in the series as index; or why there is none."""
    if not len(series):
        return None, _OUTSIDE
    minutes = series["minute"].to_numpy(dtype="datetime64[us]")
    breaks = np.flatnonzero(np.diff(minutes) != np.timedelta64(1, "m")) + 1
    earliest = 0 if start is None else int((series["minute"] < start).sum())
    was_compared = False
    # Each stretch without a break is a series of its own: a baseline must not reach across a gap in the log.
    for low, high in itertools.pairwise([0, *breaks.tolist(), len(series)]):
        was_compared |= high > max(low + baseline, earliest)
        counts = series["errors"].iloc[low:high].to_numpy()
        found = first_departure(counts, baseline=baseline, alpha=alpha, start=max(earliest - low, 0))
        if found:
            return replace(found, index=found.index + low), None
    return None, _NONE_FOUND if was_compared else _TOO_SHORT


def _with_distances(made: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """How far each onset lies from the recorded start and detection."""
    latest = points["at_latest"].fillna(points["at"])
    for point in ("impact_start", "detected"):
        for name, instants in ((f"from_{point}", points["at"]), (f"from_{point}_low", latest)):
            recorded = instants.reindex([point] * len(made))
            made[name] = made["at"] - recorded.set_axis(made.index)
    return made.astype(ONSET_COLUMNS)
