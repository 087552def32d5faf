"""A product and a sum as one instruction, in the order in which they are written.

The compiler may sum in any order (`kernel.SAFE_MATH`), and chooses it anew wherever a kernel is
inserted: one triangle then has one scale here and another there, 1e-16 apart. What is asked
in several places is summed with `fused`. Where the processor has no such instruction it is two.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def fused(_context, _a, _b, _c):
    """Return `a * b + c`."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic(
            "llvm.fmuladd", [double], ir.FunctionType(double, [double, double, double])
        )
        return builder.call(function, args)

    return types.float64(types.float64, types.float64, types.float64), generate
