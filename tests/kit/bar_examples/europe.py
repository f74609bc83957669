"""Moscow, São Paulo, Euronext, the Nordic exchanges and German portals."""

from tests.kit.bar_files import Example

EXAMPLES = (
    Example(
        shape="finam",
        file="{s}_240311_240331.csv",
        head="<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>\n",
        row="{s};5;{t:%Y%m%d};{t:%H%M%S};{o}00000;{h}00000;{l}00000;{c}00000;{v}",
        symbols=("SBER",),
        market="XMOS",
        kind="intraday",
        said={"market": "XMOS"},
    ),
    Example(
        shape="b3_cotahist",
        file="COTAHIST_A2024.TXT",
        head="00COTAHIST.2024BOVESPA 20240402" + 214 * " " + "\n",
        row="01{t:%Y%m%d}02{s:<12}010PETROBRAS   PN      N2   R$  {o:013}{h:013}{l:013}{c:013}"
        "{c:013}{c:013}{c:013}00123{v:018}{v:018}" + 13 * "0" + "099991231" + "0000001" + 13 * "0"
        "BRPETRACNPR6190",
        foot="\n99COTAHIST.2024BOVESPA 2024040200000000008" + 203 * " " + "\n",
        symbols=("PETR4", "VALE3"),
        market="BVMF",
        encoding="latin-1",
    ),
    Example(
        shape="moex_candles",
        head="candles\n\nopen;close;high;low;value;volume;begin;end\n",
        row="{o};{c};{h};{l};99.5;{v};{b:%Y-%m-%d %H:%M:%S};{e:%Y-%m-%d %H:%M:%S}",
        symbols=("SBER",),
        market="XMOS",
        kind="intraday",
        encoding="cp1251",
    ),
    Example(
        shape="euronext",
        head='"Historical Data"\n"From 2024-03-11 to 2024-03-19"\nNL0010273215\n'
        'Date;Open;High;Low;Last;Close;"Number of Shares";"Number of Trades";Turnover;vwap\n',
        row="{t:%d/%m/%Y};{o};{h};{l};1.0;{c};{v};41230;411500000;630.85",
        symbols=("ASML",),
        market="XAMS",
        newest_first=True,
        said={"market": "XAMS"},
    ),
    Example(
        shape="nordic",
        head="sep=;\nDate;Bid;Ask;Opening price;High price;Low price;Closing price;Average price;"
        "Total volume;Turnover;Trades;\n",
        row="{t:%Y-%m-%d};;;{o};{h};{l};{c};92.70;{v};141191370;5210;",
        symbols=("ERIC-B",),
        market="XSTO",
        newest_first=True,
        said={"market": "XSTO"},
    ),
    Example(
        shape="ariva",
        file="{s}.csv",
        head="Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen\n",
        row="{t:%Y-%m-%d};{o};{h};{l};{c};{v};11924",
        symbols=("SAP",),
        market="XETR",
        newest_first=True,
        said={"market": "XETR"},
    ),
    Example(
        shape="onvista",
        head="Datum;Eröffnung;Hoch;Tief;Schluss;Währung;Volumen\n",
        row="{t:%d.%m.%Y};{o};{h};{l};{c};EUR;{v}",
        symbols=("SAP",),
        market="XETR",
        newest_first=True,
        encoding="utf-8-sig",
        said={"market": "XETR"},
    ),
    Example(
        shape="boerse_frankfurt",
        head="Datum;Eröffnung;Schluss;Tageshoch;Tagestief;Umsatz (Stück)\n",
        row="{t:%d.%m.%Y};{o};{c};{h};{l};{v}",
        symbols=("SAP",),
        market="XETR",
        newest_first=True,
        said={"market": "XETR"},
    ),
)
