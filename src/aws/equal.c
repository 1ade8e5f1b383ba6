/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/equal.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"

#define SHA1_HEX 40

static struct str next_line(struct str *rest) {
    struct str line;
    while (rest->len > 0 && str_split(rest, '\n', &line)) {
        line = str_trim(line);
        if (line.len > 0)
            return line;
    }
    return S("");
}

static bool same_lines(struct str a, struct str b) {
    for (;;) {
        struct str left = next_line(&a), right = next_line(&b);
        if (!str_eq(left, right))
            return false;
        if (left.len == 0)
            return true;
    }
}

static struct str without_returns(struct arena *arena, struct str text) {
    char *out = arena_bytes(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '\r')
            out[n++] = text.at[i];
    return (struct str){out, n};
}

bool equal_pem(struct arena *scratch, struct str state, struct str configured) {
    if (state.len == SHA1_HEX)
        return str_eq(state, digest_hex(scratch, DIGEST_SHA1,
                                        str_trim(without_returns(scratch, configured))));
    return same_lines(state, configured);
}

/* "ssh-rsa AAAA..." of "ssh-rsa AAAA... comment". */
struct str equal_ssh_bare(struct str key) {
    key = str_trim(key);
    ptrdiff_t first = str_find_byte(key, ' ');
    if (first < 0)
        return key;
    struct str rest = str_slice(key, (size_t)first + 1, key.len);
    ptrdiff_t second = str_find_byte(rest, ' ');
    return second < 0 ? key : str_slice(key, 0, (size_t)(first + 1 + second));
}

bool equal_ssh_key(struct arena *scratch, struct str state, struct str configured) {
    if (str_starts(str_trim(configured), S("ssh-")))
        return str_eq(equal_ssh_bare(state), equal_ssh_bare(configured));
    return equal_pem(scratch, state, configured);
}

bool equal_url(struct arena *scratch, struct str state, struct str configured) {
    static const struct str scheme = STR("https://");
    (void)scratch;
    if (str_starts(state, scheme))
        state = str_slice(state, scheme.len, state.len);
    if (str_starts(configured, scheme))
        configured = str_slice(configured, scheme.len, configured.len);
    return str_eq(state, configured);
}

struct str equal_url_written(struct arena *arena, struct str state) {
    return str_find(state, S("://")) >= 0 ? state : str_cat(arena, S("https://"), state);
}

struct str equal_trimmed(struct arena *arena, struct str text) {
    (void)arena;
    return str_trim(text);
}

static struct str written(struct arena *arena, const struct json *json) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_write(&out, json, 0, true);
    return buf_take(&out, arena);
}

struct str equal_policy_normal(struct arena *arena, struct str document) {
    struct json_error error;
    struct json *json = json_parse(arena, document, &error);
    if (!json)
        return S("");
    json_sort(json);
    return written(arena, json);
}

struct str equal_inline_normal(struct arena *arena, struct str document) {
    struct json_error error;
    struct json *json = json_parse(arena, document, &error);
    if (!json)
        return S("");
    json_sort(json);
    for (size_t i = 1; json->kind == JSON_OBJECT && i < json->n; i++) {
        struct json_member version = json->members[i];
        if (!str_eq(version.name, S("Version")))
            continue;
        for (size_t k = i; k > 0; k--)
            json->members[k] = json->members[k - 1];
        json->members[0] = version;
        break;
    }
    return written(arena, json);
}
