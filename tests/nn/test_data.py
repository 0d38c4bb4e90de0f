import math
import sys

import pytest
from sklearn.datasets import load_digits

from nn import digits
from nn.errors import AutogradError, MissingPackageError, SettingError


def test_digits_are_plain_rows_of_64_pixels_from_0_to_1_and_integer_labels():
    (X_train, y_train), (X_test, y_test) = digits()  # noqa: N806  # as in scikit-learn
    assert (len(X_train), len(y_train), len(X_test), len(y_test)) == (1437, 1437, 360, 360)
    assert {len(x) for x in X_train + X_test} == {64}
    assert {type(v) for x in X_train for v in x} == {float}
    assert (min(map(min, X_train)), max(map(max, X_train))) == (0.0, 1.0)
    assert {type(y) for y in y_train + y_test} == {int}


def test_the_two_parts_together_are_scikit_learns_digits_once_each():
    (X_train, y_train), (X_test, y_test) = digits(seed=3)  # noqa: N806
    pixels, labels = load_digits(return_X_y=True)
    ours = sorted((*(16.0 * v for v in x), y) for x, y in zip(X_train + X_test, y_train + y_test, strict=True))
    assert ours == sorted((*x, y) for x, y in zip(pixels.tolist(), labels.tolist(), strict=True))


def test_the_split_depends_on_the_seed_only_and_is_the_same_by_default():
    assert digits() == digits(seed=0)
    assert digits(seed=1) != digits(seed=0)


def test_the_share_of_test_data_can_be_chosen():
    assert len(digits(test_share=0.5)[1][0]) == 899
    with pytest.raises(SettingError, match="test_share must lie between 0 and 1"):
        digits(test_share=1.0)
    for share in (0.0, -0.2, math.nan, "0.2"):
        with pytest.raises(SettingError, match="test_share must be"):
            digits(test_share=share)


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-core\[digits\]'") as caught:
        digits()
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, AutogradError)
