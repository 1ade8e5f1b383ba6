/* SPDX-License-Identifier: Apache-2.0 */
/* yamldecode() and yamlencode(). */
#include "eval/func_int.h"
#include "eval/yaml_text.h"

static bool run_yamldecode(struct func_call *call, struct value *ret_value) {
    struct str error;
    if (yaml_text_decode(call->arena, func_text(call, 0), ret_value, &error))
        return true;
    return func_fail(call, "%.*s", STR_ARG(error));
}

static bool run_yamlencode(struct func_call *call, struct value *ret_value) {
    struct str error;
    struct buf out;
    if (value_type(call->args[0]) == type_type)
        return func_fail(call, "can't marshal type as YAML");
    buf_init(&out, BUF_MAX_TEXT);
    if (yaml_text_encode(&out, call->args[0], &error))
        return func_string_result(call, &out, ret_value);
    buf_clear(&out);
    return func_fail(call, "%.*s", STR_ARG(error));
}

static const struct func_param decode_params[] = {{"src", &type_string, NULL, 0, NULL}};
static const struct func_param encode_params[] = {
    {"value", NULL, NULL, FUNC_NULL | FUNC_DYNAMIC, NULL}};

static const struct func functions[] = {
    {"yamldecode", decode_params, 1, .run = run_yamldecode, .maybe_null = true},
    {"yamlencode", encode_params, 1, .result = &type_string, .run = run_yamlencode},
};

const struct func_table func_yaml_table = {functions, COUNT(functions)};
