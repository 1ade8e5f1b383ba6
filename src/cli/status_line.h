/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last line of a terminal while much is done: how much of it is, and how long the rest will
 * take. It is rewritten in place below the lines that are told for good, and gone in the end. Used
 * from many threads.
 */
#ifndef LOAM_STATUS_LINE_H
#define LOAM_STATUS_LINE_H

#include "cli/command.h"

struct status_line;

/* NULL, which every function takes, when stdout is no terminal that can rewrite a line. */
struct status_line *status_line_new(struct cli *cli);
/* From here on the line is shown once work takes longer than a moment. verb: "Applying". */
void status_line_begin(struct status_line *s, const char *verb, size_t total);
void status_line_end(struct status_line *s);
/* One more has begun, or is done. */
void status_line_started(struct status_line *s);
void status_line_finished(struct status_line *s);
/* Whole lines, above the status. */
void status_line_print(struct status_line *s, struct str text);
/* What the line says after elapsed_ms; for tests, too. */
struct str status_line_text(struct arena *arena, const char *verb, size_t done, size_t total,
                            size_t running, int64_t elapsed_ms);

#endif
