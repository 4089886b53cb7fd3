"""The shipped notebooks: clean in the repository, self-explaining, running under stock papermill."""

import json
from pathlib import Path

import nbformat
import papermill
import pytest

from incident_analytics.errors import UsageError
from incident_analytics.render.notebook import check_parameters, find_notebook, run_notebook

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_stored_without_outputs(path):
    """A notebook in the repository holds no output, no execution count and no trace of a machine."""
    nb = nbformat.read(path, as_version=4)

    assert all(not c.outputs and c.execution_count is None for c in nb.cells if c.cell_type == "code")
    assert {"kernelspec", "language_info"} == set(nb.metadata)
    assert "python3" == nb.metadata["kernelspec"]["name"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_parameters_explain_themselves(path):
    """One cell is tagged parameters; each parameter has a type, a default and a sentence of help."""
    tagged = [c for c in nbformat.read(path, as_version=4).cells if "parameters" in c.metadata.get("tags", [])]
    parameters = papermill.inspect_notebook(str(path))

    assert 1 == len(tagged)
    assert all(p["help"] and p["inferred_type_name"] == "str" for p in parameters.values())


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_runs_from_top_to_bottom_without_any_parameter(path, tmp_path):
    """Stock papermill runs the notebook on the sample as it stands, without an error and without a warning shown."""
    nb = papermill.execute_notebook(str(path), str(tmp_path / "out.ipynb"), kernel_name="python3", progress_bar=False)

    outputs = [o for c in nb.cells if c.cell_type == "code" for o in c.outputs]
    assert [] == [o for o in outputs if o.output_type in ("error", "stream")]
    assert any("application/vnd.plotly.v1+json" in o.get("data", {}) for o in outputs)


@pytest.mark.notebook
def test_runs_with_plain_parameters(tmp_path, public_sample):
    """Records saved to a folder and an incident's identifier are all that the review notebook needs."""
    saved = public_sample.save(tmp_path / "records")
    nb = papermill.execute_notebook(
        str(ROOT / "notebooks" / "incident_review.ipynb"),
        str(tmp_path / "out.ipynb"),
        parameters={"records_dir": str(saved), "incident_id": "fastly-2021-06-08"},
        kernel_name="python3",
        progress_bar=False,
    )

    assert "Valid customer setting triggers a dormant bug across the CDN" in json.dumps(nb)


def test_an_unknown_parameter_is_refused():
    """Where papermill only warns, we refuse, with near names."""
    with pytest.raises(UsageError, match="Did you mean 'incident_id'"):
        check_parameters(find_notebook("incident_review"), {"incidentid": "x"})


def test_a_parameter_name_cannot_carry_code():
    """A name that is no identifier is refused before papermill could write it into a cell."""
    with pytest.raises(UsageError, match="no parameter"):
        check_parameters(find_notebook("incident_review"), {"x=1; import os; y": "1"})


def test_an_unknown_notebook_lists_those_there_are():
    """Asking for a notebook that does not exist names the shipped ones."""
    with pytest.raises(UsageError, match="incident_review, trends_review"):
        find_notebook("incident_revue")


@pytest.mark.notebook
def test_the_same_records_give_the_same_notebook(tmp_path, public_sample):
    """Running twice on the same records gives the same executed notebook, byte for byte."""
    saved = str(public_sample.save(tmp_path / "records"))
    runs = [
        nbformat.writes(
            run_notebook(find_notebook("incident_review"), {"records_dir": saved, "incident_id": "roblox-2021-10-28"})
        )
        for _ in range(2)
    ]

    assert runs[0] == runs[1]
