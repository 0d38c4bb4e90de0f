import errno
import os
import subprocess
import sys
import threading

import pytest

from nn import files
from nn.errors import StorageError
from nn.files import folder, read_file, read_start, write_file


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.json"
    for content in (b"first", b"second and longer", b""):
        write_file(path, content)
        assert read_file(path, "it") == content
    assert os.listdir(tmp_path) == ["a.json"]


def test_who_may_read_a_file_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_file(path, b"old")
    for mode in (0o600, 0o664):
        path.chmod(mode)
        write_file(path, b"new")
        assert path.stat().st_mode & 0o777 == mode
    monkeypatch.setattr(files.os, "access", lambda path, mode: mode != os.W_OK)  # root always may
    with pytest.raises(StorageError, match="permission denied"):
        write_file(path, b"newer")
    assert read_file(path, "it") == b"new"
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_what_fails_leaves_the_old_file_and_nothing_half_written(moment, error, tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_file(path, b"old")

    def fails(*_):
        raise error

    monkeypatch.setattr(files.os, "fsync", fails) if moment == "fsync" else monkeypatch.setattr(
        files.Path, "replace", fails
    )
    with pytest.raises(StorageError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        write_file(path, b"new")
    if isinstance(error, OSError):
        assert str(caught.value) == f"cannot write {path}: no space left on device. What was there still is"
    monkeypatch.undo()
    assert read_file(path, "it") == b"old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_writers_of_one_path_do_not_disturb_each_other(tmp_path):
    path, wrong = tmp_path / "a.json", []
    contents = [bytes([letter]) * 200_000 for letter in b"ab"]
    write_file(path, contents[0])

    def write(content):
        for _ in range(40):
            write_file(path, content)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        wrong += [1] if read_file(path, "it") not in contents else []
    assert not wrong
    assert os.listdir(tmp_path) == ["a.json"]


def test_what_a_killed_process_left_behind_is_removed_by_the_next(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    left = [tmp_path / f".a.json.{process.pid}-1.partial", tmp_path / f".a.json.{os.getpid()}-1.partial"]
    for file in left:
        file.write_text("")
    write_file(tmp_path / "a.json", b"x")
    assert sorted(os.listdir(tmp_path)) == sorted(["a.json", left[1].name])  # the other's process is alive


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody who may not write"
)
def test_a_directory_that_may_not_be_written_into_is_an_error_of_ours(tmp_path):
    program = (
        "import os; from nn.files import folder, write_file; from nn.errors import StorageError; os.seteuid(65534)\n"
        "for act in (lambda: folder('/root/x'), lambda: write_file('/etc/a.json', b'')):\n"
        "    try: act()\n"
        "    except StorageError as error: print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == [
        "cannot write into /root/x: permission denied",
        "cannot write /etc/a.json: permission denied. What was there still is",
    ]


@pytest.mark.parametrize("path", [None, 5, "a\0b"])
def test_what_is_no_path_is_an_error_of_ours(path):
    with pytest.raises(StorageError, match="cannot write"):
        write_file(path, b"")
    with pytest.raises(StorageError, match="cannot read"):
        read_file(path, "it")


def test_missing_files_and_directories_are_named(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read a network from .*nothing.json: no such file"):
        read_file(tmp_path / "nothing.json", "a network")
    with pytest.raises(StorageError, match="no such file or directory"):
        write_file(tmp_path / "nowhere" / "a.json", b"")
    with pytest.raises(OSError, match="is a directory"):
        write_file(tmp_path, b"")


def test_a_directory_is_made_where_it_can_be(tmp_path):
    assert folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write into"):
        folder(tmp_path / "file")
    with pytest.raises(StorageError, match="cannot write into"):
        folder("/proc/nowhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names, which Windows does not have")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StorageError, match="it is no ordinary file"):
        write_file(pipe, b"new")
    assert pipe.is_fifo()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def a_dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


LEFT = {
    "of a process that cannot be": lambda folder: (folder / f".a.json.{10**30}-1.partial").write_text(""),
    "of a process of many digits": lambda folder: (folder / f".a.json.{'9' * 200}-1.partial").write_text(""),
    "of the first process": lambda folder: (folder / ".a.json.1-1.partial").write_text(""),
    "of process 0": lambda folder: (folder / ".a.json.0-1.partial").write_text(""),
    "of nobody": lambda folder: (folder / ".a.json.x-1.partial").write_text(""),
    "of a negative process": lambda folder: (folder / ".a.json.-1-1.partial").write_text(""),
    "that is a directory": lambda folder: (folder / f".a.json.{a_dead_process()}-1.partial").mkdir(),
    "that is a directory with files": lambda folder: (folder / f".a.json.{a_dead_process()}-1.partial" / "a").mkdir(
        parents=True
    ),
    "that is a link": lambda folder: (folder / f".a.json.{a_dead_process()}-1.partial").symlink_to(folder / "precious"),
    "that is a link to nothing": lambda folder: (folder / f".a.json.{a_dead_process()}-1.partial").symlink_to("none"),
}


@pytest.mark.parametrize("what", LEFT)
def test_no_draft_that_was_left_behind_is_in_the_way(what, tmp_path):
    (tmp_path / "precious").write_text("kept")
    LEFT[what](tmp_path)
    write_file(tmp_path / "a.json", b"new")
    assert read_file(tmp_path / "a.json", "it") == b"new"
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_draft_follows_no_link_and_writes_over_nothing(tmp_path, monkeypatch):
    (tmp_path / "precious").write_text("kept")
    monkeypatch.setattr(files.secrets, "token_hex", lambda count: "0")
    draft = tmp_path / f".a.json.{os.getpid()}-0.partial"
    for put in (
        lambda: draft.symlink_to(tmp_path / "precious"),
        lambda: draft.symlink_to(tmp_path / "nowhere"),
        lambda: os.link(tmp_path / "precious", draft),
        lambda: draft.write_text("somebody else's"),
        draft.mkdir,
    ):
        put()
        before = draft.lstat()
        with pytest.raises(StorageError, match=r"cannot write .*a.json: file exists. What was there still is"):
            write_file(tmp_path / "a.json", b"new")
        assert draft.lstat().st_ino == before.st_ino  # it is not ours to remove
        assert (tmp_path / "precious").read_text() == "kept"
        assert sorted(os.listdir(tmp_path)) == sorted([draft.name, "precious"])
        draft.rmdir() if draft.is_dir() else draft.unlink()


def test_a_draft_is_nobody_elses_to_read_before_it_is_whole(tmp_path, monkeypatch):
    path, seen = tmp_path / "a.json", []
    path.write_bytes(b"old")
    path.chmod(0o600)
    own = os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda file: (seen.append(os.fstat(file).st_mode & 0o777), own(file)))
    for mode in (0o600, 0o644):
        path.chmod(mode)
        write_file(path, b"new")
        assert path.stat().st_mode & 0o777 == mode
    assert seen == [0o600, 0o600]


def test_the_longest_names_have_drafts_too(tmp_path):
    for name in ("a" * 255, "ä" * 127, "\U0001f600" * 63):
        write_file(tmp_path / name, b"new")
        assert read_file(tmp_path / name, "it") == b"new"
    with pytest.raises(StorageError, match="file name too long"):
        write_file(tmp_path / ("a" * 256), b"new")
    assert len(os.listdir(tmp_path)) == 3


def endless(folder):
    """What has no end, or nobody at its other end."""
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/dev/zero")
    return ["/dev/zero", folder / "pipe", folder / "link", "/dev/tty", folder]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names, which Windows does not have")
def test_only_regular_files_are_read(tmp_path):
    for path in endless(tmp_path):
        with pytest.raises(StorageError, match=r"no ordinary file|is a directory|no such device"):
            read_file(path, "a network")


def test_what_is_larger_than_any_file_of_ours_is_neither_read_nor_written(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 1_000)
    path = tmp_path / "a.json"
    write_file(path, b"x" * 1_000)
    assert read_file(path, "it") == b"x" * 1_000
    with pytest.raises(StorageError, match=r"its 1,001 bytes are more than the 1,000 that are read again"):
        write_file(path, b"x" * 1_001)
    path.write_bytes(b"x" * 1_001)
    with pytest.raises(StorageError, match="it has more than 1,000 bytes"):
        read_file(path, "it")


def test_the_end_of_a_long_path_is_shown(tmp_path):
    with pytest.raises(StorageError) as caught:
        read_file(tmp_path / ("a/" * 1_000) / "net\x1b[2J.json", "it")
    assert str(caught.value).startswith("cannot read it from ...")
    assert str(caught.value).endswith("a/a/net\\x1b[2J.json: no such file or directory")


@pytest.mark.parametrize("path", [None, 5, "a\0b", b"bytes"])
def test_what_is_no_directory_is_an_error_of_ours(path):
    with pytest.raises(StorageError, match="cannot write into"):
        folder(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="this system has no /proc")
def test_a_file_that_tells_no_size_is_read_all_the_same():
    assert read_start("/proc/self/status", "it", 4) == b"Name"
    assert read_file("/proc/self/status", "it").startswith(b"Name:")


def test_of_a_long_file_the_first_bytes_are_read(tmp_path):
    (tmp_path / "long").write_bytes(bytes(3 * 2**20))
    for most in (0, 1, 2**20, 2**20 + 1, 4 * 2**20):
        assert len(read_start(tmp_path / "long", "it", most)) == min(most, 3 * 2**20)
