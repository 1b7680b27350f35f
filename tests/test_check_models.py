"""Which trained models a repository gives: files, links, hubs, archives, and scripts that fetch."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import json
import time

import pytest

from tests.test_check_causes import verdict

FILE = "0" * 999
TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + b"\0" * 999
FILES = {
    "a checkpoint of another writing": ({"nets/models/core.pth.tar": FILE}, "pass"),
    "weights of Keras in a folder of models below data": ({"data/models/charge/epoch_035.hdf5": FILE}, "pass"),
    "data of Keras below models": ({"models/data/scans_035.hdf5": FILE}, "fail"),
    "a folder of weights with a word before": ({"CNN_weights/12v45.hd5": FILE}, "pass"),
    "a folder of masks with a word before": ({"CNN_masks/12v45.hd5": FILE}, "fail"),
    "a folder of a checkpoint and its step": ({"runs/checkpoint-302-epoch-2/pytorch_model.bin": FILE}, "pass"),
    "trained models in an archive": ({"trained_models/fold1.zip": FILE}, "pass"),
    "raw data in an archive": ({"cache/fold1.zip": FILE}, "fail"),
    "a file of CatBoost": ({"out/final.cbm": FILE}, "pass"),
    "a style of a bibliography": ({"paper/journal.bst": FILE}, "fail"),
    "a booster in a folder of models": ({"predict/models/trees_1000.bst": FILE}, "pass"),
    "a model of R": ({"fit/glm_models/a.rds": FILE}, "pass"),
    "a table of R": ({"fit/tables/a.rds": FILE}, "fail"),
    "networks of proteins": ({"networks/human.pkl": FILE}, "fail"),
    "networks that were trained": ({"trained_networks/human.pkl": FILE}, "pass"),
    "how robust a model is": ({"out/model_robustness.p": FILE}, "fail"),
    "an agent that code loads": ({"cache/td3-a.zip": FILE, "a.py": "import stable_baselines3 as sb3\n\nagent = sb3.TD3.load('cache/td3-a')\n"}, "pass"),
    "a table that code loads": ({"cache/td3-a.zip": FILE, "a.py": "import pandas as pd\n\ntable = pd.read_csv('cache/td3-a.zip')\n"}, "fail"),
    "a file of Keras that code loads": ({"store/run7.h5": FILE, "a.py": "from keras.models import load_model\n\nnet = load_model('store/run7.h5')\n"}, "pass"),
    "an image of Keras that code loads": ({"store/run7.h5": FILE, "a.py": "import h5py\n\nx = h5py.File('store/run7.h5')\n"}, "fail"),
    "weights of ImageNet that code loads": ({"vgg16_weights_tf_dim_ordering_tf_kernels.h5": FILE, "a.py": "m.load_weights('vgg16_weights_tf_dim_ordering_tf_kernels.h5')\n"}, "fail"),
    "own weights that code loads": ({"net_of_scans.h5": FILE, "a.py": "m.load_weights('net_of_scans.h5')\n"}, "pass"),
    "stand-ins that code loads": ({"models-standin/run7.h5": FILE, "a.py": "m.load_weights('models-standin/run7.h5')\n"}, "fail"),
    "weights of other methods": ({"code/baselines/best_model.pt": FILE, "other_methods/gru.pt": FILE}, "fail"),
    "weights of other methods beside one's own": ({"code/baselines/best_model.pt": FILE, "code/best_model.pt": FILE}, "pass"),
    "a file of PyTorch without an ending": ({"output/model/human--lr0.5--n100": TORCH}, "pass"),
    "a file of PyTorch without an ending, of data": ({"output/data/human--lr0.5--n100": TORCH}, "fail"),
    "words without an ending in a folder of models": ({"output/model/human--lr0.5--n100": FILE}, "fail"),
    "a network as a text": ({"out/net_50_network.txt": "layer 1 \nweight matrix \n" + "0.1531\t-0.0509\n" * 50}, "pass"),
    "a network of genes as a text": ({"out/gene_network.txt": "gene 1 \nmatrix \n" + "0.1531\t-0.0509\n" * 50}, "fail"),
    "a machine of LIBSVM as a text": ({"out/svm_best.model": "svm_type c_svc\nkernel_type rbf\n" + "0.1 1:0.5\n" * 50}, "pass"),
    "a table of weights of patients": ({"out/best_patients.csv": "weight,0.153\n" + "0.1531,0.0509\n" * 50}, "fail"),
    "shapes of hearts": ({"3d_models/heart.mat": FILE, "car_models/bmw.npy": FILE}, "fail"),
    "arrays of models": ({"saved_models/heart.mat": FILE}, "pass"),
    "arrays in a folder of models alone": ({"models/heart.npy": FILE}, "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_of_models_are_told_from_other_files(name):
    files, expected = FILES[name]
    assert verdict("midl.model", {"README.md": "# A study\n", **files}) == expected


CLONE = "# A study\n\n    git clone https://github.com/some-lab/net.git\n\n"
SHARE = "https://drive.google.com/drive/folders/1UC3XOoe"
HUB = "https://huggingface.co/"
WORDS = {
    "a list of models at a university": ("midl.model", "# A\n\nThese models are there:\n\n* A small model (1.9m weights), trained with 1.6k samples: <https://ge.example.edu/download/model_small>\n", "pass"),
    "a list of scans at a university": ("midl.model", "# A\n\nThese scans are there:\n\n* A small set (1.9m voxels), drawn from 1.6k samples: <https://ge.example.edu/download/scans_small>\n", "fail"),
    "an abstract in a reference": ("midl.model", "# A\n\n```\nabstract = {Our trained model is better. Data at https://zenodo.org/record/5047020.}\n```\n", "fail"),
    "our owner's model of a hub beside a word for others": ("heil.models", f"{CLONE}The net, pre-trained on notes with BERT, is on the [model hub]({HUB}somelab/net-v1).\n", "pass"),
    "a company's model of a hub": ("heil.models", f"{CLONE}We begin with the [pre-trained weights]({HUB}microsoft/deberta-base).\n", "fail"),
    "a company's model, in its own repository": ("heil.models", f"{CLONE.replace('some-lab', 'microsoft')}We begin with the [pre-trained weights]({HUB}microsoft/deberta-base).\n", "fail"),
    "a group's model that others begin with": ("heil.models", f"{CLONE}We use the [pre-trained model]({HUB}Rostlab/prot_t5).\n", "fail"),
    "a group's own model": ("heil.models", f"{CLONE.replace('some-lab', 'Rostlab')}Get the [pre-trained model]({HUB}Rostlab/prot_t5).\n", "pass"),
    "a model of a hub that somebody begins with": ("heil.models", f"{CLONE}The encoder is initialized from the [pre-trained model]({HUB}other/enc).\n", "fail"),
    "a model of a hub by its name in an example": ("heil.models", f"{CLONE}```\nmodel = AutoModel.from_pretrained('somelab/net-v1')\n```\n", "pass"),
    "somebody's model of a hub in an example": ("heil.models", f"{CLONE}```\nmodel = AutoModel.from_pretrained('google/vit-base')\n```\n", "fail"),
    "a command of the hub": ("midl.model", "# A\n\n```\nhuggingface-cli download somelab/net-v1\n```\n", "pass"),
    "a command of the hub for a model that others begin with": ("midl.model", "# A\n\n```\nhuggingface-cli download google/vit-base\n```\n", "fail"),
    "a number of a drive": ("midl.model", "# A\n\n## Trained models\n\n```\ngdown --id 1dbv4kSr2B9J2o1zBdY1fXQ7cQkR\n```\n", "pass"),
    "a number of a drive with data": ("midl.model", "# A\n\n## Images\n\n```\ngdown --id 1dbv4kSr2B9J2o1zBdY1fXQ7cQkR\n```\n", "fail"),
    "weights pre-trained on a fold, that we uploaded": ("midl.model", "# A\n\n### Pretrained weight\nWe have uploaded a model pretrained on 0 fold (https://drive.google.com/file/d/1B2aB/view).\n", "pass"),
    "weights pre-trained on somebody's images": ("midl.model", "# A\n\n### Pretrained weight\nFetch the model pretrained on ImageNet (https://drive.google.com/file/d/1B2aB/view).\n", "fail"),
    "a link to somebody else's repository is none of the own": ("midl.model", "# A\n\nWe encode tiles with [UNI](https://github.com/mahmoodlab/UNI/tree/main).\n\n```\nmodel = AutoModel.from_pretrained('MahmoodLab/UNI')\n```\n", "fail"),
    "a badge tells the owner": ("heil.models", "# A\n\n![T](https://github.com/some-lab/net/actions/workflows/t.yml/badge.svg)\n\n```\nmodel = AutoModel.from_pretrained('somelab/net-v1')\n```\n", "pass"),
    "a badge of a group that many start from": ("heil.models", "# A\n\n![T](https://github.com/rostlab/net/actions/workflows/t.yml/badge.svg)\n\n```\nmodel = AutoModel.from_pretrained('Rostlab/net-v1')\n```\n", "fail"),
    "who is cloned second is not the owner": ("heil.models", f"{CLONE}    git clone https://github.com/rostlab/enc.git\n\n```\nmodel = AutoModel.from_pretrained('Rostlab/enc')\n```\n", "fail"),
    "a known architecture that others pre-trained": ("midl.model", f"# A\n\n- Fetch the pre-trained Swin-T [here]({SHARE}) and put it into `ckpt/`.\n", "fail"),
    "a known architecture, trained on scans": ("midl.model", f"# A\n\n- Fetch the pre-trained Swin-T on BraTS [here]({SHARE}) and put it into `ckpt/`.\n", "pass"),
    "a known architecture, trained on photographs": ("midl.model", f"# A\n\n- Fetch the pre-trained Swin-T on ImageNet [here]({SHARE}) and put it into `ckpt/`.\n", "fail"),
    "the own network on a known architecture": ("midl.model", f"# A\n\n- Fetch the pre-trained Swin-UNet [here]({SHARE}) and put it into `ckpt/`.\n", "pass"),
    "trained weights that nobody may share": ("midl.model", f"# A\n\n- [Pre-trained model]({SHARE})\n\nThe rules do not allow it, so I can't share our trained model weights.\n", "fail"),
    "own weights beside those that nobody may share": ("midl.model", f"# A\n\n- [Our pre-trained model of open data]({SHARE})\n\nWe cannot share the trained models of the hospital.\n", "pass"),
    "a model of a group that bears the name of the work": ("heil.models", f"# DeepCELL: a long name\n\nThe pre-trained weights are at {HUB}bionlp/deepcell-base.\n", "pass"),
    "a model of a group of another name": ("heil.models", f"# DeepCELL: a long name\n\nThe pre-trained weights are at {HUB}bionlp/cell-base.\n", "fail"),
    "a title that is a word": ("heil.models", f"# Segmentation\n\nWe use the pre-trained weights {HUB}bionlp/segmentation-base.\n", "fail"),
    "models in HydroShare": ("heil.models", "# A\n\nFor our pre-trained models, see:\n\n- [Pre-trained models](http://www.hydroshare.org/resource/83ea5312635e44dc824eeb99eda12f06)\n", "pass"),
    "forcings in HydroShare": ("heil.models", "# A\n\n- [Updated forcings](http://www.hydroshare.org/resource/83ea5312635e44dc824eeb99eda12f06)\n", "fail"),
    "models in RADAR": ("heil.models", "# A\n\nThe trained models are available at https://doi.org/10.35097/1234-x.\n", "pass"),
    "a paper's DOI beside models": ("heil.models", "# A\n\nThe trained models are those of https://doi.org/10.1038/s41598-017-17204-5.\n", "fail"),
    "recordings of PhysioNet beside weights": ("heil.models", "# A\n\nThe data set with the ages and weights of all patients: https://physionet.org/content/mimiciii/1.4/\n", "fail"),
    "models in an archive of data": ("midl.model", "# A\n\n```\nwget https://example.edu/public/data.tar.gz\n```\n\n`data/` includes intermediary results, trained models and test sets.\n", "pass"),
    "no models in an archive of data": ("midl.model", "# A\n\n```\nwget https://example.edu/public/data.tar.gz\n```\n\n`data/` includes intermediary results and test sets.\n", "fail"),
    "models in a folder that is unpacked": ("midl.model", "# A\n\nExtract the files from https://example.edu/all.tar.gz into the `data` directory.\n\n## Use\n\nTake the matching weights from `data/net_weights`.\n", "pass"),
    "models in a folder that is written": ("midl.model", "# A\n\nExtract the files from https://example.edu/all.tar.gz into the `data` directory.\n\n## Use\n\nThe weights are saved to `data/net_weights`.\n", "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_words_tell_whose_the_models_are_and_where(name):
    id, readme, expected = WORDS[name]
    assert verdict(id, {"README.md": readme}) == expected


DRIVE = "GDRIVE_ID=1--1F6AvzyEKyta3yfdtdpfGR9sPebbd6\n"
ZIP = "https://zenodo.org/record/5156913/files/{}.zip?download=1"
FETCH = "import urllib.request\n\n\ndef {name}():\n    urllib.request.urlretrieve('{address}', 'a.zip')\n"
PARTS = "import urllib.request\n\nBASE = 'https://host.example/'\nfor name in ('a', 'b'):\n    f = '{folder}/{{0}}.meta'.format(name)\n    urllib.request.urlretrieve(BASE + f, f)\n"
SCRIPTS = {
    "a line of a notebook that fetches models": ({"a.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["!wget https://www.dropbox.com/s/bs89t/models_of_2019.zip"]}]})}, "pass"),
    "a line of a notebook that fetches tables": ({"a.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["!wget https://www.dropbox.com/s/bs89t/tables_of_2019.zip"]}]})}, "fail"),
    "parts of addresses of trained models": ({"a.py": PARTS.format(folder="trained_model")}, "pass"),
    "parts of addresses of images": ({"a.py": PARTS.format(folder="demo_image")}, "fail"),
    "words that a script prints": ({"a.sh": "echo ' 1. Download pretrained weights (see README)'\n"}, "fail"),
    "a script that downloads checkpoints by a number": ({"get/download_checkpoints.sh": DRIVE}, "pass"),
    "a script that downloads images by a number": ({"get/download_images.sh": DRIVE}, "fail"),
    "a script that downloads models by an address": ({"get_models.sh": "curl -LO https://zenodo.org/records/515/files/all.zip\n", "download_models.sh": "curl -LO https://zenodo.org/records/515/files/all.zip\n"}, "pass"),
    "a comment in a script": ({"prepare.sh": "# download the pretrained weights by hand\nls\n"}, "fail"),
    "R that fetches a model": ({"a.R": "download.file('https://example.edu/final_model.rds', 'm.rds')\n"}, "pass"),
    "R that fetches a table": ({"a.R": "download.file('https://example.edu/table.rds', 'm.rds')\n"}, "fail"),
    "MATLAB that fetches weights": ({"a.m": "websave('w.mat', 'https://example.edu/net_weights.mat');\n"}, "pass"),
    "MATLAB that fetches images": ({"a.m": "websave('w.mat', 'https://example.edu/brains.mat');\n"}, "fail"),
    "counts of cells in a script": ({"a.sh": "wget https://example.edu/filtered_feature_bc_matrix.h5\n"}, "fail"),
    "a model of a hub in code": ({"a.py": "import huggingface_hub as h\n\nh.hf_hub_download(repo_id='somelab/net', filename='a.bin')\n"}, "pass"),
    "data of a hub in code": ({"a.py": "import huggingface_hub as h\n\nh.hf_hub_download(repo_id='somelab/net', filename='a.bin', repo_type='dataset')\n"}, "fail"),
    "a folder that looks like a hub": ({"a.py": "from transformers import AutoModel\n\nAutoModel.from_pretrained('outputs/net')\n"}, "fail"),
    "only the words of a model": ({"a.py": "from transformers import AutoTokenizer\n\nAutoTokenizer.from_pretrained('somelab/net')\n"}, "fail"),
    "a hub in a script": ({"a.sh": "git clone https://huggingface.co/somelab/net-v1\n"}, "pass"),
    "somebody's hub in a script": ({"a.sh": "git clone https://huggingface.co/google/vit-base\n"}, "fail"),
    "data that is fetched beside a function for a weight": ({"a.py": FETCH.format(name="fetch", address=ZIP.format("nuclei")), "net.py": "def get_kl_weight():\n    return 1\n"}, "fail"),
    "weights by their own name": ({"a.py": FETCH.format(name="fetch", address=ZIP.format("saved_weights_1"))}, "pass"),
    "addresses in a module apart": ({"net/paths.py": f"URL = '{ZIP.format('params')}'\n", "net/fetch.py": "from net.paths import URL\n\n\ndef download_parameters_model():\n    return URL\n"}, "pass"),
    "a program that is fetched": ({"a.py": FETCH.format(name="download_best_model", address="http://example.edu/software/EvaluationSoftware.zip")}, "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_fetch_models_or_something_else(name):
    files, expected = SCRIPTS[name]
    assert verdict("midl.model", {"README.md": "# A study\n", **files}) == expected


CODE = {
    "a badge that carries the DOI of a paper": ("[![P](https://zenodo.org/badge/DOI/10.1038/s41598-017-17204-5.svg)](https://www.example.org/full)", "fail"),
    "a badge that carries the DOI of code": ("[![P](https://zenodo.org/badge/DOI/10.5281/zenodo.3902211.svg)](https://doi.org/10.5281/zenodo.3902211)", "pass"),
    "a thesis at Stuttgart": ("The code of my thesis: https://doi.org/10.18419/opus-9999", "fail"),
    "code at Stuttgart": ("The code: https://doi.org/10.18419/darus-1234", "pass"),
    "a publication at Karlsruhe": ("Code: https://doi.org/10.5445/IR/1000123456", "fail"),
    "a thesis at Ann Arbor": ("The code of my thesis: https://doi.org/10.7302/8423", "fail"),
    "a deposit at Ann Arbor": ("The code: https://doi.org/10.7302/k0bk-bb44", "pass"),
    "a deposit at Ann Arbor that begins with a number": ("The code: https://doi.org/10.7302/1234-bb44", "pass"),
    "a collection of brain maps": ("The code made https://neurovault.org/collections/1234/.", "fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_identifiers_of_code_are_told_from_those_of_papers_and_data(name):
    line, expected = CODE[name]
    assert verdict("heil.code", {"README.md": f"# A study\n\n{line}\n"}) == expected


MODULO = "print('%d parts'\n      % 3)\nurl = 'https://zenodo.org/record/325/files/saved_weights_1.zip'\n"


@pytest.mark.parametrize(("begin", "expected"), [("", "pass"), ("if:\n", "fail")])
def test_a_line_of_a_notebook_that_begins_with_a_modulo_is_no_magic(begin, expected):
    cell = {"cell_type": "code", "source": [f"{begin}{MODULO}"]}
    files = {"README.md": "# A study\n", "a.ipynb": json.dumps({"cells": [cell]})}
    assert verdict("midl.model", files) == expected


RELEASED = {"study-1.0/README.md": "# A\n", "study-1.0/LICENSE": "MIT License"}
HEART = {"study-1.0/heart.pt": FILE}


@pytest.mark.parametrize(("inside", "outside", "expected"), [(3, 2, "pass"), (1, 4, "fail")])
def test_a_folder_called_like_a_release_is_bundled_where_most_code_is_elsewhere(
    inside, outside, expected
):
    code = {f"study-1.0/a{n}.py": "a = 1\n" for n in range(inside)}
    code |= {f"b{n}.py": "a = 1\n" for n in range(outside)}
    assert verdict("midl.model", {**RELEASED, **HEART, **code}) == expected
    assert (
        verdict("midl.model", {"README.md": "# A study\n", **RELEASED, **HEART, **code}) == "fail"
    )


LONG = {
    "a command of a notebook": {"a.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["!" + "curl " * 20_000]}]})},
    "sentences and links": {"README.md": "# A\n\n" + "Unpack https://example.edu/a.zip and take the trained weights from `data/net_weights`.\n" * 1700},
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_long_texts_are_asked_for_models_in_little_time(name):
    begin = time.monotonic()
    assert verdict("midl.model", {"README.md": "# A\n", **LONG[name]})
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(("word", "expected"), [("async", "pass"), ("async def", "fail")])
def test_an_argument_called_async_was_python_before_it_was_a_keyword(word, expected):
    code = f"import torch\n\nfor x in data:\n    loss = net(x.cuda({word}=True))\n    loss.backward()\n"
    assert verdict("midl.training", {"train.py": code}) == expected


RST = "A study\n=======\n\nPre-trained weights for all tasks can be found at `google drive`_ and shared_.\n\n.. _`google drive`: {}\n.. _shared: {}\n"


@pytest.mark.parametrize(("places", "expected"), [
    ((SHARE, "https://example.edu/"), "pass"),
    (("https://example.edu/", SHARE), "pass"),
    (("https://example.edu/", "https://example.edu/"), "fail"),
])  # fmt: skip
def test_links_of_restructured_text_lead_to_the_address_below(places, expected):
    assert verdict("midl.model", {"README.rst": RST.format(*places)}) == expected


RUNS = "from net import predict, train\n\nif __name__ == '__main__':\n    train()\n    predict()\n"
NETWORK = "import torch\n\n\ndef train():\n    loss = torch.nn.Linear(2, 2)(torch.ones(2)).sum()\n    loss.backward()\n\n\ndef predict():\n    return dice(torch.load('a.pt'))\n"


@pytest.mark.parametrize(("first", "expected"), [
    ("#!/usr/bin/env python3", "pass"), ("#!/usr/bin/python", "pass"), ("#!/bin/sh", "fail"), ("", "fail"),
])  # fmt: skip
def test_a_program_without_an_ending_is_code_where_python_runs_it(first, expected):
    net = {"netrun": f"{first}\n{RUNS}", "net.py": NETWORK, "other.py": "print(1)\n"}
    assert verdict("midl.training", net) == "pass"
    assert verdict("midl.evaluation", net) == expected


@pytest.mark.parametrize(("name", "expected"), [("model", "pass"), ("weather", "fail")])
def test_code_that_is_handed_a_model_predicts_with_it(name, expected):
    code = f"import json\n\n\ndef mask({name}, scan):\n    return {name}.predict_proba(scan)\n\n\nmask(json, 1)\n"
    assert verdict("midl.evaluation", {"base.py": code}) == expected
