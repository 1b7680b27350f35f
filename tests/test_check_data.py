"""Data sets: where they are published, who prepares them, and what is none."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import time

import pytest

from gold_standard.check import datasets, prose
from gold_standard.check.facts import Facts
from gold_standard.check.rules import RULES
from tests.synthetic import files_of
from tests.synthetic.base import Files

RULE = {rule.id: rule for rule in RULES}
LOADS = "import pandas as pd\n\n\ndef prepare_data():\n    return pd.read_csv('x.csv')\n"
ARCHIVED = "The images are at https://zenodo.org/records/4711011 for download.\n"
NO_PREPARATION = "import pandas as pd\n\nd = pd.read_csv('x.csv')\n"
BY_NAME = (
    "# A\n\nThe recordings are available on [OSF][place].\n\n[{name}]: https://osf.io/abcde/\n"
)
DRIVE = "https://drive.google.com/drive/folders/1RM58s6X"
WEIGHTS_ON_DRIVE = (
    f"# A\n\n## Pretrained models\n\nGenerators for [T1 to T2]({DRIVE}) of the BraTS datasets.\n"
)
FOLLOWS = "# A\n\n{archived}\nWe follow [{name}]({address}) for preprocessing.\n"
PLAYS = "import {name}\n\nenv = {name}.make('Walker2d-v4')\n"
SIMULATED = "import numpy as np\n\n\ndef {name}(n):\n    return np.random.rand(n)\n"
TABLE = "A\t1\n" * 20_000
SERVICE = (
    "import requests\n\nBASE = '{address}'\n\n\ndef get(id):\n    return requests.get(BASE + id)\n"
)
RELEASE = {
    "train.m": "net = trainNetwork(imds, layers, options);\n",
    "test.m": "y = classify(net, x);\n",
    "lib/README.md": "# A library\n\nIt was trained on [ADE20K](https://www.kaggle.com/datasets/some/one).\n",
    "lib/COPYING": "BSD\n",
    **{f"lib/fit{n}.m": "x = 1;\n" for n in range(9)},  # most of the code is the library's
}


def placed(folder: str) -> dict:
    """The same library in a folder of another name."""
    return {path.replace("lib/", f"{folder}/"): text for path, text in RELEASE.items()}


CHOSEN = "import torchvision.datasets as datasets\n\nname = 'CIFAR10'\ntrain = datasets.__dict__[name]('data', train=True, download={download})\n"
CASES = {
    "a class of data sets by its name": ("heil.data", {"README.md": "# Nets for CIFAR10\n", "a.py": CHOSEN.format(download="True")}, "pass"),
    "a class of data sets that has to be there": ("heil.data", {"README.md": "# Nets for CIFAR10\n", "a.py": CHOSEN.format(download="False")}, "fail"),
    "the organ that a challenge is named after": ("midl.public-data", {"README.md": "# Tissue of the prostate\n\nTraining on prostate MRI from the raw data set.\n"}, "fail"),
    "that challenge": ("midl.public-data", {"README.md": "# Tissue\n\nTraining on the ProstateX data set.\n"}, "pass"),
    "a script that fetches an installer": ("heil.data", {"README.md": "# A\n", "a.sh": "wget -q https://repo.anaconda.com/miniconda/Miniconda3.sh\n", "prepare.py": LOADS}, "fail"),
    "a link whose address stands below": ("heil.data", {"README.md": BY_NAME.format(name="place"), "prepare.py": LOADS}, "pass"),
    "a link whose address is missing": ("heil.data", {"README.md": BY_NAME.format(name="elsewhere").replace("osf.io/abcde", "example.org"), "prepare.py": LOADS}, "fail"),
    "a drive that keeps all that was used": ("heil.data", {"README.md": f'# A\n\nThe data sets we used can be downloaded <a href="{DRIVE}">here</a>.\n', "prepare.py": LOADS}, "pass"),
    "a drive that keeps something": ("heil.data", {"README.md": f'# A\n\nSome data sets can be downloaded <a href="{DRIVE}">here</a>.\n', "prepare.py": LOADS}, "fail"),
    "weights on a drive": ("heil.data", {"README.md": WEIGHTS_ON_DRIVE, "prepare.py": LOADS}, "fail"),
    "data on a drive, named": ("heil.data", {"README.md": WEIGHTS_ON_DRIVE.replace("Pretrained models", "Data"), "prepare.py": LOADS}, "pass"),
    "data that one can not share": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}\nWe can not share the dataset of the clinic.\n", "prepare.py": LOADS}, "fail"),
    "a thought about data of others": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}\nIt is unfair if the data are proprietary.\n", "prepare.py": LOADS}, "pass"),
    "a sketch of a text": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}", "paper/scratch.md": "Their data are proprietary.\n", "prepare.py": LOADS}, "pass"),
    "a text beside the README": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}", "docs/data.md": "Our data are proprietary.\n", "prepare.py": LOADS}, "fail"),
    "not published officially, and yet here": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}\nThe forcing data are still not published officially. You can find the forcing here:\n\n- https://www.hydroshare.org/resource/1\n", "prepare.py": LOADS}, "pass"),
    "not published": ("heil.data", {"README.md": f"# A\n\n{ARCHIVED}\nThe forcing data are still not published officially.\n", "prepare.py": LOADS}, "fail"),
    "prepared by another project": ("heil.data", {"README.md": FOLLOWS.format(archived=ARCHIVED, name="MGX", address="https://github.com/one/other"), "a.py": LOADS}, "fail"),
    "prepared here, like in another project": ("heil.data", {"README.md": FOLLOWS.format(archived=ARCHIVED, name="MGX", address="https://github.com/one/other"), "prepare.py": LOADS}, "pass"),
    "a public simulator": ("heil.data", {"a.py": PLAYS.format(name="gym")}, "pass"),
    "a public simulator is a public source": ("midl.public-data", {"a.py": PLAYS.format(name="gymnasium")}, "pass"),
    "an object that is made": ("heil.data", {"a.py": PLAYS.format(name="layers")}, "fail"),
    "a simulator of one's own": ("midl.public-data", {"a.py": "import gym\n\ngym.register(id='Own-v0')\nenv = gym.make('Own-v0')\n"}, "fail"),
    "data that the code makes": ("heil.data", {"a.py": SIMULATED.format(name="generate_synthetic_data")}, "pass"),
    "data that the code makes in MATLAB": ("heil.data", {"generateNoisySyntheticData.m": "x = randn(3);\n"}, "pass"),
    "data that the code makes are not public": ("midl.public-data", {"a.py": SIMULATED.format(name="generate_synthetic_data")}, "fail"),
    "a function that makes a figure": ("heil.data", {"a.py": SIMULATED.format(name="make_figure")}, "fail"),
    "archives in a folder that the README names": ("heil.data", {"README.md": "# A\n\nAll splits are in a directory called 'data'.\n", "data/kinase.7z": TABLE, "prepare.py": LOADS}, "pass"),
    "archives of which the README tells nothing": ("heil.data", {"README.md": "# A\n", "data/kinase.7z": TABLE, "prepare.py": LOADS}, "fail"),
    "two pictures": ("heil.data", {"README.md": "# A\n\nSee `data/`.\n", "data/a.nii": TABLE, "data/b.nii": TABLE, "prepare.py": LOADS}, "fail"),
    "many pictures": ("heil.data", {"README.md": "# A\n\nSee `data/`.\n", **{f"data/{n}.nii": TABLE for n in range(12)}, "prepare.py": LOADS}, "pass"),
    "a list of what is elsewhere": ("heil.data", {"README.md": "# A\n\nSee `data/`.\n", "data/case-ids-2700.csv": TABLE, "prepare.py": LOADS}, "fail"),
    "a table": ("heil.data", {"README.md": "# A\n\nSee `data/`.\n", "data/cases-2700.csv": TABLE, "prepare.py": LOADS}, "pass"),
    "a table that only the code names": ("heil.data", {"README.md": "# A\n", "data/patients_and_scores.csv": TABLE, "prepare.py": "import pandas as pd\n\n\ndef prepare_data():\n    return pd.read_csv('data/patients_and_scores.csv')\n"}, "fail"),
    "a service that answers questions": ("midl.public-data", {"a.py": SERVICE.format(address="https://www.uniprot.org/uniprot/")}, "fail"),
    "a file to download": ("midl.public-data", {"a.py": SERVICE.format(address="https://ftp.uniprot.org/pub/all.fasta.gz")}, "pass"),
    "an address in a comment": ("heil.data", {"prepare.py": LOADS, "b.m": "% slides of all images: https://portal.gdc.cancer.gov/\n"}, "fail"),
    "an address in a comment names the set": ("midl.public-data", {"b.m": "% slides of all images: https://portal.gdc.cancer.gov/\n"}, "pass"),
    "an address in a script": ("heil.data", {"prepare.py": LOADS, "b.m": "websave('a.zip', 'https://portal.gdc.cancer.gov/a.zip')\n"}, "pass"),
    "software to download": ("midl.public-data", {"README.md": "# A\n\nFor fMRI data. Tools (http://www.example.edu/software.html) are needed. Please download and add them to your path.\n"}, "fail"),
    "the challenges of two years": ("midl.public-data", {"README.md": "# A\n\nIt was evaluated on challenges such as the MICCAI 2008 and MICCAI 2016.\n"}, "pass"),
    "a paper of one year": ("midl.public-data", {"README.md": "# A\n\nPresented at MICCAI 2016 in Athens.\n"}, "fail"),
    "a place in a challenge": ("midl.public-data", {"README.md": "# A\n\nWinner of the MICCAI 2016 challenge.\n"}, "fail"),
    "challenges in settings of the code": ("midl.public-data", {"a.py": "DIR = '../ISBILesionChallenge/'\n", "b.py": "DIR = '../ISBILesionChallenge/'\n"}, "pass"),
    "folders in settings of the code": ("midl.public-data", {"a.py": "DIR = '../LesionFolder/'\n", "b.py": "DIR = '../LesionFolder/'\n"}, "fail"),
    "the data of an unpacked release": ("midl.public-data", placed("lib-1.0-beta2"), "fail"),
    "the data of a part": ("midl.public-data", {p: t for p, t in placed("lib-1.0-beta2").items() if "COPYING" not in p}, "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_data_are_told_from_what_only_looks_like_them(name):
    id, files, expected = CASES[name]
    facts = Facts(Files(files_of({"README.md": "# A study\n", **files})), None)
    found = RULE[id].judge(facts)
    assert found.verdict == expected, found


LONG = ("<a href=x" * 500, "<a " * 1500, "[a]" * 1300, "if data " * 500, "you can find the " * 250, "follow " * 600, "challenge MICCAI 20" * 200, "folder " * 600, "generate" * 500)  # fmt: skip


@pytest.mark.parametrize("text", LONG, ids=[text[:10] for text in LONG])
def test_long_lines_take_no_time(text):
    line = prose.Line("README.md", 1, text[:4000], "", False, text[:3000])
    begin = time.perf_counter()
    list(prose._of_document([line]))
    for pattern in (datasets.MUSES, datasets.ELSEWHERE, datasets.PREPARED_ELSEWHERE, datasets.OF_A_MEETING, datasets.CALLED_CHALLENGE, datasets.SIMULATES, datasets.WORLDS, datasets.ALL_OF_IT, datasets.SERVICE, datasets.NO_DATA):  # fmt: skip
        pattern.search(line.text)
    datasets._tells_folder("data/", line.text)
    assert time.perf_counter() - begin < 0.5
