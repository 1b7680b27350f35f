"""The study's own modules that a step's scripts import, listed in the Snakefile or not.

Somebody who adds a module and forgets to list it must not get yesterday's results for it.
"""

import ast
from pathlib import Path


class Imports:
    """Follows the imports of Python files through the modules below src/, each file read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._direct: dict[str, set[str]] = {}

    def of(self, paths: list[str]) -> set[str]:
        """All modules of src/ that these files import, directly or not; paths as given there."""
        found: set[str] = set()
        waiting = [path for path in paths if path.endswith(".py")]
        while waiting:
            for module in self._of_one(waiting.pop()) - found:
                found.add(module)
                waiting.append(module)
        return found

    def _of_one(self, path: str) -> set[str]:
        if path not in self._direct:
            try:
                tree = ast.parse((self._root / path).read_bytes())
            except (OSError, SyntaxError, ValueError):
                tree = ast.Module([], [])  # running it tells more than we could
            names = {name for node in ast.walk(tree) for name in _names(node, path)}
            self._direct[path] = {found for name in names for found in self._files(name)} - {path}
        return self._direct[path]

    def _files(self, name: str) -> list[str]:
        """The files of a module below src/, its packages' __init__ included."""
        parts = name.split(".")
        heads = ["/".join(["src", *parts[: count + 1]]) for count in range(len(parts))]
        files = [file for head in heads for file in (f"{head}.py", f"{head}/__init__.py")]
        return [file for file in files if (self._root / file).is_file()]


def _names(node: ast.AST, path: str) -> list[str]:
    """Dotted names that a node may import; those that are no modules lead to no file."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = list(Path(path).parts[1:-1])  # without src/ and the file's own name
    above = package[: len(package) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    return [base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)]
