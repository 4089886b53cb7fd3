"""The policy file: defaults, overlays, and errors that name the place."""

import pandas as pd
import pytest

from incident_analytics import default_policy, read_policy
from incident_analytics.errors import PolicyError
from incident_analytics.policy import policy_of


def test_the_default_is_complete():
    """The shipped default has an order, a cadence for its highest level and says that it is the default."""
    policy = default_policy()

    assert policy.is_default
    assert pd.Timedelta("30min") == policy.cadence["SEV1", "public"]
    assert 1 == policy.rank("sev-1") == policy.rank("Critical")
    assert policy.rank("purple") is None


def test_a_file_overlays_the_default(tmp_path):
    """What a file leaves out comes from the default."""
    path = tmp_path / "policy.toml"
    path.write_text('[timeline]\nsilence = "45 min"\n')

    policy = read_policy(path)

    assert pd.Timedelta("45min") == policy.silence
    assert default_policy().severity_order == policy.severity_order
    assert not policy.is_default


def test_a_new_order_drops_the_promises_of_the_old_levels():
    """An organisation with its own levels does not inherit the cadence of levels it does not have."""
    policy = policy_of({"severity": {"order": ["red", "yellow"]}})

    assert ("red", "yellow") == policy.severity_order
    assert {} == dict(policy.cadence)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[severty]\norder = ['a']", "Did you mean 'severity'"),
        ("[timeline]\nsilense = '1 min'", "Did you mean 'silence'"),
        ("[timeline]\nsilence = 5", "must be a text"),
        ("[timeline]\nsilence = 'soon'", "such as '30 min'"),
        ("[cadence.SEV9]\npublic = '30 min'", "SEV9"),
        ("[cadence.SEV1]\nboss = '30 min'", "cadence.SEV1.boss"),
        ("[severity]\norder = ['a', 'a']", "every level once"),
        ("not toml", "not valid TOML"),
    ],
)
def test_every_fault_names_the_file_the_place_and_what_was_expected(tmp_path, text, message):
    """An unknown key, a bad value or a broken file is an error that helps."""
    path = tmp_path / "policy.toml"
    path.write_text(text)

    with pytest.raises(PolicyError, match=message) as caught:
        read_policy(path)

    assert "policy.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    """A policy file that is not there is an error, not the default."""
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "none.toml")
