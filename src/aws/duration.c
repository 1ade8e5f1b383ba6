/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/duration.h"

#include <ctype.h>

#include "aws/validate_json.h"
#include "base/arena.h"

/* Longest first, so that "ms" is not taken for "m". */
static const struct {
    struct str name;
    double ms;
} units[] = {
    {STR("ns"), 1e-6}, {STR("us"), 1e-3}, {STR("\xc2\xb5s"), 1e-3}, {STR("ms"), 1},
    {STR("s"), 1e3},   {STR("m"), 6e4},   {STR("h"), 3.6e6},
};

static bool failed(struct arena *arena, const char *what, struct str text, struct str *ret_error) {
    struct str q = validate_json_quote(arena, text);
    *ret_error = str_format(arena, "time: %s duration %.*s", what, STR_ARG(q));
    return false;
}

/* "12.5" off the front of *rest. */
static bool take_number(struct str *rest, double *ret_number) {
    double n = 0, scale = 1;
    size_t i = 0, digits = 0;
    bool fraction = false;
    for (; i < rest->len &&
           (isdigit((unsigned char)rest->at[i]) || (rest->at[i] == '.' && !fraction));
         i++) {
        if (rest->at[i] == '.') {
            fraction = true;
            continue;
        }
        digits++;
        n = n * 10 + (rest->at[i] - '0');
        if (fraction)
            scale *= 10;
    }
    *rest = str_slice(*rest, i, rest->len);
    *ret_number = n / scale;
    return digits > 0;
}

bool duration_parse(struct arena *arena, struct str text, int64_t *ret_ms, struct str *ret_error) {
    struct str rest = text;
    double total = 0, sign = 1;
    if (rest.len > 0 && (rest.at[0] == '-' || rest.at[0] == '+')) {
        sign = rest.at[0] == '-' ? -1 : 1;
        rest = str_slice(rest, 1, rest.len);
    }
    if (str_eq(rest, S("0"))) {
        *ret_ms = 0;
        return true;
    }
    if (rest.len == 0)
        return failed(arena, "invalid", text, ret_error);
    while (rest.len > 0) {
        double n;
        if (!take_number(&rest, &n))
            return failed(arena, "invalid", text, ret_error);
        if (rest.len == 0)
            return failed(arena, "missing unit in", text, ret_error);
        size_t u = 0;
        while (u < COUNT(units) && !str_starts(rest, units[u].name))
            u++;
        if (u == COUNT(units))
            return failed(arena, "invalid", text, ret_error);
        total += n * units[u].ms;
        rest = str_slice(rest, units[u].name.len, rest.len);
    }
    if (total > 9e15)
        return failed(arena, "invalid", text, ret_error);
    *ret_ms = (int64_t)(sign * total);
    return true;
}
