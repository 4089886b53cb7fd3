"""Where an entry stands in the account: what is known of its time, and which entries say the same thing."""

from __future__ import annotations

import pandas as pd

from ..schema import Events

SAME_FACT = pd.Timedelta("1s")
"""Two sources that tell of the same thing within this time tell of it once."""


def place(entries: Events) -> pd.DataFrame:
    """Bound the time of every entry by its neighbours in the source's own account.

    An entry without a time but with a place in the account (``sequence``) lies between the latest time known
    before it and the earliest known after it, in the same incident and the same source. An entry known only
    to the hour or day is narrowed in the same way, for its place in the order alone.

    Returns:
        The entries with ``at`` and ``at_latest`` of between-entries set to those bounds (NaT on a side
        without a neighbour), and new columns: ``is_between``; ``is_contradicted`` (the account is not in
        order of time there); ``lower``, earliest possible instant; ``placed_at``, which orders the entries
        (NaT when nothing is known).
    """
    before, after = _neighbours(entries)
    at, latest = entries["at"], entries["at_latest"]
    is_between = at.isna() & (before.notna() | after.notna() | latest.notna())
    upper = latest.where(latest.notna(), after)
    is_contradicted = is_between & (before > upper)
    # Where the account goes back in time, all that is left to say is that it lies between the two.
    low, high = before.where(~is_contradicted, upper), upper.where(~is_contradicted, before)
    is_narrowed = at.notna() & latest.notna() & (before > at) & (before <= latest)
    lower = before.where(is_narrowed, at)
    return entries.assign(
        at=low.where(is_between, at),
        at_latest=high.where(is_between, latest),
        is_between=is_between,
        is_contradicted=is_contradicted,
        lower=low.where(is_between, lower),
        placed_at=before.where(before.notna(), upper).where(is_between, lower),
    )


def _neighbours(entries: Events) -> tuple[pd.Series, pd.Series]:
    """Latest time known before an entry, and earliest known after it, in its source's account."""
    keys = ["incident_id", "source"]
    told = entries[entries["sequence"].notna()].sort_values([*keys, "sequence"], kind="stable")
    # An entry known only to the hour may stand as late as the end of that hour.
    latest = told["at_latest"].where(told["at_latest"].notna(), told["at"]).where(told["at"].notna())
    before = _carried(told["at"], told[keys], "cummax")
    after = _carried(latest.iloc[::-1], told[keys].iloc[::-1], "cummin")
    return before.reindex(entries.index), after.reindex(entries.index)


def _carried(instants: pd.Series, keys: pd.DataFrame, extreme: str) -> pd.Series:
    """The running extreme of all rows of the same keys that come before, past those without a time."""
    group = [keys[name] for name in keys]
    earlier = instants.groupby(group, dropna=False).shift()
    found = getattr(earlier.groupby(group, dropna=False), extreme)()
    carried: pd.Series = found.groupby(group, dropna=False).ffill()
    return carried


def join_repeats(entries: pd.DataFrame) -> pd.DataFrame:
    """Show a fact that two sources tell once, with both sources.

    The same fact means: same incident, kind, field and text, within a second, and not twice from the same
    source (a source that says a thing twice means it twice). The earlier entry stays; what it lacks comes
    from the other.
    """
    has_time = entries["at"].notna() & ~entries["is_between"]
    folded = entries["text"].str.strip()
    keys = ["incident_id", "kind", "field", "folded"]
    dated = entries.assign(folded=folded)[has_time].sort_values([*keys, "at"], kind="stable")
    is_new = (dated[keys] != dated[keys].shift()) & (dated[keys].notna() | dated[keys].shift().notna())
    cluster = (is_new.any(axis=1) | (dated["at"].diff() > SAME_FACT)).cumsum()
    turn = dated.groupby([cluster, dated["source"]], dropna=False).cumcount()
    fact = cluster.astype("str") + "/" + turn.astype("str")
    is_repeated = fact.duplicated(keep=False)
    if not is_repeated.any():
        return entries
    repeated, fact = dated[is_repeated].drop(columns="folded"), fact[is_repeated]
    merged = repeated.groupby(fact, sort=False).first()
    for column in ("source", "source_ref", "note"):
        merged[column] = repeated[column].groupby(fact, sort=False).agg(_joined)
    kept = entries.drop(index=repeated.index)
    return pd.concat([kept, merged.reindex(columns=entries.columns)], ignore_index=True)


def _joined(texts: pd.Series) -> str | None:
    return "; ".join(dict.fromkeys(texts.dropna())) or None
