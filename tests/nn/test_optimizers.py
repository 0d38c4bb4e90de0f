import math

import numpy as np
import pytest

from nn import SGD, Parameter
from nn.errors import SettingError, SettingTypeError


def test_a_step_subtracts_the_rate_times_the_gradient():
    p, q = Parameter(1.0), Parameter(-2.0)
    (3.0 * p + p * q).backward()
    SGD(0.5).step([p, q])
    assert (p.data, q.data) == (1.0 - 0.5 * (3.0 - 2.0), -2.0 - 0.5 * 1.0)


def test_a_parameter_without_a_gradient_stays_and_keeps_its_graphs_fresh():
    p = Parameter(1.0)
    z = p * p
    SGD(0.5).step([p])
    z.backward()
    assert p.grad == 2.0


def test_the_rate_may_be_changed_between_steps():
    optimizer = SGD(0.5)
    optimizer.learning_rate = np.float64(0.25)
    assert optimizer.learning_rate == 0.25
    assert repr(optimizer) == "SGD(0.25)"
    with pytest.raises(SettingError):
        optimizer.learning_rate = 0.0
    assert optimizer.learning_rate == 0.25


@pytest.mark.parametrize("rate", [0, 0.0, -0.1, math.inf, -math.inf, math.nan, 10**400, np.float64(-1.0)])
def test_rates_that_are_not_positive_and_finite_are_refused(rate):
    with pytest.raises(SettingError, match="learning_rate must be positive and finite"):
        SGD(rate)


@pytest.mark.parametrize("rate", ["0.1", None, True, 1j, [0.1], np.array([0.1, 0.2])])
def test_rates_that_are_no_numbers_are_type_errors(rate):
    with pytest.raises(SettingTypeError, match="learning_rate must be a number"):
        SGD(rate)
