"""What the test service takes for metadata, after InvenioRDM's metadata reference, and its search.

A field that is wrong is left out of the draft and named among the errors of the answer;
only publishing asks that nothing required is missing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

import idutils

REQUIRED = {"title", "creators", "publication_date", "resource_type"}
MISSING, UNKNOWN = "Missing data for required field.", "Unknown field."
RESOURCES = re.compile(
    r"(publication|image)(-[a-z]+)?|dataset|software(-computationalnotebook)?|model|poster"
    r"|presentation|video|lesson|workflow|physicalobject|event|other"
)
RELATIONS = set(
    "iscitedby cites issupplementto issupplementedby iscontinuedby continues isdescribedby "
    "describes hasmetadata ismetadatafor hasversion isversionof isnewversionof ispreviousversionof "
    "ispartof haspart ispublishedin isreferencedby references isdocumentedby documents "
    "iscompiledby compiles isvariantformof isoriginalformof isidenticalto isreviewedby reviews "
    "isderivedfrom issourceof isrequiredby requires isobsoletedby obsoletes".split()
)
DATES = set(
    "accepted available collected copyrighted created issued other submitted updated valid "
    "withdrawn".split()
)
SCHEMES = set(
    "ark arxiv ads crossreffunderid doi ean13 eissn grid handle igsn isbn isni issn istc lissn "
    "lsid pmid purl upc url urn w3id swh other".split()
)
DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
EDTF = re.compile(f"{DAY}(/{DAY})?")

Wrongs = Iterator[tuple[str, str]]  # where in the field, and what is wrong


def load(body: dict) -> tuple[dict, list[dict]]:
    """The draft that a document makes, and what was wrong with it."""
    metadata, errors = {}, []
    for name, value in (body.get("metadata") or {}).items():
        wrong = list(FIELDS.get(name, unknown)(value))
        errors += [error(f"metadata.{name}{at}", message) for at, message in wrong]
        if not wrong:
            metadata[name] = value
    told = {e["field"].split(".")[1] for e in errors}
    errors += missing(metadata, REQUIRED - told)
    for person in metadata.get("creators", []) + metadata.get("contributors", []):
        who = person["person_or_org"]
        if who["type"] == "personal":
            given = who.get("given_name")
            who["name"] = who["family_name"] + (f", {given}" if given else "")
    access, wrong = accessible(body.get("access") or {})
    files = {"enabled": True, "order": []} | (body.get("files") or {})
    files = {k: files[k] for k in ("enabled", "order", "default_preview") if k in files}
    others = {k: body.get(k) or {} for k in ("pids", "custom_fields")}
    return {"metadata": metadata, "access": access, "files": files, **others}, errors + wrong


def missing(metadata: dict, names: set[str] = REQUIRED) -> list[dict]:
    return [error(f"metadata.{name}", MISSING) for name in sorted(names) if not metadata.get(name)]


def error(field: str, message: str) -> dict:
    return {"field": field, "messages": [message]}


def accessible(asked: dict) -> tuple[dict, list[dict]]:
    """Who may read, public unless said otherwise; an embargo ends on a day to come."""
    access, errors = {"record": "public", "files": "public"}, []
    for name in access:
        value = asked.get(name, "public")
        if value in ("public", "restricted"):
            access[name] = value
        else:
            errors.append(error(f"access.{name}", f"Not a valid choice: {value}."))
    embargo = asked.get("embargo") or {}
    if embargo.get("active"):
        until = str(embargo.get("until"))
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", until) or until <= date.today().isoformat():
            errors.append(error("access.embargo.until", "Not a date in the future."))
        elif "restricted" not in access.values():
            errors.append(error("access.embargo.active", "Nothing here is restricted."))
        else:
            access["embargo"] = {"active": True, "until": until, "reason": embargo.get("reason")}
    return access, errors


def unknown(_) -> Wrongs:
    yield "", UNKNOWN


def text(at_least: int = 0) -> Callable:
    def check(value) -> Wrongs:
        if not isinstance(value, str):
            yield "", "Not a valid string."
        elif len(value) < at_least:
            yield "", f"Shorter than minimum length {at_least}."

    return check


def each(check: Callable) -> Callable:
    def checked(values) -> Wrongs:
        if not isinstance(values, list):
            yield "", "Not a valid list."
        else:
            for i, value in enumerate(values):
                wrong = check(value) if isinstance(value, dict) else [("", "Invalid input type.")]
                yield from ((f".{i}{at}", message) for at, message in wrong)

    return checked


def chosen(value, among, at: str = "") -> Wrongs:
    """A term of a vocabulary, by its id."""
    id = value.get("id") if isinstance(value, dict) else None
    if not isinstance(id, str):
        yield f"{at}.id", MISSING
    elif not (among.fullmatch(id) if isinstance(among, re.Pattern) else id in among):
        yield f"{at}", f"Invalid value {id}."


def day(value, at: str = "") -> Wrongs:
    if not isinstance(value, str) or not EDTF.fullmatch(value):
        yield at, "Please provide a valid date or interval."


def identifier(value: dict, schemes: set[str]) -> Wrongs:
    scheme, what = value.get("scheme"), value.get("identifier")
    if not isinstance(what, str) or not what:
        yield ".identifier", MISSING
    elif scheme is not None and scheme not in schemes:
        yield ".scheme", "Invalid scheme."
    elif not getattr(idutils, f"is_{scheme}", bool)(what):
        yield ".identifier", f"Invalid {scheme} identifier."


def person(value: dict) -> Wrongs:
    who = value.get("person_or_org") or {}
    if who.get("type") not in ("personal", "organizational"):
        yield ".person_or_org.type", "Invalid value. Choose one of ['organizational', 'personal']."
    elif not who.get(name := "family_name" if who["type"] == "personal" else "name"):
        yield f".person_or_org.{name}", MISSING
    for i, one in enumerate(who.get("identifiers") or []):
        for at, message in identifier(one, {"orcid", "gnd", "isni", "ror"}):
            yield f".person_or_org.identifiers.{i}{at}", message
    for i, one in enumerate(value.get("affiliations") or []):
        if not (one.get("id") or one.get("name")):
            yield f".affiliations.{i}", "An existing id or a free text name must be present."


def creators(values) -> Wrongs:
    yield from each(person)(values)
    if not values:
        yield "", "Shorter than minimum length 1."


def contributor(value: dict) -> Wrongs:
    yield from person(value)
    yield from chosen(value.get("role"), re.compile("[a-z]+"), ".role")


def right(value: dict) -> Wrongs:
    if bool(value.get("id")) == bool(value.get("title")):
        yield "", "An existing id or a free text title must be present."
    elif value.get("id"):
        yield from chosen(value, re.compile(r"[a-z0-9.+-]+"))


def either(*names: str) -> Callable:
    def check(value: dict) -> Wrongs:
        if not any(value.get(name) for name in names):
            yield "", f"Missing data for one of {', '.join(names)}."

    return check


def related(value: dict) -> Wrongs:
    yield from identifier(value, SCHEMES)
    yield from chosen(value.get("relation_type"), RELATIONS, ".relation_type")
    if "resource_type" in value:
        yield from chosen(value["resource_type"], RESOURCES, ".resource_type")


def funding(value: dict) -> Wrongs:
    award = value.get("award")
    yield from ((f".funder{at}", m) for at, m in either("id", "name")(value.get("funder") or {}))
    if award is not None and not (award.get("id") or award.get("title") and award.get("number")):
        yield ".award", "An existing id, or title and number, must be present."


def moment(value: dict) -> Wrongs:
    yield from day(value.get("date"), ".date")
    yield from chosen(value.get("type"), DATES, ".type")


FIELDS = {
    "title": text(3),
    "publication_date": day,
    "resource_type": lambda value: chosen(value, RESOURCES),
    "creators": creators,
    "contributors": each(contributor),
    "description": text(3),
    "publisher": text(),
    "version": text(),
    "copyright": text(),
    "rights": each(right),
    "subjects": each(either("id", "subject")),
    "languages": each(lambda value: chosen(value, re.compile("[a-z]{3}"))),
    "dates": each(moment),
    "identifiers": each(lambda value: identifier(value, SCHEMES)),
    "related_identifiers": each(related),
    "funding": each(funding),
    "references": each(either("reference")),
    "additional_titles": each(either("title")),
    "additional_descriptions": each(either("description")),
    "locations": lambda value: (),
    "sizes": lambda value: (),
    "formats": lambda value: (),
}

# The search: words, "phrases", field:value, - and NOT; every one has to fit.
TERM = re.compile(
    r'(?P<no>-|NOT\s+)?(?:(?P<field>[\w.]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))'
)
SHORT = {"doi": "pids.doi.identifier", "title": "metadata.title", "conceptrecid": "parent.id"}
ORDERS = {
    "newest": ("created", True),
    "bestmatch": ("created", True),
    "oldest": ("created", False),
    "updated-desc": ("updated", True),
    "updated-asc": ("updated", False),
}


def searched(documents: list[dict], asked: dict[str, str]) -> list[dict]:
    """The documents that fit, in the order asked for; ValueError for what is not understood."""
    query = asked.get("q", "")
    if TERM.sub("", query).strip() or re.search(r"\bOR\b|^[(]", query):
        raise ValueError("The query could not be understood.")
    for term in TERM.finditer(query):
        if term.group() != "AND":
            documents = [d for d in documents if fits(d, term) is not bool(term["no"])]
    for name in ("status", "is_published"):
        if name in asked:
            documents = [d for d in documents if str(d[name]).lower() == asked[name].lower()]
    if asked.get("sort", "newest") not in ORDERS:
        raise ValueError(f"Invalid sort option {asked['sort']!r}.")
    key, down = ORDERS[asked.get("sort", "newest")]
    return sorted(documents, key=lambda d: d[key], reverse=down)


def fits(document: dict, term: re.Match) -> bool:
    field = SHORT.get(term["field"], term["field"])
    at = [document]
    for name in field.split(".") if field else []:
        inner = [x for one in at for x in (one if isinstance(one, list) else [one])]
        at = [one[name] for one in inner if isinstance(one, dict) and name in one]
    sought = words(term["phrase"] if term["phrase"] is not None else term["word"])
    if sought == ["*"]:
        return bool(at)
    return any(
        sought == there[i : i + len(sought)]
        for leaf in leaves(at)
        for there in [words(leaf)]
        for i in range(len(there))
    )


def words(value: str) -> list[str]:
    return re.findall(r"[\w./*-]+", value.lower())


def leaves(value) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif value is not None:
        yield str(value)
