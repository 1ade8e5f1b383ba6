/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/apply_int.h"

#include "apply/check_results.h"
#include "apply/settle.h"
#include "base/arena.h"
#include "resolve/frame.h"
#include "resolve/rules.h"

static void put(struct run *run, struct str name, const struct state_output *output) {
    pthread_mutex_lock(&run->lock);
    if (output)
        map_put(run->state->arena, &run->state->outputs, name, (void *)output);
    else
        map_remove(&run->state->outputs, name);
    if (run->options->checkpoint)
        run->options->checkpoint(run->options->checkpoint_context, run->state);
    pthread_mutex_unlock(&run->lock);
}

static bool check_preconditions(struct run *run, struct worker *worker,
                                const struct config_output *config, struct diags *diags) {
    if (config->preconditions.n == 0)
        return true;
    struct frame *frame = arena_alloc(worker->arena, sizeof *frame);
    struct rules_result result = {0};
    frame_init(frame, run->resolve, run->resolve->root, NULL, NULL);
    bool done =
        rules_check(frame, worker->arena, &config->preconditions, RULES_OUTPUT, &result, diags);
    struct str address = str_cat(worker->arena, S("output."), config->name);
    check_results_add(run, worker->arena, S("output_value"), address, address, &result);
    return done;
}

bool output_set_run(struct run *run, struct worker *worker, const struct output_change *output,
                    struct diags *diags) {
    const struct config_output *config = map_get(&run->config->root->outputs, output->name);
    if (output->action == ACTION_DELETE || !config) {
        put(run, output->name, NULL);
        return true;
    }
    struct value v;
    if (!check_preconditions(run, worker, config, diags) ||
        !resolve_output(run->resolve, output->name, &v, diags))
        return false;
    /* Ephemeral outputs exist only for a calling module. */
    if (config->ephemeral)
        return true;
    struct state_output *kept = arena_alloc(worker->arena, sizeof *kept);
    kept->name = output->name;
    kept->sensitive = output->sensitive || config->sensitive;
    /* Of what targets left out, nothing is known even now. */
    kept->value = settle_known(worker->arena, value_unmark_deep(worker->arena, v));
    kept->type = value_type(kept->value);
    put(run, output->name, value_is_null(value_unmark(v)) ? NULL : kept);
    return true;
}
