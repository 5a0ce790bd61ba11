"""The screen of `hedgerow watch`: it fits, it is true, and it stays when nobody answers."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from hedgerow.cli.desk_client import DeskAway
from hedgerow.cli.desk_words import ACCOUNT, QUOTE
from hedgerow.cli.watch import Looking
from hedgerow.cli.watch_band import drawn
from hedgerow.cli.watch_decisions import runs
from hedgerow.cli.watch_frame import Frame
from hedgerow.cli.watch_section import Column, Prose, Section, shared_out
from hedgerow.live.view import BookView, DeskView, Mode, State
from hedgerow.live.view_json import to_json
from sample_desk import (
    NOW,
    a_desk,
    a_view,
    the_accounts,
    the_book,
    the_decisions,
    the_guards,
    the_legs,
)


def screen(frame: Frame, width: int, height: int, **console: Any) -> list[str]:  # noqa: ANN401
    """Return the lines of a frame as a terminal would show them."""
    out = StringIO()
    terminal = Console(file=out, width=width, height=height, force_terminal=True, **console)
    terminal.print(frame)
    return out.getvalue().split("\n")[:-1]


def plain(frame: Frame, width: int = 140, height: int = 45) -> str:
    return "\n".join(screen(frame, width, height, color_system=None))


SIZES = [(80, 24), (100, 30), (120, 40), (129, 24), (140, 40), (200, 60), (80, 12), (60, 20)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_whatever_the_size(width: int, height: int) -> None:
    lines = screen(Frame(view=a_view()), width, height, color_system=None)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_at_eighty_by_twentyfour_all_that_matters_is_there() -> None:
    text = plain(Frame(view=a_view()), 80, 24)
    for word in (
        *("PAPER", "treasury", "TRADING", "16,988,410 USD"),
        *("-118.452", "-812", "+1.548", "●", "┃"),
        *("-82.452", "112,480.5", "-292,550", "16.7 %", "10.2 %"),
        *("+38,413", "1h56m", "+0.0082 %/8h", "+0.0031", "+0.0100", "+9.0 %"),
        *("2,117,781", "18.4 %", "1,500,000", "+250,000"),
        *("2 tripped, 12 fine", "5 of 6 streams alive", "naked", "headroom"),
        *("14:03:50", "nothing to do"),
    ):
        assert word in text, word


def test_a_wide_screen_shows_orders_and_the_last_decisions_too() -> None:
    text = plain(Frame(view=a_view()))
    for word in ("post only", "hr-treasury-2-11ab90", "unknown", "The miner added", "108,932.4"):
        assert word in text, word


@pytest.mark.parametrize(("width", "height"), [(80, 24), (140, 40)])
def test_many_legs_give_way_and_say_how_many_are_not_shown(width: int, height: int) -> None:
    legs = tuple(replace(the_legs()[0], number=number) for number in range(60))
    lines = screen(Frame(view=a_view(legs=legs)), width, height, color_system=None)
    assert len(lines) <= height
    assert any(" more" in line and line.strip().split()[0].isdigit() for line in lines)
    assert any("2 tripped" in line for line in lines)


def test_an_empty_desk_shows_no_nonsense() -> None:
    bare = DeskView(time=NOW, desk=a_desk(state=State.STOPPED), money=a_view().money)
    text = plain(Frame(view=bare), 80, 24)
    assert "STOPPED" in text
    assert "nothing decided yet" in text
    assert " nan" not in text
    assert "None" not in text


@pytest.mark.parametrize("width", [80, 140])
def test_a_market_that_runs_faster_says_so_and_its_views_grow_old_faster(width: int) -> None:
    slow, fast = a_view(), a_view(desk=a_desk(speed=60.0))
    assert "market time" not in plain(Frame(view=slow), width)
    text = plain(Frame(view=fast, lag=2.0), width)
    assert "market time x60, up" in text
    head, *rest = text.split("\n")
    assert "2.0s" in head  # how long ago the view was taken, in ours
    assert "2m" in "".join(rest)


def test_fees_that_nobody_could_value_are_shown() -> None:
    money = replace(a_view().money, unvalued_fees={"BNB": 0.0031})
    assert "fees not valued, in no result: 0.0031 BNB" in plain(Frame(view=a_view(money=money)))
    for width, height in SIZES:
        frame = Frame(view=a_view(money=money))
        assert len(screen(frame, width, height, color_system=None)) <= height


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_stands_first_also_without_colour(mode: Mode) -> None:
    text = plain(Frame(view=a_view(desk=a_desk(mode=mode))), 80, 24)
    assert text.lstrip().startswith(mode.upper())


def test_without_colour_there_is_none() -> None:
    lines = screen(Frame(view=a_view()), 140, 40, no_color=True, color_system="truecolor")
    codes = {code for line in lines for code in line.split("\x1b[")[1:]}
    assert not any(code.startswith(("3", "9", "4")) for code in codes)
    coloured = screen(Frame(view=a_view()), 140, 40, color_system="truecolor")
    assert any("\x1b[1;31m" in line for line in coloured)


def test_ages_grow_while_the_desk_does_not_answer() -> None:
    now = plain(Frame(view=a_view()))
    later = plain(Frame(view=a_view(), lag=30.0, trouble="nobody answers"))
    assert "112,480.5 0.3s" in now
    assert "112,480.5 30s" in later
    assert "1h56m" in now
    assert "1h55m" in later
    assert "NO NEWS: nobody answers" in later


@pytest.mark.parametrize(
    ("age", "style"),
    [(0.0, "dim"), (4.9, "dim"), (5.0, "yellow"), (10.0, "bold red"), (None, "bold red")],
)
def test_a_number_is_dim_then_yellow_then_red(age: float | None, style: str) -> None:
    assert QUOTE.style(age) == style
    assert ACCOUNT.style(float("nan")) == "bold red"


def test_words_of_a_guard_cannot_move_the_screen() -> None:
    nasty = replace(the_guards()[-1], message="a\nb\x1b[2J\x07c" + "x" * 500)
    lines = screen(Frame(view=a_view(guards=(nasty,))), 80, 24, color_system=None)
    assert len(lines) <= 24
    assert not any("\x1b[2J" in line or "\x07" in line for line in lines)


def band(**changes: Any) -> str:  # noqa: ANN401 - whatever a test changes
    book = BookView(asset="BTC", exposure=100.0, goal=-100.0, hedge=-100.0, lower=-104, upper=-96)
    return drawn(replace(book, **changes), 42, ascii_only=False).plain


def test_too_little_hedge_stands_left_of_the_goal_whichever_way_it_points() -> None:
    short = band(hedge=-97.0)
    assert short.index("●") < short.index("┃")
    long = band(exposure=-100.0, goal=100.0, hedge=97.0, lower=96.0, upper=104.0)
    assert long == short
    over = band(hedge=-103.0)
    assert over.index("●") > over.index("┃")


def test_the_band_is_drawn_to_scale_around_the_goal() -> None:
    picture = band(hedge=-90.0)
    first, last = picture.index("━"), picture.rindex("━")
    middle = picture.index("┃")
    assert abs((middle - first) - (last - middle)) <= 1
    held = picture.index("●")
    assert (middle - held) / (middle - first) == pytest.approx(10.0 / 4.0, rel=0.2)


def test_what_is_on_order_shows_where_it_leads() -> None:
    picture = band(hedge=-94.0, pending=-4.0)
    assert picture.index("●") < picture.index("○") < picture.index("┃")
    assert "○" not in band(hedge=-94.0)


def test_a_terminal_of_ascii_gets_ascii() -> None:
    book = the_book()[0]
    assert drawn(book, 40, ascii_only=True).plain.isascii()


def test_no_goal_and_no_hedge_is_a_picture_too() -> None:
    flat = BookView(asset="BTC", exposure=0.0, goal=0.0, hedge=0.0)
    assert drawn(flat, 20, ascii_only=False).cell_len == 20
    assert drawn(flat, 3, ascii_only=False).plain == ""


def test_lines_go_to_the_first_parts_first_and_never_beyond_the_height() -> None:
    prose = Prose(lines_of=tuple(Text(str(number)) for number in range(10)), least=2)
    table = Section(columns=(Column(name="a"),), rows=tuple((Text("x"),) for _ in range(8)))
    assert shared_out([prose, table], 30) == [10, 9]
    assert shared_out([prose, table], 12) == [8, 4]
    assert shared_out([prose, table], 4) == [2, 2]
    assert shared_out([prose, table], 0) == [0, 0]


def test_the_same_decision_again_and_again_is_one_line_and_a_trade_never_is() -> None:
    stay = the_decisions()[-1]
    idle = [replace(stay, time=NOW + number) for number in range(40)]
    assert [len(run) for run in runs([*the_decisions(), *idle])] == [41, 1, 1]
    trade = replace(stay, traded=-1.0)
    assert [len(run) for run in runs([trade, trade])] == [1, 1]
    shown = a_view(decisions=(*the_decisions(), *idle))
    text = plain(Frame(view=shown, bounded=False), 100)
    assert "41 times since 14:03:50" in " ".join(text.split())
    assert "The miner added" in text


class Fickle:
    """A client that answers, then does not, then does."""

    def __init__(self) -> None:
        self.away = False

    def get(self, path: str) -> bytes:
        assert path == "/status"
        if self.away:
            raise DeskAway("nobody answers")
        return to_json(a_view())

    def close(self) -> None:
        pass


def test_the_last_view_stays_while_the_desk_is_away_and_grows_old() -> None:
    client, clock = Fickle(), [100.0]
    looking = Looking(client, lambda: clock[0])  # type: ignore[arg-type]
    assert looking.frame().trouble == ""
    client.away, clock[0] = True, 112.5
    frame = looking.frame()
    assert (frame.lag, frame.trouble) == (12.5, "nobody answers")
    assert frame.view == a_view()
    with pytest.raises(DeskAway):
        looking.frame(must=True)
    client.away = False
    assert looking.frame() == Frame(view=a_view())


def test_headroom_below_its_floor_is_red_and_far_above_green() -> None:
    from hedgerow.cli.watch_parts import headroom_style

    assert [headroom_style(account) for account in the_accounts()] == ["green", "green", "bold red"]
    near = replace(the_accounts()[0], headroom=0.12)
    assert headroom_style(near) == "yellow"
