/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire format of protocol buffers, field by field: a reader that never copies and a writer. The
 * two versions of the plugin protocol differ in few numbers, so that one reader by number serves
 * both, which generated code would not.
 */
#ifndef LOAM_PROTOBUF_H
#define LOAM_PROTOBUF_H

#include "base/buf.h"

struct protobuf {
    struct str in; /* what is left */
    bool failed;   /* malformed; reading has ended */
    uint32_t field;
    uint64_t number;  /* of a varint or fixed field */
    struct str bytes; /* of a length-delimited one: a view */
};

struct protobuf protobuf_reader(struct str message);
/* The next field; false at the end or when the rest is malformed. */
bool protobuf_next(struct protobuf *p);
/* The last value of a bytes field, or the empty view. */
struct str protobuf_find(struct str message, uint32_t field);

/* Writers leave out what is zero or empty, as proto3 does. */
void protobuf_uint(struct buf *out, uint32_t field, uint64_t number);
void protobuf_bytes(struct buf *out, uint32_t field, struct str bytes);
/* A message that is present although it may be empty. */
void protobuf_message(struct buf *out, uint32_t field, struct str bytes);

#endif
