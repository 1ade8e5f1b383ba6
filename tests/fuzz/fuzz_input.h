/* SPDX-License-Identifier: Apache-2.0 */
/* What every target begins and ends with: bytes as a source, and messages shown as users see them.
 */
#ifndef LOAM_FUZZ_INPUT_H
#define LOAM_FUZZ_INPUT_H

#include "base/arena.h"
#include "base/buf.h"
#include "diag/diag_render.h"
#include "hcl/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_input {
    struct arena *arena;
    struct sources *sources;
    struct diags *diags;
    uint32_t file;
};

static inline struct fuzz_input fuzz_begin(const uint8_t *data, size_t size) {
    struct fuzz_input in;
    in.arena = arena_new();
    in.sources = sources_new(in.arena);
    in.diags = diags_new(in.arena);
    struct str bytes = str_dup(in.arena, (struct str){(const char *)data, size});
    in.file = sources_add(in.sources, S("input"), bytes);
    return in;
}

#define FUZZ_SHOWN 20 /* messages rendered per input; a message may show the whole source */

static inline void fuzz_end(struct fuzz_input *in) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    diags_sort(in->diags, in->sources);
    for (size_t i = 0; i < in->diags->n && i < FUZZ_SHOWN; i++) {
        diag_render_text(&out, &in->diags->at[i], in->sources, i % 2, 78);
        diag_render_json(&out, &in->diags->at[i], in->sources);
        buf_reset(&out);
    }
    buf_clear(&out);
    arena_free(in->arena);
}

#endif
