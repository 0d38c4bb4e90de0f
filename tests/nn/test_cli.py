import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from marks import slow

from nn import cli, load


def run(capsys, *arguments):
    status = cli.main(["train", *arguments])
    return (status, *capsys.readouterr())


@pytest.mark.slow
def test_digits_are_learned_to_96_percent(capsys):
    status, shown, errors = run(capsys, "digits")
    assert (status, errors) == (0, "")
    assert re.search(
        r"^epoch 20: [\d.]+ s, loss 0\.\d{4}, accuracy 9\d\.\d%, held out 3\d\d of 360$", shown, re.MULTILINE
    )
    [right] = re.findall(r"^(\d+) of 360 held-out samples recognised after [\d.]+ s$", shown, re.MULTILINE)
    assert int(right) >= 0.96 * 360


@pytest.mark.parametrize("seed", slow(["0", "1", "2"], but=["0"]))
def test_iris_is_learned_to_at_most_two_errors(seed, capsys):
    _, shown, _ = run(capsys, "iris", "--seed", seed)
    assert int(re.findall(r"^(\d+) of 150 samples", shown, re.MULTILINE)[0]) >= 148


def test_moons_are_learned_and_what_was_learned_is_kept(capsys, tmp_path):
    status, shown, _ = run(capsys, "moons", "--out", str(tmp_path / "new" / "moons"))
    assert status == 0
    assert "100 of 100 samples recognised" in shown
    assert shown.endswith(f"wrote model.json, learning-curve.svg, boundary.svg into {tmp_path / 'new' / 'moons'}\n")
    assert repr(load(tmp_path / "new" / "moons" / "model.json")).startswith("MLP of Layer(2, 16, relu)")
    for picture in ("learning-curve.svg", "boundary.svg"):
        assert "<svg" in (tmp_path / "new" / "moons" / picture).read_text()


@pytest.mark.slow
def test_sine_is_fitted_to_its_noise(capsys, tmp_path):
    _, shown, _ = run(capsys, "sine", "--out", str(tmp_path))
    assert float(re.findall(r"root mean square error ([\d.]+)", shown)[0]) < 0.12
    assert "neuron 3" in (tmp_path / "fit.svg").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--eta=-1"], "error: --eta must be positive"),
        (["--hidden", "0"], "error: nouts[0] must be at least 1, got 0"),
        (["--activation", "tnah"], "error: unknown activation 'tnah'; did you mean"),
        (["--init", "glorot"], "error: unknown init 'glorot'"),
        (["--activation", "swish"], "error: unknown activation 'swish'; here it is called 'silu'"),
        (["--batch-size", "100000"], "error: --batch-size is 100000, but there are 1437 samples"),
        (["--epochs", "0"], "error: epochs must be at least 1"),
        (["--resume"], "error: --resume needs the checkpoint to go on from: --checkpoint run.json"),
        (["--resume", "--checkpoint", "nowhere.json"], "error: cannot read a network from nowhere.json: no such file"),
        (["--checkpoint", "nowhere/run.json"], "error: cannot write nowhere/run.json: no such file or directory"),
        (["--out", "/proc/nowhere"], "error: cannot write into /proc/nowhere: no such file or directory"),
        (["--out", __file__], "error: cannot write into"),
    ],
)
def test_bad_options_end_with_one_line_and_status_2(options, message, capsys):
    status, _, errors = run(capsys, "digits", *options)
    assert status == 2
    assert errors.startswith(message)
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: command"),
        (["train"], "the following arguments are required: digits|iris|moons|sine|mnist"),
        (["train", "digit"], "invalid choice: 'digit' (choose from 'digits', 'iris', 'moons', 'sine', 'mnist')"),
        (["train", "iris", "--epoch", "many"], "argument --epochs: invalid int value: 'many'"),
        (["train", "iris", "--etaa", "1"], "python -m nn train iris: error: unrecognized arguments: --etaa 1"),
        (["train", "sine", "--cost", "quadratic"], "python -m nn train sine: error: unrecognized arguments: --cost"),
    ],
)
def test_typos_are_answered_by_what_would_have_been_right(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_mnist_asks_for_its_files(capsys, tmp_path):
    assert "--data DIR" in run(capsys, "mnist")[2]
    assert "is not in nowhere; there is no such directory" in run(capsys, "mnist", "--data", "nowhere")[2]
    assert "is not in" in run(capsys, "mnist", "--data", str(tmp_path))[2]


def test_ctrl_c_ends_without_a_traceback(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "fit", interrupted)
    assert run(capsys, "digits")[0::2] == (130, "interrupted\n")
    assert run(capsys, "digits", "--checkpoint", "nowhere")[2] == "interrupted\n"
    assert run(capsys, "digits", "--checkpoint", __file__)[2] == "interrupted; --resume goes on from the checkpoint\n"


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint_that_resumes(tmp_path):
    path = tmp_path / "run.json"
    command = [sys.executable, "-m", "nn", "train", "sine", "--checkpoint", str(path)]
    process = subprocess.Popen(
        [*command, "--epochs", "1000000"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # a shell's `&` hands SIGINT down ignored; there is no other thread that could mind
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline and not path.exists():
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted; --resume goes on from the checkpoint\n")
    epoch = json.loads(path.read_text())["training"]["epoch"]
    resumed = subprocess.run(
        [*command, "--epochs", str(epoch + 2), "--resume"], capture_output=True, text=True, check=True
    )
    assert f"epoch {epoch + 2}: " in resumed.stdout
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "is there already: --resume goes on with it" in again.stderr


def test_what_diverges_leaves_its_last_good_model(capsys, tmp_path):
    status, _, errors = run(capsys, "sine", "--eta", "1e200", "--out", str(tmp_path))
    assert status == 2
    assert "The parameters are back at the last ones with a finite loss" in errors
    assert load(tmp_path / "model.json") is not None


@pytest.mark.slow
def test_a_reader_that_has_had_enough_gets_no_traceback():
    command = f"{sys.executable} -m nn train moons | head -1"
    shown = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("MLP of")
    assert shown.stderr == ""


def test_every_epoch_has_its_line_and_of_many_epochs_every_second_one(capsys):
    shown = run(capsys, "moons", "--epochs", "30")[1]
    assert len(re.findall("^epoch", shown, re.MULTILINE)) == 30
    shown = run(capsys, "moons", "--epochs", "301")[1]
    assert re.findall(r"^epoch (\d+)", shown, re.MULTILINE)[-2:] == ["300", "301"]


def test_the_module_runs_and_explains_itself():
    shown = subprocess.run(
        [sys.executable, "-m", "nn", "train", "moons", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for option in ("--hidden", "--epochs", "--batch-size", "--eta", "--seed", "--checkpoint", "--resume", "--out"):
        assert option in shown
    assert "(default: 0.5)" in shown


def test_importing_nn_loads_neither_numpy_nor_scikit_learn_nor_rich_nor_matplotlib():
    heavy = ("numpy", "sklearn", "rich", "argparse", "matplotlib", "llvmlite")
    program = f"import nn, sys; print([m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": ""}
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert shown.stdout == "[]\n"


@pytest.mark.slow
@pytest.mark.skipif(
    "MNIST_DIRECTORY" not in os.environ, reason="needs MNIST's four files; MNIST_DIRECTORY says where they are"
)
@pytest.mark.parametrize(
    ("options", "least", "most"),
    [((), 8500, 9400), (("--eta", "100"), 0, 1500), (("--cost", "cross-entropy", "--init", "scaled", "--eta", "0.5"), 9200, 9600)],
    ids=["chapter 1", "too large a rate", "chapter 3"],
)  # fmt: skip
def test_nielsens_network_after_its_first_epoch(options, least, most, capsys):
    given = ("mnist", "--data", os.environ["MNIST_DIRECTORY"], "--epochs", "1", *options)
    status, shown, errors = run(capsys, *given)
    assert (status, errors) == (0, "")
    assert "MLP of Layer(784, 30, sigmoid), Layer(30, 10, " in shown
    [right] = re.findall(
        r"^epoch 1: [\d.]+ s, loss \d+\.\d{4}, accuracy [\d.]+%, held out (\d+) of 10000$", shown, re.M
    )
    assert least <= int(right) <= most


def test_mnist_knows_two_costs(capsys):
    with pytest.raises(SystemExit):
        run(capsys, "mnist", "--cost", "quadratc")
    assert "invalid choice: 'quadratc' (choose from 'quadratic', 'cross-entropy')" in capsys.readouterr().err


def test_a_students_own_nn_py_does_not_hide_the_command(tmp_path):
    (tmp_path / "nn.py").write_text("raise SystemExit('the own file ran')\n")
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    module, function = project["project"]["scripts"]["autograd-nn"].split(":")
    script = tmp_path / "bin" / "autograd-nn"  # as pip writes it
    script.parent.mkdir()
    script.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    for command in ([str(script)], ["-P", "-m", "nn"]):
        shown = subprocess.run(
            [sys.executable, *command, "train", "--help"],
            capture_output=True, text=True, check=False, cwd=tmp_path, env=environment,
        )  # fmt: skip
        assert shown.returncode == 0, shown.stderr
        assert "train a network" in shown.stdout.lower()
