"""SABR implied volatility: P. Hagan, D. Kumar, A. Lesniewski, D. Woodward, *Managing Smile Risk*, Wilmott (2002), (2.17).

At the money (2.17a) is 0/0, so that every implementation branches there, here with a Python `if`. The formula that the
paper gives for this branch, (2.18), has the right value and knows no strike: a program that returns it has the
derivative 0 there, for automatic differentiation follows the branch that is taken. So this branch expands z/x(z), the
one factor that is 0/0, by the Legendre polynomials, whose generating function is x'(z), and all else stays as it is.

The numbers: QuantLib 1.x, test-suite/interpolations.cpp, testSabrInterpolation (31 strikes, 15 digits); Google's
tf-quant-finance, models/sabr/approximations/implied_volatility_test.py (β = 0 and 1, ν = 0, T = 0, at the money;
16 digits); pysabr, tests/hagan_2002_lognormal_sabr/test_interpolation.py (one 10-year point, 15 digits). The
derivatives: MathWorks, Financial Instruments Toolbox, the example of `optsensbysabr` (Hagan's delta and vega of a
swaption, 4 decimals); all others are mpmath's of a formula typed in a second time.
"""

# ruff: noqa: PLR0917  # a model has as many arguments as its formula has letters

import functools

import numpy as np
import pytest
from marks import slow
from mpmath import mp

import autograd_core as ag

BACKENDS = ("python", "llvm")
ALL = (0, 1, 2, 3, 4, 5)  # every argument but the expiry


def implied_volatility(alpha, beta, rho, nu, forward, strike, expiry):
    """Black's volatility at which an option costs what it costs under SABR, to first order in `expiry`: (2.17a)."""
    b = 1.0 - beta
    log_moneyness = ag.log(forward / strike)
    mean = (forward * strike) ** (b / 2)
    z = nu / alpha * mean * log_moneyness
    if abs(z) < 1e-3:  # the remainder is below |z|⁵/6, what it adds to a second derivative below 4e-9
        p2, p3, p4 = (3 * rho**2 - 1) / 2, (5 * rho**3 - 3 * rho) / 2, (35 * rho**4 - 30 * rho**2 + 3) / 8
        skew = 1 / (1 + z * (rho / 2 + z * (p2 / 3 + z * (p3 / 4 + z * p4 / 5))))
    else:
        root = ag.sqrt(1 - 2 * rho * z + z * z)
        skew = z / ag.log1p(z * (1 + (z - 2 * rho) / (1 + root)) / (1 - rho))
    level = alpha / (mean * (1 + (b * log_moneyness) ** 2 / 24 + (b * log_moneyness) ** 4 / 1920))
    drift = (b * alpha / mean) ** 2 / 24 + rho * beta * nu * alpha / mean / 4 + (2 - 3 * rho**2) / 24 * nu**2
    return level * skew * (1 + drift * expiry)


def textbook(alpha, beta, rho, nu, forward, strike, expiry):
    """(2.17) a second time, for mpmath: in powers of F·K, and x(z) as a difference of areas."""
    fk, log = forward * strike, mp.log(forward / strike)
    z = nu / alpha * fk ** ((1 - beta) / 2) * log
    x = mp.asinh((z - rho) / mp.sqrt(1 - rho**2)) + mp.asinh(rho / mp.sqrt(1 - rho**2))
    below = fk ** ((1 - beta) / 2) * (1 + (1 - beta) ** 2 * log**2 / 24 + (1 - beta) ** 4 * log**4 / 1920)
    first = (1 - beta) ** 2 * alpha**2 / (24 * fk ** (1 - beta))
    second = rho * beta * nu * alpha / (4 * fk ** ((1 - beta) / 2))
    return alpha / below * (z / x if x else 1) * (1 + (first + second + (2 - 3 * rho**2) * nu**2 / 24) * expiry)


def at_the_money(alpha, beta, rho, nu, forward, expiry):
    """(2.18)."""
    f = forward ** (1 - beta)
    bracket = ((1 - beta) * alpha / f) ** 2 / 24 + rho * beta * alpha * nu / f / 4 + (2 - 3 * rho**2) * nu**2 / 24
    return alpha / f * (1 + bracket * expiry)


@functools.cache
def oracle(point):
    """The gradient and the Hessian in the first six arguments: central differences with h = 1e-20 at 100 digits."""
    with mp.workdps(100):
        point = tuple(map(mp.mpf, point))

        @functools.cache
        def partial(*axes):
            return float(mp.diff(textbook, point, tuple(map(axes.count, range(7))), h=mp.mpf(10) ** -20))

        return [partial(i) for i in ALL], [[partial(*sorted((i, j))) for j in ALL] for i in ALL]


def assert_derivatives(gradient, hessian, point):
    expected_gradient, expected_hessian = oracle(point)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(hessian, expected_hessian, rtol=1e-9, atol=1e-9)


QUANTLIB = (0.3, 0.6, 0.01, 0.02, 0.039)  # α, β, ρ, ν and the forward; one year
QUANTLIB_STRIKES = np.linspace(0.03, 0.09, 31)
QUANTLIB_VOLATILITIES = np.array([
    1.16725837321531, 1.15226075991385, 1.13829711098834, 1.12524190877505, 1.11299079244474, 1.10145609357162,
    1.09056348513411, 1.08024942745106, 1.07045919457758, 1.06114533019077, 1.05226642581503, 1.04378614411707,
    1.03567243073732, 1.0278968727451, 1.02043417226345, 1.01326171139321, 1.00635919013311, 0.999708323124949,
    0.993292584155381, 0.987096989695393, 0.98110791455717, 0.975312934134512, 0.969700688771689, 0.964260766651027,
    0.958983602256592, 0.953860388001395, 0.948882997029509, 0.944043915545469, 0.939336183299237, 0.934753341079515,
    0.930289384251337,
])  # fmt: skip

PUBLISHED = [  # α, β, ρ, ν, forward, strike, expiry; the volatility
    ((1.63, 0.6, 0.00002, 3.3, 120.0, 106.0, 17 / 365), 0.33284656705268817),
    ((1.63, 0.6, 0.00002, 3.3, 20.0, 11.0, 400 / 365), 1.9828728139982792),
    ((1.0, 0.25, 0.05, 2.0, 115.0, 105.0, 30 / 365), 0.07290126718857293),
    ((1.0, 0.25, 0.05, 2.0, 115.0, 115.0, 30 / 365), 0.02925354052258421),
    ((1.5, 0.5, 0.05, 2.5, 115.0, 115.0, 60 / 365), 0.15186141282688834),
    ((2.0, 0.75, 0.05, 3.0, 115.0, 115.0, 90 / 365), 0.7259931664225101),
    ((2.0, 0.75, 0.05, 3.0, 115.0, 125.0, 90 / 365), 0.7449168095317619),
    ((0.31, 0.5, -0.02, 2.8, 110.0, 130.0, 200 / 365), 0.1805437461785543),
    ((0.31, 0.0, 0.2, 2.8, 110.0, 130.0, 200 / 365), 0.10940855660611389),
    ((0.31, 1.0, 0.2, 2.8, 110.0, 130.0, 200 / 365), 0.5679836366288498),
    ((0.31, 0.55, 0.2, 0.0, 110.0, 130.0, 200 / 365), 0.036000740359707344),
    ((0.31, 0.55, 0.2, 2.5, 110.0, 130.0, 0.0), 0.1400903903272142),
    ((0.31, 0.55, 0.2, 2.5, 130.0, 130.0, 0.5), 0.043211700217443874),
    ((0.02529822478973660, 0.5, -0.2463339754454810, 0.2908465632529730, 0.0552715567337258, 0.0602715567337258, 10.0), 0.108917434151064),
]  # fmt: skip
POINTS = [point for point, _ in PUBLISHED]
AT_THE_MONEY = [point for point in POINTS if point[4] == point[5]]


on_each_backend = pytest.mark.parametrize("backend", BACKENDS)
eager_and_compiled = pytest.mark.parametrize(
    "compiled", [lambda f: f, *(functools.partial(ag.jit, backend=b) for b in BACKENDS)], ids=["eager", *BACKENDS]
)


def test_implied_volatility_is_quantlibs():
    computed = [implied_volatility(*QUANTLIB, strike, 1.0) for strike in QUANTLIB_STRIKES]
    np.testing.assert_allclose(computed, QUANTLIB_VOLATILITIES, rtol=2e-13)


@pytest.mark.parametrize(("point", "volatility"), PUBLISHED)
def test_implied_volatility_is_the_published_one(point, volatility):
    assert implied_volatility(*point) == pytest.approx(volatility, rel=1e-12)


@pytest.mark.parametrize("point", slow(POINTS, but=POINTS[::3]))
def test_gradient_and_hessian_are_mpmaths(point):
    assert_derivatives(ag.grad(implied_volatility, ALL)(*point), ag.hessian(implied_volatility, ALL)(*point), point)


@pytest.mark.parametrize("distance", [1e-12, 1e-6, 1e-4, 1e-3, 1e-2])
def test_derivatives_hold_on_both_sides_of_the_branch(distance):
    point = (0.2, 0.7, -0.4, 0.8, 1.0, 1.0 + distance, 2.0)
    assert_derivatives(ag.grad(implied_volatility, ALL)(*point), ag.hessian(implied_volatility, ALL)(*point), point)


@pytest.mark.parametrize("point", AT_THE_MONEY)
def test_the_papers_formula_at_the_money_is_the_smile_along_its_backbone(point):
    alpha, beta, rho, nu, forward, _, expiry = point
    value, by_forward = ag.value_and_grad(at_the_money, 4)(alpha, beta, rho, nu, forward, expiry)
    assert implied_volatility(*point) == pytest.approx(value, rel=1e-15)
    assert sum(ag.grad(implied_volatility, (4, 5))(*point)) == pytest.approx(by_forward, rel=1e-12)


def swaption(forward, alpha):
    """MathWorks' example: a call struck at 3 %, two years, discounted at 5 %, priced by Black's formula."""
    strike, expiry = 0.03, 2.0
    deviation = implied_volatility(alpha, 0.5, -0.25, 0.35, forward, strike, expiry) * expiry**0.5
    d1 = ag.log(forward / strike) / deviation + deviation / 2
    return ag.exp(-0.05 * expiry) * (forward * ag.norm_cdf(d1) - strike * ag.norm_cdf(d1 - deviation))


@eager_and_compiled
def test_delta_and_vega_of_a_swaption_are_mathworks(compiled):
    delta, vega = compiled(ag.grad(swaption, (0, 1)))(0.0357, 0.036)
    assert (delta, vega) == pytest.approx((0.7025, 0.0772), rel=0, abs=0.5e-4)


@on_each_backend
def test_compiled_points_are_the_eager_ones_on_either_branch(backend):
    compiled = ag.jit(ag.value_and_grad(implied_volatility, ALL), backend=backend)
    curvatures = ag.jit(ag.hessian(implied_volatility, ALL), backend=backend)
    for point, volatility in [*PUBLISHED, *PUBLISHED]:  # the second time no path is new
        value, gradient = compiled(*point)
        assert value == pytest.approx(volatility, rel=1e-12)
        assert_derivatives(gradient, curvatures(*point), point)
    assert "2 program(s)" in compiled.report()


@on_each_backend
def test_a_batch_is_sorted_to_the_branches(backend):
    def differentiated(*point):
        return ag.value_and_grad(implied_volatility, ALL)(*point), ag.hessian(implied_volatility, ALL)(*point)

    compiled = ag.jit(ag.vmap(differentiated), backend=backend)
    (volatilities, gradients), hessians = compiled(*np.array(POINTS).T)
    assert "2 program(s)" in compiled.report()
    np.testing.assert_allclose(volatilities, [volatility for _, volatility in PUBLISHED], rtol=1e-12)
    for k, point in enumerate(POINTS):
        assert_derivatives([x[k] for x in gradients], [[x[k] for x in row] for row in hessians], point)


@on_each_backend
def test_a_smile_of_many_strikes_crosses_the_money(backend):
    def smile(strike):
        return implied_volatility(*QUANTLIB, strike, 1.0)

    compiled = ag.jit(ag.vmap(ag.value_and_grad(smile)), backend=backend)
    volatilities, slopes = compiled(QUANTLIB_STRIKES)
    np.testing.assert_allclose(volatilities, QUANTLIB_VOLATILITIES, rtol=2e-13)
    np.testing.assert_allclose(slopes, ag.vmap(ag.grad(smile))(QUANTLIB_STRIKES), rtol=1e-12)
    fine = np.linspace(0.03, 0.09, 2001)
    np.testing.assert_allclose(compiled(fine)[0], [smile(strike) for strike in fine], rtol=1e-13)
    assert "2 program(s)" in compiled.report()
