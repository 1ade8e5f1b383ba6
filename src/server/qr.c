/* SPDX-License-Identifier: Apache-2.0 */
#include "server/qr.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"

#define MAX_VERSION 16
#define MAX_SIDE (17 + 4 * MAX_VERSION)
#define MAX_CODEWORDS 733
#define SCALE 4
#define QUIET 4 /* modules of white around */

/* Level L by version: all codewords, check codewords a block, blocks, where alignment marks lie. */
static const struct version {
    uint16_t total;
    uint8_t check, blocks, align[4];
} versions[MAX_VERSION + 1] = {
    {0},
    {26, 7, 1, {0}},
    {44, 10, 1, {6, 18}},
    {70, 15, 1, {6, 22}},
    {100, 20, 1, {6, 26}},
    {134, 26, 1, {6, 30}},
    {172, 18, 2, {6, 34}},
    {196, 20, 2, {6, 22, 38}},
    {242, 24, 2, {6, 24, 42}},
    {292, 30, 2, {6, 26, 46}},
    {346, 18, 4, {6, 28, 50}},
    {404, 20, 4, {6, 30, 54}},
    {466, 24, 4, {6, 32, 58}},
    {532, 26, 4, {6, 34, 62}},
    {581, 30, 4, {6, 26, 46, 66}},
    {655, 22, 6, {6, 26, 48, 70}},
    {733, 24, 6, {6, 26, 50, 74}},
};

struct symbol {
    int version, side;
    uint8_t dark[MAX_SIDE][MAX_SIDE];
    uint8_t fixed[MAX_SIDE][MAX_SIDE]; /* not for data */
};

/* ---- Reed-Solomon over GF(256), polynomial 0x11d ---- */

static uint8_t multiply(uint8_t a, uint8_t b) {
    unsigned product = 0;
    for (int bit = 7; bit >= 0; bit--) {
        product = product << 1 ^ (product >> 7) * 0x11d;
        product ^= (b >> bit & 1) * a;
    }
    return (uint8_t)product;
}

static void check_words(const uint8_t *data, int n, int n_check, uint8_t *out) {
    uint8_t generator[32] = {0}, root = 1;
    generator[n_check - 1] = 1;
    for (int i = 0; i < n_check; i++) {
        for (int k = 0; k < n_check; k++) {
            generator[k] = multiply(generator[k], root);
            if (k + 1 < n_check)
                generator[k] ^= generator[k + 1];
        }
        root = multiply(root, 2);
    }
    memset(out, 0, (size_t)n_check);
    for (int i = 0; i < n; i++) {
        uint8_t factor = data[i] ^ out[0];
        memmove(out, out + 1, (size_t)n_check - 1);
        out[n_check - 1] = 0;
        for (int k = 0; k < n_check; k++)
            out[k] ^= multiply(generator[k], factor);
    }
}

/* ---- codewords ---- */

static int data_words(int version) {
    return versions[version].total - versions[version].check * versions[version].blocks;
}

static int count_bits(int version) {
    return version < 10 ? 8 : 16;
}

static int choose_version(size_t len) {
    int version = 1;
    while (version < MAX_VERSION &&
           4 + count_bits(version) + 8 * (int)len > 8 * data_words(version))
        version++;
    return version;
}

static void put_bits(uint8_t *words, int *at, unsigned value, int n) {
    for (int i = n - 1; i >= 0; i--, (*at)++)
        words[*at / 8] |= (uint8_t)((value >> i & 1) << (7 - *at % 8));
}

/* Mode, count, text, end, and padding in turn. */
static void fill_data(uint8_t *words, int version, struct str text) {
    int at = 0, n = data_words(version);
    put_bits(words, &at, 4, 4);
    put_bits(words, &at, (unsigned)text.len, count_bits(version));
    for (size_t i = 0; i < text.len; i++)
        put_bits(words, &at, (unsigned char)text.at[i], 8);
    at += 8 * n - at < 4 ? 8 * n - at : 4;
    at = (at + 7) / 8;
    for (int pad = 0xEC; at < n; at++, pad ^= 0xEC ^ 0x11)
        words[at] = (uint8_t)pad;
}

/* Blocks side by side: first all their data, then all their check words. */
static int interleave(const uint8_t *data, int version, uint8_t *out) {
    const struct version *v = &versions[version];
    int n = data_words(version), shortest = n / v->blocks, n_long = n % v->blocks, at = 0;
    uint8_t check[6][32];
    int start[6], length[6];
    for (int b = 0, from = 0; b < v->blocks; b++) {
        start[b] = from;
        length[b] = shortest + (b >= v->blocks - n_long);
        check_words(data + from, length[b], v->check, check[b]);
        from += length[b];
    }
    for (int i = 0; i <= shortest; i++)
        for (int b = 0; b < v->blocks; b++)
            if (i < length[b])
                out[at++] = data[start[b] + i];
    for (int i = 0; i < v->check; i++)
        for (int b = 0; b < v->blocks; b++)
            out[at++] = check[b][i];
    return at;
}

/* ---- modules ---- */

static void put(struct symbol *s, int x, int y, bool dark) {
    if (x < 0 || y < 0 || x >= s->side || y >= s->side)
        return;
    s->dark[y][x] = dark;
    s->fixed[y][x] = 1;
}

/* Concentric squares round a centre; ring `white` and what is beyond `radius` are light. */
static void put_mark(struct symbol *s, int cx, int cy, int radius, int white, int extent) {
    for (int y = -extent; y <= extent; y++)
        for (int x = -extent; x <= extent; x++) {
            int ring = abs(x) > abs(y) ? abs(x) : abs(y);
            put(s, cx + x, cy + y, ring != white && ring <= radius);
        }
}

static void put_alignment(struct symbol *s) {
    const uint8_t *at = versions[s->version].align;
    int n = 0;
    while (n < 4 && at[n])
        n++;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            bool corner = (i == 0 && k == 0) || (i == 0 && k == n - 1) || (i == n - 1 && k == 0);
            if (!corner)
                put_mark(s, at[i], at[k], 2, 1, 2);
        }
}

/* BCH remainder of value in front of `bits` check bits. */
static unsigned with_check(unsigned value, int bits, unsigned polynomial) {
    unsigned rest = value;
    for (int i = 0; i < bits; i++)
        rest = rest << 1 ^ (rest >> (bits - 1)) * polynomial;
    return value << bits | rest;
}

static void put_format(struct symbol *s) {
    /* Level L (01), mask 0. */
    unsigned format = with_check(1u << 3, 10, 0x537) ^ 0x5412;
    int n = s->side;
    for (int i = 0; i < 15; i++) {
        bool dark = format >> i & 1;
        int down = i < 6 ? i : i < 8 ? i + 1 : n - 15 + i;
        int across = i < 8 ? n - 1 - i : i == 8 ? 7 : 14 - i;
        put(s, 8, down, dark);
        put(s, across, 8, dark);
    }
    put(s, 8, n - 8, true);
    if (s->version < 7)
        return;
    unsigned version = with_check((unsigned)s->version, 12, 0x1F25);
    for (int i = 0; i < 18; i++) {
        int a = n - 11 + i % 3, b = i / 3;
        put(s, a, b, version >> i & 1);
        put(s, b, a, version >> i & 1);
    }
}

static void put_fixed(struct symbol *s) {
    for (int i = 0; i < s->side; i++) {
        put(s, 6, i, i % 2 == 0);
        put(s, i, 6, i % 2 == 0);
    }
    put_mark(s, 3, 3, 3, 2, 4);
    put_mark(s, s->side - 4, 3, 3, 2, 4);
    put_mark(s, 3, s->side - 4, 3, 2, 4);
    put_alignment(s);
    put_format(s);
}

/* Two columns at a time, from the right, up and down in turn, under mask 0. */
static void put_data(struct symbol *s, const uint8_t *words, int n) {
    int bit = 0;
    for (int right = s->side - 1; right >= 1; right -= 2) {
        if (right == 6)
            right = 5;
        for (int step = 0; step < s->side; step++) {
            bool up = ((right + 1) & 2) == 0;
            int y = up ? s->side - 1 - step : step;
            for (int x = right; x > right - 2; x--) {
                if (s->fixed[y][x])
                    continue;
                bool dark = bit < 8 * n && (words[bit / 8] >> (7 - bit % 8) & 1);
                bit++;
                s->dark[y][x] = dark ^ ((x + y) % 2 == 0);
            }
        }
    }
}

/* ---- PNG ---- */

static void add_u32(struct buf *out, uint32_t n) {
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (char)(n >> shift));
}

static void add_chunk(struct buf *out, const char *type, struct str data) {
    struct buf body;
    buf_init(&body, BUF_MAX_TEXT);
    buf_add_c(&body, type);
    buf_add(&body, data);
    add_u32(out, (uint32_t)data.len);
    buf_add(out, buf_str(&body));
    add_u32(out, digest_crc32(buf_str(&body)));
    buf_clear(&body);
}

/* One bit a pixel, 1 = white; each row behind a filter byte. */
static struct str pixels(struct arena *arena, const struct symbol *s) {
    size_t side = (size_t)(s->side + 2 * QUIET) * SCALE, row = (side + 7) / 8 + 1;
    uint8_t *raw = arena_alloc(arena, row * side);
    for (size_t y = 0; y < side; y++) {
        for (size_t x = 0; x < side; x++) {
            int mx = (int)(x / SCALE) - QUIET, my = (int)(y / SCALE) - QUIET;
            bool inside = mx >= 0 && my >= 0 && mx < s->side && my < s->side;
            if (!inside || !s->dark[my][mx])
                raw[y * row + 1 + x / 8] |= (uint8_t)(0x80 >> x % 8);
        }
    }
    uLongf packed = compressBound((uLong)(row * side));
    uint8_t *out = arena_alloc(arena, packed);
    if (compress2(out, &packed, raw, (uLong)(row * side), 9) != Z_OK)
        bug("zlib failed");
    return (struct str){(char *)out, packed};
}

struct str qr_png(struct arena *arena, struct str text) {
    struct symbol *s = arena_alloc(arena, sizeof *s);
    uint8_t data[MAX_CODEWORDS] = {0}, words[MAX_CODEWORDS];
    size_t most = (size_t)data_words(MAX_VERSION) - 3;
    if (text.len > most)
        text.len = most;
    s->version = choose_version(text.len);
    s->side = 17 + 4 * s->version;
    put_fixed(s);
    fill_data(data, s->version, text);
    put_data(s, words, interleave(data, s->version, words));

    struct buf out, head;
    buf_init(&out, BUF_MAX_TEXT);
    buf_init(&head, 64);
    buf_add(&out, S("\x89PNG\r\n\x1a\n"));
    add_u32(&head, (uint32_t)(s->side + 2 * QUIET) * SCALE);
    add_u32(&head, (uint32_t)(s->side + 2 * QUIET) * SCALE);
    buf_add(&head, S("\x01\x00\x00\x00\x00"));
    add_chunk(&out, "IHDR", buf_str(&head));
    add_chunk(&out, "IDAT", pixels(arena, s));
    add_chunk(&out, "IEND", S(""));
    buf_clear(&head);
    return buf_take(&out, arena);
}
