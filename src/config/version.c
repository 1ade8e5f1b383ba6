/* SPDX-License-Identifier: Apache-2.0 */
#include "config/version.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"

static bool is_label(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '.' || c == '~';
        if (!ok)
            return false;
    }
    return text.len > 0;
}

bool version_parse(struct str text, struct version *ret_version) {
    struct version version = {.prerelease = S(""), .metadata = S("")};
    if (text.len > 0 && text.at[0] == 'v')
        text = str_slice(text, 1, text.len);
    ptrdiff_t plus = str_find_byte(text, '+');
    if (plus >= 0) {
        version.metadata = str_slice(text, (size_t)plus + 1, text.len);
        text = str_slice(text, 0, (size_t)plus);
        if (!is_label(version.metadata))
            return false;
    }
    ptrdiff_t dash = str_find_byte(text, '-');
    if (dash >= 0) {
        version.prerelease = str_slice(text, (size_t)dash + 1, text.len);
        text = str_slice(text, 0, (size_t)dash);
        if (!is_label(version.prerelease))
            return false;
    }
    if (text.len == 0)
        return false;
    struct str part;
    while (str_split(&text, '.', &part)) {
        if (version.n_parts == 3 || part.len == 0 || part.at[0] < '0' || part.at[0] > '9' ||
            !str_to_int(part, &version.parts[version.n_parts]))
            return false;
        version.n_parts++;
    }
    *ret_version = version;
    return true;
}

/* Semantic versioning's order of one dot-separated identifier. */
static int part_order(struct str a, struct str b) {
    int64_t x = 0;
    int64_t y = 0;
    bool a_number = str_to_int(a, &x);
    bool b_number = str_to_int(b, &y);
    if (a_number && b_number)
        return x < y ? -1 : x > y;
    if (a_number != b_number)
        return a_number ? -1 : 1;
    return str_cmp(a, b);
}

static int prerelease_order(struct str a, struct str b) {
    if (a.len == 0 || b.len == 0)
        return a.len == b.len ? 0 : a.len == 0 ? 1 : -1;
    for (;;) {
        struct str x;
        struct str y;
        bool more_a = str_split(&a, '.', &x);
        bool more_b = str_split(&b, '.', &y);
        if (!more_a || !more_b)
            return more_a == more_b ? 0 : more_a ? 1 : -1;
        int order = part_order(x, y);
        if (order != 0)
            return order;
    }
}

int version_order(const struct version *a, const struct version *b) {
    for (size_t i = 0; i < COUNT(a->parts); i++)
        if (a->parts[i] != b->parts[i])
            return a->parts[i] < b->parts[i] ? -1 : 1;
    return prerelease_order(a->prerelease, b->prerelease);
}

static enum version_op take_op(struct str *text) {
    static const struct {
        struct str sign;
        enum version_op op;
    } ops[] = {
        {STR(">="), VERSION_GREATER_EQUAL}, {STR("<="), VERSION_LESS_EQUAL},
        {STR("!="), VERSION_NOT_EQUAL},     {STR("~>"), VERSION_PESSIMISTIC},
        {STR("="), VERSION_EQUAL},          {STR(">"), VERSION_GREATER},
        {STR("<"), VERSION_LESS},
    };
    for (size_t i = 0; i < COUNT(ops); i++) {
        if (str_starts(*text, ops[i].sign)) {
            *text = str_slice(*text, ops[i].sign.len, text->len);
            return ops[i].op;
        }
    }
    return VERSION_EQUAL;
}

bool version_parse_constraints(struct arena *arena, struct str text,
                               struct version_constraints *ret_constraints) {
    struct version_constraints constraints = {.n = 0};
    size_t cap = 0;
    struct str part;
    if (text.at == NULL)
        text = S("");
    while (str_split(&text, ',', &part)) {
        struct version_constraint constraint;
        part = str_trim(part);
        constraint.op = take_op(&part);
        if (!version_parse(str_trim(part), &constraint.version))
            return false;
        constraints.at =
            arena_grow(arena, constraints.at, constraints.n, &cap, sizeof *constraints.at);
        constraints.at[constraints.n++] = constraint;
    }
    *ret_constraints = constraints;
    return true;
}

/* Operators as they follow each other at one version. */
static int op_rank(enum version_op op) {
    static const int ranks[] = {
        [VERSION_GREATER] = 0,     [VERSION_GREATER_EQUAL] = 1, [VERSION_EQUAL] = 2,
        [VERSION_PESSIMISTIC] = 3, [VERSION_LESS_EQUAL] = 4,    [VERSION_LESS] = 5,
        [VERSION_NOT_EQUAL] = 6,
    };
    return ranks[op];
}

static int constraint_order(const void *a, const void *b) {
    const struct version_constraint *x = a, *y = b;
    int order = version_order(&x->version, &y->version);
    return order ? order : op_rank(x->op) - op_rank(y->op);
}

static struct str constraint_text(struct arena *arena, const struct version_constraint *c) {
    static const char *const signs[] = {
        [VERSION_EQUAL] = "",
        [VERSION_NOT_EQUAL] = "!= ",
        [VERSION_GREATER] = "> ",
        [VERSION_LESS] = "< ",
        [VERSION_GREATER_EQUAL] = ">= ",
        [VERSION_LESS_EQUAL] = "<= ",
        [VERSION_PESSIMISTIC] = "~> ",
    };
    const struct version *v = &c->version;
    struct str text =
        str_format(arena, "%s%" PRId64 ".%" PRId64, signs[c->op], v->parts[0], v->parts[1]);
    if (c->op != VERSION_PESSIMISTIC || v->n_parts > 2)
        text = str_format(arena, "%.*s.%" PRId64, STR_ARG(text), v->parts[2]);
    if (v->prerelease.len)
        text = str_format(arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(v->prerelease));
    return text;
}

struct str version_constraints_text(struct arena *arena, struct str text) {
    struct version_constraints all;
    if (!text.len || !version_parse_constraints(arena, text, &all))
        return text;
    struct str *texts = arena_array(arena, all.n, sizeof *texts);
    size_t n = 0;
    qsort(all.at, all.n, sizeof *all.at, constraint_order);
    for (size_t i = 0; i < all.n; i++) {
        struct str one = constraint_text(arena, &all.at[i]);
        if (n == 0 || !str_eq(texts[n - 1], one))
            texts[n++] = one;
    }
    return str_join(arena, texts, n, S(", "));
}

static bool same_numbers(const struct version *a, const struct version *b) {
    return a->parts[0] == b->parts[0] && a->parts[1] == b->parts[1] && a->parts[2] == b->parts[2];
}

/* ~> 1.2.3 fixes all but the last number that was written. */
static bool pessimistic(const struct version *version, const struct version *base) {
    if (version_order(version, base) < 0)
        return false;
    for (int i = 0; i < base->n_parts - 1; i++)
        if (version->parts[i] != base->parts[i])
            return false;
    return true;
}

static bool holds(const struct version *version, const struct version_constraint *constraint) {
    const struct version *base = &constraint->version;
    int order = version_order(version, base);
    bool ordered =
        version->prerelease.len == 0 || (base->prerelease.len > 0 && same_numbers(version, base));
    switch (constraint->op) {
    case VERSION_EQUAL:
        return order == 0;
    case VERSION_NOT_EQUAL:
        return order != 0;
    case VERSION_GREATER:
        return ordered && order > 0;
    case VERSION_GREATER_EQUAL:
        return ordered && order >= 0;
    case VERSION_LESS:
        return ordered && order < 0;
    case VERSION_LESS_EQUAL:
        return ordered && order <= 0;
    case VERSION_PESSIMISTIC:
        return ordered && pessimistic(version, base);
    }
    return false;
}

bool version_allowed(const struct version *version, const struct version_constraints *constraints) {
    for (size_t i = 0; i < constraints->n; i++)
        if (!holds(version, &constraints->at[i]))
            return false;
    return true;
}

bool version_admitted(struct arena *arena, const struct version *version, const struct str *texts,
                      size_t n) {
    struct version_constraints wanted;
    for (size_t i = 0; i < n; i++)
        if (!version_parse_constraints(arena, texts[i], &wanted) ||
            !version_allowed(version, &wanted))
            return false;
    return true;
}
