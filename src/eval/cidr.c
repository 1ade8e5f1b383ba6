/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/cidr.h"

#include "base/arena.h"
#include "base/buf.h"

static bool parse_v4(struct str text, cidr_bits *ret_address) {
    struct str part;
    cidr_bits address = 0;
    int parts = 0;
    if (!text.at)
        return false;
    while (str_split(&text, '.', &part)) {
        int value = 0;
        if (part.len == 0 || part.len > 10 || ++parts > 4)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            if (part.at[i] < '0' || part.at[i] > '9' || value > 255)
                return false;
            value = value * 10 + (part.at[i] - '0');
        }
        if (value > 255)
            return false;
        address = address << 8 | (unsigned)value;
    }
    *ret_address = address;
    return parts == 4;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One group of hex digits off the front; false: there is none or it is too long. */
static bool take_group(struct str *text, unsigned *ret_group) {
    unsigned group = 0;
    size_t n = 0;
    while (n < text->len && hex_digit(text->at[n]) >= 0)
        group = group << 4 | (unsigned)hex_digit(text->at[n++]);
    if (n == 0 || n > 4)
        return false;
    *text = str_slice(*text, n, text->len);
    *ret_group = group;
    return true;
}

static bool parse_v6(struct str text, cidr_bits *ret_address) {
    unsigned groups[8] = {0};
    int n = 0, gap = -1;
    if (str_starts(text, S("::"))) {
        gap = 0;
        text = str_slice(text, 2, text.len);
    }
    while (text.len && n < 8) {
        cidr_bits v4;
        if (n <= 6 && str_find_byte(text, ':') < 0 && parse_v4(text, &v4)) {
            groups[n++] = (unsigned)(v4 >> 16);
            groups[n++] = (unsigned)(v4 & 0xffff);
            text.len = 0;
            break;
        }
        if (!take_group(&text, &groups[n]))
            return false;
        n++;
        if (!text.len)
            break;
        if (text.at[0] != ':' || text.len == 1)
            return false;
        text = str_slice(text, 1, text.len);
        if (text.at[0] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            text = str_slice(text, 1, text.len);
        }
    }
    if (text.len || (gap < 0 && n < 8) || (gap >= 0 && n > 7))
        return false;
    cidr_bits address = 0;
    for (int i = 0; i < 8; i++) {
        int from = gap < 0 || i < gap ? i : i - (8 - n);
        address = address << 16 | (gap >= 0 && i >= gap && from < gap ? 0 : groups[from]);
    }
    *ret_address = address;
    return true;
}

bool cidr_parse_address(struct str text, struct cidr *ret_cidr) {
    struct cidr cidr = {0, 32, 32};
    if (str_find_byte(text, ':') < 0) {
        if (!parse_v4(text, &cidr.address))
            return false;
    } else {
        cidr.width = cidr.prefix = 128;
        if (!parse_v6(text, &cidr.address))
            return false;
    }
    *ret_cidr = cidr;
    return true;
}

bool cidr_parse(struct str text, struct cidr *ret_cidr) {
    ptrdiff_t slash = str_find_byte(text, '/');
    struct cidr cidr;
    int bits = 0;
    if (slash < 0 || !cidr_parse_address(str_slice(text, 0, (size_t)slash), &cidr))
        return false;
    struct str length = str_slice(text, (size_t)slash + 1, text.len);
    if (length.len == 0 || length.len > 3)
        return false;
    for (size_t i = 0; i < length.len; i++) {
        if (length.at[i] < '0' || length.at[i] > '9')
            return false;
        bits = bits * 10 + (length.at[i] - '0');
    }
    if (bits > cidr.width)
        return false;
    cidr.prefix = bits;
    *ret_cidr = cidr;
    return true;
}

bool cidr_is_mapped(struct cidr cidr) {
    return cidr.width == 128 && cidr.address >> 32 == 0xffff;
}

cidr_bits cidr_hosts(int bits) {
    return bits >= 128 ? ~(cidr_bits)0 : ((cidr_bits)1 << bits) - 1;
}

struct cidr cidr_network(struct cidr cidr) {
    cidr.address &= ~cidr_hosts(cidr.width - cidr.prefix);
    return cidr;
}

static void write_v4(struct buf *out, unsigned address) {
    buf_addf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
             address & 255);
}

/* RFC 5952: the longest run of zero groups, of two at least, becomes "::". */
static void write_v6(struct buf *out, cidr_bits address) {
    unsigned groups[8];
    int best = -1, best_len = 1;
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)(address >> (112 - 16 * i)) & 0xffff;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && groups[i + n] == 0)
            n++;
        if (n > best_len) {
            best = i;
            best_len = n;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            buf_add_c(out, "::");
            i += best_len - 1;
            continue;
        }
        buf_addf(out, i && i != best + best_len ? ":%x" : "%x", groups[i]);
    }
}

struct str cidr_address_text(struct arena *arena, struct cidr cidr) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (cidr.width == 32 || cidr_is_mapped(cidr))
        write_v4(&out, (unsigned)cidr.address);
    else
        write_v6(&out, cidr.address);
    return buf_take(&out, arena);
}

struct str cidr_text(struct arena *arena, struct cidr cidr) {
    bool short_prefix = cidr_is_mapped(cidr) && cidr.prefix >= 96;
    return str_format(arena, "%.*s/%d", STR_ARG(cidr_address_text(arena, cidr)),
                      short_prefix ? cidr.prefix - 96 : cidr.prefix);
}
