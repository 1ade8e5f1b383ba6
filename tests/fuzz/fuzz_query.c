/* SPDX-License-Identifier: Apache-2.0 */
/* A form through the codec: read, checked, written, and read again to the same bytes. */
#include "base/arena.h"
#include "base/buf.h"
#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str write(struct arena *arena, const struct model_action *action,
                        const struct message *request) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    codec_write_query(&out, action, request);
    return buf_take(&out, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    const struct model_action *action;
    struct message *request;
    struct fault fault = {0};
    struct str form = {(const char *)data, size};
    if (!codec_read_query(arena, form, &action, &request, &fault)) {
        if (fault.http < 400 || fault.http > 499)
            bug("a bad form is the client's fault");
    } else {
        (void)codec_check(arena, action, request, false, &fault);
        struct str first = write(arena, action, request);
        if (!codec_read_query(arena, first, &action, &request, &fault))
            bug("what was written cannot be read");
        if (!str_eq(first, write(arena, action, request)))
            bug("a message changes on its way");
    }
    arena_free(arena);
    return 0;
}
