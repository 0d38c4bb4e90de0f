import pytest

import nn


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Linear", r"nn\.Layer"),
        ("Sequential", r"nn\.MLP"),
        ("CrossEntropyLoss", r"nn\.cross_entropy"),
        ("RMSprop", r"subclass of nn\.Optimizer"),
        ("relu", "activation's name"),
        ("Mlp", r"did you mean nn\.MLP"),
        ("adam", r"did you mean nn\.Adam"),
        ("acuracy", r"did you mean nn\.accuracy"),
    ],
)
def test_names_of_other_libraries_and_misprints_are_told(name, advice):
    with pytest.raises(AttributeError, match=rf"module 'nn' has no attribute '{name}'; .*{advice}"):
        getattr(nn, name)


def test_what_nobody_knows_is_just_not_there():
    for name in ("florble", "__wrapped__", "_private"):
        with pytest.raises(AttributeError, match=rf"has no attribute '{name}'$"):
            getattr(nn, name)
    assert not hasattr(nn, "__path_of_nothing__")
