/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

/* Above this many cells of the table a list is shown as removed and added as a whole. */
#define LCS_MAX_CELLS ((size_t)4000000)

static bool is_nil(struct value v) {
    return v.kind == VALUE_NULL || v.kind == VALUE_UNKNOWN;
}

static bool is_keyed(struct value v) {
    return v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
}

static bool is_items(struct value v) {
    return v.kind == VALUE_LIST || v.kind == VALUE_SET || v.kind == VALUE_TUPLE;
}

/* Members that are known; JSON leaves the others out. */
static size_t known_members(struct value v) {
    size_t n = 0;
    for (size_t i = 0; i < value_count(v); i++)
        n += value_at(v, i).kind != VALUE_UNKNOWN;
    return n;
}

static bool equal_keyed(struct value a, struct value b) {
    if (known_members(a) != known_members(b))
        return false;
    for (size_t i = 0; i < value_count(a); i++) {
        struct value x = value_at(a, i), y;
        if (x.kind == VALUE_UNKNOWN)
            continue;
        if (!value_get(b, value_key(a, i), &y) || y.kind == VALUE_UNKNOWN || !diff_list_equal(x, y))
            return false;
    }
    return true;
}

bool diff_list_equal(struct value a, struct value b) {
    if (is_nil(a) || is_nil(b))
        return is_nil(a) && is_nil(b);
    if (is_keyed(a) && is_keyed(b))
        return equal_keyed(a, b);
    if (is_items(a) && is_items(b)) {
        if (value_count(a) != value_count(b))
            return false;
        for (size_t i = 0; i < value_count(a); i++)
            if (!diff_list_equal(value_at(a, i), value_at(b, i)))
                return false;
        return true;
    }
    return value_same(value_unmark(a), value_unmark(b));
}

/* What the common subsequence needs to know of two sequences. */
struct sequences {
    size_t n_before, n_after;
    bool (*equal)(const struct sequences *s, size_t before_at, size_t after_at);
    bool (*changed)(const struct sequences *s, size_t before_at, size_t after_at);
    struct value before, after;
    const struct str *before_lines, *after_lines;
    bool objects;
};

/* length[i][j]: the longest common subsequence of the tails from i and j. */
static uint32_t *lcs_table(struct arena *scratch, const struct sequences *s) {
    size_t columns = s->n_after + 1;
    if (s->n_before && columns > LCS_MAX_CELLS / (s->n_before + 1))
        return NULL;
    uint32_t *length = arena_array(scratch, (s->n_before + 1) * columns, sizeof *length);
    for (size_t i = s->n_before; i-- > 0;) {
        for (size_t j = s->n_after; j-- > 0;) {
            uint32_t down = length[(i + 1) * columns + j], right = length[i * columns + j + 1];
            length[i * columns + j] = s->equal(s, i, j) ? length[(i + 1) * columns + j + 1] + 1
                                      : down > right    ? down
                                                        : right;
        }
    }
    return length;
}

/* Common elements as pairs, in order. */
static size_t common(struct arena *scratch, const struct sequences *s, size_t (**ret_pairs)[2]) {
    const uint32_t *length = lcs_table(scratch, s);
    size_t n = 0, i = 0, j = 0, columns = s->n_after + 1;
    size_t most = s->n_before < s->n_after ? s->n_before : s->n_after;
    size_t(*pairs)[2] = arena_array(scratch, most, sizeof *pairs);
    while (length && i < s->n_before && j < s->n_after) {
        if (s->equal(s, i, j)) {
            pairs[n][0] = i++;
            pairs[n++][1] = j++;
        } else if (length[(i + 1) * columns + j] >= length[i * columns + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    *ret_pairs = pairs;
    return n;
}

static void walk(struct arena *scratch, const struct sequences *s, diff_list_visit *visit,
                 void *context) {
    size_t(*pairs)[2], n = common(scratch, s, &pairs), i = 0, j = 0;
    for (size_t k = 0; k <= n; k++) {
        size_t end_i = k < n ? pairs[k][0] : s->n_before, end_j = k < n ? pairs[k][1] : s->n_after;
        while (i < end_i)
            if (j < end_j && s->changed(s, i, j))
                visit(context, i++, j++);
            else
                visit(context, i++, s->n_after);
        while (j < end_j)
            visit(context, s->n_before, j++);
        if (k < n)
            visit(context, i++, j++);
    }
}

static bool equal_values(const struct sequences *s, size_t i, size_t j) {
    return diff_list_equal(value_at(s->before, i), value_at(s->after, j));
}

static bool changed_values(const struct sequences *s, size_t i, size_t j) {
    return s->objects || (is_keyed(value_at(s->before, i)) && is_keyed(value_at(s->after, j)));
}

static bool is_kept(const struct sequences *s, size_t i) {
    if (s->equal(s, i, i))
        return true;
    for (size_t j = 0; j < s->n_after; j++)
        if (s->equal(s, i, j))
            return true;
    return false;
}

/* Lists of one length change element by element, unless nothing was taken out of the old one. */
static bool is_in_place(const struct sequences *s) {
    if (s->n_before != s->n_after)
        return false;
    if (s->objects || s->n_before > LCS_MAX_CELLS / (s->n_after + 1))
        return true;
    bool same = true, kept = true;
    for (size_t i = 0; same && i < s->n_before; i++)
        same = s->equal(s, i, i);
    for (size_t i = 0; !same && kept && i < s->n_before; i++)
        kept = is_kept(s, i);
    return same || !kept;
}

void diff_list_pairs(struct arena *scratch, struct value before, struct value after, bool objects,
                     diff_list_visit *visit, void *context) {
    struct sequences s = {
        .n_before = is_nil(before) ? 0 : value_count(before),
        .n_after = is_nil(after) ? 0 : value_count(after),
        .equal = equal_values,
        .changed = changed_values,
        .before = before,
        .after = after,
        .objects = objects,
    };
    if (is_in_place(&s)) {
        for (size_t i = 0; i < s.n_before; i++)
            visit(context, i, i);
        return;
    }
    walk(scratch, &s, visit, context);
}

static bool equal_lines(const struct sequences *s, size_t i, size_t j) {
    return str_eq(s->before_lines[i], s->after_lines[j]);
}

static bool never(const struct sequences *s, size_t i, size_t j) {
    (void)s;
    (void)i;
    (void)j;
    return false;
}

void diff_list_lines(struct arena *scratch, const struct str *before, size_t n_before,
                     const struct str *after, size_t n_after, diff_list_visit *visit,
                     void *context) {
    struct sequences s = {
        .n_before = n_before,
        .n_after = n_after,
        .equal = equal_lines,
        .changed = never,
        .before_lines = before,
        .after_lines = after,
    };
    walk(scratch, &s, visit, context);
}

struct ranked {
    struct value v;
    size_t at;
};

static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    int order = value_order(x->v, y->v);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Only elements that are wholly known can be equal to another. */
static size_t rank(struct arena *scratch, struct value set, struct ranked **ret_ranked) {
    size_t n = is_nil(set) ? 0 : value_count(set), kept = 0;
    struct ranked *ranked = arena_array(scratch, n, sizeof *ranked);
    for (size_t i = 0; i < n; i++) {
        struct value v = value_at(set, i);
        if (value_is_wholly_known(v))
            ranked[kept++] = (struct ranked){value_unmark_deep(scratch, v), i};
    }
    if (kept)
        qsort(ranked, kept, sizeof *ranked, by_value);
    *ret_ranked = ranked;
    return kept;
}

void diff_list_match_sets(struct arena *scratch, struct value before, struct value after,
                          size_t *pair, bool *taken) {
    struct ranked *b, *a;
    size_t n_all = is_nil(before) ? 0 : value_count(before);
    for (size_t i = 0; i < n_all; i++)
        pair[i] = SIZE_MAX;
    size_t n_before = rank(scratch, before, &b), n_after = rank(scratch, after, &a);
    for (size_t i = 0, j = 0; i < n_before && j < n_after;) {
        int order = value_order(b[i].v, a[j].v);
        if (order == 0) {
            pair[b[i].at] = a[j].at;
            taken[a[j].at] = true;
            i++;
            j++;
        } else if (order < 0) {
            i++;
        } else {
            j++;
        }
    }
}
