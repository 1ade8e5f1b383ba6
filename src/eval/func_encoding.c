/* SPDX-License-Identifier: Apache-2.0 */
/* Text forms of bytes and values: base64, gzip, URL, JSON, CSV, character sets. */
#include <iconv.h>
#include <string.h>
#include <zlib.h>

#include "base/bignum.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/utf8.h"
#include "eval/charset.h"
#include "eval/csv.h"
#include "eval/func_int.h"
#include "eval/json_text.h"
#include "value/as_json.h"

#define GUNZIP_MAX ((size_t)64 << 20)

static bool run_base64encode(struct func_call *call, struct value *ret_value) {
    *ret_value = value_string_view(digest_to_base64(call->arena, func_text(call, 0)));
    return true;
}

static bool decode_base64(struct func_call *call, struct str *ret_bytes) {
    if (digest_from_base64(call->arena, func_text(call, 0), ret_bytes))
        return true;
    return func_fail(call, "failed to decode base64 data %s", func_shown(call, 0));
}

static bool run_base64decode(struct func_call *call, struct value *ret_value) {
    struct str bytes;
    if (!decode_base64(call, &bytes))
        return false;
    if (!utf8_valid(bytes))
        return func_fail(call, "the result of decoding the provided string is not valid UTF-8");
    *ret_value = value_string(call->arena, bytes);
    return true;
}

/* Everything up to a flush, as Go's writer leaves it before it is closed; false: no memory. */
static bool deflate_flushed(struct str text, struct buf *out) {
    unsigned char chunk[16384];
    z_stream z = {0};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    z.next_in = (unsigned char *)text.at;
    z.avail_in = (uInt)text.len;
    do {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        deflate(&z, Z_SYNC_FLUSH);
        buf_add(out, (struct str){(char *)chunk, sizeof chunk - z.avail_out});
    } while (z.avail_out == 0);
    deflateEnd(&z);
    return !out->overflow;
}

static void add_little_endian(struct buf *out, uint32_t word) {
    for (int shift = 0; shift < 32; shift += 8)
        buf_byte(out, (char)(word >> shift));
}

/* Byte for byte what the reference writes wherever both compressors choose the same blocks. */
static bool run_base64gzip(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_add(&out, S("\x1f\x8b\x08\0\0\0\0\0\0\xff"));
    bool ok = deflate_flushed(text, &out);
    buf_add(&out, S("\x01\0\0\xff\xff")); /* the last block, stored and empty */
    add_little_endian(&out, digest_crc32(text));
    add_little_endian(&out, (uint32_t)text.len);
    if (ok)
        *ret_value = value_string_view(digest_to_base64(call->arena, buf_str(&out)));
    buf_clear(&out);
    return ok || func_fail(call, "failed to write gzip raw data");
}

/* One inflate run into out; returns zlib's state. */
static int inflate_all(struct str bytes, struct buf *out) {
    unsigned char chunk[16384];
    z_stream z = {0};
    int state = inflateInit2(&z, 15 + 16);
    z.next_in = (unsigned char *)bytes.at;
    z.avail_in = (uInt)bytes.len;
    while (state == Z_OK && !out->overflow) {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        state = inflate(&z, Z_NO_FLUSH);
        buf_add(out, (struct str){(char *)chunk, sizeof chunk - z.avail_out});
    }
    inflateEnd(&z);
    return state;
}

static bool run_base64gunzip(struct func_call *call, struct value *ret_value) {
    struct str bytes;
    struct buf out;
    if (!decode_base64(call, &bytes))
        return false;
    buf_init(&out, GUNZIP_MAX);
    int state = bytes.len < 10 ? Z_BUF_ERROR : inflate_all(bytes, &out);
    if (out.overflow) {
        buf_clear(&out);
        return func_fail(call, "the decompressed data is longer than %zu MiB", GUNZIP_MAX >> 20);
    }
    if (state == Z_STREAM_END)
        return func_string_result(call, &out, ret_value);
    buf_clear(&out);
    return func_fail(call, "failed to gunzip bytestream: %s",
                     state == Z_DATA_ERROR ? "gzip: invalid header" : "unexpected EOF");
}

static bool unreserved(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static bool run_urlencode(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (unreserved(c))
            buf_byte(&out, (char)c);
        else if (c == ' ')
            buf_byte(&out, '+');
        else
            buf_addf(&out, "%%%02X", c);
    }
    return func_string_result(call, &out, ret_value);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool run_urldecode(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    char *out = arena_bytes(call->arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return func_fail(
                    call, "failed to decode URL '': invalid URL escape %s",
                    quote_text(call->arena,
                               str_slice(text, i, i + 3 < text.len ? i + 3 : text.len)));
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = c == '+' ? ' ' : c;
        }
    }
    *ret_value = value_string(call->arena, (struct str){out, n});
    return true;
}

static bool has_infinity(struct value v) {
    if (v.kind == VALUE_BIGNUM)
        return bignum_is_infinite(v.bignum);
    if (v.kind < VALUE_LIST || v.kind == VALUE_TYPE)
        return false;
    for (size_t i = 0; i < value_count(v); i++)
        if (has_infinity(value_at(v, i)))
            return true;
    return false;
}

static bool run_jsonencode(struct func_call *call, struct value *ret_value) {
    struct value v = call->args[0];
    struct buf out;
    if (!value_is_wholly_known(v)) {
        struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
        int kind = value_type(v)->kind;
        if (value_is_known(v) || value_refinement(v).not_null)
            what.prefix = kind == TYPE_STRING                                           ? S("\"")
                          : kind == TYPE_OBJECT || kind == TYPE_MAP                     ? S("{")
                          : kind == TYPE_TUPLE || kind == TYPE_LIST || kind == TYPE_SET ? S("[")
                                                                                        : S("");
        *ret_value = value_unknown_refined(call->arena, &what);
        return true;
    }
    if (has_infinity(v))
        return func_fail(call, "cannot serialize infinity as JSON");
    buf_init(&out, BUF_MAX_DOCUMENT);
    as_json_write_plain(&out, v, 0, true);
    return func_string_result(call, &out, ret_value);
}

/* What the beginning of a text that is not known yet tells of the JSON in it. */
static const struct type *type_jsondecode(struct func_call *call) {
    struct str prefix = str_trim(value_refinement(call->args[0]).prefix);
    if (value_is_known(call->args[0]) || !prefix.len)
        return type_dynamic;
    switch (prefix.at[0]) {
    case '{':
    case '[':
    case 'n':
        return type_dynamic;
    case '"':
        return type_string;
    case 't':
    case 'f':
        return type_bool;
    default: {
        size_t n;
        utf8_decode(prefix, &n);
        if (strchr("-.0123456789", prefix.at[0]))
            return type_number;
        return func_no_type_arg(call, 0, "a JSON document cannot begin with the character '%s'",
                                str_c(call->arena, str_slice(prefix, 0, n)));
    }
    }
}

static bool run_jsondecode(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    struct json_error error;
    struct arena *scratch = arena_new();
    struct json *json = json_parse(scratch, text, &error);
    if (!json)
        json = json_parse(scratch, json_text_value(scratch, text), &error);
    if (json)
        *ret_value = as_json_implied(call->arena, json);
    arena_free(scratch);
    return json || func_fail(call, "%.*s", STR_ARG(json_text_error(call->arena, text)));
}

static bool csv_header(struct func_call *call, const struct csv_row *header,
                       const struct name **ret_names) {
    struct object_build seen;
    object_build_init(&seen, call->arena);
    for (size_t i = 0; i < header->n; i++) {
        if (!object_build_put(&seen, header->fields[i], value_int(0), false))
            return func_fail(call, "duplicate column name %s",
                             quote_text(call->arena, header->fields[i]));
        ret_names[i] = intern_name(header->fields[i]);
    }
    return true;
}

static const struct type *csv_type(struct arena *arena, const struct name **names, size_t n) {
    const struct type **items = arena_array(arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++)
        items[i] = type_string;
    return type_object(names, items, NULL, n);
}

static bool run_csvdecode(struct func_call *call, struct value *ret_value) {
    struct csv csv = {.arena = call->arena, .text = func_text(call, 0)};
    struct csv_row header, row;
    struct value *rows = NULL;
    size_t n = 0, cap = 0;
    if (!csv_next(&csv, &header))
        return csv.error.len ? func_fail(call, "%.*s", STR_ARG(csv.error))
                             : func_fail(call, "missing header line");
    const struct name **names = arena_array(call->arena, header.n, sizeof(*names));
    if (!csv_header(call, &header, names))
        return false;
    while (csv_next(&csv, &row)) {
        struct value *fields = arena_array(call->arena, row.n, sizeof *fields);
        for (size_t i = 0; i < row.n; i++)
            fields[i] = value_string(call->arena, row.fields[i]);
        rows = arena_grow(call->arena, rows, n, &cap, sizeof *rows);
        rows[n++] = value_object(call->arena, names, fields, row.n);
    }
    if (csv.error.len)
        return func_fail(call, "%.*s", STR_ARG(csv.error));
    *ret_value = value_list(call->arena, csv_type(call->arena, names, header.n), rows, n);
    return true;
}

/* UTF-16 without an order in its name is big-endian unless its first mark says otherwise. */
static const char *utf16_order(struct str *bytes) {
    bool little = str_starts(*bytes, S("\xff\xfe"));
    if (little || str_starts(*bytes, S("\xfe\xff")))
        *bytes = str_slice(*bytes, 2, bytes->len);
    return little ? "UTF-16LE" : "UTF-16BE";
}

/* false: a character that the other side does not have. */
static bool transcode(struct arena *arena, const char *to, const char *from, struct str text,
                      struct str *ret_bytes) {
    iconv_t cd = iconv_open(to, from);
    size_t room = text.len * 4 + 16, left = text.len;
    char *out = arena_bytes(arena, room), *at = out, *in = (char *)text.at;
    bool ok = cd != (iconv_t)-1 && iconv(cd, &in, &left, &at, &room) != (size_t)-1 && left == 0;
    /* Encodings with shifts end in their first state. */
    ok = ok && iconv(cd, NULL, NULL, &at, &room) != (size_t)-1;
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    *ret_bytes = (struct str){out, (size_t)(at - out)};
    return ok;
}

static bool unknown_charset(struct func_call *call) {
    return func_fail_arg(call, 1,
                         "%s is not a supported IANA encoding name or alias in this Terraform "
                         "version",
                         quote_text(call->arena, func_text(call, 1)));
}

static bool run_textencodebase64(struct func_call *call, struct value *ret_value) {
    const struct charset *charset = charset_find(func_text(call, 1));
    struct str bytes;
    if (!charset)
        return unknown_charset(call);
    bool marked = !strcmp(charset->iconv, "UTF-16");
    if (!transcode(call->arena, marked ? "UTF-16BE" : charset->iconv, "UTF-8", func_text(call, 0),
                   &bytes))
        return func_fail_arg(call, 0,
                             "the given string contains characters that cannot be represented in "
                             "%s",
                             charset->registered);
    if (marked)
        bytes = str_cat(call->arena, S("\xfe\xff"), bytes);
    *ret_value = value_string_view(digest_to_base64(call->arena, bytes));
    return true;
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

/* Where a base64 text goes wrong, as Go's decoder counts it. */
static size_t base64_fault(struct str text) {
    size_t at = 0, digits = 0;
    for (; at < text.len && text.at[at] != '='; at++) {
        char c = text.at[at];
        bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '+' || c == '/';
        if (!digit && !is_line_end(c))
            return at;
        digits += digit;
    }
    size_t quantum = digits % 4;
    if (at == text.len)
        return at - quantum;
    if (quantum < 2)
        return at;
    for (at++; at < text.len && is_line_end(text.at[at]);)
        at++;
    if (quantum == 2 && (at == text.len || text.at[at] != '='))
        return at == text.len ? at : at - 1;
    at += quantum == 2;
    while (at < text.len && is_line_end(text.at[at]))
        at++;
    return at;
}

static bool run_textdecodebase64(struct func_call *call, struct value *ret_value) {
    const struct charset *charset = charset_find(func_text(call, 1));
    struct str bytes, text;
    if (!charset)
        return unknown_charset(call);
    if (!digest_from_base64(call->arena, func_text(call, 0), &bytes))
        return func_fail_arg(call, 0,
                             "the given value is has an invalid base64 symbol at offset %zu",
                             base64_fault(func_text(call, 0)));
    bool marked = !strcmp(charset->iconv, "UTF-16");
    if (!transcode(call->arena, "UTF-8", marked ? utf16_order(&bytes) : charset->iconv, bytes,
                   &text))
        return func_fail_arg(call, 0,
                             "the given string contains symbols that are not defined for %s",
                             charset->registered);
    *ret_value = value_string(call->arena, text);
    return true;
}

static const struct func_param str[] = {{"str", &type_string, NULL, 0, NULL}};
static const struct func_param json_params[] = {
    {"val", NULL, NULL, FUNC_NULL | FUNC_DYNAMIC | FUNC_UNKNOWN, NULL}};
static const struct func_param textencode_params[] = {{"string", &type_string, NULL, 0, NULL},
                                                      {"encoding", &type_string, NULL, 0, NULL}};
static const struct func_param textdecode_params[] = {{"source", &type_string, NULL, 0, NULL},
                                                      {"encoding", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"base64decode", str, 1, .result = &type_string, .run = run_base64decode},
    {"base64encode", str, 1, .result = &type_string, .run = run_base64encode},
    {"base64gunzip", str, 1, .result = &type_string, .run = run_base64gunzip},
    {"base64gzip", str, 1, .result = &type_string, .run = run_base64gzip},
    {"csvdecode", str, 1, .run = run_csvdecode},
    {"jsondecode", str, 1, .result_type = type_jsondecode, .run = run_jsondecode,
     .maybe_null = true},
    {"jsonencode", json_params, 1, .result = &type_string, .run = run_jsonencode},
    {"textdecodebase64", textdecode_params, 2, .result = &type_string, .run = run_textdecodebase64},
    {"textencodebase64", textencode_params, 2, .result = &type_string, .run = run_textencodebase64},
    {"urldecode", str, 1, .result = &type_string, .run = run_urldecode},
    {"urlencode", str, 1, .result = &type_string, .run = run_urlencode},
};

const struct func_table func_encoding_table = {functions, COUNT(functions)};
