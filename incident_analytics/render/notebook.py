"""Find a notebook, read its parameters, run it."""

from __future__ import annotations

import keyword
import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..errors import RenderError, UsageError, did_you_mean

Scalar = str | int | float | bool


def find_notebook(name: str) -> Path:
    """The notebook called ``name``: the copy in the installed package, else the one of a checkout.

    Raises:
        UsageError: there is no such notebook; the message lists those there are.
    """
    package = Path(str(resources.files("incident_analytics")))
    folders = [package / "_shipped" / "notebooks", package.parent / "notebooks"]
    for folder in folders:
        if (path := folder / f"{name}.ipynb").is_file():
            return path
    known = sorted({p.stem for folder in folders if folder.is_dir() for p in folder.glob("*.ipynb")})
    raise UsageError(f"there is no notebook {name!r}; notebooks are {', '.join(known)}.{did_you_mean(name, known)}")


def notebook_parameters(path: Path) -> dict[str, dict[str, Any]]:
    """The parameters a notebook declares in its cell tagged ``parameters``: name, type, default, help."""
    import papermill

    return dict(papermill.inspect_notebook(str(path)))


def check_parameters(path: Path, parameters: Mapping[str, Scalar]) -> None:
    """Refuse parameters that the notebook does not declare; papermill would only warn, and run names as code.

    Raises:
        UsageError: an unknown or malformed name, or a value that is no scalar.
    """
    declared = notebook_parameters(path)
    for name, value in parameters.items():
        if not name.isidentifier() or keyword.iskeyword(name) or name not in declared:
            raise UsageError(
                f"notebook {path.name} has no parameter {name!r}; it declares {', '.join(declared)}.{did_you_mean(name, declared)}"
            )
        if not isinstance(value, (str, int, float, bool)):
            raise UsageError(f"parameter {name!r} must be a text, number or flag, found {type(value).__name__}")


def run_notebook(path: Path, parameters: Mapping[str, Scalar], *, timeout: int = 600) -> Any:
    """Run a notebook with stock papermill and return it executed, without paths and times of this machine.

    Args:
        path: the notebook.
        parameters: values for its parameters; names are checked first.
        timeout: seconds after which a cell is stopped.

    Raises:
        UsageError: an unknown parameter.
        RenderError: a cell stopped with an error; the message holds the cell's number and the error.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    check_parameters(path, parameters)
    folder = Path(tempfile.mkdtemp(prefix="ia-"))
    try:
        nb = papermill.execute_notebook(
            str(path),
            str(folder / "executed.ipynb"),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            execution_timeout=timeout,
            start_timeout=120,
            # A kernel that is told to stop says so as an error; what goes wrong in a cell reaches us anyway.
            extra_arguments=["--IPKernelApp.log_level=50"],
            **_transport(folder),
        )
    except PapermillExecutionError as error:
        raise RenderError(f"{path.name}: cell {error.exec_count} stopped with {error.ename}: {error.evalue}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return without_traces(nb)


def _transport(folder: Path) -> dict[str, Any]:
    """A private socket file for each kernel where the system has them; two kernels can then never meet."""
    if os.name != "posix":
        return {}
    from jupyter_client.manager import AsyncKernelManager

    class PrivateKernelManager(AsyncKernelManager):  # type: ignore[misc]  # jupyter_client is untyped here
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, transport="ipc", connection_file=str(folder / f"{uuid4().hex[:12]}.json"), **kwargs)

    return {"kernel_manager_class": PrivateKernelManager}


def without_traces(nb: Any) -> Any:
    """The notebook without what papermill notes about this machine and this minute, and with stable cell ids.

    The same records then give the same bytes.
    """
    nb.metadata.pop("papermill", None)
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
        for noted in ("papermill", "execution"):
            cell.metadata.pop(noted, None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("papermill", None)
    return nb
