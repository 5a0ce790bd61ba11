"""What a book is exposed to.

The room is called like its function, and Python lets a room hide a name of its package once one
of its files is imported. So the room can be called, and does what the function does.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A room that is also the function of its name."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - the function's own
        from hedgerow.exposure.exposure import exposure  # noqa: PLC0415 - only who calls pays

        return exposure(*arguments, **named)


sys.modules[__name__].__class__ = _Room
