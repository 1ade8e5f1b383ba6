/* SPDX-License-Identifier: Apache-2.0 */
/* Values back to the text of the language. */
#include "provider/builtin_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

static bool is_identifier(struct str text) {
    size_t n;
    uint32_t rune = utf8_decode(text, &n);
    if (text.len == 0 || !utf8_is_id_start(rune))
        return false;
    for (size_t at = n; at < text.len; at += n) {
        rune = utf8_decode(str_slice(text, at, text.len), &n);
        if (!utf8_is_id_continue(rune))
            return false;
    }
    return true;
}

/* One character of a quoted text; `$` and `%` are doubled where they would open a template. */
static void write_rune(struct buf *out, struct str text, size_t at, size_t n, uint32_t rune) {
    char next = at + n < text.len ? text.at[at + n] : 0;
    switch (rune) {
    case '\n':
        buf_add(out, S("\\n"));
        return;
    case '\r':
        buf_add(out, S("\\r"));
        return;
    case '\t':
        buf_add(out, S("\\t"));
        return;
    case '"':
        buf_add(out, S("\\\""));
        return;
    case '\\':
        buf_add(out, S("\\\\"));
        return;
    case '$':
    case '%':
        buf_byte(out, (char)rune);
        if (next == '{')
            buf_byte(out, (char)rune);
        return;
    default:
        break;
    }
    if (utf8_is_printable(rune))
        buf_add(out, str_slice(text, at, at + n));
    else
        buf_addf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
}

static void write_quoted(struct buf *out, struct str text) {
    size_t n;
    buf_byte(out, '"');
    for (size_t at = 0; at < text.len; at += n) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        write_rune(out, text, at, n, rune);
    }
    buf_byte(out, '"');
}

static void write_value(struct buf *out, struct value v);

static void write_object(struct buf *out, struct value v) {
    size_t n = value_count(v);
    if (n == 0) {
        buf_add(out, S("{}"));
        return;
    }
    buf_add(out, S("{\n"));
    for (size_t i = 0; i < n; i++) {
        struct str key = value_key(v, i);
        if (is_identifier(key))
            buf_add(out, key);
        else
            write_quoted(out, key);
        buf_add(out, S(" = "));
        write_value(out, value_at(v, i));
        buf_byte(out, '\n');
    }
    buf_byte(out, '}');
}

static void write_value(struct buf *out, struct value v) {
    switch ((enum value_kind)v.kind) {
    case VALUE_BOOL:
        buf_add(out, v.boolean ? S("true") : S("false"));
        return;
    case VALUE_INT:
    case VALUE_BIGNUM:
        value_write_number(out, v);
        return;
    case VALUE_STRING:
        write_quoted(out, value_str(v));
        return;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_TUPLE:
        buf_byte(out, '[');
        for (size_t i = 0; i < value_count(v); i++) {
            if (i > 0)
                buf_add(out, S(", "));
            write_value(out, value_at(v, i));
        }
        buf_byte(out, ']');
        return;
    case VALUE_MAP:
    case VALUE_OBJECT:
        write_object(out, v);
        return;
    case VALUE_NULL:
    case VALUE_UNKNOWN:
    case VALUE_TYPE:
        break;
    }
    buf_add(out, S("null"));
}

static struct value formatted(const struct builtin_hooks *hooks, struct arena *arena,
                              struct buf *raw) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    hooks->format(arena, buf_str(raw), &out);
    buf_clear(raw);
    struct str text = buf_take(&out, arena);
    return value_string(arena, text);
}

bool tfvars_encode(const struct builtin_hooks *hooks, struct arena *arena, struct value v,
                   struct value *ret_value, struct str *ret_error) {
    if (v.kind != VALUE_OBJECT && v.kind != VALUE_MAP) {
        *ret_error = S("invalid value to encode: must be an object whose attribute names will "
                       "become the encoded variable names");
        return false;
    }
    struct buf raw;
    buf_init(&raw, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < value_count(v); i++) {
        struct str name = value_key(v, i);
        if (!is_identifier(name)) {
            *ret_error = str_format(arena,
                                    "invalid variable name \"%.*s\": must be a valid identifier, "
                                    "per Terraform's rules for input variable declarations",
                                    STR_ARG(name));
            buf_clear(&raw);
            return false;
        }
        buf_add(&raw, name);
        buf_add(&raw, S(" = "));
        write_value(&raw, value_at(v, i));
        buf_byte(&raw, '\n');
    }
    *ret_value = formatted(hooks, arena, &raw);
    return true;
}

bool tfvars_encode_expr(const struct builtin_hooks *hooks, struct arena *arena, struct value v,
                        struct value *ret_value, struct str *ret_error) {
    (void)ret_error;
    /* Lines are laid out as those of an argument are, whose name is then taken off. */
    struct str name = S("x = ");
    struct buf raw;
    buf_init(&raw, BUF_MAX_DOCUMENT);
    buf_add(&raw, name);
    write_value(&raw, v);
    struct str text = value_str(formatted(hooks, arena, &raw));
    *ret_value = value_string_view(str_slice(text, name.len, text.len));
    return true;
}
