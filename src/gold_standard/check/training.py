"""Whether the code trains a model and judges it, whatever the files are called."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from gold_standard.check.code import ASIDE, REQUIRED, Code, Module
from gold_standard.check.prose import Prose
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

FRAMEWORKS = {
    "torch", "tensorflow", "keras", "tf_keras", "jax", "flax", "haiku", "optax", "mxnet", "paddle", "theano", "lasagne", "chainer", "caffe",
    "sklearn", "xgboost", "lightgbm", "catboost", "pytorch_lightning", "lightning", "fastai", "statsmodels", "gpflow", "pyro", "numpyro",
    "transformers", "monai", "torch_geometric", "dgl", "autogluon", "tpot", "skorch", "tflearn", "cntk", "imblearn", "scvi", "nnunet", "nnunetv2",
    "detectron2", "mmdet", "mmseg", "mmcv", "medicaltorch", "segmentation_models_pytorch", "ultralytics", "deepchem", "tensorlayer", "sonnet", "hyperopt", "optuna", "tangles", "river", "surprise", "lifelines", "sksurv", "pycox", "fairseq", "allennlp", "gensim", "stable_baselines3", "catalyst", "ignite", "ludwig", "h2o", "pycaret", "elephas", "neupy", "nolearn", "blocks", "pylearn2", "cupy", "tinygrad", "dlk", "braindecode", "torchtuples",
    "gpytorch", "botorch", "GPy", "pymc", "pymc3", "pystan", "edward", "pgmpy", "hmmlearn", "pomegranate", "fasttext", "interpret", "autosklearn", "flaml", "sktime", "tslearn", "pyod", "cuml", "dask_ml", "pyspark",
    "spacy", "flair", "simpletransformers", "sentence_transformers", "diffusers", "peft", "trl", "accelerate", "deepspeed", "mmengine", "mmpretrain", "timm", "torchio", "nnabla", "objax", "equinox", "trax", "scikeras",
    "selene_sdk", "basenji", "bpnet", "bpnetlite", "chemprop", "dgllife", "torchdrug", "e3nn", "schnetpack", "jraph", "ray", "tianshou", "autograd", "oryx", "pyGAM", "pygam", "glmnet", "group_lasso", "keras_contrib", "tf_slim", "tensorpack", "cellpose", "stardist", "csbdeep", "voxelmorph", "kymatio", "tensorforce", "poutyne", "pl_bolts",
}  # fmt: skip
NOT_MODELS = re.compile(
    r"(.*\.)?(scaler|\w*scaler|encoder|\w*encoder|imputer|\w*imputer|vectorizer|\w*vectorizer|tokenizer|\w*tokenizer|pca|binarizer|\w*binarizer|normalizer|transformer|datagen|\w*_?gen(erator)?|StandardScaler|MinMaxScaler|LabelEncoder|OneHotEncoder|LabelBinarizer|PCA|TSNE|ax|plt|curve|kde|tsne|umap|TfidfVectorizer|CountVectorizer)(\(\))?\.fit"
)
LOOPS = re.compile(r"(.*\.)?(backward|minimize|train_on_batch|fit_generator|apply_gradients|fit_one_cycle|fine_tune|fit_flow|train_step|partial_fit)")  # fmt: skip
FITS = re.compile(r"(.*\.)?fit|(xgboost|lightgbm|catboost)\.(train|cv)|(.*\.)?trainer\.(train|fit)|(.*)Trainer\(\)\.(train|fit)|statsmodels\..*\.fit|(?:jax|.*)\.value_and_grad|(?:jax|autograd)\.grad|nn\.fit|(.*[Ll]earn(er)?)\.fit\w*|train_detector|train_segmentor|(.*)Runner\(\)\.train|runner\.train|cross_val_(score|predict|validate)|sklearn\.model_selection\.cross_\w+|(.*\.)?train_model|(.*)solver\.(step|solve)|YOLO\(\)\.train|(.*)model\.(train_model|learn)|(.*\.)?LightningCLI|optax\.apply_updates|lasagne\.updates\.\w+|(.*\.)?train_and_evaluate|(.*)[Ee]stimator(\(\))?\.train|(.*)slim\.learning\.train|(.*)([Tt]rainer|SupervisedTrainer)(\(\))?\.run|fasttext\.train_\w+|(.*)(PPO|DQN|A2C|SAC|TD3|DDPG)\(\)\.learn|(?:theano\.tensor|T)\.grad|gensim\.models\.\w*2[Vv]ec|scvi\.model\..*\.train")  # fmt: skip
METRICS = re.compile(
    r"skimage\.(?:metrics|measure)\.(?:compare|structural|peak|mean|normalized)_\w+|surface_distance\.\w+|pycocotools\..*|lpips\.\w+|evaluate\.load|seqeval\..*"
    r"|sklearn\.metrics\.\w+|torchmetrics\..*|monai\.metrics\..*|medpy\.metric\..*|(.*\.)?(accuracy|\w*accuracy_score|roc_auc\w*|auc\w*|f1\w*|(?:\w+_)?dice(?:_(?!loss)\w+|score|coef\w*)?|dice_coef\w*|iou\w*|\w*_iou|jaccard\w*|hausdorff\w*|hd95|confusion_matrix|\w*psnr\w*|ssim\w*|\w*_ssim|\w*2mse|\w*_mse|\w*_error|mean_squared_error|mse|mae|rmse|r2_score|pearsonr|spearmanr|concordance_index|c_?index|bleu\w*|fid|average_precision\w*|mean_average_precision|classification_report|precision_recall\w*|compute_metrics?|calc_metrics?|calculate_metrics?|get_metrics?|cal_\w*(?:metric|acc|auc|dice|iou|score|mae|rmse|f1|psnr|ssim|index|error)\w*|sensitivity|specificity|perplexity|word_error_rate|kappa|cohen_kappa_score)",
    re.IGNORECASE,
)
PREDICTS = re.compile(r"(.*\.)?(predict\w*|decision_function|evaluate|evaluate_generator|infer|inference|sample_from|sliding_window_inference|generate|test_model|evaluate_model|validate|(?<=\.)test|eval_model|run_inference|do_test|testing|sample|segment)")  # fmt: skip
LOADS = re.compile(r"(.*\.)?(load_state_dict|load_model|load_weights|restore|load_checkpoint|load_from_checkpoint|from_pretrained|load_params|load_network\w*|load_trained\w*|InferenceSession|model_from_json)|(joblib|pickle|torch)\.load|.*\.Saver\(\)\.restore")  # fmt: skip
DRAWS = re.compile(
    r"(?:random|numpy\.random|rng|.*\bdf\w*|.*data\w*)\.sample"
)  # of numbers or rows
TEST_NAMES = re.compile(r"(^|/)[\w-]*(?<!unit)(test|eval|infer|predict|demo|validat|score|metric|benchmark|assess|sample|quickstart|example|inference|render|generate|preds?(?=[_.-]))[\w-]*\.(py|ipynb|m|r|rmd|jl|sh)$", re.IGNORECASE)  # fmt: skip
R_TRAINS = re.compile(r"(?<![\w.])(train|train\.model|train_model|siamcat|trainControl|randomForest|ranger|glmnet|cv\.glmnet|xgboost|xgb\.train|svm|ksvm|gbm|nnet|flexmix|kmeans|nmf|rpart|neuralnet|lgb\.train|h2o\.\w+|keras_model\w*|fit_generator|rfsrc|mlr3|workflow\(\)|tune_grid|lrn|PLIER|maxent|maxnet|ENMevaluate|biomod\w*|BIOMOD\w*|dismo::\w+|bart|brm|stan_\w+|gam|fit_resamples|tune|superlearner|SuperLearner|mlr::\w+|learn|autoencoder|caret::\w+|parsnip::\w+|run_ml|bst|glm(?=\s*\([^()\n]{0,200}binomial))\s*\(|%>%\s*fit\(|\bfit\s*\(")  # fmt: skip
R_JUDGES = re.compile(r"(?<![\w.])(predict|confusionMatrix|roc|auc|performance|evaluate|postResample|twoClassSummary|concordance\w*|accuracy|get_performance\w*|calc_\w+|cor)\s*\(")  # fmt: skip
MATLAB_TRAINS = re.compile(r"(?<![\w.])(trainNetwork|trainnet|fitc\w+|fitr\w+|TreeBagger|svmtrain|trainNetwork|patternnet|feedforwardnet|cnn_train\w*|train|lasso|trainClassifier|classRF_train|vl_\w*train\w*|dlgradient|fitensemble)\s*\(", re.IGNORECASE)  # fmt: skip
MATLAB_JUDGES = re.compile(r"(?<![\w.])(predict|classify|perfcurve|confusionmat|semanticseg|evaluateSemanticSegmentation|svmpredict|classRF_predict|activations|sim|test\w*|eval\w*|psnr|ssim|immse|dice|jaccard|bfscore|corr2?)\s*\(", re.IGNORECASE)  # fmt: skip
SHELL_TRAINS = re.compile(r"nnUNet_?v?2?_train|torchrun|accelerate launch|caffe train|th train|luajit|darknet detector train|fairseq-train|onmt_train|mlx_lm|allennlp train|dgl.*train|tools/train\.py|basset_train|kipoi train|selene_sdk\b.*\btrain")  # fmt: skip
SHELL_JUDGES = re.compile(r"nnUNet_?v?2?_(predict|evaluate|find_best)\w*|tools/(dist_)?test\.|caffe test|darknet detector (test|map|valid)|fairseq-(generate|validate)|onmt_translate|allennlp (evaluate|predict)|kipoi predict|TotalSegmentator\b")  # fmt: skip
LUA_TRAINS = re.compile(r":backward\(|optim\.\w+\(")


@dataclass(frozen=True)
class Learning:
    """Where models are trained and judged."""

    trains: tuple[Evidence, ...]
    judges: tuple[Evidence, ...]
    lost: tuple[Evidence, ...]  # imports of modules of the repository that do not exist
    broken_training: tuple[Evidence, ...]  # training that cannot run for that reason


def read(tree: Tree, code: Code, prose: Prose, declared: set[str]) -> Learning:
    """Find training and evaluation in Python, notebooks, R, MATLAB, Lua and shell."""
    trains, judges, lost = [], [], []
    broken = _absent(code, TRAINING.pattern)
    names = {name.replace("-", "_") for name in declared}
    gaps = {module.path: _gaps(module, code, names) for module in code.main}
    lacking = _lacking(code, gaps)
    works = _working(code, lacking)
    stranded = code.reached(starts(code)) - works
    for module in code.main:
        parsed = not module.broken or module.old or module.notebook
        needed = lacking[module.path] or not parsed
        lost += gaps[module.path]
        trained, judged = _trains(module, code), _judges(module, code)
        if needed and TRAINING.search(PurePosixPath(module.path).name):
            broken.append(trained or _needed(module, code, gaps, parsed))
        elif trained:
            (broken if needed or module.path in stranded else trains).append(trained)
        if judged and not needed and module.path in works:
            judges.append(judged)
    if (broken or _hollow(code)) and all(TEST_NAMES.search(f"/{one.path}") for one in trains):
        trains = []  # what the evaluation fits is a baseline
    more_trains, more_judges = _others(code)
    more_trains += [*_compiled(tree), *_told(code, prose, NNUNET_TRAINS)]
    more_judges += _told(code, prose, NNUNET_JUDGES)
    if not trains and not more_trains and not broken:
        more_trains = [
            *_scripts_called_for(code, lacking, TRAIN_NAMES, "trains"),
            *_called_for(code, TRAIN_NAMES, "trains"),
        ]
    if not judges and not more_judges:
        more_judges = [
            *_called_for(code, TEST_NAMES, "judges"),
            *_scripts_called_for(code, lacking, PREDICT_NAMES, "judges", fewest=5),
            *_example_told(prose),
        ]
    return Learning(
        tuple([*_first_named(trains, "train"), *more_trains]),
        tuple([*_first_named(judges, "eval|test|predict"), *more_judges]), tuple(lost), tuple(broken),
    )  # fmt: skip


def _lacking(code: Code, gaps: dict[str, list[Evidence]]) -> dict[str, int]:
    """Whether a module lacks something, by path; what one that is imported lacks when it is run
    itself, its importers do not need."""

    def always(module: Module) -> int:
        found = gaps.get(module.path, ())
        return int(any(e.line is None or e.line not in module.when_run for e in found))

    lacking = code.over_reach(always, 0)
    return {path: whole | bool(gaps.get(path)) for path, whole in lacking.items()}


def _needed(module: Module, code: Code, gaps: dict[str, list], parsed: bool) -> Evidence:
    """The first that a module lacks so that it can run."""
    if not parsed:
        return Evidence("cannot be parsed, so it cannot run", module.path)
    return next(gap for other in code.reach(module) for gap in gaps.get(other.path, ()))


TRAINING = re.compile(r"train|(^|[_-])fit([_-]|\.)")


TRAIN_NAMES = re.compile(
    r"(?:^|/)[\w-]*train(?!ed|set|_?data|ing_?(?:data|set))[\w-]*\.(?:m|sh|jl|r|lua|mk)$", re.I
)
RUNS_OTHERS = re.compile(r"\b(?:python[\d.]*|Rscript|torchrun|accelerate|julia|matlab)\b")


def _called_for(code: Code, names: re.Pattern, note: str) -> list[Evidence]:
    """Scripts without Python that are called for a work and do something, by whatever means.

    A script that only runs scripts of another language says nothing: those speak for themselves.
    """
    found = []
    for path, text in code.others.items():
        if not names.search(path) or ASIDE.search(path) or RUNS_OTHERS.search(text):
            continue
        lines = [x for x in text.splitlines() if x.strip() and not x.lstrip().startswith(("#", "%", "--", "echo"))]  # fmt: skip
        if len(lines) > 3:
            found.append(Evidence(f"{note}: it is called for it, and has {len(lines)} lines", path))
    return found


# Scripts by whose names a trained model is applied; a test may be one of anything.
PREDICT_NAMES = re.compile(r"(?:^|/)[\w-]*(?:predict|infer|evaluat)[\w-]*\.sh$", re.I)


def _scripts_called_for(code: Code, lacking: dict[str, int], names: re.Pattern, note: str, fewest: int = 15) -> list[Evidence]:  # fmt: skip
    """Python that is called for a work and does much, in a way of its own.

    A file of functions counts where none of that name is empty: else what would run them is gone.
    """
    called = [
        module
        for module in code.main
        if module.path.endswith(".py") and names.search(f"{module.path.removesuffix('.py')}.sh")
    ]
    emptied = any(not module.calls for module in called) or names is TRAIN_NAMES
    return [
        Evidence(f"{note}: it is called for it, and makes {len(module.calls)} calls", module.path)
        for module in called
        if (module.main or any(not call.scope for call in module.calls) or not emptied)
        and len(module.calls) > fewest
        and not lacking[module.path]
    ]


SHOWS_LOADING = re.compile(r"\b(?:load_state_dict|load_model|load_weights|from_pretrained|load_from_checkpoint|torch\.load|pretrained)\s*\(")  # fmt: skip
SHOWS_USE = re.compile(r"\b\w*(?:model|net|predictor|classifier)\((?!\s*\))|\.(?:predict\w*|infer\w*|generate|segment\w*)\(|=\s*\w+\(\w+,[^()]{0,200}mode=")  # fmt: skip
SOMEBODY_ELSES = re.compile(r"from_pretrained\(\s*[\"'](?:(?:distil)?(?:bert|roberta|gpt2)|google|facebook|microsoft|openai)", re.I)  # fmt: skip


def _example_told(prose: Prose) -> list[Evidence]:
    """An example under one heading of the README that loads the trained model and applies it."""
    code = [line for line in prose.lines if line.code and len(line.text) < 2000]
    loads = {
        line.heading: line for line in code
        if SHOWS_LOADING.search(line.text) and not SOMEBODY_ELSES.search(line.text)
    }  # fmt: skip
    uses = next((x for x in code if x.heading in loads and SHOWS_USE.search(x.text)), None)
    return (
        [loads[uses.heading].says("loads a trained model"), uses.says("applies it")] if uses else []
    )


def _hollow(code: Code) -> bool:
    """Whether what is called the training only says that it will come."""
    called = [m for m in code.main if TRAINING.search(PurePosixPath(m.path).name)]
    return bool(called) and all(len(module.calls) <= 2 for module in called)


def _working(code: Code, lacking: dict[str, int]) -> set[str]:
    """Modules that a script or notebook runs in which nothing is missing; all where none is told."""
    scripts = starts(code)
    working = code.reached(module for module in scripts if not lacking[module.path])
    return working if scripts else {module.path for module in code.main}


def starts(code: Code) -> list[Module]:
    """Scripts and notebooks: what somebody can run."""
    return [m for m in code.main if m.main or m.notebook or any(not call.scope for call in m.calls)]


def _gaps(module: Module, code: Code, names: set[str]) -> list[Evidence]:
    return [module.at(line, f"imports {name}, which is not here") for name, line in code.missing(module, names)]  # fmt: skip


def _first_named(found: list[Evidence], words: str) -> list[Evidence]:
    """Evidence in files that are called for it first."""
    return sorted(found, key=lambda one: not re.search(words, one.path or ""))


def _frameworks(module: Module, code: Code) -> frozenset[str]:
    """Frameworks that a module uses, itself or through the modules that it imports."""
    return code.kept("frameworks", _own_frameworks)[module.path]


def _own_frameworks(module: Module) -> frozenset[str]:
    return frozenset(name.split(".")[0] for name in module.imports) & FRAMEWORKS


def _own_models(module: Module, code: Code) -> frozenset[str]:
    """Methods such as `fit` of classes of the repository that a module uses."""
    methods = code.kept("methods", lambda other: WORKS & frozenset(other.methods))[module.path]
    return methods if "fit" in methods else frozenset()


WORKS = frozenset({"fit", "train", "predict"})


# Classes of a library that bring a method which trains.
TRAINABLE = re.compile(r"(?:.*\.)?(?:Unsupervised|Jax|Supervised)?TrainingMixin")


def _trains(module: Module, code: Code) -> Evidence | None:
    for name, bases in module.classes.items():
        if any(TRAINABLE.fullmatch(base) for base in bases):
            return module.at(1, f"{name} is a model with the training of a library")
    candidates = []
    for call in module.calls:
        if LOOPS.fullmatch(call.name):
            candidates.insert(0, call)
        elif call.name.endswith("ngine().train") or {"maxepoch", "optimizer"} <= set(call.keywords):
            candidates.insert(0, call)  # an engine that runs a training loop
        elif EPOCHS & set(call.keywords) and RUNS_EPOCHS.search(call.name):
            candidates.append(call)  # a function of a library that does the loop
        elif call.name.endswith("function") and "updates" in call.keywords:
            candidates.insert(0, call)  # of Theano
        elif FITS.fullmatch(call.name) and not NOT_MODELS.fullmatch(call.name):
            candidates.append(call)
    if not candidates:
        return None
    own = _own_models(module, code) & {call.name.rsplit(".", 1)[-1] for call in candidates}
    if not _frameworks(module, code) and not module.broken and not own:
        return None
    best = candidates[0]
    return module.at(best.line, f"trains: {best.name.rsplit('.', 1)[-1]}()")


# How long to train is asked of nothing but a training.
EPOCHS = {"epochs", "n_epochs", "num_epochs", "max_epochs", "nb_epoch", "n_epoch", "nepochs"}
RUNS_EPOCHS = re.compile(r"(?:^|[._])(?:run|train|fit|learn|fold|cross|optimi[sz]e)\w*$")


def _judges(module: Module, code: Code) -> Evidence | None:
    """A metric or a prediction of a model, in code that has a model to judge."""
    found = None
    for call in module.calls:
        if METRICS.fullmatch(call.name):
            return module.at(call.line, f"computes {call.name.rsplit('.', 1)[-1]}")
        predicts = PREDICTS.fullmatch(call.name) and not DRAWS.fullmatch(call.name)
        if predicts and (found is None or not PREDICTS.fullmatch(found.name)):
            found = call
        elif found is None and (LOADS.fullmatch(call.name) or EVAL_MODE.fullmatch(call.name)):
            found = call
    if found is not None and _only_applies(module):
        return module.at(found.line, f"predicts: {found.name.rsplit('.', 1)[-1]}()")
    if found is None:
        # What must be given is a path or a number, and no switch.
        switches = [
            f for f, (value, _) in module.flags.items() if value is not REQUIRED or f == "mode"
        ]
        flag = next((f for f in switches if re.fullmatch(r"(do_|only_|run_|is_)?(test|eval|evaluate|predict|infer|inference|render_only|validate|demo|sample|mode)(_only|ing|ion)?", f)), None)  # fmt: skip
        works = code.kept("works", _fits_or_loads)[module.path]
        if flag and _frameworks(module, code) and (flag != "mode" or works):
            return module.at(module.flags[flag][1], f"--{flag}")
        return _judges_as_it_trains(module, code)
    named = TEST_NAMES.search("/" + module.path)
    predicts = PREDICTS.fullmatch(found.name)
    if not predicts and not named and (metric := _metric(module)):
        return module.at(metric[1], f"computes {metric[0]}")
    known = _frameworks(module, code) or _own_models(module, code) or OF_A_MODEL.fullmatch(found.name)  # fmt: skip
    if (named or predicts) and (known or module.broken or named):
        return module.at(found.line, f"predicts: {found.name.rsplit('.', 1)[-1]}()")
    return None


def _only_applies(module: Module) -> bool:
    """Whether a file loads a model and has it judge, and trains none."""
    names = [call.name for call in module.calls]
    if any(LOOPS.fullmatch(name) or FITS.fullmatch(name) for name in names):
        return False
    judges = any(call.name.endswith(".eval") and not call.args for call in module.calls)
    return judges and any(LOADS.fullmatch(name) for name in names)


# A network that is told to judge from now on; pandas evaluates expressions by the same name.
EVAL_MODE = re.compile(r"(?:\w+\.)*(?:\w*model|\w*net(?:work)?|\w*classifier)\.eval")


def _fits_or_loads(module: Module) -> frozenset[str]:
    patterns = (LOOPS, FITS, LOADS)
    works = any(p.fullmatch(call.name) for call in module.calls for p in patterns)
    return frozenset({"works"} if works else ())


def _judges_as_it_trains(module: Module, code: Code) -> Evidence | None:
    """What a script that trains works out of data that it does not train on."""
    if not any(LOOPS.fullmatch(call.name) for call in module.calls):
        return None
    if not _frameworks(module, code):
        return None
    called = next((c for c in module.calls if HELD_OUT.fullmatch(c.name)), None)
    if called and called.name in module.functions:
        return module.at(called.line, f"judges: {called.name}()")
    named = next(
        ((b.name, b.line) for b in module.assigned if HELD_OUT_NAME.fullmatch(b.name)), None
    )
    return module.at(named[1], f"computes {named[0]}") if named else None


# A prediction of what is called a model, in code that is handed one.
OF_A_MODEL = re.compile(r"(?:.*\.)?(?:\w*model|\w*network|net|clf|classifier|estimator)\.predict(?:_\w+)?")  # fmt: skip
HELD_OUT = re.compile(r"(?:do_|run_)?(?:test|eval|val|valid)(?:_(?:model|epoch|step|net|loop|one_epoch))?")  # fmt: skip
HELD_OUT_NAME = re.compile(r"(?:\w+_)?(?:test|eval|val|valid|validation|testing)_?(?:loss(?:es)?|dist|err(?:or)?|acc(?:uracy)?|cost|score)\w*|(?:loss|err(?:or)?|acc(?:uracy)?|cost)_?(?:test|eval|val|valid)\w*", re.IGNORECASE)  # fmt: skip
METRIC_NAME = re.compile(r"(test_?)?(acc|accuracy|auc|auroc|dice|iou|miou|mae|rmse|mse|f1|kappa|psnr|ssim|r2|c_?index)(_score)?", re.IGNORECASE)  # fmt: skip


def _metric(module: Module) -> tuple[str, int] | None:
    """A metric that code which loads a model works out by itself, and its line."""
    return next(((b.name, b.line) for b in module.assigned if METRIC_NAME.fullmatch(b.name)), None)


def _others(code: Code) -> tuple[list[Evidence], list[Evidence]]:
    trains, judges = [], []
    for path, text in code.others.items():
        end = PurePosixPath(path.lower()).suffix
        train, judge = {
            ".r": (R_TRAINS, R_JUDGES), ".rmd": (R_TRAINS, R_JUDGES), ".qmd": (R_TRAINS, R_JUDGES),
            ".m": (MATLAB_TRAINS, MATLAB_JUDGES), ".lua": (LUA_TRAINS, None),
            ".sh": (SHELL_TRAINS, SHELL_JUDGES), ".bash": (SHELL_TRAINS, SHELL_JUDGES),
            ".jl": (re.compile(r"Flux\.train!|gradient\(|fit!\("), re.compile(r"predict\w*\(")),
        }.get(end, (None, None))  # fmt: skip
        if _is_workflow(path):
            trains += _rules_of_programs(path, text)
            if (
                _absent(code, "")
                or not re.search(r"\.(R|r|Rmd|sh|jl|m|ipynb)\b", text)
                and ".py" in text
            ):
                continue  # what its rules run is not there, or is Python and speaks for itself
            train = re.compile(r"^\s*rule\s+\w*train\w*|scripts?/[\w/]*train\w*\.", re.IGNORECASE)
            judge = re.compile(
                r"^\s*rule\s+\w*(eval|predict|perform|score|auc|auroc|metrics|test)\w*",
                re.IGNORECASE,
            )
        for pattern, into, note in ((train, trains, "trains"), (judge, judges, "judges")):
            found = pattern and _first(pattern, text)
            if found:
                into.append(Evidence(f"{note}: {found[1]}", path, found[0]))
    for module in code.modules:
        if module.notebook and not module.calls and re.search(r"library\(|<-", module.text):
            for pattern, into, note in ((R_TRAINS, trains, "trains"), (R_JUDGES, judges, "judges")):
                found = _first(pattern, module.text)
                if found:
                    into.append(module.at(found[0], f"{note}: {found[1]}"))
    return trains, judges


TRAINING_RULE = re.compile(r"^\s*rule\s+\w*(?:train|(?<![a-z])fit(?![a-z]))\w*", re.IGNORECASE)
PROGRAM = re.compile(r"(?:^|[\s\"'])(?:[\w.]+/)+\w[\w.-]* +-{1,2}\w")  # with a folder and options


def _rules_of_programs(path: str, text: str) -> list[Evidence]:
    """Rules for training that call a compiled program of the repository."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(r"\s*(?:rule|checkpoint)\s+\w", line)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        block = [line for line in lines[start:end] if len(line) < 2000]
        runs = [line for line in block if PROGRAM.search(line) and not SCRIPT.search(line)]
        if TRAINING_RULE.match(lines[start]) and runs:
            found.append(Evidence(f"trains: {runs[0].strip()[:80]}", path, start + 1))
    return found


SCRIPT = re.compile(r"\.(?:py|R|r|sh|jl|m|pl|ipynb)\b")
COMPILED = (".cpp", ".cc", ".cxx", ".java", ".scala", ".cs", ".go", ".rs")
COMPILED_MAIN = re.compile(r"\bmain\s*\(|\bextern \"C\"|PYBIND11_MODULE")
COMPILED_TRAINS = re.compile(r"\b(?:[Bb]ack(?:[Ww]ard|[Pp]rop\w*)|buildClassifier|[Tt]rain(?:_?[Mm]odel|_?[Ee]poch|er)?|Fit|optimizer\.step|[Uu]pdate_?(?:[Pp]arams|[Ww]eights))\s*\(")  # fmt: skip


def _compiled(tree: Tree) -> list[Evidence]:
    """Training in a language that is compiled, in a program or in what Python calls of it."""
    found = []
    for path in [p for p in tree.ending(*COMPILED) if not ASIDE.search(p)][:500]:
        text = tree.text(path)
        if COMPILED_MAIN.search(text) and (hit := _first(COMPILED_TRAINS, text)):
            found.append(Evidence(f"trains: {hit[1].rstrip('( ')}()", path, hit[0]))
    return found


def _told(code: Code, prose: Prose, pattern: re.Pattern) -> list[Evidence]:
    """Commands of a program with which the README trains or predicts by the code that is here."""
    if not code.main:
        return []
    lines = [line for line in prose.lines if line.code or "`" in line.text]
    return [line.says() for line in lines if len(line.text) < 2000 and pattern.search(line.text)]


NNUNET_TRAINS = re.compile(r"\bnnUNet(?:v2)?_train\b")
NNUNET_JUDGES = re.compile(r"\bnnUNet(?:v2)?_(?:predict|evaluate|find_best)\w*")


def _is_workflow(path: str) -> bool:
    return path.lower().endswith((".smk", "snakefile"))


CALLED = re.compile(r"(?:python[\d.]*|Rscript|bash|julia)\s+([\w./-]+\.(?:py|R|r|sh|jl))\b")


def _absent(code: Code, words: str) -> list[Evidence]:
    """Scripts that a Snakefile runs and that are not there, where their names hold these words."""
    lost = []
    for path, text in code.others.items():
        for number, line in enumerate(text.splitlines() if _is_workflow(path) else (), start=1):
            for name in CALLED.findall(line.split("#")[0]):
                name = re.sub(r"^(\.{1,2}/)+", "", name)
                if name not in code.ends and re.search(words, PurePosixPath(name).name):
                    lost.append(Evidence(f"runs {name}, which is not here", path, number))
    return lost


def _first(pattern: re.Pattern, text: str) -> tuple[int, str] | None:
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) < 2000 and not line.lstrip().startswith(("#", "%", "--")):
            found = pattern.search(line)
            if found:
                return number, found[0].strip()
    return None
