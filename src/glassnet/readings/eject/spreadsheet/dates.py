"""Dates in a spreadsheet: a cell that is a date, or a text in ISO 8601, as days from 1970-01-01.

A date that is typed is a number of days already, of which 1970-01-01 is 25,569. A text is taken apart by the places of
its signs, since what functions for dates understand depends on the language of whoever opens the file.
"""

from __future__ import annotations

from glassnet.readings.eject.spreadsheet.functions import number

HEADS = ("text", "day", "zone", "seconds", "days")
"""What a column of dates has cells for: each formula reads those before it, and what was typed."""

FIRST = 25569  # the number of 1970-01-01 in a spreadsheet
CENTURIES = 146097  # days in 400 years, after which the calendar repeats itself


def formulas(typed: str, cells: dict[str, str], text: str, is_missing: str, fill: str) -> list[str]:
    """The formulas, for the cell in which a date is typed and the `cells` of the heads.

    Parameters
    ----------
    text
        What was typed, without blanks around it.
    is_missing, fill
        A formula for whether nothing was, and the cell of the days that then count.
    """
    t, zone = cells["text"], cells["zone"]
    year, month, day = part(t, 1, 4), part(t, 6, 2), part(t, 9, 2)
    date = f"DATE(2000+{year}-400*INT({year}/400),{month},{day})"  # in a year like it, which every spreadsheet has
    is_date = [has_digits(t, 1, 2, 3, 4, 6, 7, 9, 10), f'MID({t},5,1)="-"', f'MID({t},8,1)="-"', f"{year}>0"]
    is_date += [f"{month}>0", f"{month}<13", f"DAY({date})={day}"]
    whole = f"{date}-{FIRST}+{CENTURIES}*(INT({year}/400)-5)"
    rest = f"MID({t},17,LEN({t})-16-LEN({zone}))"  # :59.5
    seconds = f'IF({rest}="",0,{value(f"""SUBSTITUTE(MID({rest},2,30),",",".")""")})'
    hours, minutes = part(t, 12, 2), part(t, 15, 2)
    is_clock = [has_digits(t, 12, 13, 15, 16), f'OR(MID({t},11,1)="T",MID({t},11,1)=" ")', f'MID({t},14,1)=":"']
    is_clock += [f"{hours}<24", f"{minutes}<60"]
    is_clock += [f'OR({rest}="",AND(MID({rest},1,1)=":",{has_digits(rest, 2, 3)},{seconds}<60))']
    sign = f'IF(MID({zone},1,1)="-",-1,1)'
    ahead = f'SUBSTITUTE({zone},":","")'  # +0100
    hours_ahead, minutes_ahead = part(ahead, 2, 2), part(ahead, 4, 2)
    padded = f'{ahead}&"00"'
    is_zone = [f"OR(LEN({ahead})=3,LEN({ahead})=5)", f'OR({zone}={ahead},MID({zone},4,1)=":")']
    is_zone += [has_digits(padded, 2, 3, 4, 5), f"{hours_ahead}<24", f"{minutes_ahead}<60"]
    is_clock.append(f"OR(LEN({zone})<2,AND({','.join(is_zone)}))")
    zone_minutes = f"IF(LEN({zone})<2,0,{sign}*(60*{hours_ahead}+{minutes_ahead}))"
    clock = f"(60*{hours}+{minutes}-{zone_minutes})*60+{seconds}"
    days = f"IF(ISNUMBER({typed}),{typed}-{FIRST},{cells['day']}+{cells['seconds']}/86400)"
    found = {
        "text": f'IF(ISNUMBER({typed}),"",{text})',
        "day": f'IF({t}="","",IF(AND({",".join(is_date)}),{whole},NA()))',
        "zone": f'IF(LEN({t})<17,"",IF(MID({t},LEN({t}),1)="Z","Z",'
        f'IFERROR(MID({t},FIND("+",{t},17),9),IFERROR(MID({t},FIND("-",{t},17),9),""))))',
        "seconds": f"IF(LEN({t})<11,0,IF(AND({','.join(is_clock)}),{clock},NA()))",
        "days": f"IF({is_missing},{fill},{days})",
    }
    return [found[head] for head in HEADS]


def wave(days: str, period: float, turns: int, name: str) -> str:
    """The sine or cosine of a place on a circle that is gone round in a period of days."""
    rounds = f"{turns}*{days}/{number(period)}" if turns > 1 else f"{days}/{number(period)}"
    return f"{name.upper()}(2*PI()*({rounds}-INT({rounds})))"


def value(text: str) -> str:
    """The number that a text says with a point, whatever the sign of decimals is where the file is opened."""
    return f'_xlfn.NUMBERVALUE("0"&{text},"."," ")'


def part(text: str, start: int, length: int) -> str:
    """A part of a text, as a number."""
    return value(f"MID({text},{start},{length})")


def has_digits(text: str, *places: int) -> str:
    """Whether there are digits in all of these places."""
    signs = f"MID({text},{{{','.join(map(str, places))}}},1)"
    return f'AND(LEN({text})>={max(places)},SUMPRODUCT(--ISNUMBER(FIND({signs},"0123456789")))={len(places)})'
