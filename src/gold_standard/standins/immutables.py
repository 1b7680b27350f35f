"""Stand-in for immutables, which has no wheel for Python 3.14: defaults in Snakemake's settings."""


class Map(dict):
    """As much of immutables.Map as Snakemake uses: a mapping that can be hashed."""

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))
