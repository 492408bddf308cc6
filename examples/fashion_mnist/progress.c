/* The bar is redrawn ten times a second on standard output. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

progress progress_start(int64_t epochs, int64_t steps, int64_t pictures)
{
    double time = now();
    return (progress){.terminal = isatty(STDOUT_FILENO), .epochs = epochs, .steps = steps, .pictures = (double)pictures, .last = time, .shown = time};
}

void progress_pause(progress *p)
{
    p->last = now();
}

void progress_clear(progress *p)
{
    if (p->terminal) printf("\r\033[K");
}

static void bar(double part)
{
    enum { WIDTH = 24 };
    int full = (int)(part * WIDTH);
    for (int i = 0; i < WIDTH; i++) putchar(i < full ? '#' : '.');
}

void progress_step(progress *p, int64_t epoch, int64_t step, double loss)
{
    double time = now(), speed = p->pictures / (time - p->last + 1e-9), weight = p->speed > 0 ? 0.02 : 1;
    p->last = time;
    p->speed += weight * (speed - p->speed);
    p->loss += weight * (loss - p->loss);
    bool last = step + 1 == p->steps;
    if (time - p->shown < (p->terminal ? 0.1 : 10) && !last) return;
    p->shown = time;

    int64_t left = (p->epochs - epoch) * p->steps - step - 1;
    int seconds = (int)((double)left * p->pictures / p->speed + 0.5);
    if (p->terminal) printf("\r\033[K");
    printf("epoch %lld/%lld ", (long long)epoch + 1, (long long)p->epochs);
    if (p->terminal) bar((double)(step + 1) / (double)p->steps);
    printf(" %lld/%lld  loss %.4f  %.0f pictures/s  %d:%02d left", (long long)step + 1, (long long)p->steps, p->loss, p->speed, seconds / 60, seconds % 60);
    if (!p->terminal) putchar('\n');
    fflush(stdout);
}
