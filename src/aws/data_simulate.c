/* SPDX-License-Identifier: Apache-2.0 */
/* aws_iam_principal_policy_simulation: the service's own simulator, answers as a set of objects. */
#include "aws/data_hooks.h"
#include "base/arena.h"
#include "wire/model_ids.h"

static const struct bind inputs[] = {
    {"action_names", M_SimulatePrincipalPolicyRequest_ActionNames},
    {"additional_policies_json", M_SimulatePrincipalPolicyRequest_PolicyInputList},
    {"caller_arn", M_SimulatePrincipalPolicyRequest_CallerArn},
    {"permissions_boundary_policies_json",
     M_SimulatePrincipalPolicyRequest_PermissionsBoundaryPolicyInputList},
    {"policy_source_arn", M_SimulatePrincipalPolicyRequest_PolicySourceArn},
    {"resource_arns", M_SimulatePrincipalPolicyRequest_ResourceArns},
    {"resource_handling_option", M_SimulatePrincipalPolicyRequest_ResourceHandlingOption},
    {"resource_owner_account_id", M_SimulatePrincipalPolicyRequest_ResourceOwner},
    {"resource_policy_json", M_SimulatePrincipalPolicyRequest_ResourcePolicy},
    {0},
};

static struct message *request(struct op *op) {
    struct message *m = service_request(op->arena, A_IAM_SimulatePrincipalPolicy);
    for (const struct bind *b = inputs; b->attr; b++) {
        struct value v = record_get(&op->now, str_from(b->attr));
        if (v.kind == VALUE_STRING)
            message_set_str(m, b->member, value_str(v));
        for (size_t i = 0; v.kind == VALUE_SET && i < value_count(v); i++)
            message_add_str(op->arena, m, b->member, value_str(value_at(v, i)));
    }
    struct value context = record_get(&op->now, S("context"));
    for (size_t i = 0; context.kind == VALUE_SET && i < value_count(context); i++) {
        struct value block = value_at(context, i);
        struct message *entry =
            message_add_message(op->arena, m, M_SimulatePrincipalPolicyRequest_ContextEntries);
        message_set_str(entry, M_ContextEntry_ContextKeyName,
                        value_str(value_attr(block, S("key"))));
        message_set_str(entry, M_ContextEntry_ContextKeyType,
                        value_str(value_attr(block, S("type"))));
        struct value values = value_attr(block, S("values"));
        for (size_t j = 0; values.kind == VALUE_SET && j < value_count(values); j++)
            message_add_str(op->arena, entry, M_ContextEntry_ContextKeyValues,
                            value_str(value_at(values, j)));
    }
    return m;
}

static struct value texts(struct arena *arena, const struct message *from, int member) {
    size_t n = message_count(from, member);
    struct value *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = value_string(arena, message_str_at(from, member, i));
    return value_set(arena, type_string, at, n);
}

static struct value statements(struct op *op, const struct type *set,
                               const struct message *result) {
    size_t n = message_count(result, M_EvaluationResult_MatchedStatements);
    struct value *at = arena_array(op->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        const struct message *s = message_at(result, M_EvaluationResult_MatchedStatements, i);
        struct record r;
        record_init(&r, op->arena, set->element, value_null(set->element));
        record_set_text(&r, S("source_policy_id"), message_str(s, M_Statement_SourcePolicyId));
        record_set_text(&r, S("source_policy_type"), message_str(s, M_Statement_SourcePolicyType));
        at[i] = record_value(&r);
    }
    return value_set(op->arena, set->element, at, n);
}

static struct value details(struct arena *arena, const struct message *result) {
    const struct field *map = &result->fields[M_EvaluationResult_EvalDecisionDetails];
    size_t n = map->set ? map->map.n : 0;
    struct value *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = value_string(arena, map->map.items[i].text);
    return value_map(arena, type_string, n > 0 ? map->map.keys : NULL, at, n);
}

static struct value result_value(struct op *op, const struct type *type,
                                 const struct message *result, bool *ret_allowed) {
    struct record r;
    struct str decision = message_str(result, M_EvaluationResult_EvalDecision);
    *ret_allowed = str_eq(decision, S("allowed"));
    record_init(&r, op->arena, type, value_null(type));
    record_set_text(&r, S("action_name"), message_str(result, M_EvaluationResult_EvalActionName));
    record_set_text(&r, S("resource_arn"),
                    message_str(result, M_EvaluationResult_EvalResourceName));
    record_set_text(&r, S("decision"), decision);
    record_set(&r, S("allowed"), value_bool(*ret_allowed));
    record_set(&r, S("decision_details"), details(op->arena, result));
    record_set(&r, S("missing_context_keys"),
               texts(op->arena, result, M_EvaluationResult_MissingContextValues));
    const struct type *set = value_type(record_get(&r, S("matched_statements")));
    record_set(&r, S("matched_statements"), statements(op, set, result));
    return record_value(&r);
}

bool data_simulate_principal(struct op *op) {
    struct fault fault;
    struct call_row call = {.action = A_IAM_SimulatePrincipalPolicy,
                            .frame = "simulating IAM Principal Policy"};
    struct message *answer =
        service_list(op->service, op->arena, A_IAM_SimulatePrincipalPolicy, request(op), &fault);
    if (!answer) {
        resource_fault(op, &call, &fault);
        return false;
    }
    const struct type *set = value_type(record_get(&op->now, S("results")));
    size_t n = message_count(answer, M_SimulatePolicyResponse_EvaluationResults);
    struct value *at = arena_array(op->arena, n, sizeof *at);
    bool all = n > 0;
    for (size_t i = 0; i < n; i++) {
        bool allowed;
        at[i] = result_value(op, set->element,
                             message_at(answer, M_SimulatePolicyResponse_EvaluationResults, i),
                             &allowed);
        all = all && allowed;
    }
    record_set(&op->now, S("results"), value_set(op->arena, set->element, at, n));
    record_set(&op->now, S("all_allowed"), value_bool(all));
    return true;
}
