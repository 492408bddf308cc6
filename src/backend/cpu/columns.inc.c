/* Included with T and N_(name); undefines them: the windows of one image added up. */

static void N_(add_plane)(const columns *j, int64_t plane)
{
    const int64_t height = j->image[0], width = j->image[1], wide = j->count[1], step = j->stride[1];
    const T *x = (const T *)(const void *)j->x + plane * j->kernel[0] * j->kernel[1] * j->count[0] * wide;
    T *y = (T *)(void *)j->y + plane * height * width;
    memset(y, 0, (size_t)(height * width) * sizeof(T));
    for (int64_t tap = 0; tap < j->kernel[0] * j->kernel[1]; tap++)
        for (int64_t o = 0; o < j->count[0]; o++, x += wide) {
            int64_t row = o * j->stride[0] - j->padding[0] + tap / j->kernel[1] * j->dilation[0];
            int64_t at = tap % j->kernel[1] * j->dilation[1] - j->padding[1];
            if (row < 0 || row >= height) continue;
            for (int64_t i = 0; i < wide; i++, at += step)
                if (at >= 0 && at < width) y[row * width + at] += x[i];
        }
}

#undef T
#undef N_
