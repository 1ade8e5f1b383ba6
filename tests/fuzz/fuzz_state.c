/* SPDX-License-Identifier: Apache-2.0 */
/* A state file that is read is written so that it reads back as the same. */
#include "fuzz_input.h"
#include "state/state_file.h"

static bool rewrite(struct arena *arena, struct str text, struct str *ret_text) {
    struct diags *diags = diags_new(arena);
    struct state *state = NULL;
    struct buf out;
    if (!state_file_read(arena, text, S("input"), &state, diags)) {
        if (!diags_failed(diags))
            bug("refused without a reason");
        return false;
    }
    size_t n = 0;
    struct state_entry *entries = state_entries(arena, state, &n);
    for (size_t i = 0; i < n; i++)
        if (entries[i].instance->current)
            (void)state_attributes(arena, entries[i].instance->current);
    buf_init(&out, BUF_MAX_DOCUMENT);
    state_file_write(&out, state_copy(arena, state));
    *ret_text = buf_take(&out, arena);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str text = str_dup(arena, (struct str){(const char *)data, size}), once, twice;
    if (rewrite(arena, text, &once)) {
        if (!rewrite(arena, once, &twice))
            bug("what was written does not read");
        if (!str_eq(once, twice))
            bug("writing again changes the file");
    }
    arena_free(arena);
    return 0;
}
