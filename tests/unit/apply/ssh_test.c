/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/provision_int.h"
#include "base/arena.h"
#include "base/fs.h"
#include "provider/provisioner.h"

/*
 * Programs named ssh and scp stand in for the real ones: they note their arguments and work on this
 * machine, so that what is sent can be seen without a server.
 */
static const char fake_ssh[] = "#!/bin/sh\n"
                               "printf '%s\\n' \"$@\" >> \"$FAKE_LOG\"\n"
                               "if [ -n \"$FAKE_FAIL\" ]; then echo refused >&2; exit 255; fi\n"
                               "for last; do :; done\n"
                               "exec /bin/sh -c \"$last\"\n";
static const char fake_scp[] = "#!/bin/sh\n"
                               "printf '%s\\n' \"$@\" >> \"$FAKE_LOG\"\n"
                               "for last; do from=$to; to=$last; done\n"
                               "exec cp -r \"$from\" \"${to#*:}\"\n";

struct fixture {
    struct arena *arena;
    struct str folder, log;
    struct run run;
    struct plan plan;
    struct apply_options options;
    struct events events;
    struct change change;
    struct task task;
    struct provisioning p;
    char said[4096];
};

static void on_event(void *context, const struct event *event) {
    struct fixture *f = context;
    size_t used = strlen(f->said);
    snprintf(f->said + used, sizeof f->said - used, "%.*s\n", STR_ARG(event->text));
}

static void put_program(struct fixture *f, const char *name, const char *text) {
    struct str path = fs_join(f->arena, f->folder, str_from(name));
    assert_int_equal(fs_write(path, str_from(text), 0755), 0);
}

static int open_fixture(void **state) {
    struct fixture *f = test_calloc(1, sizeof *f);
    char folder[] = "/tmp/loam-ssh-test-XXXXXX";
    f->arena = arena_new();
    assert_non_null(mkdtemp(folder));
    f->folder = str_dup(f->arena, str_from(folder));
    f->log = fs_join(f->arena, f->folder, S("log"));
    put_program(f, "ssh", fake_ssh);
    put_program(f, "scp", fake_scp);
    struct str path = str_format(f->arena, "%s:%s", folder, "/usr/bin:/bin");
    setenv("PATH", str_c(f->arena, path), 1);
    setenv("FAKE_LOG", str_c(f->arena, f->log), 1);
    unsetenv("FAKE_FAIL");
    f->events = (struct events){on_event, f};
    f->options = (struct apply_options){.events = &f->events};
    f->run = (struct run){.arena = f->arena, .options = &f->options};
    f->task = (struct task){
        .run = &f->run, .arena = f->arena, .change = &f->change, .diags = diags_new(f->arena)};
    f->p = (struct provisioning){.task = &f->task};
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%.*s'", STR_ARG(f->folder));
    assert_int_equal(system(command), 0);
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static struct value text(struct fixture *f, const char *s) {
    return value_string(f->arena, str_from(s));
}

static struct value with(struct fixture *f, struct value v, const char *name, struct value part) {
    return path_set(f->arena, v, path_attr(f->arena, (struct path){0}, str_from(name)), part);
}

static void prepare(struct fixture *f, const char *type) {
    const struct schema_block *connection = provisioner_connection_schema(f->arena);
    f->p.type = str_from(type);
    f->p.config = schema_empty(f->arena, provisioner_schema(f->arena, f->p.type));
    f->p.connection = with(f, schema_empty(f->arena, connection), "host", text(f, "box"));
}

static struct str logged(struct fixture *f) {
    struct str bytes;
    assert_int_equal(fs_read(f->arena, f->log, 1 << 20, &bytes), 0);
    return bytes;
}

static void inline_commands_run_remotely(void **state) {
    struct fixture *f = *state;
    prepare(f, "remote-exec");
    struct value lines[] = {text(f, "echo one"), text(f, "echo two")};
    f->p.config = with(f, f->p.config, "inline", value_list(f->arena, type_string, lines, 2));
    f->p.connection = with(f, f->p.connection, "user", text(f, "me"));
    f->p.connection =
        with(f, f->p.connection, "private_key", text(f, "-----BEGIN OPENSSH PRIVATE KEY-----"));
    f->p.connection = with(f, f->p.connection, "port", value_int(2200));
    struct str script = fs_join(f->arena, f->folder, S("script%RAND%.sh"));
    f->p.connection = with(f, f->p.connection, "script_path", value_string(f->arena, script));
    assert_true(ssh_remote_exec(&f->p));
    assert_non_null(strstr(f->said, "  Host: box\n  User: me\n"));
    assert_non_null(strstr(f->said, "Connected!\none\ntwo\n"));
    struct str log = logged(f);
    assert_true(str_find(log, S("Port=2200")) >= 0);
    assert_true(str_find(log, S("User=me")) >= 0);
    assert_true(str_find(log, S("IdentityFile=/tmp/loam-ssh-")) >= 0);
    assert_true(str_find(log, S("%RAND%")) < 0);
}

static void failed_commands_say_their_status(void **state) {
    struct fixture *f = *state;
    prepare(f, "remote-exec");
    struct value line = text(f, "exit 7");
    f->p.config = with(f, f->p.config, "inline", value_list(f->arena, type_string, &line, 1));
    struct str script = fs_join(f->arena, f->folder, S("s.sh"));
    f->p.connection = with(f, f->p.connection, "script_path", value_string(f->arena, script));
    assert_false(ssh_remote_exec(&f->p));
    assert_true(str_eq(f->task.diags->at[0].summary, S("remote-exec provisioner error")));
    assert_true(str_ends(f->task.diags->at[0].detail, S("Process exited with status 7")));
}

static void unreachable_hosts_time_out(void **state) {
    struct fixture *f = *state;
    prepare(f, "remote-exec");
    setenv("FAKE_FAIL", "1", 1);
    struct value line = text(f, "true");
    f->p.config = with(f, f->p.config, "inline", value_list(f->arena, type_string, &line, 1));
    f->p.connection = with(f, f->p.connection, "timeout", text(f, "1s"));
    assert_false(ssh_remote_exec(&f->p));
    assert_true(
        str_starts(f->task.diags->at[0].detail, S("timeout - last error: exit status 255")));
}

static void files_and_folders_are_copied(void **state) {
    struct fixture *f = *state;
    prepare(f, "file");
    struct str target = fs_join(f->arena, f->folder, S("it's here"));
    f->p.config = with(f, f->p.config, "content", text(f, "hello"));
    f->p.config = with(f, f->p.config, "destination", value_string(f->arena, target));
    assert_true(ssh_copy_file(&f->p));
    struct str bytes;
    assert_int_equal(fs_read(f->arena, target, 100, &bytes), 0);
    assert_true(str_eq(bytes, S("hello")));

    prepare(f, "file");
    struct str source = fs_join(f->arena, f->folder, S("tree"));
    assert_int_equal(fs_mkdirs(source, 0755), 0);
    assert_int_equal(fs_write(fs_join(f->arena, source, S("leaf")), S("x"), 0644), 0);
    target = fs_join(f->arena, f->folder, S("into"));
    f->p.config = with(f, f->p.config, "source", value_string(f->arena, source));
    f->p.config = with(f, f->p.config, "destination", value_string(f->arena, target));
    assert_true(ssh_copy_file(&f->p));
    assert_true(fs_exists(fs_join(f->arena, target, S("leaf"))));
    assert_true(ssh_copy_file(&f->p)); /* now that there is a folder, it goes inside */
    assert_true(fs_exists(fs_join(f->arena, target, S("tree/leaf"))));
}

static void bad_connections_are_refused(void **state) {
    struct fixture *f = *state;
    prepare(f, "remote-exec");
    f->p.connection = with(f, f->p.connection, "type", text(f, "winrm"));
    assert_false(ssh_remote_exec(&f->p));
    assert_true(str_eq(f->task.diags->at[0].detail, S("connection type 'winrm' not supported")));
    f->p.connection = value_null(value_type(f->p.connection));
    assert_false(ssh_remote_exec(&f->p));
    assert_true(str_eq(f->task.diags->at[1].detail,
                       S("Missing connection configuration for provisioner.")));
}

int main(void) {
#define SSH_TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        SSH_TEST(inline_commands_run_remotely), SSH_TEST(failed_commands_say_their_status),
        SSH_TEST(unreachable_hosts_time_out),   SSH_TEST(files_and_folders_are_copied),
        SSH_TEST(bad_connections_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
