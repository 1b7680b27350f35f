"""One package, as somebody writes it: for pip, for conda, as an address."""

import re

from gold_standard.check.dependencies.asked import BROKEN, LONGEST_LINE, Package
from gold_standard.check.distributions import canonical

LENIENT = re.compile(
    r"([A-Za-z][\w.-]*?)(?:\[[\w,\s-]*\])?\s*(={1,3}|~=|[<>]=?|!=|[:@(\s]\s*(?:==|v(?=\d))?)\s*"
    r"(\d[\w.*+!-]*)(.*)"
)
WHEEL = re.compile(r"([A-Za-z0-9][\w.]*)-(\d[\w.+!]*)(?:-\w+)?-[\w.]+-\w+-[\w.]+\.whl$")
SOURCE = re.compile(r"([A-Za-z][\w.-]*?)-v?(\d[\w.+]*?)\.(?:tar\.\w+|zip|tgz)$")
CONDA_FILE = re.compile(r"(?:^|/)([A-Za-z0-9_][\w.-]*)-(\d[^-\s/]*)-[^-\s/]+\.(?:tar\.bz2|conda)")
MOVING = {"main", "master", "head", "dev", "develop", "latest", "trunk", "stable", ""}


def package(text: str) -> Package | None:
    """A requirement as pip, `pip freeze`, `pip list` or a hurried author writes it, else None."""
    text = re.split(r"\s#|\s--hash|\s--\w", re.sub(r"  +", "  ", text[:LONGEST_LINE]), maxsplit=1)[
        0
    ]
    text = text.strip().rstrip("\\,").strip().strip("'\"").strip()
    if not text or text[0] in "#-<>=":
        return None
    if "://" in text or text.startswith(("git+", "file:")):
        return from_address(text)
    return _proper(text) or _hurried(text)


def _proper(text: str) -> Package | None:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except (InvalidRequirement, *BROKEN):
        return None
    if parsed.url:
        return from_address(f"{parsed.name} @ {parsed.url}")
    exact = any(
        one.operator == "===" or (one.operator == "==" and "*" not in one.version)
        for one in parsed.specifier
    )
    return Package(canonical(parsed.name), str(parsed.specifier), exact)


def _hurried(text: str) -> Package | None:
    """`torch=1.7`, `torch 1.7.1 py38_0`, `torch: 1.7`, `torch (1.7)`: not pip's, but plain."""
    text = text.split(";")[0].strip()
    match = LENIENT.fullmatch(text[:300])
    if not match:
        name = re.fullmatch(r"([A-Za-z0-9][\w.-]*)(\[[\w,\s-]*\])?", text)
        return Package(canonical(name[1]), "", False) if name else None
    name, sign, version, rest = match.groups()
    several = rest.strip().startswith((",", "|", "or", "-")) and sign.strip() not in ("=", "")
    exact = sign.strip(" :@(v") in ("", "=", "==", "===") and is_version(version, "==" in sign)
    loose = several or re.match(r"\s*(?:\+|or |and |,\s*[<>])", rest)
    return Package(canonical(name), f"{sign.strip()}{version}", exact and not loose)


def is_version(text: str, whole: bool = False) -> bool:
    """Whether the text is one version; a lone number is one only where `whole` says so."""
    text = text.strip().rstrip(".,")
    return bool(re.fullmatch(r"v?\d[\w.+!-]*", text)) and (whole or "." in text) and not (
        re.search(r"\.x\b|\+$", text, re.IGNORECASE)
    )  # fmt: skip


def from_address(text: str) -> Package | None:
    """`name @ url`, a wheel, an archive, or a place under version control."""
    name, at, url = text.partition(" @ ") if " @ " in text else ("", "", text)
    url = url.split(" ;")[0].strip()
    file = re.split(r"[?#]", url)[0].replace("%2B", "+").rsplit("/", 1)[-1]
    for pattern in (WHEEL, SOURCE, CONDA_FILE):
        if match := pattern.match(file):
            if not re.fullmatch(r"[0-9.]*", match[1]):
                return Package(canonical(name or match[1]), f"@ {match[2]}", True)
    egg = re.search(r"#(?:.*&)?egg=([\w.-]+)", url)
    name = name or (egg[1] if egg else _project_of(url))
    return Package(canonical(name.split("[")[0]), f"@ {url}"[:200], _fixed(url)) if name else None


def _project_of(url: str) -> str:
    path = re.split(r"[?#]", url)[0].split("://")[-1]
    parts = [part for part in path.split("/") if part]
    name = parts[2] if len(parts) > 2 else parts[-1] if parts else ""
    name = name.split("@")[0].removesuffix(".git")
    return name if re.fullmatch(r"[\w.-]+", name) else ""


def _fixed(url: str) -> bool:
    """Whether an address names a tag or a commit, and not a branch that moves on."""
    path = re.split(r"[?#]", url)[0].split("://")[-1].partition("/")[2]
    reference = path.rpartition("@")[2] if "@" in path else ""
    if archive := re.search(
        r"/(?:archive|zipball|tarball)/(?:refs/\w+/)?(.+?)(?:\.zip|\.tar.*)?$", path
    ):
        reference = archive[1]
    return reference.lower() not in MOVING and bool(re.search(r"\d", reference))


def conda_package(text: str) -> Package | None:
    """A conda spec: `name`, `name=1.2`, `name=1.2=build`, `channel::name>=1`, `name 1.2`."""
    text = text[:LONGEST_LINE].strip().strip("'\"").split(" #")[0].strip()
    if match := CONDA_FILE.search(text):
        return Package(canonical(match[1]), f"={match[2]}", True)
    text = text.rpartition("::")[2].strip()
    match = re.fullmatch(
        r"([A-Za-z0-9_][\w.-]*)(?:\[(?:version=)?['\"]?([^\]'\"]*).*\])?\s*(.*)", text
    )
    if not match:
        return None
    name, specifier = match[1], (match[3] or match[2] or "").strip()
    sign = re.match(r"[=<>!~]*", specifier)[0]
    version, *build = re.split(r"[=\s]+", specifier[len(sign) :].strip())
    exact = sign in ("", "=", "==", "===") and is_version(version, sign == "==" or bool(build))
    exact = exact and not re.search(r"[*,|<>]", version)
    return Package(canonical(name), specifier, exact)
