/* SPDX-License-Identifier: Apache-2.0 */
/* Character encodings by the names that IANA registers, as far as the language offers them. */
#ifndef LOAM_CHARSET_H
#define LOAM_CHARSET_H

#include "base/str.h"

/* iconv's name for an encoding, or NULL. Case does not matter. */
const char *charset_find(struct str name);

#endif
