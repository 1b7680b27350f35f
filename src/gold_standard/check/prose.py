"""What a repository says in words: README and other documents, their sections, links and paths."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath

from gold_standard.check.tree import Tree, normal
from gold_standard.check.verdicts import Evidence

DOCUMENTS = (".md", ".rst", ".txt", ".markdown", ".mdown", ".org", ".adoc", "")
HEADING = re.compile(r"^\s{0,3}(#{1,6})\s*(.+?)\s*#*\s*$")
HTML_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.IGNORECASE)
UNDERLINE = re.compile(r"^\s{0,3}(=|-|~|\^|\*)\1{2,}\s*$")
# Without going back (`++`), so that no line takes longer than it is long times its brackets.
LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])*+)\]\(\s*+<?+([^)\s>]++)(?:[>\s][^)\n]*+)?+\)")
BY_NAME = re.compile(
    r"\[([^\[\]\n]{1,200})\]\[([^\[\]\n]{0,80})\]"
)  # [label][name]; the name may lack
NAMED_ADDRESS = re.compile(r"\s{0,3}\[([^\[\]\n]{1,80})\]:\s*<?(\S+?)>?(?:\s|$)")
HTML_LINK = re.compile(
    r"<a\s[^<>]{0,200}?href\s*=\s*[\"']?([^\"'\s<>]{1,500}+)[^<>]{0,200}>([^<]{0,200})</a>", re.I
)
# The same in reStructuredText: `label`_ or label_, and `.. _label: address`.
RST_BY_NAME = re.compile(r"`([^`<>\n]{1,200})`_(?!_)|(?<![\w`./-])(\w[\w-]{0,80})_(?![\w`])")
RST_NAMED = re.compile(r"\s{0,3}\.\. _`?([^`:\n]{1,200})`?:\s+(\S+)")
RST_LINK = re.compile(r"`([^`<]+)<([^>`]+)>`_")
MOST_LINKS = 3000  # each is judged by the words around it, which takes a millisecond
ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>()\"'`\]}|\\]+|(?<![\w@./-])www\.[^\s<>()\"'`\]}|]+")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass
class Line:
    """One line of a document, with the headings above it."""

    path: str
    number: int | None  # none in a notebook
    text: str
    heading: str  # the headings above, outermost first, in lower case
    code: bool  # inside a code block
    paragraph: str = ""  # the lines that it stands among
    begins: bool = False  # the first of a paragraph of several lines

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    def says(self, note: str | None = None) -> Evidence:
        """This line as evidence."""
        return Evidence(note or shortened(self.text), self.path, self.number)


@dataclass(frozen=True)
class Link:
    """One address, with what is said around it."""

    address: str
    label: str
    line: Line


@dataclass
class Prose:
    """All documents of a repository, the README first."""

    readme: str | None
    lines: list[Line]  # of the README
    others: list[Line]  # of further documents
    links: list[Link] = field(default_factory=list)

    @cached_property
    def all(self) -> list[Line]:
        return [*self.lines, *self.others]

    @cached_property
    def text(self) -> str:
        """The README's text."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def words(self) -> int:
        """How many words the README has, without code and addresses."""
        plain = " ".join(line.text for line in self.lines if not line.code)
        return len(re.findall(r"[A-Za-z]{2,}", ADDRESS.sub("", plain)))

    def find(self, pattern: str, also_others: bool = False) -> list[Line]:
        """Lines whose text fits, upper and lower case alike."""
        fits = re.compile(pattern, re.IGNORECASE).search
        return [line for line in (self.all if also_others else self.lines) if fits(line.text)]

    def under(self, pattern: str) -> list[Line]:
        """Lines below a heading that fits."""
        fits = re.compile(pattern, re.IGNORECASE).search
        return [line for line in self.lines if fits(line.heading)]


def read(tree: Tree) -> Prose:
    """Read the README at the top, else the nearest one, and the other documents."""
    named = re.compile(r"read_?me(\.\w+)?", re.IGNORECASE).fullmatch
    readmes = [path for path in tree.paths if named(path.rpartition("/")[2])]
    readmes = [
        p
        for p in readmes
        if tree.text(p).strip() and not p.lower().endswith((".py", ".pdf", ".docx"))
    ]
    readmes.sort(key=lambda p: (p.count("/"), not p.lower().endswith((".md", ".rst")), p))
    nested = readmes and readmes[0].count("/") == 1 and len(readmes) == 1
    top = readmes[0] if readmes and ("/" not in readmes[0] or nested) else None
    lines = _lines(top, tree.text(top)) if top else []
    others: list[Line] = []
    for path in tree.paths:
        copied = path.startswith(tree.foreign)
        if path != top and not copied and _is_document(path) and len(others) < 20_000:
            others += _lines(path, tree.text(path))
    for document in (lines, others):
        _paragraphs(document)
    prose = Prose(top, lines, others)
    links = (link for part in (lines, others) for link in _of_document(part))
    prose.links = list(itertools.islice(links, MOST_LINKS))
    return prose


def _paragraphs(lines: list[Line]) -> None:
    """Tell every line which lines around it belong to the same paragraph or list item."""
    block: list[Line] = []
    for line in [*lines, None]:
        ends = line is None or not line.text.strip() or line.code or re.match(r"\s*([-*+]|\d+[.)])\s|\s*#|\s*\|", line.text)  # fmt: skip
        if ends or block and line.path != block[-1].path:
            text = " ".join(one.text.strip() for one in block)[:3000]
            for one in block:
                one.paragraph = text
            if len(block) > 1:
                block[0].begins = True
            block = []
        if line is not None and line.text.strip() and not line.code:
            block.append(line)


# How the paths of documents end; a quick look at the end spares most files the rest.
DOCUMENTS = (".rmd", ".md", ".rst", ".markdown", ".txt", "readme", "read_me", "install", "installation", "usage", "data", "data_access", "dataaccess", "citation")  # fmt: skip


def _is_document(path: str) -> bool:
    if not path.lower().endswith(DOCUMENTS):
        return False
    pure = PurePosixPath(path.lower())
    if pure.suffix == ".rmd" and "vignettes" in pure.parts:
        return True  # R's name for a manual
    if pure.suffix not in (".md", ".rst", ".markdown"):
        return bool(re.fullmatch(r"(read_?me|install(ation)?|usage|data|data_?access|citation)(\.txt)?", pure.name))  # fmt: skip
    outside = {
        "record",
        "third_party",
        "thirdparty",
        "vendor",
        "external",
        "node_modules",
        "certificates",
        ".github",
        ".gitlab",
    }
    return not outside & set(pure.parts) and pure.name not in ("changelog.md", "contributing.md", "code_of_conduct.md", "standards-report.md")  # fmt: skip


def _lines(path: str, text: str) -> list[Line]:
    """The lines of Markdown or reStructuredText with their headings."""
    found: list[Line] = []
    headings: list[tuple[int, str]] = []
    fence, indented, previous = "", False, ""
    text = without_comments(text)
    for number, raw in enumerate(text.splitlines(), start=1):
        if number > 5000:
            break
        raw = raw[:4000]
        bare = raw.strip()
        if not fence and (whole := re.fullmatch(r"\s*```+\s*([^`\n]+?)\s*```+\s*", raw)):
            found.append(Line(path, number, whole[1], _above(headings), True))
            previous = ""
            continue
        opened = re.match(r"\s*(```+(?=[^`]*$)|~~~+)", raw)
        if opened:
            if not fence:
                fence = opened[1][:3]
            elif bare.startswith(fence):
                fence = ""
            found.append(Line(path, number, "", _above(headings), True))
            previous = ""
            continue
        heading = None if fence else HEADING.match(raw) or HTML_HEADING.search(raw)
        if heading:
            level = len(heading[1]) if heading[1][0] == "#" else int(heading[1])
            _push(headings, level, plain(heading[2]))
        elif not fence and UNDERLINE.match(raw) and previous and len(previous) < 120:
            _push(headings, 1 if bare[0] == "=" else 2, plain(previous))
        elif not fence and _bold_heading(bare):
            _push(headings, 6, plain(bare))
        indented = raw.startswith(("    ", "\t")) and not re.match(r"[-*+]|\d+[.)]", bare)
        found.append(Line(path, number, raw, _above(headings), bool(fence) or (indented and not previous) or (indented and bool(found) and found[-1].code)))  # fmt: skip
        previous = bare
    return found


def without_comments(text: str) -> str:
    """The text without HTML comments; the numbers of the lines stay."""
    parts, start = [], 0
    while (begin := text.find("<!--", start)) >= 0 and (end := text.find("-->", begin)) >= 0:
        parts += [text[start:begin], "\n" * text.count("\n", begin, end)]
        start = end + 3
    return "".join(parts) + text[start:]


def _bold_heading(bare: str) -> bool:
    return bool(re.fullmatch(r"(\*\*|__)[^*_]{3,60}(\*\*|__):?", bare))


def _push(headings: list[tuple[int, str]], level: int, text: str) -> None:
    while headings and headings[-1][0] >= level:
        headings.pop()
    headings.append((level, text.lower()))


def _above(headings: list[tuple[int, str]]) -> str:
    return " > ".join(text for _, text in headings)


def _of_document(lines: list[Line]) -> Iterator[Link]:
    """The links of the lines; those that only name their address get it from where it stands."""
    addresses = {
        (line.path, found[1].lower()): found[2]
        for line in lines
        if (found := NAMED_ADDRESS.match(line.text) or RST_NAMED.match(line.text))
    }
    for line in lines:
        yield from _links(line)
        for label, name in BY_NAME.findall(line.text) if addresses else ():
            if address := addresses.get((line.path, (name or label).lower())):
                yield Link(address, plain(label), line)
        if addresses and line.path.lower().endswith(".rst"):
            for quoted, word in RST_BY_NAME.findall(line.text):
                if address := addresses.get((line.path, (quoted or word).lower())):
                    yield Link(address, quoted or word, line)


def _links(line: Line) -> list[Link]:
    links, taken = [], set()
    html = [(label, address) for address, label in HTML_LINK.findall(line.text)]
    for label, address in [*LINK.findall(line.text), *RST_LINK.findall(line.text), *html]:
        links.append(Link(address.strip(), plain(label), line))
        taken.add(address.strip().rstrip("/"))
    for address in ADDRESS.findall(line.text):
        address = address.rstrip(".,;:!?*_")
        if address.rstrip("/") not in taken:
            links.append(Link(address, "", line))
    return links


def plain(text: str) -> str:
    """Text without Markdown's and HTML's signs."""
    text = re.sub(r"<[^>]*>|!\[[^\]]*\]\([^)]*\)", " ", text)
    text = LINK.sub(r"\1", text)
    return re.sub(r"[*_`#]+", "", text).strip()


def shortened(text: str, most: int = 110) -> str:
    """One line of text, cut at a length that reports can print."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


NAMED = re.compile(r"(?<![\w/.:@-])((?:\./)?(?:[\w.-]+/)*[\w.-]+\.(?:py|ipynb|sh|r|R|Rmd|m|jl|ya?ml|txt|cfg|toml|json|smk|nf))(?![\w/])")  # fmt: skip
RUN = re.compile(r"(?:^|[\s;&|(`$])(?:python[\d.]*|bash|sh|Rscript|jupyter\s+\S+|source|snakemake\s+-s|\./)\s*(?:-[um]\s+)?([\w./-]+\.(?:py|sh|R|r|ipynb))(?![\w/])")  # fmt: skip


def named_files(prose: Prose) -> list[tuple[str, Line]]:
    """The files of the repository that its README tells people to run or to open."""
    found: list[tuple[str, Line]] = []
    for line in prose.lines:
        text = ADDRESS.sub(" ", line.text)
        found += [(normal(path), line) for path in RUN.findall(text)]
        for _, address in LINK.findall(line.text):
            if not re.match(r"[a-z]+:|#|//|www\.", address, re.I) and "." in address:
                found.append((normal(address.split("#")[0].lstrip("/")), line))
    return found


def is_there(tree: Tree, path: str) -> bool:
    """Whether a named file exists, here or in some folder (people change folders before a command)."""
    path = normal(re.sub(r"^(\.\./)+|^/+", "", path))
    if tree.has(path):
        return True
    return path.lower() in tree.ends


def of_notebook(path: str, text: str) -> list[Line]:
    """What a notebook says between its code, and its code as the code of a document."""
    try:
        cells = json.loads(text)["cells"]
        parts = []
        for cell in cells[:500]:
            source = "".join(cell["source"])
            parts.append(source if cell["cell_type"] == "markdown" else f"```\n{source}\n```")
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [replace(line, number=None) for line in _lines(path, "\n\n".join(parts))]
