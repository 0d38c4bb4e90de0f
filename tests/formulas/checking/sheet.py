"""A sheet of 35 derivatives as first-year calculus sets them, each with the answer at the back of the book."""

from __future__ import annotations

SHEET = {
    # chain rule
    "log(3*x**2)": "2/x",
    "sin(2*x)": "2*cos(2*x)",
    "(2*x + 1)**3": "6*(2*x + 1)**2",
    "exp(-3*x)": "-3*exp(-3*x)",
    "sqrt(1 + x**2)": "x/sqrt(1 + x**2)",
    "log(1 + exp(x))": "1/(1 + exp(-x))",
    "exp(sin(x))": "cos(x)*exp(sin(x))",
    "cos(x**2 + 1)": "-2*x*sin(x**2 + 1)",
    "sin(cos(2*x))": "-2*sin(2*x)*cos(cos(2*x))",
    "atan(3*x)": "3/(1 + 9*x**2)",
    "log(log(x + 2))": "1/((x + 2)*log(x + 2))",
    "tanh(x/2)": "(1 - tanh(x/2)**2)/2",
    # product rule
    "x**2*sin(x)": "2*x*sin(x) + x**2*cos(x)",
    "x*exp(-x)": "(1 - x)*exp(-x)",
    "x*log(x)": "log(x) + 1",
    "exp(x)*cos(x)": "exp(x)*(cos(x) - sin(x))",
    "(x**2 + 1)*(x**3 - 2)": "5*x**4 + 3*x**2 - 4*x",
    "x*exp(x)*sin(x)": "exp(x)*(sin(x) + x*sin(x) + x*cos(x))",
    "x*(x + 1)*(x + 2)*(x + 3)": "4*x**3 + 18*x**2 + 22*x + 6",
    # quotient rule
    "sin(x)/x": "(x*cos(x) - sin(x))/x**2",
    "(x - 1)/(x + 1)": "2/(x + 1)**2",
    "1/(x**2 + 1)": "-2*x/(x**2 + 1)**2",
    "exp(x)/(1 + x**2)": "exp(x)*(x - 1)**2/(1 + x**2)**2",
    "log(x)/x**2": "(1 - 2*log(x))/x**3",
    "x/sqrt(x**2 + 4)": "4/(x**2 + 4)**1.5",
    # logarithmic differentiation
    "x**x": "x**x*(log(x) + 1)",
    "3**x": "3**x*log(3)",
    "x**sin(x)": "x**sin(x)*(cos(x)*log(x) + sin(x)/x)",
    "(1 + x)**(1/x)": "(1 + x)**(1/x)*(1/(x*(1 + x)) - log(1 + x)/x**2)",
    "2**(x**2)": "2*log(2)*x*2**(x**2)",
    # trigonometric identities
    "sin(x)**2 + cos(x)**2": "0",
    "sin(x)*cos(x)": "cos(2*x)",
    "tan(x)": "1/cos(x)**2",
    "cos(x)**2": "-sin(2*x)",
    "sin(3*x)**2": "3*sin(6*x)",
}
"""Functions of x and their derivatives, as texts."""
