/* SPDX-License-Identifier: Apache-2.0 */
/* An answer through the XML reader, and a result of it through the writer and back. */
#include "base/arena.h"
#include "base/buf.h"
#include "wire/codec.h"
#include "wire/model_ids.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int actions[] = {A_IAM_GetAccountAuthorizationDetails, A_IAM_GetAccountSummary,
                              A_IAM_GetCredentialReport, A_IAM_DeleteUser, A_STS_AssumeRole};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str body = {(const char *)data, size};
    for (size_t i = 0; i < COUNT(actions); i++) {
        const struct model_action *action = model_by_id(actions[i]);
        struct message *response;
        struct fault fault = {0};
        struct buf out;
        if (!codec_read_response(arena, action, size % 2 ? 200 : 500, body, S("id"), &response,
                                 &fault))
            continue;
        buf_init(&out, BUF_MAX_RESPONSE);
        codec_write_response(&out, action, response, S("id"));
        if (!codec_read_response(arena, action, 200, buf_take(&out, arena), S("id"), &response,
                                 &fault))
            bug("what was written cannot be read");
    }
    arena_free(arena);
    return 0;
}
