"""Stand-in for SQLAlchemy: Snakemake imports it for a database that studies do not use."""

import sys


class Unused:
    """Whatever Snakemake imports from here; it is never called."""

    def __init__(self, *args, **keywords) -> None:
        """Accept what a declaration says."""


class IntegrityError(Exception):
    """Never raised."""


Column = JSON = URL = DeclarativeBase = Session = Unused
create_engine = delete = event = make_url = select = Unused

for part in ("engine", "engine.url", "exc", "orm"):
    sys.modules[f"{__name__}.{part}"] = sys.modules[__name__]
