/* SPDX-License-Identifier: Apache-2.0 */
#include "server/call.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "server/server_int.h"
#include "wire/query.h"

#define DEFAULT_PAGE 100
#define MARKER_HEAD "loam1:"

bool call_fail(struct call *call, enum fault_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(call->arena, format, args);
    va_end(args);
    fault_set(call->fault, call->arena, code, "%.*s", STR_ARG(text));
    return false;
}

struct str call_str(const struct call *call, int member) {
    return member < 0 ? S("") : message_str(call->request, member);
}

struct str call_arn(const struct call *call, struct str account, const char *type, struct str path,
                    struct str name) {
    return str_format(call->arena, "arn:%.*s:iam::%.*s:%s%.*s%.*s", STR_ARG(call->partition),
                      STR_ARG(account), type, STR_ARG(path.len ? path : S("/")), STR_ARG(name));
}

struct str call_escaped(const struct call *call, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_RESPONSE);
    query_escape(&out, text, false);
    return buf_take(&out, call->arena);
}

/* Markers are opaque to clients: the key they stand behind, dressed up. */
bool call_page(struct call *call, struct page *ret_page) {
    struct page page = {.after = S(""), .size = DEFAULT_PAGE};
    struct str marker = message_str(call->request, call->model->marker);
    struct str plain;
    if (message_has(call->request, call->model->max_items))
        page.size = message_int(call->request, call->model->max_items);
    if (marker.len) {
        bool own =
            digest_from_base64(call->arena, marker, &plain) && str_starts(plain, S(MARKER_HEAD));
        int64_t number;
        if (!own && !(call->server->permissive && str_to_int(marker, &number)))
            return call_fail(call, FAULT_VALIDATION, "Invalid Marker.");
        page.after = own ? str_slice(plain, sizeof MARKER_HEAD - 1, plain.len) : marker;
    }
    *ret_page = page;
    return true;
}

size_t call_page_count(const struct page *page, size_t have) {
    return have > (size_t)page->size ? (size_t)page->size : have;
}

void call_page_end(struct call *call, const struct page *page, size_t have, struct str last_key) {
    bool more = have > (size_t)page->size;
    message_set_bool(call->response, call->model->is_truncated, more);
    if (more)
        message_set_str(
            call->response, call->model->next_marker,
            digest_to_base64(call->arena, str_cat(call->arena, S(MARKER_HEAD), last_key)));
}
