/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_scan.h"

#include "base/arena.h"
#include "base/json.h"

static bool fail(struct state_scan *scan) {
    scan->failed = true;
    return false;
}

static void skip_blank(struct state_scan *scan) {
    while (scan->at < scan->text.len) {
        char c = scan->text.at[scan->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return;
        scan->at++;
    }
}

static char peek(struct state_scan *scan) {
    skip_blank(scan);
    return scan->at < scan->text.len ? scan->text.at[scan->at] : '\0';
}

bool state_scan_open(struct state_scan *scan, char bracket) {
    if (scan->failed || peek(scan) != bracket)
        return false;
    scan->at++;
    scan->started = false;
    return true;
}

/* Between elements: takes the comma, or the closing bracket and says false. */
static bool next(struct state_scan *scan, char closing) {
    if (scan->failed)
        return false;
    char c = peek(scan);
    if (c == closing) {
        scan->at++;
        scan->started = true; /* the value that ends here was an element of what holds it */
        return false;
    }
    if (scan->started) {
        if (c != ',')
            return fail(scan);
        scan->at++;
        (void)peek(scan);
    }
    scan->started = true;
    return true;
}

static bool skip_string(struct state_scan *scan) {
    const char *at = scan->text.at;
    size_t i = scan->at + 1;
    while (i < scan->text.len && at[i] != '"') {
        if ((unsigned char)at[i] < 0x20) {
            scan->at = i;
            return fail(scan);
        }
        i += at[i] == '\\' ? 2 : 1;
    }
    if (i >= scan->text.len) {
        scan->at = scan->text.len;
        return fail(scan);
    }
    scan->at = i + 1;
    return true;
}

bool state_scan_member(struct state_scan *scan, struct arena *arena, struct str *ret_name) {
    if (!next(scan, '}'))
        return false;
    if (peek(scan) != '"')
        return fail(scan);
    size_t start = scan->at;
    struct str name;
    if (!skip_string(scan))
        return false;
    if (!state_scan_string(arena, str_slice(scan->text, start, scan->at), &name) ||
        peek(scan) != ':')
        return fail(scan);
    scan->at++;
    *ret_name = name;
    return true;
}

bool state_scan_item(struct state_scan *scan) {
    return next(scan, ']');
}

static bool skip_scalar(struct state_scan *scan) {
    size_t start = scan->at;
    while (scan->at < scan->text.len) {
        char c = scan->text.at[scan->at];
        bool part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' ||
                    c == '.' || c == 'E';
        if (!part)
            break;
        scan->at++;
    }
    struct str word = str_slice(scan->text, start, scan->at);
    bool number = word.len > 0 && (word.at[0] == '-' || (word.at[0] >= '0' && word.at[0] <= '9'));
    if (number || str_eq(word, S("null")) || str_eq(word, S("true")) || str_eq(word, S("false")))
        return true;
    scan->at = start;
    return fail(scan);
}

/* What may come next inside nested values. */
enum expect { EXPECT_VALUE, EXPECT_VALUE_OR_END, EXPECT_NAME, EXPECT_NAME_OR_END, EXPECT_COMMA };

struct nesting {
    uint8_t is_object[JSON_MAX_DEPTH];
    size_t depth;
    enum expect expect;
};

static bool close_one(struct state_scan *scan, struct nesting *nesting, char c) {
    bool object = nesting->is_object[nesting->depth - 1];
    if (c != (object ? '}' : ']'))
        return fail(scan);
    scan->at++;
    nesting->depth--;
    nesting->expect = EXPECT_COMMA;
    return true;
}

static bool open_one(struct state_scan *scan, struct nesting *nesting, char c) {
    if (nesting->depth == JSON_MAX_DEPTH)
        return fail(scan);
    scan->at++;
    nesting->is_object[nesting->depth++] = c == '{';
    nesting->expect = c == '{' ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
    return true;
}

static bool step_name(struct state_scan *scan, struct nesting *nesting, char c) {
    if (c == '}' && nesting->expect == EXPECT_NAME_OR_END)
        return close_one(scan, nesting, c);
    if (c != '"' || !skip_string(scan))
        return fail(scan);
    if (peek(scan) != ':')
        return fail(scan);
    scan->at++;
    nesting->expect = EXPECT_VALUE;
    return true;
}

static bool step_value(struct state_scan *scan, struct nesting *nesting, char c) {
    if (c == ']' && nesting->expect == EXPECT_VALUE_OR_END)
        return close_one(scan, nesting, c);
    nesting->expect = EXPECT_COMMA;
    if (c == '{' || c == '[')
        return open_one(scan, nesting, c);
    return c == '"' ? skip_string(scan) : skip_scalar(scan);
}

static bool step_comma(struct state_scan *scan, struct nesting *nesting, char c) {
    if (c != ',')
        return close_one(scan, nesting, c);
    scan->at++;
    nesting->expect = nesting->is_object[nesting->depth - 1] ? EXPECT_NAME : EXPECT_VALUE;
    return true;
}

bool state_scan_raw(struct state_scan *scan, struct str *ret_raw) {
    struct nesting nesting;
    nesting.depth = 0;
    nesting.expect = EXPECT_VALUE;
    if (scan->failed)
        return false;
    (void)peek(scan);
    size_t start = scan->at;
    do {
        char c = peek(scan);
        bool ok = false;
        switch (nesting.expect) {
        case EXPECT_VALUE:
        case EXPECT_VALUE_OR_END:
            ok = step_value(scan, &nesting, c);
            break;
        case EXPECT_NAME:
        case EXPECT_NAME_OR_END:
            ok = step_name(scan, &nesting, c);
            break;
        case EXPECT_COMMA:
            ok = step_comma(scan, &nesting, c);
            break;
        }
        if (!ok)
            return false;
    } while (nesting.depth > 0);
    scan->started = true;
    *ret_raw = str_slice(scan->text, start, scan->at);
    return true;
}

bool state_scan_end(struct state_scan *scan) {
    (void)peek(scan);
    return !scan->failed && scan->at == scan->text.len;
}

bool state_scan_string(struct arena *arena, struct str raw, struct str *ret_text) {
    if (raw.len < 2 || raw.at[0] != '"')
        return false;
    struct str inner = str_slice(raw, 1, raw.len - 1);
    if (str_find_byte(inner, '\\') < 0) {
        *ret_text = inner;
        return true;
    }
    struct json_error error;
    const struct json *json = json_parse(arena, raw, &error);
    if (json == NULL || json->kind != JSON_STRING)
        return false;
    *ret_text = json->text;
    return true;
}

bool state_scan_null(struct str raw) {
    return str_eq(raw, S("null"));
}
