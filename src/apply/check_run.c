/* SPDX-License-Identifier: Apache-2.0 */
/* Check blocks, asked again with what the apply has made. */
#include "apply/apply_int.h"

#include "apply/check_results.h"
#include "base/arena.h"
#include "resolve/frame.h"
#include "resolve/rules.h"

struct asking {
    struct run *run;
    const struct unit *unit;
    struct diags *diags;
};

static struct str check_address(struct arena *arena, struct module_path module, struct str name) {
    struct str prefix = addr_module_text(arena, module);
    return str_format(arena, "%.*s%scheck.%.*s", STR_ARG(prefix), prefix.len > 0 ? "." : "",
                      STR_ARG(name));
}

void check_run_unread(struct task *task, const struct module_inst *inst, struct str check,
                      struct str problem) {
    struct str *kept = arena_copy(task->arena, &problem, sizeof problem);
    struct str address = check_address(task->arena, inst->path, check);
    pthread_mutex_lock(&task->run->lock);
    map_put(task->run->state->arena, &task->run->unread, address, kept);
    pthread_mutex_unlock(&task->run->lock);
}

static bool ask(void *context, struct module_inst *inst) {
    struct asking *asking = context;
    struct arena *arena = asking->run->arena;
    struct frame *frame = arena_alloc(arena, sizeof *frame);
    struct rules_result result = {0};
    frame_init(frame, asking->run->resolve, inst, NULL, NULL);
    frame->unit = asking->unit;
    rules_check(frame, arena, &asking->unit->check->asserts, RULES_ASSERT, &result, asking->diags);
    struct str address = check_address(arena, inst->path, asking->unit->name);
    struct str *problem = map_get(&asking->run->unread, address);
    /* Its asserts have nothing to speak of. */
    if (problem)
        result = (struct rules_result){.status = CHECK_FAIL, .problems = problem, .n_problems = 1};
    check_results_add(asking->run, arena, S("check"),
                      check_address(arena, inst->unit->path, asking->unit->name), address, &result);
    return true;
}

static bool ask_variable(void *context, struct module_inst *inst) {
    struct asking *asking = context;
    struct value ignored;
    return resolve_value(asking->run->resolve, inst, asking->unit, &ignored, asking->diags);
}

void check_run_variables(struct run *run, struct diags *diags) {
    const struct plan *plan = run->plan;
    if (plan->mode == PLAN_DESTROY || plan->n_targets > 0 || plan->n_excludes > 0)
        return;
    for (size_t i = 0; i < run->units->n; i++) {
        const struct unit *unit = run->units->at[i];
        if (unit->kind != UNIT_VARIABLE || !unit->validation || !unit->input)
            continue;
        struct asking asking = {run, unit, diags};
        resolve_each_module(run->resolve, unit->module, ask_variable, &asking, diags);
    }
}

void check_run_all(struct run *run, struct diags *diags) {
    if (run->plan->mode == PLAN_DESTROY)
        return;
    for (size_t i = 0; i < run->units->n; i++) {
        const struct unit *unit = run->units->at[i];
        if (unit->kind != UNIT_CHECK)
            continue;
        struct asking asking = {run, unit, diags};
        resolve_each_module(run->resolve, unit->module, ask, &asking, diags);
    }
}
