/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AWS Query protocol ("AWS Query protocol", Smithy): form parameters in, XML out, both
 * directions, for every action, from the model alone.
 */
#ifndef LOAM_CODEC_H
#define LOAM_CODEC_H

#include "wire/fault.h"
#include "wire/message.h"

/* Client: "Action=...&Version=...&..." */
void codec_write_query(struct buf *out, const struct model_action *action,
                       const struct message *request);
/*
 * Server: the action and its message from a form body. Syntax and types only, limits are
 * codec_check's work. On failure *ret_fault says MalformedQueryString, InvalidAction ...
 */
bool codec_read_query(struct arena *arena, struct str form, const struct model_action **ret_action,
                      struct message **ret_request, struct fault *ret_fault);
/* Required members, lengths, ranges, patterns, enums: the combined ValidationError as AWS words it.
 */
bool codec_check(struct arena *arena, const struct model_action *action,
                 const struct message *request, bool any_tag_value, struct fault *ret_fault);
/* Server: <CreateUserResponse xmlns=...><CreateUserResult>... */
void codec_write_response(struct buf *out, const struct model_action *action,
                          const struct message *response, struct str request_id);
void codec_write_fault(struct buf *out, const struct model_api *api, const struct fault *fault);
/* Client: either *ret_response or, for any other answer, *ret_fault (HTML, half XML ... too). */
bool codec_read_response(struct arena *arena, const struct model_action *action, int http_status,
                         struct str body, struct str request_id_header,
                         struct message **ret_response, struct fault *ret_fault);

#endif
