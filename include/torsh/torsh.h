/* ToRSh: deep learning in C with PyTorch's semantics. Includes every layer's header. */
#ifndef TORSH_TORSH_H
#define TORSH_TORSH_H

#include <torsh/core.h>
#include <torsh/tensor.h>
#include <torsh/ops.h>
#include <torsh/autograd.h>
#include <torsh/nn.h>
#include <torsh/optim.h>
#include <torsh/data.h>
#include <torsh/dlpack.h>

#endif
