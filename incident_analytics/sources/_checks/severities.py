"""Which severity is worse: from the policy, else from the source, and otherwise from nobody.

The organisation's own policy comes first. Where only the shipped default is in force, a source's documented order
(``SEVERITIES``), or the ranks that its export gives (``severity_rank`` in ``extra`` of severity events, larger is more
severe), says what the default does not know, and goes before it where the two contradict each other. No direction is
read out of digits or words: what nothing orders, or two sources order differently, keeps no rank and is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ... import wording
from ...policy import Policy, default_policy, policy_of
from ...records import Records
from ...schema import finding
from .._contract import IncidentSource
from .._registry import incident_sources
from .base import Found, systems

RANK = "severity_rank"


@dataclass(frozen=True, slots=True)
class Order:
    """Words for severity as one source orders them.

    Attributes:
        source: the source's name.
        origin: where the order comes from, as a clause.
        words: groups of equal words in lower case, the most severe first.
    """

    source: str
    origin: str
    words: tuple[frozenset[str], ...]

    @property
    def listed(self) -> list[str]:
        """All its words, the most severe first."""
        return [word for group in self.words for word in sorted(group)]

    def pairs(self, among: Iterable[str]) -> set[tuple[str, str]]:
        """Every two of the words of which the first is more severe."""
        groups = [group & set(among) for group in self.words]
        return {(a, b) for i, group in enumerate(groups) for rest in groups[i + 1 :] for a in group for b in rest}


def with_severity_order(
    records: Records, own: Policy | None, sources: Mapping[str, IncidentSource] | None = None
) -> Records:
    """The bundle of one collection with its severities ordered, and findings that say by whom.

    Args:
        records: the records of one collection; its name stands in ``incidents.collection``.
        own: the policy that the collection or the caller brought.
        sources: sources by name; those of this package by default.
    """
    said = severity_words(records.events)
    if said.empty:
        return records
    orders = source_orders(records.events, incident_sources() if sources is None else sources)
    policy = own or default_policy()
    if not has_default_order(policy):
        return records.add_findings([*_differing(policy, orders, said), *_unordered(said, policy, [], policy.origin)])
    unknown = [word for word in said["word"].unique() if policy.level(word) is None]
    if not unknown and not _denied(policy, orders, said["word"]):
        return records
    # The vendor's whole order counts: one word of it alone would look like the most severe there is.
    words = list(dict.fromkeys([*said["word"], *(word for order in orders for word in order.listed)]))
    is_denied = bool(_denied(policy, orders, words))
    ordered = _merged(policy, orders, words, keeps_default=not is_denied)
    if ordered is None:
        return records.add_findings([*_differing(policy, orders, said), *_unordered(said, policy, orders, "")])
    names = records.incidents["collection"].dropna().unique()
    records = replace(records, policies={**records.policies, **dict.fromkeys(map(str, names), ordered)})
    notes = [_from_source(ordered, words, orders, said, is_denied=is_denied)]
    return records.add_findings([*notes, *_unordered(said, ordered, orders, "")])


def has_default_order(policy: Policy) -> bool:
    """The policy says no more about severities than the shipped default does."""
    shipped = default_policy()
    return policy.severity_order == shipped.severity_order and policy.aliases == shipped.aliases


def severity_words(events: pd.DataFrame) -> pd.DataFrame:
    """The words for severity in use: ``system``, ``word`` (folded), ``spelling`` (the most frequent), ``n``, ``incidents``."""
    rows = events[(events["kind"] == "severity") & events["incident_id"].notna()]
    old, new = (rows[["incident_id", "source", c]].rename(columns={c: "spelling"}) for c in ("old", "new"))
    both = pd.concat([new, old], ignore_index=True).dropna(subset=["spelling"])
    both = both.assign(system=systems(both["source"]), word=both["spelling"].map(_folded))
    both = both[both["word"] != ""]
    grouped = both.groupby(["system", "word"])
    return grouped.agg(
        spelling=("spelling", lambda s: s.value_counts().index[0]),
        n=("spelling", "size"),
        incidents=("incident_id", "nunique"),
    ).reset_index()


def source_orders(events: pd.DataFrame, sources: Mapping[str, IncidentSource]) -> list[Order]:
    """How each source with severities orders them: as its export ranks them, else as its vendor documents it."""
    rows = events.loc[(events["kind"] == "severity") & events["new"].notna(), ["source", "new", "extra"]]
    rows = rows.assign(system=systems(rows["source"]))
    found = []
    for name, own in rows.groupby("system"):
        ranks = own.assign(rank=[_rank(extra) for extra in own["extra"]], word=own["new"].map(_folded)).dropna()
        if len(ranks):
            found += _ranked(str(name), ranks)
        elif name in sources and sources[str(name)].SEVERITIES:
            words = tuple(frozenset({_folded(word)}) for word in sources[str(name)].SEVERITIES)
            found.append(Order(str(name), f"as the vendor of {name} documents it", words))
    return found


def _ranked(name: str, ranks: pd.DataFrame) -> list[Order]:
    """The order of an export's own ranks; none where one word has several ranks."""
    by_word = ranks.groupby("word")["rank"].agg(["min", "max"])
    if (by_word["min"] != by_word["max"]).any():
        return []
    levels = by_word["max"].groupby(by_word["max"])
    groups = {float(rank): frozenset(map(str, words.index)) for rank, words in levels}
    return [Order(name, f"as the export of {name} ranks them", tuple(groups[r] for r in sorted(groups, reverse=True)))]


def _rank(extra: object) -> float | None:
    rank = extra.get(RANK) if isinstance(extra, dict) else None
    return float(rank) if isinstance(rank, (int, float)) and not isinstance(rank, bool) else None


def _folded(word: str) -> str:
    return word.strip().lower()


def _denied(policy: Policy, orders: Sequence[Order], words: Iterable[str]) -> list[tuple[Order, str, str]]:
    """Pairs of words that a source orders and the policy orders the other way round."""
    among = {word for word in words if policy.level(word) is not None}
    return [
        (order, a, b)
        for order in orders
        for a, b in sorted(order.pairs(among))
        if (policy.rank(a) or 0) > (policy.rank(b) or 0)
    ]


def _differing(policy: Policy, orders: Sequence[Order], said: pd.DataFrame) -> Found:
    rows: Found = []
    for order, a, b in _denied(policy, orders, said["word"]):
        if any(row["source"] == order.source for row in rows):
            continue
        message = (
            f"the policy puts {policy.level(b)} above {policy.level(a)}, but {order.source} puts {a!r} above {b!r} "
            f"({order.origin}). The policy is used."
        )
        rows.append(finding("severity_order_differs", "warning", message, table="events", source=order.source))
    return rows


def _merged(policy: Policy, orders: Sequence[Order], words: list[str], *, keeps_default: bool) -> Policy | None:
    """A policy in which the words stand in the one order that all sources allow; None where there is none."""
    known = {w for order in orders for group in order.words for w in group}
    used = [w for w in words if w in known or (keeps_default and policy.level(w) is not None)]
    level = {w: policy.level(w) if keeps_default else None for w in used}
    same = {w: level[w] or w for w in used}
    for order in orders:
        for group in order.words:
            first = next((same[w] for w in sorted(group & set(used)) if level[w]), None)
            same |= {w: first or min(group) for w in group & set(used) if level[w] is None}
    above = {(same[a], same[b]) for order in orders for a, b in order.pairs(used)}
    if keeps_default:
        levels = [lv for lv in policy.severity_order if lv in same.values()]
        above |= {(a, b) for i, a in enumerate(levels) for b in levels[i + 1 :]}
    chain = _only_order(list(dict.fromkeys(same.values())), above)
    if len(chain) < 2 or not known:
        return None
    return _policy(policy, chain, same, keeps_default=keeps_default)


def _only_order(nodes: list[str], above: set[tuple[str, str]]) -> list[str]:
    """The nodes in the only order that the pairs allow; empty where they allow none, or several."""
    chain: list[str] = []
    rest = list(nodes)
    while rest:
        top = [node for node in rest if not any((other, node) in above for other in rest if other != node)]
        if len(top) != 1 or (top[0], top[0]) in above:
            return []
        chain += top
        rest.remove(top[0])
    return chain


def _policy(policy: Policy, chain: list[str], same: Mapping[str, str], *, keeps_default: bool) -> Policy:
    """The policy with another order; what it promises per level stays where the level stays."""
    aliases = {lv: [w for w, of in {**_aliases(policy, keeps_default), **same}.items() if of == lv] for lv in chain}
    raw = dict(policy.raw)
    keeps = set(chain) if keeps_default else set()
    raw["severity"] = {"order": chain, "aliases": aliases}
    for section in ("cadence", "targets"):
        raw[section] = {lv: table for lv, table in raw.get(section, {}).items() if lv in keeps}
    due = {lv: value for lv, value in raw["review"].get("due", {}).items() if lv in keeps}
    raw["review"] = {**raw["review"], "due": due}
    return policy_of(raw, origin=policy.origin)


def _aliases(policy: Policy, keeps_default: bool) -> Mapping[str, str]:
    return policy.aliases if keeps_default else {}


def _from_source(
    ordered: Policy, words: list[str], orders: Sequence[Order], said: pd.DataFrame, *, is_denied: bool
) -> dict[str, object]:
    spelled = dict(zip(said["word"], said["spelling"], strict=True))
    used = [order for order in orders if order.source in set(said["system"])]
    groups = [[spelled.get(w, w) for w in words if ordered.level(w) == lv] for lv in ordered.severity_order]
    message = (
        f"severities are ordered {' > '.join(' = '.join(group) for group in groups if group)}, "
        f"{wording.listed([order.origin for order in used])}"
    )
    message += "; the shipped default says otherwise and is not used" if is_denied else ""
    message += ". A policy's severity.order goes before it"
    source = used[0].source if len(used) == 1 else None
    return finding("severity_order_from_source", "info", message, table="events", source=source)


def _unordered(said: pd.DataFrame, policy: Policy, orders: Sequence[Order], origin: str) -> Found:
    """One finding per word that has no rank, with its counts."""
    unknown = said[said["word"].map(lambda word: policy.level(word) is None)]
    known = {word for order in orders for group in order.words for word in group}
    rows: Found = []
    for each in unknown.itertuples():
        whose = "the policy" if origin or not has_default_order(policy) else "neither a policy nor the source"
        if each.word in known:
            why = f"its place among the other words is not settled ({wording.listed(sorted(o.origin for o in orders))})"
        else:
            why = f"{whose} {'does not order' if whose == 'the policy' else 'orders'} it"
        message = (
            f"severity {each.spelling!r} of {each.system or 'an unnamed source'} stands in "
            f"{wording.count(each.n, 'entry', 'entries')} of {wording.count(each.incidents, 'incident')}; {why}. "
            "It has no rank: name it in severity.order or severity.aliases of policy.toml"
        )
        rows.append(
            finding("severity_unordered", "warning", message, table="events", row=each.word, source=each.system)
        )
    return rows
