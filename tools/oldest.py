"""Print pip constraints that pin each runtime dependency to the oldest version allowed.

    python -m tools.oldest > constraints.txt

`make test-oldest` runs the suite under them, which is what makes the lower bounds true.
"""

from __future__ import annotations

from typing import Any

from tools import project

USER_EXTRAS = ("arrow", "fast", "geometry", "icu", "jieba")


def constraints(metadata: dict[str, Any]) -> list[str]:
    """Return a ``name==version`` for each dependency of the [project] table and `USER_EXTRAS`.

    Raises:
        ValueError: A dependency names no lower bound.
    """
    specifications = [*metadata["dependencies"]]
    for extra in USER_EXTRAS:
        specifications.extend(metadata["optional-dependencies"][extra])
    pins = []
    for requirement in project.requirements(specifications):
        if requirement.oldest is None:
            message = f"{requirement.name} names no lower bound"
            raise ValueError(message)
        pins.append(f"{requirement.name}=={requirement.oldest}")
    return sorted(pins)


if __name__ == "__main__":
    print("\n".join(constraints(project.settings()["project"])))
