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

static bool ask(void *context, struct module_inst *inst) {
    struct asking *asking = context;
    struct arena *arena = asking->run->arena;
    struct frame *frame = arena_alloc(arena, sizeof *frame);
    struct rules_result result = {0};
    frame_init(frame, asking->run->resolve, inst, NULL, NULL);
    frame->unit = asking->unit;
    rules_check(frame, arena, &asking->unit->check->asserts, RULES_ASSERT, &result, asking->diags);
    struct str name = asking->unit->name;
    check_results_add(asking->run, arena, S("check"), check_address(arena, inst->unit->path, name),
                      check_address(arena, inst->path, name), &result);
    return true;
}

void check_run_all(struct run *run, struct diags *diags) {
    if (run->plan->mode == PLAN_DESTROY)
        return;
    for (size_t i = 0; i < run->units->n; i++) {
        const struct unit *unit = run->units->at[i];
        if (unit->kind != UNIT_CHECK)
            continue;
        struct asking asking = {run, unit, diags};
        resolve_each_module(run->resolve, run->arena, unit->module, ask, &asking, diags);
    }
}
