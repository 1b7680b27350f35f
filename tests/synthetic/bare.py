"""Repositories with little in them."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

from tests.synthetic.base import MIT, Repository

PROMISE = Repository(
    files={
        "README.md": """
            # Anatomy-aware registration of fetal brains

            Official implementation of our paper, accepted for publication.

            **The code, the trained models and the data will be released soon. Stay tuned!**

            ## Installation

            Coming soon.

            ## Training

            TBA

            ## Citation

            If you find our work useful, please cite it: https://doi.org/10.1016/j.media.2021.102077
        """,
    },
)

NOTHING = Repository(files={})

ONLY_LICENCE = Repository(files={"LICENSE": MIT}, passes="midl.license")

TITLE_ONLY = Repository(
    files={"README.md": "# lung-nodules\n", ".gitignore": "*.pyc\n", "requirements.txt": ""}
)

BARE = {
    "promise": PROMISE,
    "nothing": NOTHING,
    "only_licence": ONLY_LICENCE,
    "title_only": TITLE_ONLY,
}
