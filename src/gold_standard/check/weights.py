"""The trained models of a repository: committed, linked, or fetched by its code."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from gold_standard.check import holdings, hubs
from gold_standard.check.code import Code
from gold_standard.check.holdings import (
    BASELINES,
    FILE_SHARES,
    GENERIC,
    HOLDS,
    MAYBE,
    MODEL_FOLDER,
    PROMISE,
    SHARES,
    STANDINS,
    SURE,
)
from gold_standard.check.identifiers import (
    ARCHIVES,
    DATA_ONLY,
    DATA_WORDS,
    DOI,
    MODEL_WORDS,
    ZOOS,
    doubt,
    sentence,
)
from gold_standard.check.prose import ADDRESS, Prose, shortened
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

# What PyTorch saves as well: which cases are in which part of the data.
LISTS = re.compile(r"split|(^|[/_-])(ids?|idx|ind(ex|exes|ices)|subjects?|patients?|folds?|names|labels?|targets?|dataset|stats|means?|std)([_.-]|$)")  # fmt: skip
# Coefficients are the whole of a linear model.
COEFFICIENTS = re.compile(r"(?:classifier|model|lasso|ridge|elastic_?net|logistic|regression|signature|final)\w{0,40}[/_.-](?:[\w.-]{1,80}[_.-])?(?:coefs?|coefficients?|weights)\.(?:tsv|csv|txt)(?:\.gz)?$")  # fmt: skip
SHARD = re.compile(r"\.data-\d{5}-of-\d{5}$")  # the numbers of a checkpoint of TensorFlow
MODEL_NAME = re.compile(r"model|weight|check_?point|ckpt|trained|best|epoch|net\b|unet|classifier|(^|[/_-])(rf|svm|xgb|lgbm|cnn|lstm|mlp|gan|vae|ae|clf|dnn)([_.-]|\d|$)", re.IGNORECASE)  # fmt: skip
FIGURES = re.compile(r"perform|robustness|importance|ranking|confusion|explain|result|pred|metric|score|history|curve|auc|accuracy|summary|stats|log\b|loss|feature|label|data", re.IGNORECASE)  # fmt: skip
# What is there to try the code.
FOR_TESTS = re.compile(
    r"(?:^|/)tests?/(?:resources?|fixtures?|data|assets|models?)/|(?:^|[/_.-])debug(?=[/_.-])"
)
# What scikit-learn keeps, by the kind of model at the end of its name.
PICKLED = (".joblib", ".pkl", ".pickle", ".sav")
ESTIMATOR = re.compile(
    r"(?:forest|classifier|regress(?:or|ion)|boost(?:ing|ed)?|svm|svc|svr|logreg|lgbm|xgb|clf)$"
)
NOT_MODEL = re.compile(r"(^|/)(data|datasets?|raw|inputs?|results?|outputs?|figures?|figs?|logs?|config\w*|tests?|docs?|examples?/data)/", re.IGNORECASE)  # fmt: skip
COLAB = re.compile(r"colab\.research\.google", re.IGNORECASE)
GIVES_MODELS = re.compile(r"\b(?:downloads?|loads?|with|us(?:es|ing)|provides?)\b[^.]{0,60}\btrained\b[^.]{0,20}\b(?:models?|weights|networks?|checkpoints?)", re.IGNORECASE)  # fmt: skip
# A sentence that says where the weights are, with an address that says it holds some.
TOLD = re.compile(r"\b(?:pre-?)?trained (?:models?|weights|networks?)\b[^.]{0,120}\b(?:found|available|downloaded|here|hosted|obtained)\b|\bmodels?\b.{0,60}\btrained (?:with|on|for)\b", re.I)  # fmt: skip
CALLED = re.compile(r"^https?://[^\s]{0,200}(?:weights|pre-?trained|checkpoints?|trained[_-]?models?|/models?[_-]\w)[^/]{0,40}/?$", re.I)  # fmt: skip
# A sentence that ends in the address: whatever server that is, the weights are there.
TOLD_AT = re.compile(r"\b(?:checkpoints|(?:trained|model) weights|trained (?:models|networks))\b[^.]{0,120}\b(?:accessible|available|found|downloaded|hosted)\b (?:at|from|on|under)\b\W{0,4}https?://(?!(?:www\.)?(?:github|gitlab|arxiv|doi)\.)", re.I)  # fmt: skip
# All code of somebody, and no file of it.
ALL_CODE = re.compile(r"github\.com/[^/]+/[^/]+/tree/[^/]+/?$", re.I)
# A field of a reference, such as its abstract.
REFERENCE = re.compile(r"\s*(?:abstract|note|url|doi|title|eprint|howpublished)\s*=\s*[{\"]", re.I)
GENERIC_WORDS = re.compile(r"imagenet|pre-?trained (?:on|with|from) (?:the )?(?:imagenet|coco|kinetics|jft|places|natural images|wikipedia)|backbone|initiali[sz]|torchvision|\bBERT\b|VGG|ResNet-?\d*\b.*pre-?train|pre-?train.*\bResNet|official (?:weights|checkpoint)|inception|\bFID\b|LPIPS|\bSAM\b|\bCLIP\b|\bDINO|GloVe|word2vec", re.IGNORECASE)  # fmt: skip
# Where a model of a hub is what the work begins with.
STARTS_FROM = re.compile(r"imagenet|initiali[sz]|backbone|baseline|base model|start(?:ing|s|ed)? from|fine-?tun\w* (?:from|of)|tokeni[sz]er|torchvision|\bFID\b|LPIPS|official", re.IGNORECASE)  # fmt: skip
OURS = re.compile(r"\bour\b|\bwe (?:have |also |now |kindly )*(?:uploaded|upload|provide|release|share|host|publish|trained|offer|make|put|made|deposit)\w*|trained models? (?:for|on|of|used)|in (?:the|our|this) (?:paper|work|study)|results|reproduc", re.IGNORECASE)  # fmt: skip
HUB = re.compile(r"(?:huggingface|hf)\.co/(?!datasets/|spaces/|docs/|papers/|blog/)([\w.-]+(?:/[\w.-]+)?)", re.IGNORECASE)  # fmt: skip
ON_HUB = re.compile(r"""(?:from_pretrained|hf_hub_download|snapshot_download|from_hub|load_from_hub|hf-hub:|(?:huggingface-cli|\bhf) download)[\s(]{0,3}(?:repo_id\s?=\s?|model_id\s?=\s?)?["']?([\w.-]{1,60}/[\w.-]{1,100})(?![\w./-])""")  # fmt: skip
GDOWN = re.compile(r"\bgdown\s+(?:--?\w+\s+)*(?:--id\s+)?[\w-]{20,}")
REFUSED = re.compile(
    r"(?:weights|models?|checkpoints?)\b[^.]{0,40}\b(?:not|cannot|can't|unable to)\b[^.]{0,30}\b(?:shared?|available|provided|released?|public)"
    r"|(?:cannot|can ?not|can[’']t|unable to|not (?:able|allowed|permitted) to|do(?:es)? not have the rights? to) (?:\w+ ){0,2}(?:share|release|provide|publish|distribute|upload|give)\b[^.]{0,40}\b(?:weights|models?|checkpoints?)\b",
    re.IGNORECASE,
)
# Where the authors keep all of their own.
OWN_REFUSED = re.compile(
    r"\b(?:not|cannot|can[’']t|unable)\b[^.]{0,40}\b(?:share|release|provide|publish|upload)\b (?:\w+ ){0,2}(?:our|the) (?:\w+ ){0,2}(?:trained|final) (?:\w+ ){0,2}(?:weights|models?|checkpoints?)"
    r"|\b(?:our|the) (?:trained|final) (?:\w+ ){0,2}(?:weights|models?|checkpoints?) (?:\w+ ){0,3}(?:can ?not|can[’']t|not) (?:be )?(?:\w+ )?(?:shared|released|provided|published|public)",
    re.IGNORECASE,
)
# Weights of a known architecture, which was pre-trained by those who made it.
OF_A_BACKBONE = re.compile(
    r"pre-?trained[^.|]{0,40}\b(?>(?:wide)?res(?:ne[tx]t?)-?\d*|swin(?:[- ](?:transformers?|tiny|small|base|large|[tbsl]))?|vit(?:[-_][bslh][-_/]?\d*)?|deit|pvt(?:v2)?|densenet-?\d*|efficientnet\w*|mobilenet\w*|convnext|segformer|mit-?b\d|r50)\b(?![- ]?(?:u-?net|based|for\b|on (?!imagenet|coco|kinetics|jft|natural)))"
    r"|\b(?:google|official|imagenet)(?:[’']s)?[- ]pre-?trained\b",
    re.IGNORECASE,
)
FETCH_MODEL = re.compile(r"torch\.hub\.load_state_dict_from_url|(?:.*\.)?load_state_dict_from_url|(?:.*\.)?load_url|gdown\.\w+|(?:.*\.)?hf_hub_download|(?:.*\.)?snapshot_download|(?:.*\.)?from_pretrained|torch\.hub\.load|(?:.*\.)?urlretrieve|(?:.*\.)?urlopen|requests\.get|(?:.*\.)?get_file|(?:.*\.)?download_file_from_google_drive|wget\.download|pooch\.\w+|(?:.*\.)?download_url|kipoi\.get_model|bioimageio\..*load\w*|tensorflow_hub\.\w+|(?:.*\.)?push_to_hub")  # fmt: skip


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
        committed = holdings.loaded(tree, code) or holdings.spoken_of(tree, prose)
    own = hubs.owners(tree, prose)
    linked, archived, more = _linked(tree, prose, own)
    fetched, still_more = _fetched(code, tree, own)
    fetched += _shown(prose, own)
    told, others = _by_commands(code, own)
    fetched += told
    still_more += others
    fetched += _downloader(code, tree)
    archived += [e for e in fetched if ARCHIVES.search(e.note) or ZOOS.search(e.note)]
    archived += [e for e in fetched if (hub := ON_HUB.search(e.note)) and hubs.is_own(hub[1], own)]
    promised = [x.says() for x in prose.lines if PROMISE.search(x.text) and MODEL_WORDS.search(x.text)]  # fmt: skip
    return Models(
        tuple(committed), tuple(linked), tuple(fetched), tuple(archived),
        tuple([*generic, *more, *still_more]), tuple(promised),
    )  # fmt: skip


# A line of a script that fetches weights: in a shell, in R (download.file), in MATLAB (websave).
FETCHES = re.compile(
    r"nnUNet\w*download_pretrained|(?:wget|curl|gdown|download\w*|fetch\w*|aria2c|websave|urlwrite|gsutil|aws s3|zenodo_get)\b.*"
    r"(?:weights|check_?point|pre-?trained|\.pth?\b|\.ckpt|\.onnx\b|\.safetensors|(?:model|net|best|epoch)[\w.-]{0,40}\.h(?:df)?5\b|(?:\w[_.-]?|/)model\w*\.(?:pkl|pickle|joblib|rds|mat|npz|zip|tar)\b)",
    re.IGNORECASE,
)
BY_NUMBER = re.compile(r"\bgdown\b|(?:file|gdrive|drive|google)\w{0,8}_?id\w{0,4}\s?=\s?[\"']?[\w-]{20,}|(?:download_file|gdrive_download)\w*\s+[\w-]{20,}", re.IGNORECASE)  # fmt: skip


def _bounded(lines: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [(text[:2000], number) for text, number in lines]


def _by_commands(code: Code, own: hubs.Owner) -> tuple[list[Evidence], list[Evidence]]:
    """Weights that a line of a script fetches, or all that a script of that name fetches."""
    found, generic = [], []
    for module in code.main:  # of notebooks
        found += [module.at(n, shortened(x)) for x, n in _bounded(module.shell) if FETCHES.search(x) and not GENERIC.search(x) and not FOREIGN.search(x)]  # fmt: skip
    for path, text in code.others.items():
        named = path.rpartition("/")[2].rpartition(".")[0]
        of_weights = bool(DOWNLOADER.search(named)) and not OF_DATA.search(named)
        for number, line in enumerate(text.splitlines(), start=1):
            comment = line.lstrip().startswith(("#", "%", "//", "echo"))
            if len(line) > 2000 or comment and "nnUNet" not in line:
                continue
            says = Evidence(shortened(line), path, number)
            hub = ON_HUB.search(line) or ("clone" in line and HUB.search(line))
            if hub and not BESIDE.search(line) and hubs.is_name(hub[1]):
                (generic if hubs.is_generic(hub[1], own) else found).append(says)
            elif FETCHES.search(line) or of_weights and _fetches(line):
                foreign = GENERIC.search(line) or FOREIGN.search(line)
                (generic if foreign else found).append(says)
    return found, generic


def _fetches(line: str) -> bool:
    address = ADDRESS.search(line)
    if not address:
        return bool(BY_NUMBER.search(line))
    kept = ARCHIVES.search(address[0]) or SHARES.search(address[0])
    return bool(kept) and not NO_MODEL.search(address[0]) and not OF_DATA.search(address[0])


def _committed(tree: Tree) -> tuple[list[Evidence], list[Evidence]]:
    own, generic = [], []
    for path in tree.paths:
        lower = path.lower()
        lower = re.sub(r"\.(zip|tar|7z|gz)\.\d{3}$", r".\1", lower)  # one part of several
        if lower.startswith(STANDINS) or FOR_TESTS.search(lower):
            continue
        name = lower.rpartition("/")[2]
        size = tree.sizes[path]
        if size > 200 and _is_model_by_content(tree, path):
            own.append(Evidence(f"a trained model by its content, {size:,} bytes", path))
            continue
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
            folder = f"{PurePosixPath(lower).parent}/"
            is_model = bool(MODEL_NAME.search(name) or MODEL_FOLDER.search(folder))
            is_model = is_model and (_nearer(folder) or bool(re.search(r"model|weight|checkpoint|best_?mod", name)))  # fmt: skip
            stem = re.sub(r"\.data-\d+.*", "", name).rsplit(".", 1)[0]
            sure = re.search(r"weights|checkpoint|ckpt|epoch|state_dict", stem)
            sure = sure or name.endswith(PICKLED) and ESTIMATOR.search(stem)
            is_model = is_model and bool(sure or not FIGURES.search(stem))
            if name.endswith((".json", ".txt", ".npy", ".npz", ".mat", ".rds", ".zip", ".gz", ".tar.gz", ".tgz", ".bin", ".tar", ".7z", ".xz", ".bz2", ".z", ".qs", ".index")):  # fmt: skip
                is_model = is_model and _surely_model(tree, path, name)
        if is_model:
            kind = "kept in git-lfs" if tree.is_pointer(path) else f"{size:,} bytes"
            generic_one = GENERIC.search(name) or GENERIC.search(path) or BASELINES.search(path)
            (generic if generic_one else own).append(Evidence(f"weights, {kind}", path))
    return own, generic


# How files begin that can only be saved models: of PyTorch before it took zip archives; the texts
# of LightGBM, LIBSVM, LIBLINEAR and XGBoost; matrices under their own name.
SAVED = (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", b"tree\nversion=", b"svm_type ", b"solver_type ", b"booster[0]:")  # fmt: skip
PACKED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"\x89HDF\r\n")
MATRIX = re.compile(rb"\A(?:#? ?layers? ?\d{0,3}:?\s{1,4})?#? ?weights?(?: matrix)?:?\s{1,4}-?\d+\.\d", re.IGNORECASE)  # fmt: skip
TEXTS = (".txt", ".model", ".dat", ".tsv", ".csv")
ENDING = re.compile(r"\.[a-z][a-z0-9]{0,9}$")


def _is_model_by_content(tree: Tree, path: str) -> bool:
    """Whether a file whose name does not tell is a model, by how it begins."""
    lower = path.lower()
    folder, _, name = lower.rpartition("/")
    bare = not ENDING.search(name)
    folder = f"{folder}/"
    if (
        not bare
        and not name.endswith(TEXTS)
        or GENERIC.search(lower)
        or BASELINES.search(lower)
        or tree.is_pointer(path)
    ):
        return False
    kept = bool(MODEL_FOLDER.search(folder)) and _nearer(folder)
    called = bool(re.search(r"^(checkpoint|model|weights|best_?model)", name))
    if not kept and not called and not MODEL_NAME.search(name) and "network" not in name:
        return False
    head = tree.head(path, 8192)
    if head.startswith(SAVED) or MATRIX.match(head):
        return True
    if not bare or not (kept or called):
        return False
    return head.startswith(PACKED) or called and tree.sizes[path] > 2000 and b"\0" in head


def _nearer(folder: str) -> bool:
    """Whether no folder of data or results lies nearer to the file than one of models."""
    models = max((found.end() for found in MODEL_FOLDER.finditer(folder)), default=-1)
    others = max((found.start() for found in NOT_MODEL.finditer(folder)), default=-1)
    return models > others or others < 0


# Where an array is one of a model; `3d_models` and `car_models` hold shapes.
KEPT = re.compile(r"(?:^|[_.-])(?:weights|detectors?|classifiers?|checkpoints?|pre_?trained)/$|^(?:(?:(?:pre_?)?trained|saved|best|final)_?)?models?/$")  # fmt: skip
KEPT_BY_R = re.compile(r"(?:^|[_.-])models?/$")  # R saves its objects whole
TRAINED_FOLDER = re.compile(r"(?:^|[_.-])(?:(?:pre_?)?trained(?:_?models?)?|weights|checkpoints?|saved_?models?)/$")  # fmt: skip


def _surely_model(tree: Tree, path: str, name: str) -> bool:
    if name.endswith(".json"):
        return False
    if name.endswith(".txt"):
        return False  # its content was asked already
    folder = f"{path.lower().rpartition('/')[0].rpartition('/')[2]}/"
    of_r = name.endswith((".rds", ".rda", ".rdata"))
    numbers = of_r or name.endswith((".npz", ".npy", ".mat"))
    kept = (KEPT if numbers else TRAINED_FOLDER).search(folder)
    kept = kept or of_r and KEPT_BY_R.search(folder)
    name = name.rsplit(".", 1)[0]
    called = re.search(
        r"model|weight|checkpoint|ckpt|best_?mod|_mod\b|fit\b|trained|epoch=?\d", name
    )
    sure = re.search(r"weights|checkpoint|ckpt|epoch|state_dict", name)
    return bool(called or kept) and bool(sure or not FIGURES.search(name))


def _linked(
    tree: Tree, prose: Prose, own: hubs.Owner
) -> tuple[list[Evidence], list[Evidence], list[Evidence]]:
    linked, generic = [], []
    refused = any(x.path == prose.readme and OWN_REFUSED.search(x.text) for x in prose.lines)
    # The README shows how to fetch the model from a zoo by its name.
    archived = [x.says() for x in prose.lines if re.search(r"kipoi\.get_model\(|\bkipoi (?:predict|test|get) ", x.text)]  # fmt: skip
    for link in prose.links:
        line, address = link.line, link.address
        if PROMISE.search(line.text) or REFUSED.search(line.text) or REFERENCE.match(line.text):
            continue
        about = f"{link.label} {line.text}"
        if len(line.text.split()) < 6 and not OF_DATA.search(about):
            about = f"{about} {line.paragraph}"  # an address on a line of its own
        heading = line.heading.split(" > ")[-1]
        speaks = MODEL_WORDS.search(about) or MODEL_WORDS.search(address) or re.search(r"weights|checkpoint|pre-?trained|model zoo|trained models?", heading)  # fmt: skip
        speaks = speaks or heading.endswith(" models") and FILE_SHARES.search(address)
        if not speaks or "imagenet" in heading or ALL_CODE.search(address):
            continue
        place = ARCHIVES.search(address) or ZOOS.search(address)
        colab = COLAB.search(address) and GIVES_MODELS.search(line.text)
        told = TOLD.search(line.text) and CALLED.search(address) or TOLD_AT.search(line.text)
        if not place and not colab and not told and not SHARES.search(address):
            continue
        if (
            _only_data(link)
            and not HOLDS.search(line.text)
            or re.search(r"\.(png|svg|gif|jpe?g|pdf|py|md|ipynb|json|ya?ml)([?#]|$)", address, re.I)
        ):
            continue
        evidence = line.says(shortened(address))
        own_words = sentence(line.text[:5000], address)
        if DATA_WORDS.search(own_words) and not MODEL_WORDS.search(f"{own_words} {address}"):
            continue  # another sentence of the line speaks of models
        if DATA_ONLY.search(address) and DATA_WORDS.search(about) and not MODEL_WORDS.search(link.label):  # fmt: skip
            continue
        if place and doubt((DOI.search(address) or [address])[0]):
            continue
        if _is_generic(about, address, own) or refused and not OURS.search(about):
            generic.append(evidence)
        else:
            (archived if place else linked).append(evidence)
    if not linked and not archived:
        for link in holdings.archives(tree, prose):
            kept = ARCHIVES.search(link.address)
            (archived if kept else linked).append(link.line.says(shortened(link.address)))
    return linked, archived, generic


def _only_data(link) -> bool:
    words = f"{link.label} {link.address}".replace("_", " ")
    return bool(re.search(r"data-?set|\bdata\b|images", words, re.I)) and not MODEL_WORDS.search(
        words
    )


def _is_generic(about: str, address: str, own: hubs.Owner) -> bool:
    if GENERIC.search(PurePosixPath(address).name):
        return True
    hub = HUB.search(address)
    if hub and hubs.is_own(hub[1], own):
        return False
    if hub and hubs.is_generic(hub[1], own):
        return True
    if OURS.search(about):
        return False
    words = STARTS_FROM.search(about) if hub else GENERIC_WORDS.search(about)
    return bool(words or OF_A_BACKBONE.search(about))


def _shown(prose: Prose, own: hubs.Owner) -> list[Evidence]:
    """Models of a hub or a drive that a command of a document fetches by a name, not an address."""
    found = []
    for line in prose.all:
        text = line.text[:2000]
        hub = ON_HUB.search(text)
        if hub and BESIDE.search(text):
            continue
        if hub and hubs.is_name(hub[1]) and not hubs.is_generic(hub[1], own):
            if hubs.is_own(hub[1], own) or not STARTS_FROM.search(f"{line.heading} {text}"):
                found.append(line.says())
        elif GDOWN.search(text) and "http" not in text:
            about = f"{line.heading.rpartition(' > ')[2]} {text}"
            if MODEL_WORDS.search(about) and not GENERIC_WORDS.search(about):
                found.append(line.says())
    return found


def _fetched(code: Code, tree: Tree, mine: hubs.Owner) -> tuple[list[Evidence], list[Evidence]]:
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
            if "repo_id" in call.keywords and not isinstance(call.keywords["repo_id"], str):
                # It is put together from a text that stands in the same file.
                target = next((v for v, _ in module.strings if NAME_IN_PARTS.fullmatch(v)), target)
                target = re.sub(r"[{}]", "", target)
            if FROM_HUB.search(call.name):
                if BESIDE.search(call.name) or call.keywords.get("repo_type") == "dataset":
                    continue
                says = module.at(call.line, shortened(f"{call.name}({target})"))
                if hubs.is_name(target) and not hubs.is_generic(target, mine):
                    own.append(says)
                elif target:
                    generic.append(says)
                continue
            stem = module.path.rpartition("/")[2].rpartition(".")[0]
            about = call.scope if DOWNLOADER.search(call.scope) else stem
            fetches = bool(DOWNLOADER.search(about)) and not OF_DATA.search(about)
            fetches = fetches or bool(OF_WEIGHTS.fullmatch(stem))
            for text in [target] if target else _addresses(module) or [call.name] * fetches:
                named = MODEL_WORDS.search(f"{text} {call.scope}") or IN_TRAINED.match(text)
                named = named or text.lower().endswith(SURE)
                if not named and (not fetches or OF_DATA.search(text) or NO_MODEL.search(text)):
                    continue
                foreign = GENERIC.search(text) or FOREIGN.search(text)
                (generic if foreign else own).append(module.at(call.line, shortened(text)))
    return own, generic


OF_WEIGHTS = re.compile(r"_?pre_?trained(?:_?models?)?|(?:model_)?weights|model_?zoo|checkpoints?")
NAME_IN_PARTS = re.compile(r"[\w-]{2,60}/[\w.-]*\{\w*\}[\w.{}-]*")
FROM_HUB = re.compile(r"(?:from_pretrained|hf_hub_download|snapshot_download|load_from_hub)$")
# What belongs to a model of a hub and is none.
BESIDE = re.compile(r"(?:Tokenizer\w*|Processor|FeatureExtractor|Config)\.from_pretrained|data-?set|--repo-type", re.IGNORECASE)  # fmt: skip
FOREIGN = re.compile(r"download\.pytorch\.org|keras-applications|tfhub\.dev/google|pytorch/vision|storage\.googleapis\.com/tensorflow|imagenet|openaipublic|pytorch-image-models|pretrained-models|pretrainedmodels|rwightman|lukemelas|cadene|jeff95|timm/|zenodo\.org/records?/\d+/files/Task\d{3}_|(?:(?<![UV])(?:net|net_?v\d)|ception|vit\w*|swin\w*|deit\w*)[\w-]*-[0-9a-f]{8}\.pth|dl\.fbaipublicfiles", re.IGNORECASE)  # fmt: skip


IN_TRAINED = re.compile(r"(?:pre_?)?trained_?models?/\S")


def _addresses(module) -> list[str]:
    """The addresses in a module, whole or in part, for calls that get theirs by a name."""
    begins = ("http", "ftp")
    found = [v for v, _ in module.strings if v.startswith(begins) or IN_TRAINED.match(v)]
    return found[:20]


# Programs and pages that a function may fetch beside weights.
NO_MODEL = re.compile(r"software|evaluation|toolbox|install|\.(?:exe|jar|deb|sh|html?|pdf|png|jpe?g|csv|tsv|fasta|fa|bed|gtf|vcf)(?:\.gz)?(?:[?#]|$)", re.IGNORECASE)  # fmt: skip
OF_DATA = re.compile(r"data|images|labels|masks|mnist|cifar|ubyte|annotation", re.IGNORECASE)
DOWNLOADER = re.compile(r"(?:download|fetch)_?\w*(?:checkpoint|weight|param|pretrained|model|snapshot)s?\b|(?:checkpoint|weight|param|pretrained|model|snapshot)s?_?\w*download", re.IGNORECASE)  # fmt: skip


def _downloader(code: Code, tree: Tree) -> list[Evidence]:
    """Addresses in a module that has a function for downloading weights, or is called so."""
    found = []
    apart = False  # an address stands apart from the function that downloads it
    for module in sorted(code.main, key=lambda module: bool(KEEPS_ADDRESSES.search(module.path))):
        names = [module.path.rpartition("/")[2].rpartition(".")[0], *module.functions]
        if module.path.startswith(tree.foreign):
            continue
        fetches = any(DOWNLOADER.search(name) for name in names)
        fetches = fetches or apart and bool(KEEPS_ADDRESSES.search(module.path))
        apart = apart or fetches
        for value, line in module.strings:
            if "://" not in value or not (ARCHIVES.search(value) or SHARES.search(value)):
                continue
            if GENERIC.search(value) or FOREIGN.search(value) or NO_MODEL.search(value):
                continue
            if fetches and not OF_DATA.search(value) or _names_weights(value):
                found.append(module.at(line, shortened(value)))
    return found


# Where programs keep the addresses that another module of theirs fetches.
KEEPS_ADDRESSES = re.compile(r"(?:^|/)(?:__init__|_?(?:paths?|urls?|links?|const\w*|config\w*|settings|globals?|defaults?|registry|params?))\.py$", re.IGNORECASE)  # fmt: skip


def _names_weights(address: str) -> bool:
    """Whether an address ends in the name of a file that can only be of weights."""
    name = PurePosixPath(address.partition("?")[0]).name.lower()
    told = re.search(
        r"weights|check_?points?|ckpt|pre-?trained|trained[_-]models?|_model(?:_?\d{1,2})?$", name
    )
    return name.endswith(SURE) or bool(told) and not name.endswith((".py", ".md", ".html"))
