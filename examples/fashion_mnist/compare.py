#!/usr/bin/env python3
"""Runs the demo's first steps in PyTorch and compares the losses with those in a checkpoint of `train`.

    build/examples/fashion_mnist/fashion_mnist_train --out out
    python examples/fashion_mnist/compare.py out/fashion.safetensors [steps] [data directory]

The same seed gives the same first weights and the same order of pictures in both, so the losses agree until rounding has
grown: to 1e-5 in the first steps, to a few percent after some hundred.
"""
import gzip
import pathlib
import re
import sys
import time

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

steps = int(sys.argv[2]) if len(sys.argv) > 2 else 200
folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "/usr/share/datasets/fashion-mnist")
with safe_open(sys.argv[1], "pt") as file:
    ours, recipe = file.get_tensor("history.loss"), file.metadata()["recipe"]
batch, lr, seed = (float(re.search(f"--{name} (\\S+)", recipe).group(1)) for name in ("batch", "lr", "seed"))


def read(name):
    data = gzip.open(folder / (name + ".gz")).read()
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).copy()


pictures = (torch.from_numpy(read("train-images-idx3-ubyte")).reshape(-1, 1, 28, 28).float() / 255 - 0.2860) / 0.3530
labels = torch.from_numpy(read("train-labels-idx1-ubyte")).long()

torch.manual_seed(int(seed))
data = torch.utils.data.TensorDataset(torch.arange(len(labels)))
loader = torch.utils.data.DataLoader(data, batch_size=int(batch), shuffle=True)
net = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))
adam = torch.optim.Adam(net.parameters(), lr)
schedule = torch.optim.lr_scheduler.LinearLR(adam, 1, 0, len(ours))
worst, start = 0.0, time.time()
for step, (indices,) in enumerate(loader):
    if step == min(steps, len(ours)):
        break
    loss = nn.functional.cross_entropy(net(pictures[indices]), labels[indices])
    adam.zero_grad()
    loss.backward()
    adam.step()
    schedule.step()
    worst = max(worst, abs(loss.item() - ours[step].item()))
    if step in (0, 1, 9, 49, 99) or step % 200 == 199:
        print(f"step {step + 1:4}: PyTorch {loss.item():.6f}, ToRSh {ours[step].item():.6f}, largest difference so far {worst:.1e}")
print(f"PyTorch: {step * batch / (time.time() - start):.0f} pictures/s")
