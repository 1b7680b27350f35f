"""What an archive is told about a study: read from one place, and all else is made from it.

CITATION.cff says title, people, version, licence, keywords and identifiers; the table
[tool.gold-standard.publish] of pyproject.toml says what that file cannot say.
"""

import html
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import yaml

from gold_standard.errors import Refusal

KINDS = ("code", "model", "data", "paper")
SAID = {
    "code": "The code of this study",
    "model": "The trained models of this study",
    "data": "The data of this study",
    "paper": "The paper about this study",
}
ACCESS = ("open", "embargoed", "restricted")
DESCRIPTION = (
    "A study that reproduces itself with one command: data, code, trained models and results."
)
ROR = re.compile(r"\s*\(?\s*(https?://ror\.org/\S+?)\s*\)?\s*$", re.IGNORECASE)
GRANT = re.compile(r"(10\.13039/\d+|https://ror\.org/0[a-z0-9]{6}\d\d)::([^\s:]+)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DATA_TYPES = ("data", "database", "dataset")
PAPER_TYPES = ("article", "conference-paper", "conference", "book", "thesis", "report", "generic")
# How Hugging Face calls the licences that it knows by a shorter name than SPDX does.
CARD_LICENCES = {
    f"{name}-{version}-{end}": f"{name.lower()}-{version}"
    for name in ("GPL", "LGPL", "AGPL")
    for version in ("2.0", "2.1", "3.0")
    for end in ("only", "or-later")
}
BROKEN = (ValueError, TypeError, AttributeError, KeyError, RecursionError, yaml.YAMLError)


class Person(NamedTuple):
    """An author, with affiliations as pairs of name and ROR (either may be empty)."""

    name: str
    family: str = ""
    given: str = ""
    orcid: str = ""
    affiliations: tuple[tuple[str, str], ...] = ()

    @property
    def inverted(self) -> str:
        """The name as catalogues sort it."""
        return f"{self.family}, {self.given}" if self.family and self.given else self.name


class Relation(NamedTuple):
    """Something else with an identifier, and what it is to the study."""

    identifier: str
    relation: str  # of DataCite, as .zenodo.json spells it
    type: str  # of resource, as .zenodo.json spells it


@dataclass(frozen=True)
class Publication:
    """All that an archive is told."""

    title: str
    version: str = ""
    people: tuple[Person, ...] = ()
    licence: str = ""
    keywords: tuple[str, ...] = ()
    identifiers: dict[str, str] = field(default_factory=dict)  # by kind
    relations: tuple[Relation, ...] = ()
    released: str = ""
    abstract: str = ""
    settings: dict = field(default_factory=dict)  # the table in pyproject.toml
    asked: bool = False  # whether there is such a table

    @property
    def description(self) -> str:
        return self.settings.get("description") or self.abstract or DESCRIPTION

    @property
    def access(self) -> str:
        return self.settings.get("access", "open")


def read(root: Path) -> Publication:
    """What a study's files say. Raises Refusal where they cannot be read or are not valid."""
    from gold_standard.layout import read_settings

    try:
        text = (root / "CITATION.cff").read_text("utf-8")
    except FileNotFoundError:
        raise Refusal(
            "There is no CITATION.cff: it says who wrote this study and what it is called. "
            "Get it back from Git."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(
            f"CITATION.cff cannot be read: {error}. Mend it, or get it back from Git."
        ) from error
    told = of(text, read_settings(root).get("publish"))
    if found := problems(text, told):
        raise Refusal(
            "Not ready to be published; mend this first:\n" + "\n".join(f"  {one}" for one in found)
        )
    return told


def of(text: str, settings: object) -> Publication:
    """What the text of a CITATION.cff and the table of pyproject.toml say together.

    Raises Refusal where the text holds no fields.
    """
    from gold_standard.check.metadata import invalid, load_yaml, shortened_error

    try:
        fields = load_yaml(text[:200_000])
    except BROKEN as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}," if mark else ""
        said = getattr(error, "problem", None) or shortened_error(error)
        raise Refusal(
            f"CITATION.cff{where} cannot be read: {said}. Mend it, or get it back from Git."
        ) from error
    try:
        return _of(fields, settings)
    except BROKEN as error:
        said = invalid(fields) or shortened_error(error)
        raise Refusal(
            f"CITATION.cff is not valid: {said}. Mend it, or get it back from Git."
        ) from error


def _of(fields: dict, settings: object) -> Publication:
    identifiers = {}
    for entry in fields.get("identifiers") or []:
        kind = kind_of(str(entry.get("description", "")))
        if kind and entry.get("type") in ("doi", "swh") and entry.get("value"):
            if entry["type"] == "doi" and identifiers.get(kind, "").startswith("swh:"):
                del identifiers[kind]  # of two the one that a deposit goes on from
            identifiers.setdefault(kind, str(entry["value"]))
    if fields.get("doi"):
        identifiers["code"] = str(fields["doi"])
    return Publication(
        title=str(fields.get("title") or ""),
        version=str(fields.get("version") or ""),
        people=tuple(_person(entry) for entry in fields.get("authors") or []),
        licence=str(fields.get("license") or ""),
        keywords=tuple(str(word) for word in fields.get("keywords") or []),
        identifiers=identifiers,
        relations=tuple(_relations(fields)),
        released=str(fields.get("date-released") or ""),
        abstract=" ".join(str(fields.get("abstract") or "").split()),
        settings=dict(settings) if isinstance(settings, dict) else {},
        asked=isinstance(settings, dict),
    )


def kind_of(said: str) -> str | None:
    """What an identifier is of, by its description."""
    from gold_standard.check.metadata import kind_of

    return kind_of(said)


def _person(entry: dict) -> Person:
    parts = ("name-particle", "family-names", "name-suffix")
    family = " ".join(str(entry[part]) for part in parts if entry.get(part))
    given = str(entry.get("given-names") or "")
    name = str(entry.get("name") or entry.get("alias") or "")
    affiliations = str(entry.get("affiliation") or "").split(";")
    return Person(
        name=" ".join(part for part in (given, family) if part) or name,
        family=family,
        given=given,
        orcid=str(entry.get("orcid") or "").rstrip("/").rsplit("/", 1)[-1],
        affiliations=tuple(_affiliation(text) for text in affiliations if text.strip()),
    )


def _affiliation(text: str) -> tuple[str, str]:
    """Name and ROR of an institution; CFF 1.2 has one field, so the ROR stands behind the name."""
    found = ROR.search(text)
    name = ROR.sub("", text).strip(" ,") if found else text.strip()
    return name, found[1].rstrip(")").rsplit("/", 1)[-1].lower() if found else ""


def _relations(fields: dict) -> list[Relation]:
    """The works that CITATION.cff cites, and the paper that is to be cited in its place."""
    found = []
    for entry in fields.get("references") or []:
        if not entry.get("doi"):
            continue
        doi, kind = str(entry["doi"]), entry.get("type")
        if kind in DATA_TYPES:
            found.append(Relation(doi, "isDerivedFrom", "dataset"))
        elif str(kind).startswith("software"):
            found.append(Relation(doi, "requires", "software"))
        else:
            found.append(Relation(doi, "cites", "publication-article"))
    preferred = fields.get("preferred-citation") or {}
    if preferred.get("doi") and not str(preferred.get("type")).startswith("software"):
        found.append(Relation(str(preferred["doi"]), "isSupplementTo", "publication-article"))
    return found


# What is wrong with it


def problems(text: str, told: Publication) -> list[str]:
    """What an archive would refuse or get wrong, one sentence each."""
    from gold_standard.check.metadata import invalid, load_yaml

    fields, found = load_yaml(text[:200_000]), []
    if problem := invalid(fields):
        found.append(f"CITATION.cff is not valid, so archives ignore it: {problem}.")
    if not isinstance(fields.get("version"), str | None):
        found.append(
            f"CITATION.cff, version: {told.version} is read as a number; put it in quotes."
        )
    for entry in fields.get("authors") or []:
        orcid = str(entry.get("orcid") or "")
        if orcid and not orcid.startswith("https://orcid.org/"):
            found.append(
                f"CITATION.cff: write the whole address of the ORCID {orcid}: "
                "https://orcid.org/0000-0000-0000-0000."
            )
    for person in told.people:
        found += _problems_of(person)
    if not told.people:
        found.append("CITATION.cff names no author.")
    if not re.fullmatch(r"\w[\w.+-]*", told.version):
        found.append('CITATION.cff has no usable version: write one such as version: "1.0.0".')
    if problem := licence_problem(told.licence):
        found.append(f"CITATION.cff, license: {problem}")
    for kind, value in told.identifiers.items():
        if problem := _identifier_problem(value):
            found.append(f"CITATION.cff, the identifier of the {kind}, {value}, {problem}.")
    return found + settings_problems(told.settings)


def _problems_of(person: Person) -> list[str]:
    import idutils

    found = []
    if person.orcid and not (idutils.is_orcid(person.orcid) and person.orcid.strip("0-")):
        found.append(
            f"CITATION.cff: {person.orcid} is not the ORCID of {person.name}: its check digit is "
            "wrong, so a digit is mistyped."
        )
    for name, ror in person.affiliations:
        if ror and not is_ror(ror):
            found.append(
                f"CITATION.cff: {ror} is not the ROR of an institution ({name or person.name}): "
                "its check digits are wrong, so a letter is mistyped."
            )
        if not name:
            found.append(f"CITATION.cff: write the name of the institution before its ROR ({ror}).")
    return found


CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def is_ror(text: str) -> bool:
    """Whether a ROR's two check digits fit (ISO/IEC 7064, MOD 97-10, over base 32)."""
    if not re.fullmatch(rf"0[{CROCKFORD}]{{6}}\d\d", text):
        return False
    number = 0
    for letter in text[1:7]:
        number = number * 32 + CROCKFORD.index(letter)
    return 98 - number * 100 % 97 == int(text[7:])


def licence_problem(licence: str) -> str:
    """What is wrong with a licence's name; "" for one identifier of SPDX as SPDX writes it."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not licence:
        return "none is given. Write the SPDX identifier of the one in LICENSE, such as MIT."
    try:
        known = canonicalize_license_expression(licence)
    except InvalidLicenseExpression:
        return f"{licence} is no identifier of SPDX (spdx.org/licenses)."
    if " " in known:
        return f"{licence} is several licences; an archive takes one."
    return "" if known == licence else f"{licence} is written {known}."


def _identifier_problem(value: str) -> str:
    from gold_standard.check.identifiers import Identifier, doubt, well_formed
    from gold_standard.check.verdicts import Evidence

    said = doubt(value)
    if said and "tests" not in said:  # a sandbox's own are good enough for a sandbox
        return f"is {said}"
    one = Identifier(value, "", Evidence(""), False)
    return "" if well_formed(one) else "is not well-formed"


def settings_problems(settings: dict) -> list[str]:
    """What is wrong in [tool.gold-standard.publish]."""
    found = []
    for key in ("grants", "communities", "data", "not_names"):
        value = settings.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            found.append(f"{key} is a list of texts")
    if found:
        return [f"pyproject.toml, [tool.gold-standard.publish]: {one}." for one in found]
    for grant in settings.get("grants", []):
        funder, _, _ = grant.partition("::")
        ror = funder.rsplit("/", 1)[-1]
        if not GRANT.fullmatch(grant) or "ror.org" in funder and not is_ror(ror):
            found.append(
                f"{grant!r} is no grant: write the funder's DOI or ROR, two colons and the "
                "grant's number, such as 10.13039/501100000780::101000000"
            )
    for community in settings.get("communities", []):
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", community):
            found.append(f"{community!r} is no community: write the last part of its address")
    access, embargo = settings.get("access", "open"), str(settings.get("embargo", ""))
    if access not in ACCESS:
        found.append(f"access is one of {', '.join(ACCESS)}, and not {access!r}")
    elif (access == "embargoed") != bool(embargo):
        found.append("embargo is the date on which an embargoed archive opens: give both or none")
    elif embargo and not DATE.fullmatch(embargo):
        found.append(f"embargo is a date such as 2027-05-01, and not {embargo!r}")
    if not isinstance(settings.get("description", ""), str):
        found.append("description is a text")
    return [f"pyproject.toml, [tool.gold-standard.publish]: {one}." for one in found]


# What is made from it


def zenodo(told: Publication) -> dict:
    """What .zenodo.json says, which Zenodo reads from a repository in place of CITATION.cff.

    Identifiers that a deposit reserves do not stand in it: Zenodo gives its own.
    """
    made = {
        "title": told.title,
        "upload_type": "software",
        "version": told.version,
        "description": paragraph(told.description),
        "creators": [_creator(person) for person in told.people],
    }
    if told.settings.get("grants"):
        made["grants"] = [{"id": _crossref(grant)} for grant in told.settings["grants"]]
    if told.settings.get("communities"):
        made["communities"] = [{"identifier": one} for one in told.settings["communities"]]
    made["access_right"] = told.access
    if told.access == "embargoed":
        made["embargo_date"] = str(told.settings["embargo"])
    if told.access == "restricted":
        made["access_conditions"] = paragraph("Ask the authors.")
    made["license"] = told.licence.lower()
    made["keywords"] = list(told.keywords)
    made["related_identifiers"] = [
        {"identifier": one.identifier, "relation": one.relation, "resource_type": one.type}
        for one in told.relations
    ]
    return made


def _creator(person: Person) -> dict:
    told = {"name": person.inverted}
    if person.affiliations:
        told["affiliation"] = "; ".join(name for name, _ in person.affiliations)
    if person.orcid:
        told["orcid"] = person.orcid
    return told


def _crossref(grant: str) -> str:
    """A grant with the funder's DOI, where .zenodo.json knows that of a ROR."""
    return grant.replace("https://ror.org/00k4n6c32::", "10.13039/501100000780::")


def paragraph(text: str) -> str:
    """Plain text as HTML, which archives read descriptions as."""
    return f"<p>{html.escape(text, quote=False)}</p>"


# What only [tool.gold-standard.publish] can say: an older study without it keeps its own.
OF_TABLE = ("description", "grants", "communities", "access_right", "embargo_date")
OF_TABLE += ("access_conditions",)
NEEDED = ("title", "creators", "license", "keywords")


def disagreements(told: Publication, present: dict) -> dict[str, tuple[object, object]]:
    """Fields of a .zenodo.json that say otherwise, each with what is there and what belongs there.

    A field that is nobody's but the person's own is left alone.
    """
    wanted, found = zenodo(told), {}
    for key in dict.fromkeys([*wanted, *OF_TABLE]):
        if key in OF_TABLE and not told.asked:
            continue
        if key not in present and key not in (*NEEDED, *OF_TABLE):
            continue
        if present.get(key) != wanted.get(key):
            found[key] = present.get(key), wanted.get(key)
    return found


def zenodo_text(told: Publication, present: dict | None = None) -> str:
    """The text of .zenodo.json; fields of the present one that are not made here stay."""
    made = zenodo(told)
    if present is not None and not told.asked:
        made |= {key: present[key] for key in OF_TABLE if key in present}
    gone = {key for key in OF_TABLE if key not in made}
    kept = {k: v for k, v in (present or {}).items() if k not in made and k not in gone}
    return json.dumps(made | kept, indent=2, ensure_ascii=False) + "\n"


def card_licence(licence: str) -> str:
    """A licence as the front matter of a model card names it."""
    return CARD_LICENCES.get(licence, licence.lower())


FRONT = re.compile(r"\A---\n(.*?)^---$", re.DOTALL | re.MULTILINE)
CARD_LINE = re.compile(r"^license:.*$", re.MULTILINE)


def front_matter(card: str) -> dict:
    """The fields at the head of a model card; {} where there are none that can be read."""
    from gold_standard.check.metadata import load_yaml

    found = FRONT.match(card)
    try:
        return load_yaml(found[1]) if found else {}
    except BROKEN:
        return {}


def card_text(told: Publication, card: str) -> str:
    """A model card whose front matter names the study's licence; without one it stays as it is."""
    found = FRONT.match(card)
    if not found or front_matter(card).get("license") == card_licence(told.licence):
        return card
    line = f'license: "{card_licence(told.licence)}"'
    new, count = CARD_LINE.subn(line, found[1], count=1)
    return card[: found.start(1)] + (new if count else f"{line}\n{new}") + card[found.end(1) :]


def stale(root: Path, told: Publication) -> dict[str, str]:
    """The new texts of those files of a study that are made from others and say otherwise."""
    texts = {}
    path = root / ".zenodo.json"
    if path.is_file():
        try:
            present = json.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError):
            present = {}
        if not isinstance(present, dict):
            present = {}
        if disagreements(told, present):
            texts[path.name] = zenodo_text(told, present)
    path = root / "MODEL_CARD.md"
    if path.is_file():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return texts  # nothing can be said of it
        if (new := card_text(told, text)) != text:
            texts[path.name] = new
    return texts


def renew(root: Path) -> None:
    """Make those files anew, as far as what they are made from can be read."""
    from gold_standard.layout import read_settings
    from gold_standard.record import write_text

    try:
        text = (root / "CITATION.cff").read_text("utf-8")
        texts = stale(root, of(text, read_settings(root).get("publish")))
        if texts:
            read(root)  # nothing is made from what is not valid; to look takes half a second
    except (OSError, ValueError, Refusal):
        return  # `check` and `publish` say what is wrong: a run needs none of these files
    for name, text in texts.items():
        write_text(root / name, text)
        print(f"{name} was made anew from CITATION.cff and pyproject.toml.")


def zenodo_problem(fields: object) -> str:
    """What the published documentation of .zenodo.json does not allow; "" for nothing."""
    from importlib import resources

    try:
        import jsonschema
    except ImportError:  # where `check` alone is installed
        return ""
    schema = resources.files("gold_standard").joinpath("zenodo.schema.json").read_text("utf-8")
    try:
        jsonschema.Draft7Validator(json.loads(schema)).validate(fields)
    except jsonschema.ValidationError as error:
        place = "/".join(map(str, error.absolute_path))
        return f"{place}: {error.message}"[:150] if place else error.message[:150]
    return ""


# What a deposit is told


RESOURCES = {"code": "software", "model": "model", "data": "dataset"}
TITLES = {"code": "{}", "model": "{}: trained models", "data": "{}: data"}
# What each of a study's own things is to each other one, in the words of DataCite.
AMONG = {
    ("code", "model"): "compiles",
    ("code", "data"): "references",
    ("code", "paper"): "issupplementto",
    ("model", "code"): "iscompiledby",
    ("model", "data"): "isderivedfrom",
    ("model", "paper"): "issupplementto",
    ("data", "code"): "isreferencedby",
    ("data", "model"): "issourceof",
    ("data", "paper"): "issupplementto",
}
TYPES = RESOURCES | {"paper": "publication-article"}


def invenio(told: Publication, kind: str, date: str, publisher: str) -> dict:
    """The metadata of one record in InvenioRDM's own JSON.

    `date` is the day of publication; without a publisher DataCite registers no DOI.
    """
    metadata = {
        "resource_type": {"id": RESOURCES[kind]},
        "title": TITLES[kind].format(told.title),
        "creators": [_invenio_person(person) for person in told.people],
        "publication_date": told.released or date,
        "publisher": publisher,
        "version": told.version,
        "description": paragraph(f"{SAID[kind]}. {told.description}"),
        "rights": [{"id": told.licence.lower()}],
        "subjects": [{"subject": word} for word in told.keywords],
        "related_identifiers": _invenio_relations(told, kind),
        "funding": [_funding(grant) for grant in told.settings.get("grants", [])],
    }
    access = {"record": "public", "files": "public" if told.access == "open" else "restricted"}
    if told.access == "embargoed":
        until = str(told.settings["embargo"])
        access["embargo"] = {"active": True, "until": until, "reason": "Until publication."}
    return {
        "access": access,
        "files": {"enabled": True},
        "metadata": {key: value for key, value in metadata.items() if value},
    }


def _invenio_person(person: Person) -> dict:
    if person.family:
        about = {"type": "personal", "family_name": person.family, "given_name": person.given}
        about = {key: value for key, value in about.items() if value}
    else:
        # A name in one word: which part it is, nobody can tell, and a person needs a family name.
        about = {"type": "personal", "family_name": person.name}
    if person.orcid:
        about["identifiers"] = [{"scheme": "orcid", "identifier": person.orcid}]
    told: dict = {"person_or_org": about}
    if person.affiliations:
        told["affiliations"] = [
            {"id": ror, "name": name} if ror else {"name": name}
            for name, ror in person.affiliations
        ]
    return told


def _invenio_relations(told: Publication, kind: str) -> list[dict]:
    found = []
    for other, value in told.identifiers.items():
        if relation := AMONG.get((kind, other)):
            found.append(_relation(value, relation, TYPES[other]))
    for one in told.relations:
        if kind == "data" and one.relation != "isDerivedFrom":
            continue
        found.append(_relation(one.identifier, one.relation.lower(), one.type))
    return found


def _relation(value: str, relation: str, type: str) -> dict:
    return {
        "identifier": value,
        "scheme": "swh" if value.startswith("swh:") else "doi",
        "relation_type": {"id": relation},
        "resource_type": {"id": type},
    }


def _funding(grant: str) -> dict:
    """A grant with its funder, by the ROR where that is known."""
    funder, number = GRANT.fullmatch(_by_ror(grant)).groups()
    about = {"id": funder.rsplit("/", 1)[-1]} if "ror.org" in funder else {"name": f"doi:{funder}"}
    return {"funder": about, "award": {"number": number, "title": {"en": number}}}


def _by_ror(grant: str) -> str:
    return grant.replace("10.13039/501100000780::", "https://ror.org/00k4n6c32::")


# Identifiers that a deposit has reserved


def write_identifiers(root: Path, found: dict[str, str]) -> list[str]:
    """Write identifiers by kind into CITATION.cff, README and model card; the study digest stays.

    Returns sentences about places where a person has to write. Raises Refusal where the study would
    become another one by it; then nothing is written.
    """
    from gold_standard.digest import without_evidence
    from gold_standard.lock import replace as put

    hints: list[str] = []
    texts = {"CITATION.cff": with_identifiers((root / "CITATION.cff").read_text("utf-8"), found)}
    known = of(texts["CITATION.cff"], None).identifiers
    for name, kinds in (("README.md", ("code", "model", "data")), ("MODEL_CARD.md", ("model",))):
        lines = identifier_lines({kind: known[kind] for kind in kinds if kind in known})
        if not lines or not (root / name).is_file():
            continue
        text = (root / name).read_text("utf-8")
        new = filled(text, lines)
        if new is None and not all(one in text for one in known.values()):
            hints.append(f"{name} has no place for it; write there:\n{lines}")
        elif new is not None:
            texts[name] = new
    for name, text in texts.items():
        before = without_evidence(name, (root / name).read_bytes())
        if without_evidence(name, text.encode()) != before:
            raise Refusal(
                f"{name} could not be given its identifiers without changing anything else. "
                f"Write them by hand: {', '.join(f'{k} {v}' for k, v in found.items())}."
            )
    for name, text in texts.items():
        if (root / name).read_bytes() != text.encode():
            put(root / name, text)
    return hints


def with_identifiers(text: str, found: dict[str, str]) -> str:
    """The text of a CITATION.cff with these identifiers by kind, and all others as they were."""
    from gold_standard.check.metadata import load_yaml

    entries = load_yaml(text).get("identifiers") or []
    kept = [e for e in entries if not _replaced(e, found)]
    new = [
        {"description": SAID[kind], "type": "swh" if value.startswith("swh:") else "doi",
         "value": value}
        for kind, value in found.items()
    ]  # fmt: skip
    text = _without(text, "identifiers")
    if "code" in found and not found["code"].startswith("swh:"):
        text = _without(text, "doi") + f"doi: {json.dumps(found['code'])}\n"
    block = "".join(
        "  - " + "\n    ".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in e.items())
        + "\n" for e in (*kept, *new)
    )  # fmt: skip
    return f"{text}identifiers:\n{block}"


def _replaced(entry: dict, found: dict[str, str]) -> bool:
    """Whether an identifier gives way to a new one: a DOI does to a DOI, and not to an SWHID."""
    new = found.get(kind_of(str(entry.get("description", ""))) or "")
    return new is not None and new.startswith("swh:") == (entry.get("type") == "swh")


def _without(text: str, key: str) -> str:
    """A YAML text without one of its top keys, ending in a line end."""
    text = text if text.endswith("\n") else text + "\n"
    # What belongs to the key: lines that are indented, items that begin where the key does, and
    # what is blank or a comment between them.
    block = r"(?:(?:[ \t]*(?:#.*)?\n)*(?:[ \t]+[^\s#]|-[ \t]).*\n)*"
    return re.sub(rf"^{key}:.*\n{block}", "", text, flags=re.MULTILINE)


MARKS = ("<!-- identifiers:begin -->", "<!-- identifiers:end -->")
NAMES = {"code": "Code", "model": "Trained models", "data": "Data"}


def identifier_lines(found: dict[str, str]) -> str:
    """One line for each identifier, as README and model card show it; Zenodo's with a badge."""
    return "\n".join(f"- {NAMES[kind]}: {_linked(value)}" for kind, value in found.items())


def _linked(value: str) -> str:
    if value.startswith("swh:"):
        return f"[{value}](https://archive.softwareheritage.org/{value})"
    if value.startswith("10.5281/zenodo."):
        return (
            f"[![DOI {value}](https://zenodo.org/badge/DOI/{value}.svg)](https://doi.org/{value})"
        )
    return f"[{value}](https://doi.org/{value})"


def filled(text: str, lines: str) -> str | None:
    """A text with these lines between its marks; None where it does not have the marks once."""
    begin, end = MARKS
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        return None
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{lines}\n{end}{rest.partition(end)[2]}"


def anonymous(told: Publication) -> Publication:
    """The same without anything that tells who wrote it."""
    nobody = (Person("Anonymous"),)
    settings = {k: v for k, v in told.settings.items() if k not in ("grants", "communities")}
    papers = tuple(one for one in told.relations if one.relation != "isSupplementTo")
    return replace(told, people=nobody, identifiers={}, settings=settings, relations=papers)
