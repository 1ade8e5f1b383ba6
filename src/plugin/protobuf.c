/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/protobuf.h"

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct protobuf protobuf_reader(struct str message) {
    return (struct protobuf){.in = message};
}

static bool fail(struct protobuf *p) {
    p->failed = true;
    p->in.len = 0;
    return false;
}

static bool read_varint(struct protobuf *p, uint64_t *ret_number) {
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && p->in.len > 0; shift += 7) {
        uint8_t byte = (uint8_t)p->in.at[0];
        p->in = str_slice(p->in, 1, p->in.len);
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_number = number;
            return true;
        }
    }
    return fail(p);
}

static bool read_fixed(struct protobuf *p, unsigned n) {
    if (p->in.len < n)
        return fail(p);
    p->number = 0;
    for (unsigned i = 0; i < n; i++)
        p->number |= (uint64_t)(uint8_t)p->in.at[i] << (8 * i);
    p->in = str_slice(p->in, n, p->in.len);
    return true;
}

bool protobuf_next(struct protobuf *p) {
    uint64_t tag, n;
    p->bytes = (struct str){0};
    p->number = 0;
    if (p->in.len == 0 || !read_varint(p, &tag))
        return false;
    p->field = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case WIRE_VARINT:
        return read_varint(p, &p->number);
    case WIRE_FIXED64:
        return read_fixed(p, 8);
    case WIRE_FIXED32:
        return read_fixed(p, 4);
    case WIRE_BYTES:
        if (!read_varint(p, &n) || n > p->in.len)
            return fail(p);
        p->bytes = str_slice(p->in, 0, (size_t)n);
        p->in = str_slice(p->in, (size_t)n, p->in.len);
        return true;
    default:
        return fail(p);
    }
}

struct str protobuf_find(struct str message, uint32_t field) {
    struct protobuf p = protobuf_reader(message);
    struct str found = {0};
    while (protobuf_next(&p))
        if (p.field == field)
            found = p.bytes;
    return found;
}

static void write_varint(struct buf *out, uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        buf_byte(out, (char)(number | 0x80));
    buf_byte(out, (char)number);
}

void protobuf_uint(struct buf *out, uint32_t field, uint64_t number) {
    if (number == 0)
        return;
    write_varint(out, (uint64_t)field << 3 | WIRE_VARINT);
    write_varint(out, number);
}

void protobuf_bytes(struct buf *out, uint32_t field, struct str bytes) {
    if (bytes.len > 0)
        protobuf_message(out, field, bytes);
}

void protobuf_message(struct buf *out, uint32_t field, struct str bytes) {
    write_varint(out, (uint64_t)field << 3 | WIRE_BYTES);
    write_varint(out, bytes.len);
    buf_add(out, bytes);
}
