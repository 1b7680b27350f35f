"""One small study with its dependencies in many forms: only these verdicts differ."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

import json

from tests.synthetic.base import MIT, Repository

_ALWAYS = "heil.data midl.training midl.evaluation midl.documentation midl.license midl.public-data"
_BOTH = f"{_ALWAYS} heil.dependencies midl.dependencies midl.repeatable"
_PINNED = f"{_ALWAYS} midl.dependencies midl.repeatable"
_ONE = f"{_ALWAYS} heil.dependencies"
_CODE = {
    "LICENSE": MIT,
    "prepare.py": """
        from urllib.request import urlretrieve

        import numpy as np
        from scipy.ndimage import zoom

        urlretrieve("https://www.oasis-brains.org/files/oasis1.npy", "oasis.npy")
        scans = np.load("oasis.npy")
        np.save("small.npy", zoom(scans, (1, 0.5, 0.5, 0.5)))
    """,
    "train.py": """
        import numpy as np
        import torch

        torch.manual_seed(7)
        scans, ages = torch.from_numpy(np.load("small.npy")), torch.from_numpy(np.load("ages.npy"))
        net = torch.nn.Sequential(torch.nn.Conv3d(1, 4, 5, stride=4), torch.nn.Flatten(), torch.nn.LazyLinear(1))
        optimizer = torch.optim.Adam(net.parameters())
        for epoch in range(200):
            loss = torch.nn.functional.l1_loss(net(scans[:300])[:, 0], ages[:300])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        torch.save(net.state_dict(), "age.pt")
    """,
    "evaluate.py": """
        import numpy as np
        import torch

        net = torch.nn.Sequential(torch.nn.Conv3d(1, 4, 5, stride=4), torch.nn.Flatten(), torch.nn.LazyLinear(1))
        net.load_state_dict(torch.load("age.pt"))
        found = net(torch.from_numpy(np.load("small.npy")[300:]))[:, 0]
        mae = (found - torch.from_numpy(np.load("ages.npy")[300:])).abs().mean()
        print("mean absolute error", mae)
    """,
}


def _study(setup: str, files: dict[str, str], passes: str, **evidence) -> Repository:
    """The study with these dependency files and these words on how to install them."""
    readme = f"""
        # Brain age

        The scans are those of [OASIS-1](https://www.oasis-brains.org/), free to download; `python prepare.py` fetches them and halves their resolution.

        ## Installation

        {setup}

        ## Training and evaluation

        `python train.py`, which saves the trained network in `age.pt`, then `python evaluate.py`, which prints the mean absolute error on the test scans.
    """
    where = {id.replace("_", ".", 1): place for id, place in evidence.items()}
    return Repository({**_CODE, "README.md": readme, **files}, passes, "heil.deterministic", where)


POETRY = _study(
    "`poetry install`",
    {
        "pyproject.toml": """
            [tool.poetry]
            name = "brain-age"
            version = "0.1.0"
            description = "Brain age"
            authors = []

            [tool.poetry.dependencies]
            python = "^3.9"
            numpy = "^1.21"
            scipy = "^1.7"
            torch = "^1.10"
        """,
        "poetry.lock": """
            [[package]]
            name = "numpy"
            version = "1.21.4"
            description = "NumPy"
            optional = false
            python-versions = ">=3.7"

            [[package]]
            name = "scipy"
            version = "1.7.3"
            description = "SciPy"
            optional = false
            python-versions = ">=3.7"

            [[package]]
            name = "torch"
            version = "1.10.0"
            description = "Tensors"
            optional = false
            python-versions = ">=3.6"

            [metadata]
            lock-version = "1.1"
        """,
    },
    _BOTH,
    midl_dependencies=("poetry.lock", None),
)

UV = _study(
    "`uv sync`",
    {
        "pyproject.toml": """
            [project]
            name = "brain-age"
            version = "0.1.0"
            requires-python = ">=3.11"
            dependencies = ["numpy", "scipy", "torch>=2.3"]
        """,
        "uv.lock": """
            version = 1
            requires-python = ">=3.11"

            [[package]]
            name = "brain-age"
            version = "0.1.0"
            source = { virtual = "." }
            dependencies = [{ name = "numpy" }, { name = "scipy" }, { name = "torch" }]

            [[package]]
            name = "numpy"
            version = "2.0.1"

            [[package]]
            name = "scipy"
            version = "1.14.0"

            [[package]]
            name = "torch"
            version = "2.4.0"
        """,
    },
    _BOTH,
    midl_dependencies=("uv.lock", None),
)

PIXI = _study(
    "`pixi install`",
    {
        "pixi.toml": """
            [project]
            name = "brain-age"
            channels = ["conda-forge"]
            platforms = ["linux-64"]

            [dependencies]
            python = ">=3.11"
            numpy = "*"
            scipy = "*"
            pytorch = ">=2.3"
        """,
        "pixi.lock": """
            version: 6
            environments:
              default:
                channels:
                - url: https://channels.example/conda-forge/
                packages:
                  linux-64:
                  - conda: https://channels.example/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda
                  - conda: https://channels.example/conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda
                  - conda: https://channels.example/conda-forge/linux-64/pytorch-2.3.1-cpu_generic_py311h8ca351a_0.conda
                  - conda: https://channels.example/conda-forge/linux-64/scipy-1.14.0-py311h517d4fd_1.conda
            packages:
            - conda: https://channels.example/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda
              sha256: 3f4365e11b28e244c95ba8579942b0802761ba7bb31c026f50d1a9ea9c728149
            - conda: https://channels.example/conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda
              sha256: 177f33a1fb8d3476b38f73c37b42f01c0b014fa0e039a701fd9f83d83aae6d40
            - conda: https://channels.example/conda-forge/linux-64/pytorch-2.3.1-cpu_generic_py311h8ca351a_0.conda
              sha256: 0b5c8e2ad2b5e1a5a0d2e6d5b2f0a9ac5a5a7cb8b0b5f4ad0b6d7b0d7f0f2c11
            - conda: https://channels.example/conda-forge/linux-64/scipy-1.14.0-py311h517d4fd_1.conda
              sha256: 4a98d54d8d8d8e1d0c4d5f8d7d7d0d6c9e1e7f7c1a9f8d6b5a4c3b2a19080706
        """,
    },
    _BOTH,
    midl_dependencies=("pixi.lock", None),
)

PIPFILE = _study(
    "`pipenv sync`",
    {
        "Pipfile": """
            [packages]
            numpy = "*"
            scipy = "*"
            torch = "*"

            [requires]
            python_version = "3.9"
        """,
        "Pipfile.lock": json.dumps(
            {
                "_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.9"}, "sources": []},
                "default": {
                    "numpy": {"hashes": [], "version": "==1.22.3"},
                    "scipy": {"hashes": [], "version": "==1.8.0"},
                    "torch": {"hashes": [], "version": "==1.11.0"},
                },
                "develop": {},
            },
            indent=4,
        ),
    },
    _BOTH,
    midl_dependencies=("Pipfile.lock", None),
)

CONDA_LOOSE = _study(
    "`conda env create -f environment.yml`",
    {
        "environment.yml": """
            name: age
            channels:
              - pytorch
              - conda-forge
            dependencies:
              - python
              - numpy
              - pytorch
              - scipy
        """
    },
    _ONE,
    heil_dependencies=("environment.yml", None),
    midl_dependencies=("environment.yml", 8),
)

DOCKER = _study(
    "`docker build -t brain-age .` (the same packages also run on Ubuntu 24.04, without it)",
    {
        "Dockerfile": """
            FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime
            RUN pip install --no-cache-dir numpy==1.26.0 scipy==1.11.3
            COPY . /work
            WORKDIR /work
        """
    },
    _BOTH,
    midl_dependencies=("Dockerfile", None),
)

FRAMEWORK_MISSING = _study(
    "`pip install -r requirements.txt`",
    {"requirements.txt": "numpy==1.21.4\nscipy==1.7.3\n"},
    _ALWAYS,
    midl_dependencies=("evaluate.py", 2),
    heil_dependencies=("evaluate.py", 2),
)

TWO_INSTALLERS = _study(
    "First `conda env create -f environment.yml` and `conda activate age`, then `pip install -r requirements.txt`.",
    {
        "environment.yml": """
            name: age
            channels: [conda-forge]
            dependencies:
              - python=3.9.7
              - numpy=1.21.4
              - scipy=1.7.3
        """,
        "requirements.txt": "torch==1.10.0\n",
    },
    _PINNED,
    heil_dependencies=("README.md", None),
)

FRAMEWORK_APART = _study(
    "Install PyTorch first, following the instructions at https://pytorch.org.\n        The other packages come with `pip install -r requirements.txt`.",
    {"requirements.txt": "numpy==1.21.4\nscipy==1.7.3\n"},
    _ALWAYS,
    heil_dependencies=("README.md", 7),
)

LOOSE = _study(
    "`pip install -r requirements.txt`",
    {"requirements.txt": "numpy>=1.21\nscipy\ntorch~=1.10\n"},
    _ONE,
    midl_dependencies=("requirements.txt", 1),
)

IN_README = _study(
    "Python 3.8.10, numpy 1.21.4, scipy 1.7.3 and PyTorch 1.10.0 have to be there.",
    {},
    _PINNED,
    midl_dependencies=("README.md", None),
)

ENVIRONMENTS = {
    "poetry_lock": POETRY,
    "uv_lock": UV,
    "pixi_lock": PIXI,
    "pipfile_lock": PIPFILE,
    "conda_loose": CONDA_LOOSE,
    "docker": DOCKER,
    "framework_missing": FRAMEWORK_MISSING,
    "two_installers": TWO_INSTALLERS,
    "framework_apart": FRAMEWORK_APART,
    "loose": LOOSE,
    "versions_in_readme": IN_README,
}
