/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/arena.h"
#include "base/fs.h"
#include "state/journal.h"
#include "world.h"

struct fixture {
    struct arena *arena;
    struct diags *diags;
    struct world *world;
    struct config *config;
    struct plan *plan;
    struct str folder;
    struct apply_options options;
    struct apply_counts counts;
    struct events events;
    pthread_mutex_t lock;
    char said[4096]; /* events as text */
};

static void on_event(void *context, const struct event *event) {
    static const char *const names[] = {
        [EVENT_APPLY_START] = "start",    [EVENT_APPLY_DONE] = "done",
        [EVENT_APPLY_ERRORED] = "failed", [EVENT_PROVISION_OUTPUT] = "says",
        [EVENT_IMPORT_DONE] = "imported",
    };
    struct fixture *f = context;
    if (event->kind >= COUNT(names) || !names[event->kind])
        return;
    pthread_mutex_lock(&f->lock);
    size_t used = strlen(f->said);
    snprintf(f->said + used, sizeof f->said - used, "%s %.*s%s%.*s\n", names[event->kind],
             STR_ARG(event->addr->resource.name), event->text.len > 0 ? ": " : "",
             STR_ARG(event->text));
    pthread_mutex_unlock(&f->lock);
}

static int open_fixture(void **state) {
    struct fixture *f = test_calloc(1, sizeof *f);
    f->arena = arena_new();
    f->diags = diags_new(f->arena);
    f->world = world_new();
    pthread_mutex_init(&f->lock, NULL);
    char folder[] = "/tmp/loam-apply-XXXXXX";
    assert_non_null(mkdtemp(folder));
    f->folder = str_dup(f->arena, str_from(folder));
    f->events = (struct events){on_event, f};
    f->options = (struct apply_options){.parallelism = 4,
                                        .root_dir = S("."),
                                        .cwd = f->folder,
                                        .workspace = S("default"),
                                        .cancel = &f->world->cancel,
                                        .events = &f->events};
    f->plan = arena_alloc(f->arena, sizeof *f->plan);
    f->plan->prior_state = state_new(f->arena);
    f->plan->changes = arena_array(f->arena, 16, sizeof(struct change *));
    f->plan->nodes = arena_array(f->arena, 16, sizeof *f->plan->nodes);
    f->plan->outputs = arena_array(f->arena, 16, sizeof *f->plan->outputs);
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    struct str *names;
    size_t n;
    assert_int_equal(fs_list(f->arena, f->folder, &names, &n), 0);
    for (size_t i = 0; i < n; i++)
        fs_remove(fs_join(f->arena, f->folder, names[i]));
    rmdir(f->folder.at);
    world_free(f->world);
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static void configure(struct fixture *f, const char *text) {
    struct str path = fs_join(f->arena, f->folder, S("main.tf"));
    assert_int_equal(fs_write(path, str_from(text), 0600), 0);
    f->config = config_load(f->arena, sources_new(f->arena), f->folder, S(""), true, f->diags);
    assert_non_null(f->config);
    assert_int_equal(f->diags->n_errors, 0);
}

static struct value text(struct fixture *f, const char *s) {
    return value_string(f->arena, str_from(s));
}

static const struct provider_config_addr test_provider = {
    .provider = {STR("registry.terraform.io"), STR("hashicorp"), STR("test")}};

static struct change *add_change(struct fixture *f, enum action action, const char *name,
                                 struct value before, struct value after) {
    struct change *c = arena_alloc(f->arena, sizeof *c);
    f->plan->changes[f->plan->n_changes++] = c;
    *c = (struct change){
        .addr = {.resource = {MODE_MANAGED, S("test_thing"), str_from(name)}},
        .provider = &test_provider,
        .action = action,
        .before = before,
        .after = after,
    };
    c->prev_addr = &c->addr;
    return c;
}

/* A node for the newest change; after: numbers of nodes, or -1. */
static void add_node(struct fixture *f, int kind, size_t index, int after) {
    struct step_node *node = &f->plan->nodes[f->plan->n_nodes++];
    node->kind = (unsigned)kind;
    node->change = (uint32_t)index;
    if (after >= 0) {
        uint32_t needed = (uint32_t)after;
        node->after = arena_copy(f->arena, &needed, sizeof needed);
        node->n_after = 1;
    }
}

static struct value nothing(struct fixture *f) {
    return value_null(value_type(world_value(f->arena, text(f, "i"), text(f, "n"))));
}

static struct value planned(struct fixture *f, struct value name) {
    return world_value(f->arena, value_unknown(type_string), name);
}

/* An object in the world and in the state from which the plan starts. */
static struct value existing(struct fixture *f, const char *resource, const char *id,
                             const char *name) {
    world_add(f->world, id, name);
    struct state_object *object = arena_alloc(f->arena, sizeof *object);
    object->attributes =
        str_format(f->arena, "{\"id\":\"%s\",\"name\":\"%s\",\"note\":null}", id, name);
    struct instance_addr addr = {.resource = {MODE_MANAGED, S("test_thing"), str_from(resource)}};
    state_set_current(f->plan->prior_state, &addr, &test_provider, object);
    return world_value(f->arena, text(f, id), text(f, name));
}

static struct state *run(struct fixture *f) {
    struct provider_factory factory = {.source = S("registry.terraform.io/hashicorp/test"),
                                       .open = world_open,
                                       .context = f->world};
    struct provider_factories factories = {&factory, 1};
    return apply_run(f->arena, f->config, f->plan, &factories, &f->options, &f->counts, f->diags);
}

static const struct state_instance *find(const struct state *state, const char *name) {
    struct instance_addr addr = {.resource = {MODE_MANAGED, S("test_thing"), str_from(name)}};
    return state_instance(state, &addr);
}

static struct str id_of(struct arena *arena, const struct state_object *object) {
    return json_get_str(state_attributes(arena, object), S("id"));
}

/* Everything that exists is in the state, and the other way round. */
static void assert_truthful(struct fixture *f, const struct state *state) {
    size_t n, objects = 0;
    struct state_entry *entries = state_entries(f->arena, state, &n);
    for (size_t i = 0; i < n; i++) {
        const struct state_instance *instance = entries[i].instance;
        if (instance->current) {
            assert_non_null(world_find(f->world, id_of(f->arena, instance->current)));
            objects++;
        }
        for (size_t j = 0; j < instance->n_deposed; j++) {
            assert_non_null(world_find(f->world, id_of(f->arena, &instance->deposed[j].object)));
            objects++;
        }
    }
    assert_int_equal(objects, world_count(f->world));
}

#define TWO_THINGS                                                                                 \
    "resource \"test_thing\" \"a\" {\n  name = \"a\"\n}\n"                                         \
    "resource \"test_thing\" \"b\" {\n  name = test_thing.a.id\n}\n"                               \
    "output \"o\" {\n  value = test_thing.b.name\n}\n"

static void plan_two_things(struct fixture *f) {
    configure(f, TWO_THINGS);
    add_change(f, ACTION_CREATE, "a", nothing(f), planned(f, text(f, "a")));
    add_change(f, ACTION_CREATE, "b", nothing(f), planned(f, value_unknown(type_string)));
    f->plan->outputs[f->plan->n_outputs++] =
        (struct output_change){.name = S("o"), .action = ACTION_CREATE};
    add_node(f, STEP_CREATE_UPDATE, 0, -1);
    add_node(f, STEP_CREATE_UPDATE, 1, 0);
    add_node(f, STEP_OUTPUT, 0, 1);
}

static void final_values_reach_dependents(void **state) {
    struct fixture *f = *state;
    plan_two_things(f);
    struct state *after = run(f);
    assert_int_equal(f->diags->n_errors, 0);
    assert_string_equal(f->world->log, "+a +id-1 ");
    assert_int_equal(f->counts.added, 2);
    assert_truthful(f, after);
    const struct state_output *output = map_get(&after->outputs, S("o"));
    assert_non_null(output);
    assert_true(str_eq(value_str(output->value), S("id-1")));
    assert_string_equal(f->said, "start a\ndone a\nstart b\ndone b\n");
    assert_int_equal(find(after, "a")->current->sensitive.n, 1);
}

/* Each call of the provider fails once, in each way; the state must tell what exists. */
static void every_failure_leaves_a_true_state(void **state) {
    struct fixture *f = *state;
    plan_two_things(f);
    static const enum world_fault faults[] = {WORLD_FAIL_BEFORE, WORLD_FAIL_PARTIAL, WORLD_LIE};
    for (size_t i = 0; i < COUNT(faults); i++) {
        for (int call = 1; call <= 2; call++) {
            world_clear(f->world);
            f->world->fault = faults[i];
            f->world->fault_at = call;
            f->diags = diags_new(f->arena);
            struct state *after = run(f);
            assert_int_equal(f->diags->n_errors, 1);
            assert_int_equal(f->counts.added, call - 1);
            assert_truthful(f, after);
            const struct state_instance *failed = find(after, call == 1 ? "a" : "b");
            if (faults[i] == WORLD_FAIL_BEFORE)
                assert_true(failed == NULL || failed->current == NULL);
            else
                assert_true(failed->current->tainted);
        }
    }
}

static void lies_are_named(void **state) {
    struct fixture *f = *state;
    plan_two_things(f);
    f->world->fault = WORLD_LIE;
    f->world->fault_at = 1;
    run(f);
    assert_true(
        str_eq(f->diags->at[0].summary, S("Provider produced inconsistent result after apply")));
    assert_true(str_find(f->diags->at[0].detail,
                         S(".name: was cty.StringVal(\"a\"), but now cty.StringVal(\"lie\").")) >
                0);
}

static void interrupt_begins_nothing_new(void **state) {
    struct fixture *f = *state;
    plan_two_things(f);
    f->world->fault = WORLD_CANCEL;
    f->world->fault_at = 1;
    struct state *after = run(f);
    assert_string_equal(f->world->log, "+a ");
    assert_int_equal(f->diags->n_errors, 1);
    assert_true(str_eq(f->diags->at[0].summary, S("execution halted")));
    assert_truthful(f, after);
    assert_false(find(after, "a")->current->tainted);
}

static void plan_replacement(struct fixture *f, enum action action) {
    configure(f, "resource \"test_thing\" \"a\" {\n  name = \"new\"\n}\n");
    struct value before = existing(f, "a", "id-0", "old");
    add_change(f, action, "a", before, planned(f, text(f, "new")));
    bool create_first = action == ACTION_CREATE_DELETE;
    add_node(f, create_first ? STEP_CREATE_UPDATE : STEP_DESTROY, 0, -1);
    add_node(f, create_first ? STEP_DESTROY : STEP_CREATE_UPDATE, 0, 0);
}

static void replaces_in_both_orders(void **state) {
    struct fixture *f = *state;
    plan_replacement(f, ACTION_DELETE_CREATE);
    struct state *after = run(f);
    assert_string_equal(f->world->log, "-old +new ");
    assert_truthful(f, after);
    assert_int_equal(f->counts.added, 1);
    assert_int_equal(f->counts.destroyed, 1);
    world_clear(f->world);
    f->plan->n_changes = f->plan->n_nodes = 0;
    plan_replacement(f, ACTION_CREATE_DELETE);
    after = run(f);
    assert_string_equal(f->world->log, "+new -old ");
    assert_truthful(f, after);
    assert_int_equal(find(after, "a")->n_deposed, 0);
}

/* Whatever fails of a replacement with the new object first, nothing is forgotten. */
static void failed_replacement_keeps_both(void **state) {
    struct fixture *f = *state;
    static const enum world_fault faults[] = {WORLD_FAIL_BEFORE, WORLD_FAIL_PARTIAL};
    for (size_t i = 0; i < COUNT(faults); i++) {
        for (int call = 1; call <= 2; call++) {
            world_clear(f->world);
            f->plan->n_changes = f->plan->n_nodes = 0;
            f->diags = diags_new(f->arena);
            plan_replacement(f, ACTION_CREATE_DELETE);
            f->world->fault = faults[i];
            f->world->fault_at = call;
            struct state *after = run(f);
            assert_int_equal(f->diags->n_errors, 1);
            if (faults[i] == WORLD_FAIL_BEFORE)
                assert_truthful(f, after);
            const struct state_instance *a = find(after, "a");
            assert_non_null(a->current);
            /* A create that came to nothing puts the old object back. */
            if (call == 1 && faults[i] == WORLD_FAIL_BEFORE)
                assert_int_equal(a->n_deposed, 0);
        }
    }
}

static void failed_delete_keeps_the_object(void **state) {
    struct fixture *f = *state;
    configure(f, "");
    struct value before = existing(f, "a", "id-0", "old");
    add_change(f, ACTION_DELETE, "a", before, nothing(f));
    add_node(f, STEP_DESTROY, 0, -1);
    f->world->fault = WORLD_FAIL_BEFORE;
    f->world->fault_at = 1;
    struct state *after = run(f);
    assert_truthful(f, after);
    assert_true(str_eq(f->diags->at[0].summary, S("Refused")));
    assert_true(str_eq(f->diags->at[0].address, S("test_thing.a")));
    assert_int_equal(f->counts.destroyed, 0);
}

static void forgetting_leaves_the_world_alone(void **state) {
    struct fixture *f = *state;
    configure(f, "");
    struct value before = existing(f, "a", "id-0", "old");
    add_change(f, ACTION_FORGET, "a", before, nothing(f));
    add_node(f, STEP_DESTROY, 0, -1);
    struct state *after = run(f);
    assert_true(state_is_empty(after));
    assert_int_equal(world_count(f->world), 1);
    assert_int_equal(f->counts.forgotten, 1);
}

static void deposed_objects_are_destroyed_by_key(void **state) {
    struct fixture *f = *state;
    configure(f, "");
    world_add(f->world, "id-9", "left");
    struct state_object *object = arena_alloc(f->arena, sizeof *object);
    object->attributes = S("{\"id\":\"id-9\",\"name\":\"left\",\"note\":null}");
    struct change *c = add_change(
        f, ACTION_DELETE, "a", world_value(f->arena, text(f, "id-9"), text(f, "left")), nothing(f));
    c->deposed = S("0123abcd");
    state_set_deposed(f->plan->prior_state, &c->addr, &test_provider, c->deposed, object);
    add_node(f, STEP_DESTROY, 0, -1);
    struct state *after = run(f);
    assert_int_equal(world_count(f->world), 0);
    assert_truthful(f, after);
}

static void data_sources_wait_for_the_apply(void **state) {
    struct fixture *f = *state;
    configure(f, "resource \"test_thing\" \"a\" {\n  name = \"a\"\n}\n"
                 "data \"test_thing\" \"d\" {\n  name = test_thing.a.id\n}\n"
                 "output \"o\" {\n  value = data.test_thing.d.name\n}\n");
    add_change(f, ACTION_CREATE, "a", nothing(f), planned(f, text(f, "a")));
    struct change *data =
        add_change(f, ACTION_READ, "d", nothing(f), planned(f, value_unknown(type_string)));
    data->addr.resource.mode = MODE_DATA;
    f->plan->outputs[f->plan->n_outputs++] =
        (struct output_change){.name = S("o"), .action = ACTION_CREATE};
    add_node(f, STEP_CREATE_UPDATE, 0, -1);
    add_node(f, STEP_READ, 1, 0);
    add_node(f, STEP_OUTPUT, 0, 1);
    struct state *after = run(f);
    assert_int_equal(f->diags->n_errors, 0);
    const struct state_output *output = map_get(&after->outputs, S("o"));
    assert_true(str_eq(value_str(output->value), S("id-1")));
}

static void postconditions_are_asked_with_the_result(void **state) {
    struct fixture *f = *state;
    configure(f, "resource \"test_thing\" \"a\" {\n  name = \"a\"\n  lifecycle {\n"
                 "    postcondition {\n      condition     = self.id == \"other\"\n"
                 "      error_message = \"got ${self.id}\"\n    }\n  }\n}\n");
    add_change(f, ACTION_CREATE, "a", nothing(f), planned(f, text(f, "a")));
    add_node(f, STEP_CREATE_UPDATE, 0, -1);
    struct state *after = run(f);
    assert_int_equal(f->diags->n_errors, 1);
    assert_true(str_eq(f->diags->at[0].summary, S("Resource postcondition failed")));
    assert_truthful(f, after);
    assert_false(find(after, "a")->current->tainted);
}

static void plan_provisioned(struct fixture *f, const char *provisioner) {
    configure(f, str_c(f->arena, str_format(f->arena,
                                            "resource \"test_thing\" \"a\" {\n  name = \"a\"\n"
                                            "  provisioner \"local-exec\" {\n%s  }\n}\n",
                                            provisioner)));
    add_change(f, ACTION_CREATE, "a", nothing(f), planned(f, text(f, "a")));
    add_node(f, STEP_CREATE_UPDATE, 0, -1);
}

static void local_exec_shows_what_it_does(void **state) {
    struct fixture *f = *state;
    plan_provisioned(f, "    command = \"echo $WHO; echo two >&2\"\n"
                        "    environment = { WHO = self.id }\n");
    run(f);
    assert_int_equal(f->diags->n_errors, 0);
    assert_string_equal(f->said, "start a\n"
                                 "says a: Executing: [\"/bin/sh\" \"-c\" \"echo $WHO; echo two "
                                 ">&2\"]\n"
                                 "says a: id-1\nsays a: two\ndone a\n");
}

static void failed_provisioner_taints(void **state) {
    struct fixture *f = *state;
    plan_provisioned(f, "    command = \"echo no; exit 3\"\n");
    struct state *after = run(f);
    assert_true(find(after, "a")->current->tainted);
    assert_true(str_eq(f->diags->at[0].summary, S("local-exec provisioner error")));
    assert_true(str_eq(f->diags->at[0].detail, S("Error running command 'echo no; exit 3': exit "
                                                 "status 3. Output: no\n")));
    world_clear(f->world);
    f->plan->n_changes = f->plan->n_nodes = 0;
    f->diags = diags_new(f->arena);
    plan_provisioned(f, "    command = \"exit 3\"\n    on_failure = continue\n");
    after = run(f);
    assert_int_equal(f->diags->n_errors, 0);
    assert_false(find(after, "a")->current->tainted);
}

static void sensitive_provisioners_are_silent(void **state) {
    struct fixture *f = *state;
    plan_provisioned(f, "    command = sensitive(\"echo hush\")\n");
    run(f);
    assert_string_equal(f->said, "start a\n"
                                 "says a: (output suppressed due to sensitive value in config)\n"
                                 "says a: (output suppressed due to sensitive value in config)\n"
                                 "done a\n");
}

/*
 * Kills the process at each call, before and after its effect. The journal then names everything
 * that may exist and is not in the old state.
 */
static void killed_apply_loses_nothing(void **state) {
    struct fixture *f = *state;
    plan_replacement(f, ACTION_CREATE_DELETE);
    struct str path = fs_join(f->arena, f->folder, S(".journal"));
    static const enum world_fault faults[] = {WORLD_DIE_BEFORE, WORLD_DIE_AFTER};
    for (size_t i = 0; i < COUNT(faults); i++) {
        for (int call = 1; call <= 2; call++) {
            world_clear(f->world);
            world_add(f->world, "id-0", "old");
            f->world->fault = faults[i];
            f->world->fault_at = call;
            pid_t child = fork();
            if (child == 0) {
                f->options.journal = journal_open(path, f->diags);
                journal_state(f->options.journal, f->plan->prior_state->lineage, 0);
                run(f);
                _exit(0);
            }
            int status;
            waitpid(child, &status, 0);
            assert_true(WIFSIGNALED(status));
            struct state *after = state_copy(f->arena, f->plan->prior_state);
            struct journal_recovery recovery;
            assert_true(journal_recover(path, after, &recovery, f->diags));
            assert_int_equal(recovery.n_pending, 1);
            const struct state_instance *a = find(after, "a");
            bool old_exists = world_find(f->world, S("id-0")) != NULL;
            size_t known = (a->current != NULL) + a->n_deposed;
            /* The object in doubt is the pending one; every other is in the state. */
            size_t doubtful = call == 1 ? faults[i] == WORLD_DIE_AFTER : 0;
            assert_int_equal(known + doubtful, world_count(f->world) + (!old_exists));
            fs_remove(path);
        }
    }
}

int main(void) {
#define APPLY_TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        APPLY_TEST(final_values_reach_dependents),
        APPLY_TEST(every_failure_leaves_a_true_state),
        APPLY_TEST(lies_are_named),
        APPLY_TEST(interrupt_begins_nothing_new),
        APPLY_TEST(replaces_in_both_orders),
        APPLY_TEST(failed_replacement_keeps_both),
        APPLY_TEST(failed_delete_keeps_the_object),
        APPLY_TEST(forgetting_leaves_the_world_alone),
        APPLY_TEST(deposed_objects_are_destroyed_by_key),
        APPLY_TEST(data_sources_wait_for_the_apply),
        APPLY_TEST(postconditions_are_asked_with_the_result),
        APPLY_TEST(local_exec_shows_what_it_does),
        APPLY_TEST(failed_provisioner_taints),
        APPLY_TEST(sensitive_provisioners_are_silent),
        APPLY_TEST(killed_apply_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
