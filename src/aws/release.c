/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/release.h"

#include <ctype.h>

#include "base/arena.h"

struct release {
    int64_t part[3];
    size_t n; /* parts given */
};

enum relation { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, PESSIMISTIC };

struct constraint {
    enum relation relation;
    struct release release;
};

static bool parse_release(struct str text, struct release *ret) {
    struct release r = {0};
    struct str rest = str_trim(text), part;
    if (str_starts(rest, S("v")))
        rest = str_slice(rest, 1, rest.len);
    while (r.n < 3 && rest.len > 0 && str_split(&rest, '.', &part)) {
        if (part.len == 0 || part.len > 9)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            if (!isdigit((unsigned char)part.at[i]))
                return false;
            r.part[r.n] = r.part[r.n] * 10 + (part.at[i] - '0');
        }
        r.n++;
    }
    *ret = r;
    return r.n > 0 && rest.len == 0;
}

static bool parse_constraint(struct str text, struct constraint *ret) {
    static const struct {
        struct str sign;
        enum relation relation;
    } signs[] = {
        {STR("~>"), PESSIMISTIC}, {STR(">="), GREATER_EQUAL}, {STR("<="), LESS_EQUAL},
        {STR("!="), NOT_EQUAL},   {STR(">"), GREATER},        {STR("<"), LESS},
        {STR("="), EQUAL},
    };
    struct str rest = str_trim(text);
    ret->relation = EQUAL;
    for (size_t i = 0; i < COUNT(signs); i++)
        if (str_starts(rest, signs[i].sign)) {
            ret->relation = signs[i].relation;
            rest = str_slice(rest, signs[i].sign.len, rest.len);
            break;
        }
    return parse_release(rest, &ret->release);
}

static int compare(const struct release *a, const struct release *b) {
    for (size_t i = 0; i < 3; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

/* "~> 6.1": at least 6.1, and equal in all but the last part given. */
static bool pessimistic(const struct release *r, const struct release *bound) {
    for (size_t i = 0; i + 1 < bound->n; i++)
        if (r->part[i] != bound->part[i])
            return false;
    return compare(r, bound) >= 0;
}

static bool admits(const struct constraint *c, const struct release *r) {
    int order = compare(r, &c->release);
    switch (c->relation) {
    case EQUAL:
        return order == 0;
    case NOT_EQUAL:
        return order != 0;
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case GREATER:
        return order > 0;
    case GREATER_EQUAL:
        return order >= 0;
    case PESSIMISTIC:
        return pessimistic(r, &c->release);
    }
    return false;
}

struct search {
    const struct constraint *at;
    size_t n;
    struct release best;
    bool found;
};

static void consider(struct search *s, struct release r) {
    if (r.part[0] < 5 || r.part[0] > 6 || (s->found && compare(&r, &s->best) <= 0))
        return;
    for (size_t i = 0; i < s->n; i++)
        if (!admits(&s->at[i], &r))
            return;
    s->best = r;
    s->found = true;
}

/* The releases just below, at and above a bound, which decide whether anything satisfies it. */
static void consider_around(struct search *s, const struct release *bound) {
    struct release r = *bound;
    consider(s, r);
    consider(s, (struct release){{r.part[0], r.part[1], r.part[2] + 1}, 3});
    consider(s, (struct release){{r.part[0], r.part[1] + 1, 0}, 3});
    if (r.part[2] > 0)
        consider(s, (struct release){{r.part[0], r.part[1], r.part[2] - 1}, 3});
    if (r.part[1] > 0)
        consider(s, (struct release){{r.part[0], r.part[1] - 1, 0}, 3});
}

struct str release_choose(struct arena *arena, const struct str *constraints, size_t n) {
    struct constraint *list = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < n; i++) {
        struct str rest = constraints[i], part;
        while (rest.len > 0 && str_split(&rest, ',', &part)) {
            list = arena_grow(arena, list, count, &cap, sizeof *list);
            if (!parse_constraint(part, &list[count]))
                return S("");
            count++;
        }
    }
    static const struct release known[] = {
        {{6, 64, 0}, 3}, {{6, 0, 0}, 3}, {{5, 100, 0}, 3}, {{5, 0, 0}, 3}};
    struct search s = {.at = list, .n = count};
    for (size_t i = 0; i < COUNT(known) && !s.found; i++)
        consider(&s, known[i]);
    for (size_t i = 0; i < count && !s.found; i++)
        consider_around(&s, &list[i].release);
    if (!s.found)
        return S("");
    return str_format(arena, "%lld.%lld.%lld", (long long)s.best.part[0], (long long)s.best.part[1],
                      (long long)s.best.part[2]);
}
