/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/yaml_text.h"

#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/map.h"
#include "eval/eval_int.h"
#include "eval/quote.h"
#include "eval/yaml_scalar.h"
#include "value/convert.h"

#define MAX_DEPTH 500
/* Nodes of a document with its aliases written out. */
#define MAX_NODES ((size_t)4 << 20)

/* What an anchor stands for. */
struct anchor {
    struct value value;
    size_t nodes;
    int pending; /* definitions of this name that are still open */
    bool complete;
};

struct reader {
    struct arena *arena;
    yaml_parser_t parser;
    struct map anchors; /* name -> struct anchor * */
    struct str *error;
    size_t nodes; /* of the value read last, and all before it */
    int depth;
};

/* With the odd way of counting lines that users see: from 0, and no place on the first one. */
static bool fail_at(struct reader *r, size_t line, size_t column, const char *what) {
    *r->error = line ? str_format(r->arena, "on line %zu, column %zu: %s", line, column, what)
                     : str_format(r->arena, "%s", what);
    return false;
}

static bool fail(struct reader *r, const yaml_event_t *event, const char *what) {
    return fail_at(r, event->start_mark.line, event->start_mark.column + 1, what);
}

static bool parser_failed(struct reader *r) {
    const yaml_parser_t *p = &r->parser;
    const char *what = p->problem ? p->problem : "invalid YAML syntax";
    if (p->problem_mark.line) {
        bool scanner = p->error == YAML_SCANNER_ERROR;
        return fail_at(r, p->problem_mark.line + (scanner ? 1 : 0),
                       scanner ? 1 : p->problem_mark.column + 1, what);
    }
    return fail_at(r, p->context_mark.line, p->context_mark.column + 1, what);
}

static bool next(struct reader *r, yaml_event_t *event) {
    return yaml_parser_parse(&r->parser, event) || parser_failed(r);
}

static struct str text_of(const void *text) {
    return str_from(text);
}

static bool count_nodes(struct reader *r, size_t nodes) {
    r->nodes += nodes;
    if (r->nodes <= MAX_NODES)
        return true;
    *r->error = S("the document is too large");
    return false;
}

static struct anchor *begin_anchor(struct reader *r, const yaml_char_t *name) {
    struct anchor *anchor;
    if (!name || !*name)
        return NULL;
    anchor = map_get(&r->anchors, text_of(name));
    if (!anchor) {
        anchor = arena_alloc(r->arena, sizeof *anchor);
        map_put(r->arena, &r->anchors, str_dup(r->arena, text_of(name)), anchor);
    }
    anchor->pending++;
    return anchor;
}

static void complete_anchor(struct anchor *anchor, struct value v, size_t nodes) {
    if (!anchor)
        return;
    anchor->pending--;
    anchor->complete = true;
    anchor->value = v;
    anchor->nodes = nodes;
}

static bool read_rest(struct reader *r, yaml_event_t *event, struct value *ret_value);

static bool read_next(struct reader *r, struct value *ret_value) {
    yaml_event_t event;
    if (!next(r, &event))
        return false;
    bool ok = read_rest(r, &event, ret_value);
    yaml_event_delete(&event);
    return ok;
}

static bool scalar_value(struct reader *r, const yaml_event_t *event, struct value *ret_value) {
    bool quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    struct str text = {(char *)event->data.scalar.value, event->data.scalar.length};
    struct str error;
    if (yaml_scalar_value(r->arena, text_of(event->data.scalar.tag), str_dup(r->arena, text),
                          quoted, ret_value, &error))
        return true;
    return fail(r, event, str_c(r->arena, error));
}

static bool read_scalar(struct reader *r, const yaml_event_t *event, struct value *ret_value) {
    struct anchor *anchor = begin_anchor(r, event->data.scalar.anchor);
    bool untagged = !event->data.scalar.tag || !*event->data.scalar.tag;
    struct convert_error why;
    struct value v;
    if (!scalar_value(r, event, &v))
        return false;
    if (untagged && !event->data.scalar.plain_implicit &&
        !convert_value(r->arena, v, type_string, &v, &why))
        return fail(r, event, "string required");
    complete_anchor(anchor, v, 1);
    *ret_value = v;
    return true;
}

static bool read_alias(struct reader *r, const yaml_event_t *event, struct value *ret_value) {
    struct str name = text_of(event->data.alias.anchor);
    const struct anchor *anchor = map_get(&r->anchors, name);
    const char *quoted = quote_text(r->arena, name);
    if (anchor && anchor->pending)
        return fail(
            r, event,
            str_format(r->arena, "cannot refer to anchor %s from inside its own definition", quoted)
                .at);
    if (!anchor || !anchor->complete)
        return fail(r, event, str_format(r->arena, "reference to undefined anchor %s", quoted).at);
    *ret_value = anchor->value;
    return count_nodes(r, anchor->nodes);
}

static bool is_mapping(struct value v) {
    return v.kind == VALUE_OBJECT || v.kind == VALUE_MAP;
}

static bool cannot_merge(struct reader *r, const yaml_event_t *event, struct value v,
                         const char *from) {
    struct str type = type_friendly(r->arena, value_type(v));
    return fail(r, event,
                str_format(r->arena, "cannot merge %.*s%s into mapping", STR_ARG(type), from).at);
}

static void merge_into(struct object_build *build, struct value v) {
    for (size_t i = 0; i < value_count(v); i++)
        object_build_put(build, value_key(v, i), value_at(v, i), true);
}

/* Behind a `<<` key. */
static bool read_merge(struct reader *r, const yaml_event_t *event, struct object_build *build) {
    struct value v;
    if (!read_next(r, &v))
        return false;
    if (is_mapping(v)) {
        merge_into(build, v);
        return true;
    }
    if (v.kind != VALUE_TUPLE)
        return cannot_merge(r, event, v, "");
    for (size_t i = 0; i < value_count(v); i++) {
        if (!is_mapping(value_at(v, i)))
            return cannot_merge(r, event, value_at(v, i), " (from sequence)");
        merge_into(build, value_at(v, i));
    }
    return true;
}

static bool is_merge_key(const yaml_event_t *event) {
    const char *tag = (const char *)event->data.scalar.tag;
    if (event->type != YAML_SCALAR_EVENT)
        return false;
    if (tag && *tag)
        return strcmp(tag, "tag:yaml.org,2002:merge") == 0;
    return event->data.scalar.length == 2 && !memcmp(event->data.scalar.value, "<<", 2);
}

static bool read_key(struct reader *r, const yaml_event_t *event, struct str *ret_key) {
    struct convert_error why;
    struct value key;
    if (event->type != YAML_SCALAR_EVENT)
        return fail(r, event, "only strings are allowed as mapping keys");
    if (!scalar_value(r, event, &key))
        return false;
    if (value_is_null(key))
        return fail(r, event, "mapping key cannot be null");
    if (!convert_value(r->arena, key, type_string, &key, &why))
        return fail(r, event, "only strings are allowed as mapping keys");
    *ret_key = value_str(key);
    return true;
}

static bool read_pair(struct reader *r, const yaml_event_t *event, struct object_build *build) {
    struct value v;
    struct str key;
    if (is_merge_key(event))
        return read_merge(r, event, build);
    if (!read_key(r, event, &key) || !read_next(r, &v))
        return false;
    object_build_put(build, key, v, true);
    return true;
}

static bool bad_tag(struct reader *r, const yaml_event_t *event, const yaml_char_t *tag,
                    const char *kind) {
    return fail(r, event,
                str_format(r->arena, "can't interpret %s as %s", kind, (const char *)tag).at);
}

static bool read_mapping(struct reader *r, const yaml_event_t *event, struct value *ret_value) {
    const yaml_char_t *tag = event->data.mapping_start.tag;
    struct object_build build;
    size_t before = r->nodes;
    if (tag && *tag && strcmp((const char *)tag, YAML_MAP_TAG) != 0)
        return bad_tag(r, event, tag, "mapping");
    struct anchor *anchor = begin_anchor(r, event->data.mapping_start.anchor);
    object_build_init(&build, r->arena);
    for (;;) {
        yaml_event_t item;
        if (!next(r, &item))
            return false;
        bool end = item.type == YAML_MAPPING_END_EVENT;
        bool ok = end || read_pair(r, &item, &build);
        yaml_event_delete(&item);
        if (!ok)
            return false;
        if (end)
            break;
    }
    *ret_value = object_build_value(&build);
    complete_anchor(anchor, *ret_value, r->nodes - before + 1);
    return true;
}

static bool read_sequence(struct reader *r, const yaml_event_t *event, struct value *ret_value) {
    const yaml_char_t *tag = event->data.sequence_start.tag;
    struct value *items = NULL;
    size_t n = 0, cap = 0, before = r->nodes;
    if (tag && *tag && strcmp((const char *)tag, YAML_SEQ_TAG) != 0)
        return bad_tag(r, event, tag, "sequence");
    struct anchor *anchor = begin_anchor(r, event->data.sequence_start.anchor);
    for (;;) {
        yaml_event_t item;
        struct value v = {0};
        if (!next(r, &item))
            return false;
        bool end = item.type == YAML_SEQUENCE_END_EVENT;
        bool ok = end || read_rest(r, &item, &v);
        yaml_event_delete(&item);
        if (!ok)
            return false;
        if (end)
            break;
        items = arena_grow(r->arena, items, n, &cap, sizeof *items);
        items[n++] = v;
    }
    *ret_value = value_tuple(r->arena, items, n);
    complete_anchor(anchor, *ret_value, r->nodes - before + 1);
    return true;
}

static bool read_node(struct reader *r, yaml_event_t *event, struct value *ret_value) {
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, event, ret_value);
    case YAML_ALIAS_EVENT:
        return read_alias(r, event, ret_value);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(r, event, ret_value);
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(r, event, ret_value);
    case YAML_DOCUMENT_START_EVENT:
        return fail(r, event, "only a single document is allowed");
    case YAML_STREAM_END_EVENT:
        return fail(r, event, "expecting value but found end of stream");
    default:
        return fail(r, event, "unexpected parser event");
    }
}

static bool read_rest(struct reader *r, yaml_event_t *event, struct value *ret_value) {
    if (r->depth >= MAX_DEPTH)
        return fail(r, event, "the document is nested too deeply");
    r->depth++;
    bool ok = count_nodes(r, 1) && read_node(r, event, ret_value);
    r->depth--;
    return ok;
}

/* The next event must be of this type. */
static bool expect(struct reader *r, yaml_event_type_t type, const char *otherwise) {
    yaml_event_t event;
    if (!next(r, &event))
        return false;
    bool ok = event.type == type;
    if (!ok)
        fail(r, &event,
             event.type == YAML_DOCUMENT_START_EVENT && type == YAML_DOCUMENT_END_EVENT
                 ? "only a single document is allowed"
                 : otherwise);
    else if (type == YAML_DOCUMENT_START_EVENT && event.data.document_start.version_directive &&
             event.data.document_start.version_directive->minor != 1)
        ok = fail(r, &event, "found incompatible YAML document");
    yaml_event_delete(&event);
    return ok;
}

bool yaml_text_decode(struct arena *arena, struct str text, struct value *ret_value,
                      struct str *ret_error) {
    struct reader r = {.arena = arena, .error = ret_error};
    if (text.len == 0)
        text = S("\n");
    if (!yaml_parser_initialize(&r.parser)) {
        *ret_error = S("failed to initialize YAML parser");
        return false;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.at, text.len);
    bool ok = expect(&r, YAML_STREAM_START_EVENT, "missing stream start token") &&
              expect(&r, YAML_DOCUMENT_START_EVENT, "missing start of document") &&
              read_next(&r, ret_value) &&
              expect(&r, YAML_DOCUMENT_END_EVENT, "unexpected extra content after value") &&
              expect(&r, YAML_STREAM_END_EVENT, "unexpected extra content after value");
    yaml_parser_delete(&r.parser);
    return ok;
}

/* Writing. */

static int write_bytes(void *out, unsigned char *bytes, size_t n) {
    buf_add(out, (struct str){(char *)bytes, n});
    return !((struct buf *)out)->overflow;
}

static bool emit_scalar(yaml_emitter_t *e, struct str text, yaml_scalar_style_t style) {
    yaml_event_t event;
    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text.at,
                                        (int)text.len, 1, 1, style) &&
           yaml_emitter_emit(e, &event);
}

static bool emit_string(yaml_emitter_t *e, struct str text) {
    return emit_scalar(e, text,
                       str_find_byte(text, '\n') >= 0 ? YAML_LITERAL_SCALAR_STYLE
                                                      : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool emit_number(yaml_emitter_t *e, struct value v) {
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    value_write_number(&text, v);
    bool ok = emit_scalar(e, buf_str(&text), YAML_PLAIN_SCALAR_STYLE);
    buf_clear(&text);
    return ok;
}

static bool emit(yaml_emitter_t *e, struct value v, int depth);

static bool emit_elements(yaml_emitter_t *e, struct value v, int depth) {
    bool mapping = is_mapping(v);
    yaml_event_t event;
    bool ok = mapping ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                                            YAML_BLOCK_MAPPING_STYLE)
                      : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                                             YAML_BLOCK_SEQUENCE_STYLE);
    ok = ok && yaml_emitter_emit(e, &event);
    for (size_t i = 0; ok && i < value_count(v); i++)
        ok = (!mapping || emit_string(e, value_key(v, i))) && emit(e, value_at(v, i), depth + 1);
    ok = ok && (mapping ? yaml_mapping_end_event_initialize(&event)
                        : yaml_sequence_end_event_initialize(&event));
    return ok && yaml_emitter_emit(e, &event);
}

static bool emit(yaml_emitter_t *e, struct value v, int depth) {
    if (depth > MAX_DEPTH)
        return false;
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        return emit_scalar(e, S("null"), YAML_PLAIN_SCALAR_STYLE);
    case VALUE_BOOL:
        return emit_scalar(e, v.boolean ? S("true") : S("false"), YAML_PLAIN_SCALAR_STYLE);
    case VALUE_INT:
    case VALUE_BIGNUM:
        return emit_number(e, v);
    case VALUE_STRING:
        return emit_string(e, value_str(v));
    default:
        return emit_elements(e, v, depth);
    }
}

static bool emit_document(yaml_emitter_t *e, struct value v) {
    yaml_event_t event;
    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
           yaml_emitter_emit(e, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
           yaml_emitter_emit(e, &event) && emit(e, v, 0) &&
           yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(e, &event) &&
           yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

bool yaml_text_encode(struct buf *out, struct value v, struct str *ret_error) {
    yaml_emitter_t e;
    if (!yaml_emitter_initialize(&e)) {
        *ret_error = S("failed to write YAML token");
        return false;
    }
    yaml_emitter_set_output(&e, write_bytes, out);
    yaml_emitter_set_unicode(&e, 1);
    bool ok = emit_document(&e, v);
    yaml_emitter_delete(&e);
    if (!ok)
        *ret_error = S("failed to write YAML token");
    /* Old libyaml ends open-ended documents with "...", and the reference still does: a plain
     * scalar alone, but no longer a text with final empty lines. */
    bool plain = v.kind == VALUE_NULL || v.kind == VALUE_BOOL || value_is_number(v);
    if (ok && plain)
        buf_add_c(out, "...\n");
    else if (ok && str_ends(buf_str(out), S("\n...\n")) && !plain)
        out->len -= 4;
    return ok;
}
