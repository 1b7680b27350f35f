"""What the judge once misunderstood in repositories of other people, each shown by a small one."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import json

import pytest

from gold_standard.check.facts import Facts
from gold_standard.check.rules import RULES
from tests.synthetic import files_of
from tests.synthetic.base import Files

RULE = {rule.id: rule for rule in RULES}
LOADS = "import pandas as pd\n\n\ndef prepare_data():\n    return pd.read_csv('x.csv')\n"
GETS = "import urllib.request\n\nurllib.request.urlretrieve('{address}', 'images.zip')\n"
FITS = "from sklearn.svm import SVC\n\nmodel = SVC().fit([[0], [1]], [0, 1])\n"
SCORES = "from sklearn.metrics import f1_score\n\nprint(f1_score([0], [0]))\n"


def verdict(id: str, files: dict) -> str:
    """What one rule says of a small repository."""
    return RULE[id].judge(Facts(Files(files_of(files)), None)).verdict


ARCHIVED = "The images are at https://zenodo.org/records/4711011 for download.\n"
GOT = {"get.py": GETS.format(address="https://zenodo.org/records/4711011/files/images.zip")}
GETS_CAMELYON = {"get.py": GETS.format(address="https://camelyon16.grand-challenge.org/images.zip")}
DATA = {
    "a drive is no publication": (
        "Download the data from https://drive.google.com/drive/folders/1RM58s6X\n", {}, "fail",
    ),
    "an archive beside a drive": (
        f"{ARCHIVED}\nPrepared data: https://drive.google.com/drive/folders/1RM58s6X\n", GOT, "pass",
    ),
    "the DOI of the code is not where the data are": (
        "# Survival from motion data [![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.1451540.svg)](https://doi.org/10.5281/zenodo.1451540)\n\nThis repository has the code.\n", {}, "fail",
    ),
    "a script that downloads weights": (
        "# Segmentation\n", {"get.sh": "URL=http://people.example.edu/fcn.caffemodel\nwget -N $URL -O out\n"}, "fail",
    ),
    "a script that downloads data": (
        "# Segmentation\n", {"get.sh": "URL=https://zenodo.org/records/4711011/files/scans.tar.gz\nwget -N $URL -O out\n"}, "pass",
    ),
    "a script that downloads data from a server that keeps nothing": (
        "# Segmentation\n", {"get.sh": "URL=http://people.example.edu/scans.tar.gz\nwget -N $URL -O out\n"}, "fail",
    ),
    "part of the data of an institute": (
        "Experiments use [CAMELYON16](https://camelyon16.grand-challenge.org/) and data from the Lakeside Cancer Institute.\n", GETS_CAMELYON, "fail",
    ),
    "data of an institute that publishes": (
        "Experiments use [CAMELYON16](https://camelyon16.grand-challenge.org/) and data from the National Cancer Institute.\n",
        GETS_CAMELYON,
        "pass",
    ),
    "tables in a folder for data that nobody tells of": (
        "# Motion\n\n![net](resources/figures/net.png)\n", {"resources/data/Summary_A.csv": "1,2\n" * 400}, "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_data_are_published(name):
    readme, more, expected = DATA[name]
    assert verdict("heil.data", {"README.md": readme, "prepare.py": LOADS, **more}) == expected


BEGINS = """
    # {title}

    Download the images from https://zenodo.org/records/4711011 into `data`.
    Install the packages with `pip install -r requirements.txt`.

    ## Training

    Train with `python fit.py`, which saves the model in `fit.pkl`.

"""
DOCUMENTS = {
    "a title is no section": (
        "Evaluation of classifiers", "We propose a framework that improves earlier work on classifiers in several ways.", "fail",
    ),
    "the system it was tried on": (
        "Classifiers", "Tested on 64-bit Ubuntu 20.04.3 LTS, but `run.sh` should work on any other system as well.", "fail",
    ),
    "a badge": (
        "Classifiers", "[![PWC](https://example.org/evaluation.py.svg)](https://example.org/results)", "fail",
    ),
    "an option of the training": (
        "Classifiers", "    python fit.py \\\n        --evaluation_strategy no", "fail",
    ),
    "a command": ("Classifiers", "Evaluate with `python score.py`.", "pass"),
    "a notebook behind a link": (
        "Classifiers", "See [this](https://github.com/someone/study/blob/main/score.ipynb).", "pass",
    ),
    "a notebook that is not here": (
        "Classifiers", "See [this](https://github.com/someone/study/blob/main/other.ipynb).", "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_tell_how_to_evaluate(name):
    title, line, expected = DOCUMENTS[name]
    files = {
        "README.md": BEGINS.replace("{title}", title) + f"    {line}\n",
        "requirements.txt": "scikit-learn==1.4.2\n",
        "fit.py": FITS,
        "score.py": SCORES,
        "score.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": TOLD_THERE}]}),
        "run.sh": "python fit.py\n",
    }
    assert verdict("midl.documentation", files) == expected


TOLD_THERE = "## Evaluation\n\nHere the classifier is evaluated on the images that were held out, by its accuracy."


@pytest.mark.parametrize(
    "name, expected", [("run_all_parts.py", "pass"), ("test_parts.py", "fail")]
)
def test_a_script_that_trains_by_what_it_imports_is_told(name, expected):
    files = {
        "README.md": BEGINS.replace("{title}", "Classifiers").split("    ## Training")[0]
        + f"    ## Quick start\n\n    Call `python {name} --out here`.\n\n    Evaluate with `python score.py`.\n\n    The model is saved in `here/`.\n",
        "requirements.txt": "scikit-learn==1.4.2\n",
        "parts.py": f"def work():\n    {FITS.strip().replace(chr(10), chr(10) + '    ')}\n",
        name: "from parts import work\n\nwork()\n",
        "score.py": SCORES,
    }
    assert verdict("midl.documentation", files) == expected


KEPT = {
    "an address": ("The trained models are at https://zenodo.org/records/4711012.", "pass"),
    "a folder": ("Our pretrained weights are in `kept/`.", "pass"),
    "a folder that is empty": ("Our pretrained weights are in `weights/`.", "fail"),
    "where a run puts them": ("The training writes the weights to `out`.", "pass"),
    "nowhere": ("", "fail"),
    "weights of others": ("The backbone starts with ImageNet weights of torchvision, see `net.py`.", "fail"),
    "weights that are promised": ("The trained models will be available here.", "fail"),
    "weights that are kept back": ("The trained models are not provided here.", "fail"),
    "weights without a place": ("The trained model is small.", "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_documents_tell_where_the_models_are(name):
    line, expected = KEPT[name]
    kept = {"kept/net.pt": "0" * 999} if "kept/" in line else {}
    finding = RULE["midl.documentation"].judge(
        Facts(Files(files_of({**WORK, **kept, "README.md": f"{TOLD}{line}\n"})), None)
    )
    assert finding.verdict == expected, finding
    if expected == "fail":
        assert finding.why == "The README does not say: where the trained models are."


TOLD_OF_FILES = {
    "a script that is here": ("Plots: `python plot_figures.py`.", "pass"),
    "one script that is not": ("Plots: `python draw_curves.py`.", "fail"),
    "a script whose name is misspelt": ("Plots: `python plot_figure.py`.", "pass"),
    "a script of a folder that is not here": ("Plots: `python tools/draw_curves.py`.", "fail"),
    "a place for one's own": ("Plots: `python path/to/draw_curves.py`.", "pass"),
    "what a run writes": ("Curves are written to `results/curves.csv`.", "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD_OF_FILES)
def test_what_documents_name_is_here(name):
    line, expected = TOLD_OF_FILES[name]
    readme = f"{TOLD}The trained network is kept in `net.pt`.\n\n{line}\n"
    finding = RULE["midl.documentation"].judge(
        Facts(Files(files_of({**WORK, "plot_figures.py": "print(1)\n", "README.md": readme})), None)
    )
    assert finding.verdict == expected, finding
    if expected == "fail":
        assert finding.why == "The README names files that do not exist."


STEPS = """
all: figures
data:
\tcurl -O https://example.org/data.csv
tables: data
\tpython prepare.py && python train.py && python evaluate.py
figures: tables
\tpython plot.py
"""
COMMANDS = {
    "a target that gathers the others": ({"Makefile": STEPS}, "unknown"),
    "a Makefile without one": (
        {"Makefile": STEPS.replace("all: figures\n", "").replace("figures:", "plots/a.pdf:")}, "fail",
    ),
    "settings of one machine": (
        {"Makefile": STEPS, "config/config.yaml": "wrappers: /data/gpfs-1/users/one/wrappers\n"}, "fail",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_one_command_runs_the_whole(name):
    files, expected = COMMANDS[name]
    scripts = {f"{n}.py": "print(1)\n" for n in ("prepare", "train", "evaluate", "plot")}
    assert verdict("heil.single-command", {**scripts, **files}) == expected


SEEDS = "import numpy as np\n\n\ndef set_seed():\n    np.random.seed(3)\n\n\ndef load():\n    return 1\n"
DRAWS = "import numpy as np\nfrom sklearn.svm import SVC\n\nfrom seeds import {names}\n\n{begin}\nX = np.random.rand(9, 2)\nSVC().fit(X, [0, 1, 1] * 3)\n"
HANDED = "import numpy as np\nfrom multiprocessing import Process\n\n\ndef work():\n    np.random.seed(3)\n    print(np.random.rand())\n\n\n{call}\n"
RUNS = {
    "every script calls the seeds": ({"b.py": DRAWS.format(names="set_seed", begin="set_seed()")}, "unknown"),
    "one script has the function and does not call it": ({"b.py": DRAWS.format(names="load", begin="load()")}, "fail"),
    "a shell command that shuffles": ({"b.sh": "cat list.txt | sort -R | head -n 20 > part.txt\n"}, "fail"),
    "a shell command that sorts": ({"b.sh": "cat list.txt | sort -Vr | head -n 20 > part.txt\n"}, "unknown"),
    "a function that sets the seed is handed to a process": ({"b.py": HANDED.format(call="Process(target=work).start()")}, "unknown"),
    "a function that sets the seed is handed to nobody": ({"b.py": HANDED.format(call="print('done')\nnp.random.rand()")}, "fail"),
    "a decorator gets it": ({"b.py": HANDED.format(call="work").replace("def work", "@app.main\ndef work")}, "unknown"),
    "draws in a function that nothing names": ({"b.py": "import numpy as np\n\n\ndef old():\n    return np.random.rand()\n\n\nprint(1)\n"}, "unknown"),
    "draws in a function that something names": ({"b.py": "import numpy as np\n\n\ndef old():\n    return np.random.rand()\n\n\nprint(list(map(old, [1])))\n"}, "fail"),
    "a clock by way of a variable": ({"b.py": "import time\nimport numpy as np\n\nt = time.time()\nnp.random.seed(int(str(t % 1)[2:7]))\n"}, "fail"),
    "a number by way of a variable": ({"b.py": "import numpy as np\n\nt = 7\nnp.random.seed(int(str(t % 1)[2:7]))\n"}, "unknown"),
    "a seed that is drawn": ({"b.py": "import numpy as np\n\ncfg = {}\ncfg['seed'] = int(np.random.uniform(0, 1e6))\nnp.random.seed(cfg['seed'])\n"}, "fail"),
    "a seed that is drawn after one was set": ({"b.py": "import numpy as np\n\nnp.random.seed(3)\ncfg = {}\ncfg['seed'] = int(np.random.uniform(0, 1e6))\n"}, "unknown"),
    "a loader of another framework": ({"b.py": "from mxnet.gluon.data import DataLoader\n\nfor part in DataLoader([1], shuffle=True):\n    print(part)\n"}, "unknown"),
    "a loader of this framework": ({"b.py": "from torch.utils.data import DataLoader\n\nfor part in DataLoader([1], shuffle=True):\n    print(part)\n"}, "fail"),
    "a seed that stays None": ({"b.py": "import random\n\nseed = None\nrandom.seed(seed)\n"}, "fail"),
    "a seed that is None at first": ({"b.py": "import random\n\nseed = None\nif seed is None:\n    seed = 3\nrandom.seed(seed)\n"}, "unknown"),
    "a clock that no seed reads, named in a comment": ({"b.py": "import time\nimport numpy as np\n\nstart = time.time()\nnp.random.seed(42)  # set at the start\n"}, "unknown"),
    "one name in two functions": ({"b.py": "import random\nimport numpy as np\n\nrandom.seed(1)\n\n\ndef one():\n    i = random.randint(0, 9)\n    return i\n\n\ndef two():\n    for i in range(5):\n        np.random.seed(i)\n\n\none()\ntwo()\n"}, "unknown"),
    "a seed drawn in the same function": ({"b.py": "import random\nimport numpy as np\n\n\ndef two():\n    i = random.randint(0, 9)\n    np.random.seed(i)\n\n\ntwo()\n"}, "fail"),
    "a comment that tells what not to write": ({"b.py": "import numpy as np\n\n# do not write seed = np.random.randint(10000) here\nseed = 3\nnp.random.seed(seed)\n"}, "unknown"),
    "a loop over seeds": ({"b.py": "import numpy as np\n\nseed = None\nfor seed in range(3):\n    np.random.seed(seed)\n"}, "unknown"),
    "a seed of helpers, drawn from what the script seeds": ({"draw.py": "import random\nimport numpy as np\n\n\ndef split():\n    seed = np.random.randint(99)\n    random.seed(seed)\n", "b.py": "import numpy as np\nfrom draw import split\n\nnp.random.seed(1)\nsplit()\n"}, "unknown"),
    "a seed of helpers, drawn from what nothing seeds": ({"draw.py": "import random\nimport numpy as np\n\n\ndef split():\n    seed = np.random.randint(99)\n    random.seed(seed)\n", "b.py": "from draw import split\n\nsplit()\n"}, "fail"),
    "an entry point of the package": ({"pkg/cli.py": "import numpy as np\n\n\ndef run_training():\n    print(np.random.rand())\n", "pyproject.toml": '[project.scripts]\ntrain = "pkg.cli:run_training"\n'}, "fail"),
    "a package without an entry point": ({"pkg/cli.py": "import numpy as np\n\n\ndef run_training():\n    print(np.random.rand())\n", "pyproject.toml": '[project]\nname = "pkg"\n'}, "unknown"),
    "functions that Fire makes commands of": ({"b.py": "import fire\nimport numpy as np\n\n\ndef shuffle():\n    return np.random.rand()\n\n\nfire.Fire()\n"}, "fail"),
    "a parameter that bears the name of a function": ({"b.py": "import random\nimport numpy as np\n\n\ndef seed():\n    np.random.seed(3)\n\n\ndef run(n):\n    print(np.random.rand(n))\n\n\ndef main(args):\n    run(args.seed)\n\n\nmain(0)\n"}, "fail"),
    "a module that others import is no script": ({"net.py": "import numpy as np\n\nLIMIT = max(1, 2)\n\n\ndef noise():\n    return np.random.rand(LIMIT)\n", "old.py": "from net import noise\n"}, "unknown"),
}  # fmt: skip


FLAG = "import argparse\nimport numpy as np\nfrom keep import Settings\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--seed', type=int, default={default})\nargs = parser.parse_args()\n{call}\nprint(np.random.rand())\n"
KEEP = "import numpy as np\n\n\nclass Settings:\n    @classmethod\n    def fix(cls, seed):\n        np.random.seed(seed)\n"
GUARDED = FLAG.format(default=None, call="if args.seed is not None:\n    Settings.fix(args.seed)")
AWAY = "import sys\nimport numpy as np\n\n{path}from parts import load\n\nprint(np.random.rand(load()))\n"
PARTS = "import numpy as np\n\nnp.random.seed(1)\n\n\ndef load():\n    return 3\n"
GRADIENT = (
    "import torch\n\nnet = torch.load('net.pt')\nout = net(torch.ones(3))\nout.backward()\n{more}\n"
)
BOOSTS = "import xgboost\n\nsettings = {{'booster': '{booster}', 'nthread': {threads}}}\nxgboost.train(settings, data)\n"
SKIPS = {
    "a flag that may be None, behind a question": ({"keep.py": KEEP, "b.py": GUARDED}, "fail"),
    "a flag that may be None, and the command gives it": ({"keep.py": KEEP, "b.py": GUARDED, "README.md": "```\npython b.py --seed 3\n```\n"}, "unknown"),
    "a flag that one command for training gives, and another does not": ({"keep.py": KEEP, "train.py": GUARDED, "README.md": "```\npython train.py --seed 3\npython train.py --fast\n```\n"}, "fail"),
    "a flag that only the list of flags names": ({"keep.py": KEEP, "b.py": GUARDED, "README.md": "- `--seed NUMBER` trains with a seed\n"}, "fail"),
    "a flag that may be None, handed to what seeds": ({"keep.py": KEEP, "b.py": FLAG.format(default=None, call="Settings.fix(args.seed)")}, "fail"),
    "a flag with a value, handed to what seeds": ({"keep.py": KEEP, "b.py": FLAG.format(default=3, call="Settings.fix(args.seed)")}, "unknown"),
    "a flag that is drawn where it is None": ({"keep.py": KEEP, "b.py": FLAG.format(default=None, call="if args.seed is None:\n    args.seed = np.random.randint(9)\nSettings.fix(args.seed)")}, "fail"),
    "a seed set where a folder elsewhere is imported": ({"utils/parts.py": PARTS, "steps/b.py": AWAY.format(path="sys.path.append('../utils')\n")}, "unknown"),
    "a folder elsewhere that Python does not look in": ({"utils/parts.py": PARTS, "steps/b.py": AWAY.format(path="")}, "fail"),
    "gradients that update nothing": ({"b.py": GRADIENT.format(more="")}, "unknown"),
    "gradients that update weights": ({"b.py": GRADIENT.format(more="torch.optim.SGD(net.parameters()).step()")}, "fail"),
    "a parameter that the clock fills again": ({"b.py": "import time\nimport numpy as np\n\n\ndef part(seed):\n    seed = int(time.time())\n    np.random.seed(seed)\n\n\npart(3)\n"}, "fail"),
    "a parameter that the clock fills where none is given": ({"b.py": "import time\nimport numpy as np\n\n\ndef part(seed):\n    if seed is None:\n        seed = int(time.time())\n    np.random.seed(seed)\n\n\npart(3)\n"}, "unknown"),
    "a linear booster in threads": ({"b.py": BOOSTS.format(booster="gblinear", threads=8)}, "fail"),
    "a linear booster in one thread": ({"b.py": BOOSTS.format(booster="gblinear", threads=1)}, "unknown"),
    "a booster of trees": ({"b.py": BOOSTS.format(booster="gbtree", threads=8)}, "unknown"),
    "words in several threads": ({"b.py": "from gensim.models import Word2Vec\n\nWord2Vec([['a']], seed=1, workers=4)\n"}, "fail"),
    "words in one thread": ({"b.py": "from gensim.models import Word2Vec\n\nWord2Vec([['a']], seed=1, workers=1)\n"}, "unknown"),
    "a seed taken back": ({"b.py": "import numpy as np\n\nnp.random.seed(1)\n\n\ndef work():\n    np.random.seed()\n    return np.random.rand()\n\n\nwork()\n"}, "fail"),
    "a seed that nobody takes back": ({"b.py": "import numpy as np\n\nnp.random.seed(1)\n\n\ndef old():\n    np.random.seed()\n\n\nnp.random.rand()\n"}, "unknown"),
    "cuDNN under its short name": ({"b.py": "import torch.backends.cudnn as cudnn\n\ncudnn.benchmark = True\n"}, "fail"),
    "cuDNN under its short name, and fixed": ({"b.py": "import torch.backends.cudnn as cudnn\n\ncudnn.benchmark = True\ncudnn.deterministic = True\n"}, "unknown"),
    "a seed drawn in a function that the seeded script calls": ({"b.py": "import random\nimport numpy as np\n\n\ndef split():\n    seed = np.random.randint(9)\n    random.seed(seed)\n\n\ndef main():\n    np.random.seed(1)\n    split()\n\n\nmain()\n"}, "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", SKIPS)
def test_seeds_count_where_they_work(name):
    files, expected = SKIPS[name]
    seeded = {"a.py": "import numpy as np\n\nnp.random.seed(3)\nprint(np.random.rand())\n"}
    assert verdict("heil.deterministic", {**seeded, **files}) == expected


@pytest.mark.parametrize("name", RUNS)
def test_random_numbers_are_seeded(name):
    files, expected = RUNS[name]
    first = DRAWS.format(names="set_seed", begin="set_seed()")
    assert verdict("heil.deterministic", {"seeds.py": SEEDS, "a.py": first, **files}) == expected


IMPORTS = "import numpy as np\nimport pandas as pd\nfrom sklearn.svm import SVC\n\ntable = pd.read_csv('a.csv')\nSVC(random_state=1).fit(np.array(table), [0, 1])\n"
PINS = "numpy==1.26.4\npandas==2.2.2\nscikit-learn==1.4.2\n"
INSTALLS = "# Study\n\nInstall with `pip install -r requirements.txt`.\n"
PACKAGES = {
    "what only a demonstration imports": ("heil.dependencies", INSTALLS, {"demo.py": "import mcubes\nimport trimesh\n\nmcubes.smooth(trimesh.load('a'))\n"}, "fail"),
    "what a function imports where it is wanted": ("heil.dependencies", INSTALLS, {"demo.py": "def show():\n    import trimesh\n\n    trimesh.load('a')\n"}, "pass"),
    "what a notebook's kernel brings": ("heil.dependencies", INSTALLS, {"look.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["from IPython.display import Image\n", "from google.colab import drive\n"]}]})}, "pass"),
    "a plot in a notebook": ("heil.dependencies", INSTALLS, {"look.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["import seaborn\n"]}]})}, "fail"),
    "a helper forgotten": ("heil.dependencies", INSTALLS, {"plot.py": "import seaborn\n\nseaborn.boxplot()\n"}, "fail"),
    "what else a package brings": ("heil.dependencies", INSTALLS, {"plot.py": "import scipy\n\nscipy.show_config()\n"}, "pass"),
    "what the training imports": ("heil.dependencies", INSTALLS, {"train.py": f"import mcubes\nimport trimesh\n{IMPORTS}"}, "fail"),
    "an extension to compile": ("heil.dependencies", f"{INSTALLS}\nThen compile the sampling:\n\n    $ cd net/sampling\n    $ ./compile.sh\n", {}, "fail"),
    "one package forgotten that only a plot imports": ("midl.dependencies", INSTALLS, {"plot.py": "import seaborn\n\nseaborn.boxplot()\n"}, "fail"),
    "what a list brings along without a version": ("midl.dependencies", INSTALLS, {"plot.py": "import scipy\n\nscipy.show_config()\n"}, "fail"),
    "what is imported only where it is there": ("midl.dependencies", INSTALLS, {"plot.py": "try:\n    import seaborn\nexcept ImportError:\n    seaborn = None\n"}, "pass"),
    "what only a test imports": ("midl.dependencies", INSTALLS, {"tests/test_plot.py": "import seaborn\n\nseaborn.boxplot()\n"}, "pass"),
    "one helper loose": ("midl.dependencies", INSTALLS, {"plot.py": "import seaborn\n\nseaborn.boxplot()\n", "requirements.txt": f"{PINS}seaborn\n"}, "fail"),
    "loose, and not imported": ("midl.dependencies", INSTALLS, {"requirements.txt": f"{PINS}black\njoblib>=1.2\n"}, "pass"),
    "two packages loose of three": ("midl.dependencies", INSTALLS, {"requirements.txt": "numpy\npandas>=2\nscikit-learn==1.4.2\n"}, "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_are_there(name):
    id, readme, more, expected = PACKAGES[name]
    files = {"README.md": readme, "requirements.txt": PINS, "train.py": IMPORTS, **more}
    assert verdict(id, files) == expected


TORCH = "import torch\n\nnet = torch.nn.Linear(1, 1)\n"
TIMED = {
    "cells": [
        {"cell_type": "code", "source": ["from sklearn.svm import SVC\n"]},
        {"cell_type": "code", "source": ["%%time\n", "SVC().fit([[0], [1]], [0, 1])"]},
    ]
}
CONVERTED = "from sklearn.svm import SVC\n\nget_ipython().run_cell_magic('time', '', 'SVC().fit([[0], [1]], [0, 1])')\n"
UPDATES = "import theano\nimport lasagne\n\nstep = theano.function([x], loss, updates=rules)\n"
RULE_OF_PROGRAM = "rule all:\n    input: 'a'\n\nrule train_forest:\n    shell: 'bin/forest1 --cfg a.json'\n\nrule plot:\n    shell: 'python plot.py'\n"
COMPILED = "#include <net.h>\n\nint main() {\n    net.Backward();\n}\n"
TEST_LOSS = "import torch\n\nnet = torch.nn.Linear(1, 1)\nloss = net(x).mean()\nloss.backward()\n{name} = net(y).mean()\n"
RUNS_WELL = TEST_LOSS.format(name="test_loss")
LEARNS = {
    "a cell that is timed": ("midl.training", {"a.ipynb": TIMED}, "pass"),
    "a timed cell in a script made from a notebook": ("midl.training", {"a.py": CONVERTED}, "pass"),
    "updates of Theano": ("midl.training", {"a.py": UPDATES}, "pass"),
    "a function of Theano without updates": ("midl.training", {"a.py": "import theano\n\nf = theano.function([x], y)\n"}, "fail"),
    "a rule that trains with a program": ("midl.training", {"Snakefile": RULE_OF_PROGRAM, "plot.py": "print(1)\n"}, "pass"),
    "a compiled program": ("midl.training", {"src/main.cpp": COMPILED}, "pass"),
    "a compiled program of a library": ("midl.training", {"third_party/main.cpp": COMPILED}, "fail"),
    "nnU-Net's command": ("midl.training", {"a.py": TORCH, "README.md": "# A\n\n```\nnnUNet_train 3d_fullres Own 145 0\n```\n"}, "pass"),
    "nnU-Net's command for predictions": ("midl.evaluation", {"a.py": TORCH, "README.md": "# A\n\n```\nnnUNet_predict -i IN -o OUT\n```\n"}, "pass"),
    "a loss on held-out data": ("midl.evaluation", {"a.py": RUNS_WELL}, "pass"),
    "only a loss on the training data": ("midl.evaluation", {"a.py": TEST_LOSS.format(name="last")}, "fail"),
    "a module of one's own that is missing": ("midl.training", {"train.py": f"from data_load.index import Cases\n{RUNS_WELL}"}, "fail"),
    "weights as numbers in a folder of models": ("midl.model", {"eval/models/detector.npy": "0" * 999}, "pass"),
    "coefficients": ("midl.model", {"results/classifier/classifier_coefficients.tsv": "a\t1\n" * 99}, "pass"),
    "which case is in which part": ("midl.model", {"extra/data_split/train-ids.pth": "0" * 999}, "fail"),
    "a page of Colab that loads the models": ("midl.model", {"README.md": "# A\n\nThis notebook downloads our already-trained models: https://colab.research.google.com/drive/1a2b3c\n"}, "pass"),
    "a model zoo": ("heil.models", {"README.md": "# A\n\n```\nmodel = kipoi.get_model('Lab/Net')\n```\n"}, "pass"),
    "a page of Colab": ("midl.model", {"README.md": "# A\n\nTry to train a model: https://colab.research.google.com/drive/1a2b3c\n"}, "fail"),
    "public sets in classes and settings": ("midl.public-data", {"a.py": "class CheXpertDataset:\n    pass\n", "configs/ham10000.yaml": "a: 1\n"}, "pass"),
    "no name in classes and settings": ("midl.public-data", {"a.py": "class ClinicDataset:\n    pass\n", "configs/ours.yaml": "a: 1\n"}, "fail"),
    "what an example of a library downloads": ("midl.public-data", {"lib/examples/mnist/run.sh": "wget http://people.example.org/digits.gz\n"}, "fail"),
    "names that pip refuses": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\nPIL\nmultiprocessing\n"}, "fail"),
    "a conda list exported as YAML": ("midl.dependencies", {"a.py": TORCH, "net-env.yml": "# This file may be used to create an environment using:\n# $ conda create --name <env> --file <this file>\npytorch=1.13.1=py310_0\nnumpy=1.24.3=py310_0\n"}, "pass"),
    "a release of MATLAB": ("midl.dependencies", {"train.m": "net = trainNetwork(x, y, layers, options);\n", "README.md": "# A\n\nThe code was run with MATLAB R2019b.\n"}, "pass"),
    "MATLAB from a release on": ("midl.dependencies", {"train.m": "net = trainNetwork(x, y, layers, options);\n", "README.md": "# A\n\nIt needs MATLAB R2019b or later.\n"}, "fail"),
    "MATLAB of any release": ("midl.dependencies", {"train.m": "net = trainNetwork(x, y, layers, options);\n", "README.md": "# A\n\nThe code is written in MATLAB.\n"}, "fail"),
    "a tool for the data": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\n## Requirements\n\n- git-annex to get the data\n"}, "fail"),
    "an environment apart": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\nWe use a different conda environment for folding.\n"}, "fail"),
    "one list": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n"}, "pass"),
    "one package of the training is forgotten": ("heil.dependencies", {"a.py": f"import morphology\n{RUNS_WELL}", "requirements.txt": "torch\n"}, "fail"),
    "preparation under construction": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": f"{ARCHIVED}\n## Data\n\nRun prepare.py (under construction)\n"}, "fail"),
    "no address where one should stand": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": f"{ARCHIVED}\nThe benign set can be downloaded here (LINK??).\n"}, "fail"),
    "code that only normalises a layer": ("heil.data", {**GOT, "net.py": "def normalize(layer):\n    return layer\n", "README.md": ARCHIVED}, "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEARNS)
def test_what_code_and_documents_show(name):
    id, files, expected = LEARNS[name]
    files = {path: json.dumps(x) if isinstance(x, dict) else x for path, x in files.items()}
    assert verdict(id, {"README.md": "# A study\n", **files}) == expected


ISC = "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted. It is provided as is, under the ISC license.\n"
AGREEMENT = (
    "# A\n\n## {0}\n\nFor academic use, taking the {1} means that you agree with these terms.\n\n```\n"
    + "1. The {1} will be used for teaching only and may not be given to others.\n" * 12
    + "```\n"
)
MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software\n"
NET = {"train.py": RUNS_WELL, "loop.py": TORCH, "README.md": "# A study\n"}
COPIED = {
    "models/net/README.md": "# Net\n\nPretrained weights: https://www.dropbox.com/s/abc/best_net_trained.pth\n",
    "models/net/LICENSE": MIT,
    "models/net/net.py": TORCH,
    "models/net/requirements.txt": "torch\n",
}
BUG = "run `wget https://raw.example.org/data/collect_env.zip` and paste what it says\n"
CURL = "# A\n\n```\ncurl -F 'data=@cells.csv' http://127.0.0.1:5000/predict\n```\n"
WINDOW = "# A\n\nSee [measures of the images](https://unit.s3.amazonaws.com/cells-manual/data.html#id8).\n"
CITES = "# A\n\nFor access to datasets, please refer to the paper's citations.\n"
PUBLISHED_TESTS = (
    f"{ARCHIVED}\nWe have made 40 slides in the test set and their labels publicly available.\n"
)
TABLES_OF_PAPERS = {
    "data/README.md": "# Data\n\n| yeast.txt | Miller et al. |\n| human.txt | Smith et al. |\n",
    "data/yeast.txt": "A\t1\n" * 200,
    "data/human.txt": "A\t1\n" * 200,
    "prepare.py": LOADS,
}
RANDOM = "import monai\nimport torch\n\ntorch.manual_seed(1)\n{more}\nflip = monai.transforms.RandFlip(prob=0.5)\n"
WEIGHTS_AT = (
    "# A\n\nPretrained weights can be found here: https://git.example.edu/lab/pretrained_weights\n"
)
PARTS_OF = "# A\n\n### Prerequisites\npython 3.7\nPytorch 1.3\n\n### Data\nDownload the data set from https://zenodo.org/records/4711011 first.\n\n### Training\n```\npython /train.py\n```\n\n### Test\n```\npython train.py --test\n```\n\nThe trained network is kept in `net.pt`.\n"
MORE = {
    "the licence of a copied folder": ("midl.license", NET | COPIED, "fail"),
    "the licence of one folder": ("midl.license", {"net/LICENSE": ISC, "net/a.py": "a = 1\n", "b.py": "b = 1\n"}, "fail"),
    "the licence of the folder with all code": ("midl.license", {"net/LICENSE": ISC, "net/a.py": "a = 1\n", "setup.py": "b = 1\n"}, "pass"),
    "licences in a folder for them": ("midl.license", {"LICENSES/LICENSE": ISC, "a.py": "a = 1\n"}, "pass"),
    "an agreement in the README": ("midl.license", {"README.md": AGREEMENT.format("Use agreement", "software")}, "pass"),
    "an agreement about data": ("midl.license", {"README.md": AGREEMENT.format("Data use agreement", "records")}, "fail"),
    "a few words of an agreement": ("midl.license", {"README.md": AGREEMENT.format("Use agreement", "software")[:160]}, "fail"),
    "one's own licence": ("midl.license", NET | {"LICENSE": MIT}, "pass"),
    "the weights of a copied folder": ("midl.model", NET | COPIED, "fail"),
    "the packages of a copied folder": ("heil.dependencies", NET | COPIED, "fail"),
    "all code in a folder with its licence": ("midl.model", {"net/README.md": COPIED["models/net/README.md"], "net/LICENSE": MIT, "net/train.py": RUNS_WELL}, "pass"),
    "a template of bug reports": ("heil.data", {".github/ISSUE_TEMPLATE/bug.md": BUG, "prepare.py": LOADS}, "fail"),
    "what is sent to a server": ("midl.public-data", {"README.md": CURL}, "fail"),
    "a manual": ("midl.public-data", {"README.md": WINDOW}, "fail"),
    "data where the paper cites them": ("heil.data", {"README.md": CITES, "a.py": f"import torchvision\n\nd = torchvision.datasets.CIFAR10('d')\n{LOADS}"}, "fail"),
    "only the test set is public": ("heil.data", {**GOT, "README.md": PUBLISHED_TESTS, "prepare.py": LOADS}, "fail"),
    "training and test set are public": ("heil.data", {**GOT, "README.md": PUBLISHED_TESTS.replace("slides in", "slides in the training and 9 in"), "prepare.py": LOADS}, "pass"),
    "a folder called for a public set": ("midl.public-data", {"results/Kvasir/1.png": "0" * 999}, "pass"),
    "what conda lists and cannot install": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch=1.13.1=pypi_0\n"}, "fail"),
    "a command that serves a model": ("midl.documentation", {"README.md": PARTS_OF.replace("python /train.py", "make server").replace("Training", "Use").replace("train.py --test", "score.py"), "train.py": RUNS_WELL}, "fail"),
    "a command that makes everything": ("midl.documentation", {"README.md": PARTS_OF.replace("python /train.py", "make paper").replace("Training", "Use"), "train.py": RUNS_WELL}, "pass"),
    "an engine of torchnet": ("midl.training", {"a.py": "import torch\nfrom torchnet.engine import Engine\n\nengine = Engine()\nengine.train(step, loader, maxepoch=9, optimizer=rule)\n"}, "pass"),
    "a tool to be installed by hand": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\nInstall [diamond](https://example.org/diamond) on your system.\n"}, "fail"),
    "a folder of code called for a public set": ("midl.public-data", {"kvasir/load.py": LOADS}, "fail"),
    "the set of a challenge and its year": ("midl.public-data", {"README.md": "# A\n\nIt is evaluated on the public dataset of the challenge at a meeting in 2019.\n"}, "pass"),
    "tables with the papers they come from": ("midl.public-data", TABLES_OF_PAPERS, "pass"),
    "a link called a challenge": ("midl.public-data", {"prepare.py": LOADS, "README.md": "# A\n\nThird in the [cardiac challenge](https://www.example.edu/cardiac/index.html).\n"}, "pass"),
    "code of an institute that keeps data": ("heil.data", {"prepare.py": LOADS, "README.md": "# A\n\nImages went through https://github.com/broadinstitute/pipelines.\n"}, "fail"),
    "MONAI's transforms, not seeded": ("heil.deterministic", {"train.py": RANDOM.format(more="")}, "fail"),
    "MONAI's transforms, seeded": ("heil.deterministic", {"train.py": RANDOM.format(more="monai.utils.set_determinism(1)")}, "unknown"),
    "MONAI's transforms in its own loader": ("heil.deterministic", {"train.py": RANDOM.format(more="loader = monai.data.DataLoader([])")}, "unknown"),
    "a loader that no script imports": ("heil.deterministic", {"train.py": f"import torch\n\ntorch.manual_seed(1)\n{RUNS_WELL}", "old.py": "import sys\nfrom torch.utils.data import DataLoader\n\nsys.path.append('..')\n\n\ndef load(d):\n    return DataLoader(d, shuffle=True)\n"}, "unknown"),
    "weights that a script fetches": ("midl.model", {"model/get.sh": "wget https://box.example.edu/s/download -O run1_model.pkl\n"}, "pass"),
    "weights on a server of one's own": ("midl.model", {"README.md": WEIGHTS_AT}, "pass"),
    "paths from the top and short versions": ("midl.documentation", {"README.md": PARTS_OF, "train.py": RUNS_WELL}, "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_more_of_what_files_show(name):
    id, files, expected = MORE[name]
    assert verdict(id, {"README.md": "# A study\n", **files}) == expected


LIBRARY = "import tensorflow as tf\nfrom segkit.cross import {name}\n\n{name}(0, model, {given})\n"
MATLAB = "net = start();\nw = unroll(net);\n[w1, l1] = lbfgsb(@loss, w);\nnet = roll(w1);\nsave('out.mat');\n"
SHELL = "set -eu\nexport GPU=1\ntool prepare a.ra\ntool reconet --train a.ra w.ra\n"
ODD = "import torch\nfrom torch import nn\n\n" + "print(nn.Linear(1, 1))\n" * 9
NAMES_A_FILE = "# A\n\n{says} './net/stage'.\n"
DOI_OF_MODELS = "# A\n\nThe {what} are available under the following link: https://doi.org/10.5281/zenodo.3902293\n"
FETCHED = {
    "init.sh": "download() { curl -L $1 -o $2; }\n",
    "get.sh": "download https://zenodo.org/record/7002209/files/{name}.zip {name}.zip\n",
}
CLOSED_LATER = "# A\n\n{begin} The cohort of the hospitals is available upon\n{end}.\n"
NOTE = (
    "% {says} available at: http://www.nitrc.org/projects/unlm for others\nx = imread('a.png');\n"
)
WGET = {"cells": [{"cell_type": "code", "source": ["!wget https://zenodo.org/records/1/glas.zip"]}]}
WORDS = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Get the data"]},
        {
            "cell_type": "code",
            "source": ["!wget https://people.example.edu/cells.zip\n", "import train"],
        },
    ]
}
STEPS_LEFT = "# A\n\nTip: start with [the notebook](run.ipynb). Train with `python train.py`, evaluate with `python score.py`. The trained network is kept in `net.pt`.\n\n## Requirements\n\n- torch 1.2\n"
ALL_PARTS = "# A\n\nThis is the work of a small group that looks at pictures of cells and tells which of them are ill, as the article says at length; the words here only fill the page, so that it is long enough to be read by somebody who cares.\n\n## Data\n\nDownload the data set from https://zenodo.org/records/4711011 first.\n\n## Requirements\n\n- torch 1.2\n\n## Models\n\nThe weights of the article are released here: https://zenodo.org/records/4711012\n\n"
TOLD = f"{ALL_PARTS.split('## Models')[0]}Train with `python train.py`, evaluate with `python score.py`.\n\n"
WORK = {"train.py": RUNS_WELL, "score.py": SCORES}
TABLE = "id,brightness\n" + "AAA,1\n" * 9000
READS_TABLE = "import pandas as pd\n\n\ndef load_data():\n    return pd.read_csv('data/{name}')\n"
MODULES = "Train and evaluate:\n\n    $ python -m net.sepsis.run_train -c a.yml\n    $ python -m net.sepsis.rescore -c a.yml\n"
FOLDS_OF_R = "library(limma)\nlibrary(annotate)\n{more}\n"
READERS = {
    "a function of a library that trains": ("midl.training", {"a.py": LIBRARY.format(name="run_fold", given="epochs=9")}, "pass"),
    "a function of a library that does not train": ("midl.training", {"a.py": LIBRARY.format(name="run_fold", given="size=9")}, "fail"),
    "a function of a library that trains, not seeded": ("heil.deterministic", {"a.py": LIBRARY.format(name="run_fold", given="epochs=9")}, "fail"),
    "MATLAB that is called training": ("midl.training", {"main_train.m": MATLAB}, "pass"),
    "MATLAB that is called a list of the training set": ("midl.training", {"make_train_data.m": MATLAB}, "fail"),
    "a script of shell that is called training": ("midl.training", {"net/train_all.sh": SHELL}, "pass"),
    "a script of shell that runs Python which is not here": ("midl.training", {"train.sh": SHELL + "python main.py\n"}, "fail"),
    "Python that is called training and does much": ("midl.training", {"train_net.py": ODD}, "pass"),
    "Python that is called training and does little": ("midl.training", {"train_net.py": "print('soon')\n"}, "fail"),
    "MATLAB that is called a test": ("midl.evaluation", {"main_test.m": MATLAB}, "pass"),
    "MATLAB that is called nothing": ("midl.evaluation", {"main.m": MATLAB}, "fail"),
    "files of which a sentence says that they are trained": ("midl.model", {"net/stage/a-7.mat": "0" * 999, "README.md": NAMES_A_FILE.format(says="The models trained with 100 images are in")}, "pass"),
    "files of which a sentence says something else": ("midl.model", {"net/stage/a-7.mat": "0" * 999, "README.md": NAMES_A_FILE.format(says="The masks are in")}, "fail"),
    "models and more under one DOI": ("heil.models", {"README.md": DOI_OF_MODELS.format(what="models, predictions and scores")}, "pass"),
    "figures under one DOI": ("heil.models", {"README.md": DOI_OF_MODELS.format(what="figures and scores")}, "fail"),
    "weights by a function of one's own": ("midl.model", {p: t.format(name="net_weights") if p == "get.sh" else t for p, t in FETCHED.items()}, "pass"),
    "data by a function of one's own": ("midl.model", {p: t.format(name="knees") if p == "get.sh" else t for p, t in FETCHED.items()}, "fail"),
    "parts of a data set that code fetches": ("midl.model", {"a.py": "def fetch_model():\n    return 1\n\n\nURL = 'http://digits.s3.amazonaws.com/train-images-ubyte.gz'\n"}, "fail"),
    "weights that code fetches": ("midl.model", {"a.py": "def fetch_model():\n    return 1\n\n\nURL = 'http://own.s3.amazonaws.com/net.gz'\n"}, "pass"),
    "a sentence over two lines closes the data": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": CLOSED_LATER.format(begin=ARCHIVED, end="request")}, "fail"),
    "a sentence over two lines closes nothing": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": CLOSED_LATER.format(begin=ARCHIVED, end="the same page")}, "pass"),
    "not in one piece": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": f"# A\n\n{ARCHIVED}\nThe spectra of these data are not readily available as a single download.\n"}, "pass"),
    "some of them are public": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": f"# A\n\n{ARCHIVED}\nOut of ten data sets, seven of them are public.\n"}, "fail"),
    "where possible": ("heil.data", {**GOT, "prepare.py": LOADS, "README.md": f"# A\n\n{ARCHIVED}\nWhere possible we have released the data.\n"}, "fail"),
    "a comment on where a function came from": ("midl.public-data", {"filter.m": NOTE.format(says="A faster version is")}, "fail"),
    "a comment on where data came from": ("midl.public-data", {"filter.m": NOTE.format(says="The images of all subjects are")}, "pass"),
    "a notebook on models downloads data": ("heil.data", {"train_models.ipynb": WGET, "prepare.py": LOADS, "README.md": "# A\n\nWe use the GlaS data set.\n"}, "pass"),
    "an address on the next line": ("midl.public-data", {"README.md": "# A\n\n## Data\n\nData and all labels are provided on:<br>\nhttp://www.example.edu/software/syn/\n"}, "pass"),
    "another address on the next line": ("midl.public-data", {"README.md": "# A\n\n## Service\n\nPredictions by a service:<br>\nhttp://www.example.edu/software/syn/\n"}, "fail"),
    "a table that the code reads by its name": ("midl.public-data", {"data/genotypes_to_brightness.tsv": TABLE, "a.py": READS_TABLE.format(name="genotypes_to_brightness.tsv")}, "pass"),
    "a table that nothing reads": ("midl.public-data", {"data/genotypes_to_brightness.tsv": TABLE, "a.py": READS_TABLE.format(name="own.tsv")}, "fail"),
    "a notebook that the README sends to": ("midl.documentation", {**WORK, "run.ipynb": WORDS, "README.md": STEPS_LEFT}, "pass"),
    "a notebook that the README does not name": ("midl.documentation", {**WORK, "run.ipynb": WORDS, "README.md": STEPS_LEFT.replace("(run.ipynb)", "")}, "fail"),
    "a document that the README sends to": ("midl.documentation", {**WORK, "COMMANDS.md": "Run `python train.py` to train and `python score.py` to evaluate.\n", "README.md": f"{ALL_PARTS}The commands are in COMMANDS.md.\n"}, "pass"),
    "a document that nothing names": ("midl.documentation", {**WORK, "COMMANDS.md": "Run `python train.py` to train and `python score.py` to evaluate.\n", "README.md": ALL_PARTS}, "fail"),
    "a vignette": ("midl.documentation", {"R/fit.R": "fit <- glmnet(x, y)\npredict(fit, x)\n", "vignettes/use.Rmd": "# Use\n\nTrain with `R/fit.R` and evaluate with it.\n", "README.md": ALL_PARTS}, "pass"),
    "a fence of one line": ("midl.documentation", {**WORK, "README.md": f"{ALL_PARTS}To train simply run:\n\n``` python train.py ```\n\nTo evaluate run:\n\n``` python score.py ```\n"}, "pass"),
    "modules whose names begin like endings": ("midl.documentation", {**WORK, "net/sepsis/run_train.py": RUNS_WELL, "net/sepsis/rescore.py": SCORES, "README.md": ALL_PARTS + MODULES}, "pass"),
    "words of English that are commands": ("midl.documentation", {"fit.py": FITS, "README.md": f"{ALL_PARTS}## More\n\nPlease make use of what is here to make a training or a test.\n"}, "fail"),
    "a file named in a heading": ("midl.documentation", {"main_of_work.py": f"{FITS}{SCORES}", "README.md": f"{ALL_PARTS}## main_of_work.py\n\n`first()` can obtain the second table and all the rest.\n"}, "pass"),
    "conda's own list": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "# $ conda create --name <env> --file <this file>\npytorch=1.0.0=py36_0\n"}, "pass"),
    "a name that pip refuses": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "pytorch>=1.2\n"}, "fail"),
    "a script for MATLAB beside": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "crop.m": "x = imread('a.png');\n"}, "fail"),
    "a finished image": ("heil.dependencies", {"a.py": TORCH, "README.md": "# A\n\n```\ndocker pull ada/study:1\n```\n"}, "unknown"),
    "a finished image beside a list that lacks something": ("heil.dependencies", {"a.py": f"import seaborn\n{TORCH}", "requirements.txt": "torch\n", "README.md": "# A\n\n```\ndocker pull ada/study:1\n```\n"}, "unknown"),
    "a finished image beside a list of everything": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\n```\ndocker pull ada/study:1\n```\n"}, "pass"),
    "only additions": ("heil.dependencies", {"a.py": TORCH, "additional_requirements.txt": "torch\n"}, "fail"),
    "one script in R beside much Python": ("midl.dependencies", {"plot.R": FOLDS_OF_R.format(more=""), "requirements.txt": PINS, **{f"{n}.py": IMPORTS for n in "abcd"}}, "pass"),
    "much R beside one script of Python": ("midl.dependencies", {"plot.R": FOLDS_OF_R.format(more=""), "b.R": "library(dplyr)\n", "requirements.txt": PINS, "a.py": IMPORTS}, "fail"),
    "R as it was on one day": ("midl.dependencies", {"plot.R": FOLDS_OF_R.format(more="checkpoint('2016-07-25')"), "b.R": "library(dplyr)\n", "requirements.txt": PINS, "a.py": IMPORTS}, "pass"),
    "an archive of data": ("heil.code", {"README.md": "# A\n\n## Data\n\nWe have released a data set for learning. See the [zenodo archive](https://zenodo.org/record/5033174).\n"}, "fail"),
    "an archive of the code": ("heil.code", {"README.md": "# A\n\nThe code is archived: [archive](https://doi.org/10.5281/zenodo.5033174).\n"}, "pass"),
    "an example of a library in MATLAB": ("heil.deterministic", {"train.m": MATLAB, "lib/example_nnls.m": "x = randn(3);\n"}, "unknown"),
    "a script in MATLAB": ("heil.deterministic", {"train.m": MATLAB, "lib/nnls.m": "x = randn(3);\n"}, "fail"),
    "a runner of steps, by make as well": ("heil.single-command", {"reproduce_all.sh": "bash get.sh\nbash prepare.sh\nbash train.sh\nmake\n", "Makefile": "default: figures\nfigures:\n\tbash measure.sh && bash plot.sh\n", "get.sh": "download https://people.example.edu/a.zip\n"}, "unknown"),
    "a runner of steps without the last": ("heil.single-command", {"reproduce_all.sh": "bash get.sh\nbash prepare.sh\nbash train.sh\n", "get.sh": "download https://people.example.edu/a.zip\n"}, "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_what_careful_readers_see(name):
    id, files, expected = READERS[name]
    files = {path: json.dumps(x) if isinstance(x, dict) else x for path, x in files.items()}
    assert verdict(id, {"README.md": "# A study\n", **files}) == expected


TRAINS = "import torch\n\nnet = torch.nn.Linear(1, 1)\nnet(torch.ones(1)).backward()\ntorch.optim.SGD(net.parameters(), 1).step()\n"
IN_MATLAB = "# A\n\nWritten for MATLAB R2016b.\n"
OBJECTIVE_C = '#import "App.h"\n\n@implementation App\n@end\n'


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ({"README.md": IN_MATLAB, **{f"run{n}.m": "x = fit(1);\n" for n in range(5)}}, "pass"),
        ({"README.md": IN_MATLAB, "train.py": TRAINS, **{f"eval/e{n}.m": "x = 1;\n" for n in range(5)}}, "fail"),
        ({"requirements.txt": "torch==2.1.0\n", "train.py": TRAINS, **{f"app/{n}.m": OBJECTIVE_C for n in range(5)}}, "pass"),
    ],
    ids=["MATLAB alone", "PyTorch beside it", "Objective-C beside PyTorch"],
)  # fmt: skip
def test_scripts_of_matlab_take_no_question_away(files, verdict):
    facts = Facts(Files(files_of({"README.md": "# A\n", **files})), None)
    found = {rule.id: rule for rule in RULES}["midl.dependencies"].judge(facts)
    assert found.verdict == verdict, found


SEEDED = "import torch\n\ntorch.manual_seed(1)\nnet = torch.nn.Linear(1, 1)\nnet(torch.ones(1)).backward()\ntorch.optim.SGD(net.parameters(), 1).step()\n"
OF_CODE = "Code: [archive of the code](https://doi.org/10.5281/zenodo.5033174).\n"
TRIED = "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        self.token = torch.nn.Parameter(torch.randn(1, 9))\n\n\nif __name__ == '__main__':\n    print(Net()(torch.rand(1, 9)))\n"
BY_NAME = (
    "import importlib\nimport sys\n\nnet = importlib.import_module(f'nets.{sys.argv[1]}').Net()\n"
)
SCRATCH = {
    "cells": [
        {
            "cell_type": "code",
            "source": ["import torch\n", "print(torch.randint(9, (5, 4)).shape)\n"],
        }
    ]
}
SAMPLED = {
    "cells": [
        {
            "cell_type": "code",
            "source": [
                "import torch\n",
                "net.load_state_dict(torch.load('net.pt'))\n",
                "net(torch.randn(5, 4))\n",
            ],
        }
    ]
}
OF_A_PACKAGE = {
    "work/__init__.py": "from .core import *\n",
    "work/core.py": "import numpy as np\n\nnp.random.seed(6)\n",
    "work/places.py": "ROOT = 'data'\n",
}
PICKS = "import numpy as np\nfrom work.places import ROOT\n\nnp.random.choice([1, 2])\n"
FROM_HUB = "from huggingface_hub import hf_hub_download\n\nNAME = '{name}'\nhf_hub_download(repo_id=NAME.format(1), filename='net.h5')\n"
OTHERS_TASK = "import requests\n\nTASKS = {'a': 'https://zenodo.org/record/4003545/files/Task001_BrainTumour.zip?download=1'}\n\n\ndef download(name):\n    return requests.get(TASKS[name])\n"
OWN_TASK = OTHERS_TASK.replace("Task001_BrainTumour.zip", "bladder_model.zip")
OPTIONS = "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--rounds')\nparser.parse_args()\n"
OWN_LINKS = "[a](https://github.com/lab/net/blob/main/train.py) [b](https://github.com/lab/net/blob/main/score.py) "
TOLD_ALL = f"{TOLD}The trained network is kept in `net.pt`.\n\n"
SETS_AT = "# A\n\n## Data availability\n\n* [Spleen](http://lab.example.edu/sets/Spleen.{end})\n"
ENVIRONMENT = "name: cells\ndependencies:\n  - scanpy=1.9.1\n"
MODE = "import argparse\nimport torch\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--mode')\nparser.parse_args()\n"
JUDGED = {
    "a network tried by itself, and built by its name": ("heil.deterministic", {"train.py": SEEDED + BY_NAME, "nets/small.py": TRIED}, "unknown"),
    "a network that is trained where its file is run": ("heil.deterministic", {"train.py": SEEDED + BY_NAME, "nets/small.py": f"{TRIED}    Net()(torch.rand(1, 9)).backward()\n    torch.optim.SGD([], 1).step()\n"}, "fail"),
    "a package that seeds where it is imported": ("heil.deterministic", {"pick.py": PICKS, **OF_A_PACKAGE}, "unknown"),
    "a package that seeds elsewhere": ("heil.deterministic", {"pick.py": PICKS, **OF_A_PACKAGE, "work/__init__.py": ""}, "fail"),
    "methods of others without a seed": ("heil.deterministic", {"train.py": SEEDED, "baselines/train.py": SEEDED.replace("torch.manual_seed(1)\n", "")}, "unknown"),
    "one's own method without a seed": ("heil.deterministic", {"train.py": SEEDED, "second/train.py": SEEDED.replace("torch.manual_seed(1)\n", "")}, "fail"),
    "a notebook in which something is tried": ("heil.deterministic", {"train.py": SEEDED, "look.ipynb": SCRATCH}, "unknown"),
    "a notebook in which a network draws": ("heil.deterministic", {"train.py": SEEDED, "look.ipynb": SAMPLED}, "fail"),
    "weights named like somebody else's, of the work of that name": ("midl.model", {"README.md": "# TinySAM\n\nDownload the [model checkpoint](https://drive.google.com/drive/folders/1ETWmi4AiniJeWOt6HAs) and place it at `work/TinySAM/net`.\n"}, "pass"),
    "somebody else's weights": ("midl.model", {"README.md": "# A\n\nDownload the [SAM checkpoint](https://drive.google.com/drive/folders/1ETWmi4AiniJeWOt6HAs) first.\n"}, "fail"),
    "checkpoints at an address": ("midl.model", {"README.md": "# A\n\nThe checkpoints of all runs are accessible at https://lab.example.edu/public/lung_cancer/\n"}, "pass"),
    "an address beside checkpoints": ("midl.model", {"README.md": "# A\n\nCheckpoints are written by each run, as https://lab.example.edu/public/lung_cancer/ does\n"}, "fail"),
    "a share of Seafile": ("midl.model", {"README.md": "# A\n\nPlease download the pretrained model from [here](https://box.example.org/f/fdc6572bc26f4dd684f4/?dl=1).\n"}, "pass"),
    "a page of models": ("midl.model", {"README.md": "# A\n\nSee data/net.md.\n", "data/net.md": "## Net Models\n\n| Ours | [download](https://drive.google.com/file/d/1fQXpf4vz5t2QYQ89iRXv0U/view) |\n"}, "pass"),
    "a page of tables": ("midl.model", {"README.md": "# A\n\nSee data/net.md.\n", "data/net.md": "## Net Tables\n\n| Ours | [download](https://drive.google.com/file/d/1fQXpf4vz5t2QYQ89iRXv0U/view) |\n"}, "fail"),
    "a model of a hub by a name that is put together": ("midl.model", {"README.md": "# A\n\ngit clone https://github.com/lab/net\n", "get.py": FROM_HUB.format(name="lab/{0}-brains")}, "pass"),
    "a company's model by such a name": ("midl.model", {"README.md": "# A\n\ngit clone https://github.com/lab/net\n", "get.py": FROM_HUB.format(name="google/{0}-brains")}, "fail"),
    "all code of somebody else": ("midl.model", {"README.md": "# A\n\nDownload the pre-trained model from the [other repository](https://github.com/else/net/tree/4375a8d6fa7d9c38184c5d3194db990a00a3e912).\n"}, "fail"),
    "the models that came with the code of others": ("heil.models", {"pretrained/download_pretrained_model.py": OTHERS_TASK}, "fail"),
    "models in the same place": ("heil.models", {"pretrained/download_pretrained_model.py": OWN_TASK}, "pass"),
    "weights in a command that is put together": ("midl.model", {"install_data.py": "import os\n\nos.system('%s https://www.dropbox.com/s/rg/pretrained_model.th.gz' % 'wget')\n"}, "pass"),
    "what fetches weights fetches no data": ("heil.data", {"README.md": ARCHIVED, "prepare.py": LOADS, "pretrained/download.py": OWN_TASK}, "fail"),
    "one's own data that stay closed, beside public ones": ("heil.data", {"README.md": f"{ARCHIVED}\nDue to restrictions, we cannot distribute our brain data. ADNI and OASIS are public.\n", **GOT, "prepare.py": LOADS}, "fail"),
    "others' data that nobody may pass on": ("heil.data", {"README.md": f"{ARCHIVED}\nDue to restrictions, we cannot distribute the OASIS data.\n", **GOT, "prepare.py": LOADS}, "pass"),
    "tables of cells on a server": ("midl.public-data", {"README.md": SETS_AT.format(end="h5ad")}, "pass"),
    "a page on a server": ("midl.public-data", {"README.md": SETS_AT.format(end="html")}, "fail"),
    "a set by the name of its folder": ("midl.public-data", {"README.md": "# A\n\nPut the data in `data/2018LA_Seg_Training Set`.\n"}, "pass"),
    "an option that the script has": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython more.py --rounds 3\n```\n", "more.py": OPTIONS}, "pass"),
    "an option that no script has": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython more.py --round_count 3\n```\n", "more.py": OPTIONS}, "fail"),
    "such an option on the next line": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython more.py \\\n    --round_count 3\n```\n", "more.py": OPTIONS}, "fail"),
    "options that a library may add": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython more.py --round_count 3\n```\n", "more.py": OPTIONS.replace("parse_args", "parse_known_args")}, "pass"),
    "a link into the repository that leads nowhere": ("midl.documentation", {"README.md": f"{TOLD_ALL}{OWN_LINKS}[c](https://github.com/lab/net/blob/main/figures.py)\n"}, "fail"),
    "links into the repository": ("midl.documentation", {"README.md": f"{TOLD_ALL}{OWN_LINKS}\n"}, "pass"),
    "links into another repository": ("midl.documentation", {"README.md": f"{TOLD_ALL}{OWN_LINKS}[c](https://github.com/else/net/blob/main/figures.py)\n"}, "pass"),
    "a script between quotes that is not here": ("midl.documentation", {"README.md": f"{TOLD_ALL}The encoder comes from `train_encoder.py`.\n"}, "fail"),
    "a place for models that is to be filled in": ("midl.documentation", {"README.md": f"{TOLD}```\npython score.py \"./saved/model_name.pth\"\n```\n"}, "fail"),
    "a folder of models": ("midl.documentation", {"README.md": f"{TOLD}See the models directory.\n", "models/net.pt": "0" * 999}, "pass"),
    "a switch of what prepares data": ("midl.evaluation", {"prepare.py": MODE}, "fail"),
    "a switch of what trains": ("midl.evaluation", {"run.py": MODE + SEEDED}, "pass"),
    "a network told to judge": ("midl.evaluation", {"test_net.py": "import torch\n\nfrom work import model\n\nmodel.eval()\nprint(model(torch.ones(1)))\n"}, "pass"),
    "settings of Jupyter": ("midl.dependencies", {"requirements.txt": PINS, "train.py": IMPORTS, "docker/jupyter_notebook_config.py": "from notebook.auth import passwd\n"}, "pass"),
    "an environment beside the script": ("midl.dependencies", {"requirements.txt": PINS, "train.py": IMPORTS, "cells/pick.py": "import scanpy\n", "cells/environment.yml": ENVIRONMENT}, "pass"),
    "an environment elsewhere": ("midl.dependencies", {"requirements.txt": PINS, "train.py": IMPORTS, "cells/pick.py": "import scanpy\n", "more/environment.yml": ENVIRONMENT}, "fail"),
    "a repository that is the package": ("midl.evaluation", {"__init__.py": "", "utils.py": "a = 1\n", "scripts/Net.py": f"from Net.utils import a\n{SCORES}"}, "pass"),
    "a module that is nowhere": ("midl.evaluation", {"__init__.py": "", "scripts/Net.py": f"from Net.utils import a\n{SCORES}"}, "fail"),
    "a package without its own name tried where it is run": ("heil.deterministic", {"main.py": f"import act\n{TRAINS}", "act.py": "import torch\n\n\ndef test_speed():\n    torch.manual_seed(0)\n\n\nif __name__ == '__main__':\n    test_speed()\n"}, "fail"),
    "seeds where a file that others import is run": ("heil.deterministic", {"main.py": f"import act\n{TRAINS}", "act.py": "import torch\n\nif __name__ == '__main__':\n    torch.manual_seed(0)\n"}, "fail"),
    "seeds where a file is imported": ("heil.deterministic", {"main.py": f"import act\n{TRAINS}", "act.py": "import torch\n\ntorch.manual_seed(0)\n"}, "unknown"),
    "seeds where the file itself is run": ("heil.deterministic", {"main.py": f"{TRAINS}\nif __name__ == '__main__':\n    torch.manual_seed(0)\n"}, "unknown"),
    "fastai without its seed": ("heil.deterministic", {"main.py": "import numpy as np\nfrom fastai.vision import *\n\nnp.random.seed(41)\nlearner.fit_one_cycle(100)\n"}, "fail"),
    "a model with the training of a library": ("midl.training", {"net.py": "from scvi.model.base import BaseModelClass, UnsupervisedTrainingMixin\n\n\nclass Net(UnsupervisedTrainingMixin, BaseModelClass):\n    pass\n"}, "pass"),
    "a model of a library without it": ("midl.training", {"net.py": "from scvi.model.base import BaseModelClass\n\n\nclass Net(BaseModelClass):\n    pass\n"}, "fail"),
    "gradients of Theano in Python 2": ("midl.training", {"net.py": "import theano.tensor as T\n\nprint 'start'\ngrads = T.grad(cost, wrt=weights)\n"}, "pass"),
    "short addresses of models": ("midl.model", {"README.md": "# A\n\nSee docs/models.md.\n", "docs/models.md": "# Models\n\n| kind | checkpoint |\n| ckpt | [Net-3](https://bit.ly/Net-3) |\n"}, "pass"),
    "a container alone": ("heil.dependencies", {"train.py": IMPORTS, "Dockerfile": f"FROM python:3.11\nRUN pip install {' '.join(PINS.split())}\n", "README.md": "# A\n\n`docker build -t net .`\n"}, "fail"),
    "a container, and a present system": ("heil.dependencies", {"train.py": IMPORTS, "Dockerfile": f"FROM python:3.11\nRUN pip install {' '.join(PINS.split())}\n", "README.md": "# A\n\n`docker build -t net .`\n\nIt also runs on Ubuntu 24.04.\n"}, "pass"),
    "a conda file, and the package itself apart": ("heil.dependencies", {"train.py": IMPORTS, "environment.yml": "dependencies:\n  - numpy=1.26.4\n  - pandas=2.2.2\n  - scikit-learn=1.4.2\n", "setup.py": "from setuptools import setup\n\nsetup(name='net')\n", "README.md": "# A\n\n```\nConda env create -f environment.yml\n```\n\nThen run\n\n```\npip install -e .\n```\n"}, "fail"),
    "a part of the data on a drive": ("heil.data", {"README.md": f"{ARCHIVED}\nDownload the table of drugs from https://drive.google.com/file/d/1EzIlVeiIR6LFtrBnhz/view as well; these data are needed.\n", **GOT, "prepare.py": LOADS}, "fail"),
    "sets of PhysioNet by their names": ("heil.data", {"README.md": "# A\n\nBeats of the MIT-BIH dataset, and the PhysioNet Challenge 2017.\n", "get.py": "import wfdb\n\nwfdb.dl_database('mitdb', 'raw')\n", "prepare.py": LOADS}, "pass"),
    "small sets on which a model is tried": ("midl.public-data", {"README.md": "# A\n\nThe mammograms are read from a folder.\n", "try.py": "import torchvision\n\ntorchvision.datasets.MNIST('a')\n", "prepare.py": LOADS}, "fail"),
    "small sets that a document names": ("midl.public-data", {"README.md": "# A\n\nDigits of MNIST.\n", "try.py": "import torchvision\n\ntorchvision.datasets.MNIST('a')\n", "prepare.py": LOADS}, "pass"),
    "labels here of sequences elsewhere": ("heil.data", {"README.md": f"# A\n\nLabels are in `data/`. The sequences of UniRef100 were aligned.\n\n{OF_CODE}", "data/cases-2700.csv": TABLE, "prepare.py": LOADS}, "fail"),
    "data of the paper, told under thanks": ("midl.public-data", {"README.md": "# A\n\n## Acknowledgement\n\nThe datasets used in this paper are downloaded from [Prostate](https://lab.example.org/S/).\n"}, "pass"),
    "thanks to others": ("midl.public-data", {"README.md": "# A\n\n## Acknowledgement\n\nSome of the code is adapted from [Net](https://lab.example.org/S/).\n"}, "fail"),
    "names that are bound while a file runs": ("midl.training", {"net/__init__.py": "from .sets import cells\n", "net/sets.py": "for name in ('cells',):\n    globals()[name] = name\n", "train.py": f"import net\n{TRAINS}"}, "pass"),
    "names that are nowhere": ("midl.training", {"net/__init__.py": "from .sets import cells\n", "net/sets.py": "more = 1\n", "train.py": f"import net\n{TRAINS}"}, "fail"),
    "a seed drawn by what nothing seeds": ("heil.deterministic", {"train.py": TRAINS.replace("import torch\n", "import numpy as np\nimport torch\n\nseed = np.random.randint(99)\ntorch.manual_seed(seed)\n", 1)}, "fail"),
    "a seed drawn by what is seeded": ("heil.deterministic", {"train.py": TRAINS.replace("import torch\n", "import numpy as np\nimport torch\n\nnp.random.seed(1)\nseed = np.random.randint(99)\ntorch.manual_seed(seed)\n", 1)}, "unknown"),
    "a framework that comes with a star": ("heil.deterministic", {"net.py": "from keras.models import *\n", "main.py": "from net import *\n\nmodel = Sequential()\nmodel.fit(x, y, epochs=3)\n"}, "fail"),
    "mixtures in R without a seed": ("heil.deterministic", {"fit.R": "library(flexmix)\nm <- flexmix(y ~ x, k = 2)\n"}, "fail"),
    "mixtures in R with a seed": ("heil.deterministic", {"fit.R": "library(flexmix)\nset.seed(1)\nm <- flexmix(y ~ x, k = 2)\n"}, "unknown"),
    "mixtures in R are fitted": ("midl.training", {"fit.R": "library(flexmix)\nm <- flexmix(y ~ x, k = 2)\n"}, "pass"),
    "a test of survival in R": ("midl.training", {"test.R": "library(survival)\nprint(coxph(Surv(t, e) ~ g))\n"}, "fail"),
}  # fmt: skip


SHOWS_ITSELF = "import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n\n\nif __name__ == '__main__':\n    from configs.shapes import sides\n    import matplotlib.pyplot as plt\n"
APPLIES = "import torch\n\nfrom nets import Net\n\n\ndef load(path):\n    model = Net()\n    model.load_state_dict(torch.load(path))\n    model.eval()\n    return model\n"
OF_SACRED = "from sacred import Experiment\n\nex = Experiment('net')\n\n\n@ex.automain\ndef main():\n    import sklearn.metrics\n"
KERAS = (
    "from keras.models import Sequential\n\nmodel = Sequential()\nmodel.fit([[0]], [0], epochs=3)\n"
)
SHARED = "import torch\n\n\ndef do_epoch(net):\n    net(torch.rand(1)).backward()\n    torch.optim.SGD(net.parameters(), 1).step()\n\n\ndef fit_all(net):\n    do_epoch(net)\n"
SEEDS_IT = "import torch\n\nfrom shared import fit_all\n\ntorch.manual_seed(1)\nfit_all(net)\n"
SEARCHED = "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import GridSearchCV\n\nnp.random.seed(1)\nGridSearchCV(RandomForestClassifier({state}), {{}}{jobs}).fit([[0]], [0])\n"
README_APPLIES = "# A\n\n```\nmodel = load_model('net.pt')\nout = model(images)\n```\n"
ENVIRONMENT_OF_TORCH = "dependencies:\n  - python=3.11\n  - pytorch=2.1.2\n"
RECORD = "[![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.1175282.svg)](https://doi.org/10.5281/zenodo.1175282)\n# A\n\n"
IN_APART = "# A\n\n```\nconda env create -f environment.yml\n```\n\nWe recommend that you create a separate Python environment {whose}.\n"

JUDGED |= {
    "what a module imports where it is run itself": ("midl.training", {"nets.py": SHOWS_ITSELF, "train.py": f"import nets\n{TRAINS}"}, "pass"),
    "what a module imports always": ("midl.training", {"nets.py": SHOWS_ITSELF.replace("if __name__ == '__main__'", "if True"), "train.py": f"import nets\n{TRAINS}"}, "fail"),
    "a package that only a module's own run needs": ("midl.dependencies", {"requirements.txt": "torch==2.1.2\n", "nets.py": SHOWS_ITSELF.replace("    from configs.shapes import sides\n", ""), "train.py": f"import nets\n{TRAINS}"}, "pass"),
    "a package behind a switch": ("midl.dependencies", {"requirements.txt": "torch==2.1.2\n", "train.py": f"{TRAINS}\nif config.train.use_apex:\n    from apex import amp\n"}, "pass"),
    "a package always": ("midl.dependencies", {"requirements.txt": "torch==2.1.2\n", "train.py": f"from apex import amp\n{TRAINS}"}, "fail"),
    "a script that Sacred runs": ("midl.evaluation", {"other.py": "print(1)\n", "validation.py": f"{OF_SACRED}    print(sklearn.metrics.f1_score([0], [0]))\n"}, "pass"),
    "gradients of autograd": ("midl.training", {"fit.py": "from autograd import grad\n\nslope = grad(loss)\n"}, "pass"),
    "what loads a model and has it judge": ("midl.evaluation", {"mask.py": APPLIES, "nets.py": "import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n"}, "pass"),
    "what loads a model to train it further": ("midl.evaluation", {"mask.py": f"{APPLIES}\n\ndef more(model):\n    model(torch.rand(1)).backward()\n", "nets.py": "class Net:\n    pass\n"}, "fail"),
    "an example in the README": ("midl.evaluation", {"README.md": README_APPLIES}, "pass"),
    "an example that loads nothing": ("midl.evaluation", {"README.md": README_APPLIES.replace("load_model('net.pt')", "Net()")}, "fail"),
    "rows that are drawn": ("midl.evaluation", {"pick.py": "import random\n\nimport torch\n\nrows = random.sample([1, 2], 1)\n"}, "fail"),
    "a module called like a package": ("midl.training", {"work/__init__.py": "", "work/sklearn.py": "class Wrapper:\n    pass\n", "work/fit.py": "from sklearn.utils import resample\nfrom sklearn.svm import SVC\n\nSVC().fit([[0], [1]], [0, 1])\n"}, "pass"),
    "clusters in R": ("midl.training", {"fit.R": "set.seed(1)\nk <- kmeans(x, 3)\n"}, "pass"),
    "Keras without what it works on": ("midl.dependencies", {"requirements.txt": "keras==2.2.4\n", "train.py": KERAS}, "fail"),
    "Keras, and what it works on": ("midl.dependencies", {"requirements.txt": "keras==2.2.4\nTheano==1.0.4\n", "train.py": KERAS}, "pass"),
    "training elsewhere": ("heil.deterministic", {"mask.py": APPLIES, "nets.py": "import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n"}, "fail"),
    "a script that trains without the seed of another": ("heil.deterministic", {"shared.py": SHARED, "a.py": SEEDS_IT, "b.py": SEEDS_IT.replace("torch.manual_seed(1)\n", "")}, "fail"),
    "scripts that both seed": ("heil.deterministic", {"shared.py": SHARED, "a.py": SEEDS_IT, "b.py": SEEDS_IT}, "unknown"),
    "a script that does not train": ("heil.deterministic", {"shared.py": SHARED + "\n\ndef show(net):\n    print(net)\n", "a.py": SEEDS_IT, "b.py": "from shared import show\n\nshow(1)\n"}, "unknown"),
    "a network that is switched over": ("heil.deterministic", {"shared.py": SHARED.replace("fit_all", "train"), "a.py": SEEDS_IT.replace("fit_all", "train"), "b.py": "from shared import net\n\nnet.train(False)\n"}, "unknown"),
    "a search in processes": ("heil.deterministic", {"fit.py": SEARCHED.format(state="", jobs=", n_jobs=4")}, "fail"),
    "a search in one process": ("heil.deterministic", {"fit.py": SEARCHED.format(state="", jobs="")}, "unknown"),
    "a search in processes, with a state": ("heil.deterministic", {"fit.py": SEARCHED.format(state="random_state=1", jobs=", n_jobs=4")}, "unknown"),
    "a seed that is assigned": ("heil.deterministic", {"train.py": f"import random\n\nrandom.seed = 0\n{SEEDED}"}, "fail"),
    "nnU-Net without its switch": ("heil.deterministic", {"train.sh": "nnUNet_train 3d_fullres nnUNetTrainerV2 114 0\n"}, "fail"),
    "nnU-Net with its switch": ("heil.deterministic", {"train.sh": "nnUNet_train 3d_fullres nnUNetTrainerV2 114 0 --deterministic\n"}, "unknown"),
    "rows drawn in R": ("heil.deterministic", {"fit.R": "library(dplyr)\nrows <- sample_n(beats, 3)\n"}, "fail"),
    "training of TensorLayer": ("heil.deterministic", {"more.py": "from tensorlayer.prepro import *\n", "train.py": "from more import *\n\ntf.train.AdamOptimizer(1).minimize(loss)\n"}, "fail"),
    "training in a module that nothing here imports": ("heil.deterministic", {"work/training.py": "import numpy as np\n\n\ndef crop():\n    return np.random.randint(9)\n", "run.py": "import older.training\n\nolder.training.crop()\n"}, "fail"),
    "forests in a folder of models": ("midl.model", {"README.md": "# A\n", "train/forest_models/selected_data_isolation_forest.joblib": "\0" * 900}, "pass"),
    "tables in a folder of models": ("midl.model", {"README.md": "# A\n", "train/forest_models/selected_data.joblib": "\0" * 900}, "fail"),
    "snapshots that a script fetches": ("midl.model", {"README.md": "# A\n", "fetch_snapshots.sh": "wget http://lab.example.org/net_snapshots.tar.gz\n"}, "pass"),
    "one's own network with a hash": ("midl.model", {"README.md": "# A\n", "mask.py": "import torch\n\ntorch.hub.load_state_dict_from_url('https://github.com/lab/mask/releases/download/v0/unet_r231-d5d2fc3d.pth')\n"}, "pass"),
    "a known network with a hash": ("midl.model", {"README.md": "# A\n", "mask.py": "import torch\n\ntorch.hub.load_state_dict_from_url('https://lab.example.org/densenet121-a639ec97.pth')\n"}, "fail"),
    "weights of everyday pictures": ("midl.model", {"README.md": "# A\n", "get.py": "import urllib.request\n\n\ndef download_weights():\n    urllib.request.urlretrieve('https://github.com/m/r/releases/download/v2.0/mask_rcnn_coco.h5', 'a.h5')\n"}, "fail"),
    "a model for the tests": ("midl.model", {"README.md": "# A\n", "test/resources/models/checkpoints/epoch_14.pt": "\0" * 900}, "fail"),
    "a notebook beside words of models": ("midl.model", {"README.md": "# A\n\nDraw from the trained model: [here](https://github.com/lab/net/blob/master/examples/draw.ipynb).\n"}, "fail"),
    "trained models in a folder of data": ("midl.model", {"README.md": "# A\n\nPretrained models can be had from [https://lab.example.edu/data/TM_trained_models.tar.gz](https://lab.example.edu/data/TM_trained_models.tar.gz).\n"}, "pass"),
    "models that were trained on data": ("midl.model", {"README.md": "# A\n\nModels trained on a dataset of 826 crops, the training set and more are available at https://doi.org/10.5281/zenodo.7221151.\n"}, "pass"),
    "data beside a word of weights": ("heil.models", {"README.md": "# A\n\nThe data can be found [here](https://zenodo.org/record/1175282/files/Nuclei.zip). The script also downloads the pretrained weights.\n"}, "fail"),
    "the DOI of the data as a badge": ("heil.code", {"README.md": f"{RECORD}The data can be found [here](https://zenodo.org/record/1175282/files/Nuclei.zip).\n"}, "fail"),
    "the DOI of the code as a badge": ("heil.code", {"README.md": f"{RECORD}The data can be found [here](https://zenodo.org/record/1175999/files/Nuclei.zip).\n"}, "pass"),
    "a set of data that is called a file": ("midl.documentation", {"README.md": f"{TOLD}The dataset is here: [a](https://www.dropbox.com/s/yq1/eq2_grammar_dataset.h5).\n"}, "fail"),
    "another number is another file": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython BSD2018_application.py\n```\n", "BSD2013_application.py": "print(1)\n"}, "fail"),
    "a slip of the pen": ("midl.documentation", {"README.md": f"{TOLD_ALL}```\npython BSD2018_aplication.py\n```\n", "BSD2018_application.py": "print(1)\n"}, "pass"),
    "code within a line that begins with it": ("midl.license", {"README.md": "# A\n\nIt is read by\n```data.py``` in the end.\n\n## Licence\n\nThis code is free only for research purposes. Commercial use is not allowed.\n"}, "pass"),
    "terms without commerce": ("midl.license", {"README.md": "# A\n\n## Licence\n\nFor academic and non-commercial usage\n"}, "pass"),
    "an environment for this project": ("heil.dependencies", {"README.md": IN_APART.format(whose="for this project"), "environment.yml": ENVIRONMENT_OF_TORCH, "train.py": TRAINS}, "pass"),
    "an environment for a part": ("heil.dependencies", {"README.md": IN_APART.format(whose="in which the docking runs"), "environment.yml": ENVIRONMENT_OF_TORCH, "train.py": TRAINS}, "fail"),
    "data in a lesson": ("heil.data", {"README.md": ARCHIVED, "tutorial/get.py": GOT["get.py"], "prepare.py": LOADS}, "fail"),
    "data on a laboratory's server": ("heil.data", {"README.md": "# A\n\nThe sequences of DeepSEA.\n", "get.sh": "wget http://deepsea.princeton.edu/media/code/train_bundle.tar.gz\n", "prepare.py": LOADS}, "fail"),
    "data that a Makefile fetches": ("heil.data", {"README.md": ARCHIVED, "Makefile": "raw.zip:\n\twget https://zenodo.org/records/4711011/files/images.zip\n", "prepare.py": LOADS}, "pass"),
    "what a package is installed for": ("midl.public-data", {"README.md": "# A\n\n```\nsudo apt install -y curl\ncurl -fsSL https://download.docker.com/linux/ubuntu/gpg | sudo apt-key add -\n```\n"}, "fail"),
    "more sets to come": ("heil.data", {"README.md": f"{ARCHIVED}\nThere are dataset loaders for these now and more will be added.\n", **GOT, "prepare.py": LOADS}, "pass"),
    "data in an example": ("heil.data", {"README.md": ARCHIVED, "examples/get.py": GOT["get.py"], "prepare.py": LOADS}, "fail"),
    "sets to learn a library with": ("heil.data", {"README.md": "# A\n\nCells of PBMC.\n", "prepare.py": f"import scanpy\n\ncells = scanpy.datasets.pbmc3k()\n{LOADS}"}, "fail"),
    "a file of figshare": ("heil.models", {"README.md": "# A\n\nYou can download the pretrained model [here](https://ndownloader.figshare.com/files/25611290).\n"}, "pass"),
    "models by number in an archive": ("heil.models", {"README.md": "# A\n", "net.py": "WHERE = {'one': 'https://zenodo.org/record/7258553/files/antibody_model_1?download=1'}\n"}, "pass"),
    "the DOI of an example": ("heil.code", {"README.md": "# A\n\nThe code is at https://doi.org/10.5281/zenodo.1234.\n"}, "fail"),
    "an analysis that learns nothing": ("heil.deterministic", {"count.py": "import pandas as pd\n\nprint(pd.read_csv('a.csv').mean())\n"}, "unknown"),
    "networks, and no work with them": ("heil.deterministic", {"nets.py": "import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n"}, "fail"),
    "a file for the metric alone": ("midl.evaluation", {"evaluation.py": "import nibabel\nimport numpy as np\n\n\ndef overlap(a, b):\n    a, b = nibabel.load(a), nibabel.load(b)\n    return 2 * np.sum(a * b) / max(1, np.sum(a) + np.sum(b))\n"}, "pass"),
    "a graph that is computed": ("midl.evaluation", {"graph.py": "import torch\n\n\ndef Cal_Spatial_Net(x):\n    return x\n\n\nCal_Spatial_Net(1)\n"}, "fail"),
    "no models where nothing learns": ("midl.documentation", {"README.md": TOLD, "train.py": "print(1)\n", "score.py": "import pandas\n\nprint(pandas.DataFrame().mean())\n"}, "pass"),
    "code that is downloaded": ("midl.public-data", {"README.md": "# A\n\n```\ncurl -OJL https://github.com/lab/net/tarball/master\n```\n"}, "fail"),
    "a class that trains, and is not asked to": ("heil.deterministic", {"shared.py": SHARED, "a.py": SEEDS_IT, "b.py": "from shared import fit_all\n\n\nclass Older:\n    def go(self):\n        fit_all(1)\n\n\nif __name__ == '__main__':\n    print(1)\n"}, "unknown"),
    "what only computes a score": ("heil.deterministic", {"score.py": "import torch\nfrom sklearn.metrics import f1_score\n\nprint(f1_score([0], [0]))\n"}, "unknown"),
    "a seed from the shell": ("heil.deterministic", {"README.md": "# A\n\n```\npython train.py --seed $RANDOM\n```\n", "train.py": SEEDED}, "fail"),
    "a seed from a loop of the shell": ("heil.deterministic", {"README.md": "# A\n\n```\npython train.py --seed $SEED\n```\n", "train.py": SEEDED}, "unknown"),
    "a seed that is drawn unless it is given": ("heil.deterministic", {"train.py": f"import argparse\nimport random\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--seed', default=random.randint(0, 9))\nrandom.seed(parser.parse_args().seed)\n{SEEDED}"}, "fail"),
    "one's own module of a common name": ("midl.dependencies", {"requirements.txt": "torch==2.1.2\n", "train.py": f"import draw_dataloader\n{TRAINS}"}, "pass"),
    "a project and a list in one command": ("heil.dependencies", {"README.md": "# A\n\n`pip install -e . -r more.txt`\n", "setup.py": "from setuptools import setup\n\nsetup(name='net', install_requires=['torch'])\n", "more.txt": "pandas\n", "train.py": f"import pandas\n{TRAINS}"}, "pass"),
    "a list alone": ("heil.dependencies", {"README.md": "# A\n\n`pip install -r more.txt`\n", "setup.py": "from setuptools import setup\n\nsetup(name='net', install_requires=['torch'])\n", "more.txt": "pandas\n", "train.py": f"import pandas\n{TRAINS}"}, "fail"),
    "a scaler beside a network": ("heil.deterministic", {"shared.py": SHARED.replace("fit_all", "fit"), "a.py": SEEDS_IT.replace("fit_all", "fit"), "b.py": "from sklearn.preprocessing import StandardScaler\n\nfrom shared import Net\n\nscaler = StandardScaler()\nscaler.fit([[1]])\nStandardScaler().fit([[1]])\n"}, "unknown"),
    "a main of one's own": ("heil.deterministic", {"shared.py": f"{SHARED}\n\ndef main():\n    fit_all(1)\n", "a.py": SEEDS_IT.replace("import fit_all", "import fit_all, main"), "b.py": "from shared import Net\n\n\ndef main():\n    print(Net)\n\n\nmain()\n"}, "unknown"),
    "a distribution that is drawn from": ("heil.deterministic", {"draw.py": "import torch\n\ntorch.manual_seed(0)\nprint(torch.distributions.Normal(0, 1).sample((9,)))\n"}, "unknown"),
    "nnU-Net with its switch on the next line": ("heil.deterministic", {"train.sh": "nnUNet_train 3d_fullres nnUNetTrainerV2 114 0 \\\n  --deterministic\n"}, "unknown"),
    "a record whose number goes on": ("heil.code", {"README.md": f"{RECORD}The data can be found [here](https://zenodo.org/record/11752829/files/Nuclei.zip).\n"}, "pass"),
    "the test set": ("heil.data", {"README.md": ARCHIVED, "download_test.py": GOT["get.py"], "prepare.py": LOADS}, "pass"),
    "folds that a search is given": ("heil.deterministic", {"fit.py": "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nfrom sklearn.model_selection import ShuffleSplit, cross_val_score\n\nnp.random.seed(0)\ncross_val_score(LinearRegression(), x, y, cv=ShuffleSplit(5), n_jobs=4)\n"}, "unknown"),
    "a forest beside a search": ("heil.deterministic", {"fit.py": SEARCHED.format(state="random_state=1", jobs=", n_jobs=4") + "from sklearn.ensemble import ExtraTreesClassifier\n\nExtraTreesClassifier().fit([[0]], [0])\n"}, "unknown"),
    "a shell whose numbers are seeded": ("heil.deterministic", {"run.sh": "RANDOM=42\npython train.py --seed $RANDOM\n", "train.py": SEEDED}, "unknown"),
    "rights that are kept": ("midl.license", {"README.md": "# A\n\n## License\n\nCopyright 2024 ACME. All rights reserved.\n"}, "fail"),
    "terms that are to come": ("midl.license", {"README.md": "# A\n\n## License\n\nUsage will be permitted after publication.\n"}, "fail"),
    "what a module that is run works with": ("midl.dependencies", {"requirements.txt": "numpy==1.26.4\n", "train.py": "class Net:\n    pass\n\n\nif __name__ == '__main__':\n    import torch\n\n    torch.optim.SGD([], 1).step()\n", "score.py": "from train import Net\n"}, "fail"),
    "somebody else's model in the README": ("midl.evaluation", {"README.md": "# A\n\n```\nnet = AutoModel.from_pretrained('bert-base-uncased')\nout = net(words)\n```\n"}, "fail"),
    "resources": ("heil.data", {"README.md": f"# A\n\nSee `resources/data/`.\n\n{OF_CODE}", "resources/data/cases.csv": TABLE, "prepare.py": LOADS}, "fail"),
    "a band of the radio": ("midl.public-data", {"README.md": "# A\n\nSignals of GSM900.\n"}, "fail"),
    "a challenge that only the code names": ("midl.public-data", {"README.md": "# A\n", "loader.py": "from pathlib import Path\n\nWHERE = Path('data/ACDC Challenge/training')\n"}, "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_the_work_is_told_from_what_lies_beside_it(name):
    id, files, expected = JUDGED[name]
    files = {path: json.dumps(x) if isinstance(x, dict) else x for path, x in files.items()}
    if id == "midl.documentation":
        files = {**WORK, **files}
    assert verdict(id, {"README.md": "# A study\n", **files}) == expected
