/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics as people and programs read them: the boxed text and the JSON of `validate -json`. */
#ifndef LOAM_DIAG_RENDER_H
#define LOAM_DIAG_RENDER_H

#include "diag/diag.h"

struct buf;

/*
 * One diagnostic as Terraform prints it: summary, "on FILE line N", snippet, values, wrapped
 * detail. With colour: left rule and ANSI codes. width is the terminal's columns (78 when unknown,
 * 0 = never wrap).
 */
void diag_render_text(struct buf *out, const struct diag *diag, const struct sources *sources,
                      bool colour, int width);
/* The object of the machine-readable output: severity, summary, detail, address, range, snippet. */
void diag_render_json(struct buf *out, const struct diag *diag, const struct sources *sources);

#endif
