// Functions of C's <math.h>, and of scipy.special, that JavaScript lacks or has with other special values.

const ROOT_PI = Math.sqrt(Math.PI);

function fmod(x, y) { return x % y; }

function fabs(x) { return Math.abs(x); }

function exp2(x) { return Math.pow(2, x); }

// C gives 1 for pow(1, nan) and pow(-1, inf).
function pow(x, y) { return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y); }

function copysign(x, y) { return y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x); }

// Halves to the even neighbour.
function rint(x) { return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x); }

// Veltkamp's splitting of a number into two halves of its digits, the upper one.
function upper_half(x) { const t = 134217729 * x; return t - (t - x); }

// x * y + z by Dekker's exact product and Knuth's exact sum: right but for ties between two numbers.
function fma(x, y, z) {
    const p = x * y, x1 = upper_half(x), y1 = upper_half(y), x2 = x - x1, y2 = y - y1;
    const of_product = x2 * y2 - (p - x1 * y1 - x2 * y1 - x1 * y2), s = p + z, t = s - p;
    const of_sum = p - (s - t) + (z - t), rest = of_product + of_sum;
    return Number.isFinite(rest) ? s + rest : s;
}

// exp(-x * x), the digits that x * x loses included.
function gauss(x) {
    const upper = Math.fround(x);
    return Math.abs(x) > 1e3 ? 0 : Math.exp(-upper * upper) * Math.exp((upper - x) * (upper + x));
}

// exp(x * x) * erfc(x) for x > 2, by the continued fraction (Abramowitz and Stegun 7.1.14).
function scaled_erfc(x) {
    if (x > 1e8) return 1 / (ROOT_PI * x);
    let f = x;
    for (let k = 20 + Math.ceil(400 / (x * x)); k > 0; --k) f = x + k / 2 / f;
    return 1 / (ROOT_PI * f);
}

// erf(x) for |x| < 3: the series of positive terms (Abramowitz and Stegun 7.1.6).
function erf_by_series(x) {
    let term = x, sum = 0;
    for (let k = 1; sum + term !== sum; ++k) { sum += term; term *= 2 * x * x / (2 * k + 1); }
    return 2 / ROOT_PI * gauss(x) * sum;
}

function erf(x) {
    if (x === 0) return x * (2 / ROOT_PI);
    return Math.abs(x) < 2 ? erf_by_series(x) : x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
}

// 1 - erf loses two digits at most.
function erfc(x) { return x < 2 ? 1 - erf(x) : gauss(x) * scaled_erfc(x); }

// Where lgamma and gamma follow Stirling's series (Abramowitz and Stegun 6.1.40) to the last digit.
const FAR = 16;

function stirling(x) {
    const s = 1 / (x * x);
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) / x;
}

// The logarithm of gamma(1 + e), whose digits all count where it is near 0.
function log_gamma_beside_one(e) {
    let sum = (FAR - 0.5) * Math.log1p(e / FAR) + e * Math.log(FAR + e) - e + stirling(FAR + e) - stirling(FAR);
    for (let n = 1; n < FAR; ++n) sum -= Math.log1p(e / n);
    return sum;
}

// sin(pi * x), with the digits of whole numbers taken off before.
function sin_pi(x) {
    const n = Math.round(x);
    return (n % 2 === 0 ? 1 : -1) * Math.sin(Math.PI * (x - n));
}

function tgamma(x) {
    if (Math.abs(x) < 1e-17) return 1 / x;
    if (x < 0) return x === Math.floor(x) ? NaN : -Math.PI / (x * sin_pi(x) * tgamma(-x));
    if (x > 171.7) return Infinity;
    let product = 1;
    if (x === Math.floor(x)) { for (; x > 1; --x) product *= x - 1; return product; }
    for (; x < FAR; ++x) product *= x;
    const root = Math.pow(x, x / 2 - 0.25);
    return Math.sqrt(2 * Math.PI) * root * Math.exp(stirling(x) - x) * root / product;
}

function lgamma(x) {
    if (x <= 0 && x === Math.floor(x)) return Infinity;
    if (Math.abs(x) < 0.5) return log_gamma_beside_one(x) - Math.log(Math.abs(x));
    if (x > 0.5 && x < 1.5) return log_gamma_beside_one(x - 1);
    if (x > 1.5 && x < 2.5) return log_gamma_beside_one(x - 2) + Math.log1p(x - 2);
    if (Math.abs(x) < FAR) return Math.log(Math.abs(tgamma(x)));
    if (x < 0) return Math.log(Math.PI / Math.abs(x * sin_pi(x))) - lgamma(-x);
    return x === Infinity ? x : (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirling(x);
}

// By recurrence and asymptotic series (Abramowitz and Stegun 6.3.5 to 6.3.18).
function psi(x) {
    if (x === 0) return -1 / x;
    if (x < 0) return x === Math.floor(x) ? NaN : psi(1 - x) - Math.PI * Math.cos(Math.PI * (x - Math.round(x))) / Math.sin(Math.PI * (x - Math.round(x)));
    if (x === Infinity) return x;
    let sum = 0;
    for (; x < FAR; ++x) sum -= 1 / x;
    const s = 1 / (x * x);
    return sum + Math.log(x) - 0.5 / x - s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))));
}

// The logarithm of erfc(x), which does not underflow.
function log_erfc(x) { return x < 2 ? Math.log(erfc(x)) : Math.log(scaled_erfc(x)) - x * x; }

// The x > 0 of erfc(x) = q by Newton's method on the logarithm, from Winitzki's approximation.
function inverse_erfc(q) {
    const half = 0.5 * Math.log(q * (2 - q)), near = 2 / (Math.PI * 0.147) + half;
    let x = Math.sqrt(Math.sqrt(near * near - half / 0.0735) - near);
    for (let k = 0; k < 4; ++k) {
        const scaled = x < 2 ? erfc(x) / gauss(x) : scaled_erfc(x);
        x += (log_erfc(x) - Math.log(q)) * scaled * ROOT_PI / 2;
    }
    return x;
}

function erfinv(x) {
    if (Math.abs(x) >= 1) return Math.abs(x) === 1 ? x * Infinity : NaN;
    if (x === 0) return 0;
    if (Math.abs(x) > 0.5) return Math.sign(x) * inverse_erfc(1 - Math.abs(x));
    let y = x * ROOT_PI / 2;
    for (let k = 0; k < 5; ++k) y -= (erf(y) - x) * ROOT_PI / 2 / gauss(y);
    return y;
}

// The quantile of the normal distribution.
function ndtri(p) {
    if (p <= 0 || p >= 1) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
    return Math.SQRT2 * (p < 0.25 ? -inverse_erfc(2 * p) : erfinv(2 * p - 1));
}

// The logarithm of the normal distribution function.
function log_ndtr(x) { return x > 0 ? Math.log1p(-0.5 * erfc(x / Math.SQRT2)) : log_erfc(-x / Math.SQRT2) - Math.LN2; }

// sin(pi * x + quarters * pi / 2), exact at multiples of a half.
function sin_pi_turned(x, quarters) {
    const nearest = rint(2 * (x % 2)) + 0, rest = Math.PI * (x % 2 - 0.5 * nearest), turns = ((nearest + quarters) % 4 + 4) % 4;
    return turns === 0 ? Math.sin(rest) : turns === 1 ? Math.cos(rest) : turns === 2 ? -Math.sin(rest) : -Math.cos(rest);
}

// pi^n v_n, where u = pi x and u v_n + n v_(n - 1) = sin(u + n pi / 2): upwards while n < |u|, else downwards.
function sinc_derivative(n, x) {
    if (Math.abs(x) === Infinity) return 0;
    const u = Math.PI * x;
    let v = 0;
    if (Math.abs(u) > n + 1) for (let m = 0; m <= n; ++m) v = (sin_pi_turned(x, m) - m * v) / u;
    else for (let m = 2 * n + 60; m > n; --m) v = (sin_pi_turned(x, m) - u * v) / m;
    return Math.pow(Math.PI, n) * v;
}

// The Hurwitz zeta function by Euler and Maclaurin's formula (DLMF 25.2.9, with x + k in place of k).
function zeta(s, x) {
    if (x <= 0 && x === Math.floor(x)) return Infinity;
    let sum = 0;
    for (; x < FAR; ++x) sum += Math.pow(x, -s);
    let term = s * Math.pow(x, -s - 1);
    sum += Math.pow(x, 1 - s) / (s - 1) + 0.5 * Math.pow(x, -s);
    [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600].forEach((b, j) => {
        sum += b * term;
        term *= (s + 2 * j + 1) * (s + 2 * j + 2) / (x * x);
    });
    return sum;
}

function polygamma(n, x) { return n === 0 ? psi(x) : (n % 2 === 0 ? -1 : 1) * tgamma(n + 1) * zeta(n + 1, x); }
