"""Two instructions that Numba does not give by itself: a maximum and a minimum for SIMD.

Numba's `max` compiles to a comparison that LLVM may not reorder, so loops over it stay
scalar. LLVM's own `maxnum`/`minnum` on numbers known to be no NaN do vectorise: a bound over
80 facets took 10 ns instead of 78 ns.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_PAIR = types.float64(types.float64, types.float64)


def _lowered(name: str) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic(
            name, [double], ir.FunctionType(double, [double, double])
        )
        return builder.call(function, args, fastmath=("nnan", "nsz"))

    return generate


@intrinsic
def greater(_context, _a, _b):
    """Return the greater of two numbers that are not NaN."""
    return _PAIR, _lowered("llvm.maxnum")


@intrinsic
def lesser(_context, _a, _b):
    """Return the lesser of two numbers that are not NaN."""
    return _PAIR, _lowered("llvm.minnum")
