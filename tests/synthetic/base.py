"""What a synthetic repository is: its files, its fifteen right verdicts, and where these rest."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from gold_standard.check import judge
from gold_standard.check.tree import Tree

IDS = (
    "heil.data", "heil.models", "heil.code", "heil.dependencies", "heil.details",
    "heil.deterministic", "heil.single-command", "midl.dependencies", "midl.training",
    "midl.evaluation", "midl.model", "midl.documentation", "midl.license", "midl.public-data",
    "midl.repeatable",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
MIT = (
    (ROOT / "licenses/MIT.txt")
    .read_text(encoding="utf-8")
    .replace("{{ author_name }}", "the authors")
)  # noqa: E501
WEIGHTS = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + bytes(range(256)) * 40
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 94371840\n"
)


@dataclass(frozen=True)
class Repository:
    """`passes` and `unknown` name ids; every other id fails.

    `evidence`: id -> the path and line on which the verdict must rest (line None: anywhere).
    """

    files: dict[str, str | bytes]
    passes: str = ""
    unknown: str = ""
    evidence: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def verdicts(self) -> dict[str, str]:
        """The fifteen right verdicts."""
        passes, unknown = set(self.passes.split()), set(self.unknown.split())
        assert passes | unknown <= set(IDS), f"no such id: {passes | unknown - set(IDS)}"
        assert not passes & unknown
        met = dict.fromkeys(passes, "pass") | dict.fromkeys(unknown, "unknown")
        return {id: met.get(id, "fail") for id in IDS}


class Files(Tree):
    """A tree from a dictionary of paths and contents, with nothing on the disk."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        super().__init__({path: len(content) for path, content in files.items()}, {})

    def head(self, path: str, most: int) -> bytes:
        return self.files[path][:most]


def files_of(files: dict[str, str | bytes]) -> dict[str, bytes]:
    """The files as bytes; text loses the indentation that it has in its module."""
    return {
        p: c if isinstance(c, bytes) else dedent(c).lstrip("\n").encode() for p, c in files.items()
    }  # noqa: E501


def report_on(files: dict[str, str | bytes], study=None) -> dict:
    """The report on a repository of these files."""
    return judge.report(Files(files_of(files)), "synthetic", study)


def write(files: dict[str, str | bytes], folder: Path) -> Path:
    """The files on the disk, below a folder."""
    for path, content in files_of(files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
