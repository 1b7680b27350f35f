"""An archive for double-blind review: nothing in it tells who wrote the study.

What the machinery wrote is written anew without names. What a person wrote is searched, and a name
that is found there refuses: nobody but its author can say how the sentence should read.
"""

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import platform
import re
import subprocess
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from gold_standard import publication
from gold_standard.check.metadata import load_yaml
from gold_standard.errors import Refusal, printable
from gold_standard.publication import BROKEN, Person, Publication

# Records of runs hold commits and dates, certificates hold people, and the answers hold the author.
LEFT_OUT = ("certificates/", "record/", ".zenodo.json", ".copier-answers.yml", ".mailmap")
OF_A_CITATION = (
    "cff-version", "message", "type", "title", "version", "license", "keywords", "abstract",
    "references",
)  # fmt: skip
OF_A_PROJECT = re.compile(
    r"^(?:authors|maintainers|urls|mirror|grants|communities)\s*=\s*(?:\[[^\]]*\]|\{[^}]*\}|.*)\n",
    re.MULTILINE,
)
ADDRESS = re.compile(r"(?://|@)(?:[^/@]+@)?([\w.-]+)(?::\d+)?[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
BLANKED = "Left out for review."
CHUNK, OVERLAP, AROUND = 1 << 22, 1 << 10, 200  # bytes
DEEPEST, LARGEST = 4, 1 << 28  # archives within archives; bytes of one that is unpacked in memory
SHOWN = 20


def make(root: Path, folder: Path, names: list[str], told: Publication) -> list[str]:
    """Take out of staged files what the machinery wrote about people; the paths that stay."""
    gone = [path for path in names if path.startswith(LEFT_OUT)]
    for path in gone:
        (folder / path).unlink()
    for path, change in CHANGES.items():
        if (folder / path).is_file():
            text = (folder / path).read_bytes().decode("utf-8", errors="surrogateescape")
            new = change(text, told)
            (folder / path).write_bytes(new.encode("utf-8", errors="surrogateescape"))
    return [path for path in names if path not in gone]


def _citation(text: str, told: Publication) -> str:
    fields = load_yaml(text)
    kept = {key: fields[key] for key in OF_A_CITATION if key in fields}
    kept["authors"] = [{"name": "Anonymous"}]
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)


def _project(text: str, told: Publication) -> str:
    return OF_A_PROJECT.sub("", text)


def _licence(text: str, told: Publication) -> str:
    for person in told.people:
        for name in {person.name, person.inverted}:
            text = text.replace(name, "the authors")
    return text


def _blocks(text: str, told: Publication) -> str:
    return publication.filled(text, BLANKED) or text


CHANGES = {
    "CITATION.cff": _citation,
    "pyproject.toml": _project,
    "LICENSE": _licence,
    "README.md": _blocks,
    "MODEL_CARD.md": _blocks,
}


# The search


def refuse_names(root: Path, folder: Path, names: list[str], told: Publication) -> None:
    """Raise Refusal for every place in the files that tells who wrote them."""
    search = Search(root, told)
    pinned = _pinned(folder, names)
    found = []
    for path in sorted(names):
        found += [f"{path}: its name has {word}" for word in search.words(path, binary=False)]
        if path.endswith(".whl") and _sha256(folder / path) in pinned:
            continue  # somebody else's, as everybody gets it
        found += search.file(folder / path, path)
    if not found:
        return
    told_ = "\n".join(f"  {printable(one)}" for one in found[:SHOWN])
    more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise Refusal(
        f"This archive would not be anonymous:\n{told_}{more}\n"
        "Take the names out, commit, and call this again. A word that is no name: "
        '[tool.gold-standard.publish] not_names = ["…"] in pyproject.toml.'
    )


class Search:
    """Looks for everything that tells who the authors are, however it is written."""

    def __init__(self, root: Path, told: Publication) -> None:
        ignored = {_folded(word) for word in told.settings.get("not_names", [])}
        people = [one for one in told.people if one.name.lower() != "anonymous"]
        patterns: dict[str, str] = {}  # of text in small letters, with what it is called
        for person in people:
            patterns |= dict.fromkeys(_patterns_of(person), person.name)
        for word in _facts_of(root, told):
            patterns[rf"(?<!\w){re.escape(_folded(word))}(?!\w)"] = word
        self.patterns = {
            re.compile(pattern): name
            for pattern, name in patterns.items()
            if _folded(name) not in ignored
        }
        families = {_plain(one.family or one.name) for one in people} - {""}
        families = {family for family in families if _folded(family) not in ignored}
        # Alone, a family name counts where it is written as one: `long` is none, `Long` may be.
        self.families = {
            re.compile(rf"(?<!\w)(?:{re.escape(family)}|{re.escape(family.upper())})(?!\w)"): family
            for family in families
        }

        words = {word for one in people for word in _anchors_of(one)} | set(_facts_of(root, told))
        self.anchors = {anchor for word in words for anchor in _as_bytes(word)}

    def words(self, text: str, binary: bool) -> list[str]:
        """What of the authors a text holds."""
        plain = _plain(text)
        small = plain.casefold()
        found = [name for pattern, name in self.patterns.items() if pattern.search(small)]
        for pattern, family in self.families.items():
            # In the bytes of a program a few letters stand together by chance.
            if (not binary or len(family) > 5) and pattern.search(plain):
                found.append(family)
        return list(dict.fromkeys(found))

    def file(self, path: Path, called: str) -> list[str]:
        """The places in a file, and in what it packs, that tell who wrote it."""
        with path.open("rb") as file:
            found = self._stream(file, called)
        if path.stat().st_size <= LARGEST:
            found += self._packed(path.read_bytes(), called, 0)
        elif zipfile.is_zipfile(path):
            found += self._of_zip(path, called, 0)
        return list(dict.fromkeys(found))

    def _stream(self, file, called: str) -> list[str]:
        """Search what may be larger than the memory, piece by piece."""
        found, before, line = [], b"", 1
        while piece := file.read(CHUNK):
            data = before + piece
            for number, word in self._in(data):
                where = "" if number is None else f", line {line + number}"
                found.append(f"{called}{where}: {word}")
            before = data[-OVERLAP:]
            line += data.count(b"\n", 0, len(data) - len(before))
        return found

    def _in(self, data: bytes) -> Iterator[tuple[int | None, str]]:
        """What some bytes hold, with the number of lines before it where they are text.

        Only around the words without which no pattern fits are letters compared in all spellings.
        """
        binary, small = b"\0" in data, data.lower()
        for at in sorted({at for anchor in self.anchors for at in _places(small, anchor)}):
            start = max(0, at - AROUND)
            found = self._read(data[start : at + AROUND], at - start, binary)
            if not binary:
                # The line itself, or what is broken over two.
                line = data[max(start, data.rfind(b"\n", start, at) + 1) : at + AROUND].partition(
                    b"\n"
                )[0]
                found = self._read(line, 0, binary) or found
            for word in found:
                yield None if binary else data.count(b"\n", 0, at), word

    def _read(self, data: bytes, at: int, binary: bool) -> list[str]:
        texts = _readings(data, at, binary)
        return list(dict.fromkeys(word for text in texts for word in self.words(text, binary)))

    def _packed(self, data: bytes, called: str, depth: int) -> list[str]:
        """Search what bytes hold in packed form."""
        if depth > DEEPEST:
            return []
        found = []
        with contextlib.suppress(zipfile.BadZipFile, OSError, ValueError):
            if zipfile.is_zipfile(io.BytesIO(data)):
                found += self._of_zip(io.BytesIO(data), called, depth)
        for inside, content in _unpacked(data):
            name = f"{called}, {inside}"
            found += self._stream(io.BytesIO(content), name)
            found += self._packed(content, name, depth + 1)
        return found

    def _of_zip(self, source, called: str, depth: int) -> list[str]:
        found = []
        with zipfile.ZipFile(source) as archive:
            found += [f"{called}: {w}" for w in self.words(_decoded(archive.comment), False)]
            for info in archive.infolist():
                name = f"{called}, {info.filename}"
                found += [f"{name}: {word}" for word in self.words(info.filename, False)]
                with archive.open(info) as member:
                    found += self._stream(member, name)
                if info.file_size <= LARGEST:
                    found += self._packed(archive.read(info), name, depth + 1)
        return found


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is packed in some bytes in other ways than as a zip file."""
    for magic, opener in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ", lzma)):
        if data.startswith(magic):
            with contextlib.suppress(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                with opener.open(io.BytesIO(data)) as file:
                    yield "unpacked", file.read(LARGEST)
    if data[257:262] == b"ustar":
        with contextlib.suppress(tarfile.TarError, OSError, EOFError):
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for info in archive:
                    yield info.name, f"{info.uname} {info.gname}".encode()
                    if info.isfile():
                        yield info.name, archive.extractfile(info).read(LARGEST)
    if data.startswith(b"%PDF"):
        for found in re.finditer(rb"stream\r?\n", data):
            yield from _inflated("a stream of the PDF", data[found.end() :])
    if data.startswith(b"\x89PNG"):
        for found in re.finditer(rb"(?:zTXt|iTXt)[^\0]{1,79}\0[^x]{0,200}(?=x)", data):
            yield from _inflated("a text of the PNG", data[found.end() :])


def _inflated(called: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    with contextlib.suppress(zlib.error):
        yield called, zlib.decompressobj().decompress(data, LARGEST)


def _places(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + 1)


def _readings(data: bytes, at: int, binary: bool) -> list[str]:
    """What bytes around a place may mean."""
    without = data.replace(b"\0", b"")  # letters of two bytes, of which one is nothing
    texts = [data.decode("utf-8", "replace"), without.decode("latin-1")]
    if not binary:
        return texts
    return texts + [data[at % 2 :].decode(f"utf-16-{end}", "replace") for end in ("le", "be")]


def _anchors_of(person: Person) -> set[str]:
    """Words of which one stands in every way to write a name."""
    family = person.family or person.name
    words = re.findall(r"\w+", family)
    return {max(words, key=len), "".join(words)} if words else set()


def _as_bytes(word: str) -> set[bytes]:
    """The bytes of a word in small letters, with and without accents."""
    spellings = {word, word.upper(), word.lower(), _plain(word), unicodedata.normalize("NFD", word)}
    encodings = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
    found = set()
    for spelling in spellings:
        for encoding in encodings:
            with contextlib.suppress(UnicodeEncodeError):
                # Of letters with two bytes those that both orders have.
                found.add(spelling.encode(encoding).strip(b"\0").lower())
    return found


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _plain(text: str) -> str:
    """A text without accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)) if apart != text else text


def _folded(text: str) -> str:
    return _plain(text).casefold()


def _patterns_of(person: Person) -> list[str]:
    """How a person's name is written: in either order, with initials, as the name of an account."""
    if not (person.family and person.given):
        return [rf"(?<!\w){_spaced(person.name)}(?!\w)"]
    family, givens = _spaced(person.family), re.findall(r"\w+", _folded(person.given))
    first, initial = re.escape(givens[0]), re.escape(givens[0][0])
    between = r"[\s._-]+(?:\w+\.?[\s._-]+){0,3}?"
    patterns = [
        rf"(?<!\w){first}{between}{family}(?!\w)",
        rf"(?<!\w){family}\s*,?\s+{first}(?!\w)",
        rf"(?<!\w){initial}\.[\s.]*(?:\w\.[\s.]*)*{family}(?!\w)",
        rf"(?<!\w){family}\s*,\s*{initial}(?:\.|(?!\w))",
    ]
    bare = re.sub(r"\W", "", _folded(person.family))
    accounts = {f"{givens[0][0]}{bare}", f"{bare}{givens[0][0]}", f"{givens[0]}{bare}"}
    accounts |= {f"{givens[0]}{dot}{bare}" for dot in "._-"}
    return patterns + [rf"(?<![a-z]){re.escape(a)}(?![a-z])" for a in accounts if len(a) > 4]


def _spaced(name: str) -> str:
    return r"[\s._-]+".join(re.escape(word) for word in re.findall(r"\w+", _folded(name)))


def _facts_of(root: Path, told: Publication) -> list[str]:
    """Other texts that tell who wrote the study, or on which machine."""
    found = {person.orcid for person in told.people}
    found |= {name for person in told.people for name, _ in person.affiliations}
    found |= {ror for person in told.people for _, ror in person.affiliations}
    found |= set(told.identifiers.values())
    found |= {one.identifier for one in told.relations if one.relation == "isSupplementTo"}
    found |= {grant.rpartition("::")[2] for grant in told.settings.get("grants", [])}
    found |= set(_mails(root)) | set(_repositories(root)) | {str(root)}
    home = str(Path.home())
    if len(Path(home).parts) > 2:  # not /root, which every container has
        found.add(home)
    host = platform.node()
    if len(host) > 5 and re.search(r"[\d.-]", host):  # `localhost` is everybody's
        found.add(host)
    return sorted(word for word in found if len(word) > 3)


def _mails(root: Path) -> Iterator[str]:
    """The addresses and names in the history, which are those of accounts."""
    with contextlib.suppress(*BROKEN, OSError):
        fields = load_yaml((root / "CITATION.cff").read_text("utf-8"))
        for one in (*(fields.get("authors") or []), *(fields.get("contact") or [])):
            yield from [str(one[key]) for key in ("email", "alias", "website") if one.get(key)]
    done = subprocess.run(
        ["git", "log", "--format=%ae%n%an%n%ce%n%cn"],
        cwd=root, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    for word in set(done.stdout.splitlines()):
        if "@" in word or len(word.split()) > 1:
            yield word


def _repositories(root: Path) -> Iterator[str]:
    """Where the repository stands on the web, by owner and name, and all else of this owner."""
    done = subprocess.run(
        ["git", "config", "--get-regexp", r"^remote\..*\.url$"],
        cwd=root, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    addresses = [line.partition(" ")[2] for line in done.stdout.splitlines()]
    with contextlib.suppress(*BROKEN, OSError):
        fields = load_yaml((root / "CITATION.cff").read_text("utf-8"))
        addresses += [
            str(fields[key]) for key in ("repository-code", "repository") if key in fields
        ]
    for address in addresses:
        if found := ADDRESS.search(address):
            host, owner, name = found.groups()
            yield from (f"{owner}/{name}", f"{host}/{owner}", f"{host}:{owner}")


def _pinned(folder: Path, names: list[str]) -> set[str]:
    """The sha256 that the locks name."""
    locks = [path for path in names if path.endswith(".lock")]
    text = "".join((folder / path).read_text("utf-8", "replace") for path in locks)
    return set(re.findall(r"sha256:([0-9a-f]{64})", text))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
