"""Checks made while a file is read: what their findings mean, for those who list them."""

from __future__ import annotations

from .base import Check

_READING = (
    Check(
        "row_rejected", "error", "a row could not be read as what its file holds",
        done="The row was set aside; its text is kept with the finding.",
    ),
    Check(
        "not_recognised", "error", "no source, or more than one, recognises a file",
        done="The file was not read; the others were.",
    ),
    Check("not_read", "error", "a file could not be read", done="The file was left out; the others were read."),
    Check("duplicate_id", "error", "two data sets use the same identifier", done="The later one got another name here."),
    Check(
        "naive_time", "warning", "a time carries no zone",
        done="Left missing; or read in the zone that the finding names, where there is one.",
    ),
    Check("unreadable_time", "warning", "a cell that should hold a time holds something else", done="Left missing."),
    Check("ambiguous_time", "warning", "a time without offset occurs twice or never in its zone", done="Left missing."),
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
    Check("logs_not_read", "warning", "no incident says when it happened", done="The logs were not read."),
    Check(
        "unlinked", "info", "alerts or messages belong to no incident, or to several",
        done="Kept without an incident; a wrong link would move the clock.",
    ),
)  # fmt: skip

_OF_VENDORS = (
    Check("duplicate_key", "warning", "an object has the same key more than once", done="The last value was used."),
    Check("duplicate_number", "warning", "two records have one number, but different identifiers", done="Both were kept."),
    Check("incomplete", "warning", "an export holds a part of a record's history only", done="What is there was read."),
    Check(
        "no_day", "warning", "a time of day stands in no day that can be told", done="The entry was kept without a time."
    ),
    Check("order_unclear", "warning", "nothing says in which order updates came", done="The order of the file was kept."),
    Check(
        "resolved_at_differs", "warning", "a record is resolved by an update of another time than its cell says",
        done="The cell counts; both were kept.",
    ),
    Check("states_differ", "warning", "two states of a record differ, and nothing says which is newer", done="The first was used."),
    Check("unreadable_cell", "warning", "a cell holds something else than its column", done="Left missing."),
    Check("zero_time", "warning", "a time is the zero of its clock", done="Left missing."),
    Check("assumed_issue", "info", "entries do not say of which issue they are", done="They were put to the only issue of the file."),
    Check("day_only", "info", "a day stands where a time is needed", done="It was kept in extra."),
    Check("earlier_state", "info", "a later state of the same record follows", done="The last counts, with all updates."),
    Check("error_answer", "info", "a recorded answer is an error", done="It holds no record, and was passed over."),
    Check("excluded_by_type", "info", "the vendor leaves incidents of this type out of its metrics", done="They were read."),
    Check("no_end", "info", "a record is over without saying since when", done="Its end was left missing."),
    Check("no_incident", "info", "a post or a notice is no incident", done="Kept, and not counted as one."),
    Check("not_labelled", "info", "issues carry no label of an incident", done="They were read as incidents all the same."),
    Check("other_list", "info", "records describe the account, not an incident", done="Passed over and counted."),
    Check("other_type", "info", "records are of a type that says nothing of incidents", done="Passed over and counted."),
    Check("pull_request", "info", "a list of issues holds pull requests", done="Left out and counted."),
    Check("repeated_state", "info", "a file holds the same state of a record more than once", done="Read once."),
    Check("role_without_person", "info", "a role is listed that nobody holds", done="Left out and counted."),
    Check("stated_duration", "info", "a duration is written in words beside its number", done="Kept as written, not compared."),
    Check("wrong_weekday", "info", "a date names another day of the week than its own", done="The date counts."),
)  # fmt: skip

_OF_LOGS = (
    Check("file_cut_short", "error", "a file ends in the middle", done="What stands before the break was read."),
    Check(
        "rows_rejected", "warning", "lines of a log file fit none of its entries",
        done="They were counted; the first of them are kept with their place.",
    ),
    Check(
        "doubtful_format", "warning", "a log format accounts for less than four fifths of a file's first lines",
        done="The file was read in it; what does not fit was rejected.",
    ),
    Check(
        "clock_change", "warning", "times without offset fall into the hour that a change of clocks repeats or skips",
        done="The finding says how they were read.",
    ),
    Check("year_assumed", "warning", "times carry no year", done="The year was taken from where the finding says."),
    Check("day_assumed", "warning", "times carry no day", done="The day was taken from where the finding says."),
    Check("unknown_zone", "warning", "times name a zone that does not mean one offset", done="Read as if they named none."),
    Check("shift_unused", "warning", "a shift of clocks was given for a name that no file has", done="Nothing was moved."),
    Check("clock_shifted", "info", "the clock of a file was put right as asked for", done="All its times were moved."),
    Check("tai64n_time", "info", "times are labels of atomic time", done="Read with the leap seconds that UTC has had."),
    Check("encoding_assumed", "info", "a file is in another encoding than UTF-8", done="Read as the finding says."),
    Check("invalid_utf8", "info", "bytes are no UTF-8", done="They are spelled out in the text."),
    Check("invalid_bytes", "info", "bytes do not belong to the encoding that was named", done="They are spelled out."),
    Check("nul_padding", "info", "a file begins with NUL bytes, as one that was emptied does", done="They were passed over."),
    Check("entry_cut", "info", "a log entry is longer than is kept", done="Its rest is counted, not kept."),
    Check("no_entries", "info", "a log file holds no entry in the time asked for"),
)  # fmt: skip

WHILE_READING = (*_READING, *_OF_VENDORS, *_OF_LOGS)
"""What reading, linking and combining may find; of each sort in the order of their weight."""
