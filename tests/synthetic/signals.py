"""Repositories of signals, tables and molecules: old Python, notebooks, R, several languages."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import json

from tests.synthetic.base import MIT, WEIGHTS, Repository


def notebook(*cells: str) -> str:
    """A notebook of one Markdown cell and these code cells."""
    made = [{"cell_type": "markdown", "metadata": {}, "source": ["# Analysis\n"]}]
    for cell in cells:
        lines = cell.strip("\n").splitlines(keepends=True)
        made.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": lines,
            }
        )  # noqa: E501
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 4})


OLD_TENSORFLOW = Repository(
    passes="heil.data midl.dependencies midl.training midl.evaluation midl.model midl.documentation midl.public-data midl.repeatable",
    evidence={
        "midl.dependencies": ("README.md", None),
        "midl.model": ("checkpoints/beats.ckpt.data-00000-of-00001", None),
    },
    files={
        "README.md": """
            # Arrhythmias from single beats

            Beats of the MIT-BIH Arrhythmia Database (https://physionet.org/content/mitdb/1.0.0/), cut out by `cut_beats.py`.

            ## Requirements

            * Python 2.7
            * TensorFlow 1.4.0
            * numpy 1.13.3
            * scipy 1.0.0

            ## Usage

            Train with `python beats.py train`, evaluate on the test records with `python beats.py test`.
            The model of the paper is in `checkpoints`.
        """,
        "cut_beats.py": """
            import sys
            import urllib
            import numpy as np
            import scipy.io

            urllib.urlretrieve('https://physionet.org/files/mitdb/1.0.0/mitdb.zip', 'mitdb.zip')
            record = scipy.io.loadmat(sys.argv[1])
            beats = [record['signal'][r - 90:r + 90] for r in record['peaks']]
            np.save('beats.npy', np.array(beats))
            print 'cut %d beats' % len(beats)
        """,
        "beats.py": """
            import sys
            import numpy as np
            import tensorflow as tf

            x = tf.placeholder(tf.float32, [None, 180])
            y = tf.placeholder(tf.int64, [None])
            w = tf.Variable(tf.random_normal([180, 5]))
            logits = tf.matmul(x, w)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
            step = tf.train.AdamOptimizer(1e-3).minimize(loss)
            accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
            saver = tf.train.Saver()
            beats, labels = np.load('beats.npy'), np.load('labels.npy')

            with tf.Session() as session:
                if sys.argv[1] == 'train':
                    session.run(tf.global_variables_initializer())
                    for i in xrange(20000):
                        some = np.random.randint(0, len(beats), 64)
                        session.run(step, {x: beats[some], y: labels[some]})
                    saver.save(session, 'checkpoints/beats.ckpt')
                else:
                    saver.restore(session, 'checkpoints/beats.ckpt')
                    print 'accuracy', session.run(accuracy, {x: beats, y: labels})
        """,
        "checkpoints/beats.ckpt.data-00000-of-00001": WEIGHTS,
        "checkpoints/beats.ckpt.index": WEIGHTS[:900],
        "checkpoints/beats.ckpt.meta": WEIGHTS[:5000],
    },
)

NOTEBOOKS = Repository(
    passes="heil.data midl.training midl.evaluation midl.license midl.public-data",
    unknown="heil.deterministic",
    evidence={"midl.training": ("2_models.ipynb", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Who returns within thirty days?

            Notebooks of the paper. The data are the Diabetes 130-US hospitals data set of the UCI repository,
            https://archive.ics.uci.edu/dataset/296; the first notebook downloads and cleans them.

            1. `1_clean.ipynb`
            2. `2_models.ipynb` trains the classifiers and compares them by cross-validation
        """,
        "1_clean.ipynb": notebook(
            "!wget https://archive.ics.uci.edu/static/public/296/diabetes.zip\n!unzip diabetes.zip",
            "import pandas as pd\n\ntable = pd.read_csv('diabetic_data.csv', na_values='?')\ntable = table.drop_duplicates('patient_nbr')\ntable.to_csv('clean.csv', index=False)",
        ),
        "2_models.ipynb": notebook(
            "import pandas as pd\nfrom sklearn.ensemble import GradientBoostingClassifier\nfrom sklearn.metrics import roc_auc_score\nfrom sklearn.model_selection import train_test_split",
            "table = pd.read_csv('clean.csv')\nX, y = pd.get_dummies(table.drop(columns='readmitted')), table['readmitted'] == '<30'\nX_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1)",
            "model = GradientBoostingClassifier(random_state=1)\nmodel.fit(X_train, y_train)\nroc_auc_score(y_test, model.predict_proba(X_test)[:, 1])",
        ),
    },
)

R_WITHOUT_SEED = Repository(
    passes="heil.data midl.training midl.evaluation midl.documentation midl.public-data",
    evidence={"heil.deterministic": ("analysis.R", None)},
    files={
        "README.md": """
            # Wine quality with random forests

            The data are the wine quality tables of the UCI repository (https://archive.ics.uci.edu/dataset/186/wine+quality); `analysis.R` downloads them.

            Required R packages: randomForest, pROC, ggplot2. They have to be installed before.

            `Rscript analysis.R` trains a forest on two thirds of the wines and evaluates it on the others.
            It saves the trained model in `forest.rds`.
        """,
        "analysis.R": """
            library(randomForest)
            library(pROC)

            download.file("https://archive.ics.uci.edu/static/public/186/wine.zip", "wine.zip")
            wine <- read.csv2(unz("wine.zip", "winequality-red.csv"), dec = ".")
            wine$good <- factor(wine$quality > 6)
            train <- sample(nrow(wine), 2 / 3 * nrow(wine))
            forest <- randomForest(good ~ . - quality, data = wine[train, ])
            saveRDS(forest, "forest.rds")
            chance <- predict(forest, wine[-train, ], type = "prob")[, 2]
            print(auc(roc(wine$good[-train], chance)))
        """,
    },
)

PYTHON_AND_R = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic heil.single-command",
    evidence={"midl.dependencies": ("environment.yml", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Solubility of small molecules

            We use the ESOL molecules of MoleculeNet, which `get_molecules.py` downloads.

            Installation of Python, R and all packages: `conda env create -f environment.yml`

            `bash run_all.sh` does the whole analysis: it downloads the data, trains, evaluates and plots.
            Training alone: `python train.py`; evaluation alone: `python evaluate.py`; the figures: `Rscript figures.R`.
            The trained model is written to `booster.txt`.
        """,
        "environment.yml": """
            name: solubility
            channels:
              - conda-forge
            dependencies:
              - python=3.9.18
              - lightgbm=3.3.5
              - numpy=1.24.3
              - pandas=1.5.3
              - rdkit=2022.09.5
              - r-base=4.2.3
              - r-ggplot2=3.4.2
              - scikit-learn=1.2.2
        """,
        "run_all.sh": """
            set -euo pipefail
            python get_molecules.py
            python features.py
            python train.py
            python evaluate.py
            Rscript figures.R
        """,
        "get_molecules.py": """
            from urllib.request import urlretrieve

            urlretrieve("https://deepchemdata.s3-us-west-1.amazonaws.com/datasets/delaney-processed.csv", "esol.csv")
        """,
        "features.py": """
            import numpy as np
            import pandas as pd
            from rdkit.Chem import AllChem

            molecules = [AllChem.MolFromSmiles(s) for s in pd.read_csv("esol.csv")["smiles"]]
            np.save("features.npy", [AllChem.GetMorganFingerprintAsBitVect(m, 2) for m in molecules])
        """,
        "train.py": """
            import lightgbm
            import numpy as np
            import pandas as pd
            from sklearn.model_selection import train_test_split

            y = pd.read_csv("esol.csv").iloc[:, -2].to_numpy()
            X_train, X_test, y_train, y_test = train_test_split(np.load("features.npy"), y, random_state=8)
            model = lightgbm.LGBMRegressor(random_state=8, deterministic=True).fit(X_train, y_train)
            model.booster_.save_model("booster.txt")
            np.savez("test.npz", X=X_test, y=y_test)
        """,
        "evaluate.py": """
            import lightgbm
            import numpy as np
            import pandas as pd
            from sklearn.metrics import mean_squared_error

            test = np.load("test.npz")
            found = lightgbm.Booster(model_file="booster.txt").predict(test["X"])
            print(mean_squared_error(test["y"], found) ** 0.5)
            pd.DataFrame({"measured": test["y"], "predicted": found}).to_csv("predictions.csv")
        """,
        "figures.R": """
            library(ggplot2)
            table <- read.csv("predictions.csv")
            ggplot(table, aes(measured, predicted)) + geom_point()
            ggsave("figure1.pdf")
        """,
    },
)

NO_TRAIN_IN_NAMES = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.public-data midl.repeatable midl.license",
    unknown="heil.deterministic",
    evidence={"midl.training": ("run.py", None), "midl.evaluation": ("main.py", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Sepsis six hours ahead

            `pip install -r requirements.txt`, then `python run.py` and `python main.py`.
            The records are those of the PhysioNet/Computing in Cardiology Challenge 2019 (https://physionet.org/content/challenge-2019/1.0.0/).
        """,
        "requirements.txt": "numpy==1.22.4\npandas==1.4.2\nscikit-learn==1.1.1\nxgboost==1.6.1\n",
        "common.py": """
            import pathlib
            import urllib.request

            import pandas as pd

            PLACE = "https://physionet.org/files/challenge-2019/1.0.0/training"


            def load_records(part):
                urllib.request.urlretrieve(f"{PLACE}/{part}.zip", f"{part}.zip")
                tables = [pd.read_csv(path, sep="|") for path in sorted(pathlib.Path(part).glob("*.psv"))]
                return pd.concat(tables).ffill().fillna(-1)
        """,
        "run.py": """
            import xgboost

            from common import load_records

            table = load_records("training_setA")
            booster = xgboost.XGBClassifier(n_estimators=400, subsample=0.8, random_state=0)
            booster.fit(table.drop(columns="SepsisLabel"), table["SepsisLabel"])
            booster.save_model("sepsis.json")
        """,
        "main.py": """
            import xgboost
            from sklearn.metrics import roc_auc_score

            from common import load_records

            booster = xgboost.XGBClassifier()
            booster.load_model("sepsis.json")
            table = load_records("training_setB")
            print(roc_auc_score(table["SepsisLabel"], booster.predict_proba(table.drop(columns="SepsisLabel"))[:, 1]))
        """,
    },
)

OWN_CLASSES = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.public-data midl.repeatable midl.license",
    unknown="heil.deterministic",
    evidence={"midl.training": ("analysis.py", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Sparse regression of drug response

            Drug responses and expression come from GDSC; `download.sh` gets both tables from https://zenodo.org/records/4711014.
            Dependencies: `pip install -r requirements.txt`.
        """,
        "requirements.txt": "numpy==1.24.1\npandas==1.5.2\n",
        "download.sh": "wget https://zenodo.org/records/4711014/files/GDSC_data.zip\n",
        "regression.py": """
            import numpy as np


            class SparseRegression:
                \"\"\"Proximal gradient descent, written out.\"\"\"

                def __init__(self, penalty=0.1, steps=500, rate=1e-3):
                    self.penalty, self.steps, self.rate = penalty, steps, rate

                def fit(self, X, y):
                    self.weights = np.zeros(X.shape[1])
                    for _ in range(self.steps):
                        self.weights -= self.rate * X.T @ (X @ self.weights - y)
                        self.weights = np.sign(self.weights) * np.maximum(np.abs(self.weights) - self.penalty, 0)
                    return self

                def predict(self, X):
                    return X @ self.weights
        """,
        "analysis.py": """
            import numpy as np
            import pandas as pd

            from regression import SparseRegression

            expression = pd.read_csv("Cell_line_RMA_proc_basalExp.txt", sep="\\t")
            response = pd.read_csv("response.csv")
            half = len(response) // 2
            model = SparseRegression(penalty=0.2)
            model.fit(expression.to_numpy()[:half], response["ic50"][:half])
            found = model.predict(expression.to_numpy()[half:])
            print("correlation", np.corrcoef(found, response["ic50"][half:])[0, 1])
        """,
    },
)

SIGNALS = {
    "old_tensorflow": OLD_TENSORFLOW,
    "notebooks": NOTEBOOKS,
    "r_without_seed": R_WITHOUT_SEED,
    "python_and_r": PYTHON_AND_R,
    "no_train_in_names": NO_TRAIN_IN_NAMES,
    "own_classes": OWN_CLASSES,
}
