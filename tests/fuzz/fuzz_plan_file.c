/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a plan file, given the head and the checksum that let it through. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "steps/pack.h"
#include "steps/steps_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct buf out;
    uint8_t sum[DIGEST_MAX];
    uint64_t format = 1;
    struct str body = {(const char *)data, size};
    struct steps_file file;
    struct str error = {0};
    buf_init(&out, BUF_MAX_DOCUMENT);
    struct pack p = {.arena = arena, .writing = true, .out = &out};
    buf_add(&out, S("\x89loam plan\r\n\x1a\n"));
    pack_u64(&p, &format);
    pack_str(&p, &body);
    digest_bytes(DIGEST_SHA256, buf_str(&out), sum);
    buf_add(&out, (struct str){(const char *)sum, 32});
    bool read = steps_file_decode(arena, buf_str(&out), &file, &error);
    if (!read && error.len == 0)
        bug("refused without a reason");
    if (read && !steps_file_is(buf_str(&out)))
        bug("read what is no plan file");
    if (read) {
        (void)steps_counts(file.plan);
        (void)steps_has_changes(file.plan);
    }
    buf_clear(&out);
    arena_free(arena);
    return 0;
}
