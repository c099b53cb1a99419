"""How compiled code calls the matrix products of the BLAS that was found."""

from __future__ import annotations

from typing import Any

from numba import types

from glassnet.engines.blas import found, symbol


def declaration(name: str, element: types.Type) -> Any:
    """`sgemm` or `dgemm`: CBLAS' arguments, with addresses as integers."""
    size = types.int32 if found.bits == 32 else types.int64
    order, address = types.int32, types.uintp
    return types.ExternalFunction(
        symbol(name),
        types.void(  # order, transpositions, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc
            *(order, order, order, size, size, size, element, address, size, address, size, element, address, size)
        ),
    )


sgemm, dgemm = declaration("sgemm", types.float32), declaration("dgemm", types.float64)
