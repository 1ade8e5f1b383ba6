/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "cli/serving.h"
#include "cli/ui.h"

struct flags {
    struct str data, seed;
    bool keep;
};

static const struct option options[] = {
    {"data", OPTION_STR, offsetof(struct flags, data), "=dir",
     "Keep the account in this folder, to come back to it."},
    {"keep", OPTION_BOOL, offsetof(struct flags, keep), NULL,
     "Leave the account's folder behind and say where it is."},
    {"seed", OPTION_STR, offsetof(struct flags, seed), "=file",
     "Start from an export of `serve export`, or from what\n`aws iam get-account-authorization-details` wrote."},
};

/*
 * AWS CLIs before 2.13 and 1.29 do not know AWS_ENDPOINT_URL; for them a program of the same name
 * in front of the PATH adds the option. It asks the real one for its version when it is first used.
 */
static const char wrapper[] =
    "#!/bin/sh\n"
    "here=${0%%/*}\n"
    "[ -s \"$here/version\" ] || '%.*s' --version >\"$here/version\" 2>&1\n"
    "set_version() { major=$1; minor=$2; }\n"
    "set_version $(sed -n 's|^aws-cli/\\([0-9]*\\)\\.\\([0-9]*\\).*|\\1 \\2|p' "
    "\"$here/version\") 0 0\n"
    "if [ \"$major\" -gt 2 ] || { [ \"$major\" -eq 2 ] && [ \"$minor\" -ge 13 ]; } ||\n"
    "    { [ \"$major\" -eq 1 ] && [ \"$minor\" -ge 29 ]; }; then\n"
    "    exec '%.*s' \"$@\"\n"
    "fi\n"
    "exec '%.*s' --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"\n";

static struct str find_program(struct cli *cli, struct str name) {
    struct str path = ui_env(cli, "PATH"), dir;
    while (path.len && str_split(&path, ':', &dir)) {
        struct str candidate = fs_join(cli->arena, dir.len ? dir : S("."), name);
        if (access(str_c(cli->arena, candidate), X_OK) == 0 && !fs_is_dir(candidate))
            return candidate;
    }
    return S("");
}

static void put_wrapper(struct cli *cli, struct str folder) {
    struct str real = find_program(cli, S("aws"));
    struct str own = fs_join(cli->arena, folder, S("aws"));
    if (!real.len || str_find_byte(real, '\'') >= 0)
        return;
    struct str text = str_format(cli->arena, wrapper, STR_ARG(real), STR_ARG(real), STR_ARG(real));
    if (fs_write(own, text, 0700) != 0)
        return;
    struct str path = ui_env(cli, "PATH");
    setenv("PATH", str_format(cli->arena, "%.*s:%.*s", STR_ARG(folder), STR_ARG(path)).at, 1);
}

static void set_environment(struct cli *cli, const struct listener *service,
                            const struct credentials *key) {
    static const char *const foreign[] = {
        "AWS_PROFILE",          "AWS_DEFAULT_PROFILE",  "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};
    for (size_t i = 0; i < COUNT(foreign); i++)
        unsetenv(foreign[i]);
    setenv("AWS_ENDPOINT_URL",
           str_format(cli->arena, "http://127.0.0.1:%u", listener_port(service)).at, 1);
    setenv("AWS_ACCESS_KEY_ID", str_c(cli->arena, key->access_key_id), 1);
    setenv("AWS_SECRET_ACCESS_KEY", str_c(cli->arena, key->secret_access_key), 1);
    setenv("AWS_REGION", "us-east-1", 0);
    setenv("AWS_DEFAULT_REGION", getenv("AWS_REGION"), 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 0);
    setenv("AWS_PAGER", "", 0);
}

/* The user's shell when there is no command. */
static char **command_words(struct cli *cli, const struct str *rest, size_t n) {
    char **words = arena_array(cli->arena, n + 2, sizeof *words);
    struct str shell = ui_env(cli, "SHELL");
    if (!n)
        words[0] = (char *)(uintptr_t)str_c(cli->arena, shell.len ? shell : S("/bin/sh"));
    for (size_t i = 0; i < n; i++)
        words[i] = (char *)(uintptr_t)str_c(cli->arena, rest[i]);
    return words;
}

static int run_child(struct cli *cli, char **words) {
    int status = 0;
    pid_t child = fork();
    if (child < 0)
        return serving_fail(cli, str_format(cli->arena, "cannot start %s: %.*s", words[0],
                                            STR_ARG(fs_error_text(cli->arena, errno))));
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        execvp(words[0], words);
        ui_errf(cli, "%s: cannot run %s: %.*s\n", UI_PROGRAM, words[0],
                STR_ARG(fs_error_text(cli->arena, errno)));
        _exit(errno == ENOENT ? 127 : 126);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int play(struct cli *cli, struct server *server, struct str folder, char **words) {
    struct str error;
    struct credentials key = server_root_key(server, cli->arena);
    struct listener_options where = {.host = S("127.0.0.1"), .log_fd = -1};
    struct listener *service = listener_start(server, &where, cli->arena, &error);
    if (!service)
        return serving_fail(cli, error);
    set_environment(cli, service, &key);
    put_wrapper(cli, folder);
    int code = run_child(cli, words);
    listener_stop(service);
    return code;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct str programs = S(""), account = S(""), error;
    struct credentials new_key;
    int failed = fs_make_temporary(cli->arena, S("loam-sandbox"), &programs);
    if (flags->data.len)
        account = fs_absolute(cli->arena, flags->data);
    else if (flags->keep && !failed)
        failed = fs_make_temporary(cli->arena, S("loam-account"), &account);
    if (failed)
        return serving_fail(cli, str_format(cli->arena, "cannot make a temporary folder: %.*s",
                                            STR_ARG(fs_error_text(cli->arena, failed))));
    struct server_options server_options = {
        .data_dir = account,
        .account_id = serving_account(cli, ui_env(cli, "LOAM_ACCOUNT_ID"), flags->seed),
        .quotas = ui_env(cli, "LOAM_QUOTAS"),
        .root_access_key_id = ui_env(cli, "LOAM_ROOT_ACCESS_KEY_ID"),
        .root_secret_access_key = ui_env(cli, "LOAM_ROOT_SECRET_ACCESS_KEY"),
        .memory = !flags->data.len && !flags->keep,
    };
    serving_hold_signals();
    struct server *server = server_open(&server_options, cli->arena, &new_key, &error);
    int code = 1;
    if (!server)
        serving_fail(cli, error);
    else if (serving_plant(cli, server, flags->seed))
        code = play(cli, server, programs, command_words(cli, rest, n_rest));
    server_close(server);
    fs_remove_tree(programs);
    if (flags->keep && account.len)
        ui_errf(cli, "The account is kept in %.*s\n", STR_ARG(account));
    return code;
}

const struct command command_sandbox = {
    .name = "sandbox",
    .synopsis = "[options] [-- COMMAND...]",
    .summary = "Run a command, or a shell, with an IAM of its own",
    .help =
        "  Starts an IAM and STS, empty unless -seed says otherwise, on a free port of this machine, sets the\n"
        "  environment that the AWS CLI, SDKs and providers read to reach it\n"
        "  (AWS_ENDPOINT_URL, keys, region), and runs the command or, without\n"
        "  one, your shell. When that ends, the account is gone, unless -data or\n"
        "  -keep says otherwise. The exit code is that of the command.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
