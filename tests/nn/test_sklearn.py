"""`nn.sklearn`: scikit-learn's own checks of estimators, and what its users do with tables of their own."""

# ruff: noqa: N806  # X is what scikit-learn's users call it

import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_moons
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import estimator_checks_generator

from nn import SGD
from nn.errors import DataError, SettingError, SettingTypeError
from nn.sklearn import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": (4,), "learning_rate_init": 0.05, "max_iter": 60}
OTHER_ARRAYS = "check_array_api_input"  # is of arrays that are not NumPy's, which nobody promises

CHECKS = [
    pytest.param(check, estimator, id=f"{type(estimator).__name__}-{getattr(check, 'func', check).__name__}-{k}")
    for estimator in (MLPClassifier(**QUICK), MLPRegressor(**QUICK))
    for k, (estimator, check) in enumerate(estimator_checks_generator(estimator))
    if getattr(check, "func", check).__name__ != OTHER_ARRAYS
]


@pytest.mark.filterwarnings("ignore")  # a check may ask for odd data, of which `fit` warns
@pytest.mark.parametrize(("check", "estimator"), CHECKS)
def test_scikit_learns_checks_of_estimators_pass(check, estimator):
    check(estimator)


def test_all_checks_are_there():
    names = [param.id for param in CHECKS]
    assert len(names) > 100
    for needed in ("sample_weight_equivalence", "pickle", "n_features_in", "estimators_nan_inf", "classifiers_train"):
        assert any(needed in name for name in names), needed


def table():
    """Irises as somebody's file has them: text labels, a gap, a column of texts, an index of its own."""
    frame = load_iris(as_frame=True).frame
    frame["kind"] = frame.pop("target").map(dict(enumerate(["setosa", "versicolor", "virginica"])))
    frame["place"] = np.where(frame.index % 3 == 0, "shore", "wood")
    frame.iloc[3, 0] = np.nan
    frame.index = [f"plant {i}" for i in frame.index]
    return frame


def test_a_pipeline_classifies_a_table_with_text_labels_and_gaps():
    frame = table()
    X, y = frame.drop(columns="kind"), frame["kind"]
    numbers = [name for name in X if name != "place"]
    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (OneHotEncoder(sparse_output=False), ["place"])
    )
    model = make_pipeline(prepared, MLPClassifier(**QUICK, random_state=0)).set_output(transform="pandas")
    assert cross_val_score(model, X, y, cv=3).mean() > 0.93
    model.fit(X, y)
    network = model[-1]
    assert list(model.predict(X.iloc[:2])) == ["setosa", "setosa"]
    assert list(model.classes_) == ["setosa", "versicolor", "virginica"]
    assert network.feature_names_in_[-1] == "onehotencoder__place_wood"
    assert network.n_features_in_ == 6
    assert np.trace(confusion_matrix(y, model.predict(X))) / len(y) > 0.95


def test_a_search_finds_parameters_and_probabilities_are_those_of_the_network():
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK, random_state=1))
    grid = {"mlpclassifier__activation": ["logistic", "gelu"], "mlpclassifier__solver": ["adam", SGD(1e-6)]}
    found = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert found.best_params_["mlpclassifier__solver"] == "adam"
    assert found.best_score_ > 0.9
    scaled, network = StandardScaler().fit_transform(X), found.best_estimator_[-1]
    logits = [[output.data for output in network.net_(x)] for x in scaled[:5].tolist()]
    assert found.predict_proba(X[:5]) == pytest.approx(softmax(logits, axis=1), rel=1e-12)


@pytest.mark.parametrize("labels", [[1, 2], [-1.0, 1.0], [False, True], ["no", "yes"]])
def test_two_classes_have_one_output_whatever_they_are_called(labels):
    X, kinds = make_moons(80, noise=0.1, random_state=0)
    y = np.array(labels)[kinds]
    model = MLPClassifier((8,), "tanh", learning_rate_init=0.1, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.predict(X).dtype == y.dtype
    logits = np.array([model.net_(x).data for x in X[:4].tolist()])
    assert model.predict_proba(X[:4]) == pytest.approx(np.column_stack([expit(-logits), expit(logits)]), rel=1e-12)


def test_a_weight_is_a_repetition_and_class_weights_are_sample_weights():
    X, y = load_iris(return_X_y=True)
    X, y = StandardScaler().fit_transform(X)[::4], y[::4]
    weights = np.arange(len(y)) % 4
    for model, targets in ((MLPClassifier(**QUICK, alpha=0.1), y), (MLPRegressor(**QUICK, alpha=0.1), X[:, 0])):
        model.set_params(random_state=0, max_iter=20)
        weighted = clone(model).fit(X, targets, sample_weight=weights).net_
        repeated = clone(model).fit(X.repeat(weights, axis=0), targets.repeat(weights)).net_
        expected = [p.data for p in repeated.parameters()]
        assert [p.data for p in weighted.parameters()] == pytest.approx(expected, rel=1e-9)
    balanced = MLPClassifier(**QUICK, random_state=0, class_weight="balanced").fit(X[5:], y[5:]).net_
    given = MLPClassifier(**QUICK, random_state=0).fit(X[5:], y[5:], compute_sample_weight("balanced", y[5:])).net_
    assert [p.data for p in balanced.parameters()] == [p.data for p in given.parameters()]


def test_the_penalty_is_scikit_learns():
    X, y = load_iris(return_X_y=True)
    X, still = X[::10], SGD(1e-300)  # the first parameters stay
    fitted = [
        MLPRegressor((3,), solver=still, alpha=alpha, max_iter=1, random_state=0).fit(X, y[::10])
        for alpha in (0.0, 7.0)
    ]
    squares = sum(p.data**2 for p in fitted[0].net_.parameters())
    plain, penalised = [model.history_.loss[0] for model in fitted]
    assert penalised - plain == pytest.approx(7.0 / (2 * len(X)) * squares, rel=1e-9)
    residuals = y[::10] - fitted[0].predict(X)
    assert plain == pytest.approx(0.5 * np.mean(residuals**2), rel=1e-12)


def test_early_stopping_keeps_the_best_weights():
    X, y = make_moons(100, noise=0.4, random_state=0)
    settings = {**QUICK, "max_iter": 500, "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 4}
    model = MLPClassifier(**settings, random_state=0).fit(X, y)
    losses = model.history_.validation_loss
    assert model.n_iter_ == len(losses) == int(np.argmin(losses)) + 1 + 4 < 500
    regressor = MLPRegressor(**settings, random_state=0).fit(X, X[:, 1])
    assert regressor.n_iter_ < 500
    assert regressor.score(X, X[:, 1]) > 0.9


def test_several_numbers_are_learned_at_once_and_a_column_is_a_list_of_numbers():
    X, _ = load_iris(return_X_y=True)
    model = MLPRegressor(**QUICK, random_state=0).fit(X, X[:, [1, 3]])
    assert model.predict(X).shape == (150, 2)
    assert model.score(X, X[:, [1, 3]]) > 0.8
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        column = MLPRegressor(**QUICK, random_state=0).fit(X, X[:, [1]])
    assert column.predict(X).shape == (150,)


def test_the_same_random_state_gives_the_same_network_also_from_a_pickle():
    X, y = load_iris(return_X_y=True)
    learn = partial(MLPClassifier, **QUICK, batch_size=32, dropout=0.2, init="he", activation="silu")
    first, second, other = (learn(random_state=seed).fit(X, y).predict_proba(X) for seed in (3, 3, 4))
    assert (first == second).all()
    assert (first != other).any()
    model = learn(random_state=3).fit(X, y)
    assert (pickle.loads(pickle.dumps(model)).predict_proba(X) == first).all()


@pytest.mark.parametrize(
    ("settings", "y", "error", "says"),
    [
        ({}, [1, 1, 1], DataError, "one class only, .*1.*needs two"),
        ({"solver": "lbfgs"}, [0, 1, 1], SettingError, "solver must be 'adam', 'sgd' or an optimizer"),
        ({"activation": "ReLU"}, [0, 1, 1], SettingError, "unknown activation 'ReLU'; here it is called 'relu'"),
        ({"hidden_layer_sizes": (0,)}, [0, 1, 1], SettingError, "at least 1"),
        ({"hidden_layer_sizes": ((4,), (3,))}, [0, 1, 1], SettingTypeError, "must be an integer"),
        *[
            ({name: wrong}, [0, 1, 1], ValueError, f"The '{name}' parameter of MLPClassifier must be")
            for name, some in {
                "alpha": (-1.0, "0.1", None),
                "batch_size": (0, "all", None),
                "max_iter": (0, 2.5),
                "learning_rate_init": (0.0,),
                "validation_fraction": (7,),
                "n_iter_no_change": (0,),
                "dropout": (1.0,),
            }.items()
            for wrong in some
        ],
        (
            {"class_weight": {0: -1, 1: 1}},
            [0, 1, 1],
            SettingError,
            "class_weight must have finite weights of at least 0",
        ),
        ({"class_weight": {0: 1, 1: float("nan")}}, [0, 1, 1], SettingError, "class_weight must have"),
        ({"class_weight": {0: 0, 1: 0}}, [0, 1, 1], DataError, "weights are 0"),
        ({}, [0.5, 1.5, 1.0], ValueError, "Unknown label type: continuous"),
    ],
)
def test_what_cannot_be_learned_is_refused(settings, y, error, says):
    with pytest.raises(error, match=says):
        MLPClassifier(**settings).fit([[0.0], [1.0], [2.0]], y)


def test_what_failed_to_learn_predicts_nothing():
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = MLPClassifier(**QUICK, random_state=0).fit(X, y)
    with pytest.raises(SettingError):
        model.set_params(activation="nope").fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_alpha_shrinks_weights_and_leaves_biases():
    X = np.linspace(-1.0, 1.0, 20)[:, None]
    model = MLPRegressor((), alpha=1e4, solver=SGD(0.002), max_iter=2000, batch_size=20, random_state=0)
    model.fit(X, 5.0 + 0.0 * X[:, 0])
    assert model.predict([[0.0], [1.0]]) == pytest.approx([5.0, 5.0], abs=0.1)


def test_texts_are_no_numbers_to_a_regressor():
    with pytest.raises(ValueError, match="could not convert string to float"):
        MLPRegressor().fit([[0.0], [1.0]], ["a", "b"])


def test_no_weight_at_all_is_refused():
    with pytest.raises(ValueError, match=r"[Ss]ample weights"):
        MLPRegressor().fit([[0.0], [1.0]], [0.0, 1.0], sample_weight=[0.0, 0.0])


def test_progress_is_shown_when_asked(capsys):
    for verbose in (False, True):
        MLPRegressor((2,), "tanh", max_iter=2, verbose=verbose).fit([[0.0], [1.0]], [0.0, 1.0])
        assert ("epoch 2/2, loss" in capsys.readouterr().out) is verbose


def test_scikit_learn_is_loaded_by_this_module_alone():
    program = "import sys, nn; assert 'sklearn' not in sys.modules; nn.sklearn; assert 'sklearn' in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
    blocked = "import sys; sys.modules['sklearn'] = None; import nn.sklearn"
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=False)
    assert "MissingPackageError" in done.stderr
    assert "autograd-core[train]" in done.stderr


def test_a_frame_of_other_columns_is_refused():
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
    model = MLPRegressor(**QUICK).fit(frame, [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])
