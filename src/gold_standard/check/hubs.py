"""Models on a hub: whose they are, by the names of their owners and of the repository's own."""

import re
from collections import Counter

from gold_standard.check.prose import Prose
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
AT_HOME = re.compile(r"blob/|tree/|raw/|releases|issues|actions|workflows|badge|mybinder|colab|githubusercontent|git clone", re.IGNORECASE)  # fmt: skip
MOST_NAMES = 3


def owners(tree: Tree, prose: Prose) -> frozenset[str]:
    """Who owns the repository, by the addresses that it gives of itself, in small letters."""
    counted: Counter[str] = Counter()
    cloned = False
    for line in prose.lines:
        text = line.text[:2000]
        clones = "git clone" in text
        if "git" not in text or clones and cloned or not AT_HOME.search(text):
            continue
        cloned = cloned or clones  # who is cloned after that is needed for something
        counted.update({_plain(next(filter(None, found))) for found in PLACE.findall(text)})
    for path in ("CITATION.cff", "setup.py", "setup.cfg", "pyproject.toml", "DESCRIPTION"):
        for found in PLACE.findall(tree.text(path)) if path in tree.sizes else ():
            counted[_plain(next(filter(None, found)))] += 3
    return frozenset(name for name, _ in counted.most_common(MOST_NAMES))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


# A folder on the own machine, where the name of an owner would stand.
LOCAL = re.compile(r"(?:outputs?|models?|checkpoints?|ckpts?|data|results?|saved\w*|runs?|logs?|weights|pre_?trained\w*|trained\w*|tmp|cache|assets|resources|exp\w*|path|your\w*|user\w*|datasets|spaces)/", re.IGNORECASE)  # fmt: skip


def is_name(name: str) -> bool:
    """Whether it is `owner/model`, or `model` alone; a path of the own machine is neither."""
    return bool(re.fullmatch(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?", name)) and not LOCAL.match(name)


def is_own(name: str, own: frozenset[str]) -> bool:
    """Whether `owner/model` belongs to an owner of the repository."""
    return "/" in name and not COMPANIES.search(name) and _plain(name.partition("/")[0]) in own


def is_generic(name: str, own: frozenset[str]) -> bool:
    """Whether `owner/model`, or a bare name, is one that others start from."""
    if is_own(name, own):
        return False
    return "/" not in name or bool(COMPANIES.search(name) or GROUPS.search(name))
