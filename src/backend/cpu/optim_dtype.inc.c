/* Included per dtype with T, ROOT (square root) and NAME defined. Arithmetic in the order of torch/optim/sgd.py and adam.py. */

static void NAME(sgd)(const torsh__sgd_numbers *s, int64_t n, T *restrict p, const T *restrict g, T *restrict buffer)
{
    T sign = s->maximize ? -1 : 1, decay = (T)s->weight_decay, lr = (T)s->lr, momentum = (T)s->momentum, add = (T)(1 - s->dampening);
    if (!buffer) {
        for (int64_t i = 0; i < n; i++) p[i] -= lr * (sign * g[i] + (decay != 0 ? decay * p[i] : 0));
        return;
    }
    T keep = s->first ? 0 : momentum, look = s->nesterov ? momentum : 0;
    if (s->first) {
        add = 1;
        for (int64_t i = 0; i < n; i++) buffer[i] = 0;
    }
    if (s->nesterov) {
        for (int64_t i = 0; i < n; i++) {
            T d = sign * g[i] + (decay != 0 ? decay * p[i] : 0), b = keep * buffer[i] + add * d;
            buffer[i] = b;
            p[i] -= lr * (d + look * b);
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        T b = keep * buffer[i] + add * (sign * g[i] + (decay != 0 ? decay * p[i] : 0));
        buffer[i] = b;
        p[i] -= lr * b;
    }
}

static void NAME(adam)(const torsh__adam_numbers *a, int64_t n, T *restrict p, const T *restrict g, T *restrict m, T *restrict v, T *restrict most)
{
    T sign = a->maximize ? -1 : 1, add1 = (T)(1 - a->beta1), beta2 = (T)a->beta2, add2 = (T)(1 - a->beta2), decay = (T)a->decay;
    T coupled = (T)a->weight_decay, eps = (T)a->eps, step = (T)a->step_size, root = (T)a->root;
    if (most) {
        for (int64_t i = 0; i < n; i++) {
            T x = p[i] * decay, d = sign * g[i] + (coupled != 0 ? coupled * x : 0), mean = m[i] + add1 * (d - m[i]), square = beta2 * v[i] + add2 * d * d;
            T top = most[i] > square ? most[i] : square;
            m[i] = mean;
            v[i] = square;
            most[i] = top;
            p[i] = x - step * mean / (ROOT(top) * root + eps);
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        T x = p[i] * decay, d = sign * g[i] + (coupled != 0 ? coupled * x : 0), mean = m[i] + add1 * (d - m[i]), square = beta2 * v[i] + add2 * d * d;
        m[i] = mean;
        v[i] = square;
        p[i] = x - step * mean / (ROOT(square) * root + eps);
    }
}

#undef T
#undef ROOT
#undef NAME
