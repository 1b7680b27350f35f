"""What a file asks for: requirements, files of them, and how an imported package stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Imported = Mapping[str, tuple[str | None, int | None]]  # top-level import name -> where it stands

MOST_REQUIREMENTS = 10_000  # of one file
MOST_LINES = 20_000  # of one list; a lock may have more
MOST_FILES = 400  # of one repository
LONGEST_LINE = 2_000
MOST_README = 300_000
BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, MemoryError)


class Package(NamedTuple):
    """One package as somebody asks for it."""

    name: str  # canonical
    specifier: str
    exact: bool


@dataclass(frozen=True)
class Requirement:
    """One package that a file asks for; `exact`: one version, and no other, satisfies it."""

    name: str
    exact: bool
    specifier: str
    path: str
    line: int
    kind: str


@dataclass(frozen=True)
class DependencyFile:
    """What one file asks for.

    `includes` and `constraints` are paths as the file writes them; `project` is the name of the
    package that the file builds; `aside`: for documentation, tests or somebody else's code.
    """

    path: str
    kind: str
    requirements: tuple[Requirement, ...] = ()
    lock: bool = False
    python: str | None = None
    includes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    project: str | None = None
    aside: bool = False

    @property
    def says_something(self) -> bool:
        """Whether any package can come of it."""
        return bool(self.requirements or self.includes)


@dataclass(frozen=True)
class Sign:
    """Something that speaks against a criterion; weak signs are for a person to weigh."""

    kind: str
    note: str
    path: str | None = None
    line: int | None = None
    strong: bool = True


@dataclass(frozen=True)
class Standing:
    """How one imported package stands: "exact", "loose", "implied" or "missing".

    Implied: something else that is listed brings it along, at a version nobody wrote down.
    """

    name: str
    tier: str  # "framework", "core", "helper", "other"
    status: str
    path: str | None  # where it is imported
    line: int | None
    requirement: Requirement | None = None
