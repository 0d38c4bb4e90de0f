"""What other libraries call the things that are here: for whoever asks `nn` for a name that it does not have."""

from __future__ import annotations

from autograd_core.synonyms import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["instead"]

_ALIKE = {
    "nn.Layer(nin, nout, 'linear')": "Linear Dense FullyConnected fc",
    "nn.MLP(2, [8, 1], 'relu')": "Sequential Network NeuralNetwork Model MLPClassifier MLPRegressor Perceptron",
    "the activation's name, nn.MLP(2, [8, 1], 'relu')": "ReLU relu Sigmoid sigmoid Tanh tanh Softmax GELU ELU",
    "nn.mse": "MSELoss mse_loss mean_squared_error",
    "nn.cross_entropy": "CrossEntropyLoss NLLLoss categorical_crossentropy log_loss",
    "nn.binary_cross_entropy": "BCELoss BCEWithLogitsLoss bce binary_crossentropy",
    "nn.hinge": "HingeEmbeddingLoss hinge_loss",
    "nn.fit": "train Trainer",
    "nn.evaluate": "score test",
    "net(x), or nn.evaluate(net, X, Y, nn.accuracy)": "predict predict_proba forward",
    "nn.fit(..., batch_size=10)": "DataLoader Dataset TensorDataset",
    "nn.schedules": "StepLR CosineAnnealingLR ExponentialLR LambdaLR lr_scheduler optim",
    "a subclass of nn.Optimizer with a rule": "AdamW RMSprop Adagrad Adadelta Nesterov Momentum LBFGS",
    "nn.Parameter, a Value that is learned": "Tensor Variable Weight",
}
_INSTEAD = {name: text for text, names in _ALIKE.items() for name in names.split()}


def instead(name: str, public: Iterable[str]) -> str | None:
    """What to write for a name that this package does not have.

    >>> instead("Linear", []), instead("Mlp", ["MLP", "SGD"]), instead("florble", ["MLP"])
    ("here it is nn.Layer(nin, nout, 'linear')", 'did you mean nn.MLP?', None)
    """
    if name in _INSTEAD:
        return f"here it is {_INSTEAD[name]}"
    similar = close(name, public)
    return similar and f"did you mean nn.{similar}?"
