/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pattern.h"

#include "base/utf8.h"

#define MAX_STEPS 4000000
#define MAX_DEPTH 3000

/*
 * Backtracking straight over the pattern's text. What still has to match behind the current piece
 * is a chain of `struct rest`, so that no pattern needs to be compiled or kept.
 */
struct rest {
    struct str pattern;
    const struct rest *next;
    /* Not NULL: this link repeats a group, `pattern` being what follows it. */
    const struct repeat *repeat;
    int count;
    size_t started;
};

struct repeat {
    struct str group; /* between the parentheses */
    int min, max;
};

struct matcher {
    struct str text;
    long steps;
    int depth;
};

static bool match(struct matcher *m, struct str pattern, size_t at, const struct rest *rest);

static uint32_t hex_at(struct str p, size_t *at, size_t digits) {
    uint32_t rune = 0;
    for (size_t i = 0; i < digits && *at < p.len; i++, (*at)++) {
        char c = p.at[*at];
        rune = rune << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return rune;
}

/* Behind the backslash of \uXXXX or \x{X...}: the code point. */
static uint32_t numeric_escape(struct str p, size_t *at) {
    if (p.at[(*at)++] == 'u')
        return hex_at(p, at, 4);
    ptrdiff_t close = str_find_byte(str_slice(p, *at, p.len), '}');
    size_t digits = close > 0 ? (size_t)close - 1 : 0;
    (*at)++;
    uint32_t rune = hex_at(p, at, digits);
    (*at)++;
    return rune;
}

static bool is_digit(uint32_t rune) {
    return rune >= '0' && rune <= '9';
}

static bool is_word(uint32_t rune) {
    return is_digit(rune) || rune == '_' || ((rune | 32) >= 'a' && (rune | 32) <= 'z');
}

/* \p{L} \p{Z} \p{N}. Numbers: what is neither letter nor space but may continue a name. */
static bool in_property(char property, uint32_t rune) {
    if (property == 'L')
        return utf8_is_letter(rune);
    if (property == 'Z')
        return rune == ' ' || (rune > 0x85 && utf8_is_space(rune));
    return is_digit(rune) || (rune > 127 && !utf8_is_letter(rune) && utf8_is_id_continue(rune));
}

/* One item of a class at p[*at]: a range, a set escape or a character. */
static bool class_item(struct str p, size_t *at, uint32_t rune) {
    uint32_t low;
    if (p.at[*at] == '\\' && *at + 1 < p.len) {
        (*at)++;
        char c = p.at[*at];
        if (c == 'w' || c == 'd') {
            (*at)++;
            return c == 'w' ? is_word(rune) : is_digit(rune);
        }
        if (c == 'p') {
            char property = *at + 2 < p.len ? p.at[*at + 2] : 'L';
            *at += 4;
            return in_property(property, rune);
        }
        low = c == 'u' || c == 'x' ? numeric_escape(p, at) : (unsigned char)p.at[(*at)++];
    } else {
        low = (unsigned char)p.at[(*at)++];
    }
    uint32_t high = low;
    if (*at + 1 < p.len && p.at[*at] == '-' && p.at[*at + 1] != ']') {
        (*at)++;
        if (p.at[*at] == '\\') {
            (*at)++;
            char c = p.at[*at];
            high = c == 'u' || c == 'x' ? numeric_escape(p, at) : (unsigned char)p.at[(*at)++];
        } else {
            high = (unsigned char)p.at[(*at)++];
        }
    }
    return rune >= low && rune <= high;
}

/* Does rune match the single-character atom at p[0]? *ret_len is the atom's length. */
static bool atom_matches(struct str p, uint32_t rune, size_t *ret_len) {
    size_t at = 0;
    bool hit = false;
    if (p.at[0] == '[') {
        for (at = 1; at < p.len && p.at[at] != ']';)
            hit |= class_item(p, &at, rune);
        at++;
    } else if (p.at[0] == '.') {
        at = 1;
        hit = rune != '\n';
    } else {
        struct str single = p;
        /* Outside a class '-' makes no range. */
        if (p.at[0] != '\\' && p.len > 1)
            single.len = 1;
        else if (p.at[0] == '\\' && p.len > 2 && p.at[1] != 'u' && p.at[1] != 'x' && p.at[1] != 'p')
            single.len = 2;
        hit = class_item(single, &at, rune);
    }
    *ret_len = at;
    return hit;
}

/* Position behind the group or class that starts at p[0]. */
static size_t skip_group(struct str p) {
    int depth = 0;
    bool in_class = false;
    for (size_t i = 0; i < p.len; i++)
        if (p.at[i] == '\\')
            i++;
        else if (in_class)
            in_class = p.at[i] != ']';
        else if (p.at[i] == '[')
            in_class = true;
        else if (p.at[i] == '(')
            depth++;
        else if (p.at[i] == ')' && --depth == 0)
            return i + 1;
    return p.len;
}

static size_t read_number(struct str p, size_t at, int *ret_number) {
    int number = 0;
    for (; at < p.len && is_digit((unsigned char)p.at[at]); at++)
        number = number * 10 + (p.at[at] - '0');
    *ret_number = number;
    return at;
}

/* The quantifier at p[0]; its length, 0 when there is none. */
static size_t quantifier(struct str p, int *ret_min, int *ret_max) {
    char c = p.len ? p.at[0] : 0;
    *ret_min = *ret_max = 1;
    if (c == '*' || c == '+') {
        *ret_min = c == '+';
        *ret_max = INT32_MAX;
        return 1;
    }
    if (c == '?') {
        *ret_min = 0;
        return 1;
    }
    if (c != '{')
        return 0;
    size_t at = read_number(p, 1, ret_min);
    *ret_max = *ret_min;
    if (at < p.len && p.at[at] == ',') {
        size_t before = at + 1;
        at = read_number(p, before, ret_max);
        if (at == before)
            *ret_max = INT32_MAX;
    }
    return at + 1;
}

/* End of the first alternative of p at this level; p.len when there is only one. */
static size_t alternative_end(struct str p) {
    bool in_class = false;
    for (size_t i = 0; i < p.len; i++)
        if (p.at[i] == '\\')
            i++;
        else if (in_class)
            in_class = p.at[i] != ']';
        else if (p.at[i] == '[')
            in_class = true;
        else if (p.at[i] == '(')
            i += skip_group(str_slice(p, i, p.len)) - 1;
        else if (p.at[i] == '|')
            return i;
    return p.len;
}

static bool match_alternatives(struct matcher *m, struct str group, size_t at,
                               const struct rest *rest) {
    for (;;) {
        size_t end = alternative_end(group);
        if (match(m, str_slice(group, 0, end), at, rest))
            return true;
        if (end >= group.len)
            return false;
        group = str_slice(group, end + 1, group.len);
    }
}

static bool match_repeat(struct matcher *m, const struct repeat *repeat, int count, size_t at,
                         struct str after, const struct rest *rest) {
    if (count < repeat->max) {
        struct rest again = {
            .pattern = after, .next = rest, .repeat = repeat, .count = count + 1, .started = at};
        if (match_alternatives(m, repeat->group, at, &again))
            return true;
    }
    return count >= repeat->min && match(m, after, at, rest);
}

static bool match_group(struct matcher *m, struct str p, size_t at, const struct rest *rest) {
    size_t end = skip_group(p);
    struct str group = str_slice(p, 1, end - 1);
    struct str after = str_slice(p, end, p.len);
    if (str_starts(group, S("?!"))) {
        struct matcher ahead = {.text = m->text, .steps = m->steps, .depth = m->depth};
        static const struct rest anything = {.repeat = NULL, .count = -1};
        bool found = match_alternatives(&ahead, str_slice(group, 2, group.len), at, &anything);
        m->steps = ahead.steps;
        return !found && match(m, after, at, rest);
    }
    struct repeat repeat = {.group = group};
    size_t q = quantifier(after, &repeat.min, &repeat.max);
    return match_repeat(m, &repeat, 0, at, str_slice(after, q, after.len), rest);
}

/* What the chain behind the current piece demands. count -1 marks the end of a look-ahead. */
static bool match_rest(struct matcher *m, size_t at, const struct rest *rest) {
    if (!rest)
        return at == m->text.len;
    if (rest->count < 0)
        return true;
    if (rest->repeat) {
        /* An empty round would repeat for ever. */
        if (at == rest->started)
            return match(m, rest->pattern, at, rest->next);
        return match_repeat(m, rest->repeat, rest->count, at, rest->pattern, rest->next);
    }
    return match(m, rest->pattern, at, rest->next);
}

static bool match_atom(struct matcher *m, struct str p, size_t at, const struct rest *rest) {
    size_t atom, used = 0, start = at;
    int min, max, count = 0;
    (void)atom_matches(p, 0, &atom);
    if (atom == 0 || atom > p.len)
        return false;
    size_t q = quantifier(str_slice(p, atom, p.len), &min, &max);
    while (count < max && at < m->text.len) {
        uint32_t rune = utf8_decode(str_slice(m->text, at, m->text.len), &used);
        if (++m->steps > MAX_STEPS || !atom_matches(p, rune, &atom))
            break;
        at += used;
        count++;
    }
    struct str after = str_slice(p, atom + q, p.len);
    for (; count >= min; count--) {
        if (match(m, after, at, rest))
            return true;
        if (at == start || m->steps > MAX_STEPS)
            return false;
        /* One character back. */
        for (at--; at > start && ((unsigned char)m->text.at[at] & 0xC0) == 0x80;)
            at--;
    }
    return false;
}

static bool match(struct matcher *m, struct str p, size_t at, const struct rest *rest) {
    bool hit;
    if (++m->steps > MAX_STEPS || m->depth > MAX_DEPTH)
        return false;
    m->depth++;
    if (!p.len)
        hit = match_rest(m, at, rest);
    else if (p.at[0] == '^')
        hit = at == 0 && match(m, str_slice(p, 1, p.len), at, rest);
    else if (p.at[0] == '$')
        hit = at == m->text.len && match(m, str_slice(p, 1, p.len), at, rest);
    else if (p.at[0] == '(')
        hit = match_group(m, p, at, rest);
    else
        hit = match_atom(m, p, at, rest);
    m->depth--;
    return hit;
}

bool pattern_match(struct str pattern, struct str text) {
    struct matcher m = {.text = text};
    return match_alternatives(&m, pattern, 0, NULL);
}
