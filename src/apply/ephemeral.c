/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ephemeral resources: opened by steps of their own, or, in a destruction, when the configuration
 * of a provider first asks for their value.
 */
#include "apply/apply_int.h"

#include "apply/check_results.h"
#include "base/arena.h"
#include "resolve/configure.h"
#include "resolve/expansion.h"
#include "resolve/frame.h"
#include "resolve/lease.h"

static bool open_at(struct run *run, struct arena *arena, struct frame *frame,
                    const struct unit *unit, const struct instance_addr *addr,
                    struct value *ret_value, struct diags *diags) {
    struct provider_config_addr serving;
    struct value config;
    if (!unit || !unit->schema || !frame_config(frame, arena, unit, &config, diags) ||
        !configure_address(frame, arena, &serving, diags))
        return false;
    struct provider *provider =
        configure_provider(run->resolve, &serving, addr_instance_text(arena, addr), diags);
    if (!provider || !provider->ops->open_ephemeral)
        return false;
    const struct lease_request request = {addr, unit, provider, config};
    return lease_open(run->leases, arena, &request, ret_value, diags);
}

bool ephemeral_open(struct run *run, struct arena *arena, const struct instance_addr *addr,
                    struct value *ret_value, struct diags *diags) {
    struct frame frame;
    return lease_find(run->leases, addr, ret_value) ||
           (frame_at(&frame, run->resolve, addr, diags) &&
            open_at(run, arena, &frame, unit_resource(frame.inst->unit, addr->resource), addr,
                    ret_value, diags));
}

static bool check(struct run *run, struct arena *arena, struct frame *frame,
                  const struct instance_addr *addr, const struct config_rules *rules,
                  enum rules_kind kind, struct diags *diags) {
    struct rules_result result = {0};
    if (rules->n == 0)
        return true;
    bool done = rules_check(frame, arena, rules, kind, &result, diags);
    check_results_add(run, arena, S("resource"), apply_config_address(arena, addr),
                      addr_instance_text(arena, addr), &result);
    return done;
}

bool ephemeral_open_run(struct run *run, struct worker *worker, const struct instance_addr *addr,
                        struct diags *diags) {
    struct arena *arena = worker->arena;
    struct frame frame;
    if (!frame_at(&frame, run->resolve, addr, diags))
        return false;
    const struct unit *unit = unit_resource(frame.inst->unit, addr->resource);
    if (!unit ||
        !check(run, arena, &frame, addr, &unit->resource->preconditions, RULES_PRECONDITION, diags))
        return false;
    frame.has_self = true;
    return open_at(run, arena, &frame, unit, addr, &frame.self, diags) &&
           expansion_set_at(run->resolve, addr, frame.self) &&
           check(run, arena, &frame, addr, &unit->resource->postconditions, RULES_POSTCONDITION,
                 diags);
}

bool ephemeral_close_run(struct run *run, const struct instance_addr *addr, struct diags *diags) {
    const struct unit_module *module = unit_module(run->units, addr->module);
    const struct unit *unit = module ? unit_resource(module, addr->resource) : NULL;
    return !unit || lease_close(run->leases, unit, diags);
}
