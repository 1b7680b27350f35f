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
FITS = "from sklearn.svm import SVC\n\nmodel = SVC().fit([[0], [1]], [0, 1])\n"
SCORES = "from sklearn.metrics import f1_score\n\nprint(f1_score([0], [0]))\n"


def verdict(id: str, files: dict) -> str:
    """What one rule says of a small repository."""
    return RULE[id].judge(Facts(Files(files_of(files)), None)).verdict


ARCHIVED = "The images are at https://zenodo.org/records/4711011 for download.\n"
DATA = {
    "a drive is no publication": (
        "Download the data from https://drive.google.com/drive/folders/1RM58s6X\n", {}, "fail",
    ),
    "an archive beside a drive": (
        f"{ARCHIVED}\nPrepared data: https://drive.google.com/drive/folders/1RM58s6X\n", {}, "pass",
    ),
    "the DOI of the code is not where the data are": (
        "# Survival from motion data [![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.1451540.svg)](https://doi.org/10.5281/zenodo.1451540)\n\nThis repository has the code.\n", {}, "fail",
    ),
    "a script that downloads weights": (
        "# Segmentation\n", {"get.sh": "URL=http://people.example.edu/fcn.caffemodel\nwget -N $URL -O out\n"}, "fail",
    ),
    "a script that downloads data": (
        "# Segmentation\n", {"get.sh": "URL=http://people.example.edu/scans.tar.gz\nwget -N $URL -O out\n"}, "pass",
    ),
    "part of the data of an institute": (
        "Experiments use [CAMELYON16](https://camelyon16.grand-challenge.org/) and data from the Lakeside Cancer Institute.\n", {}, "fail",
    ),
    "data of an institute that publishes": (
        "Experiments use [CAMELYON16](https://camelyon16.grand-challenge.org/) and data from the National Cancer Institute.\n",
        {},
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

    Train with `python fit.py`.

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
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_tell_how_to_evaluate(name):
    title, line, expected = DOCUMENTS[name]
    files = {
        "README.md": BEGINS.replace("{title}", title) + f"    {line}\n",
        "requirements.txt": "scikit-learn==1.4.2\n",
        "fit.py": FITS,
        "score.py": SCORES,
        "run.sh": "python fit.py\n",
    }
    assert verdict("midl.documentation", files) == expected


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
RUNS = {
    "every script calls the seeds": ({"b.py": DRAWS.format(names="set_seed", begin="set_seed()")}, "unknown"),
    "one script has the function and does not call it": ({"b.py": DRAWS.format(names="load", begin="load()")}, "fail"),
    "a shell command that shuffles": ({"b.sh": "cat list.txt | sort -R | head -n 20 > part.txt\n"}, "fail"),
    "a shell command that sorts": ({"b.sh": "cat list.txt | sort -Vr | head -n 20 > part.txt\n"}, "unknown"),
    "a module that others import is no script": ({"net.py": "import numpy as np\n\nLIMIT = max(1, 2)\n\n\ndef noise():\n    return np.random.rand(LIMIT)\n", "old.py": "from net import noise\n"}, "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_random_numbers_are_seeded(name):
    files, expected = RUNS[name]
    first = DRAWS.format(names="set_seed", begin="set_seed()")
    assert verdict("heil.deterministic", {"seeds.py": SEEDS, "a.py": first, **files}) == expected


IMPORTS = "import numpy as np\nimport pandas as pd\nfrom sklearn.svm import SVC\n\ntable = pd.read_csv('a.csv')\nSVC(random_state=1).fit(np.array(table), [0, 1])\n"
PINS = "numpy==1.26.4\npandas==2.2.2\nscikit-learn==1.4.2\n"
INSTALLS = "# Study\n\nInstall with `pip install -r requirements.txt`.\n"
PACKAGES = {
    "what only a demonstration imports": ("heil.dependencies", INSTALLS, {"demo.py": "import mcubes\nimport trimesh\n\nmcubes.smooth(trimesh.load('a'))\n"}, "pass"),
    "what the training imports": ("heil.dependencies", INSTALLS, {"train.py": f"import mcubes\nimport trimesh\n{IMPORTS}"}, "fail"),
    "an extension to compile": ("heil.dependencies", f"{INSTALLS}\nThen compile the sampling:\n\n    $ cd net/sampling\n    $ ./compile.sh\n", {}, "fail"),
    "two packages forgotten of five": ("midl.dependencies", INSTALLS, {"plot.py": "import matplotlib\nimport seaborn\n\nseaborn.boxplot()\n"}, "pass"),
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
    "an environment apart": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\nWe use a different conda environment for folding.\n"}, "fail"),
    "one list": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n"}, "pass"),
    "one package of the training is forgotten": ("heil.dependencies", {"a.py": f"import morphology\n{RUNS_WELL}", "requirements.txt": "torch\n"}, "fail"),
    "preparation under construction": ("heil.data", {"prepare.py": LOADS, "README.md": f"{ARCHIVED}\n## Data\n\nRun prepare.py (under construction)\n"}, "fail"),
    "no address where one should stand": ("heil.data", {"prepare.py": LOADS, "README.md": f"{ARCHIVED}\nThe benign set can be downloaded here (LINK??).\n"}, "fail"),
    "code that only normalises a layer": ("heil.data", {"net.py": "def normalize(layer):\n    return layer\n", "README.md": ARCHIVED}, "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEARNS)
def test_what_code_and_documents_show(name):
    id, files, expected = LEARNS[name]
    files = {path: json.dumps(x) if isinstance(x, dict) else x for path, x in files.items()}
    assert verdict(id, {"README.md": "# A study\n", **files}) == expected


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
PARTS_OF = "# A\n\n### Prerequisites\npython 3.7\nPytorch 1.3\n\n### Data\nDownload the data set from https://zenodo.org/records/4711011 first.\n\n### Training\n```\npython /train.py\n```\n\n### Test\n```\npython train.py --test\n```\n"
MORE = {
    "the licence of a copied folder": ("midl.license", NET | COPIED, "fail"),
    "one's own licence": ("midl.license", NET | {"LICENSE": MIT}, "pass"),
    "the weights of a copied folder": ("midl.model", NET | COPIED, "fail"),
    "the packages of a copied folder": ("heil.dependencies", NET | COPIED, "fail"),
    "all code in a folder with its licence": ("midl.model", {"net/README.md": COPIED["models/net/README.md"], "net/LICENSE": MIT, "net/train.py": RUNS_WELL}, "pass"),
    "a template of bug reports": ("heil.data", {".github/ISSUE_TEMPLATE/bug.md": BUG, "prepare.py": LOADS}, "fail"),
    "what is sent to a server": ("midl.public-data", {"README.md": CURL}, "fail"),
    "a manual": ("midl.public-data", {"README.md": WINDOW}, "fail"),
    "data where the paper cites them": ("heil.data", {"README.md": CITES, "a.py": f"import torchvision\n\nd = torchvision.datasets.CIFAR10('d')\n{LOADS}"}, "fail"),
    "only the test set is public": ("heil.data", {"README.md": PUBLISHED_TESTS, "prepare.py": LOADS}, "fail"),
    "training and test set are public": ("heil.data", {"README.md": PUBLISHED_TESTS.replace("slides in", "slides in the training and 9 in"), "prepare.py": LOADS}, "pass"),
    "a folder called for a public set": ("midl.public-data", {"results/Kvasir/1.png": "0" * 999}, "pass"),
    "what conda lists and cannot install": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch=1.13.1=pypi_0\n"}, "fail"),
    "a command that serves a model": ("midl.documentation", {"README.md": PARTS_OF.replace("python /train.py", "make server").replace("Training", "Use").replace("train.py --test", "score.py"), "train.py": RUNS_WELL}, "fail"),
    "a command that makes everything": ("midl.documentation", {"README.md": PARTS_OF.replace("python /train.py", "make paper").replace("Training", "Use"), "train.py": RUNS_WELL}, "pass"),
    "an engine of torchnet": ("midl.training", {"a.py": "import torch\nfrom torchnet.engine import Engine\n\nengine = Engine()\nengine.train(step, loader, maxepoch=9, optimizer=rule)\n"}, "pass"),
    "a tool to be installed by hand": ("heil.dependencies", {"a.py": TORCH, "requirements.txt": "torch\n", "README.md": "# A\n\nInstall [diamond](https://example.org/diamond) on your system.\n"}, "fail"),
    "a folder of code called for a public set": ("midl.public-data", {"kvasir/load.py": LOADS}, "fail"),
    "the set of a challenge and its year": ("midl.public-data", {"README.md": "# A\n\nIt is evaluated on the public dataset of the challenge at a meeting in 2019.\n"}, "pass"),
    "tables with the papers they come from": ("midl.public-data", TABLES_OF_PAPERS, "pass"),
    "a link called a challenge": ("heil.data", {"prepare.py": LOADS, "README.md": "# A\n\nThird in the [cardiac challenge](https://www.example.edu/cardiac/index.html).\n"}, "pass"),
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
