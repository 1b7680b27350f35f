"""The fifteen criteria in the order of the report; each judges facts and says what it saw.

What each asks, why and where the paper says so stands beside the judgement, and the pages in
docs/standards/ are made from it. To add a rule is to write one more function here.
"""

import re

from gold_standard.check import agreement, dependencies, documentation, training, wordings
from gold_standard.check.datasets import DRIVES
from gold_standard.check.distributions import DEEP, distributions
from gold_standard.check.facts import Facts
from gold_standard.check.identifiers import DATA_ONLY, Identifier, well_formed
from gold_standard.check.prose import shortened
from gold_standard.check.randomness import left_to_the_shell
from gold_standard.check.runs import CERTIFIED
from gold_standard.check.verdicts import (
    DECLARED,
    NOT_APPLICABLE,
    PASS,
    RERUN,
    STATIC,
    Evidence,
    Finding,
    Rule,
    failed,
    passed,
    unknown,
)

RULES: list[Rule] = []


def rule(id: str):
    """Enter a judgement into the list, with the words that belong to its id."""

    def enter(judge):
        RULES.append(Rule(id=id, judge=judge, **wordings.OF[id]))
        return judge

    return enter


@rule("heil.data")
def heil_data(facts: Facts) -> Finding:
    data = facts.data
    closed = [*data.closed, *data.promised]
    if closed and not _controlled(facts):
        return failed("Some of the data are not public, or only on request.", *closed[:3])
    settings = facts.study.settings if facts.study else {}
    if settings.get("data_access") == "controlled" and not _controlled(facts):
        said = Evidence("data_access is controlled", "pyproject.toml")
        return failed("Nothing names the repository that keeps the controlled data.", said)
    public = _public(facts)
    if data.worlds and not data.dummy and not _own(facts):
        return passed("The code learns in a public simulator.", *data.worlds[:2])
    if not public and data.simulated:
        return passed("The code makes its data itself.", *data.simulated[:2])
    if not public:
        why = "Nothing says where the data are published."
        return failed(why, *data.promised[:1], *data.dummy[:1])
    # What lies here is archived with the code, unless its raw form is told to be elsewhere.
    kept = heil_code(facts).verdict == PASS and (facts.study or not data.by_hand)
    archived = (
        [
            e
            for e in (*data.committed, *data.sourced)
            if facts.study or RAW.search(f"{e.path} {e.note}")
        ]
        if kept
        else []
    )
    # Step 1 of a study takes the file that config.yaml names, with its checksum: one that lies in
    # the study, too, which an archive then holds.
    ways = [*data.downloads, *archived, *(data.fetched if facts.study else [])]
    if not ways and not (facts.study and _controlled(facts)):  # its step 1 takes them
        return failed("No code here downloads the data from the place that keeps them.", *public[:2])  # fmt: skip
    by_hand = [e for e in data.by_hand if e in _own(facts) or e in data.named]
    # Where the address stands in the settings or in another file, nobody can tell which it is.
    told = {e.path for e in [*ways, *data.linked] if "://" in e.note}
    untold = {e.path for e in ways if e not in data.loaded} - told
    if len(by_hand) > len(untold) and not _controlled(facts):
        return failed("Some of the data are to be fetched by hand.", *by_hand[:2])
    if facts.empty or not (data.prepared or data.loaded):
        return failed("There is no code that loads or prepares the data.", *public[:2])
    if data.elsewhere:
        return failed("The code that prepares the data is in another repository.", *data.elsewhere[:2])  # fmt: skip
    return passed("The data are public; the code to get and to prepare them is here.", *public[:2], *ways[:1], *data.prepared[:1])  # fmt: skip


RAW = re.compile(r"(?<![a-z])(?:raw|original|source)(?![a-z])", re.I)


def _controlled(facts: Facts) -> bool:
    """Access under control counts where the repository that keeps the data is named."""
    words = re.compile(r"controlled[- ]access|data use agreement|\bDUA\b|dbGaP|\bEGA\b|credentialed|EGA[SD]\d|phs\d{6}|data access committee", re.I)  # fmt: skip
    named = [x for x in facts.prose.all if words.search(x.text) and "belong" not in x.heading]
    waiting = any(wordings.UNFINISHED.search(line.text) and "repository" in line.text for line in facts.prose.all)  # fmt: skip
    private = any(re.search(r"in-?house|private|proprietary", e.note, re.I) for e in facts.data.closed)  # fmt: skip
    return bool(named) and bool(facts.data.linked) and not private and not waiting


def _public(facts: Facts) -> list[Evidence]:
    """Evidence of a public data set, the surest first."""
    data = facts.data
    return [
        *(link for link in _own(facts) if not DRIVES.search(link.note)),
        *data.loaded,
        *data.named,
        *_of_data(data.shell),
        *data.sourced,
        *([] if data.dummy else data.committed),
    ]


def _own(facts: Facts) -> list[Evidence]:
    """Links to where data are, less those that are identifiers of something else."""
    other = {i.value.lower() for i in facts.identifiers if i.of in ("code", "paper", "model")}
    other -= {i.value.lower() for i in facts.identifiers if i.of == "data"}
    return [e for e in facts.data.linked if not any(value in e.note.lower() for value in other)]


def _of_data(commands) -> list[Evidence]:
    """Downloads that are not of weights."""
    weights = re.compile(r"weights|checkpoint|model|\.pth?\b", re.I)
    gets = re.compile(r"weights|checkpoint|(?:get|download|fetch|load)_?\w*models?\b", re.I)
    commands = [e for e in commands if not OF_CODE.search(e.note)]
    return [e for e in commands if not weights.search(e.note) and not gets.search(e.path or "")]


OF_CODE = re.compile(r"github\.com/\S+/(?:tarball|archive|zipball|codeload)|\.git\b")


@rule("heil.models")
def heil_models(facts: Facts) -> Finding:
    named = [i for i in facts.identifiers if i.of == "model" and i.archive]
    good = [i for i in named if not i.doubt and well_formed(i)]
    evidence = [_stated(i) for i in good if i.evidence not in facts.models.generic]
    if not good:
        evidence = [e for e in facts.models.archived if e not in facts.models.generic]
    if evidence:
        if others := facts.disagreeing("heil.models"):
            return _disagree("Different identifiers of the models are given.", others)
        return passed("The weights are in an archive (not looked up).", *evidence[:3])
    doubtful = [Evidence(f"{i.value}: {i.doubt}", i.evidence.path, i.evidence.line) for i in named if i.doubt]  # fmt: skip
    if doubtful:
        return failed("The identifier of the weights is none.", *doubtful[:2])
    # A table of coefficients is a result: nobody says that it is what the archive is for.
    committed = [e for e in facts.models.committed if not facts.tree.is_pointer(e.path) and "coefficients" not in e.note]  # fmt: skip
    code = heil_code(facts)
    if committed and code.verdict == PASS:
        why = "The weights are in the repository, and an archive keeps it (not looked up)."
        return passed(why, *committed[:2], *code.evidence[:1])
    if facts.models.available:
        return failed("The weights are to be had, but in no archive that keeps them.", *facts.models.available[:2])  # fmt: skip
    return failed("No archive with the trained weights is named.", *facts.models.promised[:1])


@rule("heil.code")
def heil_code(facts: Facts) -> Finding:
    named = [i for i in facts.identifiers if i.of in ("code", "unclear") and _keeps_code(i)]
    good = [i for i in named if not i.doubt and i.of == "code" and well_formed(i)]
    if facts.metadata.problems and not good:
        return failed("The metadata file cannot be used.", *facts.metadata.problems)
    if good:
        if others := facts.disagreeing("heil.code"):
            return _disagree(
                "The metadata disagree, so an archive would tell something else.", others
            )
        if len({i.value.lower() for i in good if "/zenodo." in i.value.lower()} - _related(facts)) > 1 and facts.study:  # fmt: skip
            return failed("Different identifiers of the code are given.", *[i.evidence for i in good[:4]])  # fmt: skip
        return passed("The code has an identifier in an archive (not looked up).", *[_stated(i) for i in good[:3]])  # fmt: skip
    doubtful = [Evidence(f"{i.value}: {i.doubt}", i.evidence.path, i.evidence.line) for i in named if i.doubt]  # fmt: skip
    others = [Evidence(f"{i.value} is an identifier of the {i.of}", i.evidence.path, i.evidence.line) for i in facts.identifiers if i.of in ("paper", "data", "model")]  # fmt: skip
    return failed("No identifier of the code in an archive is given.", *doubtful[:2], *others[:2])


def _disagree(why: str, others: list[agreement.Disagreement]) -> Finding:
    return failed(why, *[one.evidence for one in others[:4]], fix=f"{others[0].fix}.")


def _stated(identifier: Identifier) -> Evidence:
    """The identifier itself and its place: the line may hold others, of other things."""
    return Evidence(identifier.value, identifier.evidence.path, identifier.evidence.line)


def _keeps_code(identifier: Identifier) -> bool:
    return identifier.archive and not DATA_ONLY.search(identifier.value)


def _related(facts: Facts) -> set[str]:
    """Identifiers that CITATION.cff lists beside each other: one for all versions, one for this."""
    listed = [
        value.lower()
        for value, of, where in facts.metadata.identifiers
        if of == "code" and where.path and where.path.lower() == "citation.cff"
    ]
    return set(listed[1:])


@rule("heil.dependencies")
def heil_dependencies(facts: Facts) -> Finding:
    found = dependencies.one_command(
        facts.dependencies, facts.imported, facts.prose.text, facts.prose.readme or "README.md",
        _wrappers(facts), dependencies.stops(facts.tree, facts.dependencies, facts.prose.text),
    )  # fmt: skip
    best = found.best
    weak = [sign for sign in best.against if sign.kind in ("own-package", "missing")]
    against = [*found.strong, *(sign for sign in weak if not sign.strong)]
    image = next((one for one in found.routes if one.sealed and not one.strong), None)
    if image and (against or best.sealed):
        return unknown("One command fetches a finished image; what it holds is not in the files.", Evidence(f"it says `{shortened(image.command)}`", facts.prose.readme, image.steps[0].line), fix="Commit the file that the image is built from.")  # fmt: skip
    if against or not best.command:
        signs = [Evidence(sign.note, sign.path, sign.line) for sign in against[:3]]
        return failed("No one command installs everything that the analysis needs.", *signs)
    more = [
        Evidence("a list of what another list lacks", p) for p in best.files if ADDITIONS.search(p)
    ]
    if more and len(more) == len(best.files):
        return failed("The command installs only additions.", *more)
    if best.command.startswith("docker build") and not facts.prose.find(documentation.SYSTEM.pattern):  # fmt: skip
        why = (
            "There is a container alone: nothing says that the work also runs on a present system."
        )
        return failed(why, *(Evidence("it builds a container", path) for path in best.files[:1]))
    matlab = _in_matlab(facts)
    if matlab and best.command.startswith(("pip", "conda", "mamba", "python", "poetry", "uv")):
        return failed("A part of the work is written for MATLAB, which the command does not bring.", *matlab)  # fmt: skip
    apart = [x.says() for x in facts.prose.lines if APART.search(x.text)]
    if apart and not best.command.startswith("python reproduce"):
        return failed("A part of the work needs an environment of its own.", *apart[:2])
    ran = facts.study is not None and facts.study.ran
    evidence = [Evidence(f"it installs from {path}", path) for path in best.files[:2]]
    evidence += [Evidence(f"it says `{shortened(best.command)}`", facts.prose.readme, step.line) for step in best.steps if step.command == best.command]  # fmt: skip
    return passed(f"One command installs everything: {best.command}.", *evidence, level=RERUN if ran else STATIC)  # fmt: skip


ADDITIONS = re.compile(r"(?:^|/)(?:additional|extra|optional|more)s?[\w-]*\.(?:txt|ya?ml)$|requirements[_-](?:additional|extra|optional)s?\.txt$", re.I)  # fmt: skip


def _in_matlab(facts: Facts) -> list[Evidence]:
    """Scripts of MATLAB that somebody runs, beside the work in another language."""
    scripts = [
        Evidence("a script for MATLAB", path)
        for path in facts.code.in_matlab()
        if not path.startswith(facts.tree.foreign)
    ]
    return scripts[:3]


APART = re.compile(r"\b(?:use|using|create|creat\w+|activat\w+|set ?up|need\w*|requires?|in|into) (?:and activating )?an? (?:separate|different|second|dedicated) (?:conda |virtual |python |mamba |pip )*env(?:ironment)?\b(?! for (?:this|the) (?:project|repo|code|package))", re.I)  # fmt: skip


def _wrappers(facts: Facts) -> dict[str, tuple[str, ...]]:
    if not facts.study:
        return {}
    names = facts.study.settings.get("environments")
    default = [f"requirements-{name}.lock" for name in names[:1]] if isinstance(names, list) else []
    return {"python reproduce.py": ("requirements.lock", *default)}


@rule("heil.details")
def heil_details(facts: Facts) -> Finding:
    study = facts.study
    if study and study.record:
        lacks = study.details()
        if lacks:
            return failed(f"The record lacks {', '.join(lacks)}.", study.evidence)
        if not documentation.has_block(facts.tree):
            return failed("README.md does not show what the run needed.", study.evidence)
        return passed("README and record have the order, the system, the times and the resources; the manuscript is to be confirmed by you.", study.evidence)  # fmt: skip
    if study and documentation.has_block(facts.tree):
        return unknown("What README shows comes from a run of another state.", fix="Run it again: python reproduce.py")  # fmt: skip
    found, lacks = documentation.details(facts)
    if lacks:
        return failed(f"Not recorded: {', '.join(lacks)}.", *found[:3])
    return passed("Order, system, times and resources are recorded; the manuscript is to be confirmed by you.", *found[:6])  # fmt: skip


@rule("heil.deterministic")
def heil_deterministic(facts: Facts) -> Finding:
    found = facts.randomness
    if found.loose:
        return failed("Not every random component is seeded.", *found.loose[:5])
    study = facts.study
    if study and (study.ran or study.verified):
        agreed, why = study.agreement()
        if agreed:
            return passed(f"Two runs agree: {why}.", study.evidence, level=RERUN)
        if agreed is False:
            return failed(f"Two runs do not agree: {why}.", study.evidence, level=RERUN)
        return unknown(f"Nothing speaks against it, but {why}.", study.evidence)
    there = found.used or facts.learning.trains or facts.learning.judges
    if not facts.imported.keys() & DEEP:  # an analysis may learn nothing
        there = there or facts.code.modules or facts.code.others
    if not there:
        return failed("There is no code of an analysis that could be run twice.")
    nnunet = [e for e in facts.learning.trains if "nnUNet" in e.note and "determin" not in _line(facts, e)]  # fmt: skip
    if nnunet:
        return failed("The training of nnU-Net is not seeded.", *nnunet[:3])
    shell = left_to_the_shell(facts.prose, facts.code.others)
    if shell:
        return failed("Commands give another seed each time.", *shell[:3])
    if _applies_only(facts):
        return failed("The training of the network, with all that it draws, is not here.", *facts.learning.broken_training[:1])  # fmt: skip
    return unknown("The files show nothing against it; only two runs that agree can show it.", *found.seeded[:3])  # fmt: skip


def _line(facts: Facts, e: Evidence) -> str:
    """The command of which some evidence is the beginning, over all its lines."""
    lines = facts.tree.lines(e.path)[e.line - 1 :][:50] if e.path and e.line else []
    ends = next((n for n, line in enumerate(lines, start=1) if not line.rstrip().endswith("\\")), 0)  # fmt: skip
    return " ".join(lines[:ends]) or e.note


def _applies_only(facts: Facts) -> bool:
    """Whether a trained network is loaded and applied here, and trained elsewhere."""
    applied = any(not e.note.startswith("computes") for e in facts.learning.judges)
    if not applied or facts.learning.trains or not facts.imported.keys() & DEEP:
        return False
    calls = (call.name for module in facts.code.main for call in module.calls)
    return bool(facts.models.available) or any(map(training.LOADS.fullmatch, calls))


@rule("heil.single-command")
def heil_single_command(facts: Facts) -> Finding:
    study = facts.study
    missing = documentation.steps_left_out(facts) if study else []
    if missing:
        return failed("The one command leaves out a step.", *missing)
    if study and study.ran and not study.standin:
        return passed("One command went from the data to the figures.", study.evidence, level=RERUN)
    if study:
        return unknown("The one command is there; a run of the present state would show it.")
    best = facts.entries[0] if facts.entries else None
    if best is None:
        return failed("No command, script or workflow runs the analysis as a whole.")
    have = facts.data.committed or (facts.data.loaded and best.kind != "workflow")
    lacks = [stage for stage in best.lacks if not (stage == "download" and have)]
    evidence = [*best.stages.values()]
    if best.kind == "notebook" and len(facts.code.main) + len(facts.code.others) == 1:
        lacks = [stage for stage in lacks if stage != "figures"]  # it prints its tables
        lacks += [] if have or facts.data.fetched or facts.data.shell else ["download"]
    if lacks or best.kind == "notebook" and len(facts.code.main) > 1:
        return failed(f"{best.path} covers most of it, but not: {', '.join(lacks) or 'the other scripts'}.", *evidence[:2])  # fmt: skip
    return unknown(f"{best.path} seems to run everything; only a run can show it.", *evidence[:5])


@rule("midl.dependencies")
def midl_dependencies(facts: Facts) -> Finding:
    counted = {name: at for name, at in facts.counted.items() if not _pinned_beside(facts, name)}
    found = dependencies.pinned(facts.dependencies, counted)
    gaps = [Evidence(sign.note, sign.path, sign.line) for sign in found.signs]
    if found.best is None:
        return failed("No file lists the packages that the code needs.")
    broken = _loose_in_lock(facts, found.best.files)
    if broken:
        return failed("The lock does not fix every package, so it cannot be installed.", *broken)
    files = [Evidence("exact versions stand here", path) for path in found.best.files[:2]]
    if not found.best.standings and found.listed_share >= 0.8:
        return passed("The packages that are listed have exact versions.", *files)
    if found.framework_exact is False:
        return failed("The framework has no exact version.", *gaps[:3])
    if gaps:
        return failed("Not all packages that the code imports have exact versions.", *gaps[:3])
    return passed("Packages are listed with exact versions, framework included.", *files)


def _pinned_beside(facts: Facts, name: str) -> bool:
    """Whether each file that imports a package has its exact version in an environment beside it."""
    users = [m.path for m in facts.code.main if any(i.split(".")[0] == name for i in m.imports)]
    folders = {path.rpartition("/")[0] for path in users}
    if not folders or "" in folders:
        return False
    exact = {
        (file.path.rpartition("/")[0], one.name)
        for file in facts.dependencies.files
        for one in file.requirements
        if one.exact
    }
    known = distributions(name)
    return all(any((folder, one) in exact for one in known) for folder in folders)


def _loose_in_lock(facts: Facts, paths: tuple[str, ...]) -> list[Evidence]:
    """Packages without an exact version where others have hashes: installers refuse such a file."""
    return [
        Evidence(f"{one.name} {one.specifier}".strip(), file.path, one.line)
        for file in facts.dependencies.files
        if file.path in paths and "--hash=" in facts.tree.text(file.path)
        for one in file.requirements
        if not one.exact
    ][:3]


@rule("midl.training")
def midl_training(facts: Facts) -> Finding:
    found = facts.learning
    if found.trains:
        return passed("Code that builds and trains the model is here.", *found.trains[:3])
    if found.broken_training:
        return failed("The training code cannot run: it imports what is not here.", *found.broken_training[:1], *found.lost[:2])  # fmt: skip
    return failed("No code that trains a model was found.")


@rule("midl.evaluation")
def midl_evaluation(facts: Facts) -> Finding:
    found = facts.learning
    if found.judges:
        return passed("Code that evaluates the model, or predicts with it, is here.", *found.judges[:3])  # fmt: skip
    return failed("No code that evaluates a trained model was found.", *found.lost[:2])


@rule("midl.model")
def midl_model(facts: Facts) -> Finding:
    found = facts.models
    named = [i.evidence for i in facts.identifiers if i.of == "model" and not i.doubt and i.archive]
    if found.available or named:
        return passed("The trained model is to be had.", *[*found.available, *named][:3])
    if found.generic:
        return failed("Only weights that somebody else trained are to be had.", *found.generic[:2])
    return failed("The trained model is not to be had.", *found.promised[:1])


@rule("midl.documentation")
def midl_documentation(facts: Facts) -> Finding:
    return documentation.judge(facts)


@rule("midl.license")
def midl_license(facts: Facts) -> Finding:
    if facts.licence.verdict == PASS and (others := facts.disagreeing("midl.license")):
        return _disagree("The files name different licences.", others)
    return facts.licence


@rule("midl.public-data")
def midl_public_data(facts: Facts) -> Finding:
    data = facts.data
    public = [
        *_own(facts),
        *data.loaded,
        *data.remarked,
        *data.worlds,
        *data.named,
        *data.sourced,
        *(e for e in _of_data(data.shell) if "http" in e.note),
    ]
    if not public and data.committed and not data.closed and not data.dummy:
        public = list(data.committed)
    if not public and not data.closed and not data.dummy:
        public = list(data.kept)
    if not public and not data.closed:
        public = list(data.hinted)
    if not public:
        return failed("No public data set is named.", *data.closed[:1], *data.promised[:1], *data.dummy[:1])  # fmt: skip
    return passed("A public data set is used and named.", *public[:3])


@rule("midl.repeatable")
def midl_repeatable(facts: Facts) -> Finding:
    needs = {
        "midl.public-data": midl_public_data(facts),
        "midl.dependencies": midl_dependencies(facts),
        "midl.training": midl_training(facts),
    }
    lacking = [id for id, finding in needs.items() if finding.verdict != PASS]
    if lacking:
        return failed(f"It also needs {', '.join(lacking)}.", fix=f"Begin with {lacking[0]}.")
    return passed("Public data, exact packages and the training code are there.", *[f.evidence[0] for f in needs.values() if f.evidence])  # fmt: skip


ORDER = [entry.id for entry in RULES]
__all__ = ["CERTIFIED", "DECLARED", "NOT_APPLICABLE", "ORDER", "RULES"]
