/* SPDX-License-Identifier: Apache-2.0 */
/* Character encodings by the names that IANA registers, as far as the language offers them. */
#ifndef LOAM_CHARSET_H
#define LOAM_CHARSET_H

#include "base/str.h"

struct charset {
    const char *iconv;      /* what iconv calls it */
    const char *registered; /* its name, for messages */
    const char *aliases;    /* separated by blanks, in lower case */
};

/* NULL when there is none of that name or alias. Case does not matter. */
const struct charset *charset_find(struct str name);

#endif
