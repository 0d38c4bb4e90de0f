"""What changes between steps is found out, and then trained by the plain loop: nothing is frozen by compilation."""

import random
import warnings

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core import Value
from nn import MLP, SGD, Adam, Layer, Module, Neuron, Optimizer, Parameter, evaluate, fit, half_mse, mse

rng = random.Random(3)
X = [[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(24)]
Y = [rng.gauss(0.0, 1.0) for _ in X]


class Noisy(Module):
    """A network that does something to what its hidden layer gives."""

    def __init__(self, change):
        self.hidden, self.last = Layer(3, 4, "tanh", seed=1), Layer(4, 1, "linear", seed=2)
        self.change, self.rng, self.calls, self.factor = change, random.Random(5), 0, 1.0

    def parameters(self):
        return self.hidden.parameters() + self.last.parameters()

    def __call__(self, x):
        self.calls += 1
        return self.last([self.change(self, a) for a in self.hidden(x)])


def trained(net, compile, X=X, Y=Y, **settings):  # noqa: N803  # as in scikit-learn
    given = {"loss": half_mse, "optimizer": SGD(0.05, 0.5), "batch_size": 6, "epochs": 3, "seed": 0, **settings}
    history = fit(net, X, Y, compile=compile, **given)
    return [[p.data for p in net.parameters()], history.loss, history.metric, history.validation_loss]


VARYING = {
    "a mask of 0 and 1": lambda net, a: a * float(net.rng.random() > 0.5),
    "a rare mask": lambda net, a: a * (0.0 if net.rng.random() < 0.2 else 1.25),
    "noise": lambda net, a: a + net.rng.gauss(0.0, 0.1),
    "noise in a new Value": lambda net, a: a + Value(net.rng.gauss(0.0, 0.1)),
    "neurons left out": lambda net, a: a if net.rng.random() > 0.5 else 0.0,
    "a condition drawn": lambda net, a: ag.where(net.rng.random() > 0.5, a, 0.0),
    "an activation drawn": lambda net, a: ag.tanh(a) if net.rng.random() > 0.5 else ag.sin(a),
    "a number of calls": lambda net, a: a * (1.0 / net.calls),
    "NumPy's numbers": lambda net, a: a * np.random.default_rng(net.calls).normal(),
}


@pytest.mark.parametrize("batch_size", [1, 6, 24])
@pytest.mark.parametrize("name", VARYING)
def test_a_forward_pass_that_varies_is_trained_as_the_plain_loop_trains_it(name, batch_size):
    nets = Noisy(VARYING[name]), Noisy(VARYING[name])
    expected = trained(nets[0], False, batch_size=batch_size)
    with pytest.warns(RuntimeWarning, match=r"without compilation.* the output or the loss is computed in another way"):
        found = trained(nets[1], True, batch_size=batch_size)
    assert found == expected
    assert nets[0].calls == nets[1].calls
    assert nets[0].rng.getstate() == nets[1].rng.getstate()


@pytest.mark.parametrize("batch_size", [6, 24])
def test_noise_in_the_loss_or_in_the_penalty_is_not_frozen(batch_size):
    def noisy_loss(rng):
        return lambda a, y: half_mse(a, y + rng.gauss(0.0, 0.1))

    def noisy_penalty(rng):
        return lambda parameters: rng.random() * ag.dot(parameters, parameters)

    for what, make, says in (
        ("loss", noisy_loss, "the output or the loss is computed"),
        ("penalty", noisy_penalty, "the penalty is computed"),
    ):
        nets = Noisy(lambda _, a: a), Noisy(lambda _, a: a)
        expected = trained(nets[0], False, batch_size=batch_size, **{what: make(random.Random(1))})
        with pytest.warns(RuntimeWarning, match=says):
            found = trained(nets[1], True, batch_size=batch_size, **{what: make(random.Random(1))})
        assert found[0] == pytest.approx(expected[0], rel=1e-12)
        if batch_size == 6:  # two steps fit into the first epoch
            assert found == expected


def annealed(kind, compile):
    net, alpha, optimizer = Noisy(lambda net, a: net.factor * a), [0.1], SGD(0.05, 0.5)

    def on_epoch(history):
        if kind == "network":
            net.factor *= 0.5
        elif kind == "late" and len(history.loss) == 3:
            net.factor = 0.25
        elif kind in ("penalty", "loss"):
            alpha[0] *= 0.5
        elif kind == "optimizer":
            optimizer.momentum = 0.9
        elif kind == "ops":
            net.change = lambda net, a: ag.sin(a)

    settings = {
        "penalty": (lambda ps: alpha[0] * ag.dot(ps, ps)) if kind == "penalty" else None,
        "loss": (lambda a, y: alpha[0] * (a - y) ** 2) if kind == "loss" else half_mse,
        "validation": (X, Y),
    }
    return trained(net, compile, epochs=5, on_epoch=on_epoch, optimizer=optimizer, **settings)


@pytest.mark.parametrize("kind", ["network", "late", "penalty", "loss", "optimizer", "ops"])
def test_what_a_callback_changes_counts(kind):
    expected = annealed(kind, False)
    with pytest.warns(RuntimeWarning, match="in another way from one time to the next"):
        found = annealed(kind, True)
    for a, b in zip(found, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-12)
    assert expected[1] != trained(Noisy(lambda net, a: a), False, epochs=5)[1]


def test_a_function_for_the_rate_that_changes_the_network_is_found_out_at_the_next_epoch():
    def run(compile):
        net = Noisy(lambda net, a: net.factor * a)

        def rate(steps):
            net.factor = 0.5 ** (steps // 4)  # an epoch has four steps
            return 0.05

        return trained(net, compile, optimizer=SGD(rate), epochs=4)

    with pytest.warns(RuntimeWarning, match="in 'mul' the number"):
        found = run(True)
    assert found[1][0] == pytest.approx(run(False)[1][0], rel=1e-12)


def test_the_warning_says_which_number_changed():
    with pytest.warns(RuntimeWarning, match=r"in 'mul' the number 1.0 became 0.5.*nn.Dropout.*belongs into a Value"):
        annealed("network", True)


BRANCH = (
    r"slower: a branch on data \(`if`, `max`, `np.maximum`\).* select with ag.where\(condition, a, b\) or ag.maximum"
)
NUMBER = r"slower: a plain number changed; .*with ops, without .data\. Here the output or the loss"
CURES = {
    "if": (lambda net, a: a if a > 0.0 else 0.1 * a, BRANCH),
    "max": (lambda net, a: max(a, 0.0), BRANCH),
    "NumPy's maximum": (lambda net, a: np.maximum(a, 0.0), BRANCH),
    "the number of a Value": (lambda net, a: a * abs(a.data), NUMBER),
    "a number drawn": (VARYING["noise"], NUMBER),
    "neurons left out": (VARYING["neurons left out"], BRANCH),
}


@pytest.mark.parametrize("name", CURES)
def test_the_warning_begins_with_what_helps(name):
    change, cure = CURES[name]
    with pytest.warns(RuntimeWarning, match=cure):
        trained(Noisy(change), True)


class Decaying(SGD):
    """An optimizer that counts its steps itself."""

    def __init__(self, rate):
        super().__init__(rate)
        self.taken = 0

    def rule(self, p, g, state, rate, steps):
        self.taken += 1
        return p - rate / self.taken * g, {}


class Shaken(SGD):
    def __init__(self, rate):
        super().__init__(rate)
        self.rng = random.Random(1)

    def rule(self, p, g, state, rate, steps):
        return p - rate * g + self.rng.gauss(0.0, 0.01), {}


class Averaging(SGD):
    """One that remembers an average of the steps so far on itself."""

    def __init__(self, rate):
        super().__init__(rate)
        self.size = 1.0

    def rule(self, p, g, state, rate, steps):
        self.size = 0.9 * self.size + 0.05
        return p - rate * self.size * g, {}


class Clipping(SGD):
    """One that looks at the whole gradient, which a rule for one parameter does not get."""

    def rule(self, p, g, state, rate, steps):
        return p - rate * g / (1.0 + np.sqrt((g * g).sum())), {}


@pytest.mark.parametrize("optimizer", [Decaying, Shaken, Averaging, Clipping])
@pytest.mark.parametrize("batch_size", [1, 6, 24])
def test_an_optimizer_with_a_state_of_its_own_steps_as_in_the_plain_loop(optimizer, batch_size):
    given = optimizer(0.05), optimizer(0.05)
    expected = trained(Noisy(lambda _, a: a), False, optimizer=given[0], batch_size=batch_size)
    with pytest.warns(RuntimeWarning, match="the optimizer's step is not compiled"):
        found = trained(Noisy(lambda _, a: a), True, optimizer=given[1], batch_size=batch_size)
    for a, b in zip(found, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-11)
    if optimizer is Decaying:
        assert given[0].taken == given[1].taken


class Lion(SGD):
    """A rule that is one: its state is where states belong."""

    def start(self, numbers):
        return {"steps": 0, "mean": 0.0 * numbers}

    def rule(self, p, g, state, rate, steps):
        return p - rate * np.tanh(50.0 * (0.9 * state["mean"] + 0.1 * g)) / (steps + 1.0), {
            "mean": 0.99 * state["mean"] + 0.01 * g
        }


STEADY = {
    "nothing": lambda net, a: a,
    "a constant": lambda net, a: 0.5 * a,
    "a constant in a new Value": lambda net, a: Value(0.5) * a,
    "a comparison that is where's": lambda net, a: ag.where(a > 0.1, a, 0.01 * a),
    "a Value read at every step": lambda net, a: net.scale * a,
    "kinks": lambda net, a: ag.relu(a) + ag.maximum(a, 0.2) + abs(a),
}


@pytest.mark.parametrize("optimizer", slow([SGD, Adam, Lion], but=[SGD]))
@pytest.mark.parametrize("name", slow(STEADY, but=["nothing", "a Value read at every step"]))
def test_what_stays_the_same_is_compiled_without_a_word(name, optimizer):
    found = []
    for compile in (True, False):
        net = Noisy(STEADY[name])
        net.scale = Value(1.0)

        def halve(history, net=net):
            net.scale.data *= 0.5

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found.append(trained(net, compile, epochs=20, on_epoch=halve, optimizer=optimizer(0.01), validation=(X, Y)))
        assert net.calls < 150 or not compile  # the plain loop calls it 24 times an epoch, and as often to validate
    for a, b in zip(*found, strict=True):
        assert a == pytest.approx(b, rel=1e-10)


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 6, 24])
def test_nothing_is_called_more_often_than_the_plain_loop_calls_it(epochs, batch_size):
    counts = []
    for compile in (True, False):
        called = {"net": 0, "loss": 0, "metric": 0, "rate": 0, "penalty": 0}

        def counted(name, f, called=called):
            def counting(*args):
                called[name] += 1
                return f(*args)

            return counting

        inner = Layer(3, 1, "linear", seed=1)

        class Counted(Module):
            parameters = staticmethod(inner.parameters)
            __call__ = staticmethod(counted("net", inner))

        trained(
            Counted(),
            compile,
            epochs=epochs,
            batch_size=batch_size,
            loss=counted("loss", half_mse),
            metric=counted("metric", mse),
            optimizer=SGD(counted("rate", lambda k: 0.1)),
            penalty=counted("penalty", lambda ps: 0.1 * ag.dot(ps, ps)),
        )
        counts.append(called)
    compiled, plain = counts
    assert (compiled["metric"], compiled["rate"]) == (plain["metric"], plain["rate"])
    assert compiled["net"] <= plain["net"] + 1
    assert compiled["loss"] <= plain["loss"] + 1
    assert compiled["penalty"] <= plain["penalty"] + 1


@pytest.mark.parametrize("name", VARYING)
def test_evaluate_calls_a_network_that_varies_sample_by_sample(name):
    X, Y = [[0.1, 0.2, 0.3]] * 300, [0.0] * 300  # noqa: N806  # as in scikit-learn
    net, twin = Noisy(VARYING[name]), Noisy(VARYING[name])
    assert evaluate(net, X, Y, mse) == pytest.approx(sum(mse(twin(x).data, 0.0) for x in X) / 300, rel=1e-12)


def test_parameters_at_zero_and_a_single_parameter_are_watched_too():
    class Line(Module):
        def __init__(self):
            self.slope = Parameter(0.0)

        def parameters(self):
            return [self.slope]

        def __call__(self, x):
            return self.slope * x[0]

    found = [trained(Line(), compile) for compile in (True, False)]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)
    net = Neuron(1, "linear", init=lambda *_: 0.0)
    fit(net, [[1.0], [2.0]], [2.0, 4.0], loss=half_mse, optimizer=SGD(0.1), epochs=2000)
    assert net([3.0]).data == pytest.approx(6.0, abs=1e-2)


@pytest.mark.slow
def test_large_minibatches_are_compared_by_a_few_of_their_samples():
    X = [[rng.gauss(0.0, 1.0) for _ in range(30)] for _ in range(200)]  # noqa: N806  # as in scikit-learn
    Y = [x[0] for x in X]  # noqa: N806  # likewise
    calls = []

    class Counting(MLP):
        def __call__(self, x):
            calls.append(1)
            return super().__call__(x)

    found = []
    for compile in (True, False):
        net = Counting(30, [40, 1], "tanh", seed=1)
        found.append(trained(net, compile, X, Y, batch_size=None, epochs=3))
        assert len(calls) < 50 or not compile
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-9)

    def drawing(rng):
        return lambda z: z * rng.random()

    nets = [MLP(30, [40, 1], drawing(random.Random(1)), seed=1) for _ in range(2)]
    expected = trained(nets[0], False, X, Y, batch_size=None, epochs=3)
    with pytest.warns(RuntimeWarning, match="in another way"):
        assert trained(nets[1], True, X, Y, batch_size=None, epochs=3)[0] == expected[0]


class Momentum(SGD):
    """Keeps its velocity to itself."""

    def __init__(self, rate):
        super().__init__(rate)
        self.v, self.seen = 0.0, {"of all": [0.0]}

    def rule(self, p, g, state, rate, steps):
        self.v = 0.9 * self.v - rate * g
        self.seen["of all"] = [self.v]
        return p + self.v, {}


class Growing(Optimizer):
    """Begins to remember at the first step."""

    def rule(self, p, g, state, rate, steps):
        h = state.get("h", 0.0) + g * g
        return p - rate * g / (h**0.5 + 1e-8), {"h": h}


KEEPING = {
    "a velocity of its own": (lambda: Momentum(0.01), "computed in another way"),
    "a state that grows": (lambda: Growing(0.1), "keeps 'h', and begins with nothing"),
}


@pytest.mark.parametrize("batch_size", [1, 6, 24])
@pytest.mark.parametrize("name", KEEPING)
def test_an_optimizer_that_keeps_more_than_it_says_is_trained_as_the_plain_loop_trains_it(name, batch_size):
    make, said = KEEPING[name]
    settings = {"batch_size": batch_size, "epochs": 4}
    expected = trained(MLP(3, [4, 1], "tanh", seed=1), False, optimizer=make(), **settings)
    with pytest.warns(RuntimeWarning, match=f"the optimizer's step is not compiled.*{said}"):
        found = trained(MLP(3, [4, 1], "tanh", seed=1), True, optimizer=make(), **settings)
    for a, b in zip(found, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-9)


@pytest.mark.parametrize("momenta", [(0.0, 0.9, 0.5), (0.9, 0.0, 0.9)])
def test_a_momentum_switched_on_or_off_between_epochs_is_used(momenta):
    found = []
    for compile in (True, False):
        optimizer = SGD(0.05, momenta[0])

        def switched(history, optimizer=optimizer):
            optimizer.momentum = momenta[len(history.loss) % 3]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            net = MLP(3, [4, 1], "tanh", seed=1)
            found.append(trained(net, compile, optimizer=optimizer, epochs=5, on_epoch=switched))
    for a, b in zip(*found, strict=True):
        assert a == pytest.approx(b, rel=1e-9)
