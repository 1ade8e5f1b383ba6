/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in and out, and as a value: what was written once reads back as the same. */
#include "base/arena.h"
#include "base/json.h"
#include "value/as_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str written(struct arena *arena, const struct json *json, int indent, bool html) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_write(&out, json, indent, html);
    return buf_take(&out, arena);
}

static void as_value(struct arena *arena, const struct json *json) {
    struct value v = as_json_implied(arena, json), back;
    struct buf out;
    struct json_error error;
    struct convert_error why;
    buf_init(&out, BUF_MAX_DOCUMENT);
    as_json_write(&out, v, type_dynamic, true);
    struct json *again = json_parse(arena, buf_str(&out), &error);
    /* The wrapping adds levels of nesting, which may pass the limit. */
    if (again && as_json_read(arena, again, type_dynamic, &back, &why) && !value_same(v, back))
        bug("a value changed on its way through JSON");
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct json_error error;
    struct json *json = json_parse(arena, (struct str){(const char *)data, size}, &error);
    if (json) {
        struct str once = written(arena, json, 0, false);
        struct json *again = json_parse(arena, written(arena, json, 2, true), &error);
        if (!again || !str_eq(once, written(arena, again, 0, false)))
            bug("a document changed on its way through the writer");
        as_value(arena, json);
    } else if (error.at > size || !error.text.len) {
        bug("an error outside of the document");
    }
    arena_free(arena);
    return 0;
}
