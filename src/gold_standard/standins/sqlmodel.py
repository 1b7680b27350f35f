"""Stand-in for sqlmodel: Snakemake's record of a job as a plain object (it stays in files here).

The real one brings pydantic and SQLAlchemy: 32 MB, and half the time of importing Snakemake.
"""

import copy


def Field(default=None, default_factory=None, **column):  # noqa: N802 (the name is Snakemake's)
    """The default of a field."""
    return default_factory() if default_factory else default


class SQLModel:
    """An object with the fields that its class declares."""

    def __init_subclass__(cls, **table) -> None:
        """Accept `table=True`."""

    def __init__(self, **values) -> None:
        for name in type(self).__annotations__:
            default = copy.copy(getattr(type(self), name, None))
            setattr(self, name, values.get(name, default))

    @classmethod
    def model_validate(cls, values: dict) -> "SQLModel":
        return cls(**values)

    def model_dump(self) -> dict:
        return {name: getattr(self, name) for name in type(self).__annotations__}
