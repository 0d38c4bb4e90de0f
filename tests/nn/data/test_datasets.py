import gzip
import math
import os
import struct
import sys
import tracemalloc
from functools import cache

import numpy as np
import pytest

from nn import digits, iris, mnist, moons, sine
from nn.data import datasets
from nn.data.datasets import read_idx
from nn.errors import AutogradError, DataError, MissingPackageError, SettingError, StorageError


def test_digits_are_plain_rows_of_64_pixels_from_0_to_1_and_integer_labels():
    (X_train, y_train), (X_test, y_test) = digits()  # noqa: N806  # as in scikit-learn
    assert (len(X_train), len(y_train), len(X_test), len(y_test)) == (1437, 1437, 360, 360)
    assert {len(x) for x in X_train + X_test} == {64}
    assert {type(v) for x in X_train for v in x} == {float}
    assert (min(map(min, X_train)), max(map(max, X_train))) == (0.0, 1.0)
    assert {type(y) for y in y_train + y_test} == {int}


def test_the_two_parts_together_are_scikit_learns_digits_once_each():
    (X_train, y_train), (X_test, y_test) = digits(seed=3)  # noqa: N806  # as in scikit-learn
    from sklearn.datasets import load_digits

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


@pytest.mark.parametrize("load", [digits, iris, moons])
def test_without_scikit_learn_the_error_says_what_to_install(load, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-core\[train\]'") as caught:
        load()
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, AutogradError)


def test_irises_are_measured_in_standard_deviations():
    from sklearn.datasets import load_iris

    X, y = iris()  # noqa: N806  # as in scikit-learn
    assert np.mean(X, axis=0) == pytest.approx([0.0] * 4, abs=1e-14)
    assert np.std(X, axis=0) == pytest.approx([1.0] * 4)
    assert y == load_iris().target.tolist()


def test_moons_are_those_of_micrograds_demonstration():
    from sklearn.datasets import make_moons

    np.random.seed(1337)  # as the demonstration does
    points, labels = make_moons(n_samples=100, noise=0.1)
    assert moons() == (points.tolist(), [2 * int(label) - 1 for label in labels])
    assert moons(seed=1) != moons()


def test_the_sine_has_the_noise_that_was_asked_for():
    X, y = sine(5000, noise=0.2, seed=1)  # noqa: N806  # as in scikit-learn
    rest = [b - math.sin(a) for a, b in zip(X, y, strict=True)]
    assert sorted(X) == X
    assert np.std(rest) == pytest.approx(0.2, rel=0.05)
    assert sine(seed=3) == sine(seed=3) != sine(seed=4)


@pytest.mark.parametrize(
    "make", [lambda: moons(0), lambda: moons(noise=-1.0), lambda: sine(0), lambda: sine(noise=0.0)]
)
def test_samples_and_noise_must_be_positive(make):
    with pytest.raises(SettingError, match="must be"):
        make()


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_that_scikit_learn_does_not_take_are_refused(seed):
    with pytest.raises(SettingError, match="seed must be at least 0"):
        moons(seed=seed)


def test_a_test_share_must_leave_something_to_learn():
    with pytest.raises(SettingError, match="leaves none of 1797 digits"):
        digits(test_share=0.9999)


# MNIST's format

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx(array, kind=8):
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_idx_file_is_read_gzipped_or_not(pack, tmp_path):
    (tmp_path / "images").write_bytes(pack(idx(IMAGES)))
    assert np.array_equal(read_idx(tmp_path / "images", (2, 3, 4)), IMAGES)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it begins with nothing, expected 00 00 08 03"),
        (b"\x00\x00", "it begins with 00 00, expected 00 00 08 03"),
        (b"<html>not found</html>", "it begins with 3c 68 74 6d, expected 00 00 08 03"),
        (idx(IMAGES, kind=13), "it begins with 00 00 0d 03, expected 00 00 08 03"),
        (idx(IMAGES[0]), "it begins with 00 00 08 02, expected 00 00 08 03"),
        (idx(IMAGES)[:9], "its header is cut off, expected 2 x 3 x 4"),
        (idx(IMAGES[:1]), "it is of shape 1 x 3 x 4, expected 2 x 3 x 4"),
        (idx(IMAGES)[:-1], "is cut off: 23 bytes of data, expected 24"),
        (idx(IMAGES) + b"x", "is too long: 25 bytes of data, expected 24"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-9], "it is gzipped, but cannot be unpacked"),
        (gzip.compress(idx(IMAGES), mtime=0)[:12] + b"damaged", "it is gzipped, but cannot be unpacked"),
    ],
)
def test_other_files_are_refused_with_what_was_found_and_expected(content, says, tmp_path):
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        read_idx(tmp_path / "images", (2, 3, 4))
    assert str(tmp_path / "images") in str(caught.value)


@cache
def bomb(start=b""):
    return gzip.compress(start + bytes(200_000_000), compresslevel=1)


LYING = {
    "a bomb": (bomb, "it begins with 00 00 00 00"),
    "a bomb with a sound header": (lambda: bomb(idx(IMAGES)), r"too long: \d+ or more bytes"),
    "a bomb in many parts": (lambda: gzip.compress(idx(IMAGES)) + bomb(), r"too long: \d+ or more bytes"),
    "a file of zeros behind": (idx(IMAGES) + bytes(100_000), r"too long: \d+ or more bytes"),
    "a header of more than there is": (idx(IMAGES)[:4] + b"\xff" * 12, "it is of shape 4294967295 x 4294967295"),
    "a header of nothing": (idx(IMAGES)[:4] + bytes(12), "it is of shape 0 x 0 x 0, expected 2 x 3 x 4"),
    "gzipped twice": (gzip.compress(gzip.compress(idx(IMAGES), mtime=0)), "it begins with 1f 8b"),
    "a wrong checksum": (gzip.compress(idx(IMAGES), mtime=0)[:-8] + bytes(8), "cannot be unpacked"),
}


@pytest.mark.parametrize("what", LYING)
def test_no_more_is_unpacked_than_the_file_should_have(what, tmp_path):
    content, says = LYING[what]
    (tmp_path / "images").write_bytes(content() if callable(content) else content)
    tracemalloc.start()
    with pytest.raises(DataError, match=says):
        read_idx(tmp_path / "images", (2, 3, 4))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_devices_and_pipes_are_no_idx_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe", tmp_path):
        with pytest.raises(StorageError, match=r"no ordinary file|is a directory"):
            read_idx(path, (2, 3, 4))


@pytest.mark.parametrize("directory", [None, 5, "a\0b", "\x1b[2J\n", "nowhere"])
def test_what_is_no_directory_of_mnist_is_an_error_of_ours(directory):
    with pytest.raises(StorageError, match=r"cannot look into|there is no such directory") as caught:
        mnist(directory)
    assert str(caught.value).isprintable()


def test_what_lies_in_a_directory_is_told_visibly(tmp_path):
    (tmp_path / "\x1b[31m\n").write_text("")
    with pytest.raises(StorageError, match=r"there is \\x1b\[31m\\n$"):
        mnist(tmp_path)


FILES = {
    "train-images-idx3-ubyte": (6, 28, 28),
    "train-labels-idx1-ubyte": (6,),
    "t10k-images-idx3-ubyte": (2, 28, 28),
    "t10k-labels-idx1-ubyte": (2,),
}


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """The four files with 6 and 2 images, and a loader that expects so many."""
    real = datasets._mnist_part
    monkeypatch.setattr(
        datasets, "_mnist_part", lambda folder, name, count: real(folder, name, count // 10_000 + (name == "t10k"))
    )
    for name, shape in FILES.items():
        (tmp_path / name).write_bytes(idx(np.arange(math.prod(shape)).reshape(shape).astype(np.uint8) % 10))
    return tmp_path


def test_the_four_files_of_mnist_are_found_and_joined(small_mnist):
    training, validation, test = mnist(small_mnist)
    images = np.concatenate([training[0], validation[0]])
    assert images.shape == (6, 784)
    assert images.reshape(-1).tolist() == [k % 256 % 10 / 255.0 for k in range(6 * 784)]
    assert [*training[1], *validation[1]] == [0, 1, 2, 3, 4, 5]
    assert (test[0].shape, test[1]) == ((2, 784), [0, 1])


def test_gzipped_files_are_found_too(small_mnist):
    for name in FILES:
        (small_mnist / f"{name}.gz").write_bytes(gzip.compress((small_mnist / name).read_bytes()))
        (small_mnist / name).unlink()
    assert mnist(small_mnist)[2][1] == [0, 1]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_of_mnist_is_named(name, small_mnist):
    (small_mnist / name).unlink()
    with pytest.raises(StorageError, match=rf"{name} or {name}\.gz is not in .*; there is .*ubyte"):
        mnist(small_mnist)


def test_mislabelled_files_of_mnist_are_refused(small_mnist):
    labels = small_mnist / "train-labels-idx1-ubyte"
    images = small_mnist / "train-images-idx3-ubyte"
    before = labels.read_bytes()
    labels.write_bytes(images.read_bytes())
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte is no IDX file of unsigned bytes with 1 axes"):
        mnist(small_mnist)
    labels.write_bytes(before[:-1] + b"\x0a")
    with pytest.raises(DataError, match="holds the label 10; expected digits, 0 to 9"):
        mnist(small_mnist)
    labels.write_bytes((small_mnist / "t10k-labels-idx1-ubyte").read_bytes())
    with pytest.raises(DataError, match="it is of shape 2, expected 6"):
        mnist(small_mnist)


@pytest.mark.slow
@pytest.mark.skipif(
    "MNIST_DIRECTORY" not in os.environ, reason="needs MNIST's four files; MNIST_DIRECTORY says where they are"
)
def test_mnist_itself():
    training, validation, test = mnist(os.environ["MNIST_DIRECTORY"])
    assert [len(labels) for _, labels in (training, validation, test)] == [50_000, 10_000, 10_000]
    assert [images.shape for images, _ in (training, test)] == [(50_000, 784), (10_000, 784)]
    assert training[1][:10] == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test[1][:5] == [7, 2, 1, 0, 4]
    darkness = training[0].mean(axis=1)
    averages = [darkness[np.array(training[1]) == digit].mean() for digit in range(10)]
    guesses = [int(np.argmin(np.abs(np.array(averages) - image.mean()))) for image in test[0]]
    assert sum(a == b for a, b in zip(guesses, test[1], strict=True)) == 2225  # Nielsen's average darkness
