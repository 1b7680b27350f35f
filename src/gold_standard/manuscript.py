"""Sentences and tables for README, model card and manuscript, all made from one run's record."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

GIB = 2**30
# Said in words of their own, or nothing that a result depends on.
ARRANGED = ("seed", "seeds", "threads", "standin", "smoke", "resources")
TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
       **{sign: f"\\{sign}" for sign in "&%$#_{}"}}  # fmt: skip


def needed_table(record: dict) -> str:
    """README's table: everything that the silver standard wants recorded (Heil et al., Table 1)."""
    return "\n\n".join(map(markdown_table, needed(record)))


def needed(record: dict) -> tuple[list[list[str]], list[list[str]]]:
    """What the whole run needed, and what each step did: two tables with their heads."""
    about = _about(record)
    rows = [
        ["What it needed", about["what"]],
        ["Order", " → ".join(_order(record))],
        ["Operating system", f"{about['system']} ({about['kernel']}, {about['architecture']})"],
        ["Processor", about["cpu"]],
        ["Graphics card", about["gpu"]],
        ["Memory", about["memory"]],
        *([["Cluster", about["cluster"]]] if about["cluster"] else []),
        ["Wall-clock time", about["wall"]],
        ["CPU time", about["cpu_time"]],
        [
            "Software",
            f"Python {record['environment']['python']}; packages in {_locks(record)}"
            f"{_torch(record)}",
        ],
    ]
    # Runs of one step may overlap, so their times add up to more than the whole took.
    steps = [["Step", "Runs", "Wall-clock time, added up", "CPU time", "Peak memory"]]
    for rule, runs in by_rule(record).items():
        cpu = [run["cpu_seconds"] for run in runs]
        memory = [run["peak_memory_bytes"] for run in runs]
        steps.append([
            rule,
            str(len(runs)),
            duration(sum(run["wall_seconds"] for run in runs)),
            "not measured" if None in cpu else duration(sum(cpu)),
            "not measured" if None in memory else size(max(memory)),
        ])  # fmt: skip
    return rows, steps


def environment_text(record: dict) -> str:
    """The model card's lines on where the weights were trained."""
    about = _about(record)
    lines = [
        f"Trained on {about['system']}, {about['cpu']}, {about['memory']}; {about['gpu']}.",
        f"Python {record['environment']['python']}, packages as in `{_locks(record, '` and `')}` "
        f"(sha256 `{record['environment']['lock'][:12]}…`).",
        f"Training and evaluation took {about['wall']} and {about['cpu_time']} of CPU time.",
    ]
    return "\n".join(lines)


def markdown(record: dict, facts: dict[str, list[dict]]) -> str:
    """Two paragraphs for the manuscript, in Markdown."""
    return f"{_needs(record)}\n\n{_methods(record, facts)}\n"


def latex(record: dict, facts: dict[str, list[dict]]) -> str:
    """The same two paragraphs in LaTeX; every character of a name or value is literal."""
    paragraphs = (_needs(record), _methods(record, facts))
    return "\n\n".join(_escape(text) for text in paragraphs) + "\n"


def facts(results: Path, made: list[Path]) -> dict[str, list[dict]]:
    """What the steps wrote down about themselves: their JSON files, by name or folder."""
    found = defaultdict(list)
    paths = [path for path in made if path.suffix == ".json" and results in path.parents]
    for path in sorted(paths, key=lambda path: natural(path.as_posix())):
        content = json.loads(path.read_text(encoding="utf-8"))
        name = path.stem if path.parent == results else path.parent.name
        entries = content if isinstance(content, list) else [content]
        if entries and all(isinstance(entry, dict) for entry in entries):
            found[name] += entries
    return dict(found)


def _needs(record: dict) -> str:
    about = _about(record)
    return (
        f"The single command `python reproduce.py` repeats the {about['what']}: "
        f"{_listed(_order(record))}, in this order. It took {about['wall']} of wall-clock time and "
        f"{about['cpu_time']} of CPU time on {about['system']} ({about['architecture']}); "
        f"processor: {about['cpu']}; {about['memory']}; {about['gpu']}; "
        f"Python {record['environment']['python']}, "
        f"{_counted(record['environment']['threads'], 'thread')} in each step."
    )


def _methods(record: dict, facts: dict[str, list[dict]]) -> str:
    config = record["config"]
    said = []
    for name, entries in facts.items():
        said += _told(name, entries)
    for block, values in config.items():
        if isinstance(values, dict) and block not in ARRANGED:
            told = {key: value for key, value in _flat(values).items() if not _is_address(value)}
            said.append(f"Settings of {_words(block)}: {_pairs(told)}.")
    other = {k: v for k, v in config.items() if not isinstance(v, dict) and k not in ARRANGED}
    if other:
        said.append(f"Other settings: {_pairs(other)}.")
    if "seeds" in config:
        said.append(f"Seeds of the repetitions: {_value(config['seeds'])}.")
    if "seed" in config:
        said.append(f"All random numbers derive from the root seed {config['seed']}.")
    return " ".join(said)


def _is_address(value: object) -> bool:
    """Where a file comes from and its checksum belong into the data statement."""
    words = value if isinstance(value, list) else [value]
    return any(isinstance(word, str) and (":" in word or len(word) >= 64) for word in words)


def _told(name: str, entries: list[dict]) -> list[str]:
    """Facts that all files of a folder share, then what each says of its own."""
    flat = [_flat(entry) for entry in entries]
    shared = _shared(flat)
    title = _words(name).capitalize()
    said = [f"{title}: {_pairs(shared)}."] if shared else []
    own = [{key: value for key, value in one.items() if key not in shared} for one in flat]
    if any(own):
        said.append(f"{title}, one by one: {'; '.join(map(_pairs, own))}.")
    return said


def _shared(flat: list[dict]) -> dict:
    """What all entries have alike."""
    return {
        key: value
        for key, value in flat[0].items()
        if all(key in other and other[key] == value for other in flat[1:])
    }


def facts_table(entries: list[dict]) -> str:
    """What all entries of a file of facts have alike, as a table in Markdown."""
    shared = _shared([_flat(entry) for entry in entries])
    rows = [f"| {_words(key)} | {_cell(_value(value))} |" for key, value in shared.items()]
    return "\n".join(["| | |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return re.sub(r"([|*_<>\[\]])", r"\\\1", text)


def _flat(values: dict) -> dict:
    """The values of a tree under the names of its leaves."""
    flat = {}
    for key, value in values.items():
        flat.update(_flat(value) if isinstance(value, dict) else {key: value})
    return flat


def _pairs(values: dict) -> str:
    return ", ".join(f"{_words(key)} {_value(value)}" for key, value in values.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return _listed(map(_value, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return str(value)


def _locks(record: dict, between: str = " and ") -> str:
    """The names of the locks of the environment that ran."""
    name = record["environment"].get("env")
    return "requirements.lock" + (f"{between}requirements-{name}.lock" if name else "")


def _torch(record: dict) -> str:
    """The build of torch that ran, with its CUDA and the card's driver; empty without torch."""
    torch = record["environment"].get("torch")
    if not torch:
        return ""
    drivers = sorted({card["driver"] for card in record["machine"]["gpus"]})
    cuda = f", CUDA {torch['cuda']}" if torch["cuda"] else ""
    return f"; torch {torch['version']}{cuda}{''.join(f', driver {one}' for one in drivers)}"


def _about(record: dict) -> dict[str, str]:
    machine, total = record["machine"], record["totals"]
    cpu, peak = machine["cpu"], total["peak_memory_bytes"]
    cards = [f"{card['model']} with {card['memory_mib']} MiB" for card in machine["gpus"]]
    used = "" if peak is None else f", at most {size(peak)} used by one process"
    return {
        "what": "run on the synthetic stand-in"
        if record["layout"] == "stand-in"
        else "complete run",
        "system": machine["system"],
        "kernel": machine["kernel"],
        "architecture": machine["architecture"],
        "cpu": f"{cpu['model']}, "
        + (
            f"{_counted(cpu['threads'], 'core')} a node"
            if "nodes" in record
            else f"{record['cores']} of {_counted(cpu['threads'], 'core')} used"
        ),
        "cluster": _cluster(record),
        "memory": f"{size(machine['memory_bytes'])} of memory{used}",
        "gpu": f"{_counted(len(cards), 'graphics card')} ({_listed(cards)})"
        if cards
        else "no graphics card",
        "wall": duration(total["wall_seconds"]),
        "cpu_time": "unmeasured"
        if total["cpu_seconds"] is None
        else duration(total["cpu_seconds"]),
    }


def _cluster(record: dict) -> str:
    """How a run was spread over a cluster; empty for one on a single machine."""
    jobs = [step["job"] for step in record["steps"] if "id" in step.get("job", {})]
    if not jobs:
        return ""
    nodes = len({job["node"] for job in jobs})
    waited = [job["waited_seconds"] for job in jobs if "waited_seconds" in job]
    longest = f"; {duration(max(waited))} in the queue at most" if waited else ""
    models = sorted({node["cpu"]["model"] for node in record.get("nodes", {}).values()})
    others = f"; processors: {_listed(models)}" if len(models) > 1 else ""
    return f"{_counted(len(jobs), 'job')} on {_counted(nodes, 'node')}{longest}{others}"


def by_rule(record: dict) -> dict[str, list[dict]]:
    """The steps of each rule, in the order of the work."""
    rules = defaultdict(list)
    for step in record["steps"]:
        rules[step["rule"]].append(step)
    return dict(rules)


def _order(record: dict) -> list[str]:
    return list(by_rule(record))


def size(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / 2**20:.0f} MiB"


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _words(name: str) -> str:
    return name.replace("_", " ")


def natural(path: str) -> list[tuple[int, str]]:
    """What to sort paths by so that `seed_2` comes before `seed_10`."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", path)]


def _escape(text: str) -> str:
    return "".join(TEX.get(sign, sign) for sign in re.sub("`", "", text))


def markdown_table(rows: list[list[str]]) -> str:
    """A Markdown table; the first row is its head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
