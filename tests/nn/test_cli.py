import re
import subprocess
import sys

import pytest

from nn import cli


def test_digits_are_learned_to_more_than_nine_in_ten(capsys):
    assert cli.main(["train", "digits", "--epochs", "3", "--seed", "0"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^epoch 3: loss 0\.\d{4}, held-out accuracy 9\d\.\d%$", shown, re.MULTILINE)
    [right] = re.findall(r"^(\d+) of 360 held-out digits recognised after [\d.]+ s$", shown, re.MULTILINE)
    assert int(right) >= 0.9 * 360


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--learning-rate", "-1"], "error: learning_rate must be positive"),
        (["--hidden", "0"], "error: nouts[0] must be at least 1, got 0"),
        (["--activation", "tnah"], "error: unknown activation 'tnah'; did you mean"),
        (["--init", "glorot"], "error: unknown init 'glorot'"),
        (["--batch-size", "100000"], "error: batch_size is 100000, but there are 1437 samples"),
    ],
)
def test_bad_options_end_with_one_line_and_status_2(options, message, capsys):
    assert cli.main(["train", "digits", *options]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(message)
    assert shown.count("\n") == 1


def test_ctrl_c_ends_without_a_traceback(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "fit", interrupted)
    assert cli.main(["train", "digits"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_the_module_runs_and_explains_itself():
    shown = subprocess.run([sys.executable, "-m", "nn", "train", "--help"], capture_output=True, text=True, check=True)
    assert "--learning-rate" in shown.stdout


def test_importing_nn_loads_neither_numpy_nor_scikit_learn_nor_rich():
    program = "import nn, sys; print([m for m in ('numpy', 'sklearn', 'rich', 'argparse') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
