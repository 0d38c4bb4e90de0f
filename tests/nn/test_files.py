import errno
import os

import pytest

from nn import files
from nn.errors import StorageError
from nn.files import folder, read_file, write_file


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.json"
    for content in (b"first", b"second and longer", b""):
        write_file(path, content)
        assert read_file(path, "it") == content
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


def test_a_full_device_is_an_error_of_ours():
    with pytest.raises(StorageError, match="cannot write"):
        write_file("/dev/full/a.json", b"x")


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


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
