"""How an analysis is started: workflows, scripts that run others, and what each of them covers."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from gold_standard.check.code import Code, Module
from gold_standard.check.prose import Prose
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

STAGES = ("download", "preprocess", "train", "evaluate", "figures")
WORDS = {
    "download": r"download|fetch|get_?data|wget|curl|retriev|gdown|kaggle|urlretrieve|pooch|load_dataset|take_?data|make_?standin|fetch_\w+|raw_?data",
    "preprocess": r"pre-?_?process|prepare|process_?data|split|clean|munge|build_?data|make_?data|extract|normali[sz]e|featur|convert|tokeni[sz]e",
    "train": r"train|\bfit\b|fit_?model|learn",
    "evaluate": r"eval|test(?!s/)|predict|metric|score|assess|benchmark|validate|infer|results|table|measures?\b",
    "figures": r"figure|\bplot|plot_|_plot|fig[-_ ]?\d|visuali[sz]|savefig|ggsave|draw|report|heatmap|manuscript|paper",
}
WORKFLOWS = re.compile(
    r"(.*/)?(snakefile|[^/]*\.smk|main\.nf|[^/]*\.nf|makefile|gnumakefile|dvc\.yaml|_targets\.r|dodo\.py|noxfile\.py|[^/]*\.cwl|[^/]*\.wdl|drakefile\.r|_drake\.r|pipeline\.ya?ml|nextflow\.config|calkit\.yaml|showyourwork\.yml|mlproject|justfile|taskfile\.ya?ml)"
)
RUNNERS = re.compile(
    r"(.*/)?(run|run_?all|reproduce|repro|main|pipeline|run_?analysis|run_?pipeline|run_?experiments?|all|master|do_?all|make|analysis|workflow|make_?all|generate_?results|run_?everything|00[\w-]*|analyze|driver)([\w-]*)?\.(sh|bash|py|r|ps1|m|jl|bat)"
)


@dataclass(frozen=True)
class Entry:
    """One way to start the analysis and the stages that it covers."""

    path: str
    kind: str  # workflow, runner, notebook
    stages: dict[str, Evidence]

    @property
    def lacks(self) -> list[str]:
        return [stage for stage in STAGES if stage not in self.stages]


def read(tree: Tree, code: Code, prose: Prose) -> list[Entry]:
    """All entry points, the one that covers most first."""
    workflows = [] if _of_one_machine(tree) else tree.matching(WORKFLOWS.pattern)
    entries = [_workflow(tree, path) for path in workflows]
    entries += [_runner(tree, code, path) for path in tree.matching(RUNNERS.pattern) if _whole(path, prose)]  # fmt: skip
    entries += [_script(code, module) for module in code.main if module.notebook]
    entries = [entry for entry in entries if entry.stages]
    return sorted(entries, key=lambda entry: (len(entry.lacks), entry.kind != "workflow"))


WHOLE = re.compile(
    r"\b(?:all|entire|everything|whole|full|reproduc\w*|complete|every)\b", re.IGNORECASE
)


def _whole(path: str, prose: Prose) -> bool:
    """Whether a script is said to run the whole: by its own name, or where README names it."""
    name = PurePosixPath(path).name
    if re.match(
        r"(run_?|make_?|do_?)?(all|everything|pipeline)\b|reproduce|repro\b", name, re.IGNORECASE
    ):
        return True
    return any(name in line.text and WHOLE.search(line.text) for line in prose.lines)


def _workflow(tree: Tree, path: str) -> Entry:
    """A file of a workflow manager, with the files of its kind that it includes."""
    stages = _stages(tree, path)
    if path.lower().endswith("makefile") and not _runs_analysis(tree.text(path)):
        stages = {}
    folder = str(PurePosixPath(path).parent)
    for other in tree.ending(".smk", ".nf"):
        if folder == "." or other.startswith(folder):
            for stage, evidence in _stages(tree, other).items():
                stages.setdefault(stage, evidence)
    return Entry(path, "workflow", stages)


GATHERS = re.compile(
    r"^(?:all|default|everything|reproduce|paper|manuscript|results|analysis|figures|run|main|pipeline|build)[\w-]*\s*::?(?!=)",
    re.MULTILINE,
)


def _runs_analysis(text: str) -> bool:
    """Whether a Makefile runs code, and has one target that stands for the others."""
    runs = re.search(
        r"^\t.*\b(python|Rscript|jupyter|julia|matlab|papermill)\b", text, re.MULTILINE
    )
    return bool(runs) and bool(GATHERS.search(text))


ONE_MACHINE = re.compile(
    r"(?<![\w$}.~/-])/(?:home|Users|gpfs|scratch|lustre|nfs|cluster|etc/profile\.d|[\w/-]{1,40}/users)/\w"
)


def _of_one_machine(tree: Tree) -> bool:
    """Whether the workflows or their settings need files of their author's machine."""
    settings = tree.matching(r"(.*/)?(config|params|settings)[\w-]*\.(ya?ml|json)")[:20]
    return any(
        ONE_MACHINE.search(line[:1000].split("#")[0])
        for path in [*tree.matching(WORKFLOWS.pattern)[:200], *settings]
        for line in tree.lines(path)[:3000]
    )


def _stages(tree: Tree, path: str) -> dict[str, Evidence]:
    """The stages that a script names in what it runs; its comments tell nothing."""
    found: dict[str, Evidence] = {}
    for number, line in enumerate(tree.lines(path)[:3000], start=1):
        bare = re.split(r"(?<![\w$])#|//", line)[0] if not line.lstrip().startswith("#!") else ""
        if path.lower().endswith("makefile") and re.match(r"[\w ]+[:?+]?=", bare):
            continue  # a variable
        if re.search(r"(snakefile|\.smk)$", path.lower()) and not re.search(
            r"\brule\b|shell|script|notebook|input|output|[\"']", bare
        ):
            continue
        for stage in STAGES:
            if stage not in found and len(bare) < 1000 and re.search(WORDS[stage], bare, re.I):
                found[stage] = Evidence(bare.strip()[:100], path, number)
    return found


def _runner(tree: Tree, code: Code, path: str) -> Entry:
    if path.lower().endswith(".py") and path in code.by_path:
        return _script(code, code.by_path[path])
    stages = _stages(tree, path)
    for number, line in enumerate(tree.lines(path)[:3000], start=1):
        for stage in _done_by(tree, code, line.split("#")[0]):
            stages.setdefault(stage, Evidence(line.strip()[:100], path, number))
        if re.match(r"\s*make(?:\s|$)", line):
            for other in tree.matching(r"(gnu)?makefile")[:1]:
                stages = {**_stages(tree, other), **stages}
    return Entry(path, "runner", stages)


SCRIPT = re.compile(r"(?:^|\s)(?:python[\d.]*|Rscript|bash|sh)\s+(?:-\w+\s+)*([\w./-]+\.(?:py|r|sh))", re.IGNORECASE)  # fmt: skip
FETCHES = re.compile(r"\b(?:wget|curl|urlretrieve|urlopen|requests\.get|pooch|gdown|download\.file|getGEO|load_dataset|fetch_\w+|download\s+(?:https?|ftp):)")  # fmt: skip
FITS = re.compile(r"\.fit\(|\.backward\(|\bglmnet\(|\brandomForest\(|\btrain\(")
DRAWS = re.compile(r"\b(?:savefig|ggsave|write_image)\b|^[ \t]*(?:pdf|png|svg)\(", re.MULTILINE)


def _done_by(tree: Tree, code: Code, line: str) -> list[str]:
    """Whether the script that a command runs fetches or draws, whatever the script is called."""
    named = SCRIPT.search(line[:1000])
    path = named[1].removeprefix("./") if named else ""
    text = code.by_path[path].text if path in code.by_path else tree.text(path) if path else ""
    done = (("download", FETCHES), ("train", FITS), ("figures", DRAWS))
    return [stage for stage, does in done if does.search(text)]


def _script(code: Code, module: Module) -> Entry:
    """What a script of Python does itself, or has others do by importing or calling them."""
    stages: dict[str, Evidence] = {}
    for call in module.calls:
        words = f"{call.name} {' '.join(a for a in call.args if isinstance(a, str))}"
        for stage in STAGES:
            if stage not in stages and re.search(WORDS[stage], words, re.IGNORECASE):
                stages[stage] = module.at(call.line, words.strip()[:100])
    return Entry(module.path, "notebook" if module.notebook else "runner", stages)
