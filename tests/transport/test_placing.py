"""From part to finished file: durable, repeatable after a crash, never over another file."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from veo_studio.core import download
from veo_studio.core.errors import StorageError
from veo_studio.core.file_names import NameTaken
from veo_studio.core.partial import Partial, sidecar_of

CONTENT = b"a finished file"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / ".uuid.part"
    made = Partial.open(path)
    made.restart('"one"', len(CONTENT))
    made.write(CONTENT)
    made.close()
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fails(number: int) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return call


def test_a_finished_file_replaces_its_part(part: Path, tmp_path: Path) -> None:
    assert download.finish(part, tmp_path / "a.mp4", SHA256) == tmp_path / "a.mp4"
    assert names(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == CONTENT
    assert download.sha256_of(tmp_path / "a.mp4") == SHA256


def test_c02_finishing_twice_makes_one_file(part: Path, tmp_path: Path) -> None:
    download.finish(part, tmp_path / "a.mp4", SHA256)
    assert download.finish(part, tmp_path / "a.mp4", SHA256) == tmp_path / "a.mp4"
    assert names(tmp_path) == ["a.mp4"]


def test_c02_a_kill_between_the_link_and_the_end_is_made_good(part: Path, tmp_path: Path) -> None:
    os.link(part, tmp_path / "a.mp4")
    assert download.finish(part, tmp_path / "a.mp4") == tmp_path / "a.mp4"
    assert names(tmp_path) == ["a.mp4"]


def test_c02_a_part_with_a_second_name_is_never_written_into(part: Path, tmp_path: Path) -> None:
    os.link(part, tmp_path / "a.mp4")
    again = Partial.open(part)
    again.restart('"two"', 4)
    again.write(b"more")
    again.close()
    assert (tmp_path / "a.mp4").read_bytes() == CONTENT


def test_finishing_without_a_part_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"somebody else's")
    for sha256 in (None, SHA256):
        with pytest.raises(StorageError, match="is gone"):
            download.finish(tmp_path / ".uuid.part", tmp_path / "a.mp4", sha256)


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_c16_another_file_is_never_overwritten(part: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "a.mp4"
    match kind:
        case "file":
            target.write_bytes(b"somebody else's")
        case "link":
            target.symlink_to(tmp_path / "nowhere")
        case "folder":
            target.mkdir()
    with pytest.raises(NameTaken):
        download.finish(part, target, SHA256)
    assert part.read_bytes() == CONTENT
    assert not (tmp_path / "nowhere").exists()
    download.finish(part, download.reserve_name(tmp_path, "a.mp4"), SHA256)
    assert (tmp_path / "a_2.mp4").read_bytes() == CONTENT


def test_c16_many_threads_that_want_one_name_get_one_file_each(tmp_path: Path) -> None:
    made: list[Path] = []

    def finish(number: int) -> None:
        part = tmp_path / f".{number}.part"
        part.write_text(str(number))
        while True:
            target = download.reserve_name(tmp_path, "a.mp4")
            try:
                made.append(download.finish(part, target))
                return
            except NameTaken:
                continue

    threads = [threading.Thread(target=finish, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8
    assert sorted(path.read_text() for path in made) == [str(number) for number in range(8)]


def test_c16_names_that_differ_in_case_are_two_files_or_two_names(
    part: Path, tmp_path: Path
) -> None:
    (tmp_path / "A.mp4").write_bytes(b"somebody else's")
    target = download.reserve_name(tmp_path, "a.mp4")
    download.finish(part, target)
    assert (tmp_path / "A.mp4").read_bytes() == b"somebody else's"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV])
def test_a_file_system_without_links_still_never_overwrites(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "link", fails(number))
    (tmp_path / "a.mp4").write_bytes(b"somebody else's")
    with pytest.raises(NameTaken):
        download.finish(part, tmp_path / "a.mp4")
    download.finish(part, tmp_path / "b.mp4")
    assert names(tmp_path) == ["a.mp4", "b.mp4"]
    assert (tmp_path / "b.mp4").read_bytes() == CONTENT


def test_a_part_on_another_file_system_is_copied(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", fails(errno.EXDEV))
    monkeypatch.setattr(os, "replace", fails(errno.EXDEV))
    download.finish(part, tmp_path / "b.mp4")
    assert names(tmp_path) == ["b.mp4"]
    assert (tmp_path / "b.mp4").read_bytes() == CONTENT


def test_c13_a_failed_rename_leaves_the_part_and_no_target(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", fails(errno.EIO))
    with pytest.raises(StorageError):
        download.finish(part, tmp_path / "a.mp4")
    monkeypatch.setattr(os, "link", fails(errno.EPERM))
    monkeypatch.setattr(os, "replace", fails(errno.EIO))
    with pytest.raises(StorageError):
        download.finish(part, tmp_path / "a.mp4")
    assert names(tmp_path) == [part.name, sidecar_of(part).name]


def test_c13_bytes_that_could_not_be_synced_are_fetched_anew(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync the pages are gone, and a second one would report success."""
    monkeypatch.setattr(os, "fsync", fails(errno.EIO))
    with pytest.raises(StorageError):
        download.finish(part, tmp_path / "a.mp4")
    assert names(tmp_path) == []


def test_c13_a_name_that_could_not_be_synced_is_not_finished(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError):
        download.finish(part, tmp_path / "a.mp4")
    assert names(tmp_path) == [part.name, sidecar_of(part).name]
    download.finish(part, tmp_path / "a.mp4")
    assert names(tmp_path) == ["a.mp4"]


def test_c15_a_folder_is_made_and_checked(tmp_path: Path) -> None:
    made = download.prepare_folder(tmp_path / "new" / "folder")
    assert made.is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        download.prepare_folder(tmp_path / "file")
    with pytest.raises(StorageError):
        download.prepare_folder(tmp_path / "file" / "below")


def test_discard_removes_a_part_and_what_is_known_about_it(part: Path, tmp_path: Path) -> None:
    download.discard(part)
    download.discard(part)
    assert names(tmp_path) == []
