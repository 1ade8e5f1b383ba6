/* SPDX-License-Identifier: Apache-2.0 */
/* One sentence on each function, for `metadata functions`. */
#ifndef LOAM_FUNC_DOC_H
#define LOAM_FUNC_DOC_H

#include "base/str.h"

/* Empty for a function without one. */
struct str func_doc_text(struct str name);

#endif
