"""The sample data that comes with the package."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from .errors import UsageError, did_you_mean
from .records import Records
from .sources import read


def sample_folder() -> Path:
    """Folder of the shipped sample: the copy in the installed package, else the one of a checkout."""
    package = Path(str(resources.files("incident_analytics")))
    for folder in (package / "_shipped" / "sample", package.parent / "data" / "sample"):
        if folder.is_dir():
            return folder
    raise UsageError(
        "the sample data is not part of this installation; install the package from its wheel or use a checkout"
    )


def sample_names() -> list[str]:
    """Names of the sample's data sets."""
    return sorted(p.name for p in sample_folder().iterdir() if p.is_dir())


def load_sample(name: str = "public") -> Records:
    """Read a sample data set: ``public`` (14 real incidents) or ``fictional`` (a fictional company's year).

    Raises:
        UsageError: an unknown name; the message lists those there are.
    """
    known = sample_names()
    if name not in known:
        raise UsageError(f"there is no sample {name!r}; samples are {', '.join(known)}.{did_you_mean(name, known)}")
    return read(sample_folder() / name)


def copy_sample(folder: str | Path) -> Path:
    """Copy the sample's files into ``folder`` (made if absent) to look at them or to change them.

    Raises:
        UsageError: the folder holds something already.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder")
    shutil.copytree(sample_folder(), folder, dirs_exist_ok=True)
    return folder
