/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin answers: its schema in both protocols, and diagnostics. */
#include "base/arena.h"
#include "plugin/plugin_int.h"
#include "provider/schema_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str bytes = str_dup(arena, (struct str){(const char *)data, size});
    for (int protocol = 5; protocol <= 6; protocol++) {
        struct provider_schema schema;
        struct buf out;
        if (!plugin_schema_read(arena, protocol, bytes, bytes, &schema))
            continue;
        buf_init(&out, BUF_MAX_DOCUMENT);
        schema_json_write(&out, &schema);
        buf_clear(&out);
        (void)schema_type(schema.config->block);
        for (size_t i = 0; i < schema.resources.n; i++) {
            const struct schema *resource = schema.resources.entries[i].value;
            if (value_type(schema_empty(arena, resource->block)) != schema_type(resource->block))
                bug("the empty value is of another type");
        }
    }
    (void)plugin_diags(arena, bytes, 4, diags_new(arena));
    arena_free(arena);
    return 0;
}
