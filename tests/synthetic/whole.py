"""Repositories that do (nearly) everything right, each in its own way."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

from tests.synthetic.base import MIT, Repository

TORCH_EVERYTHING = Repository(
    passes="heil.data heil.models heil.code heil.dependencies heil.details midl.dependencies midl.training midl.evaluation midl.model midl.documentation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic heil.single-command",
    evidence={
        "midl.dependencies": ("requirements.txt", None),
        "heil.code": ("CITATION.cff", 6),
        "midl.license": ("LICENSE", 1),
    },
    files={
        "LICENSE": MIT,
        "README.md": """
            # Liver lesions in contrast-enhanced CT

            A 2D U-Net that outlines liver lesions, trained on the public LiTS data set.

            ## Data

            The 131 scans of LiTS are published at https://zenodo.org/records/4711011.
            `python 01_download.py` downloads and unpacks them into `data/`, `python 02_prepare.py` makes slices of them.

            ## Installation

            With Python 3.10, one command installs everything:

            ```
            pip install -r requirements.txt
            ```

            ## Training and evaluation

            ```
            bash run_all.sh
            ```

            does everything in order, from the download of the data to the figures of the paper.
            The steps can also be run one after the other:

            ```
            python 01_download.py
            python 02_prepare.py
            python 03_train.py --epochs 80
            python 04_evaluate.py --weights unet.pt
            python 05_figures.py
            ```

            ## Trained model

            The weights of the reported model are archived at https://doi.org/10.5281/zenodo.4711012.

            ## What it needed

            Ubuntu 22.04 on one Intel Xeon Gold 6226R with 16 cores, 128 GB of RAM and one NVIDIA A100 with 40 GB.
            The whole run took 9.5 hours of wall-clock time and 61 hours of CPU time.
        """,
        "CITATION.cff": """
            cff-version: 1.2.0
            message: Please cite this software.
            title: Liver lesions in contrast-enhanced CT
            authors:
              - name: The liver group
            doi: 10.5281/zenodo.4711013
        """,
        "requirements.txt": """
            matplotlib==3.8.4
            nibabel==5.2.1
            numpy==1.26.4
            pooch==1.8.1
            torch==2.2.2
            tqdm==4.66.2
        """,
        "run_all.sh": """
            #!/bin/bash
            set -e
            python 01_download.py
            python 02_prepare.py
            python 03_train.py --epochs 80
            python 04_evaluate.py --weights unet.pt
            python 05_figures.py
        """,
        "01_download.py": """
            import pooch

            ARCHIVE = "https://zenodo.org/records/4711011/files/lits.zip"

            if __name__ == "__main__":
                pooch.retrieve(ARCHIVE, known_hash="md5:0cc175b9c0f1b6a831c399e269772661", path="data", processor=pooch.Unzip())
        """,
        "02_prepare.py": """
            import pathlib

            import nibabel
            import numpy as np


            def slices(volume):
                return np.moveaxis(np.clip(volume, -100, 400), -1, 0)


            if __name__ == "__main__":
                for path in sorted(pathlib.Path("data").glob("*.nii")):
                    np.save(path.with_suffix(".npy"), slices(nibabel.load(path).get_fdata()))
        """,
        "unet.py": """
            from torch import nn


            class UNet(nn.Module):
                def __init__(self, width=32):
                    super().__init__()
                    self.body = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 1))

                def forward(self, x):
                    return self.body(x)
        """,
        "03_train.py": """
            import argparse
            import random

            import numpy as np
            import torch
            from tqdm import tqdm

            from slices import Slices
            from unet import UNet


            def seed_everything(seed):
                random.seed(seed)
                np.random.seed(seed)
                torch.manual_seed(seed)
                torch.use_deterministic_algorithms(True)


            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("--epochs", type=int, default=80)
                parser.add_argument("--seed", type=int, default=11)
                args = parser.parse_args()
                seed_everything(args.seed)
                model = UNet()
                optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
                loader = torch.utils.data.DataLoader(Slices("train"), batch_size=8, shuffle=True)
                for epoch in tqdm(range(args.epochs)):
                    for image, mask in loader:
                        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(image), mask)
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                torch.save(model.state_dict(), "unet.pt")


            if __name__ == "__main__":
                main()
        """,
        "slices.py": """
            import pathlib

            import numpy as np
            import torch


            class Slices(torch.utils.data.Dataset):
                def __init__(self, part):
                    self.paths = sorted(pathlib.Path("data", part).glob("*.npy"))

                def __len__(self):
                    return len(self.paths)

                def __getitem__(self, index):
                    image, mask = np.load(self.paths[index])
                    return torch.from_numpy(image)[None], torch.from_numpy(mask)[None]
        """,
        "04_evaluate.py": """
            import argparse
            import csv

            import torch

            from slices import Slices
            from unet import UNet


            def dice(a, b):
                return 2 * (a & b).sum() / (a.sum() + b.sum())


            if __name__ == "__main__":
                parser = argparse.ArgumentParser()
                parser.add_argument("--weights", required=True)
                args = parser.parse_args()
                model = UNet()
                model.load_state_dict(torch.load(args.weights))
                model.eval()
                with open("dice.csv", "w") as file:
                    for image, mask in Slices("test"):
                        csv.writer(file).writerow([float(dice(model(image[None])[0] > 0, mask > 0))])
        """,
        "05_figures.py": """
            import matplotlib.pyplot as plt
            import numpy as np

            if __name__ == "__main__":
                plt.hist(np.loadtxt("dice.csv"))
                plt.savefig("figure_2.pdf")
        """,
    },
)

SNAKEMAKE = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic heil.single-command",
    evidence={"midl.dependencies": ("environment.yml", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Which proteins are secreted?

            Random forests on amino-acid composition, with sequences of UniProt (https://www.uniprot.org, release 2023_02).

            Install [conda](https://docs.conda.io), then

                conda env create -f environment.yml
                conda activate secreted
                snakemake --cores 4

            Snakemake downloads the sequences, computes the features, trains the forests, evaluates them on the held-out proteins and draws `results/roc.pdf`.
            The trained model is kept in `models/forest.joblib`.
            The rules are in `Snakefile`; each calls one script in `scripts/`.
        """,
        "environment.yml": """
            name: secreted
            channels: [conda-forge, bioconda]
            dependencies:
              - python=3.11.6
              - biopython=1.81
              - joblib=1.3.2
              - matplotlib=3.8.0
              - pandas=2.1.1
              - scikit-learn=1.3.1
              - snakemake-minimal=7.32.4
        """,
        "Snakefile": """
            rule all:
                input: "results/roc.pdf"

            rule download:
                output: "data/proteins.tsv"
                shell: "curl -L 'https://rest.uniprot.org/uniprotkb/stream?query=reviewed:true&format=tsv' -o {output}"

            rule features:
                input: "data/proteins.tsv"
                output: "data/features.csv"
                shell: "python scripts/features.py {input} {output}"

            rule train:
                input: "data/features.csv"
                output: "models/forest.joblib"
                shell: "python scripts/fit.py {input} {output}"

            rule evaluate:
                input: "models/forest.joblib", "data/features.csv"
                output: "results/scores.csv"
                shell: "python scripts/score.py {input} {output}"

            rule figure:
                input: "results/scores.csv"
                output: "results/roc.pdf"
                shell: "python scripts/draw.py {input} {output}"
        """,
        "scripts/features.py": """
            import sys

            import pandas as pd
            from Bio.SeqUtils.ProtParam import ProteinAnalysis

            table = pd.read_csv(sys.argv[1], sep="\\t")
            rows = [ProteinAnalysis(s).get_amino_acids_percent() for s in table["Sequence"]]
            pd.DataFrame(rows).assign(secreted=table["Secreted"]).to_csv(sys.argv[2], index=False)
        """,
        "scripts/fit.py": """
            import sys

            import joblib
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            table = pd.read_csv(sys.argv[1])
            train, _ = train_test_split(table, random_state=5, stratify=table["secreted"])
            forest = RandomForestClassifier(500, random_state=5)
            forest.fit(train.drop(columns="secreted"), train["secreted"])
            joblib.dump(forest, sys.argv[2])
        """,
        "scripts/score.py": """
            import sys

            import joblib
            import pandas as pd
            from sklearn.metrics import roc_curve
            from sklearn.model_selection import train_test_split

            forest = joblib.load(sys.argv[1])
            table = pd.read_csv(sys.argv[2])
            _, test = train_test_split(table, random_state=5, stratify=table["secreted"])
            chances = forest.predict_proba(test.drop(columns="secreted"))[:, 1]
            fpr, tpr, _ = roc_curve(test["secreted"], chances)
            pd.DataFrame({"fpr": fpr, "tpr": tpr}).to_csv(sys.argv[3], index=False)
        """,
        "scripts/draw.py": """
            import sys

            import matplotlib.pyplot as plt
            import pandas as pd

            curve = pd.read_csv(sys.argv[1])
            plt.plot(curve["fpr"], curve["tpr"])
            plt.savefig(sys.argv[2])
        """,
    },
)

R_TARGETS = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic heil.single-command",
    evidence={"midl.dependencies": ("renv.lock", None), "midl.license": ("DESCRIPTION", None)},
    files={
        "README.md": """
            # Predicting the response to infliximab from gene expression

            The expression data are GSE16879 of the Gene Expression Omnibus; the pipeline downloads them with GEOquery and normalises them.

            ## Setup

            `Rscript -e "renv::restore()"` installs the packages of `renv.lock`.

            ## Running

            `Rscript -e "targets::tar_make()"` runs everything: it downloads the data, trains the elastic net with nested cross-validation, evaluates it on the held-out patients and draws the figures into `figures/`.
            The trained model is then in the folder `_targets/objects`.
        """,
        "DESCRIPTION": """
            Package: infliximab
            Title: Response to Infliximab
            Version: 1.0.0
            License: GPL-3
        """,
        "renv.lock": """
            {
              "R": {"Version": "4.3.1", "Repositories": []},
              "Packages": {
                "targets": {"Package": "targets", "Version": "1.3.2", "Source": "Repository"},
                "GEOquery": {"Package": "GEOquery", "Version": "2.68.0", "Source": "Bioconductor"},
                "glmnet": {"Package": "glmnet", "Version": "4.1-8", "Source": "Repository"},
                "pROC": {"Package": "pROC", "Version": "1.18.4", "Source": "Repository"},
                "ggplot2": {"Package": "ggplot2", "Version": "3.4.3", "Source": "Repository"}
              }
            }
        """,
        "_targets.R": """
            library(targets)
            source("R/functions.R")
            tar_option_set(packages = c("GEOquery", "glmnet", "pROC", "ggplot2"), seed = 2023)
            list(
              tar_target(raw, download_expression()),
              tar_target(prepared, normalise(raw)),
              tar_target(parts, split_patients(prepared)),
              tar_target(model, train_model(parts$train)),
              tar_target(scores, evaluate_model(model, parts$test)),
              tar_target(figure, plot_roc(scores), format = "file")
            )
        """,
        "R/functions.R": """
            library(GEOquery)
            library(glmnet)
            library(pROC)
            library(ggplot2)

            download_expression <- function() getGEO("GSE16879")[[1]]

            normalise <- function(raw) scale(t(exprs(raw)))

            split_patients <- function(x) {
              set.seed(2023)
              held <- sample(nrow(x), nrow(x) / 4)
              list(train = x[-held, ], test = x[held, ])
            }

            train_model <- function(train) {
              set.seed(2023)
              cv.glmnet(train[, -1], train[, 1], family = "binomial", alpha = 0.5)
            }

            evaluate_model <- function(model, test) {
              roc(test[, 1], predict(model, test[, -1])[, 1])
            }

            plot_roc <- function(scores) {
              ggsave("figures/roc.pdf", ggroc(scores))
              "figures/roc.pdf"
            }
        """,
    },
)

WHOLE = {"torch_everything": TORCH_EVERYTHING, "snakemake": SNAKEMAKE, "r_targets": R_TARGETS}
