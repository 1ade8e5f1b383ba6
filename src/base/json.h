/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) with positions and exact numbers: one reader for `.tf.json`, state, plans and
 * policies. Numbers keep their text. Objects keep the order and duplicates of their members, for
 * the caller to judge. Nesting is limited to JSON_MAX_DEPTH.
 */
#ifndef LOAM_JSON_H
#define LOAM_JSON_H

#include "base/buf.h"
#include "base/str.h"

struct arena;

#define JSON_MAX_DEPTH 1000

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_member;

struct json {
    enum json_kind kind;
    bool boolean;
    uint32_t start, end; /* bytes in the source, end exclusive */
    struct str text;     /* string: decoded; number: as written */
    size_t n;            /* elements or members */
    union {
        struct json *items;          /* JSON_ARRAY */
        struct json_member *members; /* JSON_OBJECT */
    };
};

struct json_member {
    struct str name;
    uint32_t name_start, name_end;
    struct json value;
};

struct json_error {
    uint32_t at; /* byte offset */
    struct str text;
};

/* One value and nothing behind it. On failure returns NULL and fills *ret_error. */
struct json *json_parse(struct arena *arena, struct str source, struct json_error *ret_error);

/* Member by name (the last of duplicates), or NULL. */
struct json *json_get(const struct json *object, struct str name);
/* Text of a string member; the empty view when absent or of another kind. */
struct str json_get_str(const struct json *object, struct str name);
bool json_get_bool(const struct json *object, struct str name);
bool json_get_int(const struct json *object, struct str name, int64_t *ret_int);

/* Sets members sorted by name, recursively; the last of duplicates wins. */
void json_sort(struct json *value);

/*
 * Writers. `html` also escapes < > & and U+2028/9, as Go's encoding/json does by default and so as
 * Terraform's own output has it.
 */
void json_write_string(struct buf *out, struct str text, bool html);
/* indent 0: compact, as jsonencode; else spaces per level, `"name": value` */
void json_write(struct buf *out, const struct json *value, int indent, bool html);

#endif
