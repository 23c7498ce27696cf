from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs import lines
from textsiamese.inputs.files import Bytes
from textsiamese.inputs.lines import find_encoding, read_lines
from textsiamese.inputs.reader import open_pairs


def read(content: bytes, encoding: str = "utf-8") -> list[str]:
    return list(read_lines(Bytes(io.BytesIO(content), "a.csv"), encoding, "a.csv"))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 5))
def test_lines_are_those_of_python_in_any_block_size(text, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        got = read(text.encode())
    assert got == io.StringIO(text.removeprefix("\ufeff"), newline="").readlines()


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be", "latin-1", "cp1252"]
)
def test_encodings(encoding):
    text = "première,deuxième\r\nça va?,comment ça va?\r\n"
    content = text.encode(encoding)
    wanted = None if encoding in ("utf-8-sig", "utf-16", "utf-32") else encoding
    found = find_encoding(content[:16], wanted, "a.csv")
    assert "".join(read(content, found)) == text


@pytest.mark.parametrize("named", ["utf-16", "utf-8", "UTF8", "utf-8-sig", "utf-16-le"])
def test_a_named_encoding_and_a_byte_order_mark_get_along(named):
    content = ("\ufeff" + "é\n" * 3).encode("utf-16-le" if "16" in named else "utf-8")
    assert read(content, find_encoding(content, named, "a.csv")) == ["é\n"] * 3


def test_utf16_without_a_mark_is_told():
    for encoding in ("utf-16-le", "utf-16-be"):
        with pytest.raises(InputError, match=f"UTF-16 without a byte order mark.*{encoding}"):
            find_encoding("question1,question2".encode(encoding), None, "a.csv")


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "utf 99", "", "idna", "punycode"])
def test_no_such_encoding(name):
    with pytest.raises(InputError, match="no text encoding"):
        find_encoding(b"abc", name, "a.csv")


@pytest.mark.parametrize("block", [1, 3, 7, 1 << 20])
def test_bytes_that_do_not_fit_are_named_with_their_line(monkeypatch, block):
    monkeypatch.setattr(lines, "BLOCK", block)
    content = b"question1,question2\r\na,b\r\nc,caf\xe9 here\r\n"
    with pytest.raises(InputError) as caught:
        read(content)
    message = str(caught.value)
    assert message.startswith("a.csv, line 3: byte 0xE9")
    assert "caf" in message
    assert "--encoding latin-1" in message


def test_cut_off_in_a_character():
    with pytest.raises(InputError, match="line 2: byte 0xC3"):
        read("a\né".encode()[:-1])
    with pytest.raises(InputError, match=r"line 2: byte .* is not UTF-16-LE; the file is cut off"):
        read("a\né".encode("utf-16-le")[:-1], "utf-16-le")


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 5000)
    monkeypatch.setattr(lines, "BLOCK", 1000)
    with pytest.raises(InputError, match=r"a\.csv, line 2 is longer than 5,000 characters"):
        read(b"ok\n" + b"x" * 100_000)
    assert len(read(b"ok\n" + b"x" * 4000 + b"\n")) == 2


def test_utf_16_without_its_mark_is_named(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_bytes("question1,question2\na b,b c\n".encode("utf-16-le"))
    with pytest.raises(InputError, match=r"pairs.csv is not utf-16: .*--encoding utf-16-le"):
        list(open_pairs(path, encoding="utf-16").chunks())
    assert next(iter(open_pairs(path, encoding="utf-16-le").chunks())).left == ["a b"]
