from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os

import pyarrow as pa
import pytest

from textsiamese.errors import InputError, TextsiameseError
from textsiamese.inputs.files import Bytes, TableFile

CONTENT = b"question1,question2\n" + b"How are you?,How do you do?\n" * 1000


def read(file: TableFile, size: int = 1000) -> bytes:
    with file.open(last=True) as stream:
        blocks = []
        while block := stream.read(size):
            blocks.append(block)
        return b"".join(blocks)


def test_plain(write):
    file = TableFile(write("a.csv", CONTENT))
    assert (file.name, file.size, file.piped) == ("a.csv", len(CONTENT), False)
    assert read(file) == read(file, 3) == CONTENT


@pytest.mark.parametrize("pack", [gzip.compress, lambda b: pa.compress(b, "zstd", asbytes=True)])
@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst", "a.csv"])
def test_packed_is_told_by_its_bytes_not_its_name(write, pack, name):
    file = TableFile(write(name, pack(CONTENT)))
    assert read(file) == CONTENT
    with file.open() as stream:
        assert stream.packed
        assert stream.read(10**6) == CONTENT
        assert stream.position == file.size


def test_several_gzip_members(write):
    assert (
        read(TableFile(write("a.gz", gzip.compress(b"abc") + gzip.compress(b"def")))) == b"abcdef"
    )


@pytest.mark.parametrize("cut", [5, 100])
def test_cut_off_or_damaged(write, cut):
    packed = gzip.compress(os.urandom(3000))
    for content in (packed[:-cut], packed[:500] + b"damaged" + packed[507:]):
        file = TableFile(write("a.csv.gz", content))
        with pytest.raises(InputError, match=r"a\.csv\.gz: the compressed data are damaged or cut"):
            read(file)


@pytest.mark.parametrize("good", [0, 8])
def test_a_file_that_stops_being_readable_is_named(good):
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            if self.given >= good:
                raise OSError(errno.EIO, "Input/output error")
            self.given += size
            return b"x" * size

        given = 0

    with pytest.raises(TextsiameseError, match=r"a\.csv cannot be read: Input/output error$"):
        Bytes(Broken(), "a.csv").read(100)


def test_the_fingerprint_is_that_of_the_bytes(write):
    file = TableFile(write("a.csv", CONTENT))
    assert file.fingerprint() == hashlib.sha256(CONTENT).hexdigest()
    write("a.csv", CONTENT[:-1] + b"\r")
    assert file.fingerprint() != hashlib.sha256(CONTENT).hexdigest()


def test_missing_file_proposes_a_near_name(write, tmp_path):
    write("questions.csv", "")
    with pytest.raises(
        InputError, match=r"there is no file .*question\.csv; did you mean .*questions\.csv"
    ):
        TableFile(tmp_path / "question.csv")
    with pytest.raises(InputError, match="no folder"):
        TableFile(tmp_path / "nowhere" / "a.csv")


def test_a_link_to_nowhere_says_where_it_points(tmp_path):
    (tmp_path / "a.csv").symlink_to("gone.csv")
    with pytest.raises(InputError, match=r"no file .*a\.csv: it is a link to gone\.csv, which is"):
        TableFile(tmp_path / "a.csv")


def test_folder_and_impossible_names(tmp_path, write):
    with pytest.raises(InputError, match="the name of the table is empty"):
        TableFile("")
    with pytest.raises(InputError, match="is a folder"):
        TableFile(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        TableFile(write("a.csv", "x") / "b.csv")
    with pytest.raises(InputError, match="no name of a file"):
        TableFile("a\0b")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(write):
    path = write("a.csv", CONTENT)
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        read(TableFile(path))


def test_permission_error_is_a_sentence(write, monkeypatch):
    file = TableFile(write("a.csv", CONTENT))

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(InputError, match="may not be read by this user"):
        read(file)


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(CONTENT))))
    file = TableFile("-")
    assert (file.name, file.size, file.piped, file.fingerprint()) == ("<stdin>", None, True, "")
    with file.open() as stream:
        assert stream.read(8) == CONTENT[:8]
    assert read(file) == CONTENT
    with pytest.raises(InputError, match="only once"):
        read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_a_pipe():
    out, into = os.pipe()
    os.write(into, CONTENT[:500])
    os.close(into)
    file = TableFile(f"/dev/fd/{out}")
    assert file.piped
    assert file.size is None
    assert read(file) == CONTENT[:500]
    os.close(out)
