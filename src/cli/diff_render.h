/* SPDX-License-Identifier: Apache-2.0 */
/* A diff as text: `+ name = "a"`, `~ tags = {`, in the layout of Terraform's plan. */
#ifndef LOAM_DIFF_RENDER_H
#define LOAM_DIFF_RENDER_H

#include "cli/diff.h"
#include "cli/ui.h"

struct diff_render {
    const struct cli *cli;
    struct arena *scratch;
    bool show_unchanged; /* children without changes too */
    bool hide_symbols;   /* no + ~ - column: `show` of a state */
    bool no_null_suffix; /* no "-> null" behind what goes */
    bool force_replace;  /* say "forces replacement" on this one; its parts start without */
    bool show_sensitive;
    bool empty_as_null; /* as the reference shows the outputs of a state */
};

/* Behind "name = " or a block's header; indent counts levels of four columns. */
void diff_render(struct buf *out, const struct diff *diff, int indent,
                 const struct diff_render *options);
/* Three columns: "  +", "-/+", " <=". */
void diff_render_symbol(struct buf *out, const struct cli *cli, enum action action);
/* A name as it stands left of `=`, quoted when it is no identifier. */
struct str diff_render_name(struct arena *arena, struct str name);
/*
 * Blanks behind text up to width, which counts bytes of the longest name while the blanks count
 * characters: so do the columns of the reference.
 */
void diff_render_pad(struct buf *out, struct str text, size_t width);

#endif
