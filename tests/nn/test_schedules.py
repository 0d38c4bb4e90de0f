import itertools
import math

import pytest

from nn.errors import SettingError, SettingTypeError
from nn.schedules import Cosine, Exponential, Linear, Staircase

SCHEDULES = [Linear(1.0, 0.1, 100), Cosine(1.0, 0.1, 100), Exponential(1.0, 0.5, 10), Staircase(1.0, 0.5, 10)]


def test_linear_is_micrograds_rate():
    rate = Linear(1.0, 0.1, 100)
    assert [rate(k) for k in range(100)] == pytest.approx([1.0 - 0.9 * k / 100 for k in range(100)], rel=1e-14, abs=0)


def test_a_cosine_is_flat_at_both_ends_and_steepest_in_the_middle():
    rate = Cosine(2.0, 1.0, 90)
    assert [rate(k) for k in (0, 30, 45, 60, 90, 500)] == pytest.approx(
        [2.0, 1.75, 1.5, 1.25, 1.0, 1.0], rel=1e-14, abs=0
    )


def test_a_staircase_follows_the_exponential_at_its_steps():
    smooth, stairs = Exponential(1.0, 0.5, 10), Staircase(1.0, 0.5, 10)
    assert [stairs(k) for k in range(0, 50, 10)] == pytest.approx([smooth(k) for k in range(0, 50, 10)])
    assert stairs(19) == stairs(10) == 0.5


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_rates_fall_and_stay_positive(schedule):
    rates = [schedule(k) for k in range(300)]
    assert rates[0] == 1.0
    assert all(a >= b > 0.0 for a, b in itertools.pairwise(rates))


def test_a_rate_never_falls_to_nothing():
    assert Exponential(0.1, 0.9, 1)(100_000) > 0.0
    assert Staircase(0.1, 0.5, 1)(100_000) > 0.0
    assert Exponential(1e-5, 1.5, 1)(100_000) == math.inf  # which an optimizer refuses


@pytest.mark.parametrize("kind", [Linear, Cosine, Exponential, Staircase])
@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ((0.0, 0.1, 10), SettingError),
        ((1.0, math.nan, 10), SettingError),
        ((1.0, 0.1, 0), SettingError),
        ((1.0, 0.1, 2.5), SettingTypeError),
    ],
)
def test_settings_without_a_meaning_are_refused(kind, settings, error):
    with pytest.raises(error, match="must be"):
        kind(*settings)
