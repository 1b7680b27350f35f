"""Models on a hub: whose they are, by the names of their owners and of the repository's own."""

import re
from collections import Counter
from dataclasses import dataclass

from gold_standard.check.prose import Prose, plain
from gold_standard.check.tree import Tree

# Companies and teams whose models others start from, and names that the hub itself gives.
COMPANIES = re.compile(
    r"^(?:(?:google-)?bert|gpt2?|roberta|distil\w*|t5|facebook(?:ai|research)?|google|microsoft|openai(?:-community)?|timm|nvidia|meta(?:-llama)?|stabilityai|runwayml|CompVis|huggingface\w*|sentence-transformers|albert|xlnet|xlm|allenai|intfloat|BAAI|mistralai|Qwen|THUDM|EleutherAI|tiiuae|bigscience|bigcode|laion|torchvision|pytorch|tensorflow|keras|deepset|deepseek-ai|apple|intel|amazon|ibm\w*|tencent\w*|baidu|salesforce|databricks|mosaicml|lmsys|unsloth|TheBloke|openbmb|openai|moonshotai|black-forest-labs|PaddlePaddle|OpenGVLab|IDEA-Research|shi-labs|hf-internal-testing|speechbrain|pyannote)(?:[-/_]|$)",
    re.IGNORECASE,
)
# Groups whose models many start from as well; their own repositories give them as their own.
GROUPS = re.compile(
    r"^(?:emilyalsentzer|dmis-lab|dandelin|cardiffnlp|Rostlab|InstaDeepAI|zhihan1996|seyonec|DeepChem|michiyasunaga|cambridgeltl|princeton-nlp|bionlp|monologg|StanfordAIMI|medicalai|UFNLP|kamalkraj|nlpaueb|yikuan8|MahmoodLab|prov-gigapath|paige-ai|owkin|bioptimus|histai|kaiko-ai|ctheodoris|songlab|arcinstitute|LongSafari|nielsr|lambdalabs|patrickvonplaten|flaviagiammarino|wanglab|BioMistral|epfl-llm|lmms-lab|llava-hf|liuhaotian|lmsys|hustvl|jinaai|nomic-ai|mixedbread-ai|thenlper|hfl|uclanlp|ckiplab|cl-tohoku|neuralmind|PlanTL\w*|dbmdz|camembert|flaubert)(?:[-/_]|$)",
    re.IGNORECASE,
)
PLACE = re.compile(r"github\.com[/:]([\w-]{2,40})/[\w.-]+?(?:\.git|/(?:blob|tree|raw|releases|issues|actions|wiki|workflows|archive)\b|(?=[\s)\"'>\]]|$))|//([\w-]{2,40})\.github\.io/|mybinder\.org/v2/gh/([\w-]{2,40})/|githubusercontent\.com/([\w-]{2,40})/", re.IGNORECASE)  # fmt: skip
# Pictures that tell the state of the repository in which they stand, and what opens it elsewhere.
BADGE = re.compile(r"github\.com/([\w-]{2,40})/[\w.-]+/(?:actions/)?workflows/[^\s)]{1,80}badge|shields\.io/github/(?:[\w-]{1,30}/){1,3}?([\w-]{2,40})/[\w.-]+|travis-ci\.(?:com|org)/([\w-]{2,40})/|codecov\.io/g(?:h|ithub)/([\w-]{2,40})/|mybinder\.org/v2/gh/([\w-]{2,40})/|zenodo\.org/badge/\d+/([\w-]{2,40})/|colab\.research\.google\.com/github/([\w-]{2,40})/", re.IGNORECASE)  # fmt: skip
METADATA = ("CITATION.cff", "setup.py", "setup.cfg", "pyproject.toml", "DESCRIPTION")


@dataclass(frozen=True)
class Owner:
    """Who owns the repository, in small letters, and how surely."""

    name: str = ""
    sure: bool = False  # by metadata or by the command that clones it
    work: str = ""  # the name that the work gives itself, with which its models' names begin


def owners(tree: Tree, prose: Prose) -> Owner:
    """Who owns the repository, by what it says of itself; links may lead to anybody."""
    metadata = [name for path in METADATA if path in tree.sizes for name in _named(PLACE, tree.text(path))]  # fmt: skip
    # Who is cloned after the first is needed for something.
    clone = next((line.text[:2000] for line in prose.lines if "git clone" in line.text), "")
    badges = [name for line in prose.lines[:TOP] for name in _named(BADGE, line.text[:2000])]
    work = _work(prose)
    for names, sure in ((metadata, True), (_named(PLACE, clone), True), (badges, False)):
        if names:
            return Owner(Counter(names).most_common(1)[0][0], sure, work)
    return Owner(work=work)


# A title of one word, or one word before what it stands for: `NAME: a long description`.
TITLE = re.compile(r"([\w-]{4,30})(?:\s*[:(–—]|\s+-\s|\s*$)")


def _work(prose: Prose) -> str:
    """The name of the work by the title of its README; '' where it is words, or another's name."""
    title = next((line.heading for line in prose.lines if line.heading), "").split(" > ")[0]
    written = (plain(line.text) for line in prose.lines[:TOP])
    found = TITLE.match(next((text for text in written if text.lower() == title), ""))
    if found and not re.search(r".[A-Z]|\d", found[1]):
        return ""  # a word such as any other
    foreign = found and (COMPANIES.search(found[1]) or GROUPS.search(found[1]))
    return _plain(found[1]) if found and not foreign and len(_plain(found[1])) >= 4 else ""


TOP = 60  # lines of a README among which badges stand


def _named(pattern: re.Pattern, text: str) -> list[str]:
    return [_plain(next(filter(None, found))) for found in pattern.findall(text)]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


# A folder on the own machine, where the name of an owner would stand.
LOCAL = re.compile(r"(?:outputs?|models?|checkpoints?|ckpts?|data|results?|saved\w*|runs?|logs?|weights|pre_?trained\w*|trained\w*|tmp|cache|assets|resources|exp\w*|path|your\w*|user\w*|datasets|spaces)/", re.IGNORECASE)  # fmt: skip


def is_name(name: str) -> bool:
    """Whether it is `owner/model`, or `model` alone; a path of the own machine is neither."""
    return bool(re.fullmatch(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?", name)) and not LOCAL.match(name)


def is_own(name: str, own: Owner) -> bool:
    """Whether `owner/model` belongs to the owner of the repository."""
    if "/" not in name or COMPANIES.search(name):
        return False
    owner, _, model = name.partition("/")
    if own.work and _plain(model).startswith(own.work) and not COMPANIES.search(model):
        return True
    return _plain(owner) == own.name and (own.sure or not GROUPS.search(name))


def is_generic(name: str, own: Owner) -> bool:
    """Whether `owner/model`, or a bare name, is one that others start from."""
    if is_own(name, own):
        return False
    return "/" not in name or bool(COMPANIES.search(name) or GROUPS.search(name))
