"""Looks identifiers up, when asked to: a pass becomes "resolved", a dead identifier a failure."""

import http.client
import re
import urllib.error
import urllib.request
from urllib.parse import quote

from gold_standard.check.identifiers import DOI

IDS = ("heil.data", "heil.models", "heil.code")


def resolve(report: dict, resolver: str = "https://doi.org/", timeout: float = 20) -> None:
    """Look up the DOIs behind the three bronze criteria, and write into the report what came."""
    for result in report["results"]:
        if result["id"] not in IDS or result["verdict"] != "pass":
            continue
        dois = {found for e in result["evidence"] for found in DOI.findall(e["note"])}
        dois = {re.sub(r"\.svg$", "", doi) for doi in dois}
        answers = {doi: _answer(resolver + quote(doi, safe="/"), timeout) for doi in sorted(dois)}
        if any(answer == "there" for answer in answers.values()):
            result["level"] = "resolved"
            result["why"] = result["why"].replace("not looked up", "looked up")
        elif answers and all(answer == "unknown there" for answer in answers.values()):
            result["verdict"] = "fail"
            result["why"] = f"{', '.join(answers)} leads nowhere."
            result["fix"] = "Correct the identifier."
        elif answers:
            report["notes"].append(f"{', '.join(answers)} could not be looked up: {next(iter(answers.values()))}.")  # fmt: skip
    _settle(report)


def _settle(report: dict) -> None:
    """Draw the level and the next step again: what leads nowhere no longer counts."""
    from gold_standard.check.judge import LEVELS, next_step

    met = {result["id"] for result in report["results"] if result["verdict"] == "pass"}
    if not met.issuperset(LEVELS["bronze"]):
        report["heil"]["level"] = "none"
    report["next"] = next_step(report["results"])


def _answer(address: str, timeout: float) -> str:
    request = urllib.request.Request(
        address, method="HEAD", headers={"User-Agent": "gold-standard"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout):  # noqa: S310  https, or a test's own
            return "there"
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return "unknown there"
        # The archive behind it may turn programs away; the identifier was resolved all the same.
        return "there" if error.code in (401, 403, 405, 406, 429) and error.url != address else f"HTTP {error.code}"  # fmt: skip
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
