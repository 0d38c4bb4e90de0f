"""Networks as estimators of scikit-learn, from which come pipelines, scaling, cross-validation, searches and reports.

>>> from nn.sklearn import MLPClassifier
>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> X, y = load_iris(return_X_y=True)
>>> model = make_pipeline(StandardScaler(), MLPClassifier((8,), learning_rate_init=0.05, random_state=0))
>>> model.fit(X, y).score(X, y) > 0.97
True

Loading this module loads scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from random import Random
from typing import Any, ClassVar, Self

import numpy as np

from autograd_core import Value, dot

from .checks import package
from .errors import DataError, SettingError
from .metrics import Measure, predict
from .network.activations import Activation
from .network.initialization import Init
from .network.layers import MLP
from .network.losses import binary_cross_entropy, cross_entropy, half_mse
from .training.fit import fit
from .training.optimizers import SGD, Adam, Optimizer

try:
    from scipy.special import expit, softmax
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state, column_or_1d, compute_sample_weight
    from sklearn.utils._param_validation import Interval, StrOptions
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError:
    package("sklearn.utils", "nn.sklearn builds on scikit-learn")
    raise

__all__ = ["MLPClassifier", "MLPRegressor"]

SOLVERS: dict[Any, Callable[[float], Optimizer]] = {"adam": Adam, "sgd": partial(SGD, momentum=0.9)}
COUNT = Interval(Integral, 1, None, closed="left")
MOST_AT_ONCE = 200  # samples of a minibatch that is not chosen, as in scikit-learn


@dataclass(eq=False, repr=False)
class _Network(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An `MLP` that is trained by `fit`."""

    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: Activation = "relu"
    solver: str | Optimizer = "adam"
    alpha: float = 0.0001
    batch_size: Any = "auto"
    learning_rate_init: float = 0.001
    max_iter: int = 200
    random_state: Any = None
    verbose: bool = False
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    init: Init = "xavier"
    dropout: float = 0.0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", COUNT],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), COUNT],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [COUNT],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [COUNT],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }
    """What scikit-learn checks; the rest `MLP` and `fit` do."""

    def _learn(self, X: Any, targets: Any, weights: Any, *, outputs: int, loss: Measure, stratify: Any = None) -> Self:
        """Train a network of so many outputs on samples of these weights."""
        self.__dict__.pop("net_", None)  # a fit that fails leaves nothing behind that predicts
        random = check_random_state(self.random_state)
        rng = Random(int(random.randint(2**31)))
        targets, held_out = np.column_stack([weights / weights.mean(), targets]), None
        if self.early_stopping:
            X, X_held_out, targets, held_out = train_test_split(
                X, targets, test_size=self.validation_fraction, random_state=random, stratify=stratify
            )
            held_out = X_held_out, held_out
        size = min(MOST_AT_ONCE if self.batch_size == "auto" else self.batch_size, len(X))
        sizes = [*np.atleast_1d(self.hidden_layer_sizes).tolist(), outputs]
        activation = "sigmoid" if self.activation == "logistic" else self.activation
        net = MLP(X.shape[1], sizes, activation, init=self.init, seed=rng, dropout=self.dropout)
        try:
            self.history_ = fit(
                net,
                X,
                targets,
                loss=lambda output, y: y[0] * loss(output, y[1:]),
                optimizer=self._optimizer(),
                penalty=_Shrinking(self.alpha / (2.0 * weights.mean() * size)) if self.alpha else None,
                epochs=self.max_iter,
                batch_size=size,
                seed=rng,
                validation=held_out,
                patience=self.n_iter_no_change if self.early_stopping else None,
                progress=bool(self.verbose),
            )
        except KeyboardInterrupt:
            self.net_ = net
            raise
        self.net_, self.n_iter_ = net, len(self.history_.loss)
        return self

    def _optimizer(self) -> Optimizer:
        if isinstance(self.solver, Optimizer):
            return self.solver
        if self.solver not in SOLVERS:
            expected = "'adam', 'sgd' or an optimizer such as SGD(0.1)"
            raise SettingError(f"solver must be {expected}, got {self.solver!r:.60}")
        return SOLVERS[self.solver](self.learning_rate_init)

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self, "net_")
        return predict(self.net_, validate_data(self, X, reset=False))


@dataclass(eq=False, repr=False)
class MLPClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A classifier by the cross-entropy of softmax outputs, of a single sigmoid where there are two classes.

    Labels are numbers, bools or texts. A fitted estimator has ``net_``, the `nn.MLP`; ``history_``, the `nn.History`;
    ``n_iter_``, how many epochs there were; and what scikit-learn says of estimators.

    Parameters
    ----------
    hidden_layer_sizes: how many neurons each hidden layer has; one number for a single layer.
    activation: of the hidden layers, as in `nn.MLP`; "logistic" is "sigmoid".
    solver: "adam", "sgd", which has a momentum of 0.9, or an optimizer such as ``SGD(0.1, momentum=0.5)``.
    alpha: α of α / (2 m) Σ w² over all weights w, biases not among them, which is added to the mean loss of m samples.
    batch_size: samples per step; "auto": all, at most 200.
    learning_rate_init: the rate of a solver that is given by name.
    max_iter: how often to go through all samples.
    random_state: for the first weights, the order of the samples, dropout, and what is held out.
    verbose: whether to show a bar.
    early_stopping: whether to hold out ``validation_fraction`` of the samples, to end when their loss has been no
        smaller for ``n_iter_no_change`` epochs, and to take the weights at which it was smallest.
    init, dropout: as in `nn.MLP`.
    class_weight: a dict of weights by class, or "balanced", by how often each class is there.

    Names are those of scikit-learn's own networks. Otherwise than there, early stopping watches the loss, not the
    score; without it all epochs are run; momentum is Polyak's, not Nesterov's; and a sample has one label.

    >>> model = MLPClassifier((), solver=SGD(1.0), random_state=0).fit([[0.0], [1.0]], ["no", "yes"])
    >>> model.predict([[2.0]])
    array(['yes'], dtype='<U3')

    Raises what scikit-learn raises about data, and what `nn.MLP` and `nn.fit` raise about settings, when it is fitted.
    """

    class_weight: Any = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn to tell the classes ``y`` of the samples X apart; a sample of weight 0 is left out."""
        self._validate_params()
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        y = column_or_1d(y, warn=True)
        X, y, weights = _weighted(X, y, sample_weight, self._weights_of_classes(y))
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                f"y has one class only, {self.classes_.tolist()[0]!r}; a classifier needs two to tell apart"
            )
        count = len(self.classes_)
        loss = binary_cross_entropy if count == 2 else _cross_entropy
        return self._learn(X, labels, weights, outputs=1 if count == 2 else count, loss=loss, stratify=y)

    def _weights_of_classes(self, y: Any) -> Any:
        weights = compute_sample_weight(self.class_weight, y)
        if not ((weights >= 0.0) & (weights < np.inf)).all():
            raise SettingError(f"class_weight must have finite weights of at least 0, got {self.class_weight!r:.100}")
        return weights

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of ``classes_``: a row for each sample."""
        z = self._outputs(X)
        return softmax(z, axis=1) if z.ndim == 2 else np.column_stack([expit(-z), expit(z)])

    def predict(self, X: Any) -> Any:
        """The most probable class of each sample."""
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]


@dataclass(eq=False, repr=False)
class MLPRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A regressor by half the squared error of linear outputs, one or several.

    Parameters and attributes are those of `MLPClassifier`, without ``class_weight``.

    >>> model = MLPRegressor((), solver=SGD(0.5), alpha=0.0, random_state=0).fit([[0.0], [1.0]], [1.0, 3.0])
    >>> model.predict([[2.0]]).round(6)
    array([5.])

    Raises what scikit-learn raises about data, and what `nn.MLP` and `nn.fit` raise about settings, when it is fitted.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the numbers y of the samples X, or rows of them; a sample of weight 0 is left out."""
        self._validate_params()
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True)
        y = y.astype(float)
        X, y, weights = _weighted(X, column_or_1d(y, warn=True) if y.shape[1:] in ((), (1,)) else y, sample_weight)
        return self._learn(X, y, weights, outputs=1 if y.ndim == 1 else y.shape[1], loss=half_mse)

    def predict(self, X: Any) -> Any:
        """The number of each sample, or its row."""
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _weighted(X: Any, y: Any, sample_weight: Any, of_classes: Any = 1.0) -> tuple[Any, Any, Any]:
    """The samples that have a weight, and their weights."""
    weights = of_classes * _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
    if not (counts := weights > 0.0).any():
        raise DataError("all sample weights are 0; there is nothing to learn from")
    return X[counts], y[counts], weights[counts]


def _cross_entropy(output: Any, y: Any) -> Any:
    """`cross_entropy` of a label among floats."""
    return cross_entropy(output, y[0] if isinstance(y[0], Value) else int(y[0]))


class _Shrinking:
    """The penalty `rate` Σ w² over the weights of a network."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, parameters: Sequence[Value]) -> Any:
        weights = [p for p in parameters if not (p.name or "").endswith("/b")]
        return self.rate * dot(weights, weights)
