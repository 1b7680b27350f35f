"""Where a run reads and writes: the real run, the stand-in, and trials that touch neither."""

import copy
import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import yaml

from gold_standard.errors import Refusal


@dataclass(frozen=True)
class Layout:
    """Folders of one kind of run, relative to the study."""

    name: str
    data: str
    models: str
    results: str
    state: str
    record: str

    @property
    def pathvars(self) -> dict[str, str]:
        """The folders under the names that the Snakefile gives them."""
        return {
            "data": self.data,
            "models": self.models,
            "results": self.results,
            "logs": f"{self.state}/logs",
        }

    @property
    def is_trial(self) -> bool:
        """A run below runs/: its outputs are nobody's reference."""
        return self.state.startswith("runs/")


REAL = Layout("real", "data", "models", "results", ".run", "record/run.json")
STANDIN = Layout(
    "stand-in", "data/standin", "models-standin", "results-standin", ".run/standin",
    "record/standin.json",
)  # fmt: skip


TAKEN = (
    "config", "smoke", "container", "report.html", "report-standin.html", REAL.name, STANDIN.name,
)  # fmt: skip


def trial(name: str) -> Layout:
    """A run kept apart in runs/<name>/."""
    top = f"runs/{name}"
    return Layout(name, f"{top}/data", f"{top}/models", f"{top}/results", f"{top}/.run",
                  f"{top}/record/run.json")  # fmt: skip


def read_settings(root: Path) -> dict:
    """The table [tool.gold-standard] of pyproject.toml.

    Raises Refusal when the file cannot be read.
    """
    try:
        with (root / "pyproject.toml").open("rb") as file:
            settings = tomllib.load(file).get("tool", {}).get("gold-standard", {})
        names = ("compare", "publish")
        tables = (("", settings), *((f".{name}", settings.get(name, {})) for name in names))
        _check_weights(settings.get("weights", {}))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            f"pyproject.toml cannot be read: {error}. "
            "Mend that line, or get the file back from Git."
        ) from error
    except AttributeError as error:
        raise Refusal(
            "pyproject.toml: [tool.gold-standard] is no table. "
            "Write it as lines of `key = value` below [tool.gold-standard]."
        ) from error
    for name, table in tables:
        known = KNOWN[name]
        if not isinstance(table, dict):
            raise Refusal(
                f"pyproject.toml: [tool.gold-standard{name}] is no table. "
                "Write it as lines of `key = value` below that heading."
            )
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(known)}."
                where = f"pyproject.toml, [tool.gold-standard{name}]"
                raise Refusal(f"{where}: there is no setting {key}.{hint}")
    return settings


KNOWN = {
    "": (
        "data_access",
        "controlled_data",
        "demo",
        "metrics",
        "compare",
        "waivers",
        "weights",
        "environments",
        "find_links",
        "mirror",
        "publish",
    ),
    ".compare": ("rtol", "atol", "pixels", "reason", "predict"),
    ".publish": (
        "description", "access", "embargo", "grants", "communities", "data", "not_names",
    ),
}  # fmt: skip


SECRET = re.compile(r"://[^/]*@|[?&#][^=]*(token|key|secret|passw|sig|auth|credential)[^=]*=", re.I)


def _check_weights(weights: dict) -> None:
    for path, source in weights.items():
        if problem := _problem(path, source):
            raise Refusal(
                f'pyproject.toml, [tool.gold-standard.weights]: "{path}" {problem}. Correct it.'
            )


def _problem(path: str, source: object) -> str:
    """What is wrong with the place and the checksum of one file of weights; "" where nothing is."""
    parts = path.split("/")
    if len(parts) < 2 or parts[0] not in (REAL.models, STANDIN.models) or ".." in parts:
        return f"is no path in {REAL.models}/"
    if not isinstance(source, dict) or set(source) != {"url", "sha256"}:
        return "needs a url and a sha256, and nothing else"
    url = str(source["url"])
    if not re.fullmatch(r"[0-9a-f]{64}", str(source["sha256"])):
        return "has a sha256 that is not 64 hexadecimal digits"
    if SECRET.search(url):
        return "has a url that holds a secret, which everybody could read: name one without"
    return "" if re.match(r"(https?|doi):", url) else "needs a url that begins with https: or doi:"


def read_yaml(path: Path) -> dict:
    """A YAML file that holds a mapping.

    Raises Refusal.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refusal(
            f"{path.name} is not there: looked for {path}. Get it back from Git, or name another."
        ) from error
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise Refusal(
            f"{path.name} cannot be read: {error}. Mend that line, or get the file back from Git."
        ) from error
    if not isinstance(content, dict):
        raise Refusal(
            f"{path.name} holds no `key: value` lines. Write them, or get the file back from Git."
        )
    return content


def uses_standin(root: Path, settings: dict, asked: bool) -> bool:
    """Whether a run works on the synthetic stand-in: when asked to, or without the real data.

    Raises Refusal when a study with public data is asked for its stand-in.
    """
    if settings.get("data_access") != "controlled":
        if asked:
            raise Refusal(
                "--standin is for controlled data; this study's data are public. Leave it out."
            )
        return False
    config = read_yaml(root / "config.yaml")
    paths = [_lookup(config, key) for key in settings.get("controlled_data", [])]
    if not paths:
        raise Refusal(
            "pyproject.toml, [tool.gold-standard]: data_access is controlled, and controlled_data "
            'does not say where config.yaml names the real data, such as ["take_data.file"].'
        )
    return asked or bool(config.get("standin")) or not all((root / p).exists() for p in paths)


def _lookup(config: dict, key: str) -> str:
    """The path that stands in config.yaml under a key like `take_data.file`."""
    value: object = config
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str):
        raise Refusal(
            f"pyproject.toml says that config.yaml has a path under {key}; it has none. "
            "Correct one of the two."
        )
    return value


def choose(*, config: str | None, smoke: bool, standin: bool) -> Layout:
    """The layout that a call asks for.

    Raises Refusal when the name of the configuration file cannot name a folder in runs/.
    """
    if smoke:
        return trial("smoke")
    if not config:
        return STANDIN if standin else REAL
    name = Path(config).stem
    if not re.fullmatch(r"\w[\w.-]*", name) or name in TAKEN:
        raise Refusal(
            f"--config {config}: its results would go to runs/{name}/. Give the file another "
            f"name, such as try.yaml: letters, digits, - and _, but none of {', '.join(TAKEN)}."
        )
    return trial(name)


def overlay(root: Path, *, config: str | None, smoke: bool, standin: bool) -> tuple[dict, dict]:
    """What this call lays over config.yaml, and config.yaml with it.

    Raises Refusal when a key of the overlay is not in config.yaml.
    """
    base = read_yaml(root / "config.yaml")
    over: dict = {}
    if config:
        over = read_yaml(Path(config))
        _refuse_unknown(over, base, Path(config).name)
    if smoke:
        over = base.get("smoke") or {}
        _refuse_unknown(over, base, "config.yaml, block smoke")
    if "standin" in base:
        over = {**over, "standin": standin}
    return over, _merge(base, over)


def _merge(base: dict, over: dict) -> dict:
    merged = copy.deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _refuse_unknown(over: dict, base: dict, where: str, above: str = "") -> None:
    for key, value in over.items():
        if key == "resources":  # names what the executor knows; cluster.py looks at it
            continue
        if key not in base:
            near = difflib.get_close_matches(str(key), map(str, base), n=1)
            hint = f" Did you mean `{above}{near[0]}`?" if near else ""
            raise Refusal(f"{where}: `{above}{key}` is not a key of config.yaml.{hint}")
        if isinstance(value, dict) != isinstance(base[key], dict):
            kind = "a block" if isinstance(base[key], dict) else "one value"
            raise Refusal(
                f"{where}: `{above}{key}` is {kind} in config.yaml. Make it the same here."
            )
        if isinstance(value, dict):
            _refuse_unknown(value, base[key], where, f"{above}{key}.")
