/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ident.h"

#include "base/arena.h"
#include "base/rand.h"

#define ID_LENGTH 21
#define CERTIFICATE_ID_LENGTH 24
#define ACCESS_KEY_LENGTH 20

static const struct str base32 = STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

struct str ident_new(struct arena *arena, const char *prefix) {
    struct str head = str_from(prefix);
    size_t length = head.len ? ID_LENGTH : CERTIFICATE_ID_LENGTH;
    return str_cat(arena, head, rand_text(arena, length - head.len, base32));
}

/*
 * Behind the prefix stand 80 bits in base 32; the first 48 of them are a sign bit, the 40 bits of
 * the account's number and 7 bits of something else.
 */
struct str ident_access_key(struct arena *arena, const char *prefix, struct str account) {
    int64_t number;
    uint8_t bytes[10];
    char text[16];
    rand_bytes(bytes, sizeof bytes);
    if (!str_to_int(account, &number))
        number = 0;
    uint64_t head = 1ull << 47 | (uint64_t)number << 7 | (bytes[5] & 0x7f);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(head >> (40 - 8 * i));
    for (int i = 0; i < 16; i++) {
        int bit = i * 5, value = 0;
        for (int k = 0; k < 5; k++, bit++)
            value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
        text[i] = base32.at[value];
    }
    return str_cat(arena, str_from(prefix), (struct str){text, sizeof text});
}

bool ident_account(struct arena *arena, struct str access_key_id, struct str *ret_account) {
    uint64_t head = 0;
    if (access_key_id.len != ACCESS_KEY_LENGTH)
        return false;
    for (size_t i = 4; i < 14; i++) {
        ptrdiff_t digit = str_find_byte(base32, access_key_id.at[i]);
        if (digit < 0)
            return false;
        head = head << 5 | (uint64_t)digit;
    }
    /* 50 bits read, 48 wanted. */
    uint64_t number = (head >> 2 & 0x7fffffffff80ull) >> 7;
    if (number > 999999999999ull)
        return false;
    *ret_account = str_format(arena, "%012llu", (unsigned long long)number);
    return true;
}

struct str ident_secret(struct arena *arena) {
    return rand_text(arena, 40,
                     S("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
}
