/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/document_model.h"
#include "base/arena.h"
#include "base/digest.h"

static const struct str old_version = STR("2008-10-17");

/* One read: where errors belong and which version the variables' form depends on. */
struct build {
    struct op *op;
    struct arena *arena;
    struct str version;
};

static struct value part(struct value object, struct str name) {
    struct value v;
    return value_get(object, name, &v) ? v : value_null(type_string);
}

static struct str text(struct value object, struct str name) {
    struct value v = part(object, name);
    return v.kind == VALUE_STRING ? value_str(v) : S("");
}

static const struct str *texts(struct arena *arena, struct value v, size_t *ret_n) {
    size_t n = v.kind == VALUE_SET || v.kind == VALUE_LIST ? value_count(v) : 0;
    struct str *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = value_at(v, i).kind == VALUE_STRING ? value_str(value_at(v, i)) : S("");
    *ret_n = n;
    return at;
}

static bool complain(struct build *b, struct str what) {
    diags_add(b->op->diags, SEVERITY_ERROR, (struct span){0}, what, S(""));
    return false;
}

/* "&{aws:username}" is how a variable is written where "${" means something to the language. */
static bool with_variables(struct build *b, const char *where, const struct str *at, size_t n,
                           const struct str **ret) {
    struct str *out = arena_array(b->arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = at[i];
        if (str_find(at[i], S("&{")) < 0)
            continue;
        if (str_eq(b->version, old_version))
            return complain(b, str_format(b->arena,
                                          "%s: found &{ sequence in (%.*s), which is not supported "
                                          "in document version 2008-10-17",
                                          where, STR_ARG(at[i])));
        char *copy = arena_copy(b->arena, at[i].at, at[i].len);
        for (size_t j = 0; j + 1 < at[i].len; j++)
            if (copy[j] == '&' && copy[j + 1] == '{')
                copy[j] = '$';
        out[i].at = copy;
    }
    *ret = out;
    return true;
}

static bool read_set(struct build *b, struct value statement, struct str name, const char *where,
                     struct document_texts *ret) {
    size_t n;
    const struct str *at = texts(b->arena, part(statement, name), &n);
    if (where && !with_variables(b, where, at, n, &at))
        return false;
    *ret = document_model_sorted(b->arena, at, n);
    return true;
}

/*
 * The legacy library walks a set in the order of its elements' hashes: CRC-32 of a serialised form,
 * compared as decimal text. It shows where several blocks give to one list.
 */
struct hashed {
    char code[12];
    struct value v;
};

static int by_code(const void *a, const void *b) {
    return strcmp(((const struct hashed *)a)->code, ((const struct hashed *)b)->code);
}

static void set_code(struct hashed *h, struct buf *serialised) {
    snprintf(h->code, sizeof h->code, "%u", digest_crc32(buf_str(serialised)));
    buf_clear(serialised);
}

static struct hashed *in_order(struct build *b, struct value set,
                               void (*serialise)(struct build *, struct buf *, struct value),
                               size_t *ret_n) {
    size_t n = set.kind == VALUE_SET ? value_count(set) : 0;
    struct hashed *at = arena_array(b->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        at[i].v = value_at(set, i);
        serialise(b, &out, at[i].v);
        set_code(&at[i], &out);
    }
    if (n > 1)
        qsort(at, n, sizeof *at, by_code);
    *ret_n = n;
    return at;
}

static void serialise_text(struct build *b, struct buf *out, struct value v) {
    (void)b;
    buf_add(out, v.kind == VALUE_STRING ? value_str(v) : S(""));
    buf_byte(out, ';');
}

static void serialise_principal(struct build *b, struct buf *out, struct value block) {
    size_t n;
    struct hashed *ids = in_order(b, part(block, S("identifiers")), serialise_text, &n);
    buf_add_c(out, "identifiers:{");
    for (size_t i = 0; i < n; i++)
        serialise_text(b, out, ids[i].v);
    buf_add_c(out, "};type:");
    serialise_text(b, out, part(block, S("type")));
}

static void serialise_condition(struct build *b, struct buf *out, struct value block) {
    struct value values = part(block, S("values"));
    buf_add_c(out, "test:");
    serialise_text(b, out, part(block, S("test")));
    buf_add_c(out, "values:(");
    for (size_t i = 0; values.kind == VALUE_LIST && i < value_count(values); i++)
        serialise_text(b, out, value_at(values, i));
    buf_add_c(out, ");variable:");
    serialise_text(b, out, part(block, S("variable")));
}

static bool read_principals(struct build *b, struct value set, const char *where,
                            struct document_principals *list) {
    size_t n_blocks;
    struct hashed *blocks = in_order(b, set, serialise_principal, &n_blocks);
    for (size_t i = 0; i < n_blocks; i++) {
        struct value block = blocks[i].v;
        size_t n;
        const struct str *at = texts(b->arena, part(block, S("identifiers")), &n);
        if (!with_variables(b, where, at, n, &at))
            return false;
        document_model_add_principal(b->arena, list, text(block, S("type")),
                                     document_model_sorted(b->arena, at, n));
    }
    return true;
}

static bool read_conditions(struct build *b, struct value set, struct document_statement *s) {
    size_t n_blocks;
    struct hashed *blocks = in_order(b, set, serialise_condition, &n_blocks);
    for (size_t i = 0; i < n_blocks; i++) {
        struct value block = blocks[i].v;
        size_t n;
        const struct str *at = texts(b->arena, part(block, S("values")), &n);
        if (!with_variables(b, "reading condition: reading values", at, n, &at))
            return false;
        struct document_texts values = {.present = true, .plain = n == 1, .at = at, .n = n};
        document_model_add_condition(b->arena, s, text(block, S("test")),
                                     text(block, S("variable")), values);
    }
    return true;
}

static bool read_statement(struct build *b, struct value v, struct document_statement *s) {
    *s = (struct document_statement){.sid = text(v, S("sid")), .effect = text(v, S("effect"))};
    if (s->effect.len == 0)
        s->effect = S("Allow");
    return read_set(b, v, S("actions"), NULL, &s->actions) &&
           read_set(b, v, S("not_actions"), NULL, &s->not_actions) &&
           read_set(b, v, S("resources"), "reading resources", &s->resources) &&
           read_set(b, v, S("not_resources"), "reading not_resources", &s->not_resources) &&
           read_principals(b, part(v, S("principals")), "reading principals: reading identifiers",
                           &s->principals) &&
           read_principals(b, part(v, S("not_principals")),
                           "reading not_principals: reading identifiers", &s->not_principals) &&
           read_conditions(b, part(v, S("condition")), s);
}

/* Among its first n statements. */
static bool has_sid(const struct document *d, size_t n, struct str sid) {
    for (size_t i = 0; i < n; i++)
        if (sid.len > 0 && str_eq(d->statements[i].sid, sid))
            return true;
    return false;
}

/* Statement by statement, as the first fault is told. */
static bool read_own(struct build *b, struct value statements, struct document *d) {
    size_t n = statements.kind == VALUE_LIST ? value_count(statements) : 0;
    d->statements = arena_array(b->arena, n, sizeof *d->statements);
    d->n = d->cap = n;
    for (size_t i = 0; i < n; i++) {
        struct str sid = text(value_at(statements, i), S("sid"));
        if (has_sid(d, i, sid))
            return complain(b, str_format(b->arena,
                                          "writing IAM Policy Document: duplicate Sid (%.*s). "
                                          "Remove the Sid or ensure the Sid is unique.",
                                          STR_ARG(sid)));
        if (!read_statement(b, value_at(statements, i), &d->statements[i]))
            return false;
    }
    return true;
}

static bool parse_given(struct build *b, const char *what, size_t i, struct str json,
                        struct document *ret) {
    struct str error;
    if (document_model_parse(b->arena, json, ret, &error))
        return true;
    return complain(b, str_format(b->arena,
                                  "writing IAM Policy Document: merging %s document %zu: %.*s",
                                  what, i, STR_ARG(error)));
}

/* Sources come first; a Sid may be there once in all of them. */
static bool merge_sources(struct build *b, struct value list, struct document *into) {
    size_t n;
    const struct str *at = texts(b->arena, list, &n);
    for (size_t i = 0; i < n; i++) {
        struct document d;
        if (at[i].len == 0)
            continue;
        if (!parse_given(b, "source", i, at[i], &d))
            return false;
        for (size_t s = 0; s < d.n; s++)
            if (has_sid(into, into->n, d.statements[s].sid) || has_sid(&d, s, d.statements[s].sid))
                return complain(
                    b,
                    str_format(b->arena,
                               "writing IAM Policy Document: merging source document %zu: "
                               "duplicate Sid (%.*s) in source_policy_documents (statement %zu). "
                               "Remove the Sid or ensure Sids are unique.",
                               i, STR_ARG(d.statements[s].sid), s));
        document_model_merge(b->arena, into, &d);
    }
    return true;
}

static bool merge_overrides(struct build *b, struct value list, struct document *into) {
    size_t n;
    const struct str *at = texts(b->arena, list, &n);
    for (size_t i = 0; i < n; i++) {
        struct document d;
        if (at[i].len == 0)
            continue;
        if (!parse_given(b, "override", i, at[i], &d))
            return false;
        document_model_merge(b->arena, into, &d);
    }
    return true;
}

/* The legacy state of the blocks: defaults filled in, absent texts and sets empty. */
static struct value filled(struct arena *arena, struct value v) {
    if (v.kind != VALUE_LIST)
        return v;
    const struct type *element = value_type(v)->element;
    size_t n = value_count(v);
    struct value *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        struct record r;
        record_init(&r, arena, element, value_at(v, i));
        for (uint32_t k = 0; k < element->n; k++) {
            struct str name = intern_str(element->names[k]);
            if (!value_is_null(r.at[k]))
                continue;
            if (element->items[k] == type_string)
                record_set(&r, name,
                           value_string_view(str_eq(name, S("effect")) ? S("Allow") : S("")));
            else
                record_set(&r, name, value_set(arena, type_string, NULL, 0));
        }
        at[i] = record_value(&r);
    }
    return value_list(arena, element, at, n);
}

bool document_read(struct op *op) {
    struct record *r = &op->now;
    struct str version = record_text(r, S("version"));
    if (version.len == 0)
        version = S("2012-10-17");
    struct build b = {.op = op, .arena = op->arena, .version = version};
    struct document own = {.version = version, .id = record_text(r, S("policy_id"))};
    struct document merged = {0};
    if (!merge_sources(&b, record_get(r, S("source_policy_documents")), &merged) ||
        !read_own(&b, record_get(r, S("statement")), &own))
        return false;
    document_model_merge(op->arena, &merged, &own);
    if (!merge_overrides(&b, record_get(r, S("override_policy_documents")), &merged))
        return false;
    struct str json = document_model_write(op->arena, &merged, 2);
    record_set_text(r, S("json"), json);
    record_set_text(r, S("minified_json"), document_model_write(op->arena, &merged, 0));
    record_set_text(r, S("version"), version);
    record_set(r, S("statement"), filled(op->arena, record_get(r, S("statement"))));
    record_set_text(r, S("id"), str_format(op->arena, "%u", digest_crc32(json)));
    return true;
}
