"""Repositories that differ in what is seeded."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

from tests.synthetic.base import MIT, Repository

_PASSES = "heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.license midl.public-data midl.repeatable"  # noqa: E501


def _readme(title: str, data: str, train: str, evaluate: str, kept: str) -> str:
    return f"""
        # {title}

        Data: {data}

        Setup: `pip install -r requirements.txt`

        Training: `{train}`

        The trained network is kept in `{kept}`.

        Evaluation on the test part: `{evaluate}`
    """


SPLIT_ONLY = Repository(
    passes=_PASSES,
    evidence={"heil.deterministic": ("fit.py", None)},
    files={
        "LICENSE": MIT,
        "README.md": _readme(
            "Sleep stages from one EEG channel",
            "the Sleep-EDF recordings, https://physionet.org/content/sleep-edfx/1.0.0/, which `epochs.py` cuts into epochs of 30 s",
            "python fit.py",
            "python test.py",
            "net.pt",
        ),
        "requirements.txt": "mne==1.4.2\nnumpy==1.24.3\nscikit-learn==1.2.2\ntorch==2.0.1\n",
        "epochs.py": """
            import sys
            import urllib.request

            import mne
            import numpy as np

            PLACE = "https://physionet.org/files/sleep-edfx/1.0.0/sleep-cassette/"
            urllib.request.urlretrieve(PLACE + sys.argv[1], sys.argv[1])
            raw = mne.io.read_raw_edf(sys.argv[1])
            np.save("epochs.npy", mne.make_fixed_length_epochs(raw, 30).get_data())
        """,
        "fit.py": """
            import numpy as np
            import torch
            from sklearn.model_selection import train_test_split

            epochs, stages = np.load("epochs.npy"), np.load("stages.npy")
            train, test = train_test_split(np.arange(len(epochs)), test_size=0.2, random_state=42)
            np.save("test.npy", test)
            net = torch.nn.Sequential(torch.nn.Conv1d(1, 8, 64, 16), torch.nn.Flatten(), torch.nn.LazyLinear(5))
            optimizer = torch.optim.Adam(net.parameters())
            for epoch in range(50):
                for some in torch.randperm(len(train)).split(64):
                    loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(epochs[train[some]])), torch.from_numpy(stages[train[some]]))
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
            torch.save(net, "net.pt")
        """,
        "test.py": """
            import numpy as np
            import torch
            from sklearn.metrics import cohen_kappa_score

            test = np.load("test.npy")
            net = torch.load("net.pt")
            found = net(torch.from_numpy(np.load("epochs.npy")[test])).argmax(1)
            print("kappa", cohen_kappa_score(np.load("stages.npy")[test], found))
        """,
    },
)

JAX_KEYS = Repository(
    passes=_PASSES,
    unknown="heil.deterministic",
    files={
        "LICENSE": MIT,
        "README.md": _readme(
            "Energies of small molecules with equivariant networks",
            "QM9, which tensorflow_datasets downloads and `data.py` scales",
            "python main.py --mode train",
            "python main.py --mode test",
            "params.pkl",
        ),
        "requirements.txt": "flax==0.7.2\njax==0.4.14\njaxlib==0.4.14\nnumpy==1.25.2\noptax==0.1.7\ntensorflow-datasets==4.9.2\n",
        "data.py": """
            import numpy as np
            import tensorflow_datasets as tfds


            def load_split(name):
                rows = tfds.as_numpy(tfds.load("qm9", split=name))
                rows = list(rows)
                return np.stack([r["positions"] for r in rows]), np.stack([r["U0"] for r in rows])
        """,
        "main.py": """
            import argparse
            import pickle

            import jax
            import jax.numpy as jnp
            import optax
            from flax import linen as nn

            from data import load_split


            class Energy(nn.Module):
                @nn.compact
                def __call__(self, x):
                    return nn.Dense(1)(nn.silu(nn.Dense(64)(x.reshape(len(x), -1))))[:, 0]


            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("--mode", choices=("train", "test"))
                parser.add_argument("--seed", type=int, default=0)
                args = parser.parse_args()
                model = Energy()
                if args.mode == "train":
                    x, y = load_split("train[:90%]")
                    key = jax.random.PRNGKey(args.seed)
                    key, start = jax.random.split(key)
                    params = model.init(start, x[:1])
                    optimizer = optax.adam(1e-3)
                    state = optimizer.init(params)
                    loss = lambda p, x, y: jnp.mean((model.apply(p, x) - y) ** 2)
                    for step in range(100_000):
                        key, here = jax.random.split(key)
                        some = jax.random.randint(here, (128,), 0, len(x))
                        grads = jax.grad(loss)(params, x[some], y[some])
                        updates, state = optimizer.update(grads, state)
                        params = optax.apply_updates(params, updates)
                    with open("params.pkl", "wb") as file:
                        pickle.dump(params, file)
                else:
                    with open("params.pkl", "rb") as file:
                        params = pickle.load(file)
                    x, y = load_split("train[90%:]")
                    mae = jnp.abs(model.apply(params, x) - y).mean()
                    print("mean absolute error", mae)


            if __name__ == "__main__":
                main()
        """,
    },
)

_FINETUNE = """
    import numpy as np
    from datasets import load_dataset
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments, set_seed

    set_seed(17)
    abstracts = load_dataset("ccdv/pubmed-summarization")
    tokenizer = AutoTokenizer.from_pretrained("roberta-base")
    model = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=5)
    parts = abstracts.map(lambda row: tokenizer(row["abstract"], truncation=True), batched=True)
    trainer = Trainer(
        model=model,
        args=TrainingArguments("out", num_train_epochs=3),
        train_dataset=parts["train"],
        eval_dataset=parts["test"],
        compute_metrics=lambda found: {"accuracy": float(np.mean(found.predictions.argmax(1) == found.label_ids))},
    )
    trainer.train()
    print(trainer.evaluate())
"""
_FINETUNE_FILES = {
    "LICENSE": MIT,
    "README.md": _readme(
        "Sorting abstracts by subject",
        "the PubMed abstracts (ccdv/pubmed-summarization), downloaded and tokenized by `finetune.py`",
        "python finetune.py",
        "python finetune.py` does it after the training; it prints the accuracy, as `trainer.evaluate",
        "out/",
    ),
    "requirements.txt": "accelerate==0.23.0\ndatasets==2.14.5\nnumpy==1.26.0\ntorch==2.0.1\ntransformers==4.33.2\n",
}
HUGGINGFACE_SEEDED = Repository(
    passes=_PASSES,
    unknown="heil.deterministic",
    files={**_FINETUNE_FILES, "finetune.py": _FINETUNE},
)
# The head is drawn before the Trainer, whose own seed comes too late for it.
HUGGINGFACE_UNSEEDED = Repository(
    passes=_PASSES,
    evidence={"heil.deterministic": ("finetune.py", None)},
    files={
        **_FINETUNE_FILES,
        "finetune.py": _FINETUNE.replace("    set_seed(17)\n", "").replace(", set_seed", ""),
    },
)

_LIGHTNING = """
    import pytorch_lightning as pl
    import torch
    import torchvision
    from torch.utils.data import DataLoader

    from cells import CellNet, transforms


    def main():
        pl.seed_everything(2021, workers=True)
        train = torchvision.datasets.PCAM("data", split="train", transform=transforms, download=True)
        trainer = pl.Trainer(max_epochs=10, deterministic=True)
        trainer.fit(CellNet(), DataLoader(train, batch_size=64, shuffle=True))


    if __name__ == "__main__":
        main()
"""
_LIGHTNING_FILES = {
    "LICENSE": MIT,
    "README.md": _readme(
        "Metastases in lymph nodes",
        "PatchCamelyon, downloaded by torchvision when the training starts and normalised in `cells.py`",
        "python train.py",
        "python evaluate.py lightning_logs/version_0/checkpoints/last.ckpt",
        "lightning_logs/",
    ),
    "requirements.txt": "pytorch-lightning==1.9.5\ntorch==1.13.1\ntorchmetrics==0.11.4\ntorchvision==0.14.1\n",
    "cells.py": """
        import pytorch_lightning as pl
        import torch
        import torchvision

        transforms = torchvision.transforms.ToTensor()


        class CellNet(pl.LightningModule):
            def __init__(self):
                super().__init__()
                self.net = torchvision.models.resnet18(num_classes=2)

            def training_step(self, batch, index):
                return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

            def configure_optimizers(self):
                return torch.optim.Adam(self.parameters(), lr=1e-3)
    """,
    "evaluate.py": """
        import sys

        import torchmetrics
        import torchvision
        from torch.utils.data import DataLoader

        from cells import CellNet, transforms

        net = CellNet.load_from_checkpoint(sys.argv[1]).eval()
        test = torchvision.datasets.PCAM("data", split="test", transform=transforms, download=True)
        auroc = torchmetrics.AUROC(task="binary")
        for images, labels in DataLoader(test, batch_size=64):
            auroc.update(net.net(images).softmax(1)[:, 1], labels)
        print(auroc.compute())
    """,
}
LIGHTNING_SEEDED = Repository(
    passes=_PASSES,
    unknown="heil.deterministic",
    files={**_LIGHTNING_FILES, "train.py": _LIGHTNING},
)
LIGHTNING_UNSEEDED = Repository(
    passes=_PASSES,
    evidence={"heil.deterministic": ("train.py", None)},
    files={
        **_LIGHTNING_FILES,
        "train.py": _LIGHTNING.replace(
            "        pl.seed_everything(2021, workers=True)\n", ""
        ).replace(", shuffle=True", ""),
    },
)

SEEDS = {
    "seeds_only_the_split": SPLIT_ONLY,
    "jax_keys": JAX_KEYS,
    "huggingface_seeded": HUGGINGFACE_SEEDED,
    "huggingface_unseeded": HUGGINGFACE_UNSEEDED,
    "lightning_seeded": LIGHTNING_SEEDED,
    "lightning_unseeded": LIGHTNING_UNSEEDED,
}
