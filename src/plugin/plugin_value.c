/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/plugin_int.h"

#include "base/arena.h"
#include "base/json.h"
#include "plugin/protobuf.h"
#include "value/as_json.h"
#include "value/as_msgpack.h"

enum { DYNAMIC_MSGPACK = 1, DYNAMIC_JSON = 2 };

void plugin_value_add(struct buf *out, uint32_t field, struct arena *scratch, struct value v,
                      const struct type *type) {
    struct buf packed, message;
    buf_init(&packed, BUF_MAX_DOCUMENT);
    buf_init(&message, BUF_MAX_DOCUMENT);
    as_msgpack_write(&packed, value_unmark_deep(scratch, v), type);
    protobuf_bytes(&message, DYNAMIC_MSGPACK, buf_str(&packed));
    protobuf_message(out, field, buf_str(&message));
    buf_clear(&packed);
    buf_clear(&message);
}

static bool bad_value(struct arena *arena, const struct convert_error *error, struct diags *diags) {
    struct str text = convert_error_text(arena, error);
    diags_error(diags, (struct span){0}, "Provider produced invalid object",
                "The provider's answer cannot be read: %.*s.\n\nThis is a bug in the provider, "
                "which should be reported in the provider's own issue tracker.",
                STR_ARG(text));
    return false;
}

bool plugin_value_read(struct arena *arena, struct str message, const struct type *type,
                       struct value *ret_value, struct diags *diags) {
    struct str packed = protobuf_find(message, DYNAMIC_MSGPACK);
    struct str text = protobuf_find(message, DYNAMIC_JSON);
    struct convert_error error = {0};
    if (packed.len > 0)
        return as_msgpack_read(arena, packed, type, ret_value, &error) ||
               bad_value(arena, &error, diags);
    if (text.len == 0) {
        *ret_value = value_null(type);
        return true;
    }
    struct json_error syntax;
    struct json *json = json_parse(arena, text, &syntax);
    if (!json)
        error.text = syntax.text;
    return (json && as_json_read(arena, json, type, ret_value, &error)) ||
           bad_value(arena, &error, diags);
}
