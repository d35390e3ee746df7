"""The cycle collector rests during a batch, and is found as it was."""

import gc
from collections.abc import Iterator

import pytest

from compliance.services.resting import resting_collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.enable()


def test_it_rests_inside_and_is_awake_again_afterwards() -> None:
    with resting_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_awake_again_after_a_batch_that_failed() -> None:
    with pytest.raises(ValueError, match="torn"), resting_collector():
        raise ValueError("torn")
    assert gc.isenabled()


def test_whoever_put_it_to_rest_finds_it_at_rest() -> None:
    gc.disable()
    with resting_collector():
        pass
    assert not gc.isenabled()


def test_an_inner_batch_does_not_wake_it_for_the_outer_one() -> None:
    with resting_collector():
        with resting_collector():
            pass
        assert not gc.isenabled()
