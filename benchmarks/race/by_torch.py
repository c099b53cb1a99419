"""PyTorch: eager, its optimizer as it comes or fused, and, if asked for, compiled.

The rows are gathered once an epoch into the same tensor, batches are views of it, the loss stays a tensor until the
end, and the optimizer is made anew in each run, as its moments must be.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from race.floor import epoch_of
from race.workloads import Work

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}
LOSSES = {
    "squared": F.mse_loss,
    "binary_cross_entropy": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
}


def training(work: Work, fused: bool | None = None, compiled: bool = False, bf16: bool = False) -> Callable[[], float]:
    if bf16:
        torch.set_float32_matmul_precision("medium")
    model = network(work)
    start = [p.detach().clone() for p in model.parameters()]
    X = torch.from_numpy(work.X)
    y = torch.from_numpy(work.y if work.loss == "cross_entropy" else work.column)
    loss_of = LOSSES[work.loss]

    def objective(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss_of(model(x), y)

    if compiled:
        objective = torch.compile(objective)
    rule = torch.optim.Adam if work.adam else torch.optim.SGD
    X_epoch, y_epoch = (torch.empty_like(X), torch.empty_like(y)) if work.batch_size else (X, y)
    size = work.batch_size or len(X)
    batches = list(zip(X_epoch.split(size), y_epoch.split(size), strict=True))

    def run(epochs: int = work.epochs, steps: int | None = None) -> float:
        with torch.no_grad():
            torch._foreach_copy_(list(model.parameters()), start)
        optimizer = rule(model.parameters(), lr=work.rate, fused=fused)
        orders = work.orders()
        for _ in range(epochs):
            if work.batch_size:
                order = torch.from_numpy(next(orders))
                torch.index_select(X, 0, order, out=X_epoch)
                torch.index_select(y, 0, order, out=y_epoch)
            losses = []
            for xb, yb in batches[:steps]:
                optimizer.zero_grad()
                loss = objective(xb, yb)
                loss.backward()
                optimizer.step()
                losses.append(loss.detach() * (len(xb) / len(X)))
        return torch.stack(losses).sum().item()

    run(epochs=1, steps=2)  # what PyTorch imports and compiles when it is first used
    return run


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    model = nn.Sequential(*network(work), nn.Sigmoid()).eval()

    @torch.inference_mode()
    def predict(x: np.ndarray) -> np.ndarray:
        return model(torch.from_numpy(x)).numpy()

    return predict


def products(work: Work) -> Callable[[], float]:
    """The floor's products, into tensors that are there."""
    size, W = work.batch_size or len(work), [torch.from_numpy(W) for W, _ in work.params()]
    a = [torch.zeros((size, u), dtype=W[0].dtype) for u in work.sizes]
    dz, dW = [torch.ones_like(tensor) for tensor in a], [torch.zeros_like(tensor) for tensor in W]
    batches = torch.from_numpy(work.X).split(size)

    @torch.inference_mode()
    def epoch() -> None:
        for x in batches:
            n, last = len(x), len(W)
            for k in range(last):
                torch.mm(a[k][:n] if k else x, W[k], out=a[k + 1][:n])
            for k in reversed(range(last)):
                torch.mm((a[k][:n] if k else x).T, dz[k + 1][:n], out=dW[k])
                if k:
                    torch.mm(dz[k + 1][:n], W[k].T, out=dz[k][:n])

    return epoch_of(epoch)


def network(work: Work) -> nn.Sequential:
    layers: list[nn.Module] = []
    for W, b in work.params():
        layer = nn.Linear(*W.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(W.T))
            layer.bias.copy_(torch.from_numpy(b))
        layers += [layer, ACTIVATIONS[work.hidden]()]
    last = [nn.Sigmoid()] if work.loss == "squared" else []
    return nn.Sequential(*layers[:-1], *last)


TRAINING = {
    "PyTorch": training,
    "PyTorch, fused": partial(training, fused=True),
    "PyTorch, compiled": partial(training, fused=True, compiled=True),
    "PyTorch, bf16": partial(training, fused=True, bf16=True),
}
PREDICTING = {"PyTorch": predicting}
FLOOR = {"PyTorch's products": products}
