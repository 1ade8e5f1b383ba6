/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine does, line by line as it happens: "x: Creating...", "Creation complete after 1s".
 */
#ifndef LOAM_PROGRESS_H
#define LOAM_PROGRESS_H

#include "cli/ui.h"
#include "resolve/events.h"

/* Prints to stdout; cli must outlive the events. */
struct events progress_text(struct cli *cli);

#endif
