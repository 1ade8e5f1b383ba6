/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting keeps the tree of what parses, and formatting again changes nothing. */
#include <stdio.h>

#include "../hcl/tree_text.h"
#include "fuzz_input.h"
#include "hcl/format.h"

/* The tree as text; false when text has errors. */
static bool read_tree(struct arena *arena, struct str text, struct str *ret_tree) {
    struct sources *sources = sources_new(arena);
    struct diags *diags = diags_new(arena);
    struct body *body = parse_file(arena, sources, sources_add(sources, S("input"), text), diags);
    if (diags_failed(diags))
        return false;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    tree_text_body(&out, body);
    *ret_tree = buf_take(&out, arena);
    return true;
}

static struct str format(struct arena *arena, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    format_source(arena, text, &out);
    return buf_take(&out, arena);
}

/* Old forms are rewritten to other trees, and what comes out of them is formatted the next time. */
static bool has_old_forms(struct str text) {
    return str_find(text, S("\"${")) >= 0 || str_find(text, S("variable")) >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str text = str_dup(arena, (struct str){(const char *)data, size});
    struct str once = format(arena, text), before, after;
    if (read_tree(arena, text, &before)) {
        if (!read_tree(arena, once, &after)) {
            fprintf(stderr, "%.*s\n", STR_ARG(once));
            bug("formatted text does not parse");
        }
        if (!has_old_forms(text) && !str_eq(before, after)) {
            fprintf(stderr, "%.*s\n---\n%.*s\n", STR_ARG(before), STR_ARG(after));
            bug("formatting changes what the text means");
        }
        if (!has_old_forms(text) && !str_eq(once, format(arena, once)))
            bug("formatting again changes the text");
    }
    arena_free(arena);
    return 0;
}
