/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses and prefixes of both families, as numbers. */
#ifndef LOAM_CIDR_H
#define LOAM_CIDR_H

#include "base/str.h"

struct arena;

__extension__ typedef unsigned __int128 cidr_bits;

struct cidr {
    cidr_bits address; /* right-aligned in `width` bits */
    int width;         /* 32 or 128 */
    int prefix;
};

/* Leading zeros of IPv4 parts are decimal, as the language has always read them. */
bool cidr_parse_address(struct str text, struct cidr *ret_cidr);
/* ADDRESS/BITS; host bits are kept. */
bool cidr_parse(struct str text, struct cidr *ret_cidr);
struct cidr cidr_network(struct cidr cidr); /* host bits cleared */
/* An IPv4 address in IPv6 form, "::ffff:a.b.c.d". */
bool cidr_is_mapped(struct cidr cidr);
cidr_bits cidr_hosts(int bits); /* `bits` ones */
struct str cidr_address_text(struct arena *arena, struct cidr cidr);
struct str cidr_text(struct arena *arena, struct cidr cidr);

#endif
