"""Whether one command installs everything, and what speaks against it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from gold_standard.check.dependencies.asked import (
    DependencyFile,
    Imported,
    Requirement,
    Sign,
    Standing,
)
from gold_standard.check.dependencies.commands import CONDA, Install, installs
from gold_standard.check.dependencies.gathering import Dependencies, standings
from gold_standard.check.dependencies.pinned import scope_of
from gold_standard.check.dependencies.readme import REQUIRING, ReadmeLine, commands_in, readme_lines
from gold_standard.check.distributions import canonical, distributions


@dataclass(frozen=True)
class Step:
    """One command of a README that installs something."""

    install: Install
    line: int
    heading: str
    section: int
    optional: bool  # said to be so, or in a section about something else
    alternative: bool  # to the step before it

    @property
    def command(self) -> str:
        """As README writes it."""
        return self.install.command


@dataclass(frozen=True)
class Route:
    """One way to install: its command, what that covers, and what speaks against it."""

    command: str | None
    files: tuple[str, ...]
    standings: tuple[Standing, ...]
    against: tuple[Sign, ...]
    steps: tuple[Step, ...] = ()
    told: bool = True  # by README or by a wrapper, and not only possible

    @property
    def sealed(self) -> bool:
        """Whether it is a finished image, into which nobody can look from here."""
        return any(sign.kind == "image" for sign in self.against)

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Imports that the command does not bring."""
        return tuple(one for one in self.standings if one.status == "missing")

    @property
    def strong(self) -> tuple[Sign, ...]:
        """What by itself speaks against one command."""
        return tuple(sign for sign in self.against if sign.strong)


@dataclass(frozen=True)
class OneCommand:
    """The material for "one command installs everything": the best route first."""

    routes: tuple[Route, ...]
    steps: tuple[Step, ...]

    @property
    def best(self) -> Route:
        """The route with the least against it."""
        return self.routes[0]

    @property
    def command(self) -> str | None:
        """The one command, or the first of several."""
        return self.best.command

    @property
    def against(self) -> tuple[Sign, ...]:
        """What speaks against the best route."""
        return self.best.against

    @property
    def strong(self) -> tuple[Sign, ...]:
        """The strong signs against the best route; none: one command does it all."""
        return self.best.strong


ALTERNATIVE = re.compile(
    r"(?:^|\n)\W*or\b[\W]*(?:\n|$)|\b(?:or|OR),? (?:use|using|via|with|run|you|install|create|by|"
    r"through|simply|if|manually|alternatively|a|the|pip|conda|docker|just|else|from|for)\b|\bor:|"
    r"(?:^|\n)\W*(?:or|OR)\b|\balternativ|\binstead\b|\beither\b|\botherwise\b|\boption \w|"
    r"\bif you (?:use|prefer|have|don't|do not|only|are)\b|\b(?:for|on|with|without) "
    r"(?:an? )?(?:cpu|gpu|linux|mac|macos|windows|osx|ubuntu|cuda|apple|m1|nvidia)\b|\b(?:cpu|gpu)[- ]only\b|"  # noqa: E501
    r"(?:cpu|gpu|linux|windows|mac ?os|cuda \d[\d.]*)\W*(?:\n|$)",
    re.IGNORECASE,
)
METHOD = re.compile(
    r"\b(?:pip|conda|anaconda|mamba|docker|poetry|pipenv|venv|virtualenv|virtual environment|source|"  # noqa: E501
    r"pypi|singularity|apptainer|container|option|method|way|cpu|gpu|linux|windows|mac(?:os)?|colab|uv|"
    r"nix|local(?:ly)?|manual(?:ly)?|alternativ\w*|developers?|users?|quick|full|minimal)\b",
    re.IGNORECASE,
)
STEPPED = re.compile(r"\bstep\b|^\s*\d+[.):]|\bfirst\b|\bthen\b|\bnext\b", re.IGNORECASE)
OPTIONAL = re.compile(
    r"\boptional|if you (?:want|wish|need|would like|plan)|for (?:development|testing|visuali[sz]|developers)|"  # noqa: E501
    r"in case of|if .{0,40}(?:fail|error|problem|issue)|troubleshoot",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    r"contribut|develop(?!ment environment)|\btests?\b|docs\b|troubleshoot|faq|known issue|licen[cs]e|"  # noqa: E501
    r"acknowledg|visuali[sz]|\bdemo\b|colab|optional|related|\bdata(?:sets?)?\b|weights|jupyter|notebook",  # noqa: E501
    re.IGNORECASE,
)
LIGHT = set("jupyter jupyterlab notebook gdown kaggle tensorboard awscli pre-commit black pytest tmux "  # noqa: E501
            "jupytext nbconvert ipywidgets wandb osfclient zenodo-get dvc".split())  # fmt: skip
_FRAMEWORK = r"(?:py)?torch|tensorflow|keras|jax|mxnet|paddle\w*|theano|caffe|detectron2|mmcv\S*|mmdetection|apex|pyg|pytorch[ _-]geometric|torch[ _-](?:scatter|sparse|geometric)|dgl|chainer|lasagne|cntk|cupy|flax|mindspore|jittor"  # noqa: E501
APART = re.compile(
    rf"\b(?:install\w*|download|set ?up|get)\b[^.\n]{{0,60}}?\b({_FRAMEWORK})\b[^\n]{{0,100}}?"
    r"\b(?:official|web ?site|site|instructions?|guide|here|following|follow|according|appropriate|suitable|"  # noqa: E501
    r"compatible|matching|your (?:own )?(?:cuda|system|gpu|platform|machine|environment)|manually|separately|first|from source|from https?)\b",  # noqa: E501
    re.IGNORECASE,
)  # fmt: skip
APART_LINK = re.compile(
    r"(pytorch)\.org/get-started|\binstall\b[^\n]{0,80}(pytorch|chainer|tensorflow)\.org|(pytorch)\.org/?\)?\s*$|(tensorflow)\.org/install|pytorch-geometric\.readthedocs\S*install",  # noqa: E501
    re.IGNORECASE,
)
NEGATED = re.compile(r"\b(?:not|never|no need)\b|n't\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
DEVELOPMENT = re.compile(
    r"\b(?:requires?|required|needs?|needed|depends? on|relies on|prerequisites?:?)\s+(?:the\s+|an?\s+)?"
    r"(?:latest\s+|current\s+)?(?:dev|development|nightly|bleeding[- ]edge|master|git|github)\s+"
    r"(?:version|branch|build|release)s?\s+of\s+(\w[\w-]{0,40})",
    re.IGNORECASE,
)
FROM_SOURCE = re.compile(r"\bgit\b|github|://|dev|nightly")  # in what a list asks for
ON_PATH = re.compile(r"\b(?:in|on|to) (?:(?:your|the) )?(?:system )?\$?PATH\b")
TOOLS = re.compile(
    r"\b(FSL|FreeSurfer|Freesurfer|ANTs|AFNI|SPM ?(?:8|12)|MATLAB|Matlab|Octave|elastix|SimpleElastix|dcm2niix|NiftyReg|"  # noqa: E501
    r"NiftySeg|MRtrix3?|Convert3D|c3d|3D ?Slicer|ITK-SNAP|QuPath|CellProfiler|ImageJ|Fiji|OpenSlide|"  # noqa: E501
    r"[Ff][Ff]mpeg|HMMER|BLAST\+?|PSI-BLAST|HH-?suite|HHblits|MMseqs2?|MAFFT|DSSP|mkdssp|[Ss]amtools|SAMtools|"  # noqa: E501
    r"[Bb]ed[Tt]ools|BEDTools|[Bb]owtie2?|BWA|GATK|PLINK|Rosetta|GROMACS|AmberTools|PyMOL|Open ?Babel|"  # noqa: E501
    r"AutoDock(?: Vina)?|Gurobi|CPLEX|Workbench|TORTOISE|DSI Studio|Blender|Graphviz|CUDA [Tt]oolkit|"  # noqa: E501
    r"R packages?|Bioconductor|ASAP|MeCab|CoreNLP|Java|NCCL|MSMS|APBS|PDB2PQR|TM-?align|ViennaRNA|RNAfold|[Dd]iamond|DIAMOND|STAR aligner|[Cc]lustal ?\w{0,6}|[Mm]inimap2|[Kk]raken ?2?|PostgreSQL|MySQL|MongoDB|BART toolbox|"  # noqa: E501
    r"git-annex|DataLad|MEME [Ss]uite|MuJoCo|G(?:EANT|eant)4|CDO|NCO|NCL|kentUtils|ImageMagick|bcftools|Cell ?Ranger|"  # noqa: E501
    r"HISAT2|CD-HIT|cd-hit|USEARCH|VSEARCH|IQ-TREE|RAxML|Foldseek|PSIPRED|NetMHCpan|LAMMPS|VASP|Quantum ESPRESSO|"  # noqa: E501
    r"OpenFOAM|FEniCS|CARLA|SUMO|Kaldi|SoX|eSpeak|Praat|Tesseract|COLMAP|OpenFace|OpenPose|DCMTK|dcmtk|CAT12|[Pp]lastimatch|cuDNN|CuDNN|CUDNN|BEDOPS|bedGraphToBigWig|bigWigToBedGraph|[Dd]eepTools)\b"  # noqa: E501
)
ASKS = re.compile(
    r"\b(?:install\w*|requires?|required|needs?|needed|depends?|dependenc\w+|must have|make sure|ensure|"  # noqa: E501
    r"prerequisites?|download and)\b",
    re.IGNORECASE,
)
CONDITION = re.compile(r"\b(?:if|in case|for (?:the )?gpu|on (?:windows|mac))\b", re.IGNORECASE)
OTHER_SYSTEM = re.compile(r"\b[Ii]f\b|CUDA|\b(?:[Oo]n|[Ff]or) (?:Windows|[Mm]ac)")
OTHERS = re.compile(
    r"/(?:apex|detectron2|mmdetection|mmcv|mmsegmentation|nnUNet|DCNv2\S*|cocoapi|pointnet2\S*|fairseq|pytorch3d|flownet2\S*|Deformable\S*|tiny-cuda-nn|warp-ctc|openslide\S*)(?:\.git)?/?$",  # noqa: E501
    re.IGNORECASE,
)
ONE_COMMAND = {
    "requirements": "pip install -r {path}",
    "conda": "conda env create -f {path}",
    "conda-lock": "conda-lock install {path}",
    "pipfile": "pipenv sync",
    "poetry": "poetry install",
    "pdm": "pdm sync",
    "uv": "uv sync",
    "pylock": "pip install -r {path}",
    "pixi": "pixi install",
    "nix": "nix develop",
    "docker": "docker build -f {path} .",
    "renv": 'Rscript -e "renv::restore()"',
    "r-description": 'Rscript -e "remotes::install_deps()"',
    "r-script": "Rscript {path}",
    "setup": "pip install .",
    "pyproject": "pip install .",
    "script": "bash {path}",
    "make": "make",
    "julia": 'julia --project -e "import Pkg; Pkg.instantiate()"',
}


def readme_steps(text: str) -> list[Step]:
    """The commands of a README that install something, in their order."""
    lines = readme_lines(text)
    found: list[Step] = []
    between: list[str] = []
    seen: set[str] = set()
    for line in lines:
        new = [one for command in commands_in(line) for one in installs(command)]
        between.append(_aside_text(line, new))
        for one in new:
            if one.command in seen or one.what == "empty":
                continue
            seen.add(one.command)
            found.append(_step(one, line, "\n".join(between[-12:]), found))
            between.clear()
    return found


def _aside_text(line: ReadmeLine, new: list[Install]) -> str:
    """What a line says besides the commands in it."""
    text = line.text
    for one in new:
        text = text.replace(one.command, " ")
    return text if not line.code or "#" in text or not new else re.sub(r"^[^#]*", "", text)


def _step(one: Install, line: ReadmeLine, between: str, before: list[Step]) -> Step:
    optional = bool(OPTIONAL.search(between) or ELSEWHERE.search(line.heading))
    last = before[-1] if before else None
    alternative = bool(last) and bool(ALTERNATIVE.search(between) or _other_method(last, line))
    return Step(one, line.number, line.heading, line.section, optional, alternative)


def _other_method(last: Step, line: ReadmeLine) -> bool:
    """Whether two headings name two ways, such as "Using pip" and "Using conda"."""
    if last.section == line.section or STEPPED.search(line.heading):
        return False
    ways = [set(map(str.lower, METHOD.findall(text))) for text in (last.heading, line.heading)]
    return all(ways) and ways[0] != ways[1]


def one_command(
    dependencies: Dependencies,
    imported: Imported,
    readme_text: str,
    readme_path: str = "README.md",
    wrappers: Mapping[str, tuple[str, ...]] | None = None,
    stops: Mapping[str, tuple[Sign, ...]] | None = None,
) -> OneCommand:
    """The ways to install everything, and what speaks against each, the best first.

    `wrappers` maps a command of the repository's own to the locks that it installs; `stops` maps
    a list to the lines at which an installer stops.
    """
    steps = readme_steps(readme_text)
    notes = [*_readme_signs(readme_text, readme_path), *_to_compile(steps, readme_path)]
    build = _Routes(dependencies, imported, readme_path, notes, stops or {})
    if wrappers:  # people are told to call it, so it must do
        routes = [build.wrapper(*pair, steps) for pair in wrappers.items()]
        return OneCommand(tuple(sorted(routes, key=_cost)), tuple(steps))
    routes = [build.told(group) for group in _groups(steps)]
    named = {path for route in routes for path in route.files}
    routes = [route for route in routes if route.command]
    routes += [
        build.possible(file, bool(routes), steps)
        for file in _installable(dependencies, imported)
        if file.path not in named
    ]
    if not routes:
        routes = [build.nothing()]
    return OneCommand(tuple(sorted(routes, key=_cost)), tuple(steps))


def _cost(route: Route) -> tuple:
    # Where every way fails, the one that README tells explains best why.
    untold = bool(route.strong) and not route.told
    return bool(route.strong), untold, route.sealed, len(route.strong), len(route.missing), not route.told, len(route.against)  # fmt: skip


def _installable(dependencies: Dependencies, imported: Imported) -> list[DependencyFile]:
    return [file for file in scope_of(dependencies, imported) if file.kind in ONE_COMMAND]


def _groups(steps: list[Step]) -> list[list[Step]]:
    """Steps that follow each other, apart from those that stand for each other."""
    groups: list[list[Step]] = [[]]
    images: list[Step] = []
    for step in steps:
        if step.install.what == "image":
            # `docker run` starts what `docker build` made: no second installation.
            if not images:
                images.append(step)
            continue
        if step.alternative and any(one.install.what != "clone" for one in groups[-1]):
            groups.append([])
        groups[-1].append(step)
    return [group for group in (*groups, images) if group]


class _Routes:
    """Makes routes: what a command covers, and what speaks against it."""

    def __init__(
        self,
        dependencies: Dependencies,
        imported: Imported,
        readme: str,
        notes: list[Sign],
        stops: Mapping[str, tuple[Sign, ...]],
    ) -> None:
        self.dependencies, self.imported = dependencies, imported
        self.readme, self.notes, self.stops = readme, notes, stops

    def wrapper(self, command: str, locks: tuple[str, ...], steps: list[Step]) -> Route:
        """A route by the repository's own command, which installs what these locks list.

        Whatever else README tells people to install speaks against it.
        """
        found = {lock: self.dependencies.file(lock) for lock in locks}
        signs = [
            Sign("file-missing", f"{p} is not here", p) for p, file in found.items() if not file
        ]
        files = [file for file in found.values() if file]
        for step in steps:
            other = self._is_real(step) and not any(f in files for f in self._files_of(step)[0])
            if other and not (step.optional or step.alternative or self._is_light(step)):
                note = f"besides `{command}`, README asks for `{step.command[:60]}`"
                signs.append(Sign("second-command", note, self.readme, step.line))
        signs += [*self._outside(steps), *self.notes]
        return self._route(command, files, [], signs, ())

    def possible(self, file: DependencyFile, others: bool, steps: list[Step]) -> Route:
        """A route that README does not tell, though a file makes it possible."""
        command = ONE_COMMAND[file.kind].format(path=file.path)
        note = f"README does not say `{command}`" if others else "README gives no command"
        signs = [Sign("not-told", note, self.readme, None, strong=False)]
        signs += [*self._notes(file.kind == "docker"), *self._stops(command, [file])]
        if file.kind.startswith("conda"):  # what it lists is none of the package itself
            own = [one for one in steps if one.install.what == "project" and not one.optional]
            note = f"besides `{command}`, README asks for `{{}}`"
            signs += [Sign("own-package", note.format(one.command[:60]), self.readme, one.line, strong=False) for one in own[:1]]  # fmt: skip
        if file.kind != "docker" and not self._inside_image(steps):
            signs += [one for one in self._outside(steps) if one.kind == "system"]
        return replace(self._route(command, [file], [], signs, ()), told=False)

    def nothing(self) -> Route:
        """No file, no command."""
        sign = Sign("no-file", "no file lists what has to be installed")
        return self._route(None, [], [], [sign, *self.notes], ())

    def told(self, steps: list[Step]) -> Route:
        """A route that README tells, step by step."""
        real = [step for step in steps if self._is_real(step)]
        light = [step for step in real if step.optional or self._is_light(step)]
        heavy = [step for step in real if step not in light] or light[:1]
        if not heavy:
            return self._route(None, [], [], [], tuple(steps))
        main = max(heavy, key=self._reach)
        files, signs = self._files_of(main)
        signs += [self._extra(step, main, step in heavy) for step in real if step is not main]
        signs += [*self._outside(steps), *self._cloned_after(main, files, steps)]
        signs += [*self._notes(main.install.what == "image"), *self._stops(main.command, files)]
        if main.install.what == "image" and not files:
            return self._sealed(main, signs, tuple(steps))
        return self._route(main.command, files, self._packages(main), signs, tuple(steps))

    def _sealed(self, main: Step, signs: list[Sign], steps: tuple[Step, ...]) -> Route:
        """A finished image: nobody can tell from here what it holds."""
        sign = Sign(
            "image",
            "what the image holds is not in the files",
            self.readme,
            main.line,
            strong=False,
        )
        return Route(main.command, (), (), (*signs, sign), steps)

    def _is_real(self, step: Step) -> bool:
        """Whether a step installs packages of the analysis."""
        one = step.install
        if one.what == "packages" and all(p.name in self._own for p in one.packages):
            return True
        return one.what in ("packages", "file", "project", "image", "workflow") or (
            one.what == "script" and any(self.dependencies.find(name) for name in one.files)
        )

    @cached_property
    def _own(self) -> set[str]:
        return {file.project for file in self.dependencies.files if file.project}

    def _is_light(self, step: Step) -> bool:
        names = {one.name for one in step.install.packages}
        return step.install.what == "packages" and names <= LIGHT

    def _reach(self, step: Step) -> tuple[int, bool]:
        files, _ = self._files_of(step)
        asked = [*self.dependencies.requirements(*files), *self._packages(step)]
        held = [one for one in standings(asked, self.imported) if one.status != "missing"]
        return len(held), step.install.what in ("file", "image")

    def _packages(self, step: Step) -> list[Requirement]:
        kind = "readme"
        return [
            Requirement(p.name, p.exact, p.specifier, self.readme, step.line, kind)
            for p in step.install.packages
        ]

    def _files_of(self, step: Step) -> tuple[list[DependencyFile], list[Sign]]:
        """The files that a step installs, and a sign where it names one that does not exist."""
        one = step.install
        if one.what == "workflow":
            return [file for file in self.dependencies.main if file.kind.startswith("conda")], []
        if one.what == "packages" and any(p.name in self._own for p in one.packages):
            return [
                file
                for file in self.dependencies.files
                if file.project in {p.name for p in one.packages}
            ], []
        found = [file for name in one.files if (file := self.dependencies.find(name))]
        if one.what == "file" and one.files and not found and not self._exists(one.files):
            note = f"`{step.command[:80]}` names a file that is not here"
            return [], [Sign("file-missing", note, self.readme, step.line)]
        return found, []

    def _exists(self, names: tuple[str, ...]) -> bool:
        ends = {path.rpartition("/")[2].lower() for path in self.dependencies.paths}
        return any(posixpath.basename(name.strip("'\"")).lower() in ends for name in names)

    def _extra(self, step: Step, main: Step, heavy: bool) -> Sign:
        own = step.install.what == "project" or main.install.what == "project"
        kind = "own-package" if own else "second-command"
        note = f"besides `{main.command[:60]}`, README asks for `{step.command[:60]}`"
        empty = own and not any(file.requirements for file in self._files_of(step)[0])
        brought = {one.name for one in self.dependencies.requirements(*self._files_of(main)[0])}
        again = step.install.what == "packages" and (
            {one.name for one in step.install.packages} <= brought | LIGHT
        )
        strong = (
            heavy
            and not again
            and not step.optional
            and not (own and (empty or step.install.what == "project"))
        )
        return Sign(kind, note, self.readme, step.line, strong)

    def _outside(self, steps: list[Step]) -> list[Sign]:
        """System packages and other projects' sources."""
        signs = []
        clones = 0
        for step in steps:
            one = step.install
            if one.what == "system" and not self._inside_image(steps):
                names = ", ".join(p.name for p in one.packages[:4])
                signs.append(
                    Sign(
                        "system",
                        f"needs {one.installer}: {names}",
                        self.readme,
                        step.line,
                        not step.optional,
                    )
                )
            elif one.what == "clone":
                clones += 1
                if OTHERS.search(one.files[0]) or clones > 1:
                    strong = bool(OTHERS.search(one.files[0])) and not step.optional
                    signs.append(
                        Sign(
                            "clone",
                            f"another project by hand: {one.files[0]}",
                            self.readme,
                            step.line,
                            strong,
                        )
                    )
        return signs

    def _cloned_after(
        self, main: Step, files: list[DependencyFile], steps: list[Step]
    ) -> list[Sign]:
        """What is cloned once the list here was installed is not the repository itself."""
        if not files or main.install.what not in ("file", "project"):
            return []
        later = steps[steps.index(main) + 1 :]
        return [
            Sign("clone", f"another project by hand: {one.install.files[0]}", self.readme, one.line)
            for one in later
            if one.install.what == "clone" and one.section == main.section and not one.optional
        ]

    def _inside_image(self, steps: list[Step]) -> bool:
        return any(step.install.what == "image" for step in steps)

    def _notes(self, image: bool) -> list[Sign]:
        return [] if image else self.notes

    def _stops(self, command: str, files: list[DependencyFile]) -> list[Sign]:
        """Where this command stops in these files, or in those that they include."""
        paths = [file.path for file in files]
        paths += [one.path for one in self.dependencies.requirements(*files)]
        found = [sign for path in dict.fromkeys(paths) for sign in self.stops.get(path, ())]
        by_conda = CONDA.search(command) and not re.search(r"\.ya?ml\b", command)
        return [sign for sign in found if sign.kind == "stops" or not by_conda]

    def _route(
        self,
        command: str | None,
        files: list[DependencyFile],
        packages: list[Requirement],
        signs: list[Sign],
        steps: tuple[Step, ...],
    ) -> Route:
        asked = [*self.dependencies.requirements(*files), *packages]
        found = standings(asked, self.imported)
        names = {one.name for one in asked}
        fresh = {one.name for one in asked if FROM_SOURCE.search(one.specifier)}
        signs = [s for s in signs if s.kind != "dev-version" or s.note.split()[-1] not in fresh]
        signs = [self._weigh(sign, names, found) for sign in signs]
        missing = (
            [] if command is None else [_absent(one) for one in found if one.status == "missing"]
        )
        return Route(
            command, tuple(file.path for file in files), tuple(found), (*signs, *missing), steps
        )

    def _weigh(self, sign: Sign, names: set[str], found: list[Standing]) -> Sign:
        """A tool or framework that the command itself brings is no more than a hint."""
        if sign.kind == "framework-if":
            word = sign.note.rpartition(" ")[2]
            held = distributions({"pytorch": "torch"}.get(word, word)) & names
            return replace(sign, strong=sign.strong and not held)
        if sign.kind == "tool" and _joined(sign.note.rpartition(": ")[2]) in map(_joined, names):
            return replace(sign, strong=False)
        return sign


def _joined(name: str) -> str:
    return re.sub(r"[-_. ]", "", name.lower())


def _absent(one: Standing) -> Sign:
    kind = "framework-missing" if one.tier == "framework" else "missing"
    strong = one.tier in ("framework", "core")
    return Sign(
        kind,
        f"{one.name} is needed, and the command does not bring it",
        one.path,
        one.line,
        strong,
    )


def _to_compile(steps: list[Step], path: str) -> list[Sign]:
    """What README has people compile speaks against every way to install but an image."""
    found = [one for one in steps if one.install.what == "build"]
    return [
        Sign(
            "build",
            f"something to compile: `{one.command[:60]}`",
            path,
            one.line,
            not (one.optional or re.match(r"make\b", one.command)),  # that may run the analysis
        )
        for one in found
    ]


def _readme_signs(text: str, path: str) -> list[Sign]:
    """Frameworks and tools that README's prose sends people elsewhere for."""
    signs: dict[tuple[str, str], Sign] = {}
    for line in readme_lines(text):
        if line.code or ELSEWHERE.search(line.heading):
            continue
        wanted = bool(REQUIRING.search(line.heading))
        for sign in (*_apart(line, wanted, path), *_tools(line, wanted, path)):
            signs.setdefault((sign.kind, sign.note.lower()), sign)
        if wanted and re.search(r"\bcuda\b|\bcudnn\b", line.text, re.IGNORECASE):
            sign = Sign("cuda", "names a version of CUDA", path, line.number, False)
            signs.setdefault(("cuda", ""), sign)
    return list(signs.values())


def _apart(line: ReadmeLine, wanted: bool, path: str) -> Iterator[Sign]:
    """Frameworks that people are sent elsewhere for, though the list may name them as well."""
    link = wanted and APART_LINK.search(line.raw)
    found = [(one, APART.search(one)) for one in SENTENCE.split(line.text)]
    found = [pair for pair in found if pair[1]] or [(line.text, link)]
    for sentence, apart in found:
        if not apart or "requirements.txt" in sentence or NEGATED.search(sentence):
            continue
        word = canonical(next((group for group in apart.groups() if group), "pytorch"))
        kind = "framework-if" if CONDITION.search(sentence) else "framework-apart"
        note = f"README sends people elsewhere for {word}"
        yield Sign(kind, note, path, line.number, not OPTIONAL.search(line.text))
    if asked := DEVELOPMENT.search(line.text):
        note = f"README asks for a development version of {canonical(asked[1])}"
        yield Sign("dev-version", note, path, line.number, not OPTIONAL.search(line.text))


def _tools(line: ReadmeLine, wanted: bool, path: str) -> Iterator[Sign]:
    """Programs that no package manager of the command brings."""
    asks = bool(ASKS.search(line.text))
    optional = bool(OPTIONAL.search(line.text))
    for tool in TOOLS.findall(line.text) if asks or (wanted and len(line.text) < 60) else ():
        elsewhere = optional or OTHER_SYSTEM.search(line.text.replace(tool, ""))
        sure = wanted or tool not in ("Java", "Graphviz", "Blender")
        note = f"to be installed by hand: {tool}"
        yield Sign("tool", note, path, line.number, sure and not elsewhere)
    if ON_PATH.search(line.text):
        note = f"to be on PATH beforehand: {line.text[:80]}"
        yield Sign("tool", note, path, line.number, not optional)
