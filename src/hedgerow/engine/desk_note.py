"""The note of a ledger entry: plain words, then exact numbers by name.

A ledger entry says what everybody asks; the note adds what else it takes to rebuild the books to
the last bit, such as the index at a fill.
"""


def write_note(*words: str, **numbers: float) -> str:
    """Return a note, numbers in full precision.

    >>> write_note("mark", lots=-3.0, worth=0.1)
    'mark lots=-3.0 worth=0.1'
    """
    return " ".join((*words, *(f"{name}={number!r}" for name, number in numbers.items())))


def read_note(note: str) -> dict[str, float]:
    """Return the numbers of a note.

    >>> read_note("mark lots=-3.0 worth=0.1")
    {'lots': -3.0, 'worth': 0.1}
    """
    pairs = (word.split("=") for word in note.split() if "=" in word)
    return {name: float(number) for name, number in pairs}


def first_word(note: str) -> str:
    """Return the first word of a note.

    >>> first_word("main own=2.0")
    'main'
    """
    return note.split(" ", 1)[0]
