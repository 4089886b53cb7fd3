"""Templates by Drain, which finds by itself which words of a message change: an extra, beside the masks of the engine.

Drain puts messages together that are alike word by word, so that names that are neither numbers nor identifiers become
placeholders too. It looks at one message after another: what it finds depends on their order, and costs time for each.
The masks go first, and Drain sees each different text once.
"""

from __future__ import annotations

import importlib
from types import ModuleType

import pandas as pd
import pyarrow as pa

from ...errors import UsageError
from ._engine import templates_of

ANY_WORD = "<*>"
"""What stands for a word that changes."""


def drain_templates(
    messages: pd.Series, *, similarity: float = 0.4, depth: int = 4, most: int | None = 10_000
) -> pd.Series:
    """The template of each message, by Drain.

    Nothing is read from or written to a file: no settings, no state.

    Args:
        messages: texts, as the column ``message`` of table ``logs``; missing ones stay missing.
        similarity: share of words that must be equal for two messages to have one template.
        depth: how many levels of the tree that messages are sorted into; at least 3.
        most: templates to be kept; beyond that, those not met for longest are forgotten. None for all.

    Returns:
        The templates, with the index of ``messages``.

    Raises:
        UsageError: the package is not installed, or a value that makes no sense.

    Example:
        >>> drain_templates(logs["message"]).value_counts()  # doctest: +SKIP
    """
    if not 0 <= similarity <= 1 or depth < 3 or (most is not None and most < 1):
        raise UsageError(
            f"templates by Drain cannot be made with similarity {similarity}, depth {depth} and at most {most} "
            f"templates; expected a similarity of 0 to 1, a depth of at least 3 and at least one template"
        )
    drain = _drain().Drain(depth=depth, sim_th=similarity, max_clusters=most, param_str=ANY_WORD)
    texts = pa.array(messages.astype("str"), pa.large_string(), from_pandas=True)
    masked = pd.Series(templates_of(texts, {}).to_pandas().array, index=messages.index, dtype="str")
    found = {text: drain.add_log_message(text)[0] for text in masked.dropna().drop_duplicates()}
    # A template changes for as long as further messages come; all get the last one.
    last = {text: cluster.get_template() for text, cluster in found.items()}
    return masked.map(last).astype("str").rename("template")


def _drain() -> ModuleType:
    """The module of Drain, which is no part of what is always installed."""
    try:
        return importlib.import_module("drain3.drain")
    except ImportError as error:
        raise UsageError(
            "templates by Drain need the package drain3-improved, which is not installed; "
            'expected it from: pip install "incident-analytics[drain]"'
        ) from error
