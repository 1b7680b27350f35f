"""Where exact versions stand for what the code imports, and what lacks them."""

import posixpath
from dataclasses import dataclass

from gold_standard.check.dependencies.asked import DependencyFile, Imported, Sign, Standing
from gold_standard.check.dependencies.gathering import (
    ENVIRONMENT_FOLDERS,
    NO_ROOT,
    Dependencies,
    standings,
)
from gold_standard.check.distributions import CLASSIC, DEEP


@dataclass(frozen=True)
class Coverage:
    """How the imported packages stand in one file, or in several that belong together."""

    files: tuple[str, ...]
    standings: tuple[Standing, ...]
    listed: int  # packages that the files list
    listed_exact: int

    def having(self, *statuses: str) -> tuple[Standing, ...]:
        """The imports of these statuses."""
        return tuple(one for one in self.standings if one.status in statuses)

    @property
    def exact_share(self) -> float:
        """Exact among the imported packages, 0 to 1; what is only implied is left out."""
        counted = self.having("exact", "loose", "missing")
        return len(self.having("exact")) / len(counted) if counted else 0.0

    @property
    def listed_share(self) -> float:
        """Exact among the packages that are listed, imported or not, 0 to 1."""
        return self.listed_exact / self.listed if self.listed else 0.0

    @property
    def frameworks(self) -> tuple[Standing, ...]:
        """The imported frameworks: those of deep learning, else the classic ones."""
        deep = [one for one in self.standings if one.name in DEEP]
        # Keras and TensorFlow, or JAX and its library, come as one where one brings the other.
        held = [one for one in deep if one.status != "implied"]
        return tuple(held or deep or [one for one in self.standings if one.name in CLASSIC])

    @property
    def framework_exact(self) -> bool | None:
        """Whether every imported framework has its exact version; None where none is imported."""
        found = self.frameworks
        return all(one.status == "exact" for one in found) if found else None


@dataclass(frozen=True)
class Pinned:
    """The material for "exact versions are listed": the best file or set of files, and the rest."""

    best: Coverage | None
    candidates: tuple[Coverage, ...] = ()

    @property
    def exact_share(self) -> float:
        """Of the best candidate, 0 to 1."""
        return self.best.exact_share if self.best else 0.0

    @property
    def listed_share(self) -> float:
        """Of the best candidate, 0 to 1."""
        return self.best.listed_share if self.best else 0.0

    @property
    def framework_exact(self) -> bool | None:
        """Of the best candidate; None where no framework is imported, or there is no file."""
        return self.best.framework_exact if self.best else None

    @property
    def loose(self) -> tuple[Standing, ...]:
        """Imports that are listed without an exact version."""
        return self.best.having("loose") if self.best else ()

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Imports that are not listed and that nothing listed brings along."""
        return self.best.having("missing") if self.best else ()

    @property
    def brought(self) -> tuple[Standing, ...]:
        """Imports that something listed brings along, at a version that nobody wrote down.

        A framework comes with its own other half: Keras with TensorFlow, JAX with its library.
        """
        found = self.best.having("implied") if self.best else ()
        return tuple(one for one in found if one.name not in DEEP)

    @property
    def gaps(self) -> tuple[Standing, ...]:
        """Imports that are loose, missing or brought along."""
        return (*self.loose, *self.missing, *self.brought)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Every gap with its place: the requirement's where it is loose, else the import's."""
        return tuple(map(_gap, self.gaps))


def _gap(one: Standing) -> Sign:
    strong = one.tier in ("framework", "core")
    if one.requirement:
        asked = f"{one.requirement.name} {one.requirement.specifier}".strip()
        note = f"{one.name} is needed, and listed without an exact version: {asked}"
        return Sign("loose", note, one.requirement.path, one.requirement.line, strong)
    return Sign(one.status, f"{one.name} is needed, and not listed", one.path, one.line, strong)


def pinned(dependencies: Dependencies, imported: Imported) -> Pinned:
    """Where the exact versions of the imported packages stand, and which lack them.

    `imported` maps top-level import names to (path, line); third-party ones only.
    """
    scope = scope_of(dependencies, imported)
    sets = [[file] for file in scope]
    folders: dict[str, list[DependencyFile]] = {}
    for file in scope:
        folders.setdefault(posixpath.dirname(file.path), []).append(file)
    sets += [folders[folder] for folder in sorted(folders)]
    sets.append(scope)
    found: dict[tuple[str, ...], Coverage] = {}
    for files in sets:
        names = tuple(file.path for file in files)
        if files and names not in found:
            found[names] = _coverage(dependencies, files, imported)
    ranked = sorted(found.values(), key=_worth, reverse=True)
    return Pinned(ranked[0] if ranked else None, tuple(ranked))


def _coverage(
    dependencies: Dependencies, files: list[DependencyFile], imported: Imported
) -> Coverage:
    asked = dependencies.requirements(*files)
    exact = {one.name for one in asked if one.exact}
    names = tuple(file.path for file in files)
    return Coverage(
        names, tuple(standings(asked, imported)), len({one.name for one in asked}), len(exact)
    )


def _worth(one: Coverage) -> tuple:
    """Exact counts most, listed is better than missing, and the framework more than the rest."""
    value = {"exact": 1.0, "loose": 0.25, "implied": 0.1, "missing": 0.0}
    points = sum(value[standing.status] for standing in one.standings)
    bonus = 0.3 if one.framework_exact else 0.0
    share = points / len(one.standings) if one.standings else one.listed_share
    return round(share + bonus, 6), -len(one.files), one.listed


def scope_of(dependencies: Dependencies, imported: Imported) -> list[DependencyFile]:
    """The files that can speak for the analysis: those at the top, where they cover it."""
    main = [
        file
        for file in dependencies.main
        if file.kind not in ("script", "make") or file.requirements
    ]
    top = [file for file in main if _is_top(file.path) or file.kind in NO_ROOT]
    real = [file for file in top if file.kind not in NO_ROOT]
    missing = dependencies.missing(imported, real)
    return top if real and 2 * len(missing) <= len(imported) else main


def _is_top(path: str) -> bool:
    folders = path.lower().split("/")[:-1]
    return all(folder in ENVIRONMENT_FOLDERS for folder in folders)
