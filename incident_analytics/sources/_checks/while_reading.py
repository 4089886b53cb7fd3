"""Checks made while a file is read: what their findings mean, for those who list them."""

from __future__ import annotations

from .base import Check

WHILE_READING = (
    Check(
        "row_rejected", "error", "a row could not be read as what its file holds",
        done="The row was set aside; its text is kept with the finding.",
    ),
    Check(
        "rows_rejected", "warning", "lines of a log file fit none of its entries",
        done="They were counted; the first of them are kept with their place.",
    ),
    Check(
        "not_recognised", "error", "no source, or more than one, recognises a file",
        done="The file was not read; the others were.",
    ),
    Check("not_read", "error", "a file could not be read", done="The file was left out; the others were read."),
    Check("file_cut_short", "error", "a file ends in the middle", done="What stands before the break was read."),
    Check("duplicate_id", "error", "two data sets use the same identifier", done="The later one got another name here."),
    Check(
        "naive_time", "warning", "a time carries no zone",
        done="Left missing; or read in the zone that the finding names, where there is one.",
    ),
    Check("unreadable_time", "warning", "a cell that should hold a time holds something else", done="Left missing."),
    Check("ambiguous_time", "warning", "a time without offset occurs twice or never in its zone", done="Left missing."),
    Check(
        "clock_change", "warning", "times without offset fall into the hour that a change of clocks repeats or skips",
        done="The later reading was taken.",
    ),
    Check("year_assumed", "warning", "times carry no year", done="The year was taken from where the finding says."),
    Check(
        "contradiction", "warning", "two cells of one record cannot both be true", done="The finding says which was used."
    ),
    Check("unknown_type", "info", "entries are of a type that is not known", done="Kept as notes."),
    Check("unknown_word", "warning", "a word lies outside the vocabulary of its column", done="Kept as it is."),
    Check(
        "sources_differ", "info", "two sources give different values for the same cell",
        done="The first is used; both are named.",
    ),
    Check("repeated_row", "info", "records repeat an earlier one word for word", done="Read once."),
    Check("older_state", "info", "a file holds several states of one record", done="The newest was used."),
    Check("other_stream", "info", "records are of a stream that is not read", done="Left out and counted."),
    Check("mapping_unused", "warning", "a mapping file belongs to no table", done="It was not used."),
    Check("skipped", "info", "a file is a document, not data", done="It was not read."),
    Check("empty_file", "warning", "a file is empty"),
    Check("no_entries", "info", "a log file holds no entry in the time asked for"),
    Check("entry_cut", "info", "a log entry is longer than is kept", done="Its rest is counted, not kept."),
    Check("invalid_utf8", "info", "bytes are no UTF-8", done="They are spelled out in the text."),
    Check("logs_not_read", "warning", "no incident says when it happened", done="The logs were not read."),
    Check(
        "unlinked", "info", "alerts or messages belong to no incident, or to several",
        done="Kept without an incident; a wrong link would move the clock.",
    ),
)  # fmt: skip
"""What reading, linking and combining may find, in the order of their weight."""
