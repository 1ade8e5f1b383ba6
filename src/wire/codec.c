/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/codec.h"

#include "base/arena.h"
#include "base/buf.h"
#include "wire/limits.h"
#include "wire/query.h"
#include "wire/xml_read.h"
#include "wire/xml_write.h"

void codec_write_query(struct buf *out, const struct model_action *action,
                       const struct message *request) {
    query_write(out, action, request);
}

bool codec_read_query(struct arena *arena, struct str form, const struct model_action **ret_action,
                      struct message **ret_request, struct fault *ret_fault) {
    return query_read(arena, form, ret_action, ret_request, ret_fault);
}

bool codec_check(struct arena *arena, const struct model_action *action,
                 const struct message *request, bool any_tag_value, struct fault *ret_fault) {
    (void)action;
    return limits_check(arena, request, any_tag_value, ret_fault);
}

void codec_write_response(struct buf *out, const struct model_action *action,
                          const struct message *response, struct str request_id) {
    buf_addf(out, "<%.*sResponse xmlns=\"%.*s\">\n", STR_ARG(action->name),
             STR_ARG(model_api(action->service)->namespace_));
    if (action->result_wrapper.len) {
        buf_addf(out, "<%.*s>", STR_ARG(action->result_wrapper));
        xml_write_members(out, response);
        buf_addf(out, "</%.*s>\n", STR_ARG(action->result_wrapper));
    }
    buf_addf(out, "<ResponseMetadata><RequestId>%.*s</RequestId></ResponseMetadata>\n",
             STR_ARG(request_id));
    buf_addf(out, "</%.*sResponse>\n", STR_ARG(action->name));
}

void codec_write_fault(struct buf *out, const struct model_api *api, const struct fault *fault) {
    bool sender = fault->http < 500;
    buf_addf(out, "<ErrorResponse xmlns=\"%.*s\">\n<Error><Type>%s</Type><Code>",
             STR_ARG(api->namespace_), sender ? "Sender" : "Receiver");
    xml_write_text(out, fault->code_text);
    buf_add_c(out, "</Code>");
    if (fault->text.len) {
        buf_add_c(out, "<Message>");
        xml_write_text(out, fault->text);
        buf_add_c(out, "</Message>");
    }
    buf_addf(out, "</Error>\n<RequestId>%.*s</RequestId>\n</ErrorResponse>\n",
             STR_ARG(fault->request_id));
}

/* Anything that is not the service's own answer: a proxy's page, a cut connection's half. */
static void foreign_answer(struct arena *arena, int status, bool well_formed,
                           struct fault *ret_fault) {
    fault_set(ret_fault, arena, FAULT_OTHER, "%s",
              well_formed ? "the answer is not one of the service"
                          : "failed to decode response body");
    ret_fault->code_text = str_format(arena, "HTTP %d", status);
    ret_fault->http = status;
    ret_fault->retryable = status >= 500 || status == 429 || (status >= 200 && status < 300);
}

bool codec_read_response(struct arena *arena, const struct model_action *action, int http_status,
                         struct str body, struct str request_id_header,
                         struct message **ret_response, struct fault *ret_fault) {
    struct xml_answer answer;
    xml_read_answer(arena, action, body, &answer);
    bool ok = http_status >= 200 && http_status < 300;
    if (ok && answer.well_formed && answer.own && !answer.fault_code.len) {
        *ret_response = answer.response;
        return true;
    }
    if (answer.well_formed && answer.fault_code.len) {
        enum fault_code code = fault_from_text(answer.fault_code);
        fault_set(ret_fault, arena, code, "%.*s", STR_ARG(answer.fault_text));
        ret_fault->code_text = answer.fault_code;
        ret_fault->http = http_status;
        ret_fault->retryable |= http_status >= 500 || http_status == 429;
    } else {
        foreign_answer(arena, http_status, answer.well_formed, ret_fault);
    }
    ret_fault->request_id = answer.request_id.len ? answer.request_id : request_id_header;
    return false;
}
