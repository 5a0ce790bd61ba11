"""How much cash an account calls for, and how much it may give back."""

from hedgerow.kernels.jit import kernel

LEAST_RELEASE = 0.01  # of the notional


@kernel
def cash_call(surplus: float, worth: float, below: float, upto: float) -> float:
    """Return the top-up wanted, >= 0, in collateral.

    Headroom is ``surplus / worth``, equity less maintenance over notional. Under `below` the call
    brings it to `upto`.
    """
    if worth <= 0.0 or not surplus < below * worth:
        return 0.0
    return max(upto * worth - surplus, 0.0)


@kernel
def cash_release(surplus: float, worth: float, above: float, downto: float, wallet: float) -> float:
    """Return what an account with headroom over `above` gives back, >= 0, in collateral.

    It goes down to a headroom of `downto`, and never gives unrealised profit away: at most the
    wallet. Less than one per cent of the notional is not worth a transfer.
    """
    if worth <= 0.0 or not surplus > above * worth:
        return 0.0
    amount = min(surplus - downto * worth, wallet)
    return amount if amount >= LEAST_RELEASE * worth else 0.0
