/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/csv.h"

#include "base/arena.h"
#include "base/buf.h"

static int peek(const struct csv *csv, size_t ahead) {
    return csv->at + ahead < csv->text.len ? (unsigned char)csv->text.at[csv->at + ahead] : -1;
}

static size_t newline(const struct csv *csv) {
    if (peek(csv, 0) == '\n')
        return 1;
    return peek(csv, 0) == '\r' && peek(csv, 1) == '\n' ? 2 : 0;
}

static bool fail(struct csv *csv, const char *what) {
    csv->error = str_format(csv->arena, "CSV parse error on line %zu: %s", csv->line, what);
    return false;
}

static void add_field(struct csv *csv, struct csv_row *row, struct str text) {
    row->fields = arena_grow(csv->arena, row->fields, row->n, &row->cap, sizeof *row->fields);
    row->fields[row->n++] = text;
}

static bool plain_field(struct csv *csv, struct csv_row *row) {
    size_t start = csv->at;
    while (peek(csv, 0) >= 0 && peek(csv, 0) != ',' && !newline(csv)) {
        if (peek(csv, 0) == '"')
            return fail(csv, "bare \" in non-quoted-field");
        csv->at++;
    }
    struct str text = str_slice(csv->text, start, csv->at);
    if (csv->at == csv->text.len && str_ends(text, S("\r")))
        text.len--;
    add_field(csv, row, text);
    return true;
}

/* At the opening quote. */
static bool quoted_field(struct csv *csv, struct csv_row *row) {
    struct buf out;
    size_t line = csv->line;
    buf_init(&out, BUF_MAX_TEXT);
    csv->at++;
    for (;; csv->at++) {
        int c = peek(csv, 0);
        if (c < 0 || (c == '"' && peek(csv, 1) != '"'))
            break;
        if (c == '"' || (c == '\r' && peek(csv, 1) == '\n'))
            csv->at++;
        line += peek(csv, 0) == '\n';
        buf_byte(&out, csv->text.at[csv->at]);
    }
    add_field(csv, row, buf_take(&out, csv->arena));
    if (peek(csv, 0) < 0) {
        csv->line = line;
        return fail(csv, "extraneous or missing \" in quoted-field");
    }
    csv->at++;
    if (peek(csv, 0) >= 0 && peek(csv, 0) != ',' && !newline(csv))
        return fail(csv, "extraneous or missing \" in quoted-field");
    csv->line = line;
    return true;
}

static bool read_row(struct csv *csv, struct csv_row *row) {
    for (;;) {
        if (!(peek(csv, 0) == '"' ? quoted_field(csv, row) : plain_field(csv, row)))
            return false;
        if (peek(csv, 0) != ',')
            return true;
        csv->at++;
    }
}

bool csv_next(struct csv *csv, struct csv_row *ret_row) {
    struct csv_row row = {0};
    csv->error = S("");
    csv->line++;
    for (size_t n; (n = newline(csv)) > 0; csv->line++)
        csv->at += n;
    size_t first_line = csv->line;
    if (peek(csv, 0) < 0 || !read_row(csv, &row))
        return false;
    csv->at += newline(csv);
    if (csv->n_fields && row.n != csv->n_fields) {
        csv->line = first_line;
        return fail(csv, "wrong number of fields");
    }
    csv->n_fields = row.n;
    *ret_row = row;
    return true;
}
