"""Samples of the structured rows: argument lists, and what computes the same in PyTorch; a file for each few tables of src/ops/table."""
from .core import SAMPLES, TORCH, DefaultGenerator, Draw, Weak, rounded_once
from . import conv, creation, elementwise, index, linalg, loss, matmul, nn, norm, random, reduce, sort, spatial, view
