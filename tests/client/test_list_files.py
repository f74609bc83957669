from pathlib import Path

import pytest

from client.list_files import read_list, write_list
from shared.errors import DataError, UnavailableError


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("005930\nAAPL\n\n005930\n", "utf-8"),
        ("name,Symbol\nSamsung,005930\nApple, AAPL \n", "utf-8-sig"),
        ("종목명,종목코드\n삼성전자,005930\n애플,AAPL\n", "cp949"),
    ],
)
def test_tickers_are_read_from_whatever_a_spreadsheet_writes(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding=encoding)
    assert read_list(path) == ("005930", "AAPL")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "list.csv holds no tickers"),
        (b"symbol\nAAPL\nSK hynix\n", "list.csv, row 3: a symbol is 1 to 32"),
        (b"\xff\xfe\x00\xd8\x81", "list.csv is no text in UTF-8 or CP949"),
    ],
)
def test_a_file_without_tickers_says_so(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=sentence):
        read_list(path)
    with pytest.raises(UnavailableError, match="cannot be read"):
        read_list(tmp_path / "none.csv")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_list(path, [("005930", "삼성전자", "KOSPI", 'a "note", with commas')])
    assert read_list(path) == ("005930",)
    assert path.read_bytes().startswith("\ufeffsymbol,name,market,note\r\n".encode())
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_list(tmp_path / "no" / "list.csv", [])
