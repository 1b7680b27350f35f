"""Packages and versions that a README lists in words."""

import re
from dataclasses import dataclass

from gold_standard.check.dependencies.asked import LONGEST_LINE, MOST_README, Package
from gold_standard.check.dependencies.commands import installs
from gold_standard.check.dependencies.files import Page
from gold_standard.check.dependencies.packages import is_version
from gold_standard.check.distributions import KNOWN, WORDS, canonical


@dataclass(frozen=True)
class ReadmeLine:
    """One line of a README: the text without marks, whether it is code, and its heading."""

    number: int
    raw: str
    text: str
    code: bool
    heading: str
    section: int


REQUIRING = re.compile(
    r"requirement|dependenc|prerequisite|install|environment|set[ -]?up|getting started|"
    r"packages|librar|preparation|software|quick ?start|\benv\b",
    re.IGNORECASE,
)
COMMAND_START = re.compile(
    r"(?:[$>!%]\s*)?(?:sudo\s+)?(?:pip[\d.]*\s+install|python[\d.]*\s+-m\s+pip|python[\d.]*\s+setup\.py|"  # noqa: E501
    r"(?:conda|mamba|micromamba)\s+(?:env|create|install)|apt(?:-get)?\s+install|brew\s+install|"
    r"git\s+clone|poetry\s+install|uv\s+(?:sync|pip)|pixi\s+install|pipenv\s+install|docker\s+\w+\s|"  # noqa: E501
    r"install\.packages|Rscript\s|BiocManager::|devtools::|renv::restore)"
)


MOST_LINES = 5000  # nobody reads more of a README


def readme_lines(text: str) -> list[ReadmeLine]:
    """The lines of a README (Markdown, reStructuredText or plain) with what they are."""
    text = _without_comments(text[:MOST_README])
    found: list[ReadmeLine] = []
    fence, heading, section = "", "", 0
    lines = text.splitlines()[:MOST_LINES]
    for number, raw in enumerate(lines, 1):
        raw = raw[:LONGEST_LINE]
        mark = re.match(r"\s*(?:[-*+>]\s+)?(`{3,}|~{3,})", raw)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            continue
        following = lines[number] if number < len(lines) else ""
        if not fence and (title := _heading(raw, following)):
            heading, section = title, section + 1
        code = bool(fence) or bool(COMMAND_START.match(_plain(raw)))
        found.append(ReadmeLine(number, raw, _plain(raw), code, heading, section))
    return found


def _without_comments(text: str) -> str:
    """The text without HTML comments; the numbers of the lines stay."""
    parts, start = [], 0
    while (begin := text.find("<!--", start)) >= 0 and (end := text.find("-->", begin)) >= 0:
        parts += [text[start:begin], "\n" * text.count("\n", begin, end)]
        start = end + 3
    return "".join(parts) + text[start:]


def _heading(raw: str, following: str) -> str:
    raw = raw[:300].rstrip()
    if match := re.match(r"\s{0,3}#{1,6}(?!#)(.+)", raw):
        return _plain(match[1].strip(" #"))
    if match := re.fullmatch(r"\s*<h\d[^>]*>(.*?)</h\d>\s*", raw):
        return _plain(match[1])
    bold = re.fullmatch(r"\s*(?:\*\*|__)(.{3,60}?)(?:\*\*|__):?\s*", raw)
    if bold or (re.fullmatch(r"\s*[A-Z][\w /&-]{2,40}:\s*", raw) and REQUIRING.search(raw)):
        return _plain(bold[1] if bold else raw.strip().rstrip(":"))
    if raw.strip() and re.fullmatch(r"\s*([=\-~^*#])\1{2,}\s*", following) and len(raw) < 100:
        return _plain(raw)
    return ""


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]{0,300})\]\([^)]{0,500}\)", r"\1", text)
    text = re.sub(r"`([^`<]{0,200})<[^>]{0,300}>`_+", r"\1", text)
    text = re.sub(r"</?\w{1,20}[^>]{0,300}>", " ", text)
    text = " ".join(re.sub(r"\*\*|__|``|`|&nbsp;", "", text.replace("|", " ")).split())
    return re.sub(r"^\s*(?:[-*+•>]\s+|\d+[.)]\s+)+", "", text).strip()


SPELLINGS = (
    (r"\bsci-?kit[ -_]?learn\b", "scikit-learn"),
    (r"\bsci-?kit[ -_]?image\b", "scikit-image"),
    (r"\bpy ?torch[ -_]lightning\b", "pytorch-lightning"),
    (r"\b(?:py)?torch[ -_]geometric\b", "torch-geometric"),
    (r"\bsimple ?itk\b", "simpleitk"),
    (r"\btensor ?flow[ -_](?:gpu|cpu)\b", "tensorflow"),
    (r"\btensor flow\b", "tensorflow"),
    (r"\bopen ?cv2?(?:[ -]python)?\b", "opencv-python"),
    (r"\bsegmentation[ _]models[ _]pytorch\b", "segmentation-models-pytorch"),
)
MENTION = re.compile(
    r"(?<![\w/.@-])([A-Za-z][\w.-]{0,60}?)[\s,:(=]{0,6}?(?:version|ver\.?)?\s?"
    r"(={0,3}|[<>]=?|~=|≥|≤|\^|~)[\s(:]{0,4}v?(\d+(?:\.(?:\d+|x|\*))*(?:(?:a|b|rc)\d+|\.post\d+)?(?:\+cu\w+|\+cpu)?)(?![\w/])(?=(.{0,24}))",  # noqa: E501
    re.IGNORECASE,
)
FROM_ON = re.compile(
    r"\s*\)?\s*(?:\+|or (?:later|higher|above|newer|greater|up|more)|and (?:later|above|higher|up)|"
    r"(?:above|later|higher|newer)\b|[-–~]\s*\d|to \d|or \d|/\s*\d|,\s*<)",
    re.IGNORECASE,
)  # fmt: skip


def read_readme(page: Page) -> None:
    for line in readme_lines(page.text):
        wanted = bool(REQUIRING.search(line.heading))
        commands = commands_in(line)
        for command in commands:
            page.shell([(line.number, command)])
        if not any(installs(command) for command in commands):
            _mentions(page, line, wanted)


def _mentions(page: Page, line: ReadmeLine, wanted: bool) -> None:
    """Packages named in a line of prose or a list, with a version or, under a heading, without."""
    text = line.text
    for pattern, name in SPELLINGS:
        text = re.sub(pattern, name, text, flags=re.IGNORECASE)
    if release := MATLAB.search(text):
        page.add(Package("matlab", release[1], not FROM_ON.match(release[2])), line.number)
    seen = set()
    for name, sign, version, after in MENTION.findall(text):
        plain = canonical(name)
        known = plain in KNOWN or plain in ("python", "r-base")
        first = text.lower().startswith(name.lower())
        if known or "==" in sign or (wanted and first and len(text) < 60 and "." in version):
            loose = sign in ("<", ">", "<=", ">=", "~=", "≥", "≤", "^", "~") or FROM_ON.match(
                after[:200]
            )
            loose = loose or re.search(
                r"(?:at least|minimum|greater than|or higher)", text, re.IGNORECASE
            )
            exact = not loose and is_version(version, "==" in sign)
            page.add(Package(plain, f"{sign}{version}", exact), line.number)
            seen.add(plain)
    if wanted and (line.code or len(text) < 90) and not line.raw.lstrip().startswith("#"):
        for name in _names(text) - seen:
            page.add(Package(name, "", False), line.number)


# A release is one version; toolboxes come with it.
MATLAB = re.compile(r"\bmatlab\W{0,3}(?:\(?(?:version|release|ver\.?) ?)?(r?20\d\d[ab])\b(.{0,24})", re.I)  # fmt: skip


def _names(text: str) -> set[str]:
    """Known packages that make up a short line; a sentence that happens to name one gives none."""
    words = [canonical(word) for word in re.findall(r"[A-Za-z][\w.-]*", text)]
    found = [word for word in words if word in KNOWN and word not in WORDS]
    return set(found) if found and 2 * len(found) >= len(words) - 2 else set()


def commands_in(line: ReadmeLine) -> list[str]:
    """The commands in one line: a line of code, code within a sentence, or a bare `pip install`."""
    if line.code or line.raw.lstrip().startswith("$ "):
        return [re.sub(r"^(?:\([\w.-]+\)\s*)?[$>!%]\s*|^\([\w.-]+\)\s+", "", line.text.strip())]
    inline = re.findall(r"`+([^`]+)`+|<code>(.*?)</code>", line.raw)
    if inline:
        return [(one or two).strip().lstrip("$!%> ") for one, two in inline]
    bare = re.search(
        r"\b(?:pip[\d.]*\s+install|conda\s+(?:env\s+create|install|create))\s+[^.!?;]*(?:\.[a-z]\w*|==[\d.]+)?[^.!?;,]*",  # noqa: E501
        line.text,
    )
    if not bare:
        return []
    first = re.sub(r"^\S+\s+(?:env\s+)?\S+\s+", "", bare[0]).split()
    if first and (first[0].startswith("-") or canonical(re.split(r"[=<>]", first[0])[0]) in KNOWN):
        return [bare[0]]
    return []
