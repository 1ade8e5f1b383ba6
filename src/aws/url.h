/* SPDX-License-Identifier: Apache-2.0 */
/* URLs as Go's net/url takes and refuses them, which is what the provider's messages show. */
#ifndef LOAM_URL_H
#define LOAM_URL_H

#include "base/str.h"

struct arena;

struct url {
    struct str scheme; /* in lower case; empty: none */
    struct str host;   /* with its port */
    struct str query;  /* behind '?', without the fragment */
};

/* false: *ret_fault says why, as `parse "TEXT": missing protocol scheme`. */
bool url_parse(struct arena *arena, struct str text, struct url *ret, struct str *ret_fault);
/* Does a query have any parameter at all? */
bool url_has_parameters(struct str query);

#endif
