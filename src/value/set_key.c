/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of set elements that are neither strings, numbers nor bools is not specified, but it
 * shows in state files and plans, so it has to be the reference's: by these bytes.
 */
#include "base/arena.h"
#include "base/bignum.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "value/value_int.h"

static void write_number(struct buf *out, struct value v) {
    if (v.kind == VALUE_INT && v.integer > -10000000000 && v.integer < 10000000000) {
        buf_addf(out, "%lld", (long long)v.integer);
        return;
    }
    struct arena *scratch = arena_new();
    const struct bignum *b = v.kind == VALUE_INT ? bignum_from_int(scratch, v.integer) : v.bignum;
    bignum_format(out, b, 'g', 10);
    arena_free(scratch);
}

static void write_rune(struct buf *out, uint32_t rune) {
    static const char letters[] = "abtnvfr";
    if (rune >= 7 && rune <= 13)
        buf_addf(out, "\\%c", letters[rune - 7]);
    else if (rune == '"' || rune == '\\')
        buf_addf(out, "\\%c", (char)rune);
    else if (utf8_is_printable(rune))
        buf_rune(out, rune);
    else if (rune < 0x20 || rune == 0x7f)
        buf_addf(out, "\\x%02x", (unsigned)rune);
    else if (rune < 0x10000)
        buf_addf(out, "\\u%04x", (unsigned)rune);
    else
        buf_addf(out, "\\U%08x", (unsigned)rune);
}

/* As Go quotes text with %q. */
static void write_quoted(struct buf *out, struct str s) {
    buf_byte(out, '"');
    while (s.len) {
        size_t n;
        uint32_t rune = utf8_decode(s, &n);
        if (rune == UTF8_INVALID)
            buf_addf(out, "\\x%02x", (unsigned char)s.at[0]);
        else
            write_rune(out, rune);
        s = str_slice(s, n, s.len);
    }
    buf_byte(out, '"');
}

static void write_elements(struct buf *out, struct value v, char open, char close) {
    buf_byte(out, open);
    for (size_t i = 0; i < v.count; i++) {
        if (v.kind == VALUE_MAP) {
            write_quoted(out, v.group->keys[i]);
            buf_byte(out, ':');
        }
        set_key_write(out, v.group->at[i]);
        buf_byte(out, ';');
    }
    buf_byte(out, close);
}

void set_key_write(struct buf *out, struct value v) {
    switch ((enum value_kind)v.kind) {
    case VALUE_UNKNOWN:
        buf_byte(out, '?');
        break;
    case VALUE_NULL:
    case VALUE_TYPE:
        buf_byte(out, '~');
        break;
    case VALUE_BOOL:
        buf_byte(out, v.boolean ? 'T' : 'F');
        break;
    case VALUE_INT:
    case VALUE_BIGNUM:
        write_number(out, v);
        break;
    case VALUE_STRING:
        write_quoted(out, value_str(v));
        break;
    case VALUE_MAP:
        write_elements(out, v, '{', '}');
        break;
    case VALUE_LIST:
    case VALUE_SET:
        write_elements(out, v, '[', ']');
        break;
    case VALUE_TUPLE:
    case VALUE_OBJECT:
        write_elements(out, v, '<', '>');
        break;
    }
}

uint32_t set_key_hash(struct value v) {
    struct buf key;
    buf_init(&key, BUF_MAX_DOCUMENT);
    set_key_write(&key, v);
    uint32_t hash = digest_crc32(buf_str(&key));
    buf_clear(&key);
    return hash;
}
