/* Values of a file into a cube: converted, scaled, summed up and placed in one pass while they are in the cache. */
#ifndef HPCMM_SLAB_H
#define HPCMM_SLAB_H

#include <stdint.h>
#include <string.h>

enum { SLAB_BUFFER = 512 };

/* NAME: made = (value - less) / unit of `n` values, each rounded once; returns the sum of their 32-bit words. A float
   over a unit that is a float is divided in single precision: rounded from double, that quotient has the same bits. */
#define SLAB_CONVERT(NAME, IN, OUT)                                                                                   \
    static inline uint32_t NAME(const char* in, int64_t stride, OUT* made, int n, double less, double unit)           \
    {                                                                                                                 \
        IN held[SLAB_BUFFER];                                                                                         \
        uint32_t words[SLAB_BUFFER * sizeof(IN) / 4], sum = 0;                                                        \
        const float single = (float)unit;                                                                             \
        if (stride == (int64_t)sizeof(IN))                                                                            \
            memcpy(held, in, n * sizeof(IN));                                                                         \
        else                                                                                                          \
            for (int i = 0; i < n; i++)                                                                               \
                memcpy(&held[i], in + i * stride, sizeof(IN));                                                        \
        memcpy(words, held, n * sizeof(IN));                                                                          \
        for (int i = 0; i < n * (int)(sizeof(IN) / 4); i++)                                                           \
            sum += words[i];                                                                                          \
        if (less == 0.0 && unit == 1.0)                                                                               \
            for (int i = 0; i < n; i++)                                                                               \
                made[i] = (OUT)held[i];                                                                               \
        else if (sizeof(IN) == 4 && sizeof(OUT) == 4 && less == 0.0 && (double)single == unit)                        \
            for (int i = 0; i < n; i++)                                                                               \
                made[i] = (OUT)((float)held[i] / single);                                                             \
        else                                                                                                          \
            for (int i = 0; i < n; i++)                                                                               \
                made[i] = (OUT)(((double)held[i] - less) / unit);                                                     \
        return sum;                                                                                                   \
    }

/* NAME: a row of `count` values, or of triples whose components lie apart in memory, into `out`; `skip` numbers of
   `out` from one value of a component to the next. */
#define SLAB_ROW(NAME, CONVERT, IN, OUT)                                                                              \
    SLAB_CONVERT(CONVERT, IN, OUT)                                                                                    \
    static inline uint32_t NAME(int parts, const char* const* in, int64_t stride, OUT* out, int64_t skip,             \
                                int64_t count, const double* less, double unit)                                       \
    {                                                                                                                 \
        OUT made[3][SLAB_BUFFER];                                                                                     \
        uint32_t sum = 0;                                                                                             \
        for (int64_t begin = 0; begin < count; begin += SLAB_BUFFER) {                                                \
            const int n = (int)(count - begin < SLAB_BUFFER ? count - begin : SLAB_BUFFER);                           \
            OUT* to = out + begin * skip;                                                                             \
            for (int part = 0; part < parts; part++)                                                                  \
                sum += CONVERT(in[part] + begin * stride, stride, made[part], n, less[part], unit);                   \
            if (parts == 3)                                                                                           \
                for (int i = 0; i < n; i++) {                                                                         \
                    to[i * skip] = made[0][i];                                                                        \
                    to[i * skip + 1] = made[1][i];                                                                    \
                    to[i * skip + 2] = made[2][i];                                                                    \
                }                                                                                                     \
            else                                                                                                      \
                for (int i = 0; i < n; i++)                                                                           \
                    to[i * skip] = made[0][i];                                                                        \
        }                                                                                                             \
        return sum;                                                                                                   \
    }

SLAB_ROW(slab_row_ff, slab_convert_ff, float, float)
SLAB_ROW(slab_row_fd, slab_convert_fd, float, double)
SLAB_ROW(slab_row_df, slab_convert_df, double, float)
SLAB_ROW(slab_row_dd, slab_convert_dd, double, double)

#endif
