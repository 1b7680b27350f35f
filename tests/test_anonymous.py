"""Whether an archive for reviewers tells who wrote it, wherever a name may hide."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

import publishing
import pytest

from gold_standard import anonymous, publication

TOLD = publication.of(
    """\
title: T
doi: 10.5281/zenodo.8427193
authors:
  - family-names: Müller-Long
    given-names: Zoë Ada
    orcid: https://orcid.org/0000-0002-1825-0097
    affiliation: Karolinska Institutet, https://ror.org/056d84691
  - family-names: Long
    given-names: Bo
  - name: The Kepler Consortium
""",
    {"grants": ["10.13039/501100000780::101000000"]},
)


@pytest.fixture
def search(tmp_path):
    (tmp_path / "study").mkdir()
    return anonymous.Search(tmp_path / "study", TOLD)


def found(search, tmp_path, data: bytes) -> list[str]:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    return search.file(path, "file")


@pytest.mark.parametrize(
    "text",
    [
        "by Zoë Ada Müller-Long", "by Zoe Muller-Long", "MÜLLER-LONG, Z.", "Z. A. Müller-Long",
        "Müller-Long Zoë", "zoe.muellerlong or zoe.mullerlong@lab.example", "/home/zmullerlong/x",
        "0000-0002-1825-0097", "at Karolinska Institutet", "the Kepler consortium",
        "doi:10.5281/zenodo.8427193", "grant 101000000", "ask Bo Long", "by Long (2020)", "B. Long",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(text, search, tmp_path):
    assert found(search, tmp_path, f"one\ntwo {text}.\n".encode())[0].startswith("file, line 2: ")


@pytest.mark.parametrize(
    "text",
    ["how long it takes", "as long as", "belong", "Longest", "a bolonga", "Muller", "Ada Lovelace",
     "1010000001"],
)  # fmt: skip
def test_a_word_that_only_looks_like_one_is_none(text, search, tmp_path):
    assert found(search, tmp_path, text.encode()) == []


def test_a_word_that_is_said_to_be_no_name_is_none(tmp_path):
    told = publication.of("title: T\nauthors: [{family-names: Long, given-names: Bo}]\n", None)
    assert anonymous.Search(tmp_path, told).words("The Long March", False) == ["Long"]
    told.settings["not_names"] = ["Long"]
    search = anonymous.Search(tmp_path, told)
    assert search.words("The Long March", False) == []
    assert search.words("Bo Long", False) == ["Bo Long"]


def _zip(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def _tar(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        about = tarfile.TarInfo("x")
        about.size, about.uname = len(data), name
        archive.addfile(about, io.BytesIO(data))
    return file.getvalue()


NAME = "Zoë Müller-Long".encode()
PNG = b"\x89PNG\r\n\x1a\n"
PLACES = {
    "bytes": b"\0\1\2" + NAME + b"\0\xff",
    "latin-1": b"\0" + NAME.decode().encode("latin-1"),
    "utf-16": NAME.decode().encode("utf-16"),
    "utf-16 at an odd place": b"\0\0\0" + NAME.decode().encode("utf-16-le"),
    "a zip": _zip(a=b"-", b=NAME * 9),
    "a zip in a zip": _zip(a=_zip(b=_zip(c=NAME * 9))),
    "a name in a zip": _zip(**{"of bo.long.txt": b""}),
    "gzip": gzip.compress(NAME * 9),
    "bzip2": bz2.compress(NAME * 9),
    "xz": lzma.compress(NAME * 9),
    "a tar": _tar("root", NAME),
    "the owner in a tar": _tar("bolong", b""),
    "a tar in gzip": gzip.compress(_tar("bolong", b"")),
    "a PDF": b"%PDF-1.4\nstream\r\n" + zlib.compress(NAME * 9) + b"endstream\0",
    "a text of a PNG": PNG + _chunk(b"tEXt", b"Author\0" + NAME),
    "a packed text of a PNG": PNG + _chunk(b"zTXt", b"Author\0\0" + zlib.compress(NAME * 9)),
    "text among accents": "é".encode() * 151 + b" " + NAME + b" " + "é".encode() * 150,
    "text in latin-1": b"\xe9 " * 99 + NAME.decode().encode("latin-1"),
    "two lines": b"a\n" + NAME.replace(b" ", b"\n") + b"\nb",
    "far behind": b"\0" * (anonymous.CHUNK - 5) + NAME,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_found_wherever_it_hides(place, search, tmp_path):
    assert found(search, tmp_path, PLACES[place]), place
    clean = PLACES[place].replace(NAME, b"x" * len(NAME))
    if clean != PLACES[place]:
        assert found(search, tmp_path, clean) == []


def test_the_folder_of_the_study_and_the_mail_of_a_commit_are_found(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (study / "a").write_text("a")
    from helpers import git

    git(study, "init", "--quiet")
    git(study, "add", ".")
    words = ["-c", "user.name=Some Body", "-c", "user.email=me@lab.example"]
    git(study, *words, "commit", "--quiet", "--message", "m", "--author=Some Body <me@lab.example>")
    search = anonymous.Search(study, TOLD)
    assert search.words(f"in {study}/x", False) and search.words("to me@lab.example", False)
    assert search.words("by some body", False)


CONTACT = "contact:\n  - name: John W. Tukey\n    email: j@tukey.example\n"


@pytest.fixture
def staged(tmp_path):
    """A study's files as they are staged, and their names."""
    folder = tmp_path / "staged"
    folder.mkdir()
    identified = publication.with_identifiers(
        publishing.CITATION, {"code": "10.5281/zenodo.8427193"}
    )
    for name, text in {
        "CITATION.cff": identified + CONTACT,
        "LICENSE": "MIT License\n\nCopyright (c) John W. Tukey\n",
        "README.md": publishing.README.replace("Not archived yet.", "- 10.5281/zenodo.8427193"),
        "pyproject.toml": publishing.PYPROJECT + 'grants = ["10.13039/1::77777"]\n',
        ".zenodo.json": "{}", ".copier-answers.yml": "author_name: John W. Tukey\n",
        "certificates/a.json": "{}", "record/run.json": "{}", "src/a.py": "x = 1\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    told = publication.of(identified, {"grants": ["10.13039/1::77777"]})
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return folder, names, told


def test_what_the_machinery_wrote_is_written_without_names(staged, tmp_path):
    folder, names, told = staged
    with pytest.raises(anonymous.Refusal, match="CITATION.cff, line 8: Tukey"):
        anonymous.refuse_names(tmp_path, folder, names, told)
    kept = anonymous.make(tmp_path, folder, names, told)
    anonymous.refuse_names(tmp_path, folder, kept, told)
    assert kept == ["CITATION.cff", "LICENSE", "README.md", "pyproject.toml", "src/a.py"]
    assert "Copyright (c) the authors" in (folder / "LICENSE").read_text("utf-8")
    again = (folder / "CITATION.cff").read_text("utf-8")
    found = publication.of(again, None)
    assert publication.problems(again, found) == []
    assert found.title == "A tiny study" and found.identifiers == {} and found.licence == "MIT"


def test_what_a_person_wrote_refuses_with_its_place(staged, tmp_path):
    folder, names, told = staged
    kept = anonymous.make(tmp_path, folder, names, told)
    (folder / "src/a.py").write_text("x = 1\n# Ask jtukey\n", "utf-8")
    with pytest.raises(anonymous.Refusal, match="src/a.py, line 2: John W. Tukey"):
        anonymous.refuse_names(tmp_path, folder, kept, told)


def test_the_address_of_the_repository_is_found(tmp_path):
    from helpers import git

    study = tmp_path / "study"
    study.mkdir()
    (study / "CITATION.cff").write_text("repository-code: https://gitlab.example/a-lab/cells\n")
    git(study, "init", "--quiet")
    git(study, "remote", "add", "origin", "git@github.com:jwt/study.git")
    search = anonymous.Search(study, TOLD)
    for text in (
        "clone https://github.com/jwt/study.git", "![](https://ci.example/jwt/study/badge.svg)",
        "see github.com/JWT/other", "at https://gitlab.example/a-lab/cells",
    ):  # fmt: skip
        assert search.words(text, False), text
    assert not search.words("github.com/jwtx/study of a study, a lab and cells", False)
