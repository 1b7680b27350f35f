"""Whether the documents say how the work is done, and whether what they name exists."""

import difflib
import re
from urllib.parse import unquote

from gold_standard.check import training
from gold_standard.check.distributions import CLASSIC, DEEP
from gold_standard.check.prose import RUN, is_there, named_files, of_notebook
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence, Finding, failed, passed

PARTS = {
    "data": re.compile(r"\bdata\b|data-?sets?|corpus|\bcohort|database", re.I),
    "dependencies": re.compile(
        r"requirement|dependenc|install|environment|prerequisite|conda|\bpip3?\b|docker|pytorch \d|tensorflow[ =(v]*\d|python ?(?:\(?[>=~]|[23]\.)|renv|packages?\b|libraries|tested (?:on|with)|sessionInfo|reproduce\.py",
        re.I,
    ),
    "training": re.compile(r"\btrain(?!ed\b)|fine-?tun|\bfit(?:s|ting)?\b|\blearn(?:s|ing) (?:the|a) model|re-?train|cross-?validat", re.I),
    "evaluation": re.compile(r"evaluat|\btest(?:ing)?\b|infer(?:ence)?|predict|validat|metric|segment (?:your|new|an?)|demo|reproduc\w* (?:the )?(?:results|figures|tables)|results|figure|generat\w* (?:images|samples)|analys", re.I),
}  # fmt: skip
LEFTOVER = re.compile(r"^\W*describe (?:how to|the|your) .{10,}|📋|\bmy awesome model|\[project name\]|one paragraph of project description", re.I)  # fmt: skip
# Some names of programs are words of English: these count only where a command begins.
COMMAND = re.compile(r"(?:^|[\s`$>(])(?:python[\d.]*|bash|sh|Rscript|jupyter|snakemake|nextflow|pip3?|\./[\w./-]+|torchrun|nnUNet\w*|dvc|papermill|sbatch|pipenv|mamba)\s+\S|(?:^\s*|[`$>]\s*)(?:make|docker|conda|matlab|julia|accelerate|th|uv|poetry|pixi|nix)\s+\S", re.M)  # fmt: skip
PLACEHOLDER = re.compile(r"coming soon|to be (?:added|released|updated|completed)|\bTODO\b|\bTBD\b|\bTBA\b|will be (?:released|updated|available|added|uploaded)|under construction|work in progress|^\W*describe (?:how|the|your)|\bmodel\(s\)|📋", re.I)  # fmt: skip
SYSTEM = re.compile(r"\b(?:Ubuntu|Debian|CentOS|Red ?Hat|RHEL|Fedora|Windows|mac ?OS|OS ?X|Scientific Linux|Rocky|SUSE|Arch Linux|Linux Mint)\b[^\n]{0,12}?\d+", re.I)  # fmt: skip
WALL = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:-\s*\d+\s*)?(?:s|sec\w*|min\w*|h|hrs?|hours?|days?|weeks?)\b", re.I
)
CPU_TIME = re.compile(r"CPU[- ](?:time|hours?|seconds|minutes)|processor time|core[- ]hours?|(?:user|CPU)[ :|]+\d", re.I)  # fmt: skip
CPU = re.compile(
    r"\b(?:Intel|AMD|Xeon|Core i\d|Ryzen|EPYC|Threadripper|Apple M\d|\w+ CPUs?)\b", re.I
)
COUNT = re.compile(r"\b\d+\s*(?:x|×|-)?\s*(?:CPU|core|processor|thread|GPU)s?", re.I)
GPU = re.compile(r"\b(?:graphics cards?|NVIDIA|GeForce|GTX|RTX|Tesla|Titan|Quadro|A100|V100|P100|H100|K80|T4|A6000|no GPU|without (?:a )?GPU)\b", re.I)  # fmt: skip
RAM = re.compile(r"\b\d+(?:\.\d+)?\s*(?:GB|GiB|G|TB|MB)\b[^\n]{0,20}\b(?:RAM|memory)|(?:RAM|memory)\b[^\n]{0,20}\b\d+\s*(?:GB|GiB|G|TB|MB)\b", re.I)  # fmt: skip


def details(facts) -> tuple[list[Evidence], list[str]]:
    """What of Heil's details the documents record, and what they do not.

    In a study the README is the place: what other papers say is made from the same record.
    """
    said = facts.prose.lines if facts.study else facts.prose.all
    lines = [line for line in said if len(line.text) < 3000]
    ordered = _order(facts)
    found, lacks = ([ordered] if ordered else []), ([] if ordered else ["the order of the steps"])
    wanted = {
        "operating system with version": SYSTEM, "wall-clock time": WALL, "CPU time": CPU_TIME,
        "CPU model": CPU, "number of CPUs or cores": COUNT, "GPU model or none": GPU, "RAM": RAM,
    }  # fmt: skip
    for name, pattern in wanted.items():
        line = next((line for line in lines if pattern.search(line.text)), None)
        if line is None:
            lacks.append(name)
        else:
            found.append(line.says())
    return found, lacks


def _order(facts) -> Evidence | None:
    """The order of the steps: numbered scripts, a workflow, or commands one after the other."""
    numbered = facts.tree.matching(r"(.*/)?0*[1-9][\w-]*[-_. ][\w. -]*\.(py|r|rmd|ipynb|sh|m|jl)")
    if len(numbered) > 1:
        return Evidence("numbered scripts give the order", numbered[0])
    if any(entry.kind == "workflow" for entry in facts.entries):
        return Evidence("a workflow gives the order", facts.entries[0].path)
    commands = [line for line in facts.prose.lines if COMMAND.search(line.text)]
    return commands[0].says() if len(commands) > 2 else None


def has_block(tree: Tree) -> bool:
    """Whether README.md shows what a run needed, in the block that the run writes."""
    text = tree.text("README.md")
    inside = re.search(r"<!-- needed:begin -->(.*?)<!-- needed:end -->", text, re.DOTALL)
    return bool(inside) and "|" in inside[1]


def steps_left_out(facts) -> list[Evidence]:
    """What keeps the one command of a study from running every numbered script."""
    tree = facts.tree
    if "tools/tools.lock" in tree.sizes and not tree.matching(r"tools/gold_standard-[^/]+\.whl"):
        return [Evidence("the machinery's wheel is not in tools/", "tools/tools.lock")]
    snakefile = facts.tree.text("Snakefile")
    if not snakefile:
        return [Evidence("there is no Snakefile", "Snakefile")]
    scripts = facts.tree.matching(r"scripts/\d+[\w-]*\.py")
    code = "\n".join(line.split("#")[0] for line in snakefile.splitlines())
    lost = set(re.findall(r"\b(?:scripts|src)/[\w./-]{1,200}\.py\b", code)) - set(facts.tree.paths)
    lost = [Evidence(f"it runs {path}, which is not here", "Snakefile") for path in sorted(lost)]
    return [*lost, *(Evidence("no rule runs it", path) for path in scripts if path not in code)]


def judge(facts) -> Finding:
    """The README says data, dependencies, training, evaluation and models; what it names exists.

    Simkó et al. 2024, 3.2 Documentation.
    """
    prose = facts.prose
    if prose.readme is None:
        return failed("There is no README.")
    nested = any(re.search(r"(^|/)read_?me", line.path, re.I) for line in prose.others)
    if (
        prose.words < 40
        and not nested
        and not any(line.code or COMMAND.search(line.text) for line in prose.lines)
    ):
        return failed(
            "The README says next to nothing.", Evidence(f"{prose.words} words", prose.readme)
        )
    leftover = [line for line in prose.lines if LEFTOVER.search(line.text)]
    if leftover:
        return failed("The README still holds the words of the template that it was made from.", *[line.says() for line in leftover[:2]])  # fmt: skip
    seen, lacks = _parts(facts)
    denied = prose.find(r"\bdoes not (?:provide|include|contain|cover)\b[^.]*\b(?:evaluat|train)")
    if denied:
        return failed("The README says that a part is missing.", denied[0].says())
    if lacks:
        return failed(f"The README does not say: {', '.join(lacks)}.", Evidence("the README", prose.readme, 1), *seen[:2])  # fmt: skip
    lost = _lost(facts)
    if lost:
        return failed("The README names files that do not exist.", *lost[:4])
    unknown_options = _unknown_options(facts)
    if unknown_options:
        return failed("The README gives scripts options that they do not know.", *unknown_options[:4])  # fmt: skip
    return passed("The README says how to get data and packages, train and evaluate, and where the models are.", *seen[:5])  # fmt: skip


def _parts(facts) -> tuple[list[Evidence], list[str]]:
    """For each part the first line that tells people about it, and the parts without one."""
    seen, lacks = [], []
    more = [line for line in facts.prose.others if re.search(r"(^|/)(read_?me|install|usage|data|reproduc|docs?/|documentation/|vignettes/)", line.path, re.I)]  # fmt: skip
    names = {path: path.rsplit("/", 1)[-1] for path in {line.path for line in facts.prose.others}}
    sent = {path for path, name in names.items() if name.lower()[:6] != "readme" and name in facts.prose.text}  # fmt: skip
    more += [line for line in facts.prose.others if line.path in sent] + _notebooks(facts)
    title = next((line.heading for line in facts.prose.lines if line.heading), "")
    lines = [x for x in [*facts.prose.lines, *more] if x.text.strip() and (x.heading == title or not _aside(x))]  # fmt: skip
    runs = _Runs(facts)
    for name in PARTS:
        tells = runs.tells if name in ("training", "evaluation") else _tells
        hit = next((line for line in lines if tells(line, name)), None)
        if hit is not None:
            seen.append(hit.says())
        elif name == "data" and (
            links := [e for e in facts.data.linked if e.path == facts.prose.readme]
        ):
            seen.append(links[0])  # a link to where the data are
        elif not (name == "dependencies" and _file_named(facts)):
            lacks.append(name)
    there = bool(facts.study or facts.models.available)  # a study's come with its first run
    kept = next((x.says() for x in lines if _keeps_models(x, there)), None)
    paths = {line.path for line in lines}
    kept = kept or next(
        (e for e in facts.models.linked + facts.models.archived if e.path in paths), None
    )
    learns = facts.imported.keys() & (DEEP | CLASSIC) or facts.learning.trains
    if kept:
        seen.append(kept)
    elif learns or facts.models.available:
        lacks.append("where the trained models are")
    return seen, lacks


# Where the trained models are: to be had somewhere, or written there by one's own training.
_OURS = r"(?:models?|networks?|nets?|weights|checkpoints?|classifiers?|regressors?|forests?|agents?|estimators?)"
TRAINED = re.compile(rf"\b(?:(?:pre-?)?trained|fitted)[ -](?:[\w-]+ ){{0,3}}{_OURS}\b|\b(?:saved|best|final) models?\b|\bmodels? (?:director(?:y|ies)|folder)\b|\bmodel (?:files?|parameters|state)|\bweights\b|\bcheckpoints?\b|\bmodels?:|\bdownload (?:the |our )?models?\b|(?<!data)(?<!dataset)(?<!datasets)\.(?:pth?|ckpt|h5|hdf5|onnx|pb|safetensors|caffemodel)\b", re.I)  # fmt: skip
PLACE = re.compile(r"://|\]\(|\w/|`|\b(?:folder|director(?:y|ies)|here|released?|available|hub|zoo|zip|stored|saved|provided?|download\w*|located)\b", re.I)  # fmt: skip
WRITES = re.compile(rf"\b(?:sav|stor|writ|keep|dump|leav)(?:e[sd]?|ing|t?en|s)?\b[^.\n]{{0,60}}\b{_OURS}\b[^.\n]{{0,60}}\b(?:in|to|into|at|under|as)\b|\b{_OURS}\b[^.\n]{{0,60}}\b(?:(?:is|are|be|get|gets) (?:\w+ )?(?:saved|stored|written|kept)|ends? up|then in)\b|\b(?:saves?|writes?|leaves?|produces?|creates?)\b[^.\n]{{0,40}}\w\.(?:pth?|ckpt|h5|hdf5|onnx|safetensors|pkl|joblib|rds)\b", re.I)  # fmt: skip
NOT_OURS = re.compile(r"image-?net|backbone|initiali[sz]|\bloss\b|class weights|sample weights|not (?:be )?(?:available|released|shared|provided)|will be (?:made |publicly |soon )*(?:available|released|shared|provided|uploaded|published)|\bfeatures?\b[^.\n]{0,60}\.pt\b|Error:|/(?:your_?)?model_name\b|download (?:the )?(?:google |official )?pre-?trained (?:swin|vit|resnet|pvt|densenet|bert|google)", re.I)  # fmt: skip
OF_MODELS = re.compile(r"\b(?:models?|weights|checkpoints)\b\W*$", re.I)  # a heading


def _keeps_models(line, there: bool) -> bool:
    """Whether a line says where trained models are: somewhere to be had, or where runs put them.

    `there`: whether there are any to be had; else only what a run writes can be meant.
    """
    text = line.text[:2000]
    if NOT_OURS.search(text) or line.code and line.path.endswith(".ipynb"):
        return False
    below = OF_MODELS.search(line.heading.split(" > ")[-1]) and "://" in text
    had = below or TRAINED.search(text) and PLACE.search(text)
    return bool(there and had or WRITES.search(text))


def _notebooks(facts) -> list:
    """The words of the notebooks that the README sends people to."""
    named = set(re.findall(r"[\w.-]{1,100}\.ipynb\b", facts.prose.text))  # in a link, too
    there = [path for path in facts.tree.paths if path.rsplit("/", 1)[-1] in named][:10]
    return [line for path in there for line in of_notebook(path, facts.tree.text(path))]


def _aside(line) -> bool:
    last = line.heading.split(" > ")[-1]
    return bool(re.search(r"citation|^cite|citing|reference|acknowledg|licen[sc]e|abstract|news|update|change ?log|related|contact|author", last)) or line.lower.lstrip().startswith(("@", "title", "author", "booktitle", "journal", "year"))  # fmt: skip


def _tells(line, part: str) -> bool:
    """A line about data or dependencies that helps: a command, or a sentence where it belongs."""
    bare, heading = _words(line), line.heading.split(" > ")[-1]
    if part == "dependencies" and line.path.endswith(".ipynb"):
        return False  # what a notebook imports, nobody was told to install
    if PLACEHOLDER.search(bare) or bare.startswith("#") and not line.code:
        return False
    if part == "dependencies" and CLONES.search(bare):
        return False
    if HEADINGS[part].search(heading) and len(heading) < 40 and len(bare) > 15:
        runs = part == "dependencies" and (bare.startswith("(") or FILE.search(bare))
        return not runs or bool(PARTS[part].search(bare))
    if part == "dependencies" and HEADINGS[part].search(heading) and VERSION.fullmatch(bare):
        return True
    if COMMAND.search(bare) or line.code:
        return bool(COMMANDS[part].search(bare))
    helps = {"data": GETS, "dependencies": PARTS["dependencies"]}[part]
    return len(bare) > 25 and bool(PARTS[part].search(bare)) and bool(helps.search(bare))


# A package or a language with its version, and nothing more.
VERSION = re.compile(r"(?:[-*+] )?[A-Za-z][\w.-]{1,40}(?: ?[=<>~]{1,2} ?| v?)\d[\w.]{0,20}", re.I)


NO_WORDS = re.compile(
    r"\[!\[[^\]\n]{0,300}\]\([^)\n]{0,600}\)\]\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\]\(#[^)\n]{0,200}\)|"  # badges, contents
    r"\[[^\]\n]{0,300}\]\(https?://(?:www\.)?(?:dx\.)?(?:arxiv|doi|openreview|openaccess|ieeexplore|link\.springer|papers)\.[^)\n]{0,300}\)"
    r"|!\[[^\]\n]{0,300}\]\([^)\n]{0,600}\)|https?://(?![^\s)]{0,300}\.(?:ipynb|py|Rmd|nb\.html)\b)\S+|<[^>\n]{0,600}>"  # addresses
    r"|\btested (?:on|with|under|in|using|running)\b[^.\n]{0,60}(?:Ubuntu|Linux|Windows|mac ?OS|python|torch|tensorflow|keras|CUDA|matlab|\d\.\d).*"  # of systems
    r"|^[ \t]*[-*]?\s*\[[^\]\n]{0,100}\]\(#.*|^[ \t]*--\w.*|\s#\s.*",  # contents, options, comments
    re.I,
)


def _words(line) -> str:
    """What a line says, without addresses, pictures, options, listings, and where it was tried."""
    if re.match(r"[\s│|`+]*(?:[├└]|-- |\|-- )", line.text) and not FILE.search(line.text):
        return ""
    return NO_WORDS.sub(" ", line.text[:2000]).strip()


CLONES = re.compile(r"\b(?:clone|get the code|download (?:the|this) (?:code|repository))\b", re.I)


def _leading(facts) -> set[str]:
    """Names of the scripts that train by what they import, and are not there to test it."""
    trained = {one.path for one in facts.learning.trains}
    leads = facts.code.over_reach(lambda module: int(module.path in trained), 0)
    paths = [m.path for m in training.starts(facts.code) if leads[m.path]]
    return {path.rsplit("/", 1)[-1] for path in paths if not training.TEST_NAMES.search(f"/{path}")}


class _Runs:
    """Whether a line tells how to train or to evaluate: a command, or a file that does it."""

    def __init__(self, facts) -> None:
        trains = {e.path.rsplit("/", 1)[-1] for e in facts.learning.trains if e.path}
        judges = {e.path.rsplit("/", 1)[-1] for e in facts.learning.judges if e.path}
        trains |= _leading(facts)
        self.files = {"training": trains, "evaluation": judges}
        self.title = next((x.heading for x in facts.prose.lines if x.heading), "")
        self.there = {path.rsplit("/", 1)[-1].lower() for path in facts.tree.paths}
        self.one = len(facts.code.modules) + len(facts.code.others) <= 2

    def tells(self, line, part: str) -> bool:
        bare = _words(line)
        if PLACEHOLDER.search(bare) or bare.startswith("#") and not line.code:
            return False
        if INSTALLS.search(bare) or len(bare) < 12:
            return False
        if ABOUT_DATA.search(line.path):
            return False
        named = any(one[0].lower() in self.there for one in FILE.finditer(bare))
        stands = self._stands_under(line, part)
        speaks = bool(PARTS[part].search(bare)) or stands
        if IN_ORDER.search(bare):
            return True
        if WHOLE.search(bare) and (COMMAND.search(bare) or line.code or named) and len(bare) < 200:
            return True
        if self._heads(line.heading.split(" > ")[-1], part) and len(bare) > 25:
            return True  # what stands below the name of the file
        if self._names(bare, part):
            # A sentence about training tells nothing of evaluation, whatever the file can do.
            elsewhere = part == "evaluation" and PARTS["training"].search(bare)
            return speaks or self.one or not elsewhere
        if named or COMMAND.search(bare) or line.code:
            return speaks
        return stands and len(bare) > 50

    def _stands_under(self, line, part: str) -> bool:
        """Whether the heading above is of the part; the title says what it all is about."""
        heading = line.heading.split(" > ")[-1]
        if line.heading == self.title or not HEADINGS[part].search(heading):
            return False
        mixed = part == "evaluation" and HEADINGS["training"].search(heading)
        return not mixed or bool(re.search(r"eval|test|infer|predict", heading))

    def _heads(self, heading: str, part: str) -> bool:
        """Whether a heading names one of the files; headings are kept without underscores."""
        names = {name.lower().replace("_", "") for name in self.files[part]}
        return "." in heading and any(name in heading.replace("_", "") for name in names)

    def _names(self, text: str, part: str) -> bool:
        """Whether a text names one of the files of a part; 04_train.py is another than train.py."""
        modules = {one.rsplit(".", 1)[-1] + ".py" for one in re.findall(r"-m ([\w.]{1,200})", text)}
        if modules & self.files[part]:
            return True
        return any(
            re.search(rf"(?<![\w-]){re.escape(n)}", text, re.I)
            for n in self.files[part]
            if n.lower() in text.lower()
        )


INSTALLS = re.compile(r"\b(?:pip3?|conda|mamba|apt(?:-get)?|poetry|uv|docker) (?:install|create|env|activate|build|pull|sync|add)|git clone", re.I)  # fmt: skip
WHOLE = re.compile(r"(?:\b|(?<=_))(?:snakemake|nextflow|dvc repro|(?<![a-z] )make\b(?! (?:sure|use|an?|the|server?|install|clean|docs?|env\w*|setup)\b)|reproduce|run_all|run_?everything|pipeline|workflow|targets::|drake)", re.I)  # fmt: skip
IN_ORDER = re.compile(r"\b(?:notebooks|scripts)\b[^.]{0,60}\bin (?:the )?(?:given |numerical |this |following )?order\b", re.I)  # fmt: skip
HEADINGS = {
    "data": re.compile(r"\bdata|pre-?process|corpus|inputs?\b", re.I),
    "dependencies": re.compile(r"require|depend|install|environment|prerequisite|set-?up|packages?\b(?! structure)|librar(?:y|ies)|\bversions?\b|platform|software|docker", re.I),
    "training": re.compile(r"(?<![\w-])(?:re-?)?train(?!ed\b)|fine-?tun|\bfit", re.I),
    "evaluation": re.compile(r"evaluat|\btest|inferen|predict|demo\b|validat|results|sampling|generat|figures", re.I),
}  # fmt: skip
COMMANDS = {
    "data": re.compile(r"data|download|wget|curl|preprocess|prepare|split|extract|convert|kaggle|gdown|unzip", re.I),
    "dependencies": re.compile(r"install|conda|pip|docker|environment|requirements|renv|uv (?:sync|run)|poetry|pipenv|pixi|nix |apt|reproduce\.py", re.I),
}  # fmt: skip
# A document in a folder of data tells of data.
ABOUT_DATA = re.compile(r"(?:^|/)[\w-]*(?:data|dataset|datasets|preprocessing)/", re.I)
FILE = re.compile(r"[\w-]{2,80}\.(nb\.html|py|ipynb|sh|R|m|r|Rmd|jl)\b")
GETS = re.compile(
    r"download|obtain|available (?:at|from|on|in|here)|can be found|put |place|folder|director|\bpath\b|format|stored|unzip|prepar|pre-?process|convert|hosted|contains|\.csv|\.h5|access",
    re.I,
)


def _file_named(facts) -> bool:
    return bool(re.search(r"requirements[\w-]*\.txt|environment[\w-]*\.ya?ml|Dockerfile|setup\.py|renv\.lock|pyproject\.toml", facts.prose.text))  # fmt: skip


MADE = re.compile(r"path/to|your_|/path|<|\{|\$|\*|xxx|\.\.\.|example\.|(^|/)(data|datasets?|output|outputs|results?|checkpoints?|logs?|runs?|save\w*|tmp|dataset\w*|experiments?/.*)/", re.I)  # fmt: skip


# What hosts of code show beside the README; nothing of the work is in it.
COMMUNITY = re.compile(r"(?:^|/)(?:contributing|changelog|changes|code_of_conduct|security|licen[sc]e|authors|citation)[\w.-]*$", re.I)  # fmt: skip


def _lost(facts) -> list[Evidence]:
    """Files that the README tells people to run or to open, and that are not there."""
    code = re.compile(r"\.(py|ipynb|sh|r|rmd|m|jl|smk)$", re.IGNORECASE)
    lost, fine = {}, 0
    elsewhere = bool(re.search(r"git clone(?! .*\.git\s*$)", facts.prose.text))
    for path, line in [*named_files(facts.prose), *_quoted(facts), *_linked(facts)]:
        if COMMUNITY.search(path) or MADE.search(path) or not code.search(path) and not path.lower().endswith((".md", ".txt", ".yml", ".yaml")):  # fmt: skip
            continue
        if is_there(facts.tree, path) or path in facts.tree.links:
            fine += 1
        elif path not in lost:
            lost[path] = line.says(f"names {path}, which is not here")
    for path in list(lost)[:20]:  # a slip of the pen is forgiven; each is held against many names
        name = path.rsplit("/", 1)[-1]
        alike = facts.tree.ending("." + name.rpartition(".")[2])[:3000]
        bases = {one.rsplit("/", 1)[-1].lower() for one in alike}
        numbers = re.findall(r"\d+", name)  # another number is another file
        bases = {one for one in bases if re.findall(r"\d+", one) == numbers}
        if difflib.get_close_matches(name.lower(), bases, n=1, cutoff=0.88):
            lost.pop(path)
    if elsewhere and fine >= len(lost):  # commands of another repository that is cloned first
        return list(lost.values()) if len(lost) > 3 else []
    return list(lost.values())


QUOTED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|ipynb|sh|R|r|Rmd|m|jl|smk))`")


def _quoted(facts) -> list[tuple]:
    """Code that the README names in a folder of the repository; a slip of the pen is forgiven."""
    found = []
    for line in facts.prose.lines:
        for path in QUOTED.findall(line.text):
            folder = path.rpartition("/")[0]
            if not folder and "xx" not in path:
                found.append((path, line))
            beside = [] if path in facts.tree.sizes or not folder else facts.tree.below(folder)
            if beside and not difflib.get_close_matches(path, beside[:500], n=1, cutoff=0.95):
                found.append((path, line))
    return found


IN_REPOSITORY = re.compile(r"github\.com/([\w-]+/[\w.-]+)/(?:blob|tree)/[\w.-]+/([^\s#?)]+)")


def _linked(facts) -> list[tuple]:
    """Files at the end of links into a repository of which most of what is linked is here."""
    places: dict[str, list[tuple]] = {}
    for link in facts.prose.links:
        found = IN_REPOSITORY.search(link.address[:1000])
        if found:
            path = unquote(found[2]).rstrip("/")
            places.setdefault(found[1].lower(), []).append((path, link.line))
    own = [all for all in places.values() if _mostly_here(facts.tree, [path for path, _ in all])]
    return [pair for pairs in own for pair in pairs]


def _mostly_here(tree: Tree, paths: list[str]) -> bool:
    here = sum(tree.has(path) for path in paths)
    return here > 1 and 2 * here > len(paths)


OPTION = re.compile(r"(?<![\w-])--([A-Za-z][\w-]{1,60})")


def _unknown_options(facts) -> list[Evidence]:
    """Options that the README gives a script, and that stand in nothing that the script imports.

    A script may leave its options to a library, so that only those which read some are asked.
    """
    code = facts.code
    flags = code.kept("flags", lambda m: frozenset(one.replace("-", "_") for one in m.flags))
    named: dict[str, list] = {}
    for module in code.modules:
        named.setdefault(module.path.rsplit("/", 1)[-1], []).append(module)
    found: dict[str, Evidence] = {}
    scripts: list = []  # that the present command runs
    for line in facts.prose.lines:
        text = line.text[:2000]
        runs = RUN.findall(text)
        if runs:
            scripts = named.get(runs[-1].rsplit("/", 1)[-1], [])
        known = {one for module in scripts for one in flags[module.path]}
        after = text.rpartition(runs[-1])[2] if runs else text
        for option in OPTION.findall(after) if known else ():
            name = option.replace("-", "_")
            if option == "help" or name in known or option in found or len(found) > 20:
                continue
            reached = code.reached(scripts)
            texts = [module.text for module in code.modules if module.path in reached]
            if not any(OPEN.search(one) or _written(name, one) for one in texts):
                found[option] = line.says(f"--{option} is no option of {scripts[0].path}")
        if not text.rstrip().endswith("\\"):
            scripts = []
    return list(found.values())


# Options that are put together when the script runs, or that a library adds.
OPEN = re.compile(r"add_argument\(\s*(?:[fF]?[\"'][\w-]*[\"']?\s*[+%{]|\w+[,)]|\*)|argparse_args|HfArgumentParser|parse_known_args|\bparents=|jsonargparse|configargparse|simple_parsing|\btyro\b|\bfire\b|LightningCLI|DEFINE_|hydra")  # fmt: skip


def _written(name: str, text: str) -> bool:
    """Whether a text has an option with its dashes, or as an attribute of what was parsed."""
    return any(f"--{one}" in text for one in (name, name.replace("_", "-"))) or bool(
        re.search(
            rf"\b(?:args?|opts?|options|cfg|config|params|flags|FLAGS)\.{re.escape(name)}\b", text
        )
    )
