/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/buf.h"
#include "state/state_file.h"
#include "toy_provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* One plan: what goes in, and what comes out as lines of text. */
struct scene {
    const char *name;
    const char *files[9];
    const char *objects; /* "ADDRESS ID NAME TAG [DEPENDENCY...]" a line; - is null; ! is tainted */
    enum plan_mode mode;
    const char *target, *exclude, *replace;
    const char *want;
};

static void add_object(struct buf *out, struct arena *arena, struct str line) {
    struct str word[12] = {{0}};
    size_t n = 0;
    while (n < COUNT(word) && str_split(&line, ' ', &word[n]))
        n++;
    struct instance_addr addr;
    struct diags diags = {.arena = arena};
    assert_true(addr_parse_instance(arena, word[0], &addr, &diags));
    struct str module = addr_module_text(arena, addr.module);
    bool tainted = str_starts(word[1], S("!"));
    struct str id = tainted ? str_slice(word[1], 1, word[1].len) : word[1];
    buf_addf(out, "%s{\"mode\":\"managed\",", out->at[out->len - 1] == '[' ? "" : ",");
    if (module.len)
        buf_addf(out, "\"module\":\"%.*s\",",
                 STR_ARG(str_replace(arena, module, S("\""), S("\\\""))));
    buf_addf(out,
             "\"type\":\"toy_thing\",\"name\":\"%.*s\",\"provider\":"
             "\"provider[\\\"registry.terraform.io/hashicorp/toy\\\"]\",\"instances\":[{",
             STR_ARG(addr.resource.name));
    if (addr.key.kind == KEY_INT)
        buf_addf(out, "\"index_key\":%d,", (int)addr.key.number);
    if (addr.key.kind == KEY_STRING)
        buf_addf(out, "\"index_key\":\"%.*s\",", STR_ARG(addr.key.text));
    if (tainted)
        buf_add_c(out, "\"status\":\"tainted\",");
    buf_addf(out, "\"schema_version\":0,\"attributes\":{\"id\":\"%.*s\",\"out\":\"o\",",
             STR_ARG(id));
    static const char *const names[] = {"name", "tag"};
    for (size_t i = 0; i < 2; i++)
        if (str_eq(word[2 + i], S("-")))
            buf_addf(out, "\"%s\":null,", names[i]);
        else
            buf_addf(out, "\"%s\":\"%.*s\",", names[i], STR_ARG(word[2 + i]));
    buf_add_c(out, "\"size\":null,\"secret\":null,\"one\":null},\"dependencies\":[");
    for (size_t i = 4; i < n; i++)
        buf_addf(out, "%s\"%.*s\"", i > 4 ? "," : "", STR_ARG(word[i]));
    buf_add_c(out, "]}]}");
}

static struct state *make_state(struct arena *arena, const char *objects) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "{\"version\":4,\"terraform_version\":\"1.11.4\",\"serial\":1,"
                    "\"lineage\":\"x\",\"outputs\":{\"old\":{\"value\":\"v\",\"type\":\"string\"}},"
                    "\"resources\":[");
    struct str rest = str_from(objects ? objects : ""), line;
    while (str_split(&rest, '\n', &line))
        if (line.len)
            add_object(&out, arena, line);
    buf_add_c(&out, "],\"check_results\":null}");
    struct state *state = NULL;
    struct diags diags = {.arena = arena};
    assert_true(state_file_read(arena, buf_take(&out, arena), S("test"), &state, &diags));
    return state;
}

static struct str action_name(enum action action) {
    switch (action) {
    case ACTION_NOOP:
        return S("noop");
    case ACTION_CREATE:
        return S("create");
    case ACTION_READ:
        return S("read");
    case ACTION_UPDATE:
        return S("update");
    case ACTION_DELETE:
        return S("delete");
    case ACTION_DELETE_CREATE:
    case ACTION_CREATE_DELETE:
    case ACTION_FORGET_CREATE:
        return S("replace");
    case ACTION_FORGET:
        return S("remove");
    case ACTION_OPEN:
        return S("open");
    }
    return S("noop");
}

static void print_plan(struct buf *out, struct arena *arena, const struct plan *plan,
                       const struct diags *diags) {
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *c = plan->changes[i];
        struct str addr = addr_instance_text(arena, &c->addr);
        struct str action = action_name(c->action), reason = steps_reason_name(c->reason);
        buf_addf(out, "%.*s %.*s", STR_ARG(addr), STR_ARG(action));
        if (c->action == ACTION_CREATE_DELETE)
            buf_add_c(out, " create-first");
        if (reason.len)
            buf_addf(out, " %.*s", STR_ARG(reason));
        if (c->moved) {
            struct str from = addr_instance_text(arena, c->prev_addr);
            buf_addf(out, " from %.*s", STR_ARG(from));
        }
        if (c->importing)
            buf_addf(out, " import %.*s", STR_ARG(c->import_id));
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < plan->n_drifts; i++) {
        struct str addr = addr_instance_text(arena, &plan->drifts[i].addr);
        struct str action = action_name(plan->drifts[i].action);
        buf_addf(out, "drift %.*s %.*s\n", STR_ARG(addr), STR_ARG(action));
    }
    for (size_t i = 0; i < plan->n_outputs; i++) {
        struct str action = action_name(plan->outputs[i].action);
        if (!str_eq(plan->outputs[i].name, S("old")))
            buf_addf(out, "output %.*s %.*s\n", STR_ARG(plan->outputs[i].name), STR_ARG(action));
    }
    for (size_t i = 0; i < diags->n; i++)
        buf_addf(out, "%s: %.*s\n", diags->at[i].severity == SEVERITY_ERROR ? "error" : "warning",
                 STR_ARG(diags->at[i].summary));
}

static size_t parse_target(struct arena *arena, const char *text, struct target *target) {
    struct diags diags = {.arena = arena};
    if (!text)
        return 0;
    assert_true(addr_parse_target(arena, str_from(text), target, &diags));
    return 1;
}

static struct plan *run_scene(struct arena *arena, const struct scene *scene, uint32_t workers,
                              struct diags *diags) {
    struct config *config = toy_config(arena, scene->files, diags);
    assert_non_null(config);
    struct target target, exclude, replace;
    _Atomic bool cancel = false;
    struct plan_options options = {
        .mode = scene->mode,
        .refresh = true,
        .parallelism = workers,
        .workspace = S("default"),
        .root_dir = S("."),
        .cwd = S("/"),
        .cancel = &cancel,
        .targets = &target,
        .n_targets = parse_target(arena, scene->target, &target),
        .excludes = &exclude,
        .n_excludes = parse_target(arena, scene->exclude, &exclude),
        .force_replace = &replace,
        .n_force_replace = parse_target(arena, scene->replace, &replace),
    };
    return plan_make(arena, config, make_state(arena, scene->objects), &toy_factories, &options,
                     diags);
}

/* Every node waits only for nodes that exist, and no two wait for each other. */
static void check_order(const struct plan *plan) {
    size_t n = plan->n_nodes, done = 0;
    bool *finished = calloc(n + 1, sizeof *finished);
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < n; i++) {
            bool ready = !finished[i];
            for (uint32_t k = 0; ready && k < plan->nodes[i].n_after; k++) {
                assert_true(plan->nodes[i].after[k] < n);
                ready = finished[plan->nodes[i].after[k]];
            }
            if (ready) {
                finished[i] = moved = true;
                done++;
            }
        }
    }
    free(finished);
    assert_int_equal(done, n);
}

static const struct scene scenes[] = {
    {
        .name = "create, and what depends on it waits",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"x\" }\n"
                             "data \"toy_data\" \"d\" { in = toy_thing.a.id }\n"
                             "data \"toy_data\" \"e\" { in = toy_thing.a.name }\n"
                             "output \"o\" { value = data.toy_data.e.out }\n"
                             "output \"p\" { value = data.toy_data.d.out }\n"},
        .want = "data.toy_data.d read read_because_config_unknown\n"
                "data.toy_data.e read read_because_dependency_pending\n"
                "toy_thing.a create\noutput o create\noutput p create\n",
    },
    {
        .name = "no change",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"x\" }\n"},
        .objects = "toy_thing.a 1 x -",
        .want = "toy_thing.a noop\n",
    },
    {
        .name = "update, replace, taint",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"y\" }\n"
                             "resource \"toy_thing\" \"b\" { tag = \"new\" }\n"
                             "resource \"toy_thing\" \"c\" {}\n"},
        .objects = "toy_thing.a 1 x -\ntoy_thing.b 2 - old\ntoy_thing.c !3 - -",
        .want = "toy_thing.a update\ntoy_thing.b replace replace_because_cannot_update\n"
                "toy_thing.c replace replace_because_tainted\n",
    },
    {
        .name = "create_before_destroy spreads to what is needed",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { tag = \"new\" }\n"
                             "resource \"toy_thing\" \"b\" {\n  tag = toy_thing.a.id\n"
                             "  lifecycle { create_before_destroy = true }\n}\n"},
        .objects = "toy_thing.a 1 - old\ntoy_thing.b 2 - 1 toy_thing.a",
        .want = "toy_thing.a replace create-first replace_because_cannot_update\n"
                "toy_thing.b replace create-first replace_because_cannot_update\n",
    },
    {
        .name = "objects without configuration",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  count = 1\n}\n"
                             "resource \"toy_thing\" \"b\" {\n  for_each = toset([\"k\"])\n}\n"},
        .objects = "toy_thing.a[0] 1 - -\ntoy_thing.a[1] 2 - -\ntoy_thing.b[\"z\"] 3 - -\n"
                   "toy_thing.b[0] 4 - -\ntoy_thing.c 5 - -\nmodule.m.toy_thing.d 6 - -",
        .want = "toy_thing.a[0] noop\ntoy_thing.a[1] delete delete_because_count_index\n"
                "toy_thing.b[0] delete delete_because_wrong_repetition\n"
                "toy_thing.b[\"k\"] create\n"
                "toy_thing.b[\"z\"] delete delete_because_each_key\n"
                "toy_thing.c delete delete_because_no_resource_config\n"
                "module.m.toy_thing.d delete delete_because_no_resource_config\n",
    },
    {
        .name = "moves: a chain, a whole resource, a module, an implied one",
        .files =
            {"main.tf",
             "resource \"toy_thing\" \"c\" {}\nresource \"toy_thing\" \"n\" {\n  count = 1\n}\n"
             "module \"m\" { source = \"./m\" }\n"
             "moved {\n  from = toy_thing.b\n  to = toy_thing.c\n}\n"
             "moved {\n  from = toy_thing.a\n  to = toy_thing.b\n}\n"
             "moved {\n  from = module.old\n  to = module.m\n}\n",
             "m/main.tf", "resource \"toy_thing\" \"i\" {}\n"},
        .objects = "toy_thing.a 1 - -\ntoy_thing.n 2 - -\nmodule.old.toy_thing.i 3 - -",
        .want = "toy_thing.c noop from toy_thing.a\ntoy_thing.n[0] noop from toy_thing.n\n"
                "module.m.toy_thing.i noop from module.old.toy_thing.i\n"
                "drift toy_thing.c noop\ndrift toy_thing.n[0] noop\n"
                "drift module.m.toy_thing.i noop\n",
    },
    {
        .name = "a move to a place that is taken",
        .files = {"main.tf", "resource \"toy_thing\" \"b\" {}\n"
                             "moved {\n  from = toy_thing.a\n  to = toy_thing.b\n}\n"},
        .objects = "toy_thing.a 1 - -\ntoy_thing.b 2 - -",
        .want = "toy_thing.a delete delete_because_no_resource_config\ntoy_thing.b noop\n"
                "warning: Unresolved resource instance address changes\n",
    },
    {
        .name = "moved from what is still there",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\nresource \"toy_thing\" \"b\" {}\n"
                             "moved {\n  from = toy_thing.a\n  to = toy_thing.b\n}\n"},
        .want = "error: Moved object still exists\n",
    },
    {
        .name = "removed without destroying",
        .files = {"main.tf", "removed {\n  from = toy_thing.a\n"
                             "  lifecycle { destroy = false }\n}\n"},
        .objects = "toy_thing.a 1 - -",
        .want = "toy_thing.a remove delete_because_no_resource_config\n"
                "warning: Some objects will no longer be managed by Loam\n",
    },
    {
        .name = "imports",
        .files = {"main.tf",
                  "resource \"toy_thing\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n}\n"
                  "import {\n  for_each = { x = \"id-x\" }\n"
                  "  to = toy_thing.a[each.key]\n  id = each.value\n}\n"},
        .want = "toy_thing.a[\"x\"] noop import id-x\ntoy_thing.a[\"y\"] create\n",
    },
    {
        .name = "an import of nothing",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "import {\n  to = toy_thing.a\n  id = \"missing\"\n}\n"},
        .want = "error: Cannot import non-existent remote object\n",
    },
    {
        .name = "drift: changed and gone",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"x\" }\n"
                             "resource \"toy_thing\" \"b\" {}\n"},
        .objects = "toy_thing.a drift1 x -\ntoy_thing.b gone1 - -",
        .want = "toy_thing.a update\ntoy_thing.b create\n"
                "drift toy_thing.a update\ndrift toy_thing.b delete\n",
    },
    {
        .name = "refresh only",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"z\" }\n"
                             "output \"o\" { value = toy_thing.a.name }\n"},
        .objects = "toy_thing.a drift1 x -",
        .mode = PLAN_REFRESH_ONLY,
        .want = "drift toy_thing.a update\noutput o create\n",
    },
    {
        .name = "destroy",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "resource \"toy_thing\" \"b\" { name = toy_thing.a.id }\n"},
        .objects = "toy_thing.a 1 - -\ntoy_thing.b 2 1 - toy_thing.a",
        .mode = PLAN_DESTROY,
        .want = "toy_thing.a delete\ntoy_thing.b delete\n",
    },
    {
        .name = "prevent_destroy",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  tag = \"new\"\n"
                             "  lifecycle { prevent_destroy = true }\n}\n"},
        .objects = "toy_thing.a 1 - old",
        .want = "toy_thing.a replace replace_because_cannot_update\n"
                "error: Instance cannot be destroyed\n",
    },
    {
        .name = "ignore_changes, of one attribute and of all",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  name = \"n\"\n  tag = \"new\"\n"
                             "  lifecycle { ignore_changes = [tag] }\n}\n"
                             "resource \"toy_thing\" \"b\" {\n  name = \"n\"\n  tag = \"new\"\n"
                             "  lifecycle { ignore_changes = all }\n}\n"},
        .objects = "toy_thing.a 1 x old\ntoy_thing.b 2 x old",
        .want = "toy_thing.a update\ntoy_thing.b noop\n",
    },
    {
        .name = "replace_triggered_by",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = \"y\" }\n"
                             "resource \"toy_thing\" \"b\" {\n  lifecycle {\n"
                             "    replace_triggered_by = [toy_thing.a.name]\n  }\n}\n"
                             "resource \"toy_thing\" \"c\" {\n  lifecycle {\n"
                             "    replace_triggered_by = [toy_thing.a.size]\n  }\n}\n"},
        .objects = "toy_thing.a 1 x -\ntoy_thing.b 2 - -\ntoy_thing.c 3 - -",
        .want = "toy_thing.a update\ntoy_thing.b replace replace_by_triggers\n"
                "toy_thing.c noop\n",
    },
    {
        .name = "-replace",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  count = 2\n}\n"},
        .objects = "toy_thing.a[0] 1 - -\ntoy_thing.a[1] 2 - -",
        .replace = "toy_thing.a[1]",
        .want = "toy_thing.a[0] noop\ntoy_thing.a[1] replace replace_by_request\n",
    },
    {
        .name = "-target takes what is needed along",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "resource \"toy_thing\" \"b\" { name = toy_thing.a.id }\n"
                             "resource \"toy_thing\" \"c\" {}\n"
                             "output \"b\" { value = toy_thing.b.id }\n"
                             "output \"c\" { value = toy_thing.c.id }\n"},
        .target = "toy_thing.b",
        .want = "toy_thing.a create\ntoy_thing.b create\noutput b create\n",
    },
    {
        .name = "-exclude leaves what stands on it out",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "resource \"toy_thing\" \"b\" { name = toy_thing.a.id }\n"
                             "resource \"toy_thing\" \"c\" {}\n"},
        .exclude = "toy_thing.a",
        .want = "toy_thing.c create\n",
    },
    {
        .name = "depends_on with a pending change",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {}\n"
                             "data \"toy_data\" \"d\" {\n  in = \"x\"\n"
                             "  depends_on = [toy_thing.a]\n}\n"},
        .want = "data.toy_data.d read read_because_dependency_pending\ntoy_thing.a create\n",
    },
    {
        .name = "conditions",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  name = \"x\"\n  lifecycle {\n"
                             "    postcondition {\n      condition = self.name == \"y\"\n"
                             "      error_message = \"no\"\n    }\n  }\n}\n"
                             "resource \"toy_thing\" \"b\" { name = toy_thing.a.name }\n"
                             "output \"o\" { value = toy_thing.b.name }\n"},
        .want = "toy_thing.a create\nerror: Resource postcondition failed\n",
    },
    {
        .name = "a failed read stops only what needs it",
        .files = {"main.tf", "data \"toy_data\" \"d\" { in = \"bad\" }\n"
                             "resource \"toy_thing\" \"a\" { name = data.toy_data.d.out }\n"
                             "resource \"toy_thing\" \"b\" {}\n"},
        .want = "toy_thing.b create\nerror: No such thing\n",
    },
    {
        .name = "a failed check is a warning",
        .files = {"main.tf", "check \"c\" {\n  data \"toy_data\" \"d\" { in = \"bad\" }\n"
                             "  assert {\n    condition = data.toy_data.d.out == \"x\"\n"
                             "    error_message = \"no\"\n  }\n}\n"},
        .want = "data.toy_data.d read read_because_check_nested\nwarning: No such thing\n",
    },
    {
        .name = "an ephemeral value in an attribute that is kept",
        .files = {"main.tf", "variable \"e\" {\n  ephemeral = true\n  default = \"x\"\n}\n"
                             "resource \"toy_thing\" \"a\" { one = var.e }\n"
                             "resource \"toy_thing\" \"b\" { name = var.e }\n"},
        .want = "error: Invalid use of ephemeral value\n",
    },
    {
        .name = "an unknown count",
        .files = {"main.tf",
                  "resource \"toy_thing\" \"a\" {}\n"
                  "resource \"toy_thing\" \"b\" {\n  count = length(toy_thing.a.id)\n}\n"},
        .want = "toy_thing.a create\nerror: Invalid count argument\n",
    },
    {
        .name = "cycles are named",
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { name = toy_thing.b.id }\n"
                             "resource \"toy_thing\" \"b\" { name = toy_thing.a.id }\n"},
        .want = "error: Cycle: toy_thing.a, toy_thing.b\n",
    },
};

static void scenes_come_out_as_told(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++) {
        for (uint32_t workers = 1; workers <= 4; workers += 3) {
            struct arena *arena = arena_new();
            struct diags diags = {.arena = arena};
            struct plan *plan = run_scene(arena, &scenes[i], workers, &diags);
            struct buf out;
            buf_init(&out, BUF_MAX_TEXT);
            print_plan(&out, arena, plan, &diags);
            if (!str_eq(buf_str(&out), str_from(scenes[i].want)))
                fail_msg("%s:\nwant:\n%sgot:\n%.*s", scenes[i].name, scenes[i].want,
                         STR_ARG(buf_str(&out)));
            assert_int_equal(plan->errored, diags.n_errors > 0);
            check_order(plan);
            buf_clear(&out);
            arena_free(arena);
        }
    }
}

/* Where in plan->nodes an operation of one kind stands, by address. */
static uint32_t node_of(struct arena *arena, const struct plan *plan, int kind, const char *addr) {
    for (size_t i = 0; i < plan->n_nodes; i++) {
        const struct step_node *node = &plan->nodes[i];
        if ((int)node->kind == kind &&
            str_eq(addr_instance_text(arena, &plan->changes[node->change]->addr), str_from(addr)))
            return (uint32_t)i;
    }
    fail_msg("no node for %s", addr);
    return 0;
}

static bool waits_for(const struct plan *plan, uint32_t node, uint32_t other) {
    if (node == other)
        return true;
    for (uint32_t i = 0; i < plan->nodes[node].n_after; i++)
        if (waits_for(plan, plan->nodes[node].after[i], other))
            return true;
    return false;
}

static void old_objects_go_in_reverse(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const struct scene scene = {
        .files = {"main.tf", "resource \"toy_thing\" \"a\" { tag = \"new\" }\n"
                             "resource \"toy_thing\" \"b\" { tag = toy_thing.a.id }\n"},
        .objects = "toy_thing.a 1 - old\ntoy_thing.b 2 - 1 toy_thing.a",
    };
    struct plan *plan = run_scene(arena, &scene, 1, &diags);
    uint32_t old_a = node_of(arena, plan, STEP_DESTROY, "toy_thing.a");
    uint32_t old_b = node_of(arena, plan, STEP_DESTROY, "toy_thing.b");
    uint32_t new_a = node_of(arena, plan, STEP_CREATE_UPDATE, "toy_thing.a");
    uint32_t new_b = node_of(arena, plan, STEP_CREATE_UPDATE, "toy_thing.b");
    assert_true(waits_for(plan, old_a, old_b));
    assert_true(waits_for(plan, new_a, old_a));
    assert_true(waits_for(plan, new_b, new_a));
    assert_true(waits_for(plan, new_b, old_b));
    assert_false(waits_for(plan, old_b, new_a));
    arena_free(arena);
}

static void kept_objects_go_last(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const struct scene scene = {
        .files = {"main.tf", "resource \"toy_thing\" \"a\" {\n  tag = \"new\"\n"
                             "  lifecycle { create_before_destroy = true }\n}\n"
                             "locals { id = toy_thing.a.id }\n"
                             "resource \"toy_thing\" \"b\" { name = local.id }\n"},
        .objects = "toy_thing.a 1 - old\ntoy_thing.b 2 1 - toy_thing.a",
    };
    struct plan *plan = run_scene(arena, &scene, 1, &diags);
    uint32_t old_a = node_of(arena, plan, STEP_DESTROY, "toy_thing.a");
    uint32_t new_a = node_of(arena, plan, STEP_CREATE_UPDATE, "toy_thing.a");
    uint32_t new_b = node_of(arena, plan, STEP_CREATE_UPDATE, "toy_thing.b");
    assert_true(waits_for(plan, old_a, new_a));
    assert_true(waits_for(plan, old_a, new_b));
    assert_true(waits_for(plan, new_b, new_a));
    arena_free(arena);
}

static void without_refresh_nothing_is_read(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const files[] = {"main.tf", "resource \"toy_thing\" \"a\" {}\n", NULL};
    struct config *config = toy_config(arena, files, &diags);
    struct plan_options options = {.parallelism = 1, .workspace = S("default")};
    int before = toy_reads();
    plan_make(arena, config, make_state(arena, "toy_thing.a 1 - -"), &toy_factories, &options,
              &diags);
    assert_int_equal(toy_reads(), before);
    options.refresh = true;
    plan_make(arena, config, make_state(arena, "toy_thing.a 1 - -"), &toy_factories, &options,
              &diags);
    assert_int_equal(toy_reads(), before + 1);
    arena_free(arena);
}

static void secrets_are_open_while_they_are_needed(void **state) {
    (void)state;
    static const struct {
        const char *config, *notes;
    } cases[] = {
        {"ephemeral \"toy_secret\" \"s\" { in = \"a\" }\n"
         "locals { s = ephemeral.toy_secret.s.out }\n"
         "resource \"toy_thing\" \"t\" {\n  name = \"t\"\n  one = local.s\n}\n"
         "resource \"toy_thing\" \"u\" {\n  name = \"u\"\n  tag = toy_thing.t.name\n}\n",
         "open a, plan t, plan u, close a!"},
        {"ephemeral \"toy_secret\" \"s\" { in = \"a\" }\n"
         "ephemeral \"toy_secret\" \"z\" { in = ephemeral.toy_secret.s.out }\n",
         "open a, open a!, close a!!, close a!"},
        {"ephemeral \"toy_secret\" \"s\" { in = toy_thing.t.id }\n"
         "resource \"toy_thing\" \"t\" { name = \"t\" }\n",
         "plan t"},
        {"ephemeral \"toy_secret\" \"s\" { in = \"a\" }\n"
         "provider \"toy\" {\n  alias = \"x\"\n  region = ephemeral.toy_secret.s.out\n}\n"
         "resource \"toy_thing\" \"t\" {\n  provider = toy.x\n  name = \"t\"\n}\n",
         "open a, configure a!, plan t, close a!"},
        {"ephemeral \"toy_secret\" \"s\" { in = \"a\" }\n"
         "ephemeral \"toy_secret\" \"z\" { in = \"${ephemeral.toy_secret.s.out}\" }\n"
         "resource \"toy_thing\" \"t\" {\n  name = \"t\"\n  one = ephemeral.toy_secret.z.out\n"
         "  lifecycle {\n    precondition {\n      condition = path.module == \"no\"\n"
         "      error_message = \"no\"\n    }\n  }\n}\n",
         "open a, open a!, close a!!, close a!"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        const struct scene scene = {.files = {"main.tf", cases[i].config}};
        toy_forget_notes();
        run_scene(arena, &scene, 4, &diags);
        if (strcmp(toy_notes(), cases[i].notes) != 0)
            fail_msg("%zu: want: %s\ngot: %s", i, cases[i].notes, toy_notes());
        arena_free(arena);
    }
}

static void secrets_that_fail_say_where(void **state) {
    (void)state;
    static const char *const names[] = {"bad", "stuck"};
    static const char *const summaries[] = {"No such secret", "Will not close"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        char config[100];
        snprintf(config, sizeof config, "ephemeral \"toy_secret\" \"s\" {\n  in = \"%s\"\n}\n",
                 names[i]);
        const struct scene scene = {.files = {"main.tf", config}};
        assert_true(run_scene(arena, &scene, 1, &diags)->errored);
        assert_int_equal(diags.n, 1);
        assert_string_equal(str_c(arena, diags.at[0].summary), summaries[i]);
        assert_string_equal(str_c(arena, diags.at[0].address), "ephemeral.toy_secret.s");
        arena_free(arena);
    }
}

static void validate_needs_no_values(void **state) {
    (void)state;
    const struct plan_options here = {.workspace = S("default")};
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const char *const good[] = {"main.tf",
                                "variable \"n\" {}\nresource \"toy_thing\" \"a\" {\n"
                                "  count = var.n\n  name = \"x${count.index}\"\n}\n",
                                NULL};
    assert_true(
        plan_validate(arena, toy_config(arena, good, &diags), &toy_factories, &here, &diags));
    assert_int_equal(diags.n, 0);
    const char *const bad[] = {"main.tf",
                               "resource \"toy_thing\" \"a\" { nope = 1 }\n"
                               "output \"o\" { value = toy_thing.a.wrong }\n"
                               "output \"p\" { value = local.none }\n",
                               NULL};
    assert_false(
        plan_validate(arena, toy_config(arena, bad, &diags), &toy_factories, &here, &diags));
    assert_int_equal(diags.n_errors, 3);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_come_out_as_told),
        cmocka_unit_test(old_objects_go_in_reverse),
        cmocka_unit_test(kept_objects_go_last),
        cmocka_unit_test(without_refresh_nothing_is_read),
        cmocka_unit_test(secrets_are_open_while_they_are_needed),
        cmocka_unit_test(secrets_that_fail_say_where),
        cmocka_unit_test(validate_needs_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
