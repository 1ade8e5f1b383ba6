/* SPDX-License-Identifier: Apache-2.0 */
/* The first line as Authorization header, the second as query, the third as date, the rest as body.
 */
#include "base/arena.h"
#include "base/str.h"
#include "wire/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str part[3] = {{0}}, rest = {(const char *)data, size};
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, '\n', &part[i]))
            part[i] = S("");
    const struct http_header headers[] = {
        {S("Host"), S("localhost")}, {S("X-Amz-Date"), part[2]}, {S("Authorization"), part[0]}};
    struct http_request request = {.method = S("POST"),
                                   .path = S("/"),
                                   .query = part[1],
                                   .headers = headers,
                                   .n_headers = part[0].len ? 3 : 2,
                                   .body = rest.at ? rest : S("")};
    struct sigv4_claim claim;
    struct fault fault = {0};
    if (sigv4_parse(arena, &request, &claim, &fault) && claim.present &&
        sigv4_verify(arena, &request, &claim, S("never the secret"), claim.time_ms, 300000, &fault))
        bug("a signature was guessed");
    arena_free(arena);
    return 0;
}
