import builtins
import errno
import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from glassnet.data.files import atomic, write_atomically

not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "model.glass"
    path.write_bytes(b"old")
    return path


def assert_untouched(old):
    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == [old.name]


def test_bytes_are_written_as_they_are_and_text_as_utf8(tmp_path):
    write_atomically(tmp_path / "b", b"\x00\r\n\xff")
    write_atomically(str(tmp_path / "t"), "é\r\n€\n")
    assert (tmp_path / "b").read_bytes() == b"\x00\r\n\xff"
    assert (tmp_path / "t").read_bytes() == "é\r\n€\n".encode()
    assert sorted(os.listdir(tmp_path)) == ["b", "t"]


def test_a_path_without_a_folder_is_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically("a.csv", "1,2\n")
    assert os.listdir(tmp_path) == ["a.csv"]


def test_an_old_file_is_replaced_and_keeps_its_permissions(old):
    old.chmod(0o640)
    write_atomically(old, b"new")
    assert old.read_bytes() == b"new"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_that_open_gives(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_symbolic_link_stays_one(old):
    link = old.with_name("latest.glass")
    link.symlink_to(old.name)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert old.read_bytes() == b"new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    read_end, write_end = os.pipe()
    write_atomically(f"/dev/fd/{write_end}", b"through a pipe")
    assert os.read(read_end, 99) == b"through a pipe"
    os.close(read_end)
    os.close(write_end)
    write_atomically(os.devnull, b"gone", overwrite=False)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in "pipe", "link":
        with pytest.raises(OSError, match="it is a named pipe, not a file"):
            write_atomically(tmp_path / name, b"x")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_device_is_an_error():
    with pytest.raises(OSError, match="No space left"):
        write_atomically("/dev/full", b"x")


def test_without_overwrite_an_old_file_stays(old):
    with pytest.raises(FileExistsError, match=r"model\.glass"):
        write_atomically(old, b"new", overwrite=False)
    assert_untouched(old)


def test_without_overwrite_a_new_file_is_written(tmp_path):
    write_atomically(tmp_path / "a", b"new", overwrite=False)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("links", [True, False])
def test_without_overwrite_a_file_that_appears_meanwhile_stays(tmp_path, monkeypatch, links):
    path = tmp_path / "a"
    fsync = os.fsync

    def fsync_while_another_writes(handle):
        path.write_bytes(b"old")
        fsync(handle)

    def no_links(*_):
        raise PermissionError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "fsync", fsync_while_another_writes)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(FileExistsError):
        write_atomically(path, b"new", overwrite=False)
    assert_untouched(path)


def test_without_overwrite_and_without_hard_links_a_new_file_is_written(tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "a", b"new", overwrite=False)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


class FailingFile:
    """A file whose `write` puts half of the bytes down and then finds the disk full."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def fileno(self):
        return self.file.fileno()

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


def fail_in_write(monkeypatch):
    def half_open(path, mode):
        file = builtins.open(path, mode)  # noqa: SIM115
        return FailingFile(file) if mode == "xb" else file

    monkeypatch.setattr(atomic, "open", half_open, raising=False)


def fail_in(module, name):
    def patch(monkeypatch):
        def fails(*_, **__):
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(module, name, fails)

    return patch


def test_what_a_killed_writer_left_is_cleared_by_the_next_and_what_one_writes_is_not(tmp_path):
    left, written, other = (tmp_path / f".glassnet-{letter * 16}.tmp" for letter in "abz")
    for path in (left, written, other):
        path.write_bytes(b"half")
    code = f"import fcntl, time\nf = open({str(written)!r}, 'ab')\nfcntl.flock(f, fcntl.LOCK_EX)\n"
    with subprocess.Popen([sys.executable, "-c", code + "print(1, flush=True)\ntime.sleep(60)"], stdout=-1) as writer:
        writer.stdout.read(1)
        write_atomically(tmp_path / "a", b"new")
        assert sorted(os.listdir(tmp_path)) == [written.name, other.name, "a"]
        writer.kill()
    atomic.clear_left_once.cache_clear()  # as the next process begins
    write_atomically(tmp_path / "a", b"newer")
    assert sorted(os.listdir(tmp_path)) == [other.name, "a"]


def test_a_temporary_file_that_was_cleared_before_its_lock_was_had_is_followed_by_another(tmp_path, monkeypatch):
    cleared, lock = [], atomic.fcntl.flock

    def late(file, how):
        if not cleared:
            cleared.append(file.name)
            os.unlink(file.name)
        lock(file, how)

    monkeypatch.setattr(atomic.fcntl, "flock", late)
    write_atomically(tmp_path / "a", b"new")
    assert len(cleared) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new"}


def test_a_process_looks_through_a_folder_once(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(atomic, "clear_left", looked.append)
    (tmp_path / "b").mkdir()
    for name in ("a", "b/a", "a", "c", "b/c"):
        write_atomically(tmp_path / name, b"new")
    assert looked == [tmp_path, tmp_path / "b"]


def test_without_locks_only_what_is_older_than_an_hour_is_cleared(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic, "fcntl", None)
    recent, old = (tmp_path / f".glassnet-{letter * 16}.tmp" for letter in "ab")
    for path, minutes in ((recent, 55), (old, 65)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - 60 * minutes,) * 2)
    write_atomically(tmp_path / "a", b"new")
    assert sorted(os.listdir(tmp_path)) == [recent.name, "a"]


FAILURES = {
    "write": fail_in_write,
    "copymode": fail_in(atomic.shutil, "copymode"),
    "fsync": fail_in(os, "fsync"),
    "replace": fail_in(os, "replace"),
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_a_failure_leaves_the_old_file_whole_and_nothing_else(old, monkeypatch, fail):
    with monkeypatch.context() as patch:
        fail(patch)
        with pytest.raises(OSError, match=r"No space left|Input/output error"):
            write_atomically(old, b"new content")
    assert_untouched(old)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_ctrl_c_leaves_the_old_file_whole_and_nothing_else(old, monkeypatch, name):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(old, b"new")
    assert_untouched(old)


def test_the_file_is_on_disk_before_it_gets_its_name_and_the_name_after(old, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace

    def logged_fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            calls.append("fsync folder")
        else:
            calls.append(f"fsync {os.fstat(handle).st_size} bytes")
        fsync(handle)

    def logged_replace(source, target):
        calls.append("replace")
        assert os.path.dirname(source) == os.path.dirname(target)
        replace(source, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "replace", logged_replace)
    write_atomically(old, b"seven..")
    assert calls == ["fsync 7 bytes", "replace", "fsync folder"]


@pytest.mark.parametrize(("code", "passes"), [(errno.EIO, True), (errno.EINVAL, False)])
def test_an_fsync_of_the_folder_that_fails_is_told_unless_it_is_not_possible(old, monkeypatch, code, passes):
    fsync = os.fsync

    def no_folder(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", no_folder)
    if passes:
        with pytest.raises(OSError, match=os.strerror(code)):
            write_atomically(old, b"new")
    else:
        write_atomically(old, b"new")
    assert old.read_bytes() == b"new"
    assert os.listdir(old.parent) == [old.name]


def test_a_folder_that_cannot_be_opened_for_its_fsync_is_no_error(old, monkeypatch):
    def denied(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", denied)
        write_atomically(old, b"new")
    assert old.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", IsADirectoryError),
        ("missing/a", FileNotFoundError),
        ("model.glass/a", NotADirectoryError),
        ("n" * 300, OSError),
    ],
)
def test_a_path_that_cannot_be_written_is_an_oserror(old, name, error):
    with pytest.raises(error):
        write_atomically(old.parent / name, b"new")
    assert_untouched(old)


@pytest.mark.parametrize("name", ["n" * 255, "a b\n'\"\udce9.glass"])
def test_a_long_or_strange_name_is_no_obstacle(tmp_path, name):
    write_atomically(tmp_path / name, b"new")
    write_atomically(tmp_path / name, b"newer")
    assert (tmp_path / name).read_bytes() == b"newer"
    assert os.listdir(tmp_path) == [name]


@not_as_root
def test_a_read_only_folder_or_file_is_an_oserror(old):
    old.chmod(0o444)
    with pytest.raises(PermissionError):
        write_atomically(old, b"new")
    old.chmod(0o644)
    old.parent.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            write_atomically(old, b"new")
    finally:
        old.parent.chmod(0o755)
    assert_untouched(old)


def test_readers_meet_a_whole_file_while_writers_race(old):
    contents = [bytes([65 + i]) * 10_007 for i in range(3)]
    old.write_bytes(contents[0])
    met = set()

    def write(content):
        for _ in range(20):
            write_atomically(old, content)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        met.add(old.read_bytes())
    assert met <= set(contents)
    assert os.listdir(old.parent) == [old.name]


def test_an_error_names_the_path_asked_for(tmp_path):
    path = tmp_path / "missing" / "a"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(path, b"x")
    assert caught.value.filename == str(path)
    assert ".tmp" not in str(caught.value)


def test_a_file_that_is_being_written_is_not_cleared_by_who_writes_beside_it(tmp_path):
    with atomic.open_atomically(tmp_path / "slow") as slow:
        slow.write(b"half")
        code = "import sys\nfrom glassnet.data.files import write_atomically\nwrite_atomically(sys.argv[1], b'new')"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "quick")], check=True)
        slow.write(b" and half")
    assert (tmp_path / "slow").read_bytes() == b"half and half"
    with atomic.open_atomically(tmp_path / "slow") as slow:  # over what is there, unless that is not wanted
        slow.write(b"again")
    assert (tmp_path / "slow").read_bytes() == b"again"


def test_an_error_of_who_writes_names_what_it_named(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, atomic.open_atomically(tmp_path / "f"):
        os.stat(tmp_path / "other")
    assert caught.value.filename == str(tmp_path / "other")
    with pytest.raises(KeyError) as raised, atomic.open_atomically(tmp_path / "f"):
        raise KeyError("filename")
    assert not hasattr(raised.value, "filename")
    assert not (tmp_path / "f").exists()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not say which files are open")
def test_no_file_stays_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(9):
        write_atomically(tmp_path / "f", b"new")
    assert len(os.listdir("/proc/self/fd")) == before
