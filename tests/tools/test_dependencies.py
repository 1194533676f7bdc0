"""tools/oldest.py and tools/import_cost.py, against the dependencies pyproject.toml names."""

from __future__ import annotations

import pytest

from tools import import_cost, oldest, project


def test_a_requirement_is_read_with_and_without_extras_and_bounds():
    assert project.requirements(["a-b>=1.2,<3", "c[x,y]>=0.4", "d==2.*", "e"]) == [
        ("a-b", "1.2"),
        ("c", "0.4"),
        ("d", None),
        ("e", None),
    ]


def test_what_is_no_requirement_is_refused():
    with pytest.raises(ValueError, match="not a requirement"):
        project.requirements([">=1"])


def test_every_runtime_dependency_is_pinned_to_its_lower_bound():
    metadata = {
        "dependencies": ["b>=2,<3", "a>=1.5"],
        "optional-dependencies": {
            **{extra: [] for extra in oldest.USER_EXTRAS},
            "arrow": ["c>=0.1"],
            "test": ["d>=9"],
        },
    }
    assert oldest.constraints(metadata) == ["a==1.5", "b==2", "c==0.1"]


def test_a_dependency_without_a_lower_bound_is_refused():
    metadata = {
        "dependencies": ["b<3"],
        "optional-dependencies": {extra: [] for extra in oldest.USER_EXTRAS},
    }
    with pytest.raises(ValueError, match="b names no lower bound"):
        oldest.constraints(metadata)


def test_the_cost_of_every_runtime_dependency_is_measured():
    pinned = oldest.constraints(project.settings()["project"])
    assert {pin.partition("==")[0] for pin in pinned} == set(import_cost.MODULES)


def test_the_table_has_a_row_for_a_module_and_names_what_is_missing(
    capsys: pytest.CaptureFixture[str],
):
    import_cost.main(["--runs", "1", "mailbox", "no_such_module"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| `mailbox` | ")
    assert lines[2].count("|") == 5
    assert lines[-1] == "Not installed: no_such_module."


def test_a_module_that_loads_others_counts_them():
    assert import_cost.measure("mailbox", 1).modules >= 1
    assert import_cost.measure("sys", 1).modules == 0
