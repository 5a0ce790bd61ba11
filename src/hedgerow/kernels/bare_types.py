"""What numba has to know of bare arrays and lent records: their types, layout and indexing.

Numba's own classes have no types, and its calling conventions fix the arguments.
"""
# mypy: disable-error-code="attr-defined, misc, no-untyped-call, override, untyped-decorator"
# ruff: noqa: ANN401, ARG001, ARG002, SLF001 - numba's extension points name the arguments

import operator
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin, lower_getattr, lower_getattr_generic
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import populate_array


class Bare(types.Type):
    """A C-ordered array of `ndim` dimensions: an address and sizes."""

    def __init__(self, dtype: Any, ndim: int) -> None:
        self.dtype = dtype
        self.ndim = ndim
        super().__init__(name=f"Bare({dtype}, {ndim})")


class Lent(types.Type):
    """The address of a named tuple; its fields are read through it."""

    def __init__(self, record: Any) -> None:
        self.record = record
        super().__init__(name=f"Lent({record})")


@register_model(Bare)
class _BareModel(models.StructModel):
    def __init__(self, manager: Any, kind: Bare) -> None:
        sizes = [(f"size{axis}", types.intp) for axis in range(kind.ndim)]
        super().__init__(manager, kind, [("data", types.CPointer(kind.dtype)), *sizes])


@register_model(Lent)
class _LentModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Lent) -> None:
        record = manager.lookup(kind.record).get_value_type()
        super().__init__(manager, kind, record.as_pointer())


def _words(context: Any, builder: Any, kind: Bare, value: Any) -> tuple[Any, list[Any]]:
    """Return the address and the sizes of a bare array."""
    parts = [builder.extract_value(value, number) for number in range(kind.ndim + 1)]
    return parts[0], parts[1:]


def _place(context: Any, builder: Any, kinds: Any, values: Any) -> tuple[Any, list[Any]]:
    """Return the address that an index points at, and the sizes that are left."""
    array, index = kinds
    data, sizes = _words(context, builder, array, values[0])
    if isinstance(index, types.BaseTuple):
        indices = cgutils.unpack_tuple(builder, values[1])
    else:
        indices = [values[1]]
    offset = indices[0]
    for number in range(1, array.ndim):
        offset = builder.mul(offset, sizes[number], flags=("nsw",))
        if number < len(indices):
            offset = builder.add(offset, indices[number], flags=("nsw",))
    return builder.gep(data, [offset], inbounds=True), sizes[len(indices) :]


def _index(array: Any, index: Any) -> tuple[Any, int] | None:
    """Return the type to which an index is cast, and how many axes it takes; None if it is none."""
    if not isinstance(array, Bare):
        return None
    if isinstance(index, types.Integer):
        return types.intp, 1
    if isinstance(index, types.BaseTuple) and all(isinstance(i, types.Integer) for i in index):
        return types.UniTuple(types.intp, len(index)), len(index)
    return None


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index = args
        known = _index(array, index)
        if known is None:
            return None
        kind, taken = known
        left = array.ndim - taken
        return signature(Bare(array.dtype, left) if left else array.dtype, array, kind)


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        array, index, _ = args
        known = _index(array, index)
        if known is None or known[1] != array.ndim:
            return None
        return signature(types.none, array, known[0], array.dtype)


@lower_builtin(operator.getitem, Bare, types.Any)
def _get_item(context: Any, builder: Any, sig: Any, values: Any) -> Any:
    address, sizes = _place(context, builder, sig.args, values)
    if not sizes:
        return builder.load(address)
    part = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    part.data = address
    for number, size in enumerate(sizes):
        setattr(part, f"size{number}", size)
    return part._getvalue()


@lower_builtin(operator.setitem, Bare, types.Any, types.Any)
def _set_item(context: Any, builder: Any, sig: Any, values: Any) -> Any:
    address, _ = _place(context, builder, sig.args[:2], values[:2])
    builder.store(values[2], address)


@infer_getattr
class _BareAttributes(AttributeTemplate):
    key = Bare

    def resolve_shape(self, array: Bare) -> Any:
        return types.UniTuple(types.intp, array.ndim)


@lower_getattr(Bare, "shape")
def _shape(context: Any, builder: Any, kind: Bare, value: Any) -> Any:
    _, sizes = _words(context, builder, kind, value)
    return cgutils.pack_array(builder, sizes)


@infer_getattr
class _LentAttributes(AttributeTemplate):
    key = Lent

    def generic_resolve(self, lent: Lent, name: str) -> Any:
        if name not in lent.record.fields:
            return None
        field = lent.record[lent.record.fields.index(name)]
        return Lent(field) if isinstance(field, types.BaseNamedTuple) else field


@lower_getattr_generic(Lent)
def _field(context: Any, builder: Any, kind: Lent, value: Any, name: str) -> Any:
    number = kind.record.fields.index(name)
    address = cgutils.gep_inbounds(builder, value, 0, number)
    if isinstance(kind.record[number], types.BaseNamedTuple):
        return address
    return builder.load(address)


class Stripe(types.Type):
    """Rows of equal size, a fixed step apart."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Stripe({dtype})")


@register_model(Stripe)
class _StripeModel(models.StructModel):
    def __init__(self, manager: Any, kind: Stripe) -> None:
        members = [
            ("data", types.CPointer(kind.dtype)),
            ("step", types.intp),
            ("size", types.intp),
        ]
        super().__init__(manager, kind, members)


@infer_global(operator.getitem)
class _GetRow(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        stripes, index = args
        if isinstance(stripes, Stripe) and isinstance(index, types.Integer):
            return signature(Bare(stripes.dtype, 1), stripes, types.intp)
        return None


@lower_builtin(operator.getitem, Stripe, types.Integer)
def _get_row(context: Any, builder: Any, sig: Any, values: Any) -> Any:
    given = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=values[0])
    part = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    part.data = builder.gep(given.data, [builder.mul(values[1], given.step)], inbounds=True)
    part.size0 = given.size
    return part._getvalue()


@intrinsic
def as_bare(typing: Any, array: Any) -> Any:
    """Return a C-ordered array as its address and sizes; the caller keeps it alive."""
    kind = Bare(array.dtype, array.ndim)

    def build(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        given = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=values[0])
        taken = cgutils.create_struct_proxy(kind)(context, builder)
        taken.data = given.data
        for number, size in enumerate(cgutils.unpack_tuple(builder, given.shape)):
            setattr(taken, f"size{number}", size)
        return taken._getvalue()

    return kind(array), build


@intrinsic
def as_lent(typing: Any, record: Any) -> Any:
    """Return the address of a named tuple, good until the function that calls this returns."""

    def build(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return cgutils.alloca_once_value(builder, values[0])

    return Lent(record)(record), build


@intrinsic
def as_array(typing: Any, part: Any) -> Any:
    """Return a bare array as a numba array that counts nothing."""
    kind = types.Array(part.dtype, part.ndim, "C")

    def build(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data, sizes = _words(context, builder, sig.args[0], values[0])
        array = context.make_array(kind)(context, builder)
        width = context.get_abi_sizeof(context.get_data_type(part.dtype))
        steps = [context.get_constant(types.intp, width)]
        for size in reversed(sizes[1:]):
            steps.insert(0, builder.mul(steps[0], size))
        populate_array(
            array,
            data=data,
            shape=cgutils.pack_array(builder, sizes),
            strides=cgutils.pack_array(builder, steps),
            itemsize=context.get_constant(types.intp, width),
            meminfo=None,
        )
        return array._getvalue()

    return kind(part), build


@intrinsic
def as_lines(typing: Any, table: Any, first: Any, count: Any) -> Any:
    """Return `count` rows of a bare table from row `first` on, as a bare table."""

    def build(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data, sizes = _words(context, builder, table, values[0])
        begin = context.cast(builder, values[1], sig.args[1], types.intp)
        taken = cgutils.create_struct_proxy(table)(context, builder)
        taken.data = builder.gep(data, [builder.mul(begin, sizes[1])], inbounds=True)
        taken.size0 = context.cast(builder, values[2], sig.args[2], types.intp)
        taken.size1 = sizes[1]
        return taken._getvalue()

    return table(table, first, count), build


@intrinsic
def as_stripe(typing: Any, array: Any, row: Any) -> Any:
    """Return ``array[:, row]`` of a bare array of three dimensions, as `Stripe`."""
    kind = Stripe(array.dtype)

    def build(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data, sizes = _words(context, builder, sig.args[0], values[0])
        index = context.cast(builder, values[1], sig.args[1], types.intp)
        taken = cgutils.create_struct_proxy(kind)(context, builder)
        taken.data = builder.gep(data, [builder.mul(index, sizes[2])], inbounds=True)
        taken.step = builder.mul(sizes[1], sizes[2])
        taken.size = sizes[2]
        return taken._getvalue()

    return kind(array, row), build
