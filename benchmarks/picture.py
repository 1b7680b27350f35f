"""The README's picture of a first run: what a real one said, drawn as an SVG by Rich."""

import io
import re
import subprocess
import sys

from rich.console import Console
from rich.text import Text

from benchmarks.bench import BASE, ROOT

COMMAND = "python3 develop.py study ../my-study"
TARGET = ROOT / "docs" / "pictures" / "first-run.svg"
TITLE = "The first run of a study in a terminal"
SHOWN = 3  # files of each kind
LEFT_OUT = "  ⋮"
# Rich's own format asks a font of a server on the web; this asks nobody.
FORMAT = f"""\
<svg viewBox="0 0 {{width}} {{height}}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>{TITLE}</title>
<style>
.{{unique_id}}-matrix {{{{
  font: {{char_height}}px/{{line_height}}px ui-monospace, Menlo, Consolas, monospace;
}}}}
.{{unique_id}}-title {{{{ display: none; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal">
<rect x="0" y="0" width="{{terminal_width}}" height="{{terminal_height}}"/>
</clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})"
 clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</g>
</svg>
"""


def main(folder: str) -> int:
    """Render the default study there, run it for the first time, and draw what it says."""
    command = [BASE, ROOT / "develop.py", "study", folder]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        return done.returncode
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw(shortened(done.stdout)), encoding="utf-8", newline="\n")
    print(f"Written: {TARGET.relative_to(ROOT)}")
    return 0


def shortened(said: str) -> list[str]:
    """The lines up to the verdict; of the files of one kind only the first ones."""
    lines, counts = [f"$ {COMMAND}"], {}
    for line in said.split("\nReproduced")[0].splitlines():
        if re.match(r"  … \d+ s\.", line):
            continue  # that it is still at it
        found = re.match(r"  ([a-z]+) {3,}\S+$", line)
        kind = found and found[1]
        counts[kind] = counts.get(kind, 0) + 1
        if not kind or counts[kind] <= SHOWN:
            lines.append(line)
        elif lines[-1] != LEFT_OUT:
            lines.append(LEFT_OUT)
    verdict = re.search(r"^Reproduced.*$", said, re.MULTILINE)
    return [*lines, "", verdict[0]]


def draw(lines: list[str]) -> str:
    """The SVG of a terminal, 88 columns wide."""
    console = Console(record=True, width=88, file=io.StringIO(), force_terminal=True)
    for line in lines:
        style = "bold" if line.startswith(("$", "Reproduced")) else None
        console.print(Text(line, style=style or ""), highlight=False)
    return console.export_svg(title="", code_format=FORMAT, unique_id="first-run")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
