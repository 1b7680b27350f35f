"""Small repositories of our own invention, each with the verdicts that are right for it.

Each module of this package holds some of them; ALL has all, by their names.
"""

from tests.synthetic.bare import BARE
from tests.synthetic.base import IDS, Repository, files_of, report_on, write
from tests.synthetic.environments import ENVIRONMENTS
from tests.synthetic.imaging import IMAGING
from tests.synthetic.seeds import SEEDS
from tests.synthetic.signals import SIGNALS
from tests.synthetic.whole import WHOLE

ALL: dict[str, Repository] = {}
for group in (WHOLE, IMAGING, SIGNALS, SEEDS, ENVIRONMENTS, BARE):
    assert not ALL.keys() & group.keys(), "two repositories bear one name"
    ALL |= group

__all__ = ["ALL", "IDS", "Repository", "files_of", "report_on", "write"]
