"""Random numbers as a function of (key, lane, count): no state, so no order to depend on.

A lane's numbers are the same whatever block, thread or machine draws them.
"""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.bits import float_of
from hedgerow.kernels.jit import inlined, part, rowwise
from hedgerow.kernels.quick_functions import quick_log, quick_turn

Floats = npt.NDArray[np.float64]

ONE = 0x3FF0000000000000  # the bits of 1.0
TINY = 1.1102230246251565e-16  # half the spacing of the uniforms, so that none is 0


@inlined
def mixed(word: np.uint64) -> np.uint64:
    """Return `word` with every bit spread over all of them.

    References
    ----------
    Steele, G., Lea, D. and Flood, C. (2014). Fast splittable pseudorandom number generators.
    OOPSLA, 453-472; the constants of Stafford's variant 13.
    """
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@inlined
def key_of(seed: int, stream: int) -> np.uint64:
    """Return the key of one stream of one seed."""
    first = mixed(np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15))
    return mixed(first + np.uint64(stream + 1) * np.uint64(0xD1342543DE82EF95))


@inlined
def word_at(key: np.uint64, lane: int, count: int) -> np.uint64:
    """Return 64 random bits."""
    spot = np.uint64(lane) * np.uint64(0x9E3779B97F4A7C15)
    return mixed(key + spot + np.uint64(count) * np.uint64(0xC2B2AE3D27D4EB4F))


@inlined
def unit(word: np.uint64) -> float:
    """Return a number between 0 and 1, neither of them, from the high 52 bits of `word`."""
    return float_of(np.int64((word >> np.uint64(12)) | np.uint64(ONE))) - 1.0 + TINY


@inlined
def uniform(key: np.uint64, lane: int, count: int) -> float:
    """Return a number between 0 and 1, neither of them."""
    return unit(word_at(key, lane, count))


@part
def normal(key: np.uint64, lane: int, count: int) -> float:
    """Return a standard normal number."""
    word = word_at(key, lane, count)
    radius = math.sqrt(-2.0 * math.log(unit(word)))
    return radius * math.cos(2.0 * math.pi * unit(mixed(word + np.uint64(0x632BE59BD9B4E019))))


@rowwise
def normal_pairs(key: np.uint64, first: int, count: int, one: Floats, other: Floats) -> None:
    r"""Write two independent standard normal numbers for each lane from `first` on.

    .. math:: \sqrt{-2 \ln U}\,(\cos 2 \pi V,\ \sin 2 \pi V)

    References
    ----------
    Box, G. E. P. and Muller, M. E. (1958). A note on the generation of random normal deviates.
    Annals of Mathematical Statistics 29, 610-611.
    """
    for lane in range(one.shape[0]):
        word = word_at(key, first + lane, count)
        radius = math.sqrt(-2.0 * quick_log(unit(word)))
        turn = unit(mixed(word + np.uint64(0x632BE59BD9B4E019)))
        along, across = quick_turn(turn)
        one[lane] = radius * along
        other[lane] = radius * across
