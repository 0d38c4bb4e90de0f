import math

import numpy as np
import pytest

import autograd_core as ag
from nn import MLP, SGD, Adam, Optimizer, Parameter, fit, half_mse, schedules
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


def descent(optimizer, gradients, start=1.0):
    """The numbers after each step, for the gradients in turn."""
    numbers = np.array([start])
    state, seen = optimizer.start(numbers), []
    for g in gradients:
        numbers, state = optimizer.update(numbers, np.array([g]), state)
        seen.append(float(numbers[0]))
    return seen


def test_momentum_builds_up_a_velocity():
    assert descent(SGD(0.1, momentum=0.5), [1.0, 1.0, 0.0]) == pytest.approx([0.9, 0.75, 0.675], rel=1e-15, abs=0)
    assert descent(SGD(0.1, momentum=0.0), [1.0, 1.0, 0.0]) == descent(SGD(0.1), [1.0, 1.0, 0.0])


def test_adam_is_algorithm_1_of_its_paper():
    gradients, rate, beta1, beta2, epsilon = [0.5, -2.0, 1e-3], 0.01, 0.9, 0.999, 1e-8
    x = m = v = 0.0
    expected = []
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        x -= rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + epsilon)
        expected.append(x)
    assert descent(Adam(rate), gradients, 0.0) == pytest.approx(expected, rel=1e-13, abs=0)
    assert expected[0] == pytest.approx(-rate, rel=1e-7)


def test_an_update_changes_nothing_it_was_given():
    for optimizer in (SGD(0.1), SGD(0.1, 0.9), Adam(0.1)):
        numbers, gradient = np.array([1.0, 2.0]), np.array([0.5, -0.5])
        state = optimizer.update(numbers, gradient, optimizer.start(numbers))[1]
        before = {name: np.copy(x) for name, x in state.items()}
        optimizer.update(numbers, gradient, state)
        assert numbers.tolist() == [1.0, 2.0]
        assert gradient.tolist() == [0.5, -0.5]
        assert all(np.array_equal(before[name], x) for name, x in state.items())


def test_a_step_on_values_is_an_update_of_their_numbers():
    p, optimizer = Parameter(1.0), SGD(0.1, momentum=0.5)
    for expected in (0.9, 0.75):
        p.zero_grad()
        (1.0 * p).backward()
        optimizer.step([p])
        assert p.data == pytest.approx(expected, rel=1e-15, abs=0)
    with pytest.raises(SettingError, match=r"SGD\(0.1, momentum=0.5\) has moved 1 parameters so far, now it gets 2"):
        optimizer.step([p, Parameter(2.0)])


def test_a_rate_may_be_a_function_of_the_steps_taken():
    assert descent(SGD(lambda k: 1.0 / (k + 1)), [1.0, 1.0]) == [0.0, -0.5]
    with pytest.raises(SettingError, match="learning_rate after 1 steps must be positive and finite"):
        descent(SGD(lambda k: 1.0 - k), [1.0, 1.0])


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.5, momentum=0.9), SGD(schedules.Linear(1.0, 0.1, 100)), Adam()])
def test_an_optimizer_shows_its_settings(optimizer):
    names = {"SGD": SGD, "Adam": Adam, "Linear": schedules.Linear}
    assert repr(eval(repr(optimizer), names)) == repr(optimizer)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: SGD(0.1, momentum=1.0), SettingError),
        (lambda: SGD(0.1, momentum=-0.1), SettingError),
        (lambda: SGD(0.1, momentum="0.9"), SettingTypeError),
        (lambda: Adam(beta1=1.0), SettingError),
        (lambda: Adam(beta2=math.nan), SettingError),
        (lambda: Adam(epsilon=0.0), SettingError),
        (lambda: Adam(0.0), SettingError),
    ],
)
def test_other_settings_are_checked_too(make, error):
    with pytest.raises(error, match="must be"):
        make()


def test_an_optimizer_of_your_own_says_what_it_lacks():
    with pytest.raises(NotImplementedError, match=r"Optimizer has no rule\(p, g, state, rate, steps\)"):
        descent(Optimizer(0.1), [1.0])


def own(rule=lambda self, p, g, state, rate, steps: (p - rate * g, {}), start=None, **methods):
    """An optimizer called Own with these methods."""
    methods |= {"rule": rule} | ({} if start is None else {"start": start})
    return type("Own", (Optimizer,), methods)(0.1)


WRONG = {
    "a scalar in the state": (
        lambda: own(
            lambda self, p, g, state, rate, steps: (p - rate * g, {"k": state["k"] + 1}),
            start=lambda self, numbers: {"steps": 0, "k": 0.0},
        ),
        r"Own.start must return an array for 'k', one number for each of the 13 parameters.*0.0 \* numbers.*got 0.0",
    ),
    "a state without steps": (lambda: own(start=lambda self, numbers: {}), r"Own.start must return .*'steps': 0.* got \{\}"),
    "no state": (lambda: own(start=lambda self, numbers: None), r"Own.start must return .*'steps': 0.* got None"),
    "a state without a start": (
        lambda: own(lambda self, p, g, state, rate, steps: (p, {"m": state["m"] + g})),
        r"'m'\nOwn.rule gets .* start\(numbers\) or the step before returned, here nothing",
    ),
    "no answer": (lambda: own(lambda *_: None), r"Own.rule must return the new p and a dict .* got None"),
    "p alone": (lambda: own(lambda self, p, g, *_: p - g), r"Own.rule must return the new p and a dict .* got array"),
    "a state that is none": (lambda: own(lambda self, p, g, *_: (p, g)), r"Own.rule must return the new p and a dict"),
    "a part of p": (
        lambda: own(lambda self, p, g, *_: (p[:3], {})),
        r"Own.rule must return an array for 'the new p', one number for each of the 13 parameters.* got array",
    ),
    "a number to remember": (
        lambda: own(lambda self, p, g, *_: (p, {"m": 2.0})),
        r"Own.rule must return an array for 'm'.*0.0 \* p .*got 2.0",
    ),
    "a branch": (lambda: own(lambda self, p, g, *_: (p if g > 0 else g, {})), r"ambiguous.*\n.*np.where\(g > 0.0"),
    "an op of the graph": (lambda: own(lambda self, p, g, *_: (p - ag.tanh(g), {})), r"\n.*np.tanh\(g\)"),
    "no learning rate": (
        lambda: own(__init__=lambda self, rate: None),
        r"Own has no learning rate; call super\(\).__init__\(learning_rate\) in Own.__init__",
    ),
}  # fmt: skip


def one_step(net, optimizer, way):
    if way == "by hand":
        optimizer.step(net.parameters())
    else:
        fit(net, [[0.0, 1.0]] * 4, [1.0] * 4, loss=half_mse, optimizer=optimizer, compile=way == "compiled")


@pytest.mark.parametrize("way", ["compiled", "plain", "by hand"])
@pytest.mark.parametrize("name", WRONG)
def test_an_optimizer_of_your_own_is_told_what_is_wrong_with_it_in_all_ways(name, way):
    make, says = WRONG[name]
    net = MLP(2, [3, 1], "tanh", seed=1)
    before = [p.data for p in net.parameters()]
    with pytest.raises((ValueError, TypeError, KeyError), match=f"(?s){says}"):
        one_step(net, make(), way)
    assert [p.data for p in net.parameters()] == before


def test_an_update_of_your_own_may_keep_numbers_beside_arrays():
    def update(self, numbers, gradient, state):
        return numbers - 1.0, {"steps": state["steps"] + 1, "k": state["k"] + 1.0}

    p, optimizer = Parameter(3.0), own(start=lambda self, numbers: {"steps": 0, "k": 0.0}, update=update)
    optimizer.step([p])
    optimizer.step([p])
    assert p.data == 1.0
