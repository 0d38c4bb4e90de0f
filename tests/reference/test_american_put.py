"""An American put on the tree of J. Cox, S. Ross, M. Rubinstein, *Option Pricing: A Simplified Approach* (1979).

Formulas and names are those of J. Hull, *Options, Futures, and Other Derivatives*, section 21.1; its Examples 21.1
and 21.2 give the prices for 5 to 500 steps, delta, gamma and theta from the nodes, vega and rho from a second tree.
Prices without a tree: F. Longstaff, E. Schwartz, *Valuing American Options by Simulation*, Review of Financial Studies
14 (2001), Table 1, the column of finite differences. Vega and rho to 8 digits, by differences of 1e-8 on 60 steps:
Aptech, GAUSS manual, the example of `AmericanBinomPut_Greeks` (its delta and gamma are of another, unstated kind).

What a tree's derivatives are: its price is a maximum of functions linear in spot and strike, so its second derivatives
in these are 0 wherever they exist, and the gamma of the option is in its kinks. Gamma is therefore, as in Hull, a
difference between nodes, and the other second derivatives are those between the kinks. Python's `max` makes each node
a guard: one program per way of exercising, without what lies behind the nodes where that is done. `ag.maximum` makes
one program for all.
"""

# ruff: noqa: PLR0917  # a model has as many arguments as its formula has letters

import functools

import numpy as np
import pytest
from mpmath import mp

import autograd_core as ag

BACKENDS = ("python", "llvm")
ALL = (0, 1, 2, 3, 4)  # spot, strike, rate, volatility, expiry

HULL = (50.0, 50.0, 0.10, 0.40, 5 / 12)
HULL_PRICES = {5: "4.49", 30: "4.263", 50: "4.272", 100: "4.278", 500: "4.283"}  # by steps, as printed
GAUSS = (305.0, 300.0, 0.08, 0.25, 0.33)
LONGSTAFF_SCHWARTZ = {  # at strike 40 and rate 0.06: spot; volatility 0.2 for 1 and 2 years, 0.4 for 1 and 2 years
    36.0: (4.478, 4.840, 7.101, 8.508),
    38.0: (3.250, 3.745, 6.148, 7.670),
    40.0: (2.314, 2.885, 5.312, 6.920),
    42.0: (1.617, 2.212, 4.582, 6.248),
    44.0: (1.110, 1.690, 3.948, 5.647),
}
IN_THE_MONEY, OUT_OF_THE_MONEY = (36.0, 40.0, 0.06, 0.20, 1.0), (44.0, 40.0, 0.06, 0.40, 2.0)


def tree(spot, strike, rate, volatility, expiry, steps, maximum):
    """f[i][j], the put's value after i steps of which j went up: (21.4) to (21.7) and the backward induction."""
    dt = expiry / steps
    u = ag.exp(volatility * ag.sqrt(dt))
    discount = ag.exp(-rate * dt)
    p = (1 / discount - 1 / u) / (u - 1 / u)
    if_up, if_down = discount * p, discount * (1 - p)
    exercise = {k: strike - spot * u**k for k in range(-steps, steps + 1)}
    f = [[maximum(exercise[2 * j - steps], 0.0) for j in range(steps + 1)]]
    for i in reversed(range(steps)):
        late = f[-1]
        f.append([maximum(if_up * late[j + 1] + if_down * late[j], exercise[2 * j - i]) for j in range(i + 1)])
    return f[::-1]


def american_put(steps, maximum=max):
    """The price as a function of the market."""

    def price(spot, strike, rate, volatility, expiry):
        return tree(spot, strike, rate, volatility, expiry, steps, maximum)[0][0]

    return price


def nodes_greeks(steps, maximum=max):
    """Delta, gamma and theta from the first nodes: (21.8) to (21.10)."""

    def greeks(spot, strike, rate, volatility, expiry):
        f = tree(spot, strike, rate, volatility, expiry, steps, maximum)
        dt = expiry / steps
        u = ag.exp(volatility * ag.sqrt(dt))
        up, down = spot * u * u, spot / u / u
        slope_up, slope_down = (f[2][2] - f[2][1]) / (up - spot), (f[2][1] - f[2][0]) / (spot - down)
        return {
            "delta": (f[1][1] - f[1][0]) / (spot * u - spot / u),
            "gamma": (slope_up - slope_down) / (0.5 * (up - down)),
            "theta": (f[2][1] - f[0][0]) / (2 * dt),
        }

    return greeks


def textbook(spot, strike, rate, volatility, expiry, steps):
    """The price a second time, for mpmath: from the root down, each node when it is asked for."""
    dt = expiry / steps
    u, a = mp.exp(volatility * mp.sqrt(dt)), mp.exp(rate * dt)
    d = 1 / u
    p = (a - d) / (u - d)

    @functools.cache
    def f(i, j):
        exercise = max(strike - spot * u**j * d ** (i - j), 0)
        return exercise if i == steps else max(exercise, (p * f(i + 1, j + 1) + (1 - p) * f(i + 1, j)) / a)

    return f(0, 0)


@functools.cache
def oracle(market, steps):
    """Price, gradient and Hessian: central differences with h = 1e-15 at 50 digits."""
    with mp.workdps(50):
        market = tuple(map(mp.mpf, market))

        @functools.cache
        def partial(*axes):
            orders, h = tuple(map(axes.count, ALL)), mp.mpf(10) ** -15
            return float(mp.diff(lambda *x: textbook(*x, steps), market, orders, h=h))

        return (
            float(textbook(*market, steps)),
            [partial(i) for i in ALL],
            [[partial(*sorted((i, j))) for j in ALL] for i in ALL],
        )


def assert_derivatives(price, gradient, hessian, market, steps):
    expected_price, expected_gradient, expected_hessian = oracle(market, steps)
    assert price == pytest.approx(expected_price, rel=1e-12)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-10)
    np.testing.assert_allclose(hessian, expected_hessian, rtol=1e-9, atol=1e-9)


either_maximum = pytest.mark.parametrize("maximum", [max, ag.maximum], ids=["max", "ag.maximum"])
on_each_backend = pytest.mark.parametrize("backend", BACKENDS)
eager_and_compiled = pytest.mark.parametrize(
    "compiled", [lambda f: f, *(functools.partial(ag.jit, backend=b) for b in BACKENDS)], ids=["eager", *BACKENDS]
)


@pytest.mark.parametrize("steps", HULL_PRICES)
def test_prices_are_hulls(steps):
    printed = HULL_PRICES[steps]
    assert f"{american_put(steps)(*HULL):.{len(printed) - 2}f}" == printed


@either_maximum
@eager_and_compiled
def test_greeks_of_fifty_steps_are_hulls(compiled, maximum):
    greeks = compiled(nodes_greeks(50, maximum))(*HULL)
    assert greeks["delta"] == pytest.approx(-0.415, rel=0, abs=0.5e-3)
    assert greeks["gamma"] == pytest.approx(0.034, rel=0, abs=0.5e-3)
    assert greeks["theta"] / 365 == pytest.approx(-0.0117, rel=0, abs=0.5e-4)
    rho, vega = ag.grad(american_put(50, maximum), (2, 3))(*HULL)
    assert (vega / 100, rho / 100) == pytest.approx((0.123, -0.072), rel=0, abs=0.5e-3)


@pytest.mark.slow
@on_each_backend
def test_vega_and_rho_are_those_of_gauss(backend):
    greeks = ag.grad(american_put(60), (3, 2))
    assert greeks(*GAUSS) == pytest.approx((65.800721, -31.075062), rel=1e-7)
    compiled = ag.jit(greeks, backend=backend)
    for _ in range(2):
        assert compiled(*GAUSS) == pytest.approx((65.800721, -31.075062), rel=1e-7)


@either_maximum
@pytest.mark.parametrize(
    ("market", "steps"),
    [
        (HULL, 5),
        pytest.param(HULL, 25, marks=pytest.mark.slow),
        (IN_THE_MONEY, 5),
        (IN_THE_MONEY, 12),
        (OUT_OF_THE_MONEY, 12),
    ],
)
def test_gradient_and_hessian_are_mpmaths(market, steps, maximum):
    price = american_put(steps, maximum)
    assert_derivatives(*ag.value_and_grad(price, ALL)(*market), ag.hessian(price, ALL)(*market), market, steps)


@pytest.mark.slow
@on_each_backend
def test_compiled_gradient_and_hessian_are_mpmaths(backend):
    price = american_put(25)
    gradient, hessian = (ag.jit(f(price, ALL), backend=backend) for f in (ag.value_and_grad, ag.hessian))
    for _ in range(2):  # traced, then compiled
        assert_derivatives(*gradient(*HULL), hessian(*HULL), HULL, 25)
    program = gradient.program(*HULL)
    assert len(program.steps) > 1000
    assert len(program.guards) > 200


@either_maximum
def test_the_price_is_linear_in_spot_and_strike_between_its_kinks(maximum):
    price = american_put(25, maximum)
    value, (delta, by_strike) = ag.value_and_grad(price, (0, 1))(*HULL)
    assert HULL[0] * delta + HULL[1] * by_strike == pytest.approx(value, rel=1e-13)
    assert ag.hessian(price, (0, 1))(*HULL) == ((0.0, 0.0), (0.0, 0.0))


def test_at_a_kink_ag_maximum_takes_the_mean_slope_and_pythons_max_its_first_arguments():
    """After an even number of steps a node lies at the spot, at the money thus on the kink of the payoff."""
    delta, mean_delta = ag.grad(american_put(50)), ag.grad(american_put(50, ag.maximum))
    below, above = delta(50.0 - 1e-9, *HULL[1:]), delta(50.0 + 1e-9, *HULL[1:])
    assert below < above - 0.04
    assert delta(*HULL) == pytest.approx(below, rel=1e-12)
    assert mean_delta(*HULL) == pytest.approx((below + above) / 2, rel=1e-12)


@on_each_backend
def test_a_batch_of_prices_is_longstaffs_and_schwartzs(backend):
    """Fifty-one steps err about as far as fifty, to the other side."""
    options = [(spot, s, t) for spot in LONGSTAFF_SCHWARTZ for s, t in [(0.2, 1.0), (0.2, 2.0), (0.4, 1.0), (0.4, 2.0)]]
    spots, volatilities, expiries = np.array(options).T
    fifty, fifty_one = ([american_put(n)(spot, 40.0, 0.06, s, t) for spot, s, t in options] for n in (50, 51))
    prices = ag.jit(ag.vmap(american_put(50, ag.maximum), (0, None, None, 0, 0)), backend=backend)
    batch = prices(spots, 40.0, 0.06, volatilities, expiries)
    np.testing.assert_allclose(batch, fifty, rtol=1e-12)
    np.testing.assert_allclose((batch + fifty_one) / 2, np.ravel([*LONGSTAFF_SCHWARTZ.values()]), rtol=0, atol=0.02)


@on_each_backend
def test_a_batch_of_gradients_is_the_eager_one(backend):
    spots = np.linspace(30.0, 70.0, 41)
    greeks = ag.vmap(ag.value_and_grad(american_put(10, ag.maximum), ALL), (0, None, None, None, None))
    prices, gradients = ag.jit(greeks, backend=backend)(spots, *HULL[1:])
    expected_prices, expected_gradients = greeks(spots, *HULL[1:])
    np.testing.assert_allclose(prices, expected_prices, rtol=1e-12)
    np.testing.assert_allclose(gradients, expected_gradients, rtol=1e-11, atol=1e-13)


@on_each_backend
def test_a_batch_of_strikes_is_sorted_to_the_ways_of_exercising(backend):
    def differentiated(*market):
        price = american_put(5)
        return *ag.value_and_grad(price, ALL)(*market), ag.hessian(price, ALL)(*market)

    strikes = np.linspace(40.0, 60.0, 21)
    batch = ag.vmap(differentiated, (None, 0, None, None, None))
    compiled = ag.jit(batch, backend=backend)
    for result, expected in zip(compiled(50.0, strikes, *HULL[2:]), batch(50.0, strikes, *HULL[2:]), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-11, atol=1e-11)
    assert f"{compiled(50.0, strikes, *HULL[2:])[0][10]:.2f}" == HULL_PRICES[5]
    assert 5 < compiled.report().count("steps, run") < len(strikes)
