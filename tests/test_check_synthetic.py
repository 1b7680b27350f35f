"""The judge on small repositories of our own, and each rule alone: once met, once not."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import pytest

from gold_standard.check import runs
from gold_standard.check.facts import Facts
from gold_standard.check.rules import RULES
from gold_standard.compare import DIFFERENT, IDENTICAL
from tests.synthetic import ALL, IDS, files_of, report_on
from tests.synthetic.base import MIT, WEIGHTS, Files

REPORTS: dict[str, dict] = {}


def report(name: str) -> dict:
    """The report on one of the repositories, made once."""
    if name not in REPORTS:
        REPORTS[name] = report_on(ALL[name].files)
    return REPORTS[name]


def test_there_are_enough_of_them():
    assert len(ALL) >= 18


@pytest.mark.parametrize("name", ALL)
def test_all_fifteen_verdicts_are_right(name):
    assert tuple(ALL[name].verdicts) == IDS
    told = {r["id"]: r["verdict"] for r in report(name)["results"]}
    wrong = {
        r["id"]: r["why"]
        for r in report(name)["results"]
        if told[r["id"]] != ALL[name].verdicts[r["id"]]
    }
    assert told == ALL[name].verdicts, wrong


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if one.evidence])
def test_the_verdict_rests_on_the_right_place(name):
    results = {r["id"]: r for r in report(name)["results"]}
    for id, (path, line) in ALL[name].evidence.items():
        places = [(e["path"], e["line"]) for e in results[id]["evidence"]]
        fits = [p for p in places if p[0] == path and line in (None, p[1])]
        assert fits, f"{id} rests on {places}, not on {path}:{line}"


@pytest.mark.parametrize("name", ALL)
def test_evidence_names_lines_that_exist(name):
    files = files_of(ALL[name].files)
    for result in report(name)["results"]:
        for one in result["evidence"]:
            if one["path"] is not None and one["line"] is not None:
                assert one["line"] <= len(files[one["path"]].splitlines())


# Each rule alone

PIPELINE = {
    "reproduce.py": "",
    "Snakefile": "shell: 'python scripts/01_train.py && python scripts/02_plot.py'",
    "scripts/01_train.py": "import numpy as np\n\nrng = np.random.default_rng(1)\n",
    "scripts/02_plot.py": "import numpy as np\n",
}
DATA_CODE = {
    "prepare.py": "import pandas as pd\n\n\ndef prepare_data():\n    return pd.read_csv('x.csv')\n"
}
TRAINS = {
    "fit.py": "from sklearn.svm import SVC\n\nclassifier = SVC().fit([[0], [1]], [0, 1])\n",
}
DETAILS = """
    # Study

    1. `python a.py`
    2. `python b.py`
    3. `python c.py`

    Debian 12, Intel Xeon E5-2680 with 28 cores and 64 GB of RAM, no GPU.
    The run took 40 minutes; the CPU time was 5 hours.
"""
GUIDE = """
    # Study

    Download the images from https://zenodo.org/records/4711011 into `data`.
    Install the packages with `pip install -r requirements.txt`.
    Train with `python fit.py --epochs 5`, then evaluate with `python score.py`.
    The training writes the model to `model.pkl`.
    What the numbers mean stands in the paper, and every option is explained by the scripts themselves when they are called with --help.
"""


def study(outcome: str = IDENTICAL) -> runs.Study:
    """A study whose present state ran, and came out so."""
    files = {"results/table.csv": {"kind": outcome}}
    record = {
        "schema": 1,
        "totals": {"started": "2026-11-02T10:00:00"},
        "comparison": {"files": files},
    }
    return runs.Study("0" * 64, {}, record)


# id -> repositories (with the record of a run, where one is needed) that meet the rule
YES = {
    "heil.data": [
        (
            {
                **DATA_CODE,
                "README.md": "The data are at https://doi.org/10.5061/dryad.k3j4d and `get.py` downloads them.\n",
                "get.py": "import urllib.request\n\nurllib.request.urlretrieve('https://doi.org/10.5061/dryad.k3j4d', 'x.csv')\n",
            },
            None,
        ),
        (
            {
                **DATA_CODE,
                "README.md": "The genomes are under controlled access at EGA, accession EGAD00001006144; apply to its data access committee.\n",
                "get.sh": "pyega3 -cf credentials.json fetch EGAD00001006144\n",
            },
            None,
        ),
    ],
    "heil.models": [
        (
            {
                "README.md": "The trained weights are archived: https://doi.org/10.5281/zenodo.3902210\n"
            },
            None,
        ),
        (
            {"README.md": "The trained model is in the zoo: https://kipoi.org/models/Basset/\n"},
            None,
        ),
    ],
    "heil.code": [
        ({"README.md": "The code is archived as https://doi.org/10.5281/zenodo.3902211\n"}, None),
        ({"README.md": "Code: swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d\n"}, None),
    ],
    "heil.dependencies": [
        (
            {
                **TRAINS,
                "README.md": "`pip install -r requirements.txt`\n",
                "requirements.txt": "scikit-learn\n",
            },
            None,
        ),
    ],
    "heil.details": [({"README.md": DETAILS}, None)],
    "heil.deterministic": [(PIPELINE, study())],
    "heil.single-command": [(PIPELINE, study())],
    "midl.dependencies": [
        ({**TRAINS, "requirements.txt": "scikit-learn==1.4.2\n"}, None),
        ({**TRAINS, "README.md": "Tested with Python 3.10.4 and scikit-learn 1.4.2.\n"}, None),
    ],
    "midl.training": [(TRAINS, None)],
    "midl.evaluation": [
        (
            {"a.py": "from sklearn.metrics import f1_score\n\nprint(f1_score([0, 1], [0, 1]))\n"},
            None,
        ),
        (
            {
                "predict.py": "import sys\n\nimport torch\n\nnet = torch.load('net.pt')\nprint(net.predict(sys.argv[1]))\n"
            },
            None,
        ),
        (
            {
                "test_net.py": "import torch\nfrom sklearn.metrics import f1_score\n\nnet = torch.load('net.pt')\nprint(f1_score(net.labels, net(net.images)))\n"
            },
            None,
        ),
    ],
    "midl.model": [
        ({"net.pth": WEIGHTS}, None),
        ({"README.md": "Our trained model: https://www.dropbox.com/s/f3a9/model.pth\n"}, None),
    ],
    "midl.documentation": [
        (
            {
                **TRAINS,
                "README.md": GUIDE,
                "requirements.txt": "scikit-learn==1.4.2\n",
                "score.py": "from sklearn.metrics import f1_score\n\nf1_score([0], [0])\n",
            },
            None,
        ),
    ],
    "midl.license": [
        ({"LICENSE": MIT}, None),
        ({"README.md": "The code is released under the Apache License 2.0.\n"}, None),
    ],
    "midl.public-data": [
        ({"README.md": "We evaluate on the CAMELYON16 data set.\n"}, None),
        ({"a.py": "from sklearn.datasets import load_digits\n\nX = load_digits()\n"}, None),
    ],
    "midl.repeatable": [
        (
            {
                **TRAINS,
                "requirements.txt": "scikit-learn==1.4.2\n",
                "README.md": "We train on the CAMELYON16 data set.\n",
            },
            None,
        ),
    ],
}
# id -> repositories that do not, though some are meant to
NO = {
    "heil.data": [
        ({**DATA_CODE, "README.md": "The data will be made available after publication.\n"}, None),
        ({"README.md": "The data are at https://doi.org/10.5061/dryad.k3j4d\n"}, None),  # no code
        ({**DATA_CODE, "README.md": "The data are at https://doi.org/10.5061/dryad.k3j4d and are downloaded by hand.\n"}, None),
        ({**DATA_CODE, "README.md": "Some sample images of our private data set are in `samples`.\n"}, None),
    ],
    "heil.models": [
        ({"net.pth": WEIGHTS}, None),
        ({"README.md": "The trained weights: https://doi.org/10.5281/zenodo.xxxxxxx\n"}, None),
    ],
    "heil.code": [
        ({"README.md": "Our paper: https://doi.org/10.1038/s41592-021-01256-7\n"}, None),
        ({"README.md": "The data set is archived as https://doi.org/10.5281/zenodo.3902211\n"}, None),
        ({"README.md": "The code is archived as https://doi.org/10.5072/zenodo.17\n"}, None),
    ],
    "heil.dependencies": [
        ({**TRAINS, "README.md": "`pip install -r requirements.txt`\n", "requirements.txt": "tqdm\n"}, None),
        ({**TRAINS, "README.md": "Install [FSL](https://fsl.fmrib.ox.ac.uk); it is required.\n\n`pip install -r requirements.txt`\n", "requirements.txt": "scikit-learn\n"}, None),
    ],
    "heil.details": [({"README.md": DETAILS.replace("the CPU time was 5 hours", "it is slow")}, None)],
    "heil.deterministic": [
        (PIPELINE, study(DIFFERENT)),
        ({"a.py": "import numpy as np\n\nrng = np.random.default_rng()\n"}, None),
        ({"a.py": "import numpy as np\n\nnp.random.seed(0)\nrng = np.random.default_rng()\n"}, None),
    ],
    "heil.single-command": [
        ({**PIPELINE, "scripts/03_more.py": ""}, study()),
        (TRAINS, None),
    ],
    "midl.dependencies": [
        ({**TRAINS, "requirements.txt": "scikit-learn>=1.4\n"}, None),
        ({**TRAINS, "requirements.txt": "numpy==1.26.4\n"}, None),
    ],
    "midl.training": [
        ({"net.py": "from torch import nn\n\n\nclass Net(nn.Module):\n    pass\n"}, None),
        ({"train.py": "import torch\n\nfrom models.net import Net\n\nloss = Net()(torch.ones(3)).sum()\nloss.backward()\n"}, None),
    ],
    "midl.evaluation": [
        (TRAINS, None),
        ({"demo.py": "from utils.net import net\n\nprint(net.predict('image.png'))\n"}, None),
        ({"test_sums.py": "from sklearn.metrics import f1_score\n\n\ndef test_f1():\n    assert f1_score([1], [1]) == 1\n", "sums.py": "x = 1\n"}, None),
    ],
    "midl.model": [
        ({"README.md": "We start from the weights of ImageNet: https://download.pytorch.org/models/resnet18-f37072fd.pth\n"}, None),
        ({"README.md": "The trained model will be released soon.\n"}, None),
    ],
    "midl.documentation": [
        ({"README.md": "# Study\n\nCode of our paper.\n"}, None),
        ({**TRAINS, "README.md": GUIDE}, None),  # score.py does not exist
        ({**TRAINS, "README.md": GUIDE.replace("The training writes the model to `model.pkl`.", ""), "score.py": "from sklearn.metrics import f1_score\n\nf1_score([0], [0])\n"}, None),
    ],
    "midl.license": [
        ({"LICENSE": "Please cite our paper if you use this code.\n"}, None),
        ({"LICENSE": MIT[:500]}, None),
    ],
    "midl.public-data": [
        ({"README.md": "The images come from our hospital and cannot be shared.\n"}, None),
    ],
    "midl.repeatable": [
        ({**TRAINS, "requirements.txt": "scikit-learn\n", "README.md": "We train on the CAMELYON16 data set.\n"}, None),
    ],
}  # fmt: skip


def test_every_rule_has_a_yes_test_and_a_no_test():
    assert [rule.id for rule in RULES] == list(YES) == list(NO) == list(IDS)


def cases(which: dict[str, list]):
    """(rule, files, study) of all repositories."""
    rules = {rule.id: rule for rule in RULES}
    each = [(id, n, *case) for id, several in which.items() for n, case in enumerate(several, 1)]
    return [pytest.param(rules[id], files, ran, id=f"{id}-{n}") for id, n, files, ran in each]


@pytest.mark.parametrize(("rule", "files", "ran"), cases(YES))
def test_it_is_met(rule, files, ran):
    finding = rule.judge(Facts(Files(files_of(files)), ran))
    assert finding.verdict == "pass", finding
    assert finding.evidence


@pytest.mark.parametrize(("rule", "files", "ran"), cases(NO))
def test_it_is_not_met(rule, files, ran):
    finding = rule.judge(Facts(Files(files_of(files)), ran))
    assert finding.verdict == "fail", finding
    assert finding.fix or rule.fix
