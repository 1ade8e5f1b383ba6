/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of the plugin protocol as a value of any type, and back. */
#include "base/arena.h"
#include "base/buf.h"
#include "value/as_msgpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct convert_error error;
    struct value v, back;
    struct str bytes = {(const char *)data, size};
    const struct type *const types[] = {type_dynamic, type_list(type_string), type_number,
                                        type_map(type_set(type_number))};
    for (size_t i = 0; i < COUNT(types); i++) {
        if (!as_msgpack_read(arena, bytes, types[i], &v, &error))
            continue;
        struct buf out;
        buf_init(&out, BUF_MAX_DOCUMENT);
        as_msgpack_write(&out, v, types[i]);
        if (!as_msgpack_read(arena, buf_str(&out), types[i], &back, &error))
            bug("what was written cannot be read");
        struct buf again;
        buf_init(&again, BUF_MAX_DOCUMENT);
        as_msgpack_write(&again, back, types[i]);
        if (!str_eq(buf_str(&out), buf_str(&again)))
            bug("a value changed on its way through MessagePack");
        buf_clear(&again);
        buf_clear(&out);
    }
    arena_free(arena);
    return 0;
}
