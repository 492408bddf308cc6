/* A tiled transpose of TRANSPOSE_TYPE elements; undefines its two macros. */

static void TRANSPOSE_NAME(int64_t rows, int64_t columns, void *to, int64_t to_stride, const void *from, int64_t from_stride)
{
    enum { TILE = 64 / (int)sizeof(TRANSPOSE_TYPE) }; /* a cache line of elements */
    TRANSPOSE_TYPE tile[TILE][TILE];
    for (int64_t r = 0; r < rows; r += TILE) {
        for (int64_t c = 0; c < columns; c += TILE) {
            const char *source = (const char *)from + r * from_stride + c * (int64_t)sizeof(TRANSPOSE_TYPE);
            char *target = (char *)to + c * to_stride + r * (int64_t)sizeof(TRANSPOSE_TYPE);
            if (rows - r >= TILE && columns - c >= TILE) {
                for (int i = 0; i < TILE; i++) {
                    const TRANSPOSE_TYPE *line = (const void *)(source + i * from_stride);
                    for (int j = 0; j < TILE; j++) tile[j][i] = line[j];
                }
                for (int j = 0; j < TILE; j++) memcpy(target + j * to_stride, tile[j], sizeof tile[j]);
            } else {
                for (int64_t i = 0; i < TILE && r + i < rows; i++)
                    for (int64_t j = 0; j < TILE && c + j < columns; j++)
                        memcpy(target + j * to_stride + i * (int64_t)sizeof(TRANSPOSE_TYPE),
                               source + i * from_stride + j * (int64_t)sizeof(TRANSPOSE_TYPE), sizeof(TRANSPOSE_TYPE));
            }
        }
    }
}

#undef TRANSPOSE_NAME
#undef TRANSPOSE_TYPE
