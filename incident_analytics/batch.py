"""Many incidents to many reports. One report is a batch of one, so no command can skip a step.

For each incident: select, remove names, save, run the notebook, make the page, look for leaks, write. A failure is
an entry in the ledger; the others go on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import pandas as pd

from .errors import IncidentAnalyticsError, LeakError
from .policy import Policy
from .privacy import find_leaks, names_of, pseudonymise
from .records import Records, as_instant
from .review import log_windows, own_logs

NOTEBOOK, TRENDS = "incident_review", "trends_review"
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Job:
    """One report to make: plain values only, so that it can travel to another process."""

    incident_id: str
    notebook: str
    parameters: dict[str, str]
    folder: str
    slug: str
    names: tuple[str, ...]
    index_href: str
    trends_href: str
    current: str = ""
    is_single_file: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one report.

    Attributes:
        incident_id: the incident; empty for the trends page.
        status: written or failed.
        seconds: wall time of running and rendering.
        files: paths relative to the output folder.
        error: what went wrong, in words; empty when nothing did.
    """

    incident_id: str
    status: Literal["written", "failed"]
    seconds: float
    files: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Ledger:
    """Outcomes of a batch in the order of the incidents, and of the pages made of all of them."""

    folder: Path
    reports: tuple[Outcome, ...]
    pages: tuple[Outcome, ...] = field(default=())

    @property
    def failed(self) -> list[Outcome]:
        """Outcomes of reports and pages that were not written."""
        return [o for o in (*self.reports, *self.pages) if o.status == "failed"]


def slug(incident_id: str) -> str:
    """A file name for an incident that never leaves its folder and never collides.

    Letters, digits, ``._-`` stay, no leading dot or dash, at most 80 characters, and eight hex digits of a digest of
    the raw identifier: ``INC/1`` and ``INC:1`` differ.

    >>> slug("../../etc/passwd")
    'etc-passwd-cd5ba1d5'
    """
    cleaned = re.sub(r"\.{2,}", ".", _SAFE.sub("-", incident_id)).strip(".-")[:80].strip(".-") or "incident"
    digest = hashlib.sha256(incident_id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{cleaned}-{digest}"


def run_batch(
    records: Records,
    out: str | Path,
    *,
    incidents: Iterable[str] = (),
    policy: Policy | None = None,
    as_of: str | pd.Timestamp | None = None,
    names: Literal["remove", "keep"] = "remove",
    jobs: int = 1,
    is_single_file: bool = False,
    executor: Executor | None = None,
    progress: Callable[[Iterable[Outcome], int], Iterable[Outcome]] | None = None,
) -> Ledger:
    """Write a report per incident, an index, a trends page and ``ledger.json`` into ``out``.

    Args:
        records: the incidents.
        out: folder of the reports; made when absent.
        incidents: only these; all when empty.
        policy: overrides the policies the records came with.
        as_of: open spans are counted up to here; the end of the data unless given.
        names: ``remove`` shows people as roles and fails a report in which a name is left; ``keep`` shows them.
        jobs: processes at work at once.
        is_single_file: put the drawing library into each page.
        executor: any other ``concurrent.futures.Executor`` to run the jobs; it is not shut down here.
        progress: wraps the outcomes as they come in; gets them and their number.

    Raises:
        UsageError: an unknown incident (near ones are named) or a bad ``as_of``.
    """
    folder = Path(out)
    instant = as_instant(as_of, records)
    chosen = records.select(list(incidents)) if (incidents := list(incidents)) else records
    if policy is not None:
        chosen = replace(chosen, policies=dict.fromkeys(chosen.incidents["collection"].dropna(), policy))
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="ia-batch-"))
    titles: dict[str, tuple[str, str]] = {}
    try:
        work = _jobs(chosen, scratch, folder, instant, titles, names=names, is_single_file=is_single_file)
        run = _run(work, jobs, executor)
        by_id = {o.incident_id: o for o in (progress(run, len(chosen.incidents) + 1) if progress else run)}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    reports = tuple(by_id[i] for i in chosen.incident_ids)
    pages = [by_id[""]] if "" in by_id else []
    pages.append(_write_index(chosen, reports, folder, titles, instant))
    if not is_single_file:
        from .render.document import write_library

        write_library(folder)
    ledger = Ledger(folder=folder, reports=reports, pages=tuple(pages))
    _write_ledger(ledger, chosen, instant)
    return ledger


def _jobs(
    records: Records,
    scratch: Path,
    folder: Path,
    as_of: pd.Timestamp,
    titles: dict[str, tuple[str, str]],
    *,
    names: Literal["remove", "keep"],
    is_single_file: bool,
) -> Iterator[Job]:
    """Save each incident's records, names removed, and say what is to be done with them; the trends page comes first.

    A generator: the first reports are at work while the next are prepared. ``titles`` is filled on the way.
    """
    as_text = "" if pd.isna(as_of) else as_of.isoformat()
    if records.incident_ids:
        yield _trends_job(records, scratch, folder, as_text, names=names, is_single_file=is_single_file)
    windows = log_windows(records, as_of=as_of)
    for incident_id in records.incident_ids:
        one = own_logs(records.select(incident_id), windows)
        searched: tuple[str, ...] = ()
        if names == "remove":
            searched = tuple(names_of(one).searched)
            one = pseudonymise(one)
        titles[incident_id] = _title(one)
        name = slug(incident_id)
        parameters = {
            "records_dir": str(one.save(scratch / name)),
            "incident_id": str(one.incidents["incident_id"].iloc[0]),
            "as_of": as_text,
            "names": "keep",
        }
        yield Job(
            incident_id=incident_id,
            notebook=NOTEBOOK,
            parameters=parameters,
            folder=str(folder),
            slug=name,
            names=searched,
            index_href="index.html",
            trends_href="trends.html",
            is_single_file=is_single_file,
        )


def _trends_job(
    records: Records, scratch: Path, folder: Path, as_of: str, *, names: Literal["remove", "keep"], is_single_file: bool
) -> Job:
    bundle = records.with_tables(logs=records.logs.iloc[:0])
    searched: tuple[str, ...] = ()
    if names == "remove":
        searched = tuple(names_of(bundle).searched)
        bundle = pseudonymise(bundle)
    place = bundle.save(scratch / "trends")
    return Job(
        incident_id="",
        notebook=TRENDS,
        parameters={"records_dir": str(place), "as_of": as_of},
        folder=str(folder),
        slug="trends",
        names=searched,
        index_href="index.html",
        trends_href="trends.html",
        current="trends",
        is_single_file=is_single_file,
    )


def _title(one: Records) -> tuple[str, str]:
    incident = one.incidents.iloc[0]
    texts = [v if isinstance(v, str) else "" for v in incident[["organisation", "trigger_kind", "service"]]]
    second = " · ".join(t for t in ((texts[0], texts[1]) if texts[1] else (texts[0], texts[2])) if t)
    return (incident["title"] if isinstance(incident["title"], str) else incident["incident_id"], second)


def _run(work: Iterable[Job], jobs: int, executor: Executor | None) -> Iterator[Outcome]:
    """Outcomes as they come in; one process needs no pool, and a broken pool fails only what it was working on."""
    if executor is None and jobs <= 1:
        yield from map(make_report, work)
        return
    pool = executor or ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn"))
    try:
        waiting: dict[Future[Outcome], Job] = {pool.submit(make_report, job): job for job in work}
        for done in as_completed(waiting):
            try:
                yield done.result()
            except Exception as error:
                yield Outcome(waiting[done].incident_id, "failed", 0.0, (), f"the worker process ended: {error}")
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)


def make_report(job: Job) -> Outcome:
    """Run, render, look for leaks, write. Returns the outcome; never raises for what is wrong with one report."""
    began = time.perf_counter()
    try:
        files = _make(job)
    except IncidentAnalyticsError as error:
        return Outcome(job.incident_id, "failed", round(time.perf_counter() - began, 2), (), str(error))
    except Exception as error:
        return Outcome(
            job.incident_id, "failed", round(time.perf_counter() - began, 2), (), f"{type(error).__name__}: {error}"
        )
    return Outcome(job.incident_id, "written", round(time.perf_counter() - began, 2), files)


def _make(job: Job) -> tuple[str, ...]:
    import nbformat

    from .render.document import render_document, searchable
    from .render.notebook import find_notebook, run_notebook

    nb = run_notebook(find_notebook(job.notebook), job.parameters)
    _forget_parameters(nb)
    page = render_document(
        nb, single_file=job.is_single_file, index_href=job.index_href, trends_href=job.trends_href, current=job.current
    )
    notebook = nbformat.writes(nb)
    if leaks := find_leaks(searchable(page) + notebook, job.names):
        raise LeakError(
            f"{len(leaks)} name(s) that had to be removed are still in the report, first {leaks[0]!r}; nothing was written"
        )
    folder = Path(job.folder)
    return (
        write_safely(folder, f"{job.slug}.html", page),
        write_safely(folder, f"notebooks/{job.slug}.ipynb", notebook),
    )


def _forget_parameters(nb: object) -> None:
    """The injected cell names a folder of this run; a handed-out notebook asks for the reader's own records."""
    for cell in nb.cells:  # type: ignore[attr-defined]  # nbformat is untyped
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(r"(?m)^records_dir = .*$", 'records_dir = ""', cell.source)


def write_safely(folder: Path, name: str, text: str) -> str:
    """Write a file inside ``folder`` in one step, so that a reader never sees half of it; returns the name."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise LeakError(f"{name!r} would be written outside {folder}")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)
    return name


def _write_index(
    records: Records,
    reports: tuple[Outcome, ...],
    folder: Path,
    titles: dict[str, tuple[str, str]],
    as_of: pd.Timestamp,
) -> Outcome:
    from .render.pages import render_index
    from .story.index import TICKS, index_lede, index_rows, place

    began = time.perf_counter()
    hrefs = {o.incident_id: o.files[0] for o in reports if o.status == "written"}
    rows = index_rows(records, hrefs=hrefs, titles=titles, as_of=as_of)
    footer = (
        f"Data {records.digest()}, as of {as_of:%d %b %Y}. All times UTC."
        if pd.notna(as_of)
        else "No instant in the data."
    )
    page = render_index(
        rows,
        lede=index_lede(records, rows),
        ticks=[(place(minutes), label) for minutes, label in TICKS],
        trends_href="trends.html",
        footer=footer,
    )
    name = write_safely(folder, "index.html", page)
    return Outcome("index", "written", round(time.perf_counter() - began, 2), (name,))


def _write_ledger(ledger: Ledger, records: Records, as_of: pd.Timestamp) -> None:
    about = {
        "package": metadata.version("incident-analytics"),
        "data": records.digest(),
        "as_of": "" if pd.isna(as_of) else as_of.isoformat(),
        "written": sum(o.status == "written" for o in ledger.reports),
        "failed": len(ledger.failed),
        "reports": [asdict(o) for o in ledger.reports],
        "pages": [asdict(o) | {"incident_id": ""} for o in ledger.pages],
    }
    write_safely(ledger.folder, "ledger.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")
