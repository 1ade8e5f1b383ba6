/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/gostring.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

void gostring_quote(struct buf *out, struct str text) {
    static const char from[] = "\a\b\f\n\r\t\v\\\"";
    static const char to[] = "abfnrtv\\\"";
    size_t n;
    buf_byte(out, '"');
    for (size_t at = 0; at < text.len; at += n) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        ptrdiff_t escape =
            rune < 128 ? str_find_byte((struct str){from, sizeof from - 1}, (char)rune) : -1;
        if (escape >= 0) {
            buf_byte(out, '\\');
            buf_byte(out, to[escape]);
        } else if (rune == UTF8_INVALID) {
            buf_addf(out, "\\x%02x", (unsigned char)text.at[at]);
        } else if (utf8_is_printable(rune)) {
            buf_add(out, str_slice(text, at, at + n));
        } else {
            buf_addf(out,
                     rune < 0x80      ? "\\x%02x"
                     : rune < 0x10000 ? "\\u%04x"
                                      : "\\U%08x",
                     (unsigned)rune);
        }
    }
    buf_byte(out, '"');
}

static void write_type(struct buf *out, const struct type *type) {
    switch (type->kind) {
    case TYPE_BOOL:
        buf_add(out, S("cty.Bool"));
        return;
    case TYPE_NUMBER:
        buf_add(out, S("cty.Number"));
        return;
    case TYPE_STRING:
        buf_add(out, S("cty.String"));
        return;
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_MAP:
        buf_add(out, type->kind == TYPE_LIST  ? S("cty.List(")
                     : type->kind == TYPE_SET ? S("cty.Set(")
                                              : S("cty.Map("));
        write_type(out, type->element);
        buf_byte(out, ')');
        return;
    case TYPE_TUPLE:
        buf_add(out, S("cty.Tuple([]cty.Type{"));
        for (uint32_t i = 0; i < type->n; i++) {
            if (i > 0)
                buf_add(out, S(", "));
            write_type(out, type->items[i]);
        }
        buf_add(out, S("})"));
        return;
    case TYPE_OBJECT:
        if (type->n == 0) {
            buf_add(out, S("cty.EmptyObject"));
            return;
        }
        buf_add(out, S("cty.Object(map[string]cty.Type{"));
        for (uint32_t i = 0; i < type->n; i++) {
            if (i > 0)
                buf_add(out, S(", "));
            gostring_quote(out, intern_str(type->names[i]));
            buf_byte(out, ':');
            write_type(out, type->items[i]);
        }
        buf_add(out, S("})"));
        return;
    case TYPE_DYNAMIC:
    case TYPE_TYPE:
        break;
    }
    buf_add(out, S("cty.DynamicPseudoType"));
}

static void write_value(struct buf *out, struct value v);

static void write_elements(struct buf *out, struct value v, struct str open) {
    bool keyed = v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
    buf_add(out, open);
    for (size_t i = 0; i < value_count(v); i++) {
        if (i > 0)
            buf_add(out, S(", "));
        if (keyed) {
            gostring_quote(out, value_key(v, i));
            buf_byte(out, ':');
        }
        write_value(out, value_at(v, i));
    }
    buf_add(out, S("})"));
}

static void write_empty(struct buf *out, struct value v) {
    const struct type *type = value_type(v);
    if (type->kind == TYPE_TUPLE) {
        buf_add(out, S("cty.EmptyTupleVal"));
    } else if (type->kind == TYPE_OBJECT) {
        buf_add(out, S("cty.EmptyObjectVal"));
    } else {
        buf_add(out, type->kind == TYPE_LIST  ? S("cty.ListValEmpty(")
                     : type->kind == TYPE_SET ? S("cty.SetValEmpty(")
                                              : S("cty.MapValEmpty("));
        write_type(out, type->element);
        buf_byte(out, ')');
    }
}

static void write_number(struct buf *out, struct value v) {
    if (v.kind == VALUE_INT) {
        buf_addf(out, "cty.NumberIntVal(%lld)", (long long)v.integer);
        return;
    }
    buf_add(out, S("cty.NumberFloatVal("));
    value_write_number(out, v);
    buf_byte(out, ')');
}

static void write_value(struct buf *out, struct value v) {
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        buf_add(out, v.kind == VALUE_NULL ? S("cty.NullVal(") : S("cty.UnknownVal("));
        write_type(out, value_type(v));
        buf_byte(out, ')');
        return;
    case VALUE_BOOL:
        buf_add(out, v.boolean ? S("cty.True") : S("cty.False"));
        return;
    case VALUE_INT:
    case VALUE_BIGNUM:
        write_number(out, v);
        return;
    case VALUE_STRING:
        buf_add(out, S("cty.StringVal("));
        gostring_quote(out, value_str(v));
        buf_byte(out, ')');
        return;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_TUPLE:
    case VALUE_MAP:
    case VALUE_OBJECT: {
        static const struct str opens[] = {
            [VALUE_LIST] = STR("cty.ListVal([]cty.Value{"),
            [VALUE_SET] = STR("cty.SetVal([]cty.Value{"),
            [VALUE_TUPLE] = STR("cty.TupleVal([]cty.Value{"),
            [VALUE_MAP] = STR("cty.MapVal(map[string]cty.Value{"),
            [VALUE_OBJECT] = STR("cty.ObjectVal(map[string]cty.Value{"),
        };
        if (value_count(v) == 0)
            write_empty(out, v);
        else
            write_elements(out, v, opens[v.kind]);
        return;
    }
    case VALUE_TYPE:
        break;
    }
    buf_add(out, S("cty.DynamicVal"));
}

struct str gostring_value(struct arena *arena, struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    write_value(&out, v);
    return buf_take(&out, arena);
}
