/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unified_diff.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/diff_list.h"

#define AROUND 3

struct side {
    struct str *lines; /* newlines included */
    size_t n;
};

/* One line of the result: ' ' in both, '-' before only, '+' after only. */
struct row {
    char mark;
    struct str line;
    size_t before_line, after_line; /* lines of each side that come before this row */
};

struct rows {
    struct arena *scratch;
    struct side before, after;
    struct row *at;
    size_t n, cap;
    size_t n_before, n_after;
};

static struct side split_lines(struct arena *scratch, struct str text) {
    struct side side = {0};
    size_t cap = 0;
    while (text.len) {
        ptrdiff_t newline = str_find_byte(text, '\n');
        size_t end = newline < 0 ? text.len : (size_t)newline + 1;
        side.lines = arena_grow(scratch, side.lines, side.n, &cap, sizeof *side.lines);
        side.lines[side.n++] = str_slice(text, 0, end);
        text = str_slice(text, end, text.len);
    }
    return side;
}

static void add_row(struct rows *rows, char mark, struct str line) {
    rows->at = arena_grow(rows->scratch, rows->at, rows->n, &rows->cap, sizeof *rows->at);
    rows->at[rows->n++] = (struct row){mark, line, rows->n_before, rows->n_after};
    rows->n_before += mark != '+';
    rows->n_after += mark != '-';
}

static void visit(void *context, size_t before_at, size_t after_at) {
    struct rows *rows = context;
    bool in_before = before_at < rows->before.n, in_after = after_at < rows->after.n;
    if (in_before)
        add_row(rows, in_after ? ' ' : '-', rows->before.lines[before_at]);
    else if (in_after)
        add_row(rows, '+', rows->after.lines[after_at]);
}

/* Equal lines on both ends cost nothing then. */
static void compare(struct rows *rows, struct side before, struct side after) {
    size_t head = 0, tail = 0;
    while (head < before.n && head < after.n && str_eq(before.lines[head], after.lines[head]))
        add_row(rows, ' ', before.lines[head++]);
    while (tail < before.n - head && tail < after.n - head &&
           str_eq(before.lines[before.n - 1 - tail], after.lines[after.n - 1 - tail]))
        tail++;
    rows->before = (struct side){before.lines + head, before.n - head - tail};
    rows->after = (struct side){after.lines + head, after.n - head - tail};
    diff_list_lines(rows->scratch, rows->before.lines, rows->before.n, rows->after.lines,
                    rows->after.n, visit, rows);
    for (size_t i = before.n - tail; i < before.n; i++)
        add_row(rows, ' ', before.lines[i]);
}

static void write_range(struct buf *out, char mark, size_t start, size_t n) {
    buf_addf(out, "%c%zu", mark, n ? start + 1 : start);
    if (n != 1)
        buf_addf(out, ",%zu", n);
}

static void write_hunk(struct buf *out, const struct row *rows, size_t n) {
    size_t in_before = 0, in_after = 0;
    for (size_t i = 0; i < n; i++) {
        in_before += rows[i].mark != '+';
        in_after += rows[i].mark != '-';
    }
    buf_add_c(out, "@@ ");
    write_range(out, '-', rows[0].before_line, in_before);
    buf_byte(out, ' ');
    write_range(out, '+', rows[0].after_line, in_after);
    buf_add_c(out, " @@\n");
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, rows[i].mark);
        buf_add(out, rows[i].line);
        if (!str_ends(rows[i].line, S("\n")))
            buf_add_c(out, "\n\\ No newline at end of file\n");
    }
}

/* The next changed row at or behind i. */
static size_t next_change(const struct rows *rows, size_t i) {
    while (i < rows->n && rows->at[i].mark == ' ')
        i++;
    return i;
}

static void write_hunks(struct buf *out, const struct rows *rows) {
    for (size_t i = next_change(rows, 0); i < rows->n;) {
        size_t start = i > AROUND ? i - AROUND : 0, end = i + 1;
        /* Changes whose surroundings touch share a hunk. */
        while ((i = next_change(rows, end)) < rows->n && i - end <= 2 * AROUND)
            end = i + 1;
        end = end + AROUND < rows->n ? end + AROUND : rows->n;
        write_hunk(out, rows->at + start, end - start);
    }
}

void unified_diff_write(struct buf *out, struct arena *scratch, struct str name, struct str before,
                        struct str after) {
    if (str_eq(before, after))
        return;
    struct rows rows = {.scratch = scratch};
    compare(&rows, split_lines(scratch, before), split_lines(scratch, after));
    buf_addf(out, "--- old/%.*s\n+++ new/%.*s\n", STR_ARG(name), STR_ARG(name));
    write_hunks(out, &rows);
}
