"""Which severity is worse: taken from the policy, else from the source, and never guessed.

The sources are toys of a bakery: their words mean nothing in any language, so that no order can be read out of them.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from incident_analytics.policy import Policy, default_policy, policy_of
from incident_analytics.records import Records
from incident_analytics.review import measure
from incident_analytics.sources import read
from incident_analytics.sources._checks import with_severity_order

DOCUMENTED: dict[str, Any] = {
    "oven": SimpleNamespace(SEVERITIES=("burnt", "brown", "pale")),
    "till": SimpleNamespace(SEVERITIES=()),
    "page": SimpleNamespace(SEVERITIES=("critical", "major", "minor", "none")),
    "turned": SimpleNamespace(SEVERITIES=("sev4", "sev1")),
}


def severities(source: str, *words: str, ranks: list[float] | None = None) -> list[dict[str, object]]:
    """Severity entries of a source, one incident each, with the ranks that its export gives."""
    given = ranks or [None] * len(words)  # type: ignore[list-item]  # no rank at all
    return [
        {
            "incident_id": f"Q{n}",
            "kind": "severity",
            "new": word,
            "at": "2026-03-01T10:00:00Z",
            "source": f"{source}:a.json",
            "extra": {} if rank is None else {"severity_rank": rank},
        }
        for n, (word, rank) in enumerate(zip(words, given, strict=True))
    ]


def ordered(*events: list[dict[str, object]], own: Policy | None = None) -> tuple[Policy, list[tuple[str, str]]]:
    """The policy in force afterwards, and check and message of the findings."""
    rows = [row for part in events for row in part]
    ids = dict.fromkeys(str(row["incident_id"]) for row in rows)
    records = Records.build(incidents=[{"incident_id": i, "collection": "bakery"} for i in ids], events=rows)
    after = with_severity_order(records, own, DOCUMENTED)
    policy = after.policies.get("bakery", own or default_policy())
    return policy, list(zip(after.findings["check"], after.findings["message"], strict=True))


def test_a_documented_order_ranks_its_words() -> None:
    """Words that the shipped default does not know are ranked as their vendor documents them, and that is said."""
    policy, notes = ordered(severities("oven", "Pale", "burnt", "brown"))
    assert [policy.rank(word) for word in ("burnt", "brown", "pale")] == [1, 2, 3]
    assert [check for check, _ in notes] == ["severity_order_from_source"]
    assert "burnt > brown > Pale, as the vendor of oven documents it" in notes[0][1]


def test_a_word_after_the_known_ones_joins_the_shipped_order() -> None:
    """Three words of the default and one below them give four levels; the default's promises stay with their levels."""
    policy, _ = ordered(severities("page", "critical", "major", "minor", "none"))
    assert policy.severity_order == ("SEV1", "SEV2", "SEV3", "none")
    assert policy.cadence["SEV1", "public"] == default_policy().cadence["SEV1", "public"]
    assert policy.is_default


def test_the_least_word_alone_is_not_the_most_severe() -> None:
    """Where only the vendor's last word is used, it keeps its place in the whole order; a lone ranked word has none."""
    policy, _ = ordered(severities("page", "none"))
    assert policy.rank("none") == 4
    policy, notes = ordered(severities("till", "hot", ranks=[1]))
    assert policy.rank("hot") is None
    assert [check for check, _ in notes] == ["severity_unordered"]


def test_words_that_the_default_knows_need_no_source() -> None:
    """Where the shipped default knows every word and nothing denies it, there is no finding and no other policy."""
    assert ordered(severities("page", "critical", "minor")) == (default_policy(), [])
    assert ordered(severities("till", "SEV1", "P3")) == (default_policy(), [])


def test_an_export_ranks_its_own_words() -> None:
    """A larger rank is more severe; equal ranks are one level; the ranks go before the documented order."""
    policy, notes = ordered(severities("oven", "burnt", "brown", "pale", ranks=[1, 2.5, 2.5]))
    assert [policy.rank(word) for word in ("brown", "pale", "burnt")] == [1, 1, 2]
    assert "as the export of oven ranks them" in notes[0][1]


def test_an_export_that_denies_the_shipped_default_is_believed() -> None:
    """Where an export puts SEV4 above SEV1, digits prove nothing: its order is used, and the finding says so."""
    policy, notes = ordered(severities("till", "SEV1", "SEV4", ranks=[1, 4]))
    assert (policy.rank("SEV4"), policy.rank("SEV1")) == (1, 2)
    assert "the shipped default says otherwise and is not used" in notes[0][1]
    assert not policy.cadence
    turned, _ = ordered(severities("turned", "SEV1", "SEV4"))
    assert (turned.rank("SEV4"), turned.rank("SEV1")) == (1, 2)


def test_an_own_policy_goes_before_every_source() -> None:
    """The organisation's order stays; a source that denies it, and words it does not know, are findings."""
    own = policy_of({"severity": {"order": ["pale", "burnt"]}}, origin="policy.toml")
    policy, notes = ordered(severities("oven", "burnt", "pale", "brown"), own=own)
    assert policy is own
    assert [check for check, _ in notes] == ["severity_order_differs", "severity_unordered"]
    assert "the policy puts pale above burnt, but oven puts 'burnt' above 'pale'" in notes[0][1]
    assert "severity 'brown' of oven stands in 1 entry of 1 incident; the policy does not order it" in notes[1][1]


def test_a_policy_without_severities_leaves_the_order_to_the_source() -> None:
    """A policy file that only names the organisation says nothing about severities."""
    own = policy_of({"organisation": {"name": "Otter Bakery"}}, origin="policy.toml")
    policy, _ = ordered(severities("oven", "burnt", "pale"), own=own)
    assert policy.rank("burnt") == 1
    assert (policy.name, policy.origin) == ("Otter Bakery", "policy.toml")


def test_what_nothing_orders_has_no_rank() -> None:
    """Words of a source without an order stay unordered, one finding per word with its counts; digits do not help."""
    policy, notes = ordered(severities("till", "level 1", "level 2", "level 2", "SEV2"))
    assert policy.rank("level 1") is None
    assert policy.rank("SEV2") == 2
    assert [check for check, _ in notes] == ["severity_unordered"] * 2
    assert (
        "severity 'level 2' of till stands in 2 entries of 2 incidents; neither a policy nor the source" in notes[1][1]
    )


def test_sources_that_contradict_each_other_order_nothing() -> None:
    """Two exports that rank the same words the other way round leave both without a rank."""
    policy, notes = ordered(
        severities("oven", "burnt", "pale", ranks=[2, 1]), severities("till", "burnt", "pale", ranks=[1, 2])
    )
    assert policy.rank("burnt") is None
    assert {check for check, _ in notes} == {"severity_unordered"}
    assert "its place among the other words is not settled" in notes[0][1]


def test_two_orders_without_a_common_word_are_not_interleaved() -> None:
    """Two sources whose words never meet could be ordered in many ways, so in none."""
    policy, notes = ordered(severities("oven", "burnt", "pale"), severities("till", "hot", "cold", ranks=[2, 1]))
    assert policy.rank("burnt") is None
    assert policy.rank("hot") is None
    assert len(notes) == 4


def test_a_word_with_two_ranks_orders_nothing() -> None:
    """An export that ranks one word in two ways is not believed."""
    _, notes = ordered(severities("till", "hot", "hot", "cold", ranks=[1, 2, 3]))
    assert {check for check, _ in notes} == {"severity_unordered"}


@pytest.mark.parametrize("rank", ["1", None, True, [2], {"a": 1}])
def test_a_rank_that_is_no_number_is_none(rank: object) -> None:
    """Texts, lists and truth values rank nothing and break nothing."""
    _, notes = ordered(severities("till", "hot", "cold", ranks=[rank, rank]))  # type: ignore[list-item]  # on purpose
    assert {check for check, _ in notes} == {"severity_unordered"}


def test_the_order_of_a_status_page_ranks_changes_and_survives_saving(tmp_path: Path) -> None:
    """From none to minor counts as a change of severity with a rank, also after saving and loading."""
    page = (
        '{"page": {"id": "p"}, "incidents": [{"id": "i1", "name": "Oven", "impact": "none", "incident_updates": [], '
        '"created_at": "2026-03-01T10:00:00Z"}]}'
    )
    (tmp_path / "page.json").write_text(page, encoding="utf-8")
    two = page.replace('"i1"', '"i2"').replace('"none"', '"critical"')
    (tmp_path / "two.json").write_text(two, encoding="utf-8")
    records = read(tmp_path / "page.json", tmp_path / "two.json")
    assert "severity_order_from_source" in set(records.findings["check"])
    collection = records.incidents["collection"].iloc[0]
    loaded = Records.load(records.save(tmp_path / "saved"))
    for bundle in (records, loaded):
        policy = bundle.policy_for(collection)
        assert [policy.rank(word) for word in ("critical", "none")] == [1, 4]
    assert measure(loaded)["severity_changes"].tolist() == [0, 0]
    assert isinstance(loaded.findings, pd.DataFrame)
