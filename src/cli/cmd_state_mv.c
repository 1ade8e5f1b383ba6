/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "cli/cmd_state.h"
#include "cli/state_access.h"

static const struct option options[] = {
    {"dry-run", OPTION_BOOL, offsetof(struct state_flags, dry_run), NULL,
     "Say what would be done, and do nothing."},
    {"backup-out", OPTION_STR, offsetof(struct state_flags, backup_out), "=path", NULL},
    STATE_OPTION_ROWS,
    STATE_WRITE_OPTION_ROWS,
};

static const struct state_flags defaults = {.state = {.lock = true}};
static const struct span nowhere = {0};

/* One run of the command. `to` is `from` itself unless -state-out names another file. */
struct move {
    struct cli *cli;
    const struct state_flags *flags;
    struct session source, other;
    struct state *from, *to;
    struct target what, where;
    struct str where_text; /* as given */
    size_t moved;
};

static bool refuse(struct move *m, const char *summary, const char *detail, ...) PRINTF_LIKE(3, 4);

static bool refuse(struct move *m, const char *summary, const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(m->cli->arena, detail, args);
    va_end(args);
    diags_add(m->cli->diags, SEVERITY_ERROR, nowhere, str_from(summary), text);
    return false;
}

static struct str resource_text(struct arena *arena, const struct target *target) {
    struct target whole = *target;
    whole.kind = TARGET_RESOURCE;
    whole.addr.key = (struct key){.kind = KEY_NONE};
    return addr_target_text(arena, &whole);
}

static bool check_types(struct move *m) {
    struct arena *arena = m->cli->arena;
    const struct resource_addr *a = &m->what.addr.resource, *b = &m->where.addr.resource;
    struct str from = resource_text(arena, &m->what), to = resource_text(arena, &m->where);
    bool ok = true;
    if (a->mode != b->mode)
        ok = refuse(m, "Invalid state move request",
                    a->mode == MODE_DATA ? "Cannot move %.*s to %.*s: a data resource can be moved "
                                           "only to another data resource address."
                                         : "Cannot move %.*s to %.*s: a managed resource can be "
                                           "moved only to another managed resource address.",
                    STR_ARG(from), STR_ARG(to));
    if (!str_eq(a->type, b->type))
        ok = refuse(m, "Invalid state move request",
                    "Cannot move %.*s to %.*s: resource types don't match.", STR_ARG(from),
                    STR_ARG(to));
    return ok;
}

static void tell(struct move *m, struct str from, struct str to) {
    struct arena *arena = m->cli->arena;
    struct str a = address_quoted(arena, from), b = address_quoted(arena, to);
    ui_outf(m->cli, "%s %.*s to %.*s\n", m->flags->dry_run ? "Would move" : "Move", STR_ARG(a),
            STR_ARG(b));
    m->moved++;
}

static void put(struct move *m, const struct state_entry *e, const struct instance_addr *target) {
    const struct state_instance *instance = e->instance;
    struct provider_config_addr own = state_provider(e->resource, instance);
    const struct provider_config_addr *provider = &own;
    state_set_current(m->to, target, provider, instance->current);
    for (size_t i = 0; i < instance->n_deposed; i++)
        state_set_deposed(m->to, target, provider, instance->deposed[i].key,
                          &instance->deposed[i].object);
}

static void take(struct move *m, const struct state_entry *e) {
    for (size_t i = 0; i < e->instance->n_deposed; i++)
        state_set_deposed(m->from, &e->addr, &e->resource->provider, e->instance->deposed[i].key,
                          NULL);
    state_set_current(m->from, &e->addr, &e->resource->provider, NULL);
}

/* The address of an instance under `what`, as it reads under `where`. */
static struct instance_addr renamed(struct move *m, const struct instance_addr *it) {
    struct instance_addr result = *it;
    const struct module_path *from = &m->what.addr.module, *to = &m->where.addr.module;
    if (m->what.kind != TARGET_MODULE) {
        result = m->where.addr;
        if (m->what.kind == TARGET_RESOURCE)
            result.key = it->key;
        return result;
    }
    size_t n = to->n + it->module.n - from->n;
    struct module_step *steps = arena_array(m->cli->arena, n, sizeof *steps);
    for (size_t i = 0; i < n; i++)
        steps[i] = i < to->n ? to->at[i] : it->module.at[from->n + i - to->n];
    result.module = (struct module_path){steps, n};
    return result;
}

static bool has_module(const struct state *state, struct module_path module) {
    if (!module.n)
        return true;
    for (size_t i = 0; i < state->resources.n; i++) {
        const struct state_resource *r = state->resources.entries[i].value;
        if (r->n_instances && addr_module_eq(r->module, module))
            return true;
    }
    return false;
}

/* Every module below the one named moves as a unit of its own. */
static bool move_modules(struct move *m, const struct state_entry *entries, size_t n) {
    struct arena *arena = m->cli->arena;
    struct module_path last = {0};
    bool told = false;
    for (size_t i = 0; i < n; i++) {
        struct instance_addr target = renamed(m, &entries[i].addr);
        if (told && addr_module_eq(last, entries[i].addr.module))
            continue;
        if (has_module(m->to, target.module)) {
            ui_err(S("Error moving state: destination module already exists\n\nPlease ensure your "
                     "addresses and state paths are valid. No\nstate was persisted. Your existing "
                     "states are untouched.\n"));
            return false;
        }
        tell(m, addr_module_text(arena, entries[i].addr.module),
             addr_module_text(arena, target.module));
        last = entries[i].addr.module;
        told = true;
    }
    return true;
}

static bool check_target(struct move *m, const struct state_entry *entries, size_t n) {
    struct arena *arena = m->cli->arena;
    struct str from = addr_target_text(arena, &m->what), to = addr_target_text(arena, &m->where);
    if (m->what.kind == TARGET_MODULE)
        return m->where.kind == TARGET_MODULE
                   ? move_modules(m, entries, n)
                   : refuse(m, "Invalid target address",
                            "Cannot move %.*s to %.*s: the target must also be a module.",
                            STR_ARG(from), STR_ARG(to));
    if (m->what.kind == TARGET_RESOURCE && m->where.kind != TARGET_RESOURCE)
        return refuse(m, "Invalid target address",
                      "Cannot move %.*s to %.*s: the source is a whole resource (not a resource "
                      "instance) so the target must also be a whole resource.",
                      STR_ARG(from), STR_ARG(to));
    if (m->where.kind == TARGET_MODULE)
        return refuse(m, "Invalid target address",
                      "Cannot move %.*s to %.*s: the target must also be a resource instance.",
                      STR_ARG(from), STR_ARG(to));
    bool ok = check_types(m);
    bool whole = m->what.kind == TARGET_RESOURCE;
    const struct state_resource *there =
        state_resource(m->to, m->where.addr.module, m->where.addr.resource);
    if (whole ? there && (there->n_instances || there->husk)
              : state_instance(m->to, &m->where.addr) != NULL)
        ok = refuse(m, "Invalid target address",
                    "Cannot move to %.*s: there is already a resource%s at that address in the "
                    "current state.",
                    STR_ARG(to), whole ? "" : " instance");
    if (!whole && !n)
        ok = refuse(m, "Invalid source address", "The current state does not contain %.*s.",
                    STR_ARG(from));
    if (ok)
        tell(m, from, whole ? to : m->where_text);
    return ok;
}

/* "module.m.aws_iam_role.r", as dependencies are written. */
static struct str config_text(struct arena *arena, const struct instance_addr *addr) {
    struct module_step *steps = arena_array(arena, addr->module.n, sizeof *steps);
    for (size_t i = 0; i < addr->module.n; i++)
        steps[i] = (struct module_step){.name = addr->module.at[i].name};
    struct instance_addr plain = {.module = {steps, addr->module.n}, .resource = addr->resource};
    return addr_instance_text(arena, &plain);
}

/* What depended on something that moved learns its dependencies anew with its next change. */
static void forget_dependencies(struct move *m, const struct map *moved) {
    size_t n;
    struct arena *arena = m->cli->arena;
    struct state_entry *entries = state_entries(arena, m->to, &n);
    for (size_t i = 0; i < n; i++) {
        const struct state_object *object = entries[i].instance->current;
        for (size_t k = 0; object && k < object->n_dependencies; k++) {
            if (map_find(moved, object->dependencies[k]) < 0)
                continue;
            struct state_object changed = *object;
            changed.dependencies = NULL;
            changed.n_dependencies = 0;
            state_set_current(m->to, &entries[i].addr, NULL, &changed);
            break;
        }
    }
}

static void move_entries(struct move *m, const struct state_entry *entries, size_t n) {
    struct map moved = {.n = 0};
    struct arena *arena = m->cli->arena;
    for (size_t i = 0; i < n; i++)
        take(m, &entries[i]);
    for (size_t i = 0; i < n; i++) {
        struct instance_addr target = renamed(m, &entries[i].addr);
        put(m, &entries[i], &target);
        map_put(arena, &moved, config_text(arena, &entries[i].addr), m);
    }
    forget_dependencies(m, &moved);
}

/* An address without a key names the whole resource, or its only instance when that has none. */
static void settle_kinds(struct move *m) {
    const struct state_instance *only =
        m->what.kind == TARGET_RESOURCE ? state_instance(m->from, &m->what.addr) : NULL;
    if (only)
        m->what.kind = TARGET_INSTANCE;
}

static bool plan_move(struct move *m, const struct state *before, struct state_entry **ret_entries,
                      size_t *ret_n) {
    struct arena *arena = m->cli->arena;
    size_t n, kept = 0;
    settle_kinds(m);
    struct state_entry *entries = state_entries(arena, before, &n);
    for (size_t i = 0; i < n; i++)
        if (addr_target_contains(&m->what, &entries[i].addr))
            entries[kept++] = entries[i];
    if (!kept && m->what.kind != TARGET_INSTANCE)
        return refuse(m, "Invalid source address",
                      "Cannot move %.*s: does not match anything in the current state.",
                      STR_ARG(addr_target_text(arena, &m->what)));
    *ret_entries = entries;
    *ret_n = kept;
    return check_target(m, entries, kept);
}

/* The file of -state-out. */
static bool open_other(struct move *m) {
    struct session_state_flags flags = {.state = m->flags->state.state_out,
                                        .backup = m->flags->backup_out,
                                        .lock = m->flags->state.lock,
                                        .lock_timeout_ms = m->flags->state.lock_timeout_ms};
    m->other = session_start(m->cli);
    if (!session_open_store(&m->other, &flags))
        return false;
    if (!flags.backup.len || str_eq(flags.backup, S("-")))
        state_store_local_stamp(m->other.store, flags.state);
    m->to = NULL;
    if (!session_lock(&m->other, &flags, "state-mv") ||
        !state_access_read(m->cli, m->other.store, &m->to))
        return false;
    if (!m->to)
        m->to = state_new(m->cli->arena);
    return true;
}

static bool move_all(struct move *m) {
    struct arena *arena = m->cli->arena;
    struct state_entry *entries = NULL;
    size_t n = 0;
    bool two = m->flags->state.state_out.len > 0;
    struct state *before = state_copy(arena, m->from);
    if (two && !open_other(m))
        return false;
    struct state *other_before = state_copy(arena, m->to);
    if (!plan_move(m, before, &entries, &n))
        return false;
    if (m->flags->dry_run)
        return true;
    move_entries(m, entries, n);
    if (two && !session_write_state(&m->other, other_before, m->to))
        return false;
    if (!session_write_state(&m->source, before, m->from))
        return false;
    ui_outf(m->cli, "Successfully moved %zu object(s).\n", m->moved);
    return true;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *given = untyped;
    struct state_flags flags = *given;
    struct move m = {.cli = cli, .flags = given};
    if (n_rest != 2)
        return command_misuse(cli, "", "Exactly two arguments expected.\n");
    flags.state.state_out = S("");
    if (!cmd_state_lock(&m.source, cli, &flags, "state-mv", true, &m.from))
        return cmd_state_finish(&m.source, false);
    if (!m.from) {
        session_unlock(&m.source);
        return cmd_state_none(cli);
    }
    m.to = m.from;
    m.where_text = rest[1];
    bool ok = address_parse_target(cli, rest[0], &m.what);
    ok = address_parse_target(cli, rest[1], &m.where) && ok;
    ok = ok && move_all(&m);
    if (m.other.store)
        session_unlock(&m.other);
    return cmd_state_finish(&m.source, ok);
}

const struct command command_state_mv = {
    .name = "state mv",
    .synopsis = "[options] SOURCE DESTINATION",
    .summary = "Move an item in the state",
    .help = "  Renames a module, resource or instance in the state, so that a rename in the\n"
            "  configuration does not replace the real object. A `moved` block does the same\n"
            "  for everyone who uses the module.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct state_flags),
    .defaults = &defaults,
    .usage = USAGE_SILENT,
    .run = run,
};
