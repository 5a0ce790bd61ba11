"""A bar that grows from the middle: to the right above zero, to the left below."""

HALVES = 2  # a bar is drawn to half a character


def bar(share: float, width: int, *, ascii_only: bool) -> str:
    """Return the bar of `share`, from -1 to 1, in `width` characters with zero in the middle.

    Whatever is not zero shows at least half a character.

    >>> bar(0.5, 9, ascii_only=False)
    '    │██  '
    >>> bar(-1.0, 9, ascii_only=True)
    '<<<<|    '
    """
    side = (width - 1) // 2
    halves = min(round(abs(share) * side * HALVES), side * HALVES)
    if share != 0.0:
        halves = max(halves, 1)
    whole, half = divmod(halves, HALVES)
    if ascii_only:
        drawn = ("<" if share < 0.0 else ">") * (whole + half)
        middle = "|"
    else:
        drawn = "▐" * half + "█" * whole if share < 0.0 else "█" * whole + "▌" * half
        middle = "│"
    if share < 0.0:
        return f"{drawn:>{side}}{middle}{'':{side}}"
    return f"{'':{side}}{middle}{drawn:<{side}}"
