/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/xml_write.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"

static const char *escape_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#xD;";
    default:
        break;
    }
    /* XML 1.0 has no way to say the other control characters. */
    return (unsigned char)c < 0x20 && c != '\n' && c != '\t' ? "\xEF\xBF\xBD" : NULL;
}

void xml_write_text(struct buf *out, struct str text) {
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = escape_of(text.at[i]);
        if (!escape)
            continue;
        buf_add(out, str_slice(text, start, i));
        buf_add_c(out, escape);
        start = i + 1;
    }
    buf_add(out, str_slice(text, start, text.len));
}

static void write_value(struct buf *out, const struct model_api *api,
                        const struct model_shape *shape, const struct field *field);

static void open_tag(struct buf *out, struct str name) {
    buf_byte(out, '<');
    buf_add(out, name);
    buf_byte(out, '>');
}

static void close_tag(struct buf *out, struct str name) {
    buf_add_c(out, "</");
    buf_add(out, name);
    buf_byte(out, '>');
}

static void write_element(struct buf *out, const struct model_api *api, struct str name,
                          const struct model_shape *shape, const struct field *field) {
    open_tag(out, name);
    write_value(out, api, shape, field);
    close_tag(out, name);
}

static void write_map(struct buf *out, const struct model_api *api, const struct model_shape *shape,
                      const struct field *field) {
    for (size_t i = 0; i < field->map.n; i++) {
        buf_add_c(out, "<entry><key>");
        xml_write_text(out, field->map.keys[i]);
        buf_add_c(out, "</key>");
        write_element(out, api, S("value"), &api->shapes[shape->element], &field->map.items[i]);
        buf_add_c(out, "</entry>");
    }
}

static void write_scalar(struct buf *out, const struct field *field) {
    struct arena *scratch;
    switch (field->kind) {
    case SHAPE_INTEGER:
        buf_addf(out, "%lld", (long long)field->number);
        break;
    case SHAPE_BOOLEAN:
        buf_add_c(out, field->boolean ? "true" : "false");
        break;
    case SHAPE_TIMESTAMP:
        scratch = arena_new();
        buf_add(out, clock_rfc3339(scratch, field->number));
        arena_free(scratch);
        break;
    case SHAPE_BLOB:
        scratch = arena_new();
        buf_add(out, digest_to_base64(scratch, field->text));
        arena_free(scratch);
        break;
    default:
        xml_write_text(out, field->text);
    }
}

static void write_value(struct buf *out, const struct model_api *api,
                        const struct model_shape *shape, const struct field *field) {
    if (field->kind == SHAPE_STRUCTURE) {
        xml_write_members(out, field->message);
    } else if (field->kind == SHAPE_LIST) {
        for (size_t i = 0; i < field->list.n; i++)
            write_element(out, api, shape->element_name, &api->shapes[shape->element],
                          &field->list.items[i]);
    } else if (field->kind == SHAPE_MAP) {
        write_map(out, api, shape, field);
    } else {
        write_scalar(out, field);
    }
}

void xml_write_members(struct buf *out, const struct message *m) {
    for (int i = 0; i < m->shape->n_members; i++)
        if (m->fields[i].set)
            write_element(out, m->api, m->shape->members[i].name,
                          &m->api->shapes[m->shape->members[i].shape], &m->fields[i]);
}
