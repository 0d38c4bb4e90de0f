"""Keys are not data: what tables, dicts and sets become where numbers are expected."""

import collections
import types

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.errors import AutogradError, NumberError, StructureError
from nn import (
    MLP,
    SGD,
    Neuron,
    binary_cross_entropy,
    cross_entropy,
    evaluate,
    fit,
    half_mse,
    hinge,
    mse,
)
from nn.errors import DataError, LabelError
from nn.metrics import predict


class Frame:
    """What all libraries of tables have in common: iterated over they give keys, their numbers come by `to_numpy`."""

    def __init__(self, numbers, keys):
        self.numbers, self.names = numbers if isinstance(numbers, np.ndarray) else np.array(numbers), list(keys)

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)

    def keys(self):
        return self.names

    def to_numpy(self):
        return self.numbers


def frames(numbers):
    """Such a table, and pandas' if it is there."""
    keys = range(np.array(numbers).shape[-1])
    try:
        import pandas as pd
    except ImportError:
        return [Frame(numbers, keys)]
    return [Frame(numbers, keys), pd.DataFrame(numbers) if np.ndim(numbers) == 2 else pd.Series(numbers)]


LOSSES = (mse, half_mse, binary_cross_entropy)
REDUCTIONS = (ag.sum, ag.prod, ag.mean, ag.norm, ag.max, ag.min, ag.logsumexp, ag.softmax, ag.log_softmax)

NOT_IN_A_ROW = {
    "dict": {0: 5.0, 1: 7.0},
    "dict of names": {"a": 5.0, "b": 7.0},
    "ordered dict": collections.OrderedDict({0: 5.0, 1: 7.0}),
    "chain of dicts": collections.ChainMap({0: 5.0}, {1: 7.0}),
    "read-only dict": types.MappingProxyType({0: 5.0, 1: 7.0}),
    "keys": {0: 5.0, 1: 7.0}.keys(),
    "items": {0: 5.0, 1: 7.0}.items(),
    "set": {0.0, 1.0},
    "frozen set": frozenset({0.0, 1.0}),
}


@pytest.mark.parametrize("name", NOT_IN_A_ROW)
def test_what_has_keys_or_no_order_is_refused_wherever_numbers_are_expected(name):
    given = NOT_IN_A_ROW[name]
    calls = [lambda: MLP(2, [1], seed=0)(given), lambda: Neuron(2, seed=0)(given)]
    calls += [lambda reduce=reduce: reduce(given) for reduce in REDUCTIONS]
    calls += [lambda: ag.dot(given, [1.0, 2.0]), lambda: ag.dot([1.0, 2.0], given)]
    calls += [lambda loss=loss: loss(given, [0.0, 1.0]) for loss in (*LOSSES, hinge)]
    calls += [lambda loss=loss: loss([ag.Value(0.0), ag.Value(1.0)], given) for loss in (*LOSSES, hinge)]
    calls += [lambda: cross_entropy(given, 0)]
    for call in calls:
        with pytest.raises(StructureError, match=r"expected a sequence of numbers.*list\(d.values\(\)\)"):
            call()


def test_the_values_of_a_dict_may_be_asked_for():
    given = {0: 5.0, 1: 7.0}
    net = MLP(2, [1], seed=0)
    assert net(given.values()).data == net([5.0, 7.0]).data
    assert ag.sum(given.values()) == 12.0
    assert mse(given.values(), [4.0, 7.0]) == 0.5


@pytest.mark.parametrize("reduce", REDUCTIONS)
def test_a_reduction_of_a_table_is_that_of_its_numbers(reduce):
    for numbers in ([[0.5, 1.0], [2.0, 4.0]], [0.5, 2.0]):
        for frame in frames(numbers):
            assert reduce(frame) == reduce(np.array(numbers))


def test_the_dot_product_of_columns_is_that_of_their_numbers():
    for frame in frames([3.0, 5.0]):
        assert ag.dot(frame, [1.0, 10.0]) == ag.dot([1.0, 10.0], frame) == 53.0
    x = ag.Value(2.0)
    for frame in frames([3.0, 5.0]):
        assert ag.dot(frame, [x, x]).data == 16.0


def test_a_column_or_a_single_row_is_one_sample():
    net = MLP(2, [1], seed=0)
    for numbers in ([5.0, 7.0], [[5.0, 7.0]], [[5.0], [7.0]]):
        for given in (*frames(numbers), np.array(numbers)):
            assert net(given).data == net([5.0, 7.0]).data
            assert mse(given, [4.0, 7.0]) == mse([4.0, 7.0], given) == 0.5
            assert binary_cross_entropy(given, [1.0, 0.0]) == binary_cross_entropy([5.0, 7.0], [1.0, 0.0])


def test_a_sample_of_a_series_with_numbered_entries_is_its_values():
    import pandas as pd

    net = MLP(2, [1], seed=0)
    table = pd.DataFrame({0: [5.0, 1.0], 1: [7.0, 2.0]})
    assert net(table.loc[0]).data == net(table.iloc[[0]]).data == net([5.0, 7.0]).data
    assert cross_entropy(table.loc[1], 1) == cross_entropy([1.0, 2.0], 1)


@pytest.mark.parametrize("table", [[[0.0, 1.0], [2.0, 3.0]], [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]], [(0.0, 1.0)] * 5])
def test_a_network_refuses_a_table_and_says_how_to_go_through_it(table):
    for given in (table, tuple(table), np.array(table), *frames(table)):
        with pytest.raises(StructureError, match=r"one sample.*\[net\(x\) for x in X\]"):
            MLP(2, [3, 1], seed=0)(given)


@pytest.mark.parametrize("loss", [*LOSSES, hinge])
def test_a_loss_refuses_tables_and_says_how_to_average(loss):
    table = [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(StructureError, match=r"average over them, ag.mean"):
        loss(table, table)
    for given in (np.array(table), *frames(table)):
        with pytest.raises(StructureError, match="got a table of shape"):
            loss(given, given)


X, Y = [[0.0, 1.0], [1.0, 3.0], [2.0, -1.0]], [1.0, 2.0, 3.0]


def trained(X, Y):  # noqa: N803  # as in scikit-learn
    net = Neuron(2, "linear", seed=1)
    history = fit(net, X, Y, loss=half_mse, optimizer=SGD(0.1), epochs=2)
    return [p.data for p in net.parameters()], history.loss


def test_training_takes_the_numbers_of_tables():
    expected = trained(X, Y)
    for x in (np.array(X), *frames(X)):
        for y in (np.array(Y), *frames(Y), np.array(Y)[:, None], *frames([[y] for y in Y])):
            assert trained(x, y) == expected
    assert trained([frames(row)[0] for row in X], [frames([y])[0] for y in Y]) == expected
    neuron = Neuron(2, "linear", seed=1)
    assert evaluate(neuron, frames(X)[-1], frames(Y)[-1], mse) == evaluate(neuron, X, Y, mse)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"a": 0.0, "b": 1.0}] * 3, r"X\[0\]: expected a sequence of numbers, got \{'a'"),
        ([{0.0, 1.0}] * 3, r"X\[0\]: expected a sequence"),
        ([[0.0, 1.0], {0: 1.0, 1: 2.0}, [0.0, 1.0]], r"X\[1\]: expected a sequence"),
        ({"a": [0.0, 1.0, 2.0], "b": [1.0, 2.0, 3.0]}, r"X: .*list\(zip\(\*d.values\(\)\)\)"),
        ({1.0, 2.0, 3.0}, "X: expected a sequence"),
        ((row for row in X), r"X must be a list, .*; give list\(X\)"),
        (["0 1", "1 3", "2 -1"], r"X\[0\]: expected numbers, got the text '0 1'"),
        ([b"01", b"13", b"24"], r"X\[0\]: expected numbers, got the text"),
    ],
)  # fmt: skip
def test_training_refuses_what_is_no_table_and_says_where(given, says):
    with pytest.raises(AutogradError, match=says):
        trained(given, Y)


def test_targets_with_keys_are_refused():
    for y in ({0: 1.0, 1: 2.0, 2: 3.0}, {1.0, 2.0, 3.0}):
        with pytest.raises(StructureError, match="Y: expected a sequence"):
            trained(X, y)
    with pytest.raises(StructureError, match="expected a sequence of numbers"):
        trained(X, [{0: 1.0}] * 3)


def test_sparse_matrices_and_masked_entries_are_not_taken_for_numbers():
    from scipy import sparse

    with pytest.raises(StructureError, match=r"X is a sparse matrix; give the dense one, X.toarray\(\)"):
        trained(sparse.csr_matrix(np.array(X)), Y)
    hidden = np.ma.masked_array(X, mask=[[0, 0], [0, 1], [0, 0]])
    with pytest.raises(DataError, match=r"X\[1\]\[1\] is nan"):
        trained(hidden, Y)
    with pytest.raises(DataError, match=r"Y\[2\] is nan"):
        trained(X, np.ma.masked_array([1, 2, 3], mask=[0, 0, 1]))
    assert trained(np.ma.masked_array(X), Y) == trained(X, Y)


class NAType:
    """As pandas' NA: not even its truth is known."""

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")

    def __repr__(self):
        return "<NA>"


@pytest.mark.parametrize(
    ("x", "says"),
    [
        ("1,5", r"float\('1,5'.replace\(',', '.'\)\)"),
        ("1.5", r"float\('1.5'\), or astype\(float\)"),
        ("setosa", "one column of 0 and 1 for each name"),
        (NAType(), r"missing value: .*dropna.*fillna"),
        (True, r"astype\(float\)"),
        (np.True_, r"astype\(float\)"),
    ],
)
def test_what_is_no_number_in_a_table_says_how_it_becomes_one(x, says):
    for rows in ([[0.0, 1.0], [1.0, x], [2.0, 3.0]], Frame(np.array([[0.0, 1.0], [1.0, x], [2.0, 3.0]], object), "ab")):
        with pytest.raises(NumberError, match=rf"X\[1\]\[1\]: .*{says}"):
            trained(rows, Y)


def test_missing_targets_are_named_with_their_place():
    for y in ([1.0, NAType(), 2.0], Frame(np.array([1.0, NAType(), 2.0], object), "abc")):
        with pytest.raises(NumberError, match=r"Y\[1\]: .*missing value"):
            trained(X, y)


def test_pandas_tables_with_gaps_texts_and_bools():
    import pandas as pd

    gaps = pd.DataFrame({0: pd.array([0.0, None, 2.0], dtype="Float64"), 1: [1.0, 3.0, -1.0]})
    with pytest.raises(AutogradError, match=r"X\[1\]\[0\].*(missing value|fill the gap)"):
        trained(gaps, Y)
    with pytest.raises(NumberError, match=r"X\[0\]\[0\].*missing value"):
        trained(pd.DataFrame({0: pd.array([0, None, 2], dtype="Int64"), 1: ["a", "b", "c"]}).iloc[1:], Y[1:])
    with pytest.raises(NumberError, match=r"X\[0\]\[1\]: .*got 'setosa'.*one column of 0 and 1"):
        trained(pd.DataFrame({"length": [1.0, 2.0, 3.0], "kind": ["setosa", "setosa", "virginica"]}), Y)
    with pytest.raises(NumberError, match=r"astype\(float\)"):
        trained(pd.get_dummies(pd.Series(["a", "b", "a"])), Y)
    assert trained(pd.DataFrame(X, columns=["a", "b"], dtype="Float64"), pd.Series(Y, index=list("xyz"))) == trained(
        X, Y
    )


def test_labels_that_are_texts_say_how_they_become_numbers():
    advice = r"names = sorted\(set\(Y\)\); Y = \[names.index\(y\) for y in Y\]"
    with pytest.raises(LabelError, match=advice):
        fit(MLP(2, [2], seed=0), X, ["a", "b", "a"], loss=cross_entropy, optimizer=SGD(0.1))
    for loss in (mse, binary_cross_entropy, hinge):
        for text in ("a", "setosa"):
            with pytest.raises(NumberError, match=advice):
                loss([ag.Value(0.5)], text)


def test_bools_are_targets_0_and_1():
    bools = [True, False, True]
    for given in (bools, np.array(bools), [np.True_, np.False_, np.True_]):
        for loss in (binary_cross_entropy, mse):
            nets = [MLP(2, [1], seed=0) for _ in range(2)]
            for net, y in zip(nets, (given, [1, 0, 1]), strict=True):
                fit(net, X, y, loss=loss, optimizer=SGD(0.1), epochs=3)
            assert [p.data for p in nets[0].parameters()] == [p.data for p in nets[1].parameters()]
    net = MLP(2, [2], seed=0)
    fit(net, X, bools, loss=cross_entropy, optimizer=SGD(0.1))


@pytest.mark.parametrize(
    ("loss", "y", "says"),
    [
        (cross_entropy, [1, 2, 3], r"^Y\[2\]: label 3; expected .* 0, ..., 2.*labels 1, ..., 3 become these by y - 1"),
        (cross_entropy, [0, None, 1], r"^Y\[1\]: label None .*missing value: .*dropna"),
        (binary_cross_entropy, [[0, 1, 0], [1, 2, 1], [0, 0, 0]], r"^Y\[1\]: target 2.*labels 1 and 2 .* y - 1"),
        (cross_entropy, [0, 1, 7], r"^Y\[2\]: label 7; expected .* 0, ..., 2, as an integer$"),
        (cross_entropy, [0, 1, "b"], r"^Y\[2\]: label 'b' .*names.index.*nn.sklearn.MLPClassifier"),
        (cross_entropy, [0, 1.0, 2], r"^Y\[1\]: label 1.0 .*y.astype\(int\)"),
        (cross_entropy, [[0], [1], [2]], r"^Y\[0\]: .*y.ravel\(\)"),
        (mse, [[0, 1, 2], [0, 1, 2], [0, 1]], r"^Y\[2\]: mse of 3 outputs and 2 targets"),
    ],
)
def test_a_target_that_the_loss_refuses_is_named_with_its_place(loss, y, says):
    with pytest.raises(AutogradError, match=says):
        fit(MLP(2, [3], seed=0), X, y, loss=loss, optimizer=SGD(0.1))
    right = [0, 1, 2] if loss is cross_entropy else np.eye(3)
    with pytest.raises(AutogradError, match=says.replace("^", "^validation: ")):
        fit(MLP(2, [3], seed=0), X, right, loss=loss, optimizer=SGD(0.1), validation=(X, y))


def test_where_a_loss_of_ones_own_refuses_a_target_is_seen():
    def picky(output, target):
        raise LabelError("not this one")

    with pytest.raises(LabelError, match=r"^Y\[0\]: not this one$") as caught:
        fit(MLP(2, [1], seed=0), X, Y, loss=picky, optimizer=SGD(0.1))
    assert caught.traceback[-1].name == "picky"


def test_what_is_missing_in_held_out_samples_is_told_of_them():
    with pytest.raises(DataError, match=r"^validation: X\[1\]\[0\] is nan"):
        fit(MLP(1, [1]), [0, 1], [0, 1], loss=mse, optimizer=SGD(0.1), validation=([0.0, np.nan], [0, 1]))


def test_outputs_of_many_samples_are_rows_and_one_sample_is_a_row_too():
    import pandas as pd

    net, table = MLP(2, [3, 2], "tanh", seed=0), pd.DataFrame(X * 100, columns=["a", "b"]).iloc[::-1]
    expected = np.array([[output.data for output in net(row)] for row in table.to_numpy().tolist()])
    assert predict(net, table) == pytest.approx(expected, rel=1e-12)  # compiled
    assert predict(net, table[:3]).tolist() == expected[:3].tolist()
    assert predict(Neuron(2, seed=0), X).shape == (3,)
    assert predict(net, [[0.0, 1.0]]).shape == (1, 2)
    with pytest.raises(StructureError, match=r"expected 2 inputs, got 1; .*one alone: \[\[...\]\]"):
        predict(net, [0.0, 1.0])
