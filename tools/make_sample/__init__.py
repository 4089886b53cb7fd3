"""Writes the fictional company's year under ``data/sample/fictional``, the same bytes every time.

The six large incidents are told by hand in ``stories/``: a ``*.yaml`` holds the review record, the pages, the chat
and the alerts of one incident, the ``*.logs.yaml`` beside it the shape of its logs. Everything else, the seventy
smaller incidents and every log line, is thrown with seeded dice, one set per topic, so that a change to one topic
leaves the others as they are.
"""

SEED = 20251231
"""The committed seed; ``data/sample/fictional`` was written with it."""
