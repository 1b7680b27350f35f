"""Which calls use random numbers, and whether each is seeded: judged call by call, not file by file."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gold_standard.check.code import (
    ASIDE,
    MAIN,
    NAMES_A_SEED,
    OF_OTHERS,
    UNSET,
    Bound,
    Call,
    Code,
    Module,
)
from gold_standard.check.training import EPOCHS, NOT_MODELS, RUNS_EPOCHS
from gold_standard.check.verdicts import Evidence

# Generators that take their seed as an argument; nothing else fixes them.
GENERATORS = re.compile(
    r"numpy\.random\.(default_rng|RandomState|SeedSequence|PCG64|MT19937|Philox|SFC64)|random\.Random"
)
# Parts of scikit-learn and its like that draw numbers unless they get `random_state`. Without it
# they use NumPy's global generator, which a global seed fixes.
ESTIMATORS = re.compile(
    r"(RandomForest|ExtraTrees?|GradientBoosting|AdaBoost|Bagging|DecisionTree)(Classifier|Regressor)"
    r"|HistGradientBoosting(Classifier|Regressor)|MLP(Classifier|Regressor)|SGD(Classifier|Regressor)"
    r"|(MiniBatch)?KMeans|RandomizedSearchCV|(Stratified|Group)?ShuffleSplit|StratifiedGroupKFold"
    r"|IsolationForest|GaussianMixture|BayesianGaussianMixture|LatentDirichletAllocation"
    r"|SpectralClustering|TSNE|TruncatedSVD|FastICA|NMF|MDS|RandomOver[Ss]ampler|RandomUnderSampler"
    r"|SMOTE|ADASYN|RANSACRegressor|train_test_split|make_(classification|blobs|moons|circles|regression)"
    r"|permutation_importance|resample|UMAP|QuantileTransformer|CalibratedClassifier"
)
SKLEARN = re.compile(r"(sklearn|imblearn|umap|dask_ml|cuml)\b.*")
FOLDS = re.compile(r"(Stratified|Group|Repeated|RepeatedStratified)?KFold")

PYTHON = re.compile(
    r"random\.(random|randint|randrange|uniform|gauss|normalvariate|shuffle|sample|choice|choices"
    r"|betavariate|expovariate|triangular|getrandbits)"
)
NUMPY = re.compile(
    r"numpy\.random\.(rand|randn|randint|random|random_sample|ranf|sample|uniform|normal|shuffle"
    r"|permutation|choice|binomial|poisson|beta|gamma|exponential|standard_normal|multivariate_normal"
    r"|laplace|lognormal|multinomial|dirichlet|random_integers|triangular|bytes)"
)
TORCH = re.compile(
    r"torch\.(rand|randn|randint|randperm|rand_like|randn_like|randint_like|normal|bernoulli|multinomial|empty_like\.normal_)"
    r"|torch\.nn\.init\.\w+_|torch\.utils\.data\.(random_split|RandomSampler|WeightedRandomSampler|SubsetRandomSampler)"
    r"|torch\.distributions\..*|torchvision\.transforms\.Random\w+"
)
TENSORFLOW = re.compile(
    r"tensorflow\.(compat\.v1\.)?random\.(normal|uniform|shuffle|truncated_normal|categorical|gamma|stateless_never)"
    r"|tensorflow\.(random_normal|random_uniform|truncated_normal|random_shuffle|random_crop|get_variable)"
    r"|tensorflow\.nn\.dropout|tensorflow\.image\.random_\w+"
)
SEEDERS = {
    "python": re.compile(r"random\.seed"),
    "numpy": re.compile(r"numpy\.random\.(seed|set_state)"),
    "torch": re.compile(r"torch\.(manual_seed|random\.manual_seed|set_rng_state|seed_never)"),
    "tensorflow": re.compile(
        r"tensorflow\.(compat\.v[12]\.)?(random\.)?set_(random_)?seed|tensorflow\.set_random_seed"
    ),
    "monai": re.compile(r"(?:monai\..*|\w+(?:\.\w+)*)\.(?:set_determinism|set_random_state)"),
}
# Functions of libraries that seed several generators at once.
SEED_ALL = re.compile(
    r"(.*\.)?(seed_everything|set_random_seed|set_determinism|enable_full_determinism|set_seed"
    r"|fix_seed|set_seeds|manual_seed_all_libs|init_seeds|setup_seed|seed_all|fix_random_seeds?"
    r"|set_all_seeds?|seed_torch|random_seed)"
)
LIBRARY_SEED_ALL = re.compile(
    r"(pytorch_lightning|lightning|lightning_fabric|transformers|accelerate|monai|keras|tensorflow"
    r"|mmcv|mmengine|detectron2|fastai|ignite|fairseq|catalyst|torch_geometric|allennlp|gluoncv)\b.*"
    r"\.(seed_everything|set_random_seed|set_determinism|set_seed|enable_full_determinism|seed_all_rng"
    r"|manual_seed|random_seed|prepare_global_logging|random\.seed)"
)
# MONAI's random transforms draw from a generator of their own, which its DataLoader seeds by PyTorch.
MONAI = re.compile(r"monai\.transforms\.(?:\w+\.)*Rand[A-Z]\w*")
DRAWS = {"python": PYTHON, "numpy": NUMPY, "torch": TORCH}
CLOCKS = re.compile(
    r"time\.time(_ns)?|datetime\.(datetime\.)?now|os\.(urandom|getpid)|uuid\.uuid4|secrets\..*"
)
NAMES = {"python": "Python's random", "numpy": "NumPy", "torch": "PyTorch", "tensorflow": "TensorFlow/Keras", "monai": "MONAI's transforms"}  # fmt: skip
CURE = {
    "python": "random.seed(…)", "numpy": "np.random.seed(…), or default_rng(seed)",
    "torch": "torch.manual_seed(…)", "tensorflow": "tf.random.set_seed(…)",
    "monai": "monai.utils.set_determinism(…)",
}  # fmt: skip


@dataclass(frozen=True)
class Randomness:
    """What was found: calls that nothing seeds, seeds that do not work, and seeds that do."""

    loose: tuple[Evidence, ...]
    seeded: tuple[Evidence, ...]
    used: bool  # whether random numbers are used at all


def judge(code: Code, commands: str = "", settings: dict[str, str] | None = None) -> Randomness:
    """Judge every random call of the analysis, in Python and R.

    `commands`: the text in which commands stand, where a flag of a script may be given its seed.
    `settings`: the texts of settings files, by path.
    """
    loose: dict[tuple, Evidence] = {}
    repository = _Seeds(code, commands)
    uses = [use for module in code.main for use in _uses(module, code)]
    used = bool(uses)
    runs = code.reached(repository.starts)
    if not any(use.module.path in runs for use in uses):
        runs = {module.path for module in code.main}  # what would run them is not here
    counted = [use for use in uses if use.module.path in runs and _counts(use, code)]
    problems = [(use, why) for use in counted if (why := repository.problem(use))]
    for evidence in repository.starts_without(counted):
        loose.setdefault((evidence.path, evidence.line), evidence)
    scopes = {use.call.scope for use, _ in problems} - repository.called
    idle = _never_named(code, scopes, commands)
    for use, why in problems:
        if use.call.scope not in idle:
            loose.setdefault((use.module.path, use.call.line), use.module.at(use.call.line, why))
    for module in (m for m in code.main if not OF_OTHERS.search(m.path)):
        for evidence in [
            *_hopeless(module, repository),
            *_not_given(module, commands),
            *_drawn_by_default(module),
        ]:
            used = True
            loose.setdefault((evidence.path, evidence.line, evidence.note), evidence)
    for evidence in _left_open(settings or {}):
        used = True
        loose.setdefault((evidence.path, evidence.line), evidence)
    seeded = [m.at(c.line, f"{c.name} is called") for m, c, _ in repository.working]
    for evidence, fine in _other_languages(code):
        used = True
        if fine:
            seeded.append(evidence)
        else:
            loose[evidence.path, evidence.line] = evidence
    return Randomness(tuple(loose.values()), tuple(seeded), used)


def _counts(use: "_Use", code: Code) -> bool:
    """Whether a use belongs to the work, and not to somebody who tries one module by itself."""
    tried = MAIN in use.call.guards and (use.module.tried or use.module.path in code.used)
    if tried or OF_OTHERS.search(use.module.path):
        return False
    made_up = use.library == "torch" and use.module.notebook and not _has_networks(use.module)
    return not made_up  # numbers made up to try something


# What trains a network, loads one or writes numbers; where none is, draws reach no result.
NETWORKS = re.compile(r"(?:.*\.)?(?:backward|step|fit|train|load\w*|from_pretrained|restore\w*|save\w*|Parameter|manual_seed)")  # fmt: skip


def _has_networks(module: Module) -> bool:
    return any(NETWORKS.fullmatch(call.name) for call in module.calls)


def _left_open(settings: dict[str, str]):
    """Seeds that a settings file at the top leaves open."""
    for path, text in settings.items():
        for number, line in enumerate(text.splitlines()[:2000], start=1):
            found = re.match(r"\s*[\"']?(\w*seed)[\"']?\s*:\s*(null|None|~)\s*,?\s*(#.*)?$", line[:300], re.I)  # fmt: skip
            if found:
                yield Evidence(f"{found[1]} is {found[2]}", path, number)


def _never_named(code: Code, scopes: set[str], outside: str) -> set[str]:
    """Those of these functions that nothing names but their definition, so that nothing runs them."""
    scopes = {name for name in scopes if name.isidentifier() and name != "main"}
    scopes -= {name for module in code.modules for name in module.methods}
    if not scopes:
        return set()
    named = re.compile(rf"(?<!\bdef )\b(?:{'|'.join(sorted(scopes))})\b")
    for text in (outside, *(module.text for module in code.modules)):
        scopes = scopes - set(named.findall(text)) if scopes else scopes
    return scopes


def _starts(code: Code, commands: str) -> list[Module]:
    """Scripts, notebooks and entry points; what others import is no script for a call in it."""
    entries = {place for place, _ in _entry_points(code, commands)}
    return [
        m
        for m in code.main
        if m.main
        and not m.tried
        or m.notebook
        or any(m.path.endswith(f"{place.replace('.', '/')}.py") for place in entries)
        or m.path not in code.used
        and not m.tried
        and any(not c.scope and not ONLY_SET_UP.match(c.name) for c in m.calls)
    ]


# What modules call while they are imported.
ONLY_SET_UP = re.compile(r"sys\.path\.|os\.path\.|os\.environ|os\.getcwd|logging\.|warnings\.|pathlib\.|matplotlib\.use|typing\.|collections\.namedtuple|(?:[\w.()]+\.)?(?:joinpath|split|resolve|absolute|append|insert|join)$|str$")  # fmt: skip


@dataclass(frozen=True)
class _Use:
    module: Module
    call: Call
    library: str | None  # whose global generator; None where only an argument can seed it
    what: str


def _uses(module: Module, code: Code):
    """The calls of a module that draw random numbers and bear no seed themselves."""
    imported = {name.split(".")[0] for name in module.imports}
    if module.star:  # whatever these import is at hand as well
        imported |= {n.split(".")[0] for other in code.imports_of(module) for n in other.imports}
    steps = module.path in code.used or code.kept("steps", _steps)[module.path]
    apart = _in_processes(module)
    for call in module.calls:
        if not steps and call.name.endswith(".backward"):
            continue
        name, last = call.name, call.name.rsplit(".", 1)[-1]
        if GENERATORS.fullmatch(name):
            if not _has_seed(call, ("seed", "entropy")):
                yield _Use(module, call, None, name)
        elif FOLDS.fullmatch(last) and SKLEARN.fullmatch(name):
            shuffled = call.keywords.get("shuffle") is True or last.startswith("Repeated")
            if shuffled and not _has_state(call):
                yield _Use(module, call, "numpy", last)
        elif ESTIMATORS.fullmatch(last) and SKLEARN.fullmatch(name):
            if _has_state(call) or call.keywords.get("shuffle") is False:
                continue
            if last in apart:  # np.random.seed does not reach these
                yield _Use(module, call, None, f"{last} in the processes of n_jobs")
            else:
                yield _Use(module, call, "numpy", last)
        elif last in ("SVC", "NuSVC") and call.keywords.get("probability") is True:
            if not _has_state(call):
                yield _Use(module, call, "numpy", f"{last}(probability=True)")
        elif PYTHON.fullmatch(name) and "random" in imported:
            yield _Use(module, call, "python", name)
        elif NUMPY.fullmatch(name):
            yield _Use(module, call, "numpy", name)
        elif MONAI.fullmatch(name):
            yield _Use(module, call, "torch" if _loads_by_monai(code) else "monai", name)
        elif TORCH.fullmatch(name) and "generator" not in call.keywords:
            yield _Use(module, call, "torch", name)
        elif (
            (imported & TORCHES and _shuffling_loader(call))
            or _trains_torch(call, imported)
            or _trainer(call, imported)
        ):
            yield _Use(module, call, "torch", _what(call))
        elif (TENSORFLOW.fullmatch(name) and not _has_seed(call, ("seed",), 9)) or _trains_keras(call, imported):  # fmt: skip
            yield _Use(module, call, "tensorflow", _what(call))


# What fits copies of an estimator, with n_jobs in processes that nothing has seeded.
SEARCHES = re.compile(
    r"(?:sklearn\..*|skopt\..*|.*\b)(?:GridSearchCV|RandomizedSearchCV|BayesSearchCV|cross_val_(?:score|predict)|cross_validate)"
)


def _in_processes(module: Module) -> set[str]:
    """The estimators that a search with n_jobs is given, whose copies it fits in processes."""
    found = set()
    for call in module.calls:
        if SEARCHES.fullmatch(call.name) and call.keywords.get("n_jobs", 1) not in (None, 1):
            names = [*call.reads]
            names += [r for n in call.reads for b in module.bound(n, call.scope) for r in b.reads]
            found |= {name[:-2].rsplit(".", 1)[-1] for name in names if name.endswith("()")}
    return {name for name in found if not re.search(r"(?:Split|Fold|CV)$|split$", name)}


def _loads_by_monai(code: Code) -> bool:
    loads = re.compile(r"monai\.data\.(?:\w+\.)?(?:Thread)?DataLoader").fullmatch
    return any(loads(call.name) for module in code.main for call in module.calls)


def _what(call: Call) -> str:
    last = call.name.rsplit(".", 1)[-1]
    return {"backward": "training (backward)", "fit": "training (fit)"}.get(last, last)


def _has_seed(call: Call, names: tuple[str, ...], position: int = 0) -> bool:
    if "**" in call.keywords:
        return True
    given = [call.keywords[name] for name in names if name in call.keywords]
    given += list(call.args[position : position + 1])
    return any(value is not None for value in given)


def _has_state(call: Call) -> bool:
    for name in ("random_state", "seed"):
        if name in call.keywords:
            return call.keywords[name] is not None
    return "**" in call.keywords


TORCHES = frozenset("torch torchvision torch_geometric pytorch_lightning lightning monai dgl fastai".split())  # fmt: skip


def _shuffling_loader(call: Call) -> bool:
    return (
        call.name.endswith("DataLoader")
        and call.keywords.get("shuffle") not in (None, False)
        and not {"generator"} & set(call.keywords)
    )


# What updates weights; gradients alone are asked for to time a network, or to show what it sees.
STEPS = re.compile(r"(?:.*\.)?(?:step|zero_grad|minimize|apply_gradients)|torch\.optim\..*")


def _steps(module: Module) -> frozenset[str]:
    return frozenset({"steps"} if any(STEPS.fullmatch(call.name) for call in module.calls) else ())


def _trains_torch(call: Call, imported: set[str]) -> bool:
    trains = call.name.endswith(".train") and bool({"epochs", "lr", "epoch", "num_epochs", "max_epochs"} & set(call.keywords))  # fmt: skip
    return (call.name.endswith(".backward") or trains) and bool(
        imported & {"torch", "pytorch_lightning", "gears", "scvi", "scgpt"}
    )


def _trainer(call: Call, imported: set[str]) -> bool:
    """A trainer of PyTorch Lightning or of transformers, which draws what the model starts from."""
    name = call.name.rsplit(".", 2)[-2:]
    if "fastai" in imported and FASTAI_FITS.fullmatch(name[-1]):
        return True
    if len(name) < 2 or not name[0].lower().rstrip("()").endswith("trainer"):
        return False
    lightning = imported & {"pytorch_lightning", "lightning"} and name[1] == "fit"
    return bool(lightning or "transformers" in imported and name[1] == "train")


KERAS = frozenset("tensorflow keras tf_keras tensorlayer".split())
FASTAI_FITS = re.compile(r"fit_one_cycle|fit_flat_cos|fine_tune|fit_sgdr")
OTHER_FITS = re.compile(
    r"(.*\.)?(\w*umap\w*|reducer|embed\w*|mapper|\w*pca\w*|tsne|scal\w*|cph|kmf\w*|naf|coxph\w*|ax|stats|norm|kde|lr|clf|svm|rf|knn|reg|cox)\.fit"
)


def _trains_keras(call: Call, imported: set[str]) -> bool:
    name = call.name.rsplit(".", 1)[-1]
    if EPOCHS & set(call.keywords) and RUNS_EPOCHS.search(call.name):
        return bool(imported & KERAS)
    if NOT_MODELS.fullmatch(call.name) or OTHER_FITS.fullmatch(call.name):
        return False
    return name in (
        "fit",
        "fit_generator",
        "train_on_batch",
        "minimize",
        "apply_gradients",
    ) and bool(  # fmt: skip
        imported & KERAS
    )


def _called(module: Module, vain: Collection[int] = (), imported: bool = False) -> set[str]:
    """Names of functions that a module calls, or hands to somebody who does.

    `vain`: calls that do not count, by id(). `imported`: without those made where it is run.
    """
    calls = (call for call in module.calls if id(call) not in vain and not _direct(call))
    calls = (call for call in calls if not (imported and MAIN in call.guards))
    return {call.name.rsplit(".", 1)[-1] for call in calls} | module.handed


ENTRY_POINT = re.compile(r"(?<=[\w.-])[\"']? ?= ?[\"']?([\w.]+):(\w+)")


def _entry_points(code: Code, commands: str) -> set[tuple[str, str]]:
    """Modules and functions that the package makes commands of."""
    setups = [m.text for m in code.modules if m.path.rsplit("/", 1)[-1] == "setup.py"]
    return {found for text in (commands, *setups) for found in ENTRY_POINT.findall(text)}


def _from_outside(code: Code, commands: str) -> set[str]:
    """Functions that run as commands: those of entry points, and all that Fire finds in a file."""
    names = {name for _, name in _entry_points(code, commands)}
    for module in code.modules:
        if any(call.name in ("fire.Fire", "fire.core.Fire") for call in module.calls):
            names |= set(module.functions)
    return names


# The test of an `if` that asks whether a seed, or a switch for seeds, was given.
WAITS = re.compile(r"(?:\w+\.)*(\w*(?:seed|deterministic|reproducib)\w*)(?: is not None|\s*(?:>=|>|!=)\s*-?\d+)?|not \((?:\w+\.)*(\w*seed\w*) is None\)", re.I)  # fmt: skip


class _Seeds:
    """Where the repository seeds each library, and which of these seeds work."""

    def __init__(self, code: Code, commands: str = "") -> None:
        self.code = code
        self.commands = commands
        self.theano = any("theano" in module.text.lower() for module in code.modules)
        self.called = {name for module in code.modules for name in _called(module)}
        self.called |= _from_outside(code, commands)
        self.callers: dict[str, list[tuple[Module, Call]]] = {}
        for module in code.main:
            for call in module.calls:
                last = call.name.rsplit(".", 1)[-1]
                if last in code.defined and not _direct(call):
                    self.callers.setdefault(last, []).append((module, call))
        self.working: list[tuple[Module, Call, frozenset[str]]] = []
        self.idle: list[tuple[Module, frozenset[str], str]] = []
        self.handed = {name for module in code.main for name in module.handed}
        self._vain_scopes: dict[str, str | None] = {}
        self._empty: dict[tuple, bool] = {}
        self._given_to: dict[tuple, bool] = {}
        # What is seeded by a number that nobody draws, somewhere.
        self.fixed = {
            library
            for module in code.modules
            for call in module.calls
            if (libraries := self._libraries(call))
            if not any(_draws(source) for _, source in _origins(module, call))
            for library in libraries
        }
        self.vain: set[int] = set()  # calls of functions that then seed nothing, by id()
        for module in code.modules:
            if not module.aside:
                self._gather(module)
        self.covered = self._coverage()
        self.anywhere = {library for _, _, found in self.working for library in found}
        self.starts = _starts(code, commands)
        self.reached = code.reached(self.starts)
        self._idle_reached: dict[str, dict[str, int]] = {}

    def moves(self, module: Module, source: str, bound: Bound | None = None) -> bool:
        """Whether what a call returns, and this name for a seed gets, is another number each time."""
        library = _draws(source)
        if library is None:
            return bool(CLOCKS.fullmatch(source))
        if library not in self.covered[module.path]:
            return True
        name = bound.name.rsplit(".", 1)[-1] if bound else ""
        return not any(
            library in found
            and (other is module or self.started_by[other.path] & self.started_by[module.path])
            and not self._from_name(other, call, name)
            and not (bound and other is module and _too_late(call, bound))
            for other, call, found in self.working
        )

    @cached_property
    def started_by(self) -> dict[str, int]:
        """By path the scripts that reach a file: a bit for each."""
        starts = {module.path: 1 << number for number, module in enumerate(self.starts)}
        own = {module.path: starts.get(module.path, 0) for module in self.code.modules}
        return self.code.handed_down(own, 0)

    def _from_name(self, module: Module, call: Call, name: str) -> bool:
        """Whether a seeding call takes its seed from a name that has no constant anywhere."""
        names = [read for read in call.reads if read.rsplit(".", 1)[-1] == name]
        fixed = [b for n in names for b in module.bound(n, call.scope) if b.value not in (None, UNSET)]  # fmt: skip
        given = [v for _, c in self.callers.get(call.scope, ()) for v in (*c.args, *c.keywords.values())]  # fmt: skip
        return bool(names) and not fixed and all(value in (None, UNSET) for value in given)

    def runs(self, module: Module, call: Call) -> bool:
        """Whether a script runs the file in which a call stands, and somebody names its function."""
        started = module.path in self.reached or not self.starts
        return started and (not call.scope.isidentifier() or call.scope in self.called)

    def settled(self, name: str) -> bool:
        """Whether a flag of this name has a value of its own, or gets one from a command."""
        known = name in self.flags or name.replace("_", "-") in self.flags
        return known and not self._none_by_default(name)

    def _gather(self, module: Module) -> None:
        for call in module.calls:
            libraries = self._libraries(call)
            if libraries:
                problem = self._idle(module, call)
                if problem:
                    self.idle.append((module, libraries, problem))
                else:
                    self.working.append((module, call, libraries))

    def _libraries(self, call: Call) -> frozenset[str]:
        direct = _direct(call)
        if direct:
            return direct
        last = call.name.rsplit(".", 1)[-1]
        if LIBRARY_SEED_ALL.fullmatch(call.name):
            return frozenset(SEEDERS)
        if SEED_ALL.fullmatch(call.name) and last not in self.code.defined:
            return frozenset(SEEDERS)
        return frozenset()

    def _idle(self, module: Module, call: Call) -> str | None:
        """Why a seeding call has no effect, None where it has one."""
        own = call.scope and not call.scope.startswith(("class ", "__"))
        if own and call.scope not in self.called:
            if call.scope != "main" and not module.notebook and call.scope not in module.methods:
                return f"{call.scope}() sets a seed, but nothing calls it"
        if _empty(call):
            return f"{call.name} is called without a seed"
        drawn = {name for _, source in _origins(module, call) if (name := _draws(source))}
        if drawn & _direct(call):
            return f"{call.name} gets a number that is drawn from what it seeds"
        if drawn - self.fixed:
            return f"{call.name} gets a number that is drawn, and nothing seeds what draws it"
        return self._waits(module, call) or (self._in_vain(call.scope) if own else None)

    def _waits(self, module: Module, call: Call) -> str | None:
        """Why a call is not reached unless somebody gives a flag or a parameter."""
        for guard in call.guards:
            found = WAITS.fullmatch(guard)
            name = found[1] or found[2] if found else ""
            if name and not self._handed_over(module, call.scope, name) and self._none_by_default(name):  # fmt: skip
                return f"{call.name} waits for {name}, which is None by default"
        return None

    def _handed_over(self, module: Module, scope: str, name: str) -> bool:
        """Whether a call of a function gives this parameter of it a value."""
        parameters = module.parameters.get(scope, [])
        if name not in parameters:
            return False
        key = scope, name, parameters.index(name) - (parameters[0] in ("self", "cls"))
        if key not in self._given_to:
            self._given_to[key] = any(
                call.keywords.get(name, (*call.args[key[2] : key[2] + 1], None)[0]) is not None
                and not self._gives_none(caller, call)
                for caller, call in self.callers.get(scope, ())
            )
        return self._given_to[key]

    def _in_vain(self, scope: str) -> str | None:
        """Why a function that seeds has no effect: none of its calls is reached, or gives a seed."""
        if scope not in self._vain_scopes:
            reasons = []
            for caller, call in self.callers.get(scope, ()):
                why = self._waits(caller, call) or self._gives_none(caller, call)
                reasons.append(why)
                if why:
                    self.vain.add(id(call))
            real = not reasons or not all(reasons) or scope in self.handed
            self._vain_scopes[scope] = None if real else reasons[0]
        return self._vain_scopes[scope]

    def _gives_none(self, module: Module, call: Call) -> str | None:
        """Why a function gets no seed: a flag that is None, and that nobody looks at before."""
        for name in call.reads:
            base, _, last = name.rpartition(".")
            if not base or not NAMES_A_SEED.search(last) or module.bound(name, call.scope):
                continue
            if not _asked(module, last) and self._none_by_default(last, only=(None,)):
                return f"{call.name} gets {last}, which is None by default"
        return None

    def _none_by_default(self, name: str, only: tuple = (None, False, -1)) -> bool:
        """Whether a flag or parameter is None unless given, and no command gives it."""
        if (name, only) not in self._empty:
            self._empty[name, only] = self._ask_default(name, only)
        return self._empty[name, only]

    def _ask_default(self, name: str, only: tuple) -> bool:
        for flag in (name, name.replace("_", "-")):
            if flag in self.flags:
                path, value = self.flags[flag]
                empty = any(value is one or value == one == -1 for one in only)
                return empty and not _gives(self.commands, path, flag)
        return self.open_parameters.get(name, False)

    @cached_property
    def flags(self) -> dict[str, tuple[str, object]]:
        """By flag the first file that has it, and what it is unless it is given."""
        found: dict[str, tuple[str, object]] = {}
        for module in self.code.modules:
            for flag, (value, _) in module.flags.items():
                found.setdefault(flag, (module.path, value))
        return found

    @cached_property
    def open_parameters(self) -> dict[str, bool]:
        """By name of a parameter whether it is None by default wherever it has a default."""
        found: dict[str, bool] = {}
        for module in self.code.modules:
            for (_, name), value in module.defaults.items():
                found[name] = found.get(name, True) and value is None
        return found

    def _coverage(self) -> dict[str, set[str]]:
        """For each module the libraries that are seeded wherever it is run."""
        seeds: dict[str, list[tuple[Call, frozenset[str]]]] = {}
        for module, call, libraries in self.working:
            seeds.setdefault(module.path, []).append((call, libraries))
        own = {
            path: frozenset(library for _, libraries in found for library in libraries)
            for path, found in seeds.items()
        }
        # An entry point that seeds, itself or through what it imports, seeds all that it reaches.
        self.given = given = self._given(seeds)
        handed = {module.path: given[module.path] for module in self.code.main}
        spread = self.code.handed_down(handed, frozenset())
        return {m.path: spread[m.path] | own.get(m.path, frozenset()) for m in self.code.modules}

    def _given(self, seeds: dict[str, list]) -> dict[str, frozenset[str]]:
        """For each module the libraries that it seeds, itself or by calling what it imports."""
        always: dict[str, frozenset[str]] = {}
        alone: dict[str, frozenset[str]] = {}  # where the file is run, and not where it is imported
        # Functions that seed where somebody calls them: a bit for each that seeds other libraries.
        numbers: dict[tuple[str, frozenset[str]], int] = {}
        holds: dict[str, int] = dict.fromkeys(seeds, 0)  # by the module's path
        named: dict[str, int] = {}  # by the function's name
        seeding: dict[str, int] = {}  # by library
        for path, found in seeds.items():
            for call, libraries in found:
                if MAIN in call.guards and not call.scope:
                    alone[path] = alone.get(path, frozenset()) | libraries
                    continue
                if not call.scope or call.scope.startswith(("class ", "__")):
                    always[path] = always.get(path, frozenset()) | libraries
                    continue
                bit = 1 << numbers.setdefault((call.scope, libraries), len(numbers))
                holds[path] |= bit
                named[call.scope] = named.get(call.scope, 0) | bit
                seeding.update((name, seeding.get(name, 0) | bit) for name in libraries)

        def called(module: Module, imported: bool = True) -> int:
            bits = 0
            for name in _called(module, self.vain, imported):
                bits |= named.get(name, 0)
            return bits

        sure = self.code.over_reach(lambda m: always.get(m.path, frozenset()), frozenset())
        held = self.code.over_reach(lambda m: holds.get(m.path, 0), 0)
        meant = self.code.over_reach(called, 0)
        run = {m.path: called(m, imported=False) for m in self.code.modules}
        given = {path: held[path] & (meant[path] | run[path]) for path in held}
        return {
            path: sure[path]
            | alone.get(path, frozenset())
            | {name for name, bits in seeding.items() if bits & given[path]}
            for path in given
        }

    def starts_without(self, uses: "list[_Use]") -> Iterator[Evidence]:
        """Scripts that begin a training which others seed, and do not seed it themselves."""
        trainers = self._trainers([use for use in uses if use.what.startswith("training")])
        for number, start in enumerate(self.starts if trainers else ()):
            if start.aside or OF_OTHERS.search(start.path):
                continue
            for call in _reached_from_top(start):
                for library, bits in trainers.get(call.name.rsplit(".", 1)[-1], {}).items():
                    shared = bits >> number & 1 and library in self.anywhere
                    seeds = library in self.given[start.path]
                    if shared and not seeds and not _switches(call) and self._own(start, call):
                        why = (
                            f"{call.name}() trains, and this script does not seed {NAMES[library]}"
                        )
                        yield start.at(call.line, why)

    def _own(self, module: Module, call: Call) -> bool:
        """Whether a call may be one of the repository's own code, by what stands before its name."""
        base, _, last = call.name.rpartition(".")
        if not base:
            return last not in module.functions  # what it does there is followed by itself
        first = base.split(".")[0].removesuffix("()")
        made = [r for b in module.bound(first, call.scope) for r in b.reads if r.endswith("()")]
        tops = {module.full(name.removesuffix("()")).split(".")[0] for name in (first, *made)}
        imported = {name.split(".")[0] for name in module.imports}
        return not tops & (imported - self.code.local)

    def _trainers(self, uses: "list[_Use]") -> dict[str, dict[str, int]]:
        """By name of a function the libraries by which it trains, itself or by what it calls.

        Each with the scripts that reach such a training: a bit for each, as in `started_by`.
        """
        found: dict[str, dict[str, int]] = {}
        for use in uses:
            if use.library and use.call.scope.isidentifier():
                by = found.setdefault(use.call.scope, {})
                by[use.library] = by.get(use.library, 0) | self.started_by[use.module.path]
        callers: dict[str, set[str]] = {}
        for name, calls in self.callers.items():
            callers[name] = {call.scope for _, call in calls if call.scope.isidentifier()}
        changed = True
        while changed:  # once where no functions call each other in a circle
            changed = False
            for name in _callees_first(list(found), callers):
                for caller in callers.get(name, ()):
                    by = found.setdefault(caller, {})
                    for library, bits in found[name].items():
                        if by.get(library, 0) | bits != by.get(library):
                            by[library] = by.get(library, 0) | bits
                            changed = True
        return found

    def problem(self, use: _Use) -> str | None:
        """Why a use of random numbers is not seeded, None where it is."""
        if use.library is None:
            also = " (np.random.seed does not fix it)" if "default_rng" in use.what else ""
            return f"{use.what} without a seed{also}"
        if use.library in self.covered[use.module.path]:
            return None
        if use.module.path not in self.reached and use.library in self.anywhere:
            return None  # nothing is seen to import it, so what seeds the rest may seed it as well
        if use.library == "tensorflow" and self.theano and "numpy" in self.covered[use.module.path]:
            return None  # Theano draws from NumPy's generator
        why = self._first_idle(use.library, use.module)
        if why:
            return f"{use.what}: {why}"
        return f"{use.what}: nothing seeds {NAMES[use.library]} ({CURE[use.library]})"

    def _first_idle(self, library: str, module: Module) -> str | None:
        """Why the first seeding of a library that a module reaches has no effect."""
        if library not in self._idle_reached:
            own: dict[str, int] = {}
            for number, (other, libraries, _) in enumerate(self.idle):
                if library in libraries:
                    own[other.path] = own.get(other.path, 0) | 1 << number
            self._idle_reached[library] = self.code.over_reach(lambda m: own.get(m.path, 0), 0)
        bits = self._idle_reached[library][module.path]
        return self.idle[(bits & -bits).bit_length() - 1][2] if bits else None


def _hopeless(module: Module, repository: "_Seeds"):
    """Seeds that come from a clock or from another random number, and switches that undo them."""
    for call in module.calls:
        seeds = GENERATORS.fullmatch(call.name) or _direct(call)
        for line, source in _origins(module, call) if seeds else ():
            if repository.moves(module, source):
                yield module.at(line, f"the seed comes from {source}: another one each time")
        if _direct(call) & {"python", "numpy"} and _empty(call) and repository.runs(module, call):
            yield module.at(call.line, f"{call.name} without a value seeds by the clock")
        none = [k for k in SEED_NAMES if k in call.keywords and call.keywords[k] is None]
        if none and not call.name.endswith("add_argument"):
            yield module.at(call.line, f"{call.name.rsplit('.', 1)[-1]}({none[0]}=None)")
    yield from _none_by_default(module)
    yield from _stays_none(module)
    yield from _threads(module)
    for bound in module.assigned:
        if "." in bound.name and _seeded_by(module.full(bound.name)):
            yield module.at(
                bound.line, f"{bound.name} = … replaces the function, and seeds nothing"
            )
    for bound in [*module.assigned, *module.given]:
        yield from _drawn_seed(module, bound, repository)
        undoes = module.full(bound.name) == "torch.backends.cudnn.benchmark"
        if undoes and bound.value is True and not _fixed(module):
            yield module.at(
                bound.line, "cudnn.benchmark = True lets cuDNN choose algorithms by timing them"
            )


# Training by several threads whose order changes the result, whatever the seed.
GENSIM = re.compile(r"gensim\.(?:.*\.)?(?:Word2Vec|Doc2Vec|FastText)")
THREADS = re.compile(r"\b(?:n_jobs|nthread|num_threads?|threads)[\"']?\s*[=:]\s*1\b")


def _threads(module: Module):
    """Training that runs in threads and depends on their order."""
    for call in module.called(GENSIM.pattern):
        if call.keywords.get("workers") != 1 and "**" not in call.keywords:
            yield module.at(call.line, f"{call.name.rsplit('.', 1)[-1]} with workers other than 1 learns in any order")  # fmt: skip
    linear = [line for value, line in module.strings if value == "gblinear"]
    boosts = any(name.split(".")[0] == "xgboost" for name in module.imports)
    settled = "coord_descent" in module.text or THREADS.search(module.text)
    if linear and boosts and not settled:
        yield module.at(linear[0], "gblinear updates its weights in parallel, in any order")


def _callees_first(names: list[str], callers: dict[str, set[str]]) -> list[str]:
    """These functions and all that call them, each before its callers where there is no circle."""
    order, seen = [], set()
    for first in names:
        stack = [(first, iter(callers.get(first, ())))] if first not in seen else []
        seen.add(first)
        while stack:
            name, rest = stack[-1]
            caller = next((one for one in rest if one not in seen), None)
            if caller is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(caller)
                stack.append((caller, iter(callers.get(caller, ()))))
    return order[::-1]


def _reached_from_top(module: Module) -> list[Call]:
    """The calls that running a file comes to: at its top, and in functions named on the way."""
    by_scope: dict[str, list[Call]] = {}
    for call in module.calls:
        by_scope.setdefault(call.scope, []).append(call)
    waiting, seen, found = [""], set(), []
    waiting += [name for scope, _, name in module.passed if not scope]
    while waiting:
        scope = waiting.pop()
        if scope not in seen:
            seen.add(scope)
            found += by_scope.get(scope, [])
            waiting += [call.name.rsplit(".", 1)[-1] for call in by_scope.get(scope, [])]
    return found


# What is a trainer by its name; `net.train()` only switches a network over.
TRAINERS = re.compile(r"train|learn|agent|solver|experiment|runner|engine|pipeline", re.IGNORECASE)


def _switches(call: Call) -> bool:
    """Whether `train()` switches a network between its modes, rather than train it."""
    base, _, last = call.name.rpartition(".")
    if last != "train" or not base or call.keywords or TRAINERS.search(base):
        return False
    return all(isinstance(value, bool) for value in call.args)


def _direct(call: Call) -> frozenset[str]:
    """The libraries whose global generator a call seeds."""
    return _seeded_by(call.name)


@lru_cache(maxsize=10_000)
def _seeded_by(name: str) -> frozenset[str]:
    return frozenset(library for library, seeder in SEEDERS.items() if seeder.fullmatch(name))


def _origins(module: Module, call: Call):
    """The calls from which a seed comes, each with its line: at once, or by way of a variable."""
    for name in call.reads:
        if name.endswith("()"):
            yield call.line, module.full(name[:-2])
            continue
        for bound in module.bound(name, call.scope):
            yield from ((bound.line, module.full(r[:-2])) for r in bound.reads if r.endswith("()"))


def _empty(call: Call) -> bool:
    return [*call.args, *call.keywords.values()] in ([], [None])


def _too_late(call: Call, bound: Bound) -> bool:
    """Whether a call that seeds stands further down, and is not what the script begins with."""
    begins = bool(bound.scope) and call.scope in ("", "main")
    return call.line > bound.line and not begins


def _draws(source: str) -> str | None:
    """The library from whose global generator a call draws."""
    return next((name for name, draws in DRAWS.items() if draws.fullmatch(source)), None)


def _drawn_seed(module: Module, bound: Bound, repository: "_Seeds"):
    """A name or a keyword for a seed that a clock fills, or a generator that has none."""
    last = bound.name.rsplit(".", 1)[-1]
    own = bound.guarded and bound.name in module.parameters.get(bound.scope, ())
    if own or not NAMES_A_SEED.search(last):
        return  # where a parameter is None, it is the caller who gives no seed
    for read in bound.reads:
        source = module.full(read[:-2]) if read.endswith("()") else ""
        if source and repository.moves(module, source, bound) and not repository.settled(last):
            yield module.at(bound.line, f"{last} comes from {source}: another one each time")


def _stays_none(module: Module):
    """Names of seeds that are None and get no other value in the same place."""
    kept = {bound.name.rsplit(".", 1)[-1] for bound in module.assigned if "." in bound.name}
    for (scope, name), found in module.bindings.items():
        if name not in SEED_NAMES or name in kept or (scope, name) in module.loops:
            continue
        if [bound.value for bound in found] == [None]:
            yield module.at(found[0].line, f"{name} is None")


def _not_given(module: Module, commands: str):
    """Flags for a seed that are None unless given, where no command gives them."""
    for flag, (value, line) in module.flags.items():
        if value is not None or not re.search(r"seed$", flag, re.IGNORECASE):
            continue
        name = flag.replace("-", "_")
        used = re.search(rf"\b(?!random\b)\w+\.{re.escape(name)}\b(?!\s*\()", module.text)
        if used and not _asked(module, name) and not _gives(commands, module.path, flag):
            yield module.at(line, f"--{flag} is None unless it is given")


def _drawn_by_default(module: Module):
    """Flags for a seed that are another number each time unless they are given."""
    for call in module.calls:
        if not call.name.endswith(("add_argument", ".option")) or "default" not in call.keywords:
            continue
        flags = [one for one in call.args if isinstance(one, str) and NAMES_A_SEED.search(one)]
        sources = [module.full(r[:-2]) for r in call.reads if r.endswith("()")]
        source = next((one for one in sources if _draws(one) or CLOCKS.fullmatch(one)), None)
        if flags and source:
            yield module.at(call.line, f"{flags[0]} comes from {source} unless it is given")


# A command that leaves the seed to the shell.
BY_THE_SHELL = re.compile(r"--?\w*seed[= ]\s*[\"']?\$\{?RANDOM\b", re.IGNORECASE)


def left_to_the_shell(prose, others: dict[str, str]) -> list[Evidence]:
    """Commands of the documents and of scripts that give another seed each time."""
    found = [line.says() for line in prose.lines if BY_THE_SHELL.search(line.text[:2000])]
    for path, text in others.items():
        if "RANDOM" not in text or re.search(r"^\s*RANDOM=", text, re.MULTILINE):
            continue  # a value given to it seeds it
        for number, line in enumerate(text.splitlines(), start=1):
            comment = line.lstrip().startswith("#")
            if "RANDOM" in line and not comment and BY_THE_SHELL.search(line[:2000]):
                found.append(Evidence(line.strip()[:120], path, number))
    return found


def _asked(module: Module, name: str) -> bool:
    """Whether somebody asks whether a flag is None, and so has something else ready."""
    name = re.escape(name)
    return bool(re.search(rf"\b{name} is |not \w+\.{name}\b|\.{name} or |if \w+\.{name}\b", module.text))  # fmt: skip


def _gives(commands: str, path: str, flag: str) -> bool:
    """Whether the commands that call a script give a flag; any commands, where none calls it."""
    name = path.rsplit("/", 1)[-1]
    given = re.compile(rf"--?{re.escape(flag)}[ =][\"' ]?[\d$%{{]")
    calls = [commands]
    if name in commands:
        calls = [re.split(r"\w\.py\b", text, maxsplit=1)[0] for text in commands.split(name)[1:]]
    if not any(given.search(text) for text in calls):
        return False
    lines = CONTINUED.sub(" ", commands).splitlines()
    heads = {_head(line) for line in lines if given.search(line)}
    return not any("train" in line and _head(line) in heads and not given.search(line) for line in lines)  # fmt: skip


CONTINUED = re.compile(r"\\[ \t]{0,9}\n")


def _head(line: str) -> tuple[str, ...]:
    """What a command runs: its first two words."""
    return tuple(line.lstrip("$> \t").split(maxsplit=2)[:2])


SEED_NAMES = ("seed", "random_state", "random_seed")


def _fixed(module: Module) -> bool:
    """Whether the same file asks cuDNN, or all of PyTorch, for deterministic algorithms."""
    asked = any(
        module.full(b.name) == "torch.backends.cudnn.deterministic" and b.value is True
        for b in module.assigned
    )
    either = ("torch.use_deterministic_algorithms", "torch.set_deterministic_debug_mode")
    return asked or any(c.name in either for c in module.calls)


def _none_by_default(module: Module):
    """Functions whose seed is None unless given, and calls of them that give none."""
    for (name, parameter), value in module.defaults.items():
        if value is not None or parameter not in ("seed", "random_state", "rng"):
            continue
        place = module.parameters.get(name, []).index(parameter) if parameter in module.parameters.get(name, []) else 99  # fmt: skip
        for call in module.calls:
            if call.name == name and parameter not in call.keywords and "**" not in call.keywords and len(call.args) <= place:  # fmt: skip
                yield module.at(
                    call.line, f"{name}() without {parameter}, which is None by default"
                )


R_RANDOM = re.compile(
    r"(?<![\w.])(sample|sample\.int|sample_n|sample_frac|slice_sample|rnorm|runif|rbinom|createDataPartition|createFolds|randomForest"
    r"|ranger|kmeans|flexmix|cv\.glmnet|Rtsne|umap|boot)\s*\("
)
MATLAB_RANDOM = re.compile(r"(?<![\w.])(rand|randn|randi|randperm|cvpartition|TreeBagger|trainNetwork)\s*\(")  # fmt: skip


def _only_functions(text: str) -> bool:
    """Whether an R or MATLAB file begins with a function: who calls it sets the seed."""
    for line in text.splitlines()[:200]:
        bare = line.strip()
        if not bare or bare.startswith(("#", "%", "library(", "require(", "source(")):
            continue
        return bool(re.match(r"function\b|[\w.]+\s*(?:<-|=)\s*function\b", bare))
    return False


EXAMPLE = re.compile(
    r"(?:^|/)(?:examples?|test)_\w+\.(?:m|r|jl)$", re.I
)  # of a library in the folder


def _other_languages(code: Code):
    """R, MATLAB and Julia by their lines: random calls of a file without a seed before them."""
    seeds = {"r": r"set\.seed\s*\(", "m": r"(?<![\w.])rng\s*\(|RandStream|rand\('(state|seed|twister)'", "jl": r"seed!\s*\("}  # fmt: skip
    draws = {"r": R_RANDOM, "m": MATLAB_RANDOM, "jl": re.compile(r"(?<![\w.])(rand|randn|shuffle!?)\s*\(")}  # fmt: skip
    anywhere = {
        kind: any(
            re.search(seed, text) for path, text in code.others.items() if _kind(path) == kind
        )
        for kind, seed in seeds.items()
    }
    for path, text in code.others.items():
        kind = _kind(path)
        if ASIDE.search(path) or EXAMPLE.search(path):
            continue
        if kind in ("sh", "bash", "smk", "nf") or path.lower().endswith(("snakefile", "makefile")):
            yield from _in_shell(path, text)
        if kind not in seeds:
            continue
        network = kind == "r" and re.search(r"library\((keras|tensorflow|torch)\)", text)
        if network and not re.search(
            r"set_random_seed|session_with_seed|set_seed\(|torch_manual_seed", text
        ):
            line = text[: network.start()].count("\n") + 1
            yield Evidence(f"{network[1]} has a generator of its own, which set.seed() does not fix", path, line), False  # fmt: skip
        by_file = kind in ("m", "r") and not _only_functions(text)
        seeded = bool(re.search(seeds[kind], text)) if by_file else anywhere[kind]
        for number, line in enumerate(text.splitlines(), start=1):
            if len(line) > 2000:
                continue
            bare = line.split("%" if kind == "m" else "#")[0]
            if re.search(seeds[kind], bare):
                yield Evidence("a seed is set", path, number), True
            found = draws[kind].search(bare)
            if kind == "m" and re.search(r"rng\s*\(\s*['\"]shuffle", bare):
                yield Evidence("rng('shuffle') seeds by the clock", path, number), False
            lacks = not seeded
            if found and lacks:
                yield Evidence(f"{found[1]}() draws random numbers, and nothing sets a seed", path, number), False  # fmt: skip
                break


SHELL_RANDOM = re.compile(
    r"(?:^|[\s|;&(\"'])(shuf|sort (?:-\w{1,5} ){0,3}(?:-\w{0,5}R|--random-sort))\b"
)


def _in_shell(path: str, text: str):
    """Commands that shuffle lines; they take their seed from a file that they are given."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = None if line.lstrip().startswith("#") else SHELL_RANDOM.search(line[:2000])
        if found and "--random-source" not in line:
            yield Evidence(f"{found[1]} shuffles without --random-source", path, number), False
            return


def _kind(path: str) -> str:
    end = path.rsplit(".", 1)[-1].lower()
    return {"rmd": "r", "qmd": "r"}.get(end, end)
