/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

/* The removed block that speaks of this instance, or NULL. */
const struct config_removed *removed_find(const struct config_module *module,
                                          const struct instance_addr *addr) {
    for (size_t i = 0; i < module->n_removed; i++) {
        const struct config_removed *removed = &module->removed[i];
        struct instance_addr rest = *addr;
        size_t depth = module->path.n;
        if (addr->module.n < depth)
            continue;
        bool below = true;
        for (size_t k = 0; k < depth; k++)
            below = below && str_eq(module->path.at[k].name, addr->module.at[k].name);
        if (!below)
            continue;
        rest.module = (struct module_path){addr->module.at + depth, addr->module.n - depth};
        if (addr_target_contains(&removed->from, &rest))
            return removed;
    }
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        const struct config_removed *found = call->module ? removed_find(call->module, addr) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static void still_exists(struct planner *p, const struct config_module *module,
                         const struct config_removed *removed, struct diags *diags) {
    const struct unit_module *root = unit_module(p->units, module->path);
    struct module_path path = removed->from.addr.module;
    for (size_t i = 0; i < path.n && root; i++) {
        struct unit *call = map_get(&root->calls, path.at[i].name);
        if (call && i + 1 == path.n && removed->from.kind == TARGET_MODULE) {
            struct str text = addr_target_text(p->arena, &removed->from);
            diags_error(diags, call->call->span, "Removed module still exists",
                        "This statement declares that %.*s was removed, but it is still declared "
                        "in configuration.",
                        STR_ARG(text));
        }
        root = call ? call->child : NULL;
    }
    if (!root || removed->from.kind == TARGET_MODULE)
        return;
    const struct unit *unit = unit_resource(root, removed->from.addr.resource);
    if (!unit)
        return;
    struct str text = unit_config_text(p->arena, unit);
    diags_error(diags, unit->resource->span, "Removed resource still exists",
                "This statement declares that %.*s was removed, but it is still declared in "
                "configuration.",
                STR_ARG(text));
}

static void validate_module(struct planner *p, const struct config_module *module,
                            struct diags *diags) {
    for (size_t i = 0; i < module->n_removed; i++)
        still_exists(p, module, &module->removed[i], diags);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        if (call->module)
            validate_module(p, call->module, diags);
    }
}

bool removed_validate(struct planner *p, struct diags *diags) {
    size_t before = diags->n_errors;
    validate_module(p, p->config->root, diags);
    return diags->n_errors == before;
}

void removed_warn(struct planner *p, struct diags *diags) {
    struct buf list;
    buf_init(&list, BUF_MAX_TEXT);
    for (size_t i = 0; i < p->plan->n_changes; i++) {
        const struct change *change = p->plan->changes[i];
        if (change->action != ACTION_FORGET || steps_is_forgotten(change))
            continue;
        struct str text = addr_instance_text(p->arena, &change->addr);
        buf_addf(&list, " - %.*s\n", STR_ARG(text));
    }
    if (list.len > 0) {
        struct str text = buf_str(&list);
        diags_warn(diags, (struct span){0}, "Some objects will no longer be managed by Loam",
                   "If you apply this plan, Loam will discard its tracking information for "
                   "the following objects, but it will not delete them:\n%.*s\nAfter applying "
                   "this plan, Loam will no longer manage these objects. You will need to "
                   "import them into Loam to manage them again.",
                   STR_ARG(text));
    }
    buf_clear(&list);
}
