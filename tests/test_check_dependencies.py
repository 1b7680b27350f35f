"""Dependency facts: what each kind of file asks for, and the two judgements built on them."""

# ruff: noqa: E501 (files of one line each)

import json

import pytest

from gold_standard.check.dependencies import (
    conda_package,
    gather,
    installs,
    one_command,
    package,
    pinned,
    readme_steps,
    stops,
    third_party,
)
from gold_standard.check.distributions import distributions, tier
from gold_standard.check.tree import Tree


class Files(Tree):
    """A tree from a dictionary of paths and contents."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        self.files = {p: c if isinstance(c, bytes) else c.encode() for p, c in files.items()}
        super().__init__({path: len(content) for path, content in self.files.items()}, {})

    def head(self, path: str, most: int) -> bytes:
        return self.files[path][:most]


def one(path: str, text: str | bytes, **more: str) -> dict[str, bool]:
    """Name -> exact, of one file."""
    found = gather(Files({path: text, **more})).file(path)
    return {r.name: r.exact for r in found.requirements} if found else {}


def imports(*names: str) -> dict[str, tuple[str, int]]:
    return {name: ("train.py", line) for line, name in enumerate(names, 1)}


def judged(files: dict[str, str | bytes], *names: str, **more):
    return one_command(gather(Files(files)), imports(*names), files.get("README.md", ""), **more)


def pins(files: dict[str, str | bytes], *names: str):
    return pinned(gather(Files(files)), imports(*names))


def kinds(result) -> set[str]:
    return {sign.kind for sign in result.strong}


# One package


@pytest.mark.parametrize(
    ("text", "name", "exact"),
    [
        ("numpy==1.19.2", "numpy", True),
        ("numpy", "numpy", False),
        ("torch>=1.7", "torch", False),
        ("torch>=1.7,<=1.7.1", "torch", False),
        ("torch==1.7.1+cu110", "torch", True),
        ("torch===1.7.1", "torch", True),
        ("torch==1.*", "torch", False),
        ("torch~=1.7", "torch", False),
        ("torch=1.7.1", "torch", True),
        ("torch 1.7.1", "torch", True),
        ("pytorch: 1.2", "pytorch", True),
        ("torch (1.7)", "torch", True),
        ("tensorflow-gpu = 1.14", "tensorflow-gpu", True),
        ("foo[bar,baz]==1.2", "foo", True),
        ("Scikit_Learn ==0.22 ; python_version<'3'", "scikit-learn", True),
        ("numpy @ file:///tmp/build/80754af9/numpy_1649764630798/work", "numpy", False),
        ("x @ file:///home/u/x-1.2-py3-none-any.whl", "x", True),
        ("git+https://github.com/openai/CLIP.git", "clip", False),
        ("git+https://github.com/openai/CLIP.git@main", "clip", False),
        ("git+https://github.com/openai/CLIP.git@a1d0717", "clip", True),
        ("git+ssh://git@github.com/u/p.git@v1.0#egg=q", "q", True),
        ("https://host/torch-1.7.1%2Bcu101-cp36-cp36m-linux_x86_64.whl", "torch", True),
        ("https://github.com/u/p/archive/master.zip", "p", False),
        ("https://github.com/u/p/archive/v1.2.zip", "p", True),
    ],
)
def test_a_requirement_is_exact_only_where_one_version_fits(text, name, exact):
    found = package(text)
    assert (found.name, found.exact) == (name, exact)


@pytest.mark.parametrize(
    "text", ["", "#", "((((", "--- ---", "http://[x", "\x00", "=" * 99, "a b c d"]
)
def test_what_is_no_requirement_is_none(text):
    assert package(text) is None


@pytest.mark.parametrize(
    ("text", "name", "exact"),
    [
        ("numpy=1.19", "numpy", True),
        ("numpy=1", "numpy", False),
        ("numpy", "numpy", False),
        ("pytorch::pytorch=1.7.1=py38_cuda", "pytorch", True),
        ("numpy==1.19", "numpy", True),
        ("numpy>=1.2", "numpy", False),
        ("numpy=1.19.*", "numpy", False),
        ("numpy 1.19", "numpy", True),
        ("pandas[version='>=1.0']", "pandas", False),
        ("_libgcc_mutex=0.1=main", "libgcc-mutex", True),
        ("x=1.2|1.3", "x", False),
        ("https://host/linux-64/numpy-1.2-py38_0.tar.bz2", "numpy", True),
    ],
)
def test_a_conda_spec(text, name, exact):
    found = conda_package(text)
    assert (found.name, found.exact) == (name, exact)


# Requirements


def test_requirements_with_hashes_comments_and_markers():
    text = (
        "# lock\nnumpy==1.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "torch==2.0  # the framework\nscipy ; python_version > '3'\n-f https://x\n--pre\n"
    )
    assert one("requirements.txt", text) == {"numpy": True, "torch": True, "scipy": False}


def test_a_requirement_knows_its_line():
    found = gather(Files({"requirements.txt": "# x\n\nnumpy==1.2 \\\n  --hash=sha256:a\ntorch\n"}))
    assert [(r.name, r.line) for r in found.files[0].requirements] == [("numpy", 3), ("torch", 5)]


def test_utf16_with_and_without_a_mark():
    text = "torch==1.7.1\r\nnumpy==1.19\r\n"
    for encoded in (text.encode("utf-16"), text.encode("utf-16-le")):
        assert one("requirements.txt", encoded) == {"torch": True, "numpy": True}


def test_nested_requirements_count_for_the_file_that_includes_them():
    files = {"requirements.txt": "-r env/base.txt\ntqdm==4\n", "env/base.txt": "torch==1.7\n"}
    assert pins(files, "torch", "tqdm").exact_share == 1


def test_files_that_include_each_other_end():
    files = {
        "requirements.txt": "-r b_requirements.txt\na==1",
        "b_requirements.txt": "-r requirements.txt\nb==1",
    }
    assert pins(files, "a", "b").exact_share == 1


def test_constraints_make_exact_what_is_asked_for_and_add_nothing():
    files = {
        "requirements.txt": "-c constraints.txt\ntorch\n",
        "constraints.txt": "torch==1.7\nnumpy==1.2\n",
    }
    found = gather(Files(files))
    asked = found.requirements(found.file("requirements.txt"))
    assert [(r.name, r.exact) for r in asked] == [("torch", True)]


def test_pip_list_and_conda_list_tables():
    text = "Package    Version\n---------- -------\nnumpy      1.19.2\ntorch      1.7.1+cu110\n"
    assert one("requirements.txt", text)["torch"] is True
    text = "# packages in environment at /x:\nnumpy    1.19.2   py38h_0   conda-forge\n"
    assert one("requirements.txt", text) == {"numpy": True}


def test_a_list_for_conda_create_and_an_explicit_one():
    text = "# platform: linux-64\nnumpy=1.19.2=py38_0\npytorch=1.7.1=cuda\n"
    assert one("requirements.txt", text) == {"numpy": True, "pytorch": True}
    text = "@EXPLICIT\nhttps://x/linux-64/pytorch-1.7.1-py38_cuda.tar.bz2#abc\n"
    assert one("spec-file.txt", text) == {"pytorch": True}


def test_editable_installs():
    text = "-e .\n-e git+https://github.com/u/p@0123456789abcdef0123456789abcdef01234567#egg=p\n"
    found = gather(
        Files({"requirements.txt": text, "setup.py": "setup(install_requires=['torch==1.7'])"})
    )
    asked = {r.name: r.exact for r in found.requirements(found.file("requirements.txt"))}
    assert asked == {"p": True, "torch": True}


@pytest.mark.parametrize(
    "path",
    ["requirements.txt", "requirements-gpu.txt", "Requirements.txt", "code/requirements.txt",
     "docker/requirements.txt", "requirements_py38.txt", "requirements.in", 
     "pip-requirements.txt", "pip_freeze.txt", "requirement.txt", "reqs.txt"],
)  # fmt: skip
def test_names_of_requirements_files(path):
    assert one(path, "torch==1.7\n") == {"torch": True}


@pytest.mark.parametrize(
    "path",
    ["docs/requirements.txt", "requirements-dev.txt", "requirements_test.txt", "tests/requirements.txt",
     "third_party/apex/requirements.txt", "external/x/setup.py", "requirements/dev-requirements.txt"],
)  # fmt: skip
def test_files_for_other_ends_do_not_count_for_the_analysis(path):
    text = "setup(install_requires=['torch==1.7'])" if path.endswith(".py") else "torch==1.7\n"
    alone = gather(Files({path: text}))
    assert [file.path for file in alone.main] == [path]
    beside = gather(Files({path: text, "requirements.txt": "torch\n"}))
    assert [file.path for file in beside.main] == ["requirements.txt"]


def test_a_text_file_of_any_name_counts_only_when_it_is_a_list():
    assert one("packages.txt", "torch==1.7\nnumpy==1.2\n") == {"torch": True, "numpy": True}
    assert one("packages.txt", "We used some packages.\nThey were\ngood.\n") == {}


# Conda


CONDA = """\
name: study
channels:
  - pytorch
  - conda-forge
dependencies:
  - python=3.8
  - pytorch=1.7.1=py3.8_cuda
  - numpy=1.19
  - scipy
  - pip:
      - monai==0.5.0
      - tqdm
prefix: /home/u
"""


def test_a_conda_file_with_a_pip_section():
    found = gather(Files({"environment.yml": CONDA})).files[0]
    assert {r.name: r.exact for r in found.requirements} == {
        "pytorch": True, "numpy": True, "scipy": False, "monai": True, "tqdm": False,
    }  # fmt: skip
    assert found.python == "3.8"
    assert found.requirements[0].line == 7


def test_a_conda_file_under_any_name_and_with_a_flat_pip_list():
    text = "name: x\ndependencies:\n- numpy=1.1\n- pip:\n  - torch==1.7\n- scipy=1.2\n"
    assert one("mystudy.yaml", text) == {"numpy": True, "torch": True, "scipy": True}


def test_a_conda_file_in_brackets():
    assert one("environment.yml", "name: x\ndependencies: [numpy=1.1, scipy]") == {
        "numpy": True,
        "scipy": False,
    }
    text = "name: x\ndependencies: [\n numpy=1.1,\n {pip: [torch==1.7]}]\n"
    assert one("environment.yml", text) == {"numpy": True, "torch": True}


def test_a_conda_file_that_reads_a_requirements_file():
    files = {"environment.yml": "name: x\ndependencies:\n  - python=3.8\n  - pip\n  - pip:\n    - -r requirements.txt\n",
             "requirements.txt": "torch==1.7\n"}  # fmt: skip
    found = gather(Files(files))
    assert "torch" in {r.name for r in found.requirements(found.file("environment.yml"))}


def test_another_yaml_file_is_no_conda_file():
    assert one("config.yml", "dependencies:\n  - a\n  - b\n") == {}


def test_conda_lock():
    text = (
        "version: 1\npackage:\n- name: numpy\n  version: 1.2.3\n- name: pytorch\n  version: '2.0'\n"
    )
    assert one("conda-lock.yml", text) == {"numpy": True, "pytorch": True}


# Manifests and locks


def test_pyproject_of_the_standard_kind():
    text = (
        '[project]\nname = "My.Study"\nrequires-python = ">=3.9"\n'
        'dependencies = [\n  "torch==2.0",\n  "numpy>=1.2",\n]\n'
        '[project.optional-dependencies]\nextra = ["scipy==1.9"]\n'
    )
    found = gather(Files({"pyproject.toml": text})).files[0]
    assert {r.name: (r.exact, r.line) for r in found.requirements}["torch"] == (True, 5)
    assert (found.project, found.python) == ("my-study", ">=3.9")


def test_pyproject_of_poetry():
    text = (
        '[tool.poetry]\nname="x"\n[tool.poetry.dependencies]\npython="^3.8"\ntorch="1.7.1"\n'
        'numpy="^1.2"\nmonai={version="0.5"}\nclip={git="https://x/clip", rev="abc123"}\n'
        'scipy="*"\n[tool.poetry.group.extra.dependencies]\ntqdm="==4"\n'
    )
    assert one("pyproject.toml", text) == {
        "torch": True, "numpy": False, "monai": True, "clip": True, "scipy": False, "tqdm": True,
    }  # fmt: skip


def test_a_pyproject_with_only_settings_says_nothing():
    assert gather(Files({"pyproject.toml": "[tool.black]\nline-length = 100\n"})).files == []


@pytest.mark.parametrize("name", ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"])
def test_locks_in_toml(name):
    text = 'version = 1\n\n[[package]]\nname = "torch"\nversion = "2.0.1"\nsource = {}\n\n[[package]]\nname = "Numpy"\nversion = "1.26"\n'
    assert one(name, text) == {"torch": True, "numpy": True}


def test_pipfile_and_its_lock():
    assert one("Pipfile", '[packages]\ntorch="==1.7"\nnumpy="*"\n[dev-packages]\nx="*"\n') == {
        "torch": True,
        "numpy": False,
    }
    lock = {"_meta": {}, "default": {"torch": {"version": "==1.7"}, "numpy": {"version": "==1.1"}}}
    assert one("Pipfile.lock", json.dumps(lock)) == {"torch": True, "numpy": True}


def test_a_manifest_with_its_lock_is_exact():
    files = {
        "pyproject.toml": '[project]\nname="x"\ndependencies=["torch>=2", "numpy"]\n',
        "uv.lock": '[[package]]\nname = "torch"\nversion = "2.1"\n[[package]]\nname = "numpy"\nversion = "1.2"\n',
    }
    found = pins(files, "torch", "numpy")
    assert found.exact_share == 1 and found.framework_exact is True
    assert found.best.files == ("uv.lock",)


def test_pixi():
    text = '[workspace]\nname="x"\n[dependencies]\npython="3.11.*"\nnumpy="==1.26.4"\nscipy=">=1"\n[pypi-dependencies]\ntorch="==2.0"\n'
    assert one("pixi.toml", text) == {"numpy": True, "scipy": False, "torch": True}
    lock = "packages:\n- conda: https://x/linux-64/numpy-1.26.4-py311_0.conda\n  sha256: a\n- pypi: https://x/torch-2.0.0-cp311-cp311-linux_x86_64.whl\n  name: torch\n  version: 2.0.0\n"
    assert one("pixi.lock", lock) == {"numpy": True, "torch": True}


def test_setup_py_with_a_list_under_a_name():
    text = (
        "from setuptools import setup, find_packages\nREQ = ['torch==1.7', 'numpy']\n"
        "setup(name='my_pkg', install_requires=REQ + ['scipy==1.2'], python_requires='>=3.6')\n"
    )
    found = gather(Files({"setup.py": text})).files[0]
    assert {r.name: r.exact for r in found.requirements} == {
        "torch": True,
        "numpy": False,
        "scipy": True,
    }
    assert (found.project, found.python) == ("my-pkg", ">=3.6")


def test_setup_py_that_reads_the_requirements_file():
    files = {
        "setup.py": "from setuptools import setup\nwith open('requirements.txt') as f:\n    r = f.read().splitlines()\nsetup(name='x', install_requires=r)\n",
        "requirements.txt": "torch==1.7\n",
    }
    found = gather(Files(files))
    assert [r.name for r in found.requirements(found.file("setup.py"))] == ["torch"]


def test_setup_cfg():
    text = "[metadata]\nname = x\n[options]\ninstall_requires =\n    torch==1.7\n    numpy>=1\n"
    assert one("setup.cfg", text) == {"torch": True, "numpy": False}


# Containers, Nix, R, Julia, notebooks


def test_a_dockerfile():
    text = (
        "FROM pytorch/pytorch:1.10.0-cuda11.3-cudnn8-runtime\nCOPY requirements.txt /app/\n"
        "RUN apt-get update && apt-get install -y libgl1\n"
        "RUN pip install --no-cache-dir \\\n    # comment\n    monai==0.8 \\\n    tqdm\n"
        "RUN pip install -r /app/requirements.txt\n"
    )
    files = {"Dockerfile": text, "requirements.txt": "nibabel==3.2\n"}
    found = gather(Files(files))
    asked = {r.name: r.exact for r in found.requirements(found.file("Dockerfile"))}
    assert asked["torch"] and asked["monai"] and asked["nibabel"] and not asked["tqdm"]


@pytest.mark.parametrize(
    ("image", "name", "exact"),
    [
        ("tensorflow/tensorflow:2.4.1-gpu", "tensorflow", True),
        ("tensorflow/tensorflow:latest-gpu", "tensorflow", False),
        ("nvcr.io/nvidia/pytorch:21.05-py3", "torch", True),
        ("pytorch/pytorch", "torch", False),
        ("localhost:5000/pytorch", "torch", False),
    ],
)
def test_a_base_image_brings_its_framework(image, name, exact):
    assert one("Dockerfile", f"FROM {image}\n")[name] is exact


def test_variables_of_a_dockerfile_are_filled_in():
    text = "ARG TAG=1.10.0-cuda11.3\nFROM pytorch/pytorch:${TAG}\nENV FILE=env.yml\nRUN /opt/conda/bin/conda env update --file $FILE\n"
    files = {"Dockerfile": text, "env.yml": "name: x\ndependencies:\n- monai=0.8\n"}
    found = gather(Files(files))
    asked = {r.name: r.exact for r in found.requirements(found.file("Dockerfile"))}
    assert asked["torch"] and asked["monai"]


def test_installation_notes_below_docs_belong_to_the_analysis():
    found = gather(Files({"docs/INSTALL.md": "```\npip install torch==1.7\n```\n", "src/README.md": "torch 1.7\n"}))  # fmt: skip
    assert {file.path: file.aside for file in found.files} == {"docs/INSTALL.md": False, "src/README.md": True}  # fmt: skip


def test_a_singularity_definition():
    text = "Bootstrap: docker\nFrom: tensorflow/tensorflow:1.14.0\n%post\n    pip install keras==2.2.4\n"
    assert one("Singularity.def", text)["keras"] is True


def test_nix_is_exact_with_its_lock():
    text = "{ python3.withPackages (ps: with ps; [ numpy torch-bin ]) }\n"
    assert one("flake.nix", text) == {"numpy": False, "torch": False}
    assert one("flake.nix", text, **{"flake.lock": "{}"}) == {"numpy": True, "torch": True}


def test_r():
    lock = {
        "R": {"Version": "4.2"},
        "Packages": {"caret": {"Package": "caret", "Version": "6.0-93"}},
    }
    assert one("renv.lock", json.dumps(lock)) == {"caret": True}
    assert one(
        "packrat/packrat.lock", "PackratFormat: 1.4\n\nPackage: caret\nSource: CRAN\nVersion: 6.0\n"
    ) == {"caret": True}
    assert one(
        "DESCRIPTION", "Package: x\nImports:\n    caret (>= 6.0),\n    glmnet\nSuggests: testthat\n"
    ) == {"caret": False, "glmnet": False}
    assert one("install.R", 'install.packages(c("caret",\n  "glmnet"))\n') == {
        "caret": False,
        "glmnet": False,
    }
    assert one("sessionInfo.txt", "R version 4.0\n[1] caret_6.0-84   ggplot2_3.2.1\n") == {
        "caret": True,
        "ggplot2": True,
    }


def test_julia():
    assert one("Project.toml", '[deps]\nFlux = "587475ba"\n[compat]\nFlux = "0.12"\n') == {
        "flux": False
    }
    assert one("Manifest.toml", '[[deps.Flux]]\nuuid = "x"\nversion = "0.12.1"\n') == {"flux": True}


def test_install_cells_of_a_notebook():
    cells = [
        {"cell_type": "code", "source": ["!pip install torch==1.7 numpy\n", "import torch"]},
        {"cell_type": "markdown", "source": ["run pip install scipy"]},
        {"cell_type": "code", "source": ['%pip install "monai==0.5"']},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    assert one("a.ipynb", text) == {"torch": True, "numpy": False, "monai": True}


# README as a list


@pytest.mark.parametrize(
    ("text", "name", "exact"),
    [
        ("## Requirements\n- PyTorch 1.7.1\n- Python 3.6\n", "pytorch", True),
        ("Python 3.6, tensorflow 1.14 were used.\n", "tensorflow", True),
        ("## Dependencies\n* torch == 1.2.0\n", "torch", True),
        ("pytorch (1.0)\n", "pytorch", True),
        ("Requirements:\n\n- Scikit Learn v0.22\n", "scikit-learn", True),
        ("## Requirements\n- PyTorch >= 1.4\n", "pytorch", False),
        ("## Requirements\n- PyTorch 1.4+\n", "pytorch", False),
        ("## Requirements\n- PyTorch 1.4 or later\n", "pytorch", False),
        ("## Requirements\n- PyTorch 1.x\n", "pytorch", False),
        ("## Requirements\n- PyTorch\n", "pytorch", False),
        ("## Install\n```\npip install torch==1.7.1\n```\n", "torch", True),
        ("| Package | Version |\n|--|--|\n| numpy | 1.19.2 |\n", "numpy", True),
        ("## Requirements\n- **[PyTorch](https://pytorch.org)** `1.7.1`\n", "pytorch", True),
    ],
)
def test_versions_in_a_readme(text, name, exact):
    assert one("README.md", text).get(name) is exact


def test_prose_is_no_list():
    text = (
        "# A study\nOur method is implemented in PyTorch and was trained on 1.5 million images.\n"
    )
    assert one("README.md", text) == {}


# Imports


def test_third_party_drops_the_standard_library_and_own_modules():
    found = third_party(
        imports("os", "torch", "utils", "cPickle", "__future__", "numpy"), {"utils"}
    )
    assert list(found) == ["torch", "numpy"]


@pytest.mark.parametrize(
    ("name", "distribution"),
    [("cv2", "opencv-python-headless"), ("sklearn", "scikit-learn"), ("PIL", "pillow"),
     ("skimage", "scikit-image"), ("yaml", "pyyaml"), ("SimpleITK", "simpleitk"), ("Bio", "biopython"),
     ("torch", "pytorch"), ("tensorflow", "tensorflow-gpu"), ("tensorboardX", "tensorboardx"),
     ("rdkit", "rdkit-pypi"), ("umap", "umap-learn"), ("google.protobuf", "protobuf"),
     ("mpl_toolkits", "matplotlib"), ("git", "gitpython"), ("nibabel", "nibabel")],
)  # fmt: skip
def test_imports_and_the_packages_behind_them(name, distribution):
    assert distribution in distributions(name)


def test_tiers():
    assert [tier(n) for n in ("torch", "numpy", "tqdm", "nonesuch")] == [
        "framework",
        "core",
        "helper",
        "other",
    ]


def test_missing_leaves_out_what_comes_along():
    found = gather(Files({"requirements.txt": "torch==1.7\n"}))
    assert found.missing(["torch", "numpy", "scipy", "setuptools"]) == ["scipy"]


# Exact versions


def test_all_exact():
    found = pins(
        {"requirements.txt": "torch==1.7\nnumpy==1.2\nopencv-python==4.5\n"},
        "torch",
        "numpy",
        "cv2",
    )
    assert (found.exact_share, found.framework_exact, found.gaps) == (1, True, ())


def test_bare_names_are_loose():
    found = pins({"requirements.txt": "torch\nnumpy>=1.2\n"}, "torch", "numpy")
    assert (found.exact_share, found.framework_exact) == (0, False)
    assert {one.name for one in found.loose} == {"torch", "numpy"}
    assert found.signs[0].path == "requirements.txt"


def test_pinned_without_the_framework():
    found = pins({"requirements.txt": "numpy==1.2\ntqdm==4.1\n"}, "torch", "numpy", "tqdm")
    assert found.framework_exact is False
    assert [one.name for one in found.missing] == ["torch"]
    assert found.signs[0].path == "train.py" and found.signs[0].strong


def test_a_helper_without_a_version_is_a_gap():
    found = pins({"requirements.txt": "torch==1.7\nnumpy==1.2\ntqdm\n"}, "torch", "numpy", "tqdm")
    assert [one.name for one in found.gaps] == ["tqdm"]


def test_numpy_that_comes_with_torch_has_no_version_of_its_own():
    found = pins({"requirements.txt": "torch==1.7\n"}, "torch", "numpy")
    assert found.missing == () and [one.name for one in found.gaps] == ["numpy"]


def test_the_framework_that_another_package_brings_is_not_exact():
    assert pins({"requirements.txt": "monai==0.5\n"}, "torch", "monai").framework_exact is False


def test_keras_comes_with_tensorflow():
    found = pins({"requirements.txt": "tensorflow==2.4\n"}, "tensorflow", "keras")
    assert found.framework_exact is True and found.gaps == ()


def test_readme_and_requirements_together():
    files = {"README.md": "## Requirements\n- PyTorch 1.7.1\n", "requirements.txt": "numpy==1.2\n"}
    found = pins(files, "torch", "numpy")
    assert found.framework_exact is True and found.exact_share == 1
    assert set(found.best.files) == {"README.md", "requirements.txt"}


def test_the_best_file_is_found():
    files = {
        "requirements.txt": "torch\nnumpy\n",
        "environment.yml": "name: x\ndependencies:\n- pytorch=1.7\n- numpy=1.2\n",
    }
    assert pins(files, "torch", "numpy").best.files == ("environment.yml",)


def test_a_dockerfile_alone_can_be_exact():
    text = "FROM pytorch/pytorch:1.10.0-cuda11.3\nRUN pip install nibabel==3.2\n"
    assert pins({"Dockerfile": text}, "torch", "nibabel").exact_share == 1


def test_without_any_file():
    found = pins({"train.py": "import torch"}, "torch")
    assert found.best is None and found.exact_share == 0 and found.framework_exact is None


def test_a_subfolders_pins_do_not_stand_for_the_root():
    files = {
        "requirements.txt": "torch\nnumpy\n",
        "baseline/requirements.txt": "torch==1.7\nnumpy==1\n",
    }
    assert pins(files, "torch", "numpy").exact_share == 0


# Commands


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install -r requirements.txt", ["file"]),
        ("$ sudo pip3 install torch==1.7 -f https://x", ["packages"]),
        (
            "conda create -n x python=3.8 && conda activate x && pip install -r r.txt",
            ["empty", "file"],
        ),
        ("conda env create", ["file"]),
        ("pip install --upgrade pip", ["empty"]),
        ("sudo apt-get install python3-pip git", []),
        ("apt install ffmpeg", ["system"]),
        ("pip install -e .[dev]", ["project"]),
        ("python setup.py develop", ["project"]),
        ("git clone https://github.com/a/b.git", ["clone"]),
        ("poetry install", ["file"]),
        ("docker build -t x .", ["image"]),
        ("Rscript -e 'renv::restore()'", ["file"]),
        ("install.packages('caret')", ["packages"]),
        ("python train.py", []),
        ("# pip install x", []),
        ("pip install 'unclosed", ["packages"]),
    ],
)
def test_what_a_command_installs(line, found):
    assert [one.what for one in installs(line)] == found


def test_steps_stand_where_readme_has_them():
    steps = readme_steps("# A\n\n## Install\n\nRun `pip install -r requirements.txt` first.\n")
    assert [(s.command, s.line, s.heading) for s in steps] == [
        ("pip install -r requirements.txt", 5, "Install")
    ]


# One command

ALL = "torch==1.7\nnumpy==1.2\n"


def test_pip_install_of_all_is_one_command():
    readme = "## Install\n```bash\npip install -r requirements.txt\n```\n"
    found = judged({"README.md": readme, "requirements.txt": ALL}, "torch", "numpy")
    assert found.command == "pip install -r requirements.txt" and found.strong == ()


def test_an_empty_environment_first_is_still_one():
    readme = "```\nconda create -n x python=3.8\nconda activate x\npip install --upgrade pip\npip install -r requirements.txt\n```\n"
    assert judged({"README.md": readme, "requirements.txt": ALL}, "torch").strong == ()


def test_no_instructions_but_a_complete_file():
    found = judged({"README.md": "# A\n", "requirements.txt": ALL}, "torch", "numpy")
    assert found.strong == () and not found.best.told


def test_no_file():
    assert kinds(judged({"README.md": "# A\n"}, "torch")) == {"no-file"}


def test_the_framework_absent_from_the_file():
    readme = "```\npip install -r requirements.txt\n```\n"
    found = judged({"README.md": readme, "requirements.txt": "numpy==1.2\n"}, "torch", "numpy")
    assert kinds(found) == {"framework-missing"}


def test_the_framework_installed_apart():
    readme = "## Install\n```\nconda install pytorch==1.7.1 -c pytorch\npip install -r requirements.txt\n```\n"
    assert "second-command" in kinds(
        judged({"README.md": readme, "requirements.txt": "numpy\n"}, "torch", "numpy")
    )
    assert "second-command" in kinds(
        judged({"README.md": readme, "requirements.txt": ALL}, "torch", "numpy")
    )


def test_people_sent_to_the_framework_s_site():
    readme = "## Install\nInstall PyTorch following the official instructions.\n```\npip install -r requirements.txt\n```\n"
    found = judged({"README.md": readme, "requirements.txt": "numpy\n"}, "torch", "numpy")
    assert "framework-apart" in kinds(found)


FIRST = "## Install\n{}\n```\npip install -r requirements.txt\n```\n"


@pytest.mark.parametrize(
    ("told", "apart"),
    [
        ("Install PyTorch following instructions from https://pytorch.org/.", True),
        ("Install PyTorch from https://pytorch.org. Use `requirements.txt` for the rest.", True),
        ("Install Chainer and dependencies from https://chainer.org/", True),
        ("If you use another GPU, install PyTorch following the official instructions.", False),
        ("You do not need to install TensorFlow yourself (see the guide below).", False),
        ("The file requirements.txt is used to install PyTorch first.", False),
        ("We thank the authors of PyTorch, https://pytorch.org.", False),
    ],
)
def test_people_sent_to_the_framework_s_site_for_what_the_list_has_too(told, apart):
    lists = "torch==1.7\nchainer==7.8\ntensorflow==2.4\n"
    found = judged({"README.md": FIRST.format(told), "requirements.txt": lists}, "torch")
    assert kinds(found) == ({"framework-apart"} if apart else set())


@pytest.mark.parametrize(
    ("lists", "told", "found"),
    [
        ("theano==1.0\n", "The library requires the dev version of Theano.", True),
        ("numpy==1.26\n", "It needs the bleeding-edge version of Theano.", True),
        ("theano @ git+https://github.com/ada/theano@abc\n", "It requires the dev version of Theano.", False),
        ("theano==1.0\n", "We work on a dev version of our toolbox.", False),
    ],
)  # fmt: skip
def test_a_development_version_that_the_list_lacks(lists, told, found):
    files = {"README.md": FIRST.format(told), "requirements.txt": lists}
    assert kinds(judged(files)) == ({"dev-version"} if found else set())


def test_a_conda_file_and_then_more_by_pip():
    readme = "```\nconda env create -f environment.yml\nconda activate study\npip install scipy seaborn\n```\n"
    found = judged(
        {"README.md": readme, "environment.yml": CONDA}, "torch", "numpy", "scipy", "seaborn"
    )
    assert "second-command" in kinds(found)


def test_a_conda_file_with_a_pip_section_is_one_command():
    readme = "```\nconda env create -f environment.yml\nconda activate study\n```\n"
    assert (
        judged({"README.md": readme, "environment.yml": CONDA}, "torch", "numpy", "monai").strong
        == ()
    )


@pytest.mark.parametrize(
    "readme",
    [
        "## Using pip\n```\npip install -r requirements.txt\n```\n## Using conda\n```\nconda env create -f environment.yml\n```\n",
        "## Install\n```\npip install -r requirements.txt\n```\nor\n```\nconda env create -f environment.yml\n```\n",
        "## Install\n```\npip install -r requirements.txt\n```\nAlternatively, use conda:\n```\nconda env create -f environment.yml\n```\n",
        "## Install\nRun `pip install -r requirements.txt` or `conda env create -f environment.yml`.\n",
        "```\npip install -r requirements.txt\n# or\nconda env create -f environment.yml\n```\n",
    ],
)
def test_alternatives_are_not_a_sequence(readme):
    files = {"README.md": readme, "requirements.txt": ALL, "environment.yml": CONDA}
    assert judged(files, "torch", "numpy").strong == ()


def test_two_headings_that_follow_each_other_are_a_sequence():
    readme = "## Step 1: conda packages\n```\nconda install pytorch\n```\n## Step 2: pip packages\n```\npip install monai\n```\n"
    assert "second-command" in kinds(judged({"README.md": readme}, "torch", "monai"))


def test_docker_is_a_way_of_its_own():
    readme = "```\ndocker build -t x .\n```\nThen:\n```\nconda install pytorch\npip install -r requirements.txt\n```\n"
    files = {
        "README.md": readme,
        "requirements.txt": "numpy\n",
        "Dockerfile": "FROM pytorch/pytorch:1.7.1-cuda11\n",
    }
    found = judged(files, "torch", "numpy")
    assert found.strong == () and found.command.startswith("docker build")


def test_system_packages_count_against():
    readme = "```\nsudo apt-get install ffmpeg libsm6\npip install -r requirements.txt\n```\n"
    assert kinds(judged({"README.md": readme, "requirements.txt": ALL}, "torch")) == {"system"}


def test_a_tool_by_hand_counts_against():
    readme = "## Requirements\nPlease install FSL and FreeSurfer.\n```\npip install -r requirements.txt\n```\n"
    assert kinds(judged({"README.md": readme, "requirements.txt": ALL}, "torch")) == {"tool"}


@pytest.mark.parametrize(
    ("told", "by_hand"),
    [
        ("- [CUDA Toolkit](https://developer.nvidia.com/cuda-toolkit) v11.2", True),
        ("The library requires CUDNN in addition.", True),
        ("These programs should be on the PATH:", True),
        ("Please install BEDOPS.", True),
        ("If you have a GPU, install cuDNN.", False),
        ("CUDA 11.2 was at hand.", False),
        ("Set `--data` to the path of the images.", False),
    ],
)
def test_what_has_to_be_there_beforehand(told, by_hand):
    found = judged({"README.md": FIRST.format(told), "requirements.txt": ALL}, "torch")
    assert kinds(found) == ({"tool"} if by_hand else set())


def test_a_toolkit_that_the_list_brings():
    files = {"environment.yml": "name: a\ndependencies:\n  - pytorch=1.10\n  - cudatoolkit=11.3\n"}
    told = "## Requirements\n- CUDA Toolkit 11.3\n```\nconda env create -f environment.yml\n```\n"
    assert not kinds(judged({**files, "README.md": told}, "torch"))


def test_system_packages_are_needed_whichever_list_is_taken():
    told = "```\nsudo apt-get install ffmpeg libsm6\npip install torch\n```\n"
    files = {"README.md": told, "environment.yml": CONDA}
    assert kinds(judged(files, "torch", "numpy")) == {"system"}
    image = {"Dockerfile": "FROM pytorch/pytorch:1.7.1-cuda11\nRUN apt-get install ffmpeg libsm6\n"}
    assert not kinds(judged({**files, **image}, "torch"))


def test_a_tool_that_is_only_spoken_of_does_not():
    readme = "# A\nWe compare with FreeSurfer.\n```\npip install -r requirements.txt\n```\n"
    assert judged({"README.md": readme, "requirements.txt": ALL}, "torch").strong == ()


def test_another_project_from_its_sources():
    readme = "```\ngit clone https://github.com/NVIDIA/apex\npip install -r requirements.txt\n```\n"
    assert kinds(judged({"README.md": readme, "requirements.txt": ALL}, "torch")) == {"clone"}


def test_another_project_that_is_cloned_after_the_list_was_installed():
    readme = "```\npip install -r requirements.txt\ngit clone https://github.com/ada/dims\n```\n"
    assert kinds(judged({"README.md": readme, "requirements.txt": ALL}, "torch")) == {"clone"}
    readme = readme.replace("git clone", "```\n## Data\n```\ngit clone")
    assert not kinds(judged({"README.md": readme, "requirements.txt": ALL}, "torch"))


def test_a_finished_image_gives_way_to_a_list():
    readme = "```\ndocker pull ada/study:1\n```\n"
    assert judged({"README.md": readme}, "torch").best.sealed
    assert not judged({"README.md": readme, "requirements.txt": ALL}, "torch").best.sealed


def test_cloning_the_repository_itself_is_no_step():
    readme = "```\ngit clone https://github.com/u/study\ncd study\npip install -r requirements.txt\n```\n"
    assert judged({"README.md": readme, "requirements.txt": ALL}, "torch").strong == ()


def test_pip_install_of_the_project_covers_its_dependencies():
    files = {
        "README.md": "```\npip install -e .\n```\n",
        "setup.py": "setup(name='s', install_requires=['torch', 'numpy'])",
    }
    assert judged(files, "torch", "numpy").strong == ()


def test_the_own_package_after_the_requirements_is_a_weak_sign():
    readme = "```\npip install -r requirements.txt\npip install -e .\n```\n"
    files = {"README.md": readme, "requirements.txt": ALL, "setup.py": "setup(name='s')"}
    found = judged(files, "torch", "numpy")
    assert found.strong == () and "own-package" in {sign.kind for sign in found.against}


def test_an_optional_step_is_a_weak_sign():
    readme = "## Install\n```\npip install -r requirements.txt\n```\n(Optional) for plots:\n```\npip install seaborn\n```\n"
    assert judged({"README.md": readme, "requirements.txt": ALL}, "torch").strong == ()


def test_a_file_that_is_not_there():
    readme = "```\npip install -r requirements.txt\n```\n"
    assert "file-missing" in kinds(judged({"README.md": readme}, "torch"))


def test_one_line_that_lists_all():
    readme = "```\npip install torch==1.7 numpy scipy\n```\n"
    assert judged({"README.md": readme}, "torch", "numpy", "scipy").strong == ()


def stopped(files: dict[str, str]) -> set[str]:
    tree = Files(files)
    found = gather(tree)
    lines = stops(tree, found, files.get("README.md", ""))
    return kinds(one_command(found, {}, files.get("README.md", ""), stops=lines))


@pytest.mark.parametrize(
    "line",
    [
        "pkg-resources==0.0.0",
        "pkg_resources==0.0.0",
        "torchvision==0.4.0a0+6b959ee",
        "torch==1.7.1+cu110",
        "jaxlib==0.4.20+cuda11.cudnn86",
        "lasagne==0.2.dev1",
        "timm==0.8.3.dev0",
        "numpy @ file:///croot/numpy_1671487769961/work",
        "attrs @ file:///opt/conda/conda-bld/attrs_1642510447205/work",
        "-e /home/ada/net",
        "numpy=1.19.2=pypi_0",
        "numpy=1.19.2",
        "python==3.8",
        "PIL",
    ],
)
def test_a_line_at_which_an_installer_stops(line):
    assert stopped({"requirements.txt": f"tqdm\n{line}\n"}) & {"stops", "stops-pip"}


@pytest.mark.parametrize(
    "line",
    [
        "torch==1.7.1",
        "setuptools==65.5.0",
        "torch==1.7.1+cu110 --extra-index-url https://download.pytorch.org/whl/cu110",
        "# torch==1.7.1+cu110",
        "net @ git+https://github.com/ada/net@v1.0",
        "torch==2.0.0a0",
        "tf-nightly==2.2.0.dev20200301",
        "Pillow",
        "-e .",
    ],
)
def test_a_line_at_which_none_stops(line):
    assert not stopped({"requirements.txt": f"tqdm\n{line}\n"})


def test_another_index_may_stand_in_the_readme_or_the_dockerfile():
    lists = {"requirements.txt": "torch==1.7.1+cu110\n"}
    told = "pip install -r requirements.txt -f https://download.pytorch.org/whl/torch_stable.html"
    assert not stopped({**lists, "README.md": f"# A\n\n`{told}`\n"})
    assert not stopped({**lists, "Dockerfile": f"FROM python:3.8.5\nRUN {told}\n"})


def test_what_stops_pip_does_not_stop_conda():
    lists = {"requirements.txt": "python=3.7\nnumpy=1.19.2\n"}
    told = "# A\n\n`conda create --name a --file requirements.txt`\n"
    assert not stopped({**lists, "README.md": told})
    assert stopped({**lists, "README.md": "# A\n\n`pip install -r requirements.txt`\n"})


def test_a_way_that_stops_gives_way_to_one_that_does_not():
    files = {
        "requirements.txt": "pkg-resources==0.0.0\n",
        "environment.yml": "name: a\ndependencies:\n  - numpy=1.19.2\n",
    }
    assert not stopped(files)


def test_a_second_command_for_what_the_first_brings_is_no_second_one():
    files = {"requirements.txt": "torch==1.7.1\nnumpy==1.19.2\n"}
    told = "# A\n\n```\npip install -r requirements.txt\npip install -U {}\n```\n"
    assert not kinds(judged({**files, "README.md": told.format("numpy jupyter")}, "torch"))
    assert kinds(judged({**files, "README.md": told.format("scipy")}, "torch"))


def test_a_choice_of_files_in_one_command():
    files = {name: "name: a\ndependencies:\n  - pytorch=1.7.1\n" for name in ("cpu.yml", "gpu.yml")}
    told = "# A\n\n`conda env create -f {cpu.yml|gpu.yml}`\n"
    assert judged({**files, "README.md": told}, "torch").best.files == ("cpu.yml", "gpu.yml")
    missing = "# A\n\n`conda env create -f {a.yml|b.yml}`\n"
    assert "file-missing" in {
        s.kind for r in judged({**files, "README.md": missing}).routes for s in r.against
    }


def test_what_a_package_once_brought_along():
    assert not judged({"requirements.txt": "scikit-image==0.14.2\n"}, "matplotlib").best.missing
    assert judged({"requirements.txt": "scikit-image==0.22.0\n"}, "matplotlib").best.missing
    assert judged({"requirements.txt": "scikit-image\n"}, "matplotlib").best.missing


def test_a_tool_for_another_system_is_a_weak_sign():
    told = "# A\n\n`pip install -r requirements.txt`\n\n{} FFmpeg has to be installed.\n"
    files = {"requirements.txt": "torch\n"}
    assert not kinds(judged({**files, "README.md": told.format("On Windows,")}, "torch"))
    assert kinds(judged({**files, "README.md": told.format("Then")}, "torch"))


def test_a_wrapper_that_installs_from_locks():
    files = {"README.md": "# A\n`python reproduce.py`\n", "requirements.lock": ALL}
    wrappers = {"python reproduce.py": ("requirements.lock",)}
    found = judged(files, "torch", "numpy", wrappers=wrappers)
    assert found.command == "python reproduce.py" and found.strong == ()
    files["requirements.lock"] = "numpy==1\n"
    found = judged(files, "torch", "numpy", wrappers=wrappers)
    assert "framework-missing" in kinds(found)
    wrappers["python reproduce.py"] += ("requirements-cpu.lock",)
    assert "file-missing" in kinds(judged(files, "torch", "numpy", wrappers=wrappers))
    files["requirements-cpu.lock"] = "torch==2.13.0+cpu ; sys_platform == 'linux'\n"
    assert judged(files, "torch", "numpy", wrappers=wrappers).against == ()


def test_a_requirements_file_in_a_subfolder_is_found_after_cd():
    files = {
        "README.md": "```\ncd code\npip install -r requirements.txt\n```\n",
        "code/requirements.txt": ALL,
    }
    assert judged(files, "torch").strong == ()


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("uv sync", {"uv.lock": '[[package]]\nname="torch"\nversion="2.0"\n'}),
        ("poetry install", {"pyproject.toml": '[tool.poetry.dependencies]\ntorch="2.0"\n'}),
        ("pixi install", {"pixi.toml": '[pypi-dependencies]\ntorch="==2.0"\n'}),
        ("nix develop", {"flake.nix": "with ps; [ torch ]", "flake.lock": "{}"}),
        ("docker build .", {"Dockerfile": "FROM pytorch/pytorch:1.7.1\n"}),
        ("bash install.sh", {"install.sh": "pip install torch\n"}),
        ("make env", {"Makefile": "env:\n\tpip install torch\n"}),
    ],
)
def test_other_installers_are_one_command(command, files):
    found = judged({"README.md": f"```\n{command}\n```\n", **files}, "torch")
    assert found.strong == () and found.command == command


# Whatever the bytes

GARBAGE = [
    b"", b"\0\1\2", b"\xff\xfe\0", b"[" * 50_000, b"{" * 50_000, b"(" * 50_000, b"- " * 50_000,
    b"a: &a [*a]\ndependencies: *a\n", b"dependencies:\n  - 1\n  - {pip: 3}\n  - pip: [1, [2]]\nname: x\n",
    b"[project]\ndependencies = 3\nname = 4\noptional-dependencies = []\n[tool]\npoetry = 3\n",
    b"[tool.poetry]\ndependencies = [1]\n[deps]\n[compat]\n", b'{"default": {"a": 3, "b": {"version": 1}}}',
    b'{"Packages": [1], "R": 2, "default": [3]}', b"setup(install_requires=[" + b"'a'," * 5000 + b"1])",
    b"x = 9" + b"9" * 10_000, b"setup(install_requires=R)\nR = R\n", b"\\\n" * 10_000, b"-r -r -r\n-c\n-e\n",
    "pip install \u2028 torch==\u0661".encode(), b"```\npip install " + b"a==1 " * 5000, b"# " * 20_000, b"!" * 60_000,
    b"# " + b"# a " * 5_000, b"<!--" * 20_000 + b"-->", b"[" * 1_000 + b"](" * 900, b"a" + b" " * 60_000 + b"1.2",
    b"[options]\ninstall_requires\n", b"no section\n[options\n", b"A" * 100_000, b"- - - -\n" * 2_000,
    b"FROM\nRUN [\nRUN pip install\n", b'"!pip install \\"', b"name = \nversion = \n" * 500, b"1." * 30_000,
]  # fmt: skip
NAMES = [
    "requirements.txt", "environment.yml", "Pipfile", "Pipfile.lock", "pyproject.toml", "poetry.lock", "uv.lock",
    "pixi.toml", "pixi.lock", "pylock.toml", "setup.py", "setup.cfg", "Dockerfile", "x.def", "flake.nix",
    "renv.lock", "packrat.lock", "DESCRIPTION", "install.R", "sessionInfo.txt", "Project.toml", "Manifest.toml",
    "README.md", "a.ipynb", "install.sh", "Makefile", "conda-lock.yml", "packages.txt",
]  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_raises_nothing(content):
    files = dict.fromkeys(NAMES, content)
    found = gather(Files(files))
    pinned(found, imports("torch", "numpy")).signs  # noqa: B018
    one_command(found, imports("torch"), content.decode(errors="replace")).strong  # noqa: B018


def test_a_folder_with_the_name_of_a_file():
    assert one("requirements.txt/a.txt", "torch==1.7") == {}


def test_an_empty_repository():
    found = gather(Files({}))
    assert found.main == [] and pinned(found, {}).exact_share == 0
    assert kinds(one_command(found, {}, "")) == {"no-file"}


SETTINGS = {
    "pyproject.toml": '[project]\nname = "a"\nversion = "1"\ndependencies = ["numpy"]\n\n[tool.black]\nextend-exclude = """\n/data/\n"""\n',
    "setup.cfg": "[options]\ninstall_requires =\n    numpy\n\n[tool:pytest]\naddopts = --basetemp /tmp/x\n",
}


@pytest.mark.parametrize("path", SETTINGS)
def test_settings_of_tools_stop_no_installer(path):
    tree = Files({path: SETTINGS[path]})
    assert stops(tree, gather(tree), "") == {}


@pytest.mark.parametrize("path", SETTINGS)
def test_a_path_of_one_machine_stops_it(path):
    line = "numpy @ file:///home/me/numpy"
    text = SETTINGS[path].replace('"numpy"', f'"{line}"').replace("    numpy", f"    {line}")
    tree = Files({path: text})
    assert path in stops(tree, gather(tree), "")
