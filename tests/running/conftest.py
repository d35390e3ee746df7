"""A demo home that has been lived in is made once, and copied: most tests start where a newcomer's second start is."""

from pathlib import Path

import pytest

from compliance.bootstrap import DEMO, bootstrap
from compliance.config import Settings
from compliance.running import demo


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("seeded") / "home"
    with bootstrap(Settings(home=home), kind=DEMO) as engine:
        demo.seed(engine)
    return home
