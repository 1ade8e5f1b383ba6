/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coded here rather than with msgpack-c, whose reader stops at 32 levels of nesting, which the
 * schemas of large providers pass.
 */
#include "value/as_msgpack.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/bignum.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "value/value_int.h"

#define REFINED_EXT 0x0c
#define MAX_PREFIX 256
#define MAX_REFINEMENT 1024
#define MAX_DEPTH 500

enum refinement { NULLNESS = 1, PREFIX, NUMBER_MIN, NUMBER_MAX, LENGTH_MIN, LENGTH_MAX };

/* Writing. */

static void put_big_endian(struct buf *out, uint64_t word, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        buf_byte(out, (char)(word >> shift));
}

static void put_head(struct buf *out, int code, uint64_t word, int bytes) {
    buf_byte(out, (char)code);
    put_big_endian(out, word, bytes);
}

static void put_int(struct buf *out, int64_t i) {
    if (i >= -32 && i <= 0x7f)
        buf_byte(out, (char)i);
    else if (i >= 0 && i <= UINT8_MAX)
        put_head(out, 0xcc, (uint64_t)i, 1);
    else if (i >= 0 && i <= UINT16_MAX)
        put_head(out, 0xcd, (uint64_t)i, 2);
    else if (i >= 0 && i <= UINT32_MAX)
        put_head(out, 0xce, (uint64_t)i, 4);
    else if (i >= 0)
        put_head(out, 0xcf, (uint64_t)i, 8);
    else if (i >= INT8_MIN)
        put_head(out, 0xd0, (uint64_t)i, 1);
    else if (i >= INT16_MIN)
        put_head(out, 0xd1, (uint64_t)i, 2);
    else if (i >= INT32_MIN)
        put_head(out, 0xd2, (uint64_t)i, 4);
    else
        put_head(out, 0xd3, (uint64_t)i, 8);
}

static void put_bool(struct buf *out, bool b) {
    buf_byte(out, (char)(b ? 0xc3 : 0xc2));
}

static void put_str(struct buf *out, struct str s) {
    if (s.len < 32)
        buf_byte(out, (char)(0xa0 | s.len));
    else if (s.len <= UINT8_MAX)
        put_head(out, 0xd9, s.len, 1);
    else if (s.len <= UINT16_MAX)
        put_head(out, 0xda, s.len, 2);
    else
        put_head(out, 0xdb, s.len, 4);
    buf_add(out, s);
}

static void put_bin(struct buf *out, struct str s) {
    if (s.len <= UINT8_MAX)
        put_head(out, 0xc4, s.len, 1);
    else if (s.len <= UINT16_MAX)
        put_head(out, 0xc5, s.len, 2);
    else
        put_head(out, 0xc6, s.len, 4);
    buf_add(out, s);
}

static void put_array(struct buf *out, size_t n) {
    if (n < 16)
        buf_byte(out, (char)(0x90 | n));
    else if (n <= UINT16_MAX)
        put_head(out, 0xdc, n, 2);
    else
        put_head(out, 0xdd, n, 4);
}

static void put_map(struct buf *out, size_t n) {
    if (n < 16)
        buf_byte(out, (char)(0x80 | n));
    else if (n <= UINT16_MAX)
        put_head(out, 0xde, n, 2);
    else
        put_head(out, 0xdf, n, 4);
}

static void put_ext_head(struct buf *out, int type, size_t n) {
    static const struct {
        size_t n;
        int code;
    } fixed[] = {{1, 0xd4}, {2, 0xd5}, {4, 0xd6}, {8, 0xd7}, {16, 0xd8}};
    for (size_t i = 0; i < COUNT(fixed); i++)
        if (fixed[i].n == n) {
            put_head(out, fixed[i].code, (uint64_t)type, 1);
            return;
        }
    if (n <= UINT8_MAX)
        put_head(out, 0xc7, n, 1);
    else
        put_head(out, 0xc8, n, 2);
    buf_byte(out, (char)type);
}

static void put_double(struct buf *out, double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put_head(out, 0xcb, bits, 8);
}

static void put_number(struct buf *out, struct value v) {
    if (v.kind == VALUE_INT) {
        put_int(out, v.integer);
        return;
    }
    if (bignum_is_minus_zero(v.bignum)) {
        put_int(out, 0);
        return;
    }
    bool exact;
    double d = bignum_to_double(v.bignum, &exact);
    if (bignum_is_infinite(v.bignum) || (exact && !bignum_is_whole(v.bignum))) {
        put_double(out, d);
        return;
    }
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    bignum_write(&text, v.bignum);
    put_str(out, buf_str(&text));
    buf_clear(&text);
}

static void put_bound(struct buf *out, enum refinement key, struct value bound, bool inclusive) {
    put_int(out, key);
    put_array(out, 2);
    put_number(out, bound);
    put_bool(out, inclusive);
}

/* Cut so that what is left cannot combine with what may follow: a whole character less. */
static struct str safe_prefix(struct str prefix) {
    if (prefix.len <= MAX_PREFIX)
        return prefix;
    size_t n = MAX_PREFIX - 1;
    while (n && ((unsigned char)prefix.at[n] & 0xc0) == 0x80)
        n--;
    return str_slice(prefix, 0, n);
}

static size_t put_refinements(struct buf *out, const struct value_unknown *what) {
    size_t n = 0;
    if (what->not_null) {
        n++;
        put_int(out, NULLNESS);
        put_bool(out, false);
    }
    if (what->has_min) {
        n++;
        put_bound(out, NUMBER_MIN, what->min, what->min_inclusive);
    }
    if (what->has_max) {
        n++;
        put_bound(out, NUMBER_MAX, what->max, what->max_inclusive);
    }
    if (what->prefix.len) {
        n++;
        put_int(out, PREFIX);
        put_str(out, safe_prefix(what->prefix));
    }
    if (what->min_length > 0) {
        n++;
        put_int(out, LENGTH_MIN);
        put_int(out, what->min_length);
    }
    if (what->max_length > 0) {
        n++;
        put_int(out, LENGTH_MAX);
        put_int(out, what->max_length);
    }
    return n;
}

static void put_unknown(struct buf *out, struct value v) {
    struct value_unknown what = value_refinement(v);
    struct buf body, head;
    buf_init(&body, BUF_MAX_TEXT);
    buf_init(&head, 16);
    size_t n = put_refinements(&body, &what);
    if (!n) {
        put_ext_head(out, 0, 1);
        buf_byte(out, 0);
    } else {
        put_map(&head, n);
        put_ext_head(out, REFINED_EXT, head.len + body.len);
        buf_add(out, buf_str(&head));
        buf_add(out, buf_str(&body));
    }
    buf_clear(&body);
    buf_clear(&head);
}

static void put_elements(struct buf *out, struct value v, const struct type *type) {
    bool named = v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
    if (named)
        put_map(out, value_count(v));
    else
        put_array(out, value_count(v));
    for (size_t i = 0; i < value_count(v); i++) {
        if (named)
            put_str(out, value_key(v, i));
        as_msgpack_write(out, value_at(v, i), type->element ? type->element : type->items[i]);
    }
}

static void put_dynamic(struct buf *out, struct value v) {
    struct buf type;
    buf_init(&type, BUF_MAX_TEXT);
    type_write_json(&type, value_type(v));
    put_array(out, 2);
    put_bin(out, buf_str(&type));
    buf_clear(&type);
    as_msgpack_write(out, v, value_type(v));
}

void as_msgpack_write(struct buf *out, struct value v, const struct type *type) {
    if (type->kind == TYPE_DYNAMIC && value_type(v)->kind != TYPE_DYNAMIC) {
        put_dynamic(out, v);
        return;
    }
    switch ((enum value_kind)v.kind) {
    case VALUE_UNKNOWN:
        put_unknown(out, v);
        break;
    case VALUE_NULL:
    case VALUE_TYPE:
        buf_byte(out, (char)0xc0);
        break;
    case VALUE_BOOL:
        put_bool(out, v.boolean);
        break;
    case VALUE_INT:
    case VALUE_BIGNUM:
        put_number(out, v);
        break;
    case VALUE_STRING:
        put_str(out, value_str(v));
        break;
    default:
        put_elements(out, v, type);
        break;
    }
}

/* Reading. */

struct reader {
    struct arena *arena;
    struct convert_error *error;
    struct str rest;
    int depth;
};

static bool fail(struct reader *r, const struct trail *trail, struct str text) {
    *r->error = (struct convert_error){path_from_trail(r->arena, trail), text};
    return false;
}

static unsigned peek(const struct reader *r) {
    return r->rest.len ? (unsigned char)r->rest.at[0] : 0xc1; /* 0xc1 is never used */
}

static bool take_big_endian(struct reader *r, size_t bytes, uint64_t *ret_word) {
    if (r->rest.len < bytes)
        return false;
    uint64_t word = 0;
    for (size_t i = 0; i < bytes; i++)
        word = word << 8 | (unsigned char)r->rest.at[i];
    r->rest = str_slice(r->rest, bytes, r->rest.len);
    *ret_word = word;
    return true;
}

static bool take_bytes(struct reader *r, uint64_t n, struct str *ret_bytes) {
    if (r->rest.len < n)
        return false;
    *ret_bytes = str_slice(r->rest, 0, (size_t)n);
    r->rest = str_slice(r->rest, (size_t)n, r->rest.len);
    return true;
}

/*
 * A length: in the low bits of the code from `fixed` on (`fixed_count` codes), or behind one of
 * `codes`, which have 1, 2 and 4 bytes; 0 where there is none.
 */
static bool take_length(struct reader *r, unsigned fixed, unsigned fixed_count,
                        const unsigned codes[3], uint64_t *ret_n) {
    unsigned code = peek(r);
    if (code >= fixed && code < fixed + fixed_count) {
        *ret_n = code - fixed;
        r->rest = str_slice(r->rest, 1, r->rest.len);
        return true;
    }
    for (size_t i = 0; i < 3; i++)
        if (codes[i] && code == codes[i]) {
            r->rest = str_slice(r->rest, 1, r->rest.len);
            return take_big_endian(r, (size_t)1 << i, ret_n);
        }
    return false;
}

static bool take_str(struct reader *r, struct str *ret_text) {
    static const unsigned text[3] = {0xd9, 0xda, 0xdb}, bin[3] = {0xc4, 0xc5, 0xc6};
    uint64_t n;
    return (take_length(r, 0xa0, 32, text, &n) || take_length(r, 0, 0, bin, &n)) &&
           take_bytes(r, n, ret_text);
}

/* Each element takes a byte at least, so a longer count than the rest is a lie. */
static bool take_count(struct reader *r, bool map, size_t *ret_n) {
    static const unsigned arrays[3] = {0, 0xdc, 0xdd}, maps[3] = {0, 0xde, 0xdf};
    uint64_t n;
    if (!take_length(r, map ? 0x80 : 0x90, 16, map ? maps : arrays, &n) || n > r->rest.len)
        return false;
    *ret_n = (size_t)n;
    return true;
}

static struct value from_unsigned(struct reader *r, uint64_t word) {
    if (word <= INT64_MAX)
        return value_int((int64_t)word);
    struct str text = str_format(r->arena, "%llu", (unsigned long long)word);
    return value_bignum(bignum_parse(r->arena, text));
}

static bool take_float(struct reader *r, size_t bytes, struct value *ret_value) {
    uint64_t word;
    if (!take_big_endian(r, bytes, &word))
        return false;
    double d;
    if (bytes == 8) {
        memcpy(&d, &word, sizeof d);
    } else {
        uint32_t bits = (uint32_t)word;
        float f;
        memcpy(&f, &bits, sizeof f);
        d = (double)f;
    }
    if (isnan(d))
        return false;
    *ret_value = value_double(r->arena, d);
    return true;
}

static bool take_number(struct reader *r, struct value *ret_value) {
    unsigned code = peek(r);
    struct str text;
    if (take_str(r, &text))
        return value_number_parse(r->arena, text, ret_value);
    if (!r->rest.len)
        return false;
    r->rest = str_slice(r->rest, 1, r->rest.len);
    if (code <= 0x7f || code >= 0xe0) {
        *ret_value = value_int((int8_t)code);
        return true;
    }
    if (code == 0xca || code == 0xcb)
        return take_float(r, code == 0xca ? 4 : 8, ret_value);
    if (code < 0xcc || code > 0xd3)
        return false;
    size_t bytes = (size_t)1 << ((code - 0xcc) % 4);
    uint64_t word;
    if (!take_big_endian(r, bytes, &word))
        return false;
    unsigned unused_bits = 64 - 8 * (unsigned)bytes;
    if (code >= 0xd0)
        *ret_value = value_int((int64_t)(word << unused_bits) >> unused_bits);
    else
        *ret_value = from_unsigned(r, word);
    return true;
}

static bool take_bool(struct reader *r, bool *ret_bool) {
    unsigned code = peek(r);
    if (code != 0xc2 && code != 0xc3)
        return false;
    r->rest = str_slice(r->rest, 1, r->rest.len);
    *ret_bool = code == 0xc3;
    return true;
}

static bool read_value(struct reader *r, const struct type *type, const struct trail *trail,
                       struct value *ret_value);

static bool is_ext(unsigned code) {
    return (code >= 0xc7 && code <= 0xc9) || (code >= 0xd4 && code <= 0xd8);
}

static bool take_ext(struct reader *r, int *ret_type, struct str *ret_body) {
    unsigned code = peek(r);
    r->rest = str_slice(r->rest, 1, r->rest.len);
    uint64_t n, type;
    if (code >= 0xd4)
        n = (uint64_t)1 << (code - 0xd4);
    else if (!take_big_endian(r, (size_t)1 << (code - 0xc7), &n))
        return false;
    if (!take_big_endian(r, 1, &type) || !take_bytes(r, n, ret_body))
        return false;
    *ret_type = (int)type;
    return true;
}

static bool take_bound(struct reader *r, struct value *ret_number, bool *ret_inclusive) {
    size_t n;
    return take_count(r, false, &n) && n == 2 && take_number(r, ret_number) &&
           take_bool(r, ret_inclusive);
}

static bool take_length_bound(struct reader *r, int64_t *ret_n) {
    struct value v;
    return take_number(r, &v) && value_to_int(v, ret_n);
}

/* One key of the refinement map and what it says; false when malformed or unfit for the type. */
static bool take_refinement(struct reader *r, struct value_unknown *what, bool *ret_null) {
    struct value key;
    bool null;
    if (!take_number(r, &key) || key.kind != VALUE_INT)
        return false;
    bool number = what->type->kind == TYPE_NUMBER, counted = type_is_collection(what->type);
    switch (key.integer) {
    case NULLNESS:
        if (!take_bool(r, &null))
            return false;
        *ret_null = null;
        what->not_null = !null;
        return true;
    case PREFIX:
        return what->type->kind == TYPE_STRING && take_str(r, &what->prefix) &&
               utf8_valid(what->prefix);
    case NUMBER_MIN:
        return number && (what->has_min = take_bound(r, &what->min, &what->min_inclusive));
    case NUMBER_MAX:
        return number && (what->has_max = take_bound(r, &what->max, &what->max_inclusive));
    case LENGTH_MIN:
        return counted && take_length_bound(r, &what->min_length);
    case LENGTH_MAX:
        return counted && take_length_bound(r, &what->max_length);
    default:
        return false;
    }
}

static bool read_unknown(struct reader *r, const struct type *type, const struct trail *trail,
                         struct value *ret_value) {
    int kind;
    struct str body;
    if (!take_ext(r, &kind, &body))
        return fail(r, trail, S("failed to read msgpack extension body: unexpected EOF"));
    *ret_value = value_unknown(type);
    if (body.len <= 1)
        return true;
    if (kind != REFINED_EXT)
        return fail(r, trail,
                    str_format(r->arena, "unsupported extension type 0x%02x with len %zu",
                               (unsigned)kind, body.len));
    if (body.len > MAX_REFINEMENT)
        return fail(r, trail, S("oversize unknown value refinement"));
    struct reader inner = {r->arena, r->error, body, r->depth};
    size_t n;
    if (!take_count(&inner, true, &n))
        return fail(r, trail, S("failed to decode msgpack extension body: not a map"));
    if (type->kind == TYPE_DYNAMIC)
        return true;
    struct value_unknown what = {.type = type, .max_length = -1};
    bool null = false;
    for (size_t i = 0; i < n; i++)
        if (!take_refinement(&inner, &what, &null))
            return fail(r, trail, S("failed to decode msgpack extension body"));
    *ret_value = null ? value_null(type) : value_unknown_refined(r->arena, &what);
    return true;
}

static bool read_dynamic(struct reader *r, const struct trail *trail, struct value *ret_value) {
    size_t n;
    struct str text;
    if (peek(r) == 0xc0) {
        r->rest = str_slice(r->rest, 1, r->rest.len);
        *ret_value = value_null(type_dynamic);
        return true;
    }
    if (!take_count(r, false, &n) || n != 2)
        return fail(r, trail, S("dynamic value array must have exactly two elements"));
    struct json_error error;
    struct json *json = take_str(r, &text) ? json_parse(r->arena, text, &error) : NULL;
    const struct type *type = json ? type_from_json(r->arena, json) : NULL;
    if (!type)
        return fail(r, trail, S("invalid type in dynamic value"));
    return read_value(r, type, trail, ret_value);
}

static bool read_sequence(struct reader *r, const struct type *type, const struct trail *trail,
                          struct value *ret_value) {
    size_t n;
    if (!take_count(r, false, &n))
        return fail(r, trail,
                    type->kind == TYPE_LIST  ? S("a list is required")
                    : type->kind == TYPE_SET ? S("a set is required")
                                             : S("a tuple is required"));
    if (type->kind == TYPE_TUPLE && n != type->n)
        return fail(r, trail, str_format(r->arena, "a tuple of length %u is required", type->n));
    struct value *at = arena_array(r->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        struct trail step = {trail, {.kind = PATH_INDEX, .index = (int64_t)i}};
        if (!read_value(r, type->element ? type->element : type->items[i], &step, &at[i]))
            return false;
    }
    if (type->kind == TYPE_TUPLE) {
        *ret_value = value_tuple(r->arena, at, n);
        return true;
    }
    const struct type *element = type->element;
    if (element->has_dynamic && n)
        element = value_type(at[0]);
    *ret_value = type->kind == TYPE_LIST ? value_list(r->arena, element, at, n)
                                         : value_set(r->arena, element, at, n);
    return true;
}

static bool read_map(struct reader *r, const struct type *type, const struct trail *trail,
                     struct value *ret_value) {
    size_t n;
    if (!take_count(r, true, &n))
        return fail(r, trail, S("a map is required"));
    struct str *keys = arena_array(r->arena, n, sizeof *keys);
    struct value *at = arena_array(r->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        if (!take_str(r, &keys[i]))
            return fail(r, trail, S("non-string key in map"));
        struct trail step = {trail, {.kind = PATH_KEY, .name = keys[i]}};
        if (!read_value(r, type->element, &step, &at[i]))
            return false;
    }
    const struct type *element = type->element;
    if (element->has_dynamic && n)
        element = value_type(at[0]);
    *ret_value = value_map(r->arena, element, keys, at, n);
    return true;
}

static bool read_object(struct reader *r, const struct type *type, const struct trail *trail,
                        struct value *ret_value) {
    size_t n;
    if (!take_count(r, true, &n))
        return fail(r, trail, S("an object is required"));
    if (n != type->n)
        return fail(r, trail,
                    str_format(r->arena, "an object with %u attributes is required (%zu given)",
                               type->n, n));
    struct value *at = arena_array(r->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = value_null(type->items[i]);
    for (size_t i = 0; i < n; i++) {
        struct str name;
        if (!take_str(r, &name))
            return fail(r, trail, S("all keys must be strings"));
        struct trail step = {trail, {.kind = PATH_ATTR, .name = name}};
        ptrdiff_t to = type_attr(type, intern_name(name));
        if (to < 0)
            return fail(r, &step, S("unsupported attribute"));
        if (!read_value(r, type->items[to], &step, &at[to]))
            return false;
    }
    *ret_value = type->has_dynamic ? value_object(r->arena, type->names, at, n)
                                   : value_object_of(r->arena, type, at);
    return true;
}

static bool read_primitive(struct reader *r, const struct type *type, const struct trail *trail,
                           struct value *ret_value) {
    if (type->kind == TYPE_NUMBER)
        return take_number(r, ret_value) || fail(r, trail, S("number is required"));
    if (type->kind == TYPE_BOOL) {
        bool b;
        if (!take_bool(r, &b))
            return fail(r, trail, S("bool is required"));
        *ret_value = value_bool(b);
        return true;
    }
    struct str text;
    if (type->kind != TYPE_STRING || !take_str(r, &text))
        return fail(r, trail, S("string is required"));
    *ret_value = value_string(r->arena, text);
    return true;
}

static bool read_known(struct reader *r, const struct type *type, const struct trail *trail,
                       struct value *ret_value) {
    switch (type->kind) {
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TUPLE:
        return read_sequence(r, type, trail, ret_value);
    case TYPE_MAP:
        return read_map(r, type, trail, ret_value);
    case TYPE_OBJECT:
        return read_object(r, type, trail, ret_value);
    default:
        return read_primitive(r, type, trail, ret_value);
    }
}

static bool read_value(struct reader *r, const struct type *type, const struct trail *trail,
                       struct value *ret_value) {
    unsigned code = peek(r);
    if (is_ext(code))
        return read_unknown(r, type, trail, ret_value);
    if (r->depth >= MAX_DEPTH)
        return fail(r, trail, S("nested too deeply"));
    r->depth++;
    bool ok = true;
    if (type->kind == TYPE_DYNAMIC) {
        ok = read_dynamic(r, trail, ret_value);
    } else if (code == 0xc0) {
        r->rest = str_slice(r->rest, 1, r->rest.len);
        *ret_value = value_null(type);
    } else {
        ok = read_known(r, type, trail, ret_value);
    }
    r->depth--;
    return ok;
}

bool as_msgpack_read(struct arena *arena, struct str bytes, const struct type *type,
                     struct value *ret_value, struct convert_error *ret_error) {
    struct reader reader = {arena, ret_error, bytes, 0};
    return read_value(&reader, type_without_optional(type), NULL, ret_value);
}
