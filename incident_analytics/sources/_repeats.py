"""The same entry told by two files of one vendor, such as an export and a connector's copy of it, is one entry."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..records import Records
from ..schema import finding
from ..wording import count
from ._frame_columns import is_among

_TOLD = (
    "incident_id", "kind", "at", "at_latest", "actor_id", "field", "old", "new", "text", "service", "channel", "source_ref",
)  # fmt: skip


_ROWS = ("participants", "impacts", "actions", "learnings")
"""Tables whose rows say all that tells them apart."""


def without_repeats(bundles: Sequence[tuple[str, Records]]) -> list[tuple[str, Records]]:
    """The bundles without the rows that an earlier file of the same vendor told; how many is a finding.

    An entry is told again when it says all of the same under the same identifier. Entries without an identifier are
    never compared, nor are those of one file: a tool may say the same twice. Roles held, effects, action items and
    learnings are compared by all they say.

    Args:
        bundles: name of the source, and what one file gave.
    """
    by_vendor: dict[str, list[int]] = {}
    for place, (vendor, _) in enumerate(bundles):
        by_vendor.setdefault(vendor, []).append(place)
    told = [records for _, records in bundles]
    for vendor, places in by_vendor.items():
        for name in ("events", *_ROWS) if len(places) > 1 else ():
            repeats = _repeats(name, [told[place].tables[name] for place in places])
            total = sum(int(is_repeat.sum()) for is_repeat in repeats)
            if not total:
                continue
            for place, is_repeat in zip(places, repeats, strict=True):
                kept = told[place].tables[name][~is_repeat].reset_index(drop=True)
                told[place] = told[place].with_tables(**{name: kept})
            message = f"{count(total, 'row')} of {name} told in an earlier file too; read once"
            note = finding("repeated_row", "info", message, table=name, source=vendor)
            told[places[-1]] = told[places[-1]].add_findings([note])
    return [(vendor, records) for (vendor, _), records in zip(bundles, told, strict=True)]


def _repeats(name: str, frames: list[pd.DataFrame]) -> list[pd.Series]:
    """Which rows of each file an earlier file has."""
    nothing = [pd.Series(False, index=frame.index) for frame in frames]
    if name == "events":
        seen = pd.concat([frame["source_ref"].dropna().drop_duplicates() for frame in frames])
        shared = seen[seen.duplicated()]
        chosen = [frame.loc[is_among(frame["source_ref"], shared), list(_TOLD)] for frame in frames]
    else:
        chosen = [frame.drop(columns=["source", "extra"]) for frame in frames]
    if not sum(map(len, chosen)):
        return nothing
    whole = pd.concat(chosen, keys=range(len(chosen)))
    # Which of equal rows of its own file a row is: two in each of two files are two, not one.
    file = whole.index.get_level_values(0)
    nth = whole.assign(file=file).groupby([*whole.columns, "file"], dropna=False).cumcount()
    is_repeat = whole.assign(nth=nth).duplicated()
    return [
        none | is_repeat[file == place].droplevel(0).reindex(none.index, fill_value=False)
        for place, none in enumerate(nothing)
    ]
