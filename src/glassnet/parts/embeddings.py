"""Embeddings: a number becomes several, by functions that are learnt, before layers mix it with others.

A layer is smooth in its inputs, and what a table says of a number is often not: a price that jumps at round numbers,
an hour of the day. Cosines of several frequencies, or straight pieces from bin to bin, give the layers behind them such
shapes to choose from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.expressions.expression import blocks_of, times_blocks, times_blocks_T
from glassnet.formulas.types import Array
from glassnet.parts.bins import bins_of
from glassnet.parts.initializers import initializer
from glassnet.parts.layers import Mode, Parameter, Values, namespace
from glassnet.parts.naming import check_number, check_penalised, check_whole


@dataclass(frozen=True)
class PeriodicEmbedding:
    """Each column xⱼ becomes some weighted sums of cosines of it, and itself: [W·cos(2π·f·xⱼ + b) + c, xⱼ].

    Every column has frequencies f, phases b, weights W and biases c of its own: a product by blocks. Periodic
    embeddings are of Gorishniy et al. (2022); with the linear part xⱼ, biases and these starts they are the PBLD
    embeddings of RealMLP (Holzmüller et al., 2024), in the order [all sums, all columns].

    Attributes
    ----------
    outputs
        How many sums each column becomes; with itself one more.
    frequencies
        How many cosines these are sums of.
    std
        Frequencies start from N(0, std²), in periods per unit of x: 0.1 suits columns of size 1.
    rate
        A factor on the learning rate of all arrays, > 0.
    penalised, bias_penalised
        Whether L1, L2 and weight decay pull on f and W, and whether on b and c; numbers are factors on them, as of any
        `Parameter`.
    """

    outputs: int = 3
    frequencies: int = 16
    std: float = 0.1
    rate: float = 0.1
    penalised: bool | float = True
    bias_penalised: bool | float = False

    def __post_init__(self) -> None:
        check_whole("outputs", self.outputs)
        check_whole("frequencies", self.frequencies)
        check_number("std", self.std, 0, math.inf)
        check_number("rate", self.rate, 0, math.inf)
        check_penalised("penalised", self.penalised)
        check_penalised("bias_penalised", self.bias_penalised)

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """The frequencies f (d, k), phases b (d·k,), weights W (d·k, m) and biases c (d·m,) of d columns."""
        d, k, m = n_inputs, self.frequencies, self.outputs
        size = 1.0 / math.sqrt(k)
        weights = initializer("uniform", low=-size, high=size)
        phases = initializer("uniform", low=-math.pi, high=math.pi)
        return {
            "f": Parameter((d, k), initializer("normal", std=self.std), self.penalised, rate=self.rate),
            "b": Parameter((d * k,), phases, self.bias_penalised, rate=self.rate),
            "W": Parameter((d * k, m), weights, self.penalised, rate=self.rate),
            "c": Parameter((d * m,), weights, self.bias_penalised, rate=self.rate),
        }

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """v = 2π·f·x + b, h = cos(v), z = W·h + c, column by column; e = [z | x]."""
        d = int(x.shape[1])
        v = times_blocks(2.0 * (np.pi * x), p.f, d) + p.b  # (n, d·k)
        h = np.cos(v)  # (n, d·k)
        z = times_blocks(h, p.W, d) + p.c  # (n, d·m)
        return {"v": v, "h": h, "z": z, "e": np.concatenate((z, x), axis=1)}  # (n, d·m + d)

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dh = dz·Wᵀ, dv = -dh·sin(v), and each array's gradient column by column; x itself has gone on as well."""
        columns = int(x.shape[1])
        sums = columns * self.outputs
        dz = d[:, :sums]  # (n, d·m)
        dh = times_blocks_T(dz, p.W, columns)  # (n, d·k)
        dv = -dh * np.sin(v.v)  # (n, d·k)
        return {
            "dz": dz,
            "dW": blocks_of(v.h, dz, columns),
            "dc": dz.sum(axis=0),
            "dh": dh,
            "dv": dv,
            "df": blocks_of(2.0 * (np.pi * x), dv, columns),
            "db": dv.sum(axis=0),
            "dx": 2.0 * (np.pi * times_blocks_T(dv, p.f, columns)) + d[:, sums:],
        }


@dataclass(frozen=True)
class PiecewiseLinearEmbedding:
    """Each column xⱼ becomes broken lines of it: W·h + V·xⱼ + c, h how far xⱼ is through each bin of its column.

    h is 0 in bins above xⱼ, 1 in bins below, and between 0 and 1 in its own; the first bin of a column goes on below,
    the last one above. Bins are quantiles of training rows, 4,096 of them where there are more, and are not learnt. A
    column of few values has fewer bins, one of a single value none. Of Gorishniy et al. (2022); with the linear part
    V·xⱼ + c and weights W that start at 0 they are those of TabM (Gorishniy et al., 2025), whose defaults these are.

    Attributes
    ----------
    outputs
        How many broken lines each column becomes.
    bins
        How many pieces they have at most.
    rate
        A factor on the learning rate of all arrays, > 0.
    penalised
        Whether L1, L2 and weight decay pull on W and V; a number is a factor on them, as of any `Parameter`.
    """

    outputs: int = 16
    bins: int = 48
    rate: float = 1.0
    penalised: bool | float = True

    def __post_init__(self) -> None:
        check_whole("outputs", self.outputs)
        check_whole("bins", self.bins)
        check_number("rate", self.rate, 0, math.inf)
        check_penalised("penalised", self.penalised)

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """Weights W (d·k, m), V (d, m) and biases c (d·m,) of d columns; the bins: slope (d, k), the others (d·k,)."""
        d, k, m = n_inputs, self.bins, self.outputs
        zeros = initializer("zeros")
        straight = initializer("uniform", low=-1.0 / math.sqrt(m), high=1.0 / math.sqrt(m))
        bins = {
            name: Parameter(shape, zeros, learnt=False, from_rows="quantiles")
            for name, shape in {"slope": (d, k), "start": (d * k,), "low": (d * k,), "high": (d * k,)}.items()
        }
        return {
            "W": Parameter((d * k, m), zeros, self.penalised, rate=self.rate),
            "V": Parameter((d, m), straight, self.penalised, rate=self.rate),
            "c": Parameter((d * m,), straight, rate=self.rate),
            **bins,
        }

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """u = slope·x - start, h = u between low and high, z = W·h + V·x + c, column by column."""
        d = int(x.shape[1])
        bins = bins_of(x, self.bins) if mode.beginning else {}
        p = namespace({**vars(p), **bins}) if bins else p
        u = times_blocks(x, p.slope, d) - p.start  # (n, d·k)
        h = np.minimum(np.maximum(u, p.low), p.high)  # (n, d·k)
        return {**bins, "u": u, "h": h, "z": times_blocks(h, p.W, d) + times_blocks(x, p.V, d) + p.c}  # (n, d·m)

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dh = d·Wᵀ; du = dh where u lies between low and high, else 0; dx = du·slope + d·Vᵀ, column by column."""
        columns = int(x.shape[1])
        dh = times_blocks_T(d, p.W, columns)  # (n, d·k)
        du = np.where(v.u > p.low, np.where(v.u < p.high, dh, 0.0), 0.0)  # (n, d·k)
        return {
            "dW": blocks_of(v.h, d, columns),
            "dV": blocks_of(x, d, columns),
            "dc": d.sum(axis=0),
            "dx": times_blocks_T(du, p.slope, columns) + times_blocks_T(d, p.V, columns),
        }
