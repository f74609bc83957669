"""Companies that do not exist, for the simulated market."""

from typing import Final, NamedTuple


class Company(NamedTuple):
    """An invented listed company.

    Attributes:
        symbol: A six-digit code, as the Korean exchange writes them.
        name: An invented name.
        segment: KOSPI or KOSDAQ.
    """

    symbol: str
    name: str
    segment: str


_ROOT_WORDS: Final = (
    "Gaon Nuri Daon Raon Maru Bada Saesol Aram Jaram Chaoreum Kara Tarae Paran Haneul Garam Narae "
    "Dodam Rowoon Mireu Beodeul Sodam Ideun Jieum Onsae Byeolha Dalbit Haetsal Ieum Moa Nabit "
    "Purun Sarang Taeyang Uju Yeoul Areum Barami Chorok Dasom Eunsol Goun Hanbit Isul Jinju "
    "Kkotnae Limhae Mideum Nalgae Oreum Pyeongan Saebom Teotbat Umji Woori Yunseul Ansol Boram "
    "Cheongha Dongnae Gangmul"
)
_KOSPI_WORDS: Final = (
    "Electronics Chemical Heavy Shipping E&C Telecom Foods Motors Textile Energy Air Steel "
    "Financial Retail Battery Insurance Paper Cement Gas"
)
_INDUSTRY_WORDS: Final = (
    "Electronics Chemical Bio Soft Heavy Shipping E&C Telecom Foods Motors Semicon Textile Energy "
    "Air Pharma Games Display Robotics Steel Financial Retail Battery Media Insurance Cosmetics "
    "Paper Optics Cement Networks Gas"
)

_ROOTS: Final = _ROOT_WORDS.split()
_INDUSTRIES: Final = _INDUSTRY_WORDS.split()
_KOSPI: Final = frozenset(_KOSPI_WORDS.split())

_FIRST_CODE: Final = 100_010
_CODE_STEP: Final = 1_370
_CODE_SPAN: Final = 890_000


def companies(count: int) -> tuple[Company, ...]:
    """Return `count` companies, up to 100,000, no two with the same symbol or name."""
    step = min(_CODE_STEP, _CODE_SPAN // count)
    return tuple(_company(k, f"{_FIRST_CODE + k * step}") for k in range(count))


def _company(k: int, symbol: str) -> Company:
    # Root and industry run along diagonals: every pair once, then again behind a second root.
    block, root = divmod(k, len(_ROOTS))
    again, block = divmod(block, len(_INDUSTRIES))
    industry = _INDUSTRIES[(root + block) % len(_INDUSTRIES)]
    second = f"{_ROOTS[(root + again) % len(_ROOTS)]} " if again else ""
    segment = "KOSPI" if industry in _KOSPI else "KOSDAQ"
    return Company(symbol, f"{_ROOTS[root]} {second}{industry}", segment)
