"""What every test stands on: a scrubbed environment, no way out of this machine, and real servers when asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

pytest_plugins = [
    "tests.servers.sockets",
    "tests.servers.skips",
    "tests.servers.valkey",
    "tests.servers.postgres",
    "tests.servers.chromium",
]

ROOT = Path(__file__).parents[1]
KEPT = frozenset({"COMPLIANCE_TEST_POSTGRES", "COMPLIANCE_FAIL_ON_SKIP"})


def scrub_environment() -> None:
    """A developer's own settings must not decide what a test sees."""
    for name in [name for name in os.environ if name.startswith("COMPLIANCE_") and name not in KEPT]:
        del os.environ[name]


scrub_environment()  # before the first test module is imported, since a module may read the environment


# A run says something about the code, not about the dice or about what else the machine has to do: the same examples
# every time, however long one takes. The long run throws the dice.
_UNHURRIED = hypothesis.settings(
    deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("suite", _UNHURRIED, derandomize=True)
hypothesis.settings.register_profile("long", _UNHURRIED, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "visits_csv" in fixtures:
            item.add_marker(pytest.mark.shared_data)
        if "postgres_url" in fixtures:
            item.add_marker(pytest.mark.postgres)
        if "chromium" in fixtures:
            item.add_marker(pytest.mark.browser)
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture
def stride(request: pytest.FixtureRequest) -> int:
    """How many calls a crash test steps over: every call is killed under --long, every third in the suite."""
    return 1 if request.config.getoption("--long") else 3


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test writes into the environment, or says about logging, is gone before the next."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def visits_csv() -> Path:
    """The real register, which lies beside the checkout and is never part of it."""
    path = ROOT.parent / "shared" / "data" / "visits.csv"
    if not path.is_file():
        pytest.skip("the real register is not beside this checkout (../shared/data/visits.csv)")
    return path
