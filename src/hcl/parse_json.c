/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/parse_json.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/hint.h"

bool parse_json_is_invalid(const struct json *value) {
    return value->kind == JSON_NULL && value->start == value->end;
}

enum mark {
    MARK_EOF,
    MARK_PUNCTUATION, /* { } [ ] , : = */
    MARK_STRING,
    MARK_NUMBER,
    MARK_WORD,
    MARK_INVALID, /* nothing behind it is read */
};

struct lexeme {
    enum mark mark;
    char punctuation;
    uint32_t start, end;
};

struct reader {
    struct arena *arena;
    struct arena *scratch;
    struct diags *diags;
    struct str text;
    uint32_t file;
    uint32_t at;
    bool stopped;
    unsigned depth;
    struct span too_deep; /* the bracket that was one too many, if any */
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_number(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

static bool continues_word(char c) {
    return is_letter(c) || c == '_';
}

static bool continues_number(char c) {
    return starts_number(c) || c == 'e' || c == 'E';
}

static uint32_t run_end(struct str text, uint32_t at, bool (*continues)(char)) {
    while (at < text.len && continues(text.at[at]))
        at++;
    return at;
}

/* Behind the closing quote, or where the string breaks off. */
static uint32_t string_end(struct str text, uint32_t at) {
    for (at++; at < text.len; at++) {
        if (text.at[at] == '"')
            return at + 1;
        if ((uint8_t)text.at[at] < 32)
            return at;
        if (text.at[at] == '\\' && at + 1 < text.len && (uint8_t)text.at[at + 1] >= 32)
            at++;
    }
    return (uint32_t)text.len;
}

static struct lexeme peek(struct reader *r) {
    while (r->at < r->text.len && strchr(" \n\r\t", r->text.at[r->at]) && r->text.at[r->at])
        r->at++;
    uint32_t at = r->at;
    if (at >= r->text.len || r->stopped)
        return (struct lexeme){MARK_EOF, 0, at, at};
    char c = r->text.at[at];
    if (c && strchr("{}[],:=", c))
        return (struct lexeme){MARK_PUNCTUATION, c, at, at + 1};
    if (c == '"')
        return (struct lexeme){MARK_STRING, 0, at, string_end(r->text, at)};
    if (starts_number(c))
        return (struct lexeme){MARK_NUMBER, 0, at, run_end(r->text, at, continues_number)};
    if (is_letter(c))
        return (struct lexeme){MARK_WORD, 0, at, run_end(r->text, at, continues_word)};
    return (struct lexeme){MARK_INVALID, 0, at, at + 1};
}

static struct lexeme read(struct reader *r) {
    struct lexeme lexeme = peek(r);
    r->at = lexeme.end;
    if (lexeme.mark == MARK_INVALID)
        r->stopped = true;
    return lexeme;
}

static struct span span_of(const struct reader *r, struct lexeme lexeme) {
    return (struct span){r->file, lexeme.start, lexeme.end};
}

static bool is_mark(struct lexeme lexeme, char punctuation) {
    return lexeme.mark == MARK_PUNCTUATION && lexeme.punctuation == punctuation;
}

/* A null of no length; n keeps the length of the token where it should have begun. */
static struct json invalid_at(struct lexeme lexeme) {
    return (struct json){.kind = JSON_NULL,
                         .start = lexeme.start,
                         .end = lexeme.start,
                         .n = lexeme.end - lexeme.start};
}

/* Reads on to what closes the current object or array, beginning with `lexeme`. */
static void recover(struct reader *r, struct lexeme lexeme, char open, char close) {
    for (int level = 1;; lexeme = read(r)) {
        if (is_mark(lexeme, open))
            level++;
        if (is_mark(lexeme, close) && --level <= 1)
            return;
        if (lexeme.mark == MARK_EOF)
            return;
    }
}

static bool is_json_number(struct str text) {
    size_t at = 0, digits;
    if (at < text.len && text.at[at] == '-')
        at++;
    digits = at;
    while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
        at++;
    if (at == digits || (text.at[digits] == '0' && at > digits + 1))
        return false;
    if (at < text.len && text.at[at] == '.') {
        digits = ++at;
        while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
            at++;
        if (at == digits)
            return false;
    }
    if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
        at++;
        if (at < text.len && (text.at[at] == '+' || text.at[at] == '-'))
            at++;
        digits = at;
        while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
            at++;
        if (at == digits)
            return false;
    }
    return at == text.len;
}

static struct json read_number(struct reader *r) {
    struct lexeme lexeme = read(r);
    struct str text = str_slice(r->text, lexeme.start, lexeme.end);
    if (is_json_number(text))
        return (struct json){
            .kind = JSON_NUMBER, .text = text, .start = lexeme.start, .end = lexeme.end};
    diags_error(r->diags, span_of(r, lexeme), "Invalid JSON number",
                "There is a syntax error in the given JSON number.");
    return invalid_at(lexeme);
}

/* Four hexadecimal digits; false with *at on the first character that is none. */
static bool read_unit(struct str text, size_t *at, uint32_t *ret_unit) {
    uint32_t unit = 0;
    for (size_t end = *at + 4; *at < end; ++*at) {
        char c = *at < text.len ? text.at[*at] : '\0';
        if (c >= '0' && c <= '9')
            unit = unit << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            unit = unit << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    *ret_unit = unit;
    return true;
}

/* \uXXXX, two of them for a character beyond 16 bits; half a pair alone becomes U+FFFD. */
static bool read_unicode(struct str text, size_t *at, struct buf *out) {
    uint32_t unit, low;
    if (!read_unit(text, at, &unit))
        return false;
    if (unit >= 0xD800 && unit < 0xDC00 && *at + 1 < text.len && text.at[*at] == '\\' &&
        text.at[*at + 1] == 'u') {
        size_t second = *at + 2;
        if (read_unit(text, &second, &low) && low >= 0xDC00 && low < 0xE000) {
            *at = second;
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    buf_rune(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
    return true;
}

/* *at is behind a backslash. */
static bool read_escape(struct str text, size_t *at, struct buf *out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *at < text.len ? text.at[*at] : '\0';
    if (c == 'u') {
        ++*at;
        return read_unicode(text, at, out);
    }
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return false;
    buf_byte(out, to[found - from]);
    ++*at;
    return true;
}

/* The text between the quotes; false with *ret_bad at the first wrong byte. */
static bool decode_string(struct reader *r, struct str text, struct str *ret_text,
                          size_t *ret_bad) {
    bool plain = text.len >= 2 && text.at[text.len - 1] == '"' && utf8_valid(text) &&
                 str_find_byte(text, '\\') < 0;
    if (plain) {
        *ret_text = str_slice(text, 1, text.len - 1);
        return true;
    }
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    size_t at = 1, n;
    bool ok = true;
    while (ok && at < text.len && text.at[at] != '"') {
        if (text.at[at] == '\\') {
            at++;
            ok = read_escape(text, &at, &out);
        } else {
            uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
            buf_rune(&out, rune == UTF8_INVALID ? 0xFFFD : rune);
            at += n;
        }
    }
    ok = ok && at < text.len;
    *ret_bad = at < text.len ? at + 1 : text.len;
    if (ok)
        *ret_text = buf_take(&out, r->arena);
    else
        buf_clear(&out);
    return ok;
}

static struct json read_string(struct reader *r) {
    struct lexeme lexeme = read(r);
    struct str text;
    size_t bad;
    if (decode_string(r, str_slice(r->text, lexeme.start, lexeme.end), &text, &bad))
        return (struct json){
            .kind = JSON_STRING, .text = text, .start = lexeme.start, .end = lexeme.end};
    uint32_t at = lexeme.start + (uint32_t)bad;
    struct diag *diag =
        diags_error(r->diags, (struct span){r->file, at, at + 1}, "Invalid JSON string",
                    "There is a syntax error in the given JSON string.");
    diag->context = span_of(r, lexeme);
    return invalid_at(lexeme);
}

static void refuse_word(struct reader *r, struct lexeme lexeme, struct str word) {
    static const struct str foreign[] = {STR("undefined"), STR("NaN"), STR("Infinity")};
    static const struct str known[] = {STR("true"), STR("false"), STR("null")};
    for (size_t i = 0; i < COUNT(foreign); i++)
        if (str_eq(word, foreign[i])) {
            diags_error(r->diags, span_of(r, lexeme), "Invalid JSON keyword",
                        "The JavaScript identifier \"%.*s\" cannot be used in JSON.",
                        STR_ARG(word));
            return;
        }
    struct str hint = hint_did_you_mean(r->scratch, word, known, COUNT(known));
    diags_error(r->diags, span_of(r, lexeme), "Invalid JSON keyword",
                "\"%.*s\" is not a valid JSON keyword.%.*s", STR_ARG(word), STR_ARG(hint));
}

static struct json read_word(struct reader *r) {
    struct lexeme lexeme = read(r);
    struct str word = str_slice(r->text, lexeme.start, lexeme.end);
    struct json value = {.kind = JSON_BOOL, .start = lexeme.start, .end = lexeme.end};
    if (str_eq(word, S("true"))) {
        value.boolean = true;
    } else if (str_eq(word, S("null"))) {
        value.kind = JSON_NULL;
    } else if (!str_eq(word, S("false"))) {
        refuse_word(r, lexeme, word);
        return invalid_at(lexeme);
    }
    return value;
}

static struct json read_value(struct reader *r);

static void refuse_colon(struct reader *r, struct lexeme colon) {
    struct span at = span_of(r, colon);
    recover(r, colon, '{', '}');
    if (is_mark(colon, '}') || is_mark(colon, ','))
        diags_error(r->diags, at, "Missing object value",
                    "A JSON object attribute must have a value, introduced by a colon.");
    else if (is_mark(colon, '='))
        diags_error(r->diags, at, "Missing property value colon",
                    "JSON uses a colon as its name/value delimiter, not an equals sign.");
    else
        diags_error(r->diags, at, "Missing property value colon",
                    "A colon must appear between an object property's name and its value.");
}

/* What follows a member: true to go on with another, false at the end or after an error. */
static bool object_goes_on(struct reader *r, struct lexeme open, bool *ok) {
    struct lexeme next = peek(r);
    if (is_mark(next, '}'))
        return false;
    *ok = false;
    if (is_mark(next, ',')) {
        read(r);
        *ok = !is_mark(peek(r), '}');
        if (!*ok)
            diags_error(r->diags, span_of(r, next), "Trailing comma in object",
                        "JSON does not permit a trailing comma after the final property in an "
                        "object.");
        return *ok;
    }
    if (next.mark == MARK_EOF) {
        diags_error(r->diags, span_of(r, open), "Unclosed object",
                    "No closing brace was found for this JSON object.");
    } else if (is_mark(next, ']')) {
        read(r);
        diags_error(r->diags, span_of(r, peek(r)), "Mismatched braces",
                    "A JSON object must be closed with a brace, not a bracket.");
    } else {
        recover(r, read(r), '{', '}');
        diags_error(r->diags, span_of(r, peek(r)), "Missing attribute seperator comma",
                    "A comma must appear between each property definition in an object.");
    }
    return false;
}

static bool read_member(struct reader *r, struct json_member *ret_member) {
    struct json key = read_value(r);
    if (key.kind != JSON_STRING) {
        diags_error(r->diags, parse_json_start(r->file, &key), "Invalid object property name",
                    "A JSON object property name must be a string");
        return false;
    }
    struct lexeme colon = read(r);
    if (!is_mark(colon, ':')) {
        refuse_colon(r, colon);
        return false;
    }
    *ret_member = (struct json_member){
        .name = key.text,
        .name_start = key.start,
        .name_end = key.end,
        .value = read_value(r),
    };
    return true;
}

static struct json read_object(struct reader *r) {
    struct lexeme open = read(r);
    struct json_member *members = NULL, member;
    size_t n = 0, cap = 0;
    bool ok = true;
    if (!is_mark(peek(r), '}'))
        do {
            ok = read_member(r, &member);
            if (!ok)
                break;
            members = arena_grow(r->scratch, members, n, &cap, sizeof member);
            members[n++] = member;
        } while (object_goes_on(r, open, &ok));
    if (!ok)
        return invalid_at(open);
    struct lexeme close = read(r);
    return (struct json){
        .kind = JSON_OBJECT,
        .start = open.start,
        .end = close.end,
        .n = n,
        .members = arena_copy(r->arena, members, n * sizeof *members),
    };
}

/* As object_goes_on, for arrays. */
static bool array_goes_on(struct reader *r, struct lexeme open, bool *ok) {
    struct lexeme next = peek(r);
    if (is_mark(next, ']'))
        return false;
    *ok = false;
    if (is_mark(next, ',')) {
        read(r);
        *ok = !is_mark(peek(r), ']');
        if (!*ok)
            diags_error(r->diags, span_of(r, next), "Trailing comma in array",
                        "JSON does not permit a trailing comma after the final value in an "
                        "array.");
        return *ok;
    }
    recover(r, read(r), '[', ']');
    struct span at = span_of(r, peek(r));
    if (is_mark(next, ':'))
        diags_error(r->diags, at, "Invalid array value",
                    "A colon is not used to introduce values in a JSON array.");
    else if (next.mark == MARK_EOF)
        diags_error(r->diags, span_of(r, open), "Unclosed object",
                    "No closing bracket was found for this JSON array.");
    else if (is_mark(next, '}'))
        diags_error(r->diags, at, "Mismatched brackets",
                    "A JSON array must be closed with a bracket, not a brace.");
    else
        diags_error(r->diags, at, "Missing attribute seperator comma",
                    "A comma must appear between each value in an array.");
    return false;
}

static struct json read_array(struct reader *r) {
    struct lexeme open = read(r);
    struct json *items = NULL;
    size_t n = 0, cap = 0;
    bool ok = true;
    if (!is_mark(peek(r), ']'))
        do {
            struct json item = read_value(r);
            items = arena_grow(r->scratch, items, n, &cap, sizeof item);
            items[n++] = item;
        } while (array_goes_on(r, open, &ok));
    if (!ok)
        return invalid_at(open);
    struct lexeme close = read(r);
    return (struct json){
        .kind = JSON_ARRAY,
        .start = open.start,
        .end = close.end,
        .n = n,
        .items = arena_copy(r->arena, items, n * sizeof *items),
    };
}

static struct json refuse_value(struct reader *r, struct lexeme next) {
    const char *detail = "A JSON value must start with a brace, a bracket, a number, a string, or "
                         "a keyword.";
    struct span at = span_of(r, next);
    if (is_mark(next, '}'))
        diags_error(r->diags, at, "Missing JSON value", "%s", detail);
    else if (is_mark(next, ']'))
        diags_error(r->diags, at, "Missing array element value", "%s", detail);
    else if (next.mark == MARK_EOF)
        diags_error(r->diags, at, "Missing value", "The JSON data ends prematurely.");
    else
        diags_error(r->diags, at, "Invalid start of value", "%s", detail);
    return invalid_at(next);
}

static struct json read_nested(struct reader *r, struct lexeme next) {
    struct json value;
    if (++r->depth > JSON_MAX_DEPTH) {
        if (!r->too_deep.file)
            r->too_deep = span_of(r, next);
        r->stopped = true;
        value = invalid_at(next);
    } else {
        value = next.punctuation == '{' ? read_object(r) : read_array(r);
    }
    r->depth--;
    return value;
}

static struct json read_value(struct reader *r) {
    struct lexeme next = peek(r);
    switch (next.mark) {
    case MARK_STRING:
        return read_string(r);
    case MARK_NUMBER:
        return read_number(r);
    case MARK_WORD:
        return read_word(r);
    case MARK_PUNCTUATION:
        if (next.punctuation == '{' || next.punctuation == '[')
            return read_nested(r, next);
        return refuse_value(r, next);
    default:
        return refuse_value(r, next);
    }
}

struct span parse_json_start(uint32_t file, const struct json *value) {
    if (parse_json_is_invalid(value))
        return (struct span){file, value->start, value->start + (uint32_t)value->n};
    bool nested = value->kind == JSON_OBJECT || value->kind == JSON_ARRAY;
    return (struct span){file, value->start, nested ? value->start + 1 : value->end};
}

struct body *parse_json_file(struct arena *arena, const struct sources *sources, uint32_t file,
                             struct diags *diags) {
    struct reader r = {.arena = arena,
                       .scratch = arena_new(),
                       .diags = diags,
                       .text = sources_bytes(sources, file),
                       .file = file};
    if (r.text.len >= UINT32_MAX) {
        diags_error(diags, (struct span){file, 0, 0}, "Source too large",
                    "Sources must be smaller than 4 GB.");
        r.text = S("{}");
    }
    size_t before = diags->n_errors, n_before = diags->n;
    struct json *root = arena_alloc(arena, sizeof *root);
    *root = read_value(&r);
    struct lexeme next = peek(&r);
    if (diags->n_errors == before && next.mark != MARK_EOF)
        diags_error(diags, span_of(&r, next), "Extraneous data after value",
                    "Extra characters appear after the JSON value.");
    if (r.too_deep.file) {
        /* Every open level has complained of its missing end. */
        diags_truncate(diags, n_before);
        diags_error(diags, r.too_deep, "JSON value nested too deeply",
                    "JSON objects and arrays may be nested at most %d levels deep.",
                    JSON_MAX_DEPTH);
        *root = (struct json){.kind = JSON_OBJECT};
    } else if (root->kind != JSON_OBJECT && root->kind != JSON_ARRAY) {
        diags_error(diags, parse_json_start(file, root), "Root value must be object",
                    "The root value in a JSON-based configuration must be either a JSON object or "
                    "a JSON array of objects.");
        *root = (struct json){.kind = JSON_OBJECT};
    }
    arena_free(r.scratch);
    sources_set_json(sources, file, root);
    struct body *body = arena_alloc(arena, sizeof *body);
    *body = (struct body){
        .is_json = true,
        .json = root,
        .sources = sources,
        .span = {file, root->start, root->end},
        .missing_item = {file, root->end ? root->end - 1 : 0, root->end},
    };
    return body;
}

static struct expr *new_expr(struct arena *arena, enum expr_kind kind, uint32_t file,
                             uint32_t start, uint32_t end) {
    struct expr *expr = expr_new(arena, kind, (struct span){file, start, end});
    expr->json = true;
    return expr;
}

/*
 * Places inside the string are exact only before its first escape, as in the reference. Text
 * without a sequence needs no parser. What is wrong with a template matters only to who evaluates
 * it: elsewhere the string is plain text.
 */
static struct expr *string_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                                struct str text, uint32_t start, uint32_t end) {
    if (str_find(text, S("${")) < 0 && str_find(text, S("%{")) < 0) {
        struct expr *literal = new_expr(arena, EXPR_LITERAL, file, start, end);
        literal->literal = value_string(arena, text);
        return literal;
    }
    struct diags found = {.arena = arena};
    struct expr *expr = parse_template_at(arena, sources, file, text, start + 1, &found);
    if (diags_failed(&found)) {
        expr = new_expr(arena, EXPR_INVALID, file, start, end);
        expr->errors = arena_copy(arena, &found, sizeof found);
        return expr;
    }
    expr->json = true;
    expr->start = start;
    expr->end = end;
    return expr;
}

static void adopt(struct expr *parent, const struct expr *child) {
    unsigned height = child->height + 1u;
    if (height > parent->height)
        parent->height = (uint16_t)height;
}

static struct expr *array_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                               const struct json *value) {
    struct expr *expr = new_expr(arena, EXPR_TUPLE, file, value->start, value->end);
    struct expr **items = arena_array(arena, value->n, sizeof(struct expr *));
    for (size_t i = 0; i < value->n; i++) {
        items[i] = parse_json_expr(arena, sources, file, &value->items[i]);
        adopt(expr, items[i]);
    }
    expr->list = (struct expr_list){items, (uint32_t)value->n};
    return expr;
}

static struct expr *object_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                                const struct json *value) {
    struct expr *expr = new_expr(arena, EXPR_OBJECT, file, value->start, value->end);
    struct object_item *items = arena_array(arena, value->n, sizeof *items);
    for (size_t i = 0; i < value->n; i++) {
        const struct json_member *member = &value->members[i];
        items[i].key =
            string_expr(arena, sources, file, member->name, member->name_start, member->name_end);
        items[i].value = parse_json_expr(arena, sources, file, &member->value);
        adopt(expr, items[i].key);
        adopt(expr, items[i].value);
    }
    expr->items = (struct object_items){items, (uint32_t)value->n};
    return expr;
}

static struct expr *scalar_expr(struct arena *arena, uint32_t file, const struct json *value) {
    struct expr *expr = new_expr(arena, EXPR_LITERAL, file, value->start, value->end);
    if (parse_json_is_invalid(value))
        expr->kind = EXPR_INVALID;
    else if (value->kind == JSON_BOOL)
        expr->literal = value_bool(value->boolean);
    else if (value->kind == JSON_NULL)
        expr->literal = value_null(type_dynamic);
    else if (!value_number_parse(arena, value->text, &expr->literal))
        expr->kind = EXPR_INVALID;
    if (expr->kind == EXPR_INVALID)
        expr->errors = NULL;
    return expr;
}

struct expr *parse_json_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                             const struct json *value) {
    switch (value->kind) {
    case JSON_STRING:
        return string_expr(arena, sources, file, value->text, value->start, value->end);
    case JSON_ARRAY:
        return array_expr(arena, sources, file, value);
    case JSON_OBJECT:
        return object_expr(arena, sources, file, value);
    default:
        return scalar_expr(arena, file, value);
    }
}
