/* SPDX-License-Identifier: Apache-2.0 */
/* Variables and outputs that the author of a module has marked as deprecated, where used. */
#include "plan/plan_int.h"

#include "eval/refs.h"

void deprecations_warn_input(const struct unit *unit, struct diags *diags) {
    if (!unit->input || !unit->variable->deprecated.len)
        return;
    diags_warn(diags, expr_span(unit->input->expr),
               "Variable marked as deprecated by the module author",
               "Variable \"%.*s\" is marked as deprecated with the following message:\n%.*s",
               STR_ARG(unit->name), STR_ARG(unit->variable->deprecated));
}

/* The output that a reference to a module leads to, or NULL. */
static const struct config_output *output_of(const struct unit_module *module,
                                             const struct ref *ref) {
    const struct unit *call = ref->kind == REF_MODULE ? unit_of_ref(module, ref) : NULL;
    if (!call || call->kind != UNIT_CALL || !call->child || ref->n_rest == 0 ||
        ref->rest[0].kind != STEP_ATTR)
        return NULL;
    const struct unit *output = map_get(&call->child->outputs, ref->rest[0].name);
    return output ? output->output : NULL;
}

static void warn_values(struct arena *arena, const struct unit_module *module,
                        const struct expr *expr, struct diags *diags) {
    struct refs refs = {0};
    if (!expr || !refs_of_expr(arena, expr, &refs, NULL))
        return;
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        const struct config_output *output = output_of(module, ref);
        if (!output || !output->deprecated.len)
            continue;
        struct str key = ref->has_key ? addr_key_text(arena, addr_key_of(ref->key)) : S("");
        diags_warn(diags, expr_span(expr), "Value derived from a deprecated source",
                   "This value is derived from module.%.*s%.*s.%.*s, which is deprecated with the "
                   "following message:\n\n%.*s",
                   STR_ARG(ref->name), STR_ARG(key), STR_ARG(output->name),
                   STR_ARG(output->deprecated));
    }
}

void deprecations_warn_values(struct planner *p, struct diags *diags) {
    for (size_t i = 0; i < p->units->n; i++) {
        const struct unit *unit = p->units->at[i];
        if (unit->kind == UNIT_OUTPUT)
            warn_values(p->arena, unit->module, unit->output->expr, diags);
        else if (unit->kind == UNIT_VARIABLE && unit->input)
            warn_values(p->arena, unit->module->parent, unit->input->expr, diags);
    }
}
