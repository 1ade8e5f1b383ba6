/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "state/journal.h"
#include "state/state_file.h"

static const char object_line[] =
    "{\"version\":4,\"terraform_version\":\"\",\"serial\":0,\"lineage\":\"\",\"outputs\":{},"
    "\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"a\","
    "\"provider\":\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\","
    "\"instances\":[{\"schema_version\":0,\"attributes\":{\"id\":\"1\"},"
    "\"sensitive_attributes\":[]}]}],\"check_results\":null}";

struct fixture {
    struct arena *arena;
    struct str dir, path;
    struct diags diags;
};

static struct fixture open_fixture(void) {
    struct fixture f = {.arena = arena_new()};
    char name[] = "/tmp/journal_test.XXXXXX";
    assert_non_null(mkdtemp(name));
    f.dir = str_dup(f.arena, str_from(name));
    f.path = journal_path(f.arena, fs_join(f.arena, f.dir, S("terraform.tfstate")));
    f.diags.arena = f.arena;
    return f;
}

static void close_fixture(struct fixture *f) {
    (void)fs_remove(f->path);
    (void)rmdir(f->dir.at);
    arena_free(f->arena);
}

static struct state *base_state(struct arena *arena) {
    struct state *state = state_new(arena);
    state->lineage = S("l");
    state->serial = 3;
    return state;
}

static struct instance_addr parse(struct fixture *f, const char *text) {
    struct instance_addr addr;
    assert_true(addr_parse_instance(f->arena, str_from(text), &addr, &f->diags));
    return addr;
}

static void results_and_intents(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct journal *j = journal_open(f.path, &f.diags);
    assert_non_null(j);
    journal_state(j, S("l"), 3);
    journal_intent(j, S("t.a"), S("create"), S("t"), NULL);
    journal_result(j, S("t.a"), str_from(object_line));
    journal_intent(j, S("t.b"), S("create"), S("t"), NULL);
    journal_intent(j, S("t.c"), S("delete"), S("t"), NULL);
    journal_result(j, S("t.c"), S(""));
    assert_true(journal_is_sound(j));
    journal_close(j, false);

    struct state *state = base_state(f.arena);
    struct instance_addr a = parse(&f, "t.a");
    struct instance_addr c = parse(&f, "t.c");
    struct provider_config_addr provider = {
        .provider = {S("registry.terraform.io"), S("hashicorp"), S("aws")}};
    struct state_object object = {.attributes = S("{}")};
    state_set_current(state, &c, &provider, &object);
    struct journal_recovery recovery;
    assert_true(journal_recover(f.path, state, &recovery, &f.diags));
    assert_int_equal(recovery.n_results, 2);
    assert_int_equal(recovery.n_pending, 1);
    assert_true(str_eq(recovery.pending[0].address, S("t.b")));
    assert_true(str_eq(recovery.pending[0].action, S("create")));
    const struct state_instance *instance = state_instance(state, &a);
    assert_non_null(instance);
    assert_true(str_eq(instance->current->attributes, S("{\"id\":\"1\"}")));
    assert_null(state_instance(state, &c));
    close_fixture(&f);
}

/* Lines that wait for no disk are in the file at once, in order with those that do. */
static void unsynced_results(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct journal *j = journal_open(f.path, &f.diags);
    journal_state(j, S("l"), 3);
    journal_result_unsynced(j, S("t.a"), str_from(object_line));
    struct state *state = base_state(f.arena);
    struct instance_addr a = parse(&f, "t.a");
    struct journal_recovery recovery;
    assert_true(journal_recover(f.path, state, &recovery, &f.diags));
    assert_int_equal(recovery.n_results, 1);
    assert_non_null(state_instance(state, &a));
    journal_intent(j, S("t.b"), S("create"), S("t"), NULL);
    journal_result_unsynced(j, S("t.a"), S(""));
    assert_true(journal_is_sound(j));
    journal_close(j, false);
    assert_true(journal_recover(f.path, state, &recovery, &f.diags));
    assert_int_equal(recovery.n_pending, 1);
    assert_null(state_instance(state, &a));
    close_fixture(&f);
}

/* A line that the crash cut short, or that lies, ends what is believed. */
static void torn_lines(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct journal *j = journal_open(f.path, &f.diags);
    journal_state(j, S("l"), 3);
    journal_intent(j, S("t.a"), S("create"), S("t"), NULL);
    journal_result(j, S("t.a"), str_from(object_line));
    journal_close(j, false);
    struct str bytes;
    assert_int_equal(fs_read(f.arena, f.path, BUF_MAX_TEXT, &bytes), 0);
    for (size_t n = 0; n < bytes.len; n++) {
        struct journal_recovery recovery;
        struct state *state = base_state(f.arena);
        assert_int_equal(fs_write(f.path, str_slice(bytes, 0, n), 0600), 0);
        assert_true(journal_recover(f.path, state, &recovery, &f.diags));
        assert_int_equal(recovery.n_results, 0);
        assert_true(recovery.n_pending <= 1);
    }
    close_fixture(&f);
}

static void other_states(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct journal *j = journal_open(f.path, &f.diags);
    journal_state(j, S("l"), 3);
    journal_result(j, S("t.a"), str_from(object_line));
    journal_close(j, false);
    struct journal_recovery recovery;
    struct state *state = base_state(f.arena);
    state->lineage = S("another");
    assert_false(journal_recover(f.path, state, &recovery, &f.diags));
    assert_true(state_is_empty(state));
    state = base_state(f.arena);
    state->serial = 2;
    assert_false(journal_recover(f.path, state, &recovery, &f.diags));
    assert_int_equal(f.diags.n_errors, 0);
    assert_int_equal(f.diags.n, 2);
    close_fixture(&f);
}

/* Killed at any moment, every result that was acknowledged is in the journal. */
static void killed(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    for (int round = 0; round < 8; round++) {
        int acknowledged[2];
        assert_int_equal(pipe(acknowledged), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct journal *j = journal_open(f.path, &f.diags);
            journal_state(j, S("l"), 3);
            for (int i = 0;; i++) {
                struct str address = str_format(f.arena, "t.x[%d]", i);
                journal_intent(j, address, S("delete"), S("t"), NULL);
                journal_result(j, address, S(""));
                if (write(acknowledged[1], &i, sizeof i) != (ssize_t)sizeof i)
                    _exit(1);
            }
        }
        close(acknowledged[1]);
        int last = -1;
        int seen = 0;
        while (seen < 5 + round * 7 &&
               read(acknowledged[0], &last, sizeof last) == (ssize_t)sizeof last)
            seen++;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(acknowledged[0], &last, sizeof last) == (ssize_t)sizeof last) {
        }
        close(acknowledged[0]);
        struct journal_recovery recovery;
        struct state *state = base_state(f.arena);
        assert_true(journal_recover(f.path, state, &recovery, &f.diags));
        assert_true(recovery.n_results >= (size_t)last + 1);
        assert_true(recovery.n_pending <= 1);
    }
    close_fixture(&f);
}

enum { THREADS = 8, LINES = 40 };

struct writer {
    struct journal *journal;
    int number;
};

static void *write_lines(void *context) {
    const struct writer *writer = context;
    struct arena *arena = arena_new();
    for (int i = 0; i < LINES; i++) {
        struct str address = str_format(arena, "t.x%d[%d]", writer->number, i);
        journal_intent(writer->journal, address, S("delete"), S("t"), NULL);
        if (i % 2 == 0)
            journal_result(writer->journal, address, S(""));
    }
    arena_free(arena);
    return NULL;
}

static void threads_share_it(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct journal *j = journal_open(f.path, &f.diags);
    pthread_t threads[THREADS];
    struct writer writers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){j, i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &writers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_true(journal_is_sound(j));
    journal_close(j, false);
    struct journal_recovery recovery;
    assert_true(journal_recover(f.path, base_state(f.arena), &recovery, &f.diags));
    assert_int_equal(recovery.n_results, THREADS * LINES / 2);
    assert_int_equal(recovery.n_pending, THREADS * LINES / 2);
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_intents),
        cmocka_unit_test(torn_lines),
        cmocka_unit_test(unsynced_results),
        cmocka_unit_test(other_states),
        cmocka_unit_test(killed),
        cmocka_unit_test(threads_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
