/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/console_format.h"

#include "base/arena.h"
#include "base/buf.h"
#include "eval/quote.h"

static void write_null(struct buf *out, const struct type *type) {
    struct arena *scratch = arena_new();
    const struct type *shown = type_is_collection(type) ? type->element : type;
    struct str name = type_friendly(scratch, shown);
    switch (type->kind) {
    case TYPE_DYNAMIC:
        buf_add_c(out, "null");
        break;
    case TYPE_STRING:
    case TYPE_NUMBER:
    case TYPE_BOOL:
        buf_addf(out, "to%.*s(null)", STR_ARG(name));
        break;
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_MAP:
        buf_addf(out, "to%s(null) /* of %.*s */",
                 type->kind == TYPE_LIST  ? "list"
                 : type->kind == TYPE_SET ? "set"
                                          : "map",
                 STR_ARG(name));
        break;
    default:
        buf_addf(out, "null /* %.*s */", STR_ARG(name));
    }
    arena_free(scratch);
}

/* Whether a line of text, without blanks around it, is EOT and `more` underscores. */
static bool has_delimiter(struct str text, size_t more) {
    struct str line;
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.len != 3 + more || !str_starts(line, S("EOT")))
            continue;
        size_t i = 3;
        while (i < line.len && line.at[i] == '_')
            i++;
        if (i == line.len)
            return true;
    }
    return false;
}

static void write_delimiter(struct buf *out, size_t more) {
    buf_add_c(out, "EOT");
    buf_fill(out, '_', more);
}

static void write_heredoc(struct buf *out, struct str text, int indent) {
    size_t more = 0;
    struct str line;
    while (has_delimiter(text, more))
        more++;
    buf_add_c(out, indent > 0 ? "<<-" : "<<");
    write_delimiter(out, more);
    while (str_split(&text, '\n', &line)) {
        buf_byte(out, '\n');
        buf_fill(out, ' ', (size_t)indent);
        buf_add(out, line);
    }
    buf_byte(out, '\n');
    buf_fill(out, ' ', (size_t)indent);
    write_delimiter(out, more);
}

static void write_text(struct buf *out, struct str text, int indent) {
    if (str_find_byte(text, '\n') >= 0)
        write_heredoc(out, text, indent);
    else
        quote_write(out, text);
}

static void write_elements(struct buf *out, struct value v, int indent) {
    bool mapping = v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
    size_t n = value_count(v);
    buf_byte(out, mapping ? '{' : '[');
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, '\n');
        buf_fill(out, ' ', (size_t)indent + 2);
        if (mapping) {
            write_text(out, value_key(v, i), indent + 2);
            buf_add_c(out, " = ");
        }
        console_format_value(out, value_at(v, i), indent + 2);
        if (!mapping)
            buf_byte(out, ',');
    }
    if (n) {
        buf_byte(out, '\n');
        buf_fill(out, ' ', (size_t)indent);
    }
    buf_byte(out, mapping ? '}' : ']');
}

static void write_collection(struct buf *out, struct value v, int indent) {
    const char *open = v.kind == VALUE_LIST  ? "tolist("
                       : v.kind == VALUE_SET ? "toset("
                       : v.kind == VALUE_MAP ? "tomap("
                                             : "";
    buf_add_c(out, open);
    write_elements(out, v, indent);
    if (*open)
        buf_byte(out, ')');
}

void console_format_value(struct buf *out, struct value v, int indent) {
    if (!value_is_known(v)) {
        buf_add_c(out, "(known after apply)");
        return;
    }
    if (value_marks(v) & (VALUE_SENSITIVE | VALUE_EPHEMERAL)) {
        buf_add_c(out,
                  value_marks(v) & VALUE_SENSITIVE ? "(sensitive value)" : "(ephemeral value)");
        return;
    }
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        write_null(out, value_type(v));
        break;
    case VALUE_BOOL:
        buf_add_c(out, v.boolean ? "true" : "false");
        break;
    case VALUE_INT:
    case VALUE_BIGNUM:
        value_write_number(out, v);
        break;
    case VALUE_STRING:
        write_text(out, value_str(v), indent);
        break;
    case VALUE_TYPE:
        type_write_hcl(out, v.type, indent);
        break;
    default:
        write_collection(out, v, indent);
    }
}
