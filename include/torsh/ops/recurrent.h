/* Recurrent networks. They and their cells as functions, with the names and weights of PyTorch's. T steps, B samples, H hidden. */
#ifndef TORSH_RECURRENT_OPS_H
#define TORSH_RECURRENT_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* input (T, B, inputs), or (B, T, inputs) with batch_first; hx holds the first h and c, each (num_layers * directions, B, H), directions 2 if
 * bidirectional. params are, for each layer and direction, w_ih (4 H, inputs), w_hh (4 H, H), with has_biases b_ih and b_hh (4 H), and, if h is projected,
 * w_hr (P, H); rows of gates in the order in, forget, value, out. dropout is that between layers while `train`. Returns the outputs
 * (T, B, directions * H) and the last h and c. Floating dtypes; differentiable. */
TORSH_API torsh_triple torsh_lstm(torsh_tensor input, const torsh_tensor *hx, size_t hx_count, const torsh_tensor *params, size_t params_count, bool has_biases,
                                  int64_t num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
/* The same with one state, hx, and weights of 3 H rows (gates reset, update, new), or of H rows. Returns the outputs and the last h. */
TORSH_API torsh_pair torsh_gru(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers,
                               double dropout, bool train, bool bidirectional, bool batch_first);
TORSH_API torsh_pair torsh_rnn_tanh(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers,
                                    double dropout, bool train, bool bidirectional, bool batch_first);
TORSH_API torsh_pair torsh_rnn_relu(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers,
                                    double dropout, bool train, bool bidirectional, bool batch_first);

/* One step: input (B, inputs), states (B, H); biases may be null. Returns the next h, and c of an LSTM. */
TORSH_API torsh_pair torsh_lstm_cell(torsh_tensor input, const torsh_tensor *hx, size_t hx_count, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih,
                                     torsh_tensor b_hh);
TORSH_API torsh_tensor torsh_gru_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh);
TORSH_API torsh_tensor torsh_rnn_tanh_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh);
TORSH_API torsh_tensor torsh_rnn_relu_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh);

#ifdef __cplusplus
}
#endif

#endif
