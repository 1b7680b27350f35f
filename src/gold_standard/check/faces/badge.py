"""One badge for each standard: a self-contained SVG, and the JSON that a badge service reads."""

from html import escape

from gold_standard.check.faces import words

LABEL_COLOR = "3f4650"
# Background and text; each pair is readable by WCAG's AA (tested).
HEIL_COLORS = {
    "none": ("6b6b6b", "ffffff"),
    "bronze": ("8a5a2b", "ffffff"),
    "silver": ("c8cfd6", "1c1f22"),
    "gold": ("f0c648", "1c1f22"),
}
MIDL_COLORS = {
    "all": ("2b7a3d", "ffffff"),
    "some": ("3c6ea5", "ffffff"),
    "few": ("6b6b6b", "ffffff"),
}
NARROW, WIDE = "fijlrtI.,:;()-' ", "mwMW@%"  # of a sans serif at 11 px
PADDING = 6  # px on each side of a text

# No ids, so that several may stand in one page.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" \
aria-label="{title}">
<title>{title}</title>
<rect width="{width}" height="20" rx="3" fill="#{color}"/>
<path d="M3 0H{left}V20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#{label_color}"/>
<g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
<text x="{label_x}" y="14" textLength="{label_length}" fill="#ffffff">{label}</text>
<text x="{message_x}" y="14" textLength="{message_length}" fill="#{ink}">{message}</text>
</g>
</svg>
"""


def svg(report: dict, standard: str) -> str:
    """The badge for "heil" or "midl"; ValueError while the study is still the example."""
    label, message, (color, ink) = _parts(report, standard)
    label_length, message_length = _length(label), _length(message)
    left = label_length + 2 * PADDING
    return SVG.format(
        width=left + message_length + 2 * PADDING,
        left=left,
        title=escape(f"{label}: {message}"),
        label=escape(label),
        label_color=LABEL_COLOR,
        label_x=PADDING,
        label_length=label_length,
        message=escape(message),
        message_x=left + PADDING,
        message_length=message_length,
        color=color,
        ink=ink,
    )


def endpoint(report: dict, standard: str) -> dict:
    """What shields.io asks an endpoint for (its schema 1); ValueError as for `svg`."""
    label, message, (color, _) = _parts(report, standard)
    return {
        "schemaVersion": 1,
        "label": label,
        "message": message,
        "color": color,
        "labelColor": LABEL_COLOR,
    }


def _parts(report: dict, standard: str) -> tuple[str, str, tuple[str, str]]:
    if standard not in words.STANDARDS:
        raise ValueError(f"There is no badge for {standard!r}: choose heil or midl.")
    if report["example"]:
        raise ValueError(
            "This is still the shipped example: no badge is written before the study is your own."
        )
    said = report["heil"]["level"] if standard == "heil" else words.score(report)
    message = f"{said}, {words.run(report)}, {words.visible(report['date'])}"
    return words.STANDARDS[standard], message, _colors(report, standard)


def _colors(report: dict, standard: str) -> tuple[str, str]:
    if standard == "heil":
        return HEIL_COLORS[report["heil"]["level"]]
    score, applicable = report["midl"]["score"], report["midl"]["applicable"]
    if applicable and score == applicable:
        return MIDL_COLORS["all"]
    return MIDL_COLORS["some" if 2 * score >= applicable > 0 else "few"]


def _length(text: str) -> int:
    """About how many px the text takes; `textLength` makes it exactly that."""
    return round(sum(3.9 if c in NARROW else 10.2 if c in WIDE else 6.9 for c in text))
