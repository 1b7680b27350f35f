"""What each criterion asks, why, where the papers say so, what passes and what does not.

The report prints parts of it and docs/standards/ is made from it, so that they cannot differ.
"""

import re

HEIL = "Heil et al. 2021, Nature Methods 18, 1132–1135"
MIDL = "Simkó et al. 2024, Reproducibility of the Methods in Medical Imaging with Deep Learning"
UNFINISHED = re.compile(r"to be written by you|\bTODO\b|coming soon", re.IGNORECASE)


def _of(asks: str, reason: str, source: str, passes: str, fails: str, fix: str) -> dict[str, str]:
    return {"asks": asks, "reason": reason, "source": source, "passes": passes, "fails": fails, "fix": fix}  # fmt: skip


OF = {
    "heil.data": _of(
        "The raw form of all data is published, and the code to get and prepare it is here.",
        "Without the data nobody can train the model again, or look for what its authors missed.",
        f"{HEIL}: Bronze, Data.",
        "A specialist repository, else Zenodo or Dryad, named with a link or an accession; code that downloads from there, or a loader that does; and code that prepares the data. Data under controlled access count as published where the repository that keeps them is named.",
        "Data on request, private data, data that will be available, a link that people are to follow by hand, a shared drive alone, a few sample images, dummy data.",
        "Deposit the raw data, name the place in the README, and let a script download and prepare them.",
    ),
    "heil.models": _of(
        "The trained weights behind the results are in an archive or a model zoo, with an identifier.",
        "Training again takes time and may not give the same model; without it nobody can examine it.",
        f"{HEIL}: Bronze, Models.",
        "A DOI of Zenodo, figshare or the like that is said to be of the models, or an entry in a model zoo.",
        "Weights in the repository alone, in a release, on a drive or a bucket; weights of ImageNet that somebody else trained.",
        "Deposit the weights with Zenodo or a model zoo, and write their DOI beside the word model in the README or in CITATION.cff.",
    ),
    "heil.code": _of(
        "The code itself is in an archive, with an identifier of the code.",
        "Projects on hosting sites change and vanish; an archive keeps what the paper used.",
        f"{HEIL}: Bronze, Source code.",
        "A DOI of Zenodo or the like, or a SWHID, that is said to be of the code, in the README or the metadata.",
        "A DOI of the paper, of the data or of the model; a placeholder; a metadata file that is not valid; in a study made here, metadata that disagree.",
        "Archive a release with Zenodo or Software Heritage and write its identifier into CITATION.cff.",
    ),
    "heil.dependencies": _of(
        "One command downloads and installs everything that the analysis needs.",
        "Guessing versions and tools costs those who come after more time than anything else.",
        f"{HEIL}: Silver, first requirement.",
        "One file of dependencies that covers what the code imports, installed by one command, or a container whose file is here.",
        "A second installer, a framework installed apart, another project to be cloned, a tool to be installed by hand or compiled, a file that lacks what the code imports, or at which the installer stops.",
        "Put everything into one file, framework included, and write the one command into the README.",
    ),
    "heil.details": _of(
        "Recorded are the order of the steps, the system, the times and the resources.",
        "The authors know it at once; anybody else would have to find out by trying.",
        f"{HEIL}: Silver, second requirement, Table 1 and body.",
        "Order, operating system with version, wall-clock and CPU time, CPU model and number, GPU model and number or none, and RAM, in the README; that the manuscript has them is for you to confirm.",
        "A few of them. All of them are asked for.",
        "Write all of them into the README and the manuscript; a study made here has them from its record.",
    ),
    "heil.deterministic": _of(
        "Every random component is seeded, in every library, in code that really runs; two runs agree.",
        "Splits, initial weights and sampling change results; without seeds nobody can tell a bug from luck.",
        f"{HEIL}: Silver, third requirement.",
        "A record of a run of this very state that agreed with the run before.",
        "One call without a seed, a seed that is None by default, a seed function that nothing calls, NumPy's global seed where default_rng() is used.",
        "Pass a seed to every call that draws numbers, then show by two runs that they agree.",
    ),
    "heil.single-command": _of(
        "One command goes from the download to the tables and figures.",
        "What needs no knowledge of the order can be repeated by anybody, any time.",
        f"{HEIL}: Gold.",
        "A record of a run of this very state, made by the one command.",
        "A command for one step, a demonstration, a script that begins after the data were prepared by hand, a workflow with paths of one machine.",
        "Let a workflow or a script run every step, from the download to the last figure.",
    ),
    "midl.dependencies": _of(
        "Packages are listed with exact versions, and the list covers what the code imports.",
        "Without exact versions a repository loses its value within a year or two.",
        f"{MIDL}: 3.2 Dependencies, Appendix A.",
        "A lock, a requirements or conda file with exact versions, or versions in the README; the framework among them.",
        "A name without a version or a lower bound among what the code imports, exact versions of everything but the framework, an import that no list names, even one that another package brings along.",
        "Write exact versions of all packages, framework included: pip freeze or a lock file does it.",
    ),
    "midl.training": _of(
        "The code that builds the model and starts the training is here.",
        "A description leaves out what decides; the code does not.",
        f"{MIDL}: 3.2 Code for model training.",
        "A training loop, a call that fits, or a trainer, in whatever file, notebook or language.",
        "A model definition alone; training code that imports what is not here.",
        "Add the script that trains the reported model, with the modules that it imports.",
    ),
    "midl.evaluation": _of(
        "The code that computes the paper's metrics for the trained model is here, or a simple prediction.",
        "A number can only be compared when it is computed in the same way.",
        f"{MIDL}: 3.2 Code for evaluation.",
        "Code that computes metrics, or a script or notebook that predicts with the model.",
        "A demonstration that imports a module that does not exist.",
        "Add the script that evaluates the trained model on the test data.",
    ),
    "midl.model": _of(
        "The exact trained model of a reported result is to be had.",
        "Others can then check the result, and use the model, without training it.",
        f"{MIDL}: 3.2 Trained model.",
        "Weights in the repository, in git-lfs, behind a link, or fetched by the code.",
        "Weights that somebody else trained on ImageNet or the like; weights that will be released.",
        "Commit the weights of a reported model, or link to them from the README.",
    ),
    "midl.documentation": _of(
        "A document tells how to get data and packages, train and evaluate, and where the models are; what it names exists.",
        "Nobody finds the way through code that only its author knows.",
        f"{MIDL}: 3.2 Documentation.",
        "A README with all five parts whose files and commands exist.",
        "A title and a reference; commands for files that are not here, or with options that the script does not have.",
        "Write into the README how to get the data and packages, how to train, how to evaluate, and where the trained models are.",
    ),
    "midl.license": _of(
        "There is a licence for the code.",
        "Without one, copyright forbids others to use it at all.",
        f"{MIDL}: 3.2 Licensing.",
        "A licence file with its whole text, or a statement that names a licence.",
        "A request to cite the paper; half of a licence's text; in a study made here, files that name different licences.",
        "Add a LICENSE file; choosealicense.com helps to choose one.",
    ),
    "midl.public-data": _of(
        "A public data set is used for training or evaluation, and named.",
        "Only then can others compare, or train something similar.",
        f"{MIDL}: 3.1 Public content.",
        "A known public set, a link to where the data are, an accession, a loader that fetches them.",
        "Private data, data that will be published, sample images.",
        "Name the public data set with a link; with private data, evaluate on a public set as well.",
    ),
    "midl.repeatable": _of(
        "A similar model can be trained from what is public.",
        "It is the least that lets others repeat the method.",
        f"{MIDL}: 3.3 Model repeatability.",
        "Public data to train on, exact packages, and the training code.",
        "Any of the three missing.",
        "See which of the three is missing.",
    ),
}  # fmt: skip
