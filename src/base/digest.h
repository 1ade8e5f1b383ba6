/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, MACs and the texts that carry bytes: hex and base64. */
#ifndef LOAM_DIGEST_H
#define LOAM_DIGEST_H

#include "base/str.h"

struct arena;

#define DIGEST_MAX 64

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };

/* Bytes written to out (16, 20, 32, 64). */
size_t digest_bytes(enum digest_kind kind, struct str data, uint8_t out[DIGEST_MAX]);
struct str digest_hex(struct arena *arena, enum digest_kind kind, struct str data);
/* HMAC (RFC 2104); writes the digest's size. */
size_t digest_hmac(enum digest_kind kind, struct str key, struct str data, uint8_t out[DIGEST_MAX]);
/* CRC-32 (IEEE 802.3), as zlib. */
uint32_t digest_crc32(struct str data);

struct str digest_to_hex(struct arena *arena, const void *bytes, size_t n);
bool digest_from_hex(struct arena *arena, struct str text, struct str *ret_bytes);
/* RFC 4648 section 4, with padding. */
struct str digest_to_base64(struct arena *arena, struct str bytes);
/* Padding is required; line breaks are skipped as Go's decoder does. */
bool digest_from_base64(struct arena *arena, struct str text, struct str *ret_bytes);
/* RFC 4648 section 5, with or without padding. */
bool digest_from_base64url(struct arena *arena, struct str text, struct str *ret_bytes);
/* Equal in constant time. */
bool digest_equal(struct str a, struct str b);

#endif
