"""The pages of docs/standards/, one for each criterion, made from the rules themselves."""

from gold_standard.check.rules import RULES

SECTIONS = (("What passes", "passes"), ("What does not", "fails"), ("How to get there", "fix"), ("Why", "reason"), ("Where it comes from", "source"))  # fmt: skip
LEAST = {
    "heil.data": "files, cross-checked; identifiers count as written unless `--online` looks them up",
    "heil.deterministic": "a run whose outcome was compared; files alone can only fail it or leave it unknown",
    "heil.single-command": "a run whose outcome was compared; files alone can only fail it or leave it unknown",
}  # fmt: skip


def page(rule) -> str:
    """One criterion in Markdown."""
    parts = [f"# {rule.id}", "", rule.asks]
    for title, name in SECTIONS:
        parts += ["", f"## {title}", "", getattr(rule, name)]
    least = LEAST.get(rule.id) or LEAST["heil.data"]
    parts += ["", "## What a pass rests on, at least", "", least[0].upper() + least[1:] + "."]
    return "\n".join(parts) + "\n"


def all_pages() -> dict[str, str]:
    """Every page by its file name, and the list of them."""
    pages = {f"{rule.id}.md": page(rule) for rule in RULES}
    lines = ["# The criteria", "", "Two standards, two verdicts, never one number.", "This list and its pages are made from the rules by `python3 develop.py pages`.", ""]  # fmt: skip
    lines += [f"- [{rule.id}]({rule.id}.md): {rule.asks}" for rule in RULES]
    pages["README.md"] = "\n".join(lines) + "\n"
    return pages
