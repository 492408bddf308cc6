/* Writes the report: the loss as SVG, the confusion matrix as a table, pictures as data URLs of BMP files. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 260, LEFT = 46, BOTTOM = 28, MOST_POINTS = 600 };

static const char style[] = "body{font:15px/1.45 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#222}"
                            "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}"
                            "table{border-collapse:collapse;font-size:12px}th,td{padding:4px 6px;text-align:right}th{font-weight:600}"
                            "td{min-width:2.4em;border:1px solid #fff}"
                            ".p{display:inline-block;width:128px;margin:6px;text-align:center;font-size:12px;vertical-align:top}"
                            ".p img{width:84px;height:84px;image-rendering:pixelated;border:2px solid #ddd}.wrong{color:#b00020}"
                            ".wrong img{border-color:#b00020}svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#555}";

/* ---- the loss ------------------------------------------------------------------------------------------------ */

/* The mean loss of each of at most MOST_POINTS stretches of the run. */
static int64_t average(const demo_report *r, double *points)
{
    int64_t count = r->steps < MOST_POINTS ? r->steps : MOST_POINTS;
    for (int64_t i = 0; i < count; i++) {
        int64_t from = i * r->steps / count, to = (i + 1) * r->steps / count;
        points[i] = 0;
        for (int64_t s = from; s < to; s++) points[i] += (double)r->loss[s] / (double)(to - from);
    }
    return count;
}

static void write_loss(FILE *out, const demo_report *r)
{
    double points[MOST_POINTS], highest = 0;
    int64_t count = average(r, points);
    for (int64_t i = 0; i < count; i++) highest = fmax(highest, points[i]);
    double top = fmax(0.5, ceil(highest * 2) / 2), wide = WIDTH - LEFT - 10, high = HEIGHT - BOTTOM - 10;
    fprintf(out, "<h2>Training loss</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Training loss by step\">\n", WIDTH, HEIGHT);
    for (int i = 0; i <= 5; i++) {
        double y = 10 + high * (1 - i / 5.0);
        fprintf(out, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", LEFT, y, WIDTH - 10, LEFT - 6, y + 4,
                top * i / 5);
    }
    for (int64_t e = 0; e <= r->epochs; e++) {
        double x = LEFT + wide * (double)e / (double)(r->epochs ? r->epochs : 1);
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%lld</text>\n", x, HEIGHT - 10, (long long)e);
    }
    fprintf(out, "<polyline fill=\"none\" stroke=\"#1a5fb4\" stroke-width=\"1.5\" points=\"");
    for (int64_t i = 0; i < count; i++)
        fprintf(out, "%.1f,%.1f ", LEFT + wide * ((double)i + 0.5) / (double)count, 10 + high * (1 - points[i] / top));
    fprintf(out, "\"/>\n</svg>\n<p>Epochs to the right; each point is a mean over %lld steps or so.</p>\n", (long long)(count ? (r->steps + count - 1) / count : 0));
}

/* ---- the confusion matrix ------------------------------------------------------------------------------------ */

static void write_confusion(FILE *out, const demo_report *r)
{
    fprintf(out, "<h2>Confusion matrix</h2>\n<p>Rows are the true classes, columns what the network said.</p>\n<table><tr><th></th>");
    for (int c = 0; c < CLASSES; c++) fprintf(out, "<th>%s</th>", r->data->classes[c]);
    fprintf(out, "</tr>\n");
    for (int t = 0; t < CLASSES; t++) {
        int64_t row = 0;
        for (int c = 0; c < CLASSES; c++) row += r->final->confusion[t][c];
        fprintf(out, "<tr><th>%s</th>", r->data->classes[t]);
        for (int c = 0; c < CLASSES; c++) {
            int64_t n = r->final->confusion[t][c];
            double share = row ? (double)n / (double)row : 0;
            fprintf(out, "<td style=\"background:rgba(%s,%.3f)\">%lld</td>", t == c ? "38,162,105" : "224,27,36", sqrt(share), (long long)n);
        }
        fprintf(out, "</tr>\n");
    }
    fprintf(out, "</table>\n");
}

/* ---- pictures ------------------------------------------------------------------------------------------------ */

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* An 8-bit grey BMP file of side x side pixels, side a multiple of 4, into `file`; returns its size. */
static size_t make_bmp(const uint8_t *pixels, int64_t side, uint8_t *file)
{
    enum { HEAD = 54, PALETTE = 1024 };
    size_t size = HEAD + PALETTE + (size_t)(side * side);
    memset(file, 0, HEAD);
    file[0] = 'B';
    file[1] = 'M';
    put32(file + 2, (uint32_t)size);
    put32(file + 10, HEAD + PALETTE);
    put32(file + 14, 40);
    put32(file + 18, (uint32_t)side);
    put32(file + 22, (uint32_t)side);
    file[26] = 1; /* plane */
    file[28] = 8; /* bits per pixel */
    for (uint32_t i = 0; i < 256; i++) put32(file + HEAD + 4 * i, i * 0x010101);
    for (int64_t y = 0; y < side; y++) memcpy(file + HEAD + PALETTE + (side - 1 - y) * side, pixels + y * side, (size_t)side); /* bottom row first */
    return size;
}

static void write_base64(FILE *out, const uint8_t *data, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)data[i] << 16 | (i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0) | (i + 2 < size ? data[i + 2] : 0);
        for (int k = 0; k < 4; k++) fputc(i + (size_t)k > size ? '=' : letters[three >> (18 - 6 * k) & 63], out);
    }
}

static torsh_status write_pictures(FILE *out, const demo_report *r)
{
    static uint8_t file[54 + 1024 + 64 * 64];
    fprintf(out, "<h2>%d test pictures</h2>\n<div>", SHOWN);
    for (int64_t i = 0; i < SHOWN && i < r->final->count; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor fields[2];
        int64_t truth;
        torsh_status status = torsh_dataset_get(r->data->pictures, i, fields, 2);
        if (status == TORSH_OK) status = torsh_item_i64(fields[1], &truth);
        if (status != TORSH_OK) return status;
        bool right = truth == r->final->predicted[i];
        fprintf(out, "<div class=\"p%s\"><img alt=\"%s\" src=\"data:image/bmp;base64,", right ? "" : " wrong", r->data->classes[truth]);
        write_base64(out, file, make_bmp(torsh_data(fields[0]), r->data->side, file));
        fprintf(out, "\"><br>%s<br>said: %s</div>\n", r->data->classes[truth], r->data->classes[r->final->predicted[i]]);
    }
    fprintf(out, "</div>\n");
    return TORSH_OK;
}

torsh_status report_write(const demo_report *r, const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out) return TORSH_IO_ERROR;
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>ToRSh: %s</title><style>%s</style></head><body>\n", r->data->name, style);
    fprintf(out, "<h1>%s: %.2f %% of %lld test pictures right</h1>\n<p>%s</p>\n<p>After each epoch:", r->data->name,
            100.0 * (double)r->final->correct / (double)r->final->count, (long long)r->final->count, r->recipe);
    for (int64_t e = 0; e < r->epochs; e++) fprintf(out, " %.2f %%", 100 * r->accuracy[e]);
    fprintf(out, "</p>\n");
    write_loss(out, r);
    write_confusion(out, r);
    torsh_status status = write_pictures(out, r);
    fprintf(out, "</body></html>\n");
    bool written = !ferror(out);
    if (fclose(out) != 0 || !written) return TORSH_IO_ERROR;
    return status;
}
