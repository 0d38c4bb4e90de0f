"""Names that are nearly right: misprinted, or what other libraries call the things that are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["argument", "by_name", "did_you_mean", "instead"]


def by_name(alike: Mapping[str, str]) -> dict[str, str]:
    """The keys of `alike`, by each of the words that stand there: {"silu": "swish"} becomes {"swish": "silu"}."""
    return {word: ours for ours, words in alike.items() for word in words.split()}


_INSTEAD = by_name(
    {
        "nn.Layer(nin, nout, 'linear')": "Linear Dense FullyConnected fc",
        "nn.MLP(2, [8, 1], 'relu')": "Sequential Network NeuralNetwork Model Perceptron",
        "nn.sklearn.MLPClassifier": "MLPClassifier Classifier",
        "nn.sklearn.MLPRegressor": "MLPRegressor Regressor",
        "the activation's name, nn.MLP(2, [8, 1], 'relu')": "ReLU relu Sigmoid sigmoid Tanh tanh Softmax GELU ELU",
        "nn.mse": "MSELoss mse_loss mean_squared_error",
        "nn.cross_entropy": "CrossEntropyLoss NLLLoss categorical_crossentropy log_loss",
        "nn.binary_cross_entropy": "BCELoss BCEWithLogitsLoss bce binary_crossentropy",
        "nn.hinge": "HingeEmbeddingLoss hinge_loss",
        "nn.fit": "train Trainer",
        "nn.evaluate": "score test",
        "[net(x) for x in X]": "predict predict_proba forward",
        "nn.fit(..., batch_size=10)": "DataLoader Dataset TensorDataset",
        "nn.Checkpoint": "ModelCheckpoint BackupAndRestore",
        "nn.fit(..., patience=10)": "EarlyStopping",
        "nn.schedules": "StepLR CosineAnnealingLR ExponentialLR LambdaLR lr_scheduler optim",
        "a subclass of nn.Optimizer with a rule": "AdamW RMSprop Adagrad Adadelta Nesterov Momentum LBFGS",
        "nn.Parameter, a Value that is learned": "Tensor Variable Weight",
    }
)
_ARGUMENTS = by_name(
    {
        "optimizer=SGD(0.1)": "lr eta learning_rate learning_rate_init solver",
        "penalty": "weight_decay alpha l2 regularization",
        "epochs": "max_iter n_epochs num_epochs",
        "seed": "random_state generator",
        "metric": "metrics scoring",
        "validation": "validation_data eval_set",
        "patience": "early_stopping n_iter_no_change early_stopping_rounds",
        "on_epoch": "callbacks callback",
        "progress": "verbose",
    }
)


def instead(name: str, public: Iterable[str]) -> str | None:
    """Advice for a name that this package does not have.

    >>> instead("Linear", []), instead("Mlp", ["MLP", "SGD"]), instead("florble", ["MLP"])
    ("here it is nn.Layer(nin, nout, 'linear')", 'did you mean nn.MLP?', None)
    """
    if name in _INSTEAD:
        return f"here it is {_INSTEAD[name]}"
    return next((f"did you mean nn.{similar}?" for similar in _close(name, public, 1)), None)


def argument(name: str, known: Iterable[str]) -> str:
    """Advice for an argument that `fit` does not have, as the end of a sentence."""
    return f"; here it is {_ARGUMENTS[name]}" if name in _ARGUMENTS else did_you_mean(name, known)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'tan' or 'tanh'?`` where known names look similar, else nothing."""
    close = _close(name, known, 2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def _close(name: str, known: Iterable[str], most: int) -> list[str]:
    from difflib import get_close_matches

    lower = {x.lower(): x for x in known}
    return [lower[x] for x in get_close_matches(name[:40].lower(), lower, n=most)]
