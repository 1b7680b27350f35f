"""The trained models of a repository: committed, linked, or fetched by its code."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from gold_standard.check.code import Code
from gold_standard.check.identifiers import ARCHIVES, DOI, MODEL_WORDS, ZOOS, doubt
from gold_standard.check.prose import ADDRESS, Prose, shortened
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

SURE = (".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".skops", ".caffemodel", ".pdparams", ".keras", ".tflite", ".t7", ".mlmodel", ".pth.tar", ".pt.gz", ".pth.gz", ".ckpt.index", ".ckpt.meta", ".params", ".chkpt", ".tar.pth", ".torch", ".weights")  # fmt: skip
MAYBE = (".h5", ".hdf5", ".pb", ".pkl", ".pickle", ".joblib", ".bin", ".model", ".mat", ".rds", ".rda", ".rdata", ".npz", ".npy", ".json", ".sav", ".zip", ".tar.gz", ".index", ".txt", ".cbm", ".xgb", ".lgb", ".jld2", ".bson", ".gz", ".p", ".msgpack", ".dill", ".tgz")  # fmt: skip
# What PyTorch saves as well: which cases are in which part of the data.
LISTS = re.compile(r"split|(^|[/_-])(ids?|idx|ind(ex|exes|ices)|subjects?|patients?|folds?|names|labels?|targets?|dataset|stats|means?|std)([_.-]|$)")  # fmt: skip
# Coefficients are the whole of a linear model.
COEFFICIENTS = re.compile(r"(?:classifier|model|lasso|ridge|elastic_?net|logistic|regression|signature|final)\w{0,40}[/_.-](?:[\w.-]{1,80}[_.-])?(?:coefs?|coefficients?|weights)\.(?:tsv|csv|txt)(?:\.gz)?$")  # fmt: skip
SHARD = re.compile(r"\.data-\d{5}-of-\d{5}$")  # the numbers of a checkpoint of TensorFlow
MODEL_NAME = re.compile(r"model|weight|check_?point|ckpt|trained|best|epoch|net\b|unet|classifier|(^|[/_-])(rf|svm|xgb|lgbm|cnn|lstm|mlp|gan|vae|ae|clf|dnn)([_.-]|\d|$)", re.IGNORECASE)  # fmt: skip
GENERIC = re.compile(
    r"imagenet|resnet-?\d+[-_][0-9a-f]{8}|vgg_?-?\d+(?:_bn)?[-_.](?:[0-9a-f]{8}|weights|bn|caffe|npy|mat|pth)|(?:resnet|densenet|inception|xception|mobilenet|efficientnet|vgg|alexnet|swin|vit|deit|bert|roberta|gpt2)[\w-]*_?(?:weights)?_?(?:tf_dim|tf_kernels|notop|imagenet|pretrain)"
    r"|^(?:resnet|densenet|vgg|alexnet|inception|efficientnet|mobilenet)[\w-]*\.(?:pth|pt|h5|npy|mat|ckpt|pkl)$|lpips|vgg\.pth|inception-2015|medsam|pt_inception|sam_vit_|dinov?2?_|clip_vit|moco_v\d|r50_\w*pretrain",
    re.IGNORECASE,
)
FIGURES = re.compile(r"perform|result|pred|metric|score|history|curve|auc|accuracy|summary|stats|log\b|loss|feature|label|data", re.IGNORECASE)  # fmt: skip
NOT_MODEL = re.compile(r"(^|/)(data|datasets?|raw|inputs?|results?|outputs?|figures?|figs?|logs?|config\w*|tests?|docs?|examples?/data)/", re.IGNORECASE)  # fmt: skip
COLAB = re.compile(r"colab\.research\.google", re.IGNORECASE)
GIVES_MODELS = re.compile(r"\b(?:downloads?|loads?|with|us(?:es|ing)|provides?)\b[^.]{0,60}\btrained\b[^.]{0,20}\b(?:models?|weights|networks?|checkpoints?)", re.IGNORECASE)  # fmt: skip
SHARES = re.compile(
    r"drive\.google|docs\.google\.com/uc|dropbox\.com|onedrive|1drv\.ms|sharepoint|pan\.baidu|box\.com|mega\.nz|amazonaws|storage\.googleapis|"
    r"github\.com/[^/]+/[^/]+/(?:releases|raw|blob|tree)|github\.com/.*/releases|dl\.fbaipublicfiles|wandb\.ai/[^/]+/[^/]+/(?:artifacts|runs)|nextcloud|owncloud|seafile|cloud\.|modelscope|jbox|gigadb|transfer\.|s3[.-]|gitlab.*(?:raw|blob|jobs|package)|sciebo|polybox|surfdrive|surfdrive|filesender|heibox|keeper\.mpdl|\.(?:pth?|ckpt|h5|hdf5|onnx|pkl|safetensors|zip|tar\.gz|tar)\b",
    re.IGNORECASE,
)
# A sentence that says where the weights are, with an address that says it holds some.
TOLD = re.compile(r"\b(?:pre-?)?trained (?:models?|weights|networks?)\b[^.]{0,120}\b(?:found|available|downloaded|here|hosted|obtained)\b", re.I)  # fmt: skip
CALLED = re.compile(r"^https?://[^\s]{0,200}(?:weights|pre-?trained|checkpoints?|trained[_-]?models?)[^/]{0,40}/?$", re.I)  # fmt: skip
GENERIC_WORDS = re.compile(r"imagenet|pre-?trained (?:on|with|from) (?!our)|backbone|initiali[sz]|torchvision|\bBERT\b|VGG|ResNet-?\d*\b.*pre-?train|pre-?train.*\bResNet|official (?:weights|checkpoint)|inception|FID|LPIPS|SAM\b|CLIP\b|DINO|GloVe|word2vec", re.IGNORECASE)  # fmt: skip
OWN_WORDS = re.compile(r"our (?:\w+ ){0,3}(?:models?|weights|checkpoints?|networks?)|trained models?|the (?:pre-?)?trained|model (?:weights|checkpoints?)|pre-?trained models?|checkpoints?|weights", re.IGNORECASE)  # fmt: skip
TRAIN_WORDS = re.compile(r"\b(?:train|training|fine-?tun)", re.IGNORECASE)
PROMISE = re.compile(r"(?:will|soon|coming|upon (?:acceptance|publication)|to be)\b[^.]{0,50}(?:releas|upload|availab|publish|provid|shar|add)|coming soon|on request|upon request|\bTODO\b", re.IGNORECASE)  # fmt: skip
REFUSED = re.compile(r"(?:weights|models?|checkpoints?)\b[^.]{0,40}\b(?:not|cannot|can't)\b[^.]{0,30}\b(?:shared?|available|provided|released?|public)", re.IGNORECASE)  # fmt: skip
FETCH_MODEL = re.compile(r"torch\.hub\.load_state_dict_from_url|(?:.*\.)?load_state_dict_from_url|(?:.*\.)?load_url|gdown\.\w+|(?:.*\.)?hf_hub_download|(?:.*\.)?snapshot_download|(?:.*\.)?from_pretrained|torch\.hub\.load|(?:.*\.)?urlretrieve|(?:.*\.)?urlopen|requests\.get|(?:.*\.)?get_file|(?:.*\.)?download_file_from_google_drive|wget\.download|pooch\.\w+|(?:.*\.)?download_url|kipoi\.get_model|bioimageio\..*load\w*|tensorflow_hub\.\w+|(?:.*\.)?push_to_hub")  # fmt: skip
GENERIC_ORGS = re.compile(r"^(?:bert|gpt2|roberta|distil\w*|t5|facebook|google|microsoft|openai|timm|nvidia|meta|stabilityai|runwayml|CompVis|huggingface|sentence-transformers|albert|xlnet|allenai|emilyalsentzer|dmis-lab|intfloat|BAAI|mistralai|Qwen|THUDM|EleutherAI|tiiuae|bigscience|dandelin|laion|torchvision|pytorch|xlm|deepset|cardiffnlp|Rostlab|InstaDeepAI|zhihan1996)(?:[-/_]|$)", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Models:
    """Where the trained models are."""

    committed: tuple[Evidence, ...]
    linked: tuple[Evidence, ...]
    fetched: tuple[Evidence, ...]
    archived: tuple[Evidence, ...]  # in an archive or a model zoo
    generic: tuple[Evidence, ...]  # weights that somebody else trained
    promised: tuple[Evidence, ...]

    @property
    def available(self) -> tuple[Evidence, ...]:
        return (*self.committed, *self.linked, *self.fetched, *self.archived)


def read(tree: Tree, code: Code, prose: Prose) -> Models:
    """Gather the trained models, apart from weights that somebody else trained."""
    committed, generic = _committed(tree)
    if not committed:
        committed = _spoken_of(tree, prose)
    linked, archived, more = _linked(prose)
    fetched, still_more = _fetched(code, tree)
    for path, text in code.others.items():
        for number, line in enumerate(text.splitlines(), start=1):
            if len(line) < 2000 and re.search(r"nnUNet\w*download_pretrained|(?:wget|curl|gdown|download\w*|fetch\w*|aria2c)\b.*(?:weights|checkpoint|pretrained|\.pth?\b|\.ckpt|\.h5\b|\w[_.-]?model\w*\.(?:pkl|pickle|joblib|npz|zip|tar)\b)", line, re.I):  # fmt: skip
                (still_more if GENERIC.search(line) else fetched).append(Evidence(shortened(line), path, number))  # fmt: skip
    fetched += _downloader(code, tree)
    archived += [e for e in fetched if ARCHIVES.search(e.note) or ZOOS.search(e.note)]
    promised = [x.says() for x in prose.lines if PROMISE.search(x.text) and MODEL_WORDS.search(x.text)]  # fmt: skip
    return Models(
        tuple(committed), tuple(linked), tuple(fetched), tuple(archived),
        tuple([*generic, *more, *still_more]), tuple(promised),
    )  # fmt: skip


def _committed(tree: Tree) -> tuple[list[Evidence], list[Evidence]]:
    own, generic = [], []
    for path in tree.paths:
        lower = path.lower()
        lower = re.sub(r"\.(zip|tar|7z|gz)\.\d{3}$", r".\1", lower)  # one part of several
        if lower.startswith("models-standin/"):
            continue  # trained on rows that were made up
        name = lower.rpartition("/")[2]
        size = tree.sizes[path]
        bare = "." not in name and re.search(r"^(checkpoint|model|weights|best_?model)", name)
        if bare and size > 2000 and not tree.text(path):
            own.append(Evidence(f"weights, {size:,} bytes", path))
        shard = bool(SHARD.search(name))
        if COEFFICIENTS.search(lower) and size > 200:
            own.append(Evidence(f"coefficients of a model, {size:,} bytes", path))
            continue
        if (
            not shard
            and not lower.endswith((*SURE, *MAYBE))
            or (size < 500 and not tree.is_pointer(path))
        ):
            continue
        if shard or lower.endswith(SURE):
            is_model = not (LISTS.search(lower) and not MODEL_NAME.search(name))
        else:
            folder = str(PurePosixPath(lower).parent)
            is_model = bool(MODEL_NAME.search(name) or re.search(r"(^|/)(saved_?|trained_?|pre_?trained_?|best_?)?(models?|weights|checkpoints?|ckpts?)(/|$)", folder))  # fmt: skip
            is_model = is_model and not (
                NOT_MODEL.search(lower)
                and not re.search(r"model|weight|checkpoint|best_?mod", name)
            )
            stem = re.sub(r"\.data-\d+.*", "", name).rsplit(".", 1)[0]
            sure = re.search(r"weights|checkpoint|ckpt|epoch|state_dict", stem)
            is_model = is_model and bool(sure or not FIGURES.search(stem))
            if name.endswith((".json", ".txt", ".npy", ".npz", ".mat", ".rds", ".zip", ".gz", ".tar.gz", ".tgz", ".bin")):  # fmt: skip
                is_model = is_model and _surely_model(tree, path, name)
        if is_model:
            kind = "kept in git-lfs" if tree.is_pointer(path) else f"{size:,} bytes"
            generic_one = GENERIC.search(name) or GENERIC.search(path)
            (generic if generic_one else own).append(Evidence(f"weights, {kind}", path))
    return own, generic


TRAINED = re.compile(
    r"\b(?:pre-?)?trained\b|\bweights\b|\bcheckpoints?\b|\bmodels? (?:files?|in|from)\b", re.I
)
PLACE = re.compile(
    r"(?<![\w:/.])(?:\./)?((?:[\w.-]{1,80}/){1,8}[\w.-]{0,80}|[\w.-]{2,80}\.\w{1,8})"
)


def _spoken_of(tree: Tree, prose: Prose) -> list[Evidence]:
    """Files and folders that a sentence of a document calls trained models, whatever their names."""
    files = [p for p in tree.paths if p.lower().endswith((*SURE, *MAYBE)) and not p.endswith((".txt", ".json")) and not p.startswith("models-standin/")]  # fmt: skip
    within: dict[str, list[str]] = {}  # files by their own path, and by each folder above
    for path in files[:5000]:
        if tree.sizes[path] > 500 and not DATA_FOLDER.search(path):
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


DATA_FOLDER = re.compile(r"(?:^|/)(?:[\w-]*data(?:sets?)?|inputs?|masks?|images?|results?)/", re.I)


def _surely_model(tree: Tree, path: str, name: str) -> bool:
    if name.endswith(".json"):
        return False
    if name.endswith(".txt"):
        return tree.head(path, 200).startswith(b"tree\nversion=")  # LightGBM's own format
    kept = re.search(
        r"(^|/)(pre_?trained_?|trained_?|saved_?|final_?)?(models?|weights|detectors?|classifiers?|checkpoints?)/[^/]+\.(rds|rda|rdata|npz|npy|mat)$",
        path.lower(),
    )
    name = name.rsplit(".", 1)[0]
    called = re.search(
        r"model|weight|checkpoint|ckpt|best_?mod|_mod\b|fit\b|trained|epoch=?\d", name
    )
    sure = re.search(r"weights|checkpoint|ckpt|epoch|state_dict", name)
    return bool(called or kept) and bool(sure or not FIGURES.search(name))


def _linked(prose: Prose) -> tuple[list[Evidence], list[Evidence], list[Evidence]]:
    linked, generic = [], []
    # The README shows how to fetch the model from a zoo by its name.
    archived = [x.says() for x in prose.lines if re.search(r"kipoi\.get_model\(|\bkipoi (?:predict|test|get) ", x.text)]  # fmt: skip
    for link in prose.links:
        line, address = link.line, link.address
        if PROMISE.search(line.text) or REFUSED.search(line.text):
            continue
        about = f"{link.label} {line.text}"
        if len(line.text.split()) < 6 and not OF_DATA.search(about):
            about = f"{about} {line.paragraph}"  # an address on a line of its own
        heading = line.heading.split(" > ")[-1]
        speaks = MODEL_WORDS.search(about) or MODEL_WORDS.search(address) or re.search(r"weights|checkpoint|pre-?trained|model zoo|trained models?", heading)  # fmt: skip
        if not speaks or "imagenet" in heading:
            continue
        place = ARCHIVES.search(address) or ZOOS.search(address)
        colab = COLAB.search(address) and GIVES_MODELS.search(line.text)
        told = TOLD.search(line.text) and CALLED.search(address)
        if not place and not colab and not told and not SHARES.search(address):
            continue
        if _only_data(link) or re.search(r"\.(png|svg|gif|jpe?g|pdf|py|md)([?#]|$)", address, re.I):
            continue
        evidence = line.says(shortened(address))
        if place and doubt((DOI.search(address) or [address])[0]):
            continue
        if _is_generic(about, address, place):
            generic.append(evidence)
        else:
            (archived if place else linked).append(evidence)
    return linked, archived, generic


def _only_data(link) -> bool:
    words = f"{link.label} {link.address}"
    return bool(re.search(r"data-?set|\bdata\b|images", words, re.I)) and not MODEL_WORDS.search(
        words
    )


def _is_generic(about: str, address: str, place) -> bool:
    if GENERIC.search(PurePosixPath(address).name):
        return True
    if ZOOS.search(address):
        owner = re.search(r"(?:huggingface|hf)\.co/([\w.-]+)", address)
        if owner and GENERIC_ORGS.search(owner[1]):
            return True
    return bool(GENERIC_WORDS.search(about)) and not re.search(r"\bour\b|trained models? (?:for|on|of|used)|in (?:the|our) paper|results", about, re.I)  # fmt: skip


def _fetched(code: Code, tree: Tree) -> tuple[list[Evidence], list[Evidence]]:
    own, generic = [], []
    for module in code.main:
        if module.path.startswith(tree.foreign):
            continue
        strings = {line: value for value, line in module.strings}
        for call in module.calls:
            if not FETCH_MODEL.fullmatch(call.name):
                continue
            target = next((a for a in (*call.args, *call.keywords.values()) if isinstance(a, str)), None)  # fmt: skip
            target = target or strings.get(call.line, "")
            if call.name.endswith("from_pretrained"):
                if (
                    "/" in target
                    and not target.startswith((".", "/"))
                    and not GENERIC_ORGS.search(target)
                ):
                    own.append(module.at(call.line, shortened(f"{call.name}({target})")))
                elif target:
                    generic.append(module.at(call.line, shortened(f"{call.name}({target})")))
                continue
            for text in [target] if target else _addresses(module):
                if not MODEL_WORDS.search(f"{text} {call.scope}") and not text.lower().endswith(
                    SURE
                ):
                    continue
                foreign = GENERIC.search(text) or FOREIGN.search(text)
                (generic if foreign else own).append(module.at(call.line, shortened(text)))
    return own, generic


FOREIGN = re.compile(r"download\.pytorch\.org|keras-applications|tfhub\.dev/google|pytorch/vision|storage\.googleapis\.com/tensorflow|imagenet|openaipublic|pytorch-image-models|pretrained-models|pretrainedmodels|rwightman|lukemelas|cadene|jeff95|timm/|(?:net|net_?v\d|ception|vit\w*|swin\w*|deit\w*)[\w-]*-[0-9a-f]{8}\.pth|dl\.fbaipublicfiles", re.IGNORECASE)  # fmt: skip


def _addresses(module) -> list[str]:
    """The addresses in a module, for calls that get theirs by a name."""
    return [value for value, _ in module.strings if value.startswith(("http", "ftp"))][:20]


OF_DATA = re.compile(r"data|images|labels|masks|mnist|cifar|ubyte|annotation", re.IGNORECASE)
DOWNLOADER = re.compile(r"(?:download|fetch|get)_?\w*(?:checkpoint|weight|param|pretrained|models?)\b|(?:checkpoint|weight|param|pretrained|models?)_?\w*download", re.IGNORECASE)  # fmt: skip


def _downloader(code: Code, tree: Tree) -> list[Evidence]:
    """Addresses in code that has a function or file for downloading weights."""
    main = [m for m in code.main if not m.path.startswith(tree.foreign)]
    has = [m for m in main if any(DOWNLOADER.search(n) for n in [m.path.rsplit("/", 1)[-1][:-3], *m.functions])]  # fmt: skip
    return [
        module.at(line, shortened(value))
        for module in (main if has else ())
        for value, line in module.strings
        if value.startswith("http") and (ARCHIVES.search(value) or SHARES.search(value))
        and not GENERIC.search(value) and not FOREIGN.search(value) and not OF_DATA.search(value)
    ]  # fmt: skip
