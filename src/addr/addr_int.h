/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor over the text of an address, for the texts that state files hold by the million. */
#ifndef LOAM_ADDR_INT_H
#define LOAM_ADDR_INT_H

#include "addr/addr.h"

struct addr_scan {
    struct str text;
    size_t at;
};

/* Each takes what it names and moves on; false, without moving, when it is not there. */
bool addr_scan_byte(struct addr_scan *scan, char byte);
bool addr_scan_name(struct addr_scan *scan, struct str *ret_name);
/* [0] or ["a"]; the text is a view unless it has escapes. */
bool addr_scan_key(struct arena *arena, struct addr_scan *scan, struct key *ret_key);

#endif
