/* SPDX-License-Identifier: Apache-2.0 */
/* Text in double quotes as messages show it: Go's %q. */
#ifndef LOAM_QUOTE_H
#define LOAM_QUOTE_H

#include "base/buf.h"

void quote_write(struct buf *out, struct str text);
/* NUL-terminated, for use in formats. */
const char *quote_text(struct arena *arena, struct str text);

#endif
