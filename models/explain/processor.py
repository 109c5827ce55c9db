"""Two instructions of the processor that numba has no name for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_NUMBER, _BYTE, _FLAG = ir.IntType(32), ir.IntType(8), ir.IntType(1)
_READ, _KEEP, _DATA = 0, 3, 1


@intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> Any:
    """Fetch `array[index]` of a contiguous array of one dimension into the cache; nothing waits for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        cells = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(cells.data, [arguments[1]]), _BYTE.as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [place.type, _NUMBER, _NUMBER, _NUMBER])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(call, [place, *(ir.Constant(_NUMBER, one) for one in (_READ, _KEEP, _DATA))])
        return context.get_dummy_value()

    return types.void(array, index), generate


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The position of the lowest bit that is set in an unsigned number of 64 bits, 64 where there is none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(_FLAG, 0))

    return types.int64(types.uint64), generate
