/* SPDX-License-Identifier: Apache-2.0 */
/* The file of -generate-config-out: blocks for objects that have none, for people to go over. */
#ifndef LOAM_GENERATED_H
#define LOAM_GENERATED_H

#include "base/buf.h"
#include "cli/ui.h"

/* false: there is such a file already, and that was printed. An empty path is none. */
bool generated_check(struct cli *cli, struct str path);
void generated_begin(struct buf *text);
/* One block; import_id says where it comes from, when it is known. */
void generated_add(struct buf *text, struct str import_id, struct str block);
/* Writes the text, if any blocks were added, and clears it; false with an error. */
bool generated_write(struct cli *cli, struct str path, struct buf *text, bool any);
void generated_say(struct cli *cli, struct str path);

#endif
