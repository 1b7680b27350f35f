"""Where code and sentences say that trained models lie: files, folders, archives of data."""

import re

from gold_standard.check.code import Code
from gold_standard.check.identifiers import ARCHIVES, MODEL_WORDS
from gold_standard.check.prose import ADDRESS, Line, Link, Prose
from gold_standard.check.tree import Tree, path_ends
from gold_standard.check.verdicts import Evidence

SURE = (".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".skops", ".caffemodel", ".pdparams", ".keras", ".tflite", ".t7", ".mlmodel", ".pth.tar", ".pt.gz", ".pth.gz", ".ckpt.index", ".ckpt.meta", ".params", ".chkpt", ".tar.pth", ".pth.zip", ".ckpt.zip", ".torch", ".weights", ".cbm", ".xgb", ".lgb", ".ubj", ".pdiparams", ".ptl", ".pt2", ".eqx", ".nemo", ".gguf", ".engine", ".trt", ".orbax")  # fmt: skip
MAYBE = (".bst", ".h5", ".hdf5", ".pb", ".pkl", ".pickle", ".joblib", ".bin", ".model", ".mat", ".rds", ".rda", ".rdata", ".npz", ".npy", ".json", ".sav", ".zip", ".tar.gz", ".index", ".txt", ".jld2", ".bson", ".gz", ".p", ".msgpack", ".dill", ".tgz", ".hd5", ".hdf", ".tar", ".7z", ".tar.xz", ".tar.bz2", ".bz2", ".xz", ".z", ".qs", ".cloudpickle", ".joblib.gz", ".sklearn")  # fmt: skip
# A folder of models, by any one of the words in its name.
MODEL_FOLDER = re.compile(r"(?:^|[/_.-])(?:(?:saved|trained|pre_?trained|best|final)_?(?:networks?|nets)|(?:saved|trained|pre_?trained|best|final)?_?(?:models?|weights)|checkpoints?|ckpts?|pre_?trained)(?=[/_.-]|\d)(?![\w.-]*(?:data|results?|figures?|outputs?)/)", re.IGNORECASE)  # fmt: skip
SHARES = re.compile(
    r"drive\.google|docs\.google\.com/uc|dropbox\.com|onedrive|1drv\.ms|sharepoint|pan\.baidu|box\.com|mega\.nz|amazonaws|storage\.googleapis|"
    r"github\.com/[^/]+/[^/]+/(?:releases|raw|blob|tree)|github\.com/.*/releases|dl\.fbaipublicfiles|wandb\.ai/[^/]+/[^/]+/(?:artifacts|runs)|nextcloud|owncloud|seafile|cloud\.|/[fd]/[0-9a-f]{16,}|://(?:bit\.ly|tinyurl\.com|goo\.gl)/|modelscope|jbox|gigadb|transfer\.|s3[.-]|gitlab.*(?:raw|blob|jobs|package)|sciebo|polybox|surfdrive|filesender|heibox|keeper\.mpdl|\.(?:pth?|ckpt|h5|hdf5|onnx|pkl|safetensors|zip|tar\.gz|tar)\b",
    re.IGNORECASE,
)
FILE_SHARES = re.compile(r"drive\.google|dropbox\.com|onedrive|1drv\.ms|sharepoint|pan\.baidu|box\.com|mega\.nz", re.IGNORECASE)  # fmt: skip
# Weights that many start from, by their names.
GENERIC = re.compile(
    r"imagenet|resnet-?\d+[-_][0-9a-f]{8}|vgg_?-?\d+(?:_bn)?[-_.](?:[0-9a-f]{8}|weights|bn|caffe|npy|mat|pth)|(?:resnet|densenet|inception|xception|mobilenet|efficientnet|vgg|alexnet|swin|vit|deit|bert|roberta|gpt2)[\w-]*_?(?:weights)?_?(?:tf_dim|tf_kernels|notop|imagenet|pretrain)"
    r"|^(?:resnet|densenet|vgg|alexnet|inception|efficientnet|mobilenet)[\w-]*\.(?:pth|pt|h5|npy|mat|ckpt|pkl)$|lpips|vgg\.pth|inception-2015|medsam|(?:rcnn|retinanet|yolo\w*|deeplab\w*|ssd)[\w-]{0,40}_coco|pt_inception|sam_vit_|dinov?2?_|clip_vit|moco_v\d|r50_\w*pretrain",
    re.IGNORECASE,
)
# Folders of other people's methods, to which the work is compared.
BASELINES = re.compile(r"(?:^|/)(?:\w{0,20}_)?(?:baselines?|competitors?|(?:other|compared?|competing|comparison|previous|existing|sota)[_-]?(?:methods?|models?|works?|approaches))(?:_\w{0,20})?/", re.IGNORECASE)  # fmt: skip
STANDINS = "models-standin/"  # trained on rows that were made up
DATA_FOLDER = re.compile(r"(?:^|/)(?:[\w-]*data(?:sets?)?|inputs?|masks?|images?|results?)/", re.I)
PROMISE = re.compile(r"(?:will|soon|coming|upon (?:acceptance|publication)|to be)\b[^.]{0,50}(?:releas|upload|availab|publish|provid|shar|add)|coming soon|on request|upon request|\bTODO\b", re.IGNORECASE)  # fmt: skip
TRAINED = re.compile(
    r"\b(?:pre-?)?trained\b|\bweights\b|\bcheckpoints?\b|\bmodels? (?:files?|in|from)\b", re.I
)
PLACE = re.compile(
    r"(?<![\w:/.])(?:\./)?((?:[\w.-]{1,80}/){1,8}[\w.-]{0,80}|[\w.-]{2,80}\.\w{1,8})"
)


def _files(tree: Tree) -> list[str]:
    """Files that may be trained models, and none that somebody else trained."""
    return [
        path for path in tree.paths
        if path.lower().endswith((*SURE, *MAYBE)) and tree.sizes[path] > 500
        and not path.startswith(STANDINS) and not GENERIC.search(path)
        and not GENERIC.search(path.rpartition("/")[2]) and not BASELINES.search(path)
    ]  # fmt: skip


def spoken_of(tree: Tree, prose: Prose) -> list[Evidence]:
    """Files and folders that a sentence of a document calls trained models, whatever their names."""
    files = [p for p in _files(tree) if not p.endswith((".txt", ".json"))]
    within: dict[str, list[str]] = {}  # files by their own path, and by each folder above
    for path in files[:5000]:
        if not DATA_FOLDER.search(path):
            parts = path.split("/")[:20]
            for count in range(1, len(parts) + 1):
                within.setdefault("/".join(parts[:count]), []).append(path)
    found: dict[str, Evidence] = {}
    for line in prose.all if within else ():
        if not TRAINED.search(line.text) or PROMISE.search(line.text):
            continue
        for name in PLACE.findall(ADDRESS.sub(" ", line.text[:2000]))[:20]:
            for path in within.get(name.rstrip("./"), ())[:20]:
                told = f"called a trained model, {tree.sizes[path]:,} bytes"
                found.setdefault(path, Evidence(told, path))
    return list(found.values())


# What reads a trained model and nothing else; agents of reinforcement learning are zip archives.
LOADS = re.compile(
    r"(?:.*\.)?(?:load_model|load_weights|load_from_checkpoint|load_checkpoint|load_learner|import_keras_network)"
    r"|stable_baselines\d?\..*\.load|sb3(?:_contrib)?\..*\.load|.*\b(?:A2C|A3C|ACER|DDPG|DQN|PPO\d?|SAC|TD3|TRPO|TQC|ARS|RecurrentPPO|MaskablePPO|\w*(?:Agent|Policy|Model|Net|Classifier|Regressor|Booster|Predictor|Learner|Word2Vec|Doc2Vec|FastText))\.load"
)


def loaded(tree: Tree, code: Code) -> list[Evidence]:
    """Files that the code reads as trained models, whatever their names."""
    files = _files(tree)
    wanted = {}
    for module in code.main if files else ():
        for call in module.calls:
            if LOADS.fullmatch(call.name) and not module.path.startswith(tree.foreign):
                for name in (*call.args, *call.keywords.values()):
                    if isinstance(name, str) and 2 < len(name) < 200:
                        wanted[name.lower().removeprefix("./").removeprefix("../")] = call.name
    found = []
    for path in files if wanted else ():
        ends = path_ends(path.lower())
        call = next((wanted[e] for end in ends for e in (end, end.removesuffix(".zip")) if e in wanted), None)  # fmt: skip
        if call:
            found.append(Evidence(f"read by {call}, {tree.sizes[path]:,} bytes", path))
    return found


MODELS = r"(?:(?:pre-?)?trained (?:\w+ ){0,2}(?:models?|weights|networks?|classifiers?)|model weights|models? checkpoints?|checkpoints)"
# A sentence that says what is in something that is downloaded.
HOLDS = re.compile(r"(?:archive|\.zip|\.tar|tarball|\bfiles?|folder|directory|download|bundle|deposit|record|\bdrive|dataset|\bdata|\bit|which|`)[^.]{0,80}?\b(?:includ(?:es?|ing)|contain(?:s|ing)?|holds?|compris(?:es?|ing)|consists? of)\b[^.]{0,120}\b" + MODELS, re.IGNORECASE)  # fmt: skip
UNPACKS = re.compile(r"\b(?:extract|unzip|unpack|untar|decompress|download|put|place|copy|move|wget|curl)", re.IGNORECASE)  # fmt: skip
MADE_HERE = re.compile(r"\b(?:saved?|stored?|written|writes?|outputs?|will be|creates?|generated?|produced?)\b|this repo|not (?:include|contain)", re.IGNORECASE)  # fmt: skip
PACKED = re.compile(r"\.(?:zip|tar|tgz|tar\.\w+|7z|rar)(?:[?#/]|$)", re.IGNORECASE)
NEAR = 12  # lines between an address and the sentence that says what is there


def archives(tree: Tree, prose: Prose) -> list[Link]:
    """Links to archives of which a sentence says that trained models are among the data."""
    telling = [line for line in prose.lines if _tells(line)][:MOST_TELLING]
    tops = {top for line in telling if not line.code for top in _tops(tree, line)}
    near: dict[str, list[int]] = {}  # by heading, the lines that say what a download holds
    for line in telling:
        if HOLDS.search(line.text):
            near.setdefault(f"{line.path}:{line.heading}", []).append(line.number or 0)
    found = []
    for link in prose.links if telling else ():
        packed = PACKED.search(link.address) or ARCHIVES.search(link.address) or SHARES.search(link.address)  # fmt: skip
        if not packed or not UNPACKS.search(link.line.text):
            continue
        beside = near.get(f"{link.line.path}:{link.line.heading}", ())
        words = set(WORD.findall(ADDRESS.sub(" ", link.line.text[:2000]))) if tops else set()
        if words & tops or any(abs(n - (link.line.number or 0)) <= NEAR for n in beside):
            found.append(link)
    return found


def _tells(line: Line) -> bool:
    return bool(MODEL_WORDS.search(line.text) and (HOLDS.search(line.text) or PLACE.search(line.text))) and not MADE_HERE.search(line.text)  # fmt: skip


WORD = re.compile(r"[\w.-]*\w")
MOST_TELLING = 300  # sentences that are asked for the folders that they name


def _tops(tree: Tree, line: Line) -> set[str]:
    """The folders, not here, of which a sentence says that they hold a folder of models.

    Of a command nobody asks: it tells where a model is read as well as where it is written.
    """
    found = set()
    for place in PLACE.findall(ADDRESS.sub(" ", line.text[:2000]))[:20]:
        top, _, rest = place.strip("`").partition("/")
        if MODEL_FOLDER.search(f"{rest}/") and not tree.has(place):
            found.add(top)
    return found
