"""What KIS Developers answers, as frozen records; the rest of an answer is ignored.

From the vendor's samples, https://github.com/koreainvestment/open-trading-api, in which each
question has a file of its own. All values are texts, blank ones where the vendor has none.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

KisNumber = Annotated[str, Meta(pattern=r"^[0-9]{0,20}(\.[0-9]{1,10})?$")]
KisDate = Annotated[str, Meta(pattern=r"^([0-9]{8})?$")]
KisClock = Annotated[str, Meta(pattern=r"^([0-9]{6})?$")]

TRADES_KRX: Final = "H0STCNT0"
TRADES_BOTH: Final = "H0UNCNT0"
DONE: Final = "0"  # `rt_cd` of what succeeded
TOKEN_EXPIRED: Final = frozenset({"EGW00121", "EGW00122", "EGW00123"})
TOO_MANY: Final = "EGW00201"
ASKED_TOO_SOON: Final = "EGW00133"
KEY_IN_USE: Final = "OPSP8996"
KEY_UNKNOWN: Final = "OPSP0011"
TOO_MANY_REGISTERED: Final = "OPSP0008"
ALREADY_REGISTERED: Final = "OPSP0002"


class KisToken(Struct, frozen=True):
    """What `/oauth2/tokenP` gives; asked again within six hours, it gives the same one.

    Attributes:
        access_token: Goes with every question; never shown.
        expires_in: s.
    """

    access_token: Annotated[str, Meta(min_length=1, max_length=2048)]
    expires_in: Annotated[int, Meta(ge=1)]

    def __repr__(self) -> str:
        return "KisToken(***)"


class KisApproval(Struct, frozen=True):
    """The key of the websocket, looked at when a subscription begins; never shown."""

    approval_key: Annotated[str, Meta(min_length=1, max_length=512)]

    def __repr__(self) -> str:
        return "KisApproval(***)"


class KisRefusal(Struct, frozen=True):
    """Why something was refused; the two that give keys say it in words of their own.

    Attributes:
        msg_cd: Code, such as EGW00201.
        msg1: In Korean.
        error_code: The same code of the two that give keys.
        error_description: In Korean.
    """

    msg_cd: str = ""
    msg1: str = ""
    error_code: str = ""
    error_description: str = ""

    @property
    def code(self) -> str:
        """Return the code; empty where there is none."""
        return self.msg_cd or self.error_code

    @property
    def words(self) -> str:
        """Return what is said, in Korean."""
        return (self.msg1 or self.error_description).strip()


class KisAnswer(Struct, frozen=True):
    """What every answer to a question has.

    Attributes:
        rt_cd: `DONE`, or it was refused.
        msg_cd: Code of the refusal.
        msg1: The same in Korean.
    """

    rt_cd: str
    msg_cd: str = ""
    msg1: str = ""


class KisMinute(Struct, frozen=True):
    """A minute of trading, stamped by its begin; the closing auction stands in 15:30.

    Attributes:
        stck_bsop_date: Day in Seoul, YYYYMMDD.
        stck_cntg_hour: Begin in Seoul, HHMMSS.
        stck_oprc: Open, won.
        stck_hgpr: High.
        stck_lwpr: Low.
        stck_prpr: Close.
        cntg_vol: Shares.
    """

    stck_bsop_date: KisDate = ""
    stck_cntg_hour: KisClock = ""
    stck_oprc: KisNumber = ""
    stck_hgpr: KisNumber = ""
    stck_lwpr: KisNumber = ""
    stck_prpr: KisNumber = ""
    cntg_vol: KisNumber = ""


class KisMinutes(KisAnswer, frozen=True):
    """Minutes, the newest first: at most 30 of today, or 120 of any day of the last year."""

    output2: tuple[KisMinute, ...] = ()


class KisDay(Struct, frozen=True):
    """A day of trading.

    Attributes:
        stck_bsop_date: Day in Seoul, YYYYMMDD.
        stck_oprc: Open, won.
        stck_hgpr: High.
        stck_lwpr: Low.
        stck_clpr: Close.
        acml_vol: Shares.
    """

    stck_bsop_date: KisDate = ""
    stck_oprc: KisNumber = ""
    stck_hgpr: KisNumber = ""
    stck_lwpr: KisNumber = ""
    stck_clpr: KisNumber = ""
    acml_vol: KisNumber = ""


class KisDays(KisAnswer, frozen=True):
    """Days, the newest first, at most 100."""

    output2: tuple[KisDay, ...] = ()


class KisCalendarDay(Struct, frozen=True):
    """A day of the calendar.

    Attributes:
        bass_dt: Day in Seoul, YYYYMMDD.
        opnd_yn: Whether the exchange trades.
    """

    bass_dt: KisDate
    opnd_yn: Literal["Y", "N"]


class KisCalendar(KisAnswer, frozen=True):
    """The days from one on; the vendor asks for at most one question a day."""

    output: tuple[KisCalendarDay, ...] = ()


class KisSocketHeader(Struct, frozen=True):
    """Of a frame that is no trade.

    Attributes:
        tr_id: `PINGPONG`, or what was asked for.
        tr_key: The share.
    """

    tr_id: str = ""
    tr_key: str = ""


class KisSocketBody(Struct, frozen=True):
    """What became of a registration."""

    rt_cd: str = ""
    msg_cd: str = ""
    msg1: str = ""


class KisSocketAnswer(Struct, frozen=True):
    """A frame that is no trade."""

    header: KisSocketHeader
    body: KisSocketBody | None = None


def registration(approval_key: str, tr_id: str, symbol: str) -> str:
    """Return the text that registers the trades of a share."""
    header = {"approval_key": approval_key, "custtype": "P", "tr_type": "1"}
    body = {"input": {"tr_id": tr_id, "tr_key": symbol}}
    whole = {"header": {**header, "content-type": "utf-8"}, "body": body}
    return msgspec.json.encode(whole).decode()
