"""Links and identifiers, and what each is an identifier of: code, data, model or paper."""

import re
from dataclasses import dataclass, replace

from gold_standard.check.prose import Line, Link, Prose
from gold_standard.check.verdicts import Evidence

DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>\]}|,;]*[^\s\"'<>\]}|,;.)]", re.IGNORECASE)
SWHID = re.compile(r"\bswh:1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}", re.IGNORECASE)
ZENODO = re.compile(r"zenodo\.org/(?:badge/(?:latestdoi/|DOI/)?|records?/|doi/|deposit/|badge/)?([\w./-]*)", re.IGNORECASE)  # fmt: skip
# DOI prefixes of archives that keep what they are given, and addresses of such archives.
ARCHIVES = re.compile(
    r"10\.5281/zenodo|10\.6084/m9\.figshare|10\.17605/osf|10\.5061/dryad|10\.24433/co|10\.17632/"
    r"|10\.7910/dvn|10\.25378/|10\.25452/figshare|10\.18150|10\.11588/data|10\.34740|10\.57967/hf"
    r"|10\.18119|10\.13026|10\.7937|10\.21227|10\.26180|10\.5255|10\.34691|10\.24432|10\.15139|10\.4121"
    # HydroShare, RADAR, KIT, TIB, Göttingen, 4TU, DANS, B2SHARE, Jülich, Rossendorf, Edmond,
    # Edinburgh, London, Bristol, Lyngby, Sweden, Pasadena, Pittsburgh, Illinois, Borealis, FRDR,
    # Science Data Bank, PANGAEA, G-Node, OpenNeuro, EMBL-EBI, materials.
    r"|\b10\.(?:4211/hs|22000|35097|25835|25625|17026|23728|23708|26165|14278|17617|7488|5522|5523|11583"
    r"|17044|5878|22002|1184|13012|5683|20383|11922|57760|1594/pangaea|12751|18112|6019|17867|24435|18126|17172"
    r"|26188|57745|15454|18710|18434|11578|15485|7303/syn)[/.]"
    # Institutes that register theses and papers as well, by what their data begin with: Stuttgart,
    # Loughborough, Sheffield, Ann Arbor (where a number alone is of a paper).
    r"|\b10\.(?:18419/darus-|17028/rd\.|15131/shef\.data|7302/(?!\d+(?![\w-])))"
    r"|hydroshare\.org/resource|doi\.pangaea\.de|ieee-dataport\.org/(?:documents|open-access)|physionet\.org/content"
    r"|neurovault\.org/collections|doi\.gin\.g-node\.org|openneuro\.org/datasets|b2share\.eudat\.eu/records|data\.4tu\.nl/(?:articles|datasets)"
    r"|data\.caltech\.edu/records|darus\.uni-stuttgart\.de|radar-service\.eu|archive\.materialscloud\.org/record|scidb\.cn|kilthub\.cmu\.edu"
    r"|zenodo\.org/(?:records?|badge|doi|latestdoi|deposit)|figshare\.com/(?:articles|s/|projects|collections|files|ndownloader)"
    r"|osf\.io/\w{5}|datadryad\.org|codeocean\.com/capsule|data\.mendeley\.com|dataverse|swh:1:"
    r"|archive\.softwareheritage\.org/swh",
    re.IGNORECASE,
)
# Archives that keep next to nothing but data.
DATA_ONLY = re.compile(r"10\.24432/|10\.7937/|10\.21227/|10\.5061/dryad|datadryad\.org|10\.13026/|physionet\.org|10\.18112/|openneuro\.org|neurovault\.org|pangaea|10\.6019/|10\.17867/|ieee-dataport", re.IGNORECASE)  # fmt: skip
ZOOS = re.compile(
    r"kipoi\.org|sfaira|bioimage\.io|modelzoo\.co|huggingface\.co/(?!datasets|spaces|docs|papers|blog|join)[\w.-]+/[\w.-]+"
    r"|tfhub\.dev|hf\.co/(?!datasets|spaces)[\w.-]+/|ngc\.nvidia\.com|modelscope\.cn/models"
    r"|monai\.io/model-zoo|synapse\.org|kaggle\.com/(?:models|m)/|pytorch\.org/hub/|ebi\.ac\.uk/biomodels|ersilia\.io",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"x{3,}|<[^>]*>|your[-_ ]|\btodo\b|10\.5281/zenodo\.1234(?:5|56)?$|1234567|0000000|/zenodo\.?$|insert|placeholder", re.IGNORECASE)  # fmt: skip
FOR_TESTS = "a prefix for tests"
TEST_PREFIXES = ("10.5072/", "10.70112/", "10.12345/", "10.1234/")

MODEL_WORDS = re.compile(
    r"pre-?trained|trained (?:model|network|weight|classifier)|model(?:s)? (?:weight|checkpoint|file|zoo)|(?<![a-z])weights?(?![a-z])"
    r"|checkpoint|\bckpt|\bmodels trained on\b.{0,400}\bavailable\b|\bmodels?(?:,[^.]{0,80}|[^.,]{0,40})? (?:can be|are|is) (?:also |all |now |publicly |freely )?(?:found|download|available)|\btrained models?\b"
    r"|model[_ -]?zoo|\bmodels?\b.{0,40}\bdownload|download.{0,40}\bmodels?\b|\.pth?\b|\.ckpt",
    re.IGNORECASE,
)
DATA_WORDS = re.compile(
    r"\bdata\b|data-?sets?|\bimages?\b|\bcohort|\bscans?\b|\bcorpus|benchmark set|\bfeatures?\b|\bannotations?\b|\bmasks?\b"
    r"|\bdata files?\b|\braw\b|preprocessed|processed|\bsamples?\b|\bsequences?\b|\bexpression\b",
    re.IGNORECASE,
)
CODE_WORDS = re.compile(
    r"\bcode\b|software|this repository|this repo\b|\brelease|archived\b|snapshot|\bversion of|badge|all versions",
    re.IGNORECASE,
)
PAPER_WORDS = re.compile(
    r"\bpaper\b|article|journal|preprint|manuscript|publication|published|proceedings|bibtex|@article|@inproceedings|arxiv|medrxiv|biorxiv",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Identifier:
    """An archive's identifier as it stands in a file, and what it is of."""

    value: str
    of: str  # code, data, model, paper, or unclear
    evidence: Evidence
    archive: bool
    doubt: str = ""  # why it cannot be believed

    def as_in_earnest(self) -> "Identifier":
        """The same, where the prefixes of archives for tests are as good as any."""
        is_test = self.value.lower().startswith(TEST_PREFIXES) and self.doubt == FOR_TESTS
        return replace(self, doubt="", archive=True) if is_test else self


def find(prose: Prose, metadata: list[tuple[str, str, Evidence]], taken: str = "") -> list[Identifier]:  # fmt: skip
    """All identifiers of archives and model zoos in the documents and the metadata.

    `taken`: the addresses that the code downloads.
    """
    found = [identifier for link in prose.links for identifier in _from_link(link)]
    for line in prose.all:
        for found_value in [*DOI.findall(line.text), *SWHID.findall(line.text)]:
            value = re.sub(r"\.svg$|[)*_]+$", "", found_value)
            if not any(value in link.address for link in _links_of(prose, line)):
                kinds = _of(value, "", line)
                found += [_identifier(value, of, line.says()) for of in kinds]
    found += [_identifier(value, of, evidence) for value, of, evidence in metadata]
    return _agreed(found, {value for value, _, _ in metadata}, taken)


def _agreed(found: list[Identifier], certain: set[str], taken: str) -> list[Identifier]:
    """One meaning for each identifier: metadata first, what is downloaded, the most special words."""
    kinds: dict[str, set[str]] = {}
    for one in found:
        kinds.setdefault(one.value.lower(), set()).add(one.of)
    data = (one.value for one in found if one.of == "data")
    files = {kept[1] for value in data if (kept := re.search(r"records?/(\d+)/files/", value))}
    agreed = []
    for one in found:
        together = {"code", "data"} <= kinds[one.value.lower()] and "badge" not in one.value
        special = [k for k in ("model", "data") if k in kinds[one.value.lower()]]
        sure = one.value in certain or (special and TOGETHER.search(one.evidence.note))
        number = re.search(r"zenodo\D*(\d{5,})", one.value)
        top = one.evidence.path and "/" not in one.evidence.path and (one.evidence.line or 99) <= 12
        if (
            one.of == "code"
            and number
            and number[1] in taken
            and one.value not in certain
            and not top
        ):
            special, sure = ["data"], False  # the code downloads it: it is what the code works on
        if one.of == "code" and number and number[1] in files and one.value not in certain:
            special, sure = ["data"], False  # a file of that record is the data
        if together and one.of == "code" and TOGETHER.search(one.evidence.note):
            sure = True
        if one.of in ("code", "unclear") and special and not sure:
            one = replace(one, of=special[0])
        agreed.append(one)
    return agreed


def _links_of(prose: Prose, line) -> list[Link]:
    if not hasattr(prose, "_by_line"):
        prose._by_line = {}
        for link in prose.links:
            prose._by_line.setdefault((link.line.path, link.line.number), []).append(link)
    return prose._by_line.get((line.path, line.number), [])


def _from_link(link: Link) -> list[Identifier]:
    address = link.address
    if not (ARCHIVES.search(address) or ZOOS.search(address) or DOI.search(address)):
        return []
    value = (DOI.search(address) or SWHID.search(address) or [address])[0]
    value = re.sub(r"\.svg$|[)*_]+$", "", value)
    paper = value.startswith("10.") and "badge/" in address  # the badge of an archive, of a paper
    if not ARCHIVES.search(value) and ARCHIVES.search(address) and not paper:
        value = address
    kinds = _of(value, link.label, link.line)
    return [_identifier(value, of, link.line.says()) for of in kinds]


def _identifier(value: str, of: str, evidence: Evidence) -> Identifier:
    archive = bool(ARCHIVES.search(value))
    return Identifier(value, of, evidence, archive, doubt(value))


def doubt(value: str) -> str:
    """Why an identifier cannot be one; '' where nothing is wrong with its form."""
    if PLACEHOLDER.search(value):
        return "a placeholder"
    if value.lower().startswith(TEST_PREFIXES):
        return FOR_TESTS
    if re.search(r"zenodo\.(?!\d)", value) and value.startswith("10."):
        return "not a Zenodo number"
    return ""


def well_formed(identifier: Identifier) -> bool:
    """Whether an identifier can be one: asked only where a verdict would rest on it."""
    import idutils  # takes half a second

    value = identifier.value
    if value.lower().startswith("swh:"):
        return bool(idutils.is_swh(value))
    return bool(idutils.is_doi(value)) if value.startswith("10.") else True


TOGETHER = re.compile(
    r"\b(?:data|datasets?|models?|weights|results)\b[^.]{0,30}(?:\band\b|,|&|as well as)[^.]{0,20}\b(?:source )?code\b"
    r"|\bcode\b[^.]{0,30}(?:\band\b|,|&|as well as)[^.]{0,20}\b(?:data|datasets?|models?|weights|results)\b",
    re.IGNORECASE,
)


def _of(value: str, label: str, line: Line) -> list[str]:
    """What an identifier is of, by its own form and then by the nearest words."""
    around = line.paragraph or line.text
    if ARCHIVES.search(value) and TOGETHER.search(around) and not ONLY_DATA.search(around):
        return [k for k in ("code", "data", "model") if k != "model" or re.search(r"\bmodels?\b|weights", around, re.I)]  # fmt: skip
    kind = _one_kind(value, label, line.text, line.heading, around)
    around = sentence(around, value)
    both = DATA_WORDS.search(around) and MODEL_WORDS.search(around) and not DATA_ONLY.search(value)
    if kind in ("data", "model") and both and ARCHIVES.search(value):
        return ["model", "data"] if kind == "model" else ["data", "model"]
    return [kind]


ONLY_DATA = re.compile(
    r"(?:contains?|holds?|is) (?:the )?data only|only (?:the )?data\b", re.IGNORECASE
)


def _one_kind(value: str, label: str, line: str, heading: str, paragraph: str) -> str:
    if re.match(r"10\.", value) and not ARCHIVES.search(value):
        return "paper"  # in the badge of an archive as well
    if re.search(r"zenodo\.org/badge", value + line, re.IGNORECASE) and not (
        " > " in heading and re.search(r"data|model|weights", heading.split(" > ")[-1])
    ):  # fmt: skip
        return "code"
    if value.startswith("swh:") or "codeocean" in value or "10.24433/co" in value.lower():
        return "code"
    if "huggingface.co/datasets" in value:
        return "data"
    if ZOOS.search(value) and not ARCHIVES.search(value) and "synapse.org" not in value:
        return "model"  # Synapse keeps data more often than models
    if (
        re.match(r"\W*(?:trained |pre-?trained )?models?\b", label, re.IGNORECASE)
        and "data" not in label.lower()
    ):
        return "model"
    for words in (label, _clause(paragraph, value), sentence(paragraph, value), line, heading.split(" > ")[-1]):  # fmt: skip
        kinds = _kinds(words)
        if kinds:
            return "data" if "data" in kinds and DATA_ONLY.search(value) else kinds[0]
    return "unclear"


def sentence(paragraph: str, value: str) -> str:
    """The sentence in which an identifier or an address stands."""
    for one in re.split(r"(?<=[.!?;])\s+(?=[A-Z*_\[(`])", paragraph):
        if value in one:
            return one.replace(value, " ")
    return paragraph


ARCHIVED = re.compile(r"10\.\d{4,9}/\S+|(?:https?://|www\.)\S+", re.IGNORECASE)


def _clause(paragraph: str, value: str) -> str:
    """What stands between an identifier and the one before it, where a sentence lists several."""
    for sentence in re.split(r"(?<=[.!?;])\s+(?=[A-Z*_\[(`])", paragraph):
        if value in sentence:
            places = [found.span() for found in ARCHIVED.finditer(sentence)]
            here = next((n for n, (a, b) in enumerate(places) if value in sentence[a:b]), None)
            if here is None or len(places) < 2:
                return ""
            return sentence[places[here - 1][1] if here else 0 : places[here][0]]
    return ""


def _kinds(words: str) -> list[str]:
    """Which kinds the words speak of, the surest first."""
    kinds = []
    if MODEL_WORDS.search(words):
        kinds.append("model")
    if DATA_WORDS.search(words):
        kinds.append("data")
    if CODE_WORDS.search(words):
        kinds.insert(0, "code") if re.search(r"\bcode\b|software|repository", words, re.I) and not kinds else kinds.append("code")  # fmt: skip
    if PAPER_WORDS.search(words):
        kinds.append("paper")
    return kinds
