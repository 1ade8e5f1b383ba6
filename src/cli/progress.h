/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine does, line by line as it happens: "x: Creating...", "Creation complete after 1s".
 */
#ifndef LOAM_PROGRESS_H
#define LOAM_PROGRESS_H

#include "cli/status_line.h"
#include "cli/ui.h"
#include "resolve/events.h"

/* Prints to stdout, above the status line (which may be NULL); cli must outlive the events. */
struct events progress_text(struct cli *cli, struct status_line *status);

#endif
