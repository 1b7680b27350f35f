"""Under which licence the code may be used."""

import hashlib
import re

from gold_standard.check.code import ASIDE, OTHERS
from gold_standard.check.prose import Prose, shortened
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence, Finding, failed, passed

CODE = (".py", ".ipynb", *OTHERS)
FILE = re.compile(r"(licen[sc]es?|copying|copyright|unlicense)([-_.][\w.-]+)?", re.IGNORECASE)
STATED = re.compile(
    r"\b(MIT|BSD(?:[ -]?\d-?clause)?|Apache(?:[- ]?(?:License)?,?[- ]?(?:version )?2(?:\.0)?)?|[AL]?GPL(?:[ -]?v?[23](?:\.0)?\S*)?|MPL(?:[- ]2\.0)?|CC[- ]?(?:BY|0)\S*|CC0|Creative Commons \S+|Unlicense|Artistic|EUPL|GNU (?:General|Lesser|Affero)[\w ]*|WTFPL|ISC|ODbL)\b[^\n]{0,40}\blicen[sc]e"
    r"|licen[sc]ed? (?:is )?(?:released |available |made available )?(?:under|:)[^\n]{0,60}\b(MIT|BSD|Apache|[AL]?GPL|MPL|CC[- ]|CC0|Creative Commons|GNU|Unlicense|Artistic|EUPL|CeCILL)"
    r"|\b(?:released|distributed|available|provided|published|under)\b[^\n]{0,40}\b(MIT|BSD|Apache(?:-2\.0| 2)?|GPL\S*|GNU|CC[- ]BY\S*)\b"
    r"|img\.shields\.io/(?:badge|github)/licen[sc]e[^)\s]*"
    r"|licen[sc]e[-:_ ]{1,3}(MIT|BSD|Apache|[AL]?GPL|MPL|CC)\b",
    re.IGNORECASE,
)
TERMS = re.compile(r"\b(permission|permitted|granted?|redistribut|may (?:use|not)|non-?commercial|commercial use|terms|rights)\b", re.IGNORECASE)  # fmt: skip
# What a short line has to say so that it is one.
GRANTS = re.compile(r"^(?!.*\b(?:reserved|will be|no rights|see)\b).*\b(?:permi(?:ssion|tted)|granted|may use|usage|free(?:ly)?|commercial use)\b", re.IGNORECASE)  # fmt: skip
ONLY_CITE = re.compile(r"\bcit(?:e|ing|ation)\b", re.IGNORECASE)


def judge(tree: Tree, prose: Prose) -> Finding:
    """A licence for the code: a file whose text is one, else a statement that names one."""
    seen: list[Evidence] = []
    partial: list[Evidence] = []
    files = _files(tree)
    for path in files:
        finding = _file(tree, path)
        if finding.verdict == "pass":
            if _covers(tree, path):
                return finding
            partial += finding.evidence
        else:
            seen += finding.evidence
    # Who opens the file finds none: what other files call it does not make up for that.
    hollow = [e for e in seen if re.fullmatch(r"(licen[sc]e|copying)(\.(md|txt|rst))?", e.path or "", re.I)]  # fmt: skip
    if hollow or (hollow := _promised(tree)):
        return failed("A licence file is spoken of, but nobody finds a licence in it.", *hollow)
    for line in prose.lines:
        if STATED.search(line.text) and not re.search(
            r"data-?set|\bdata\b is|images are", line.lower
        ):
            return passed("The README names a licence.", line.says(), *seen)
    for path, key in (("pyproject.toml", "license"), ("setup.py", "license"), ("setup.cfg", "license"), ("package.json", "license"), ("DESCRIPTION", "License"), ("CITATION.cff", "license")):  # fmt: skip
        for number, line in enumerate(tree.lines(path), start=1):
            if "License ::" in line and path in ("setup.py", "pyproject.toml", "setup.cfg"):
                return passed(
                    "The metadata name a licence.", Evidence(shortened(line), path, number)
                )
            stated = re.match(rf"\s*\"?{key}\"?\s*[=:]\s*(.+)", line)
            if stated and re.search(r"MIT|BSD|Apache|GPL|MPL|CC-|CC0|Unlicense|ISC|EUPL|Artistic", stated[1]):  # fmt: skip
                return passed(
                    "The metadata name a licence.", Evidence(shortened(line), path, number)
                )
    for line in prose.under(r"licen[sc]|agreement|terms of use"):
        if AGREEMENT.search(line.text):
            words = " ".join(x.text for x in prose.lines if x.heading == line.heading)
            of_code = re.search(r"software|\bcode\b|program", words, re.I)
            of_data = re.search(r"\bdata", line.heading.rpartition(" > ")[2])
            if len(words.split()) > 100 and TERMS.search(words) and of_code and not of_data:
                return passed("The README has the text of an agreement.", line.says(), *seen)
    for line in prose.under(r"licen[sc]e"):
        short = len(line.text) <= 60
        if short and (len(line.text) <= 25 or not GRANTS.search(line.text)):
            continue
        if TERMS.search(line.text) and not ONLY_CITE.search(line.text):
            return passed("The README says how the code may be used.", line.says(), *seen)
    if seen:
        return failed("A licence file is there, but its text is no licence.", *seen)
    if partial:
        return failed("The licence is of one folder, and other code lies elsewhere.", *partial)
    return failed("There is no licence: by law nobody else may use the code.")


AGREEMENT = re.compile(r"\b(?:licen[sc]e|use|software|academic|research)\b[^.]{0,40}\bagreement\b|\bterms and conditions\b|\byou agree\b", re.IGNORECASE)  # fmt: skip


def _covers(tree: Tree, path: str) -> bool:
    """Whether a licence is for all of the code: it lies at the top, or beside all that there is."""
    folder = path.rpartition("/")[0]
    if not folder or re.fullmatch(r"licen[sc]es?|legal", folder, re.IGNORECASE):
        return True
    code = [p for p in tree.ending(*CODE) if not ASIDE.search(p) and not p.startswith(tree.foreign)]
    return all(p.startswith(f"{folder}/") for p in code)


def _promised(tree: Tree) -> list[Evidence]:
    """Licence files that pyproject.toml lists and that are not there."""
    found = []
    for number, line in enumerate(tree.lines("pyproject.toml"), start=1):
        listed = re.match(r"\s*license-files\s*=\s*\[(.*)\]", line)
        for name in re.findall(r"[\"']([\w./-]+)[\"']", listed[1]) if listed else ():
            if not tree.has(name):
                found.append(Evidence(f"names {name}, which is not here", "pyproject.toml", number))
    return found


def _files(tree: Tree) -> list[str]:
    found = [p for p in tree.paths if p.count("/") <= 2 and FILE.fullmatch(p.rpartition("/")[2])]
    found = [p for p in found if not p.startswith(tree.foreign)]
    found = [p for p in found if not re.search(r"third_?party|vendor|external|fonts?/", p, re.I)]
    return sorted(found, key=lambda p: (p.count("/"), len(p)))[:8]


# sha256 of the usual texts, as `body` leaves them: these need no classifier, which takes a while.
USUAL = {
    "56959050891f7b737ac4e803051170c7197f02df73d80bd9a78d968e305bf558": "MIT",
    "e67a28b98bc45809b4963df778c62512492386503bfb2d148039abcf2d3525a7": "BSD-3-Clause",
    "948703bcf1cb4a2dafd21676dd01e40a58fe21bd9b425c000b9070eccb441092": "Apache-2.0",
    "f4293c73fd6c9a39d3e6171ac7098fbc2374ef16751cca0812a5d5ca68f01ed5": "GPL-3.0",
}


def body(text: str) -> str:
    """A licence's words without its title, its copyright line and its line ends."""
    lines = [line for line in text.splitlines() if not re.match(r"\s*(copyright (\(c\)|©|\d)|all rights|(the )?mit license|bsd 3-clause)", line, re.I)]  # fmt: skip
    return " ".join(" ".join(lines).lower().split())


def _file(tree: Tree, path: str) -> Finding:
    text = tree.text(path)[:100_000]
    if not text.strip():
        return failed("It is empty.", Evidence("it holds no text", path))
    usual = USUAL.get(hashlib.sha256(body(text).encode()).hexdigest())
    if usual:
        return passed(f"The licence is {usual}.", Evidence(f"the text of {usual}", path, 1))
    from licenseclassifier import identify_license

    try:
        found = identify_license(text, coverage_threshold=60.0)
    except (ValueError, RuntimeError, RecursionError):  # the engine met what it does not know
        found = []
    if found:
        return passed(
            f"The licence is {found[0].id}.", Evidence(f"the text of {found[0].id}", path, 1)
        )
    whole = _is_whole(text)
    if whole:
        return passed(f"The licence is {whole}.", Evidence(f"the text of {whole}", path, 1))
    begun = _begins_known(text)
    words = len(text.split())
    if begun and words > 20:
        return failed("Cut.", Evidence(f"begins like {begun}, but the text is not whole", path, 1))
    stated = STATED.search(text) or re.search(r"creativecommons\.org/licenses/[\w-]+", text)
    if stated and words < 400:
        return passed("The file names a licence.", Evidence(shortened(stated[0]), path, 1))
    if re.search(r"\b(free|freely|available|used?|permitted|licen[sc]ed?)\b[^.]{0,300}\b(non-?commercial|academic|research|any) (use|purpose|application)", text, re.I):  # fmt: skip
        return passed("The file states terms of its own.", Evidence(shortened(text), path, 1))
    if words >= 60 and TERMS.search(text):
        return passed("The file states terms of its own.", Evidence("terms of its own", path, 1))
    return failed(
        "No licence.", Evidence(f"says {shortened(text, 60)!r}: that is no licence", path, 1)
    )


def _begins_known(text: str) -> str | None:
    """The licence that a text begins like, where the classifier did not know the whole."""
    known = {
        "MIT": "permission is hereby granted, free of charge, to any person obtaining a copy",
        "BSD": "redistribution and use in source and binary forms, with or without modification",
        "Apache-2.0": "terms and conditions for use, reproduction, and distribution",
        "GPL": "everyone is permitted to copy and distribute verbatim copies",
    }
    plain = " ".join(text.lower().split())
    return next((name for name, start in known.items() if start in plain), None)


def _is_whole(text: str) -> str | None:
    """The licence of which a text has beginning and end, among other words or in Markdown."""
    ends = {
        "MIT": "other dealings in the software", "BSD": "possibility of such damage",
        "Apache-2.0": "limitations under the license", "GPL": "end of terms and conditions",
    }  # fmt: skip
    plain = " ".join(re.sub(r"[>*_#]", " ", text).lower().split())
    begun = _begins_known(plain)
    return begun if begun and ends[begun] in plain else None
