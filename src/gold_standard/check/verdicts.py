"""What a judgement is made of: evidence, findings, and the rules that are asked in turn."""

from collections.abc import Callable
from dataclasses import dataclass, field

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not-applicable"
# What a verdict rests on, weakest first: said by somebody, found in the files, looked up, run.
DECLARED, STATIC, RESOLVED, RERUN = "declared", "static", "resolved", "re-run"


@dataclass(frozen=True)
class Evidence:
    """One thing that was found, and where: `path` relative to the repository, `line` from 1."""

    note: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Finding:
    """What a rule found: verdict, how sure, what it saw, why in one sentence, what to do next."""

    verdict: str
    why: str
    evidence: tuple[Evidence, ...] = ()
    fix: str = ""
    level: str = STATIC


@dataclass(frozen=True)
class Rule:
    """One criterion of a standard: what it asks, where the paper says so, how it is judged."""

    id: str
    asks: str  # one sentence
    reason: str  # why it matters, in own words
    source: str  # the place in the paper
    passes: str  # what passes here
    fails: str  # what does not, though it often is meant to
    fix: str  # how to get there
    judge: Callable = field(repr=False, compare=False)

    @property
    def page(self) -> str:
        """Where the rule is explained, in the repository of the template."""
        return f"docs/standards/{self.id}.md"


def passed(why: str, *evidence: Evidence, level: str = STATIC) -> Finding:
    """The criterion is met."""
    return Finding(PASS, why, evidence, level=level)


def failed(why: str, *evidence: Evidence, fix: str = "", level: str = STATIC) -> Finding:
    """The criterion is not met; an empty `fix` stands for the rule's own."""
    return Finding(FAIL, why, evidence, fix, level)


def unknown(why: str, *evidence: Evidence, fix: str = "", level: str = STATIC) -> Finding:
    """It cannot be told; `fix` says what would settle it."""
    return Finding(UNKNOWN, why, evidence, fix, level)
