"""All facts of a repository, gathered once; rules judge facts and open no file themselves."""

import re
from dataclasses import dataclass
from functools import cached_property

from gold_standard.check import (
    agreement,
    code,
    datasets,
    dependencies,
    entries,
    identifiers,
    licences,
    metadata,
    prose,
    randomness,
    runs,
    training,
    weights,
)
from gold_standard.check.distributions import distributions
from gold_standard.check.tree import Tree

# What Keras works on, by the packages that bring it.
BACKENDS = {
    name: distributions(name)
    for name in ("tensorflow", "theano", "cntk", "torch", "jax", "plaidml")
}


@dataclass
class Facts:
    """What is known of one repository; each part is gathered when it is first asked for."""

    tree: Tree
    study: "runs.Study | None" = None  # where the repository is a study with a record
    testing: bool = False  # identifiers of an archive for tests count, such as a sandbox

    @cached_property
    def code(self) -> code.Code:
        return code.read(self.tree)

    @cached_property
    def prose(self) -> prose.Prose:
        return prose.read(self.tree)

    @cached_property
    def dependencies(self) -> "dependencies.Dependencies":
        return dependencies.gather(self.tree)

    @cached_property
    def imported(self) -> dict[str, tuple[str, int]]:
        """Third-party packages that the analysis imports, with the first place."""
        found = dependencies.third_party(self.code.imported(), self.code.local)
        own = {name for name in found if name in code.OWN_NAMES or code.OWN_NAME.fullmatch(name)}
        for name in own - self.declared:
            found.pop(name)  # a module of its own that is missing, not a package
        if self.study:
            found.pop("gold_standard", None)  # the machinery comes with the study
        if "keras" in found and not found.keys() & BACKENDS.keys():  # which imports one of them
            listed = (name for name, names in BACKENDS.items() if names & self.declared)
            found[next(listed, "tensorflow")] = found["keras"]
        return found | {n: w for n, w in self.code.in_r().items() if n not in found}

    @cached_property
    def counted(self) -> dict[str, tuple[str, int]]:
        """Packages whose versions are asked for: beside much Python, a script in R only draws."""
        in_matlab = self.code.in_matlab()
        if len(in_matlab) > 4 * len(self.code.main):
            trains = any((e.path or "").endswith((".py", ".ipynb")) for e in self.learning.trains)
            return {"matlab": (in_matlab[0], 1)} | (self.imported if trains else {})
        if not self.code.mostly_python and not self.code.dated_r:
            return self.imported
        in_r = self.code.in_r()
        return {name: place for name, place in self.imported.items() if in_r.get(name) != place}

    @cached_property
    def randomness(self) -> randomness.Randomness:
        workflows = [text for path, text in self.code.others.items()]
        workflows += [self.tree.text(path) for path in self.tree.matching(r"(.*/)?(pyproject\.toml|setup\.cfg)")[:20]]  # fmt: skip
        paths = self.tree.matching(r"(config|params|settings)[\w-]*\.(ya?ml|json)")[:20]
        settings = {path: self.tree.text(path) for path in paths}
        return randomness.judge(self.code, "\n".join([self.prose.text, *workflows]), settings)

    @cached_property
    def data(self) -> datasets.Data:
        return datasets.read(self.tree, self.code, self.prose)

    @cached_property
    def models(self) -> weights.Models:
        return weights.read(self.tree, self.code, self.prose)

    @cached_property
    def entries(self) -> list[entries.Entry]:
        return entries.read(self.tree, self.code, self.prose)

    @cached_property
    def metadata(self) -> metadata.Metadata:
        return metadata.read(self.tree)

    @cached_property
    def identifiers(self) -> list[identifiers.Identifier]:
        found = identifiers.find(self.prose, self.metadata.identifiers, self.downloads)
        return [one.as_in_earnest() for one in found] if self.testing else found

    @cached_property
    def disagreements(self) -> "list[agreement.Disagreement]":
        """Files of a study that say otherwise than the one in which a fact has its home."""
        if self.study is None or not self.tree.has("CITATION.cff"):
            return []
        return agreement.read(self.tree, self.study.settings, self.licence, self.identifiers)

    def disagreeing(self, id: str) -> "list[agreement.Disagreement]":
        """Those of them that concern one criterion."""
        return [one for one in self.disagreements if one.id == id]

    @cached_property
    def downloads(self) -> str:
        """The addresses in the code, as one text."""
        strings = [s for m in self.code.main for s, _ in m.strings if "http" in s or "10." in s]
        shell = [line for m in self.code.main for line, _ in m.shell]
        lines = [x for t in self.code.others.values() for x in t.splitlines() if re.search(r"http|zenodo|\d{6}", x)]  # fmt: skip
        return "\n".join([*strings, *shell, *lines])

    @cached_property
    def learning(self) -> training.Learning:
        return training.read(self.tree, self.code, self.prose, self.declared)

    @cached_property
    def declared(self) -> set[str]:
        """Names of packages that some dependency file lists."""
        return {r.name for file in self.dependencies.files for r in file.requirements}

    @cached_property
    def licence(self):
        return licences.judge(self.tree, self.prose)

    @cached_property
    def empty(self) -> bool:
        """Nothing but words: no code at all."""
        return not self.code.modules and not self.code.others
