/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/backend_ask.h"
#include "cli/backend_setup.h"
#include "cli/event_json.h"
#include "cli/from_module.h"
#include "cli/install.h"
#include "cli/provider_install.h"
#include "cli/session.h"
#include "cli/state_access.h"
#include "cli/test_files.h"

struct flags {
    bool backend, input, get, upgrade, reconfigure, migrate_state, force_copy, json, lock;
    bool ignore_remote_version;
    struct str cloud; /* -cloud, another word for -backend */
    int64_t lock_timeout_ms;
    struct str_list backend_config, plugin_dirs;
    struct str from_module, lockfile, test_directory;
    struct variable_list variables;
};

static const struct option options[] = {
    {"backend", OPTION_BOOL, offsetof(struct flags, backend), "=false",
     "Do not set up the backend of this configuration."},
    {"backend-config", OPTION_LIST, offsetof(struct flags, backend_config), "=path",
     "Backend settings: a file, or key=value."},
    {"cloud", OPTION_STR, offsetof(struct flags, cloud), NULL, NULL},
    {"ignore-remote-version", OPTION_BOOL, offsetof(struct flags, ignore_remote_version), NULL,
     NULL},
    {"force-copy", OPTION_BOOL, offsetof(struct flags, force_copy), NULL,
     "Answer yes to questions about copying state."},
    {"from-module", OPTION_STR, offsetof(struct flags, from_module), "=SOURCE",
     "Copy a module into the folder first."},
    {"get", OPTION_BOOL, offsetof(struct flags, get), "=false", "Do not install modules."},
    {"input", OPTION_BOOL, offsetof(struct flags, input), "=false", "Never ask."},
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL, "Write events as JSON."},
    {"lock", OPTION_BOOL, offsetof(struct flags, lock), "=false",
     "Do not lock the state while it is moved."},
    {"lock-timeout", OPTION_DURATION, offsetof(struct flags, lock_timeout_ms), "=0s",
     "How long to wait for a lock."},
    {"lockfile", OPTION_STR, offsetof(struct flags, lockfile), "=MODE",
     "\"readonly\": leave the lock file as it is."},
    {"migrate-state", OPTION_BOOL, offsetof(struct flags, migrate_state), NULL,
     "Move existing state to a changed backend."},
    {"plugin-dir", OPTION_LIST, offsetof(struct flags, plugin_dirs), "=path",
     "Look for provider plugins here only."},
    {"reconfigure", OPTION_BOOL, offsetof(struct flags, reconfigure), NULL,
     "Forget the backend that was set up before."},
    {"upgrade", OPTION_BOOL, offsetof(struct flags, upgrade), NULL,
     "Take the newest allowed modules and providers."},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), "=path",
     "Where test files are, \"tests\" by default."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct span nowhere = {0};

static void say_ready(struct cli *cli) {
    static const char next[] =
        "You may now begin working with " UI_PRODUCT ". Try running \"" UI_PROGRAM
        " plan\" to see\nany changes that are required for your infrastructure. All " UI_PRODUCT
        " commands\nshould now work.\n\nIf you ever set or change modules or backend "
        "configuration for " UI_PRODUCT
        ",\nrerun this command to reinitialize your working directory. If you forget, "
        "other\ncommands will detect it and remind you to do so if necessary.";
    static const char done[] = UI_PRODUCT " has been successfully initialized!";
    const char *bold = ui_code(cli, UI_BOLD), *green = ui_code(cli, UI_GREEN);
    const char *reset = ui_code(cli, UI_RESET);
    bool short_ = ui_env(cli, "TF_IN_AUTOMATION").len > 0;
    if (cli->json) {
        ui_notice(cli, "output_init_success_message", false, str_from(done));
        if (!short_)
            ui_notice(cli, "output_init_success_cli_message", false, str_from(next));
        return;
    }
    ui_outf(cli, "\n%s%s%s%s\n", bold, green, done, reset);
    if (!short_)
        ui_outf(cli, "%s\n%s\n%s", green, next, reset);
}

static int fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

static bool is_version_problem(const struct diag *d) {
    return str_starts(d->summary, S("Unsupported Terraform Core version"));
}

/* Only what some condition picks, in a list of its own. */
static struct diags *filter(struct cli *cli, const struct diags *from,
                            bool (*keep)(const struct diag *d)) {
    struct diags *picked = diags_new(cli->arena), one = {.at = NULL};
    for (size_t i = 0; i < from->n; i++) {
        if (!keep(&from->at[i]))
            continue;
        one = (struct diags){.arena = cli->arena, .at = &from->at[i], .n = 1};
        diags_append(picked, &one);
    }
    return picked;
}

static bool is_not_syntax(const struct diag *d) {
    return d->kind != DIAG_SYNTAX;
}

static bool has_syntax(const struct diags *diags) {
    for (size_t i = 0; i < diags->n; i++)
        if (!is_not_syntax(&diags->at[i]))
            return true;
    return false;
}

/* What a run of init reads of the root module before it installs anything. */
struct root {
    struct config *config; /* without the modules that it calls; or NULL */
    struct diags *diags;   /* about it */
    struct diags *test_diags;
    struct test_files tests;
};

/* Is anything to be installed? Then what is wrong comes up on the way and is told once. */
static bool has_modules(const struct root *root) {
    for (size_t i = 0; i < root->tests.n; i++)
        for (size_t k = 0; k < root->tests.at[i]->n_runs; k++)
            if (root->tests.at[i]->runs[k].source.len)
                return true;
    return root->config && root->config->root->calls.n > 0;
}

/*
 * The root module is read twice, alone and then with all modules, and as in the reference each
 * reading tells its errors; those of the parser come once. A version of the language that is not
 * supported is told alone.
 */
static int config_problems(struct cli *cli, const struct root *root) {
    const struct diags *root_only = root->diags;
    struct diags *all = cli->diags, *versions = filter(cli, all, is_version_problem);
    bool bad_syntax = has_syntax(root->diags) || has_syntax(root->test_diags);
    struct diags *meaning = bad_syntax ? filter(cli, all, is_not_syntax) : all;
    bool installing = has_modules(root) && diags_failed(meaning);
    if (versions->n || installing) {
        cli->diags = versions->n ? versions : meaning;
        return fail(cli);
    }
    cli->diags = diags_new(cli->arena);
    diags_error(cli->diags, nowhere,
                UI_PRODUCT " encountered problems during initialisation, including problems with "
                           "the configuration, described below.",
                "The " UI_PRODUCT " configuration must be valid before initialization so "
                "that " UI_PRODUCT
                " can determine which modules and providers need to be installed.");
    ui_diags(cli);
    diags_append(cli->diags, root_only);
    ui_diags(cli);
    cli->diags = root_only->n ? filter(cli, all, is_not_syntax) : all;
    return fail(cli);
}

static struct root read_root(struct cli *cli, const struct flags *flags) {
    struct root root = {.diags = diags_new(cli->arena), .test_diags = diags_new(cli->arena)};
    root.config = config_load(cli->arena, cli->sources, S("."), S(""), false, root.diags);
    if (root.config && !diags_failed(root.diags))
        test_files_read(cli, S("."), flags->test_directory, &root.tests, root.test_diags);
    return root;
}

/* false: options exclude each other, and that was said. */
static bool check_flags(struct cli *cli, struct flags *flags) {
    bool cloud = true;
    if (flags->cloud.len && !args_parse_bool(flags->cloud, &cloud))
        diags_error(cli->diags, nowhere, "Failed to parse command-line flags",
                    "invalid boolean value \"%.*s\" for -cloud: parse error",
                    STR_ARG(flags->cloud));
    else if (flags->cloud.len && !flags->backend)
        diags_error(cli->diags, nowhere, "Invalid init options",
                    "The -backend and -cloud options are aliases of one another and "
                    "mutually-exclusive in their use");
    flags->backend = flags->backend && cloud;
    if (flags->migrate_state && flags->json)
        diags_error(cli->diags, nowhere,
                    "The -migrate-state and -json options are mutually-exclusive",
                    UI_PRODUCT " cannot ask for interactive approval when -json is set. To use the "
                               "-migrate-state option, disable the -json option.");
    if (flags->migrate_state && flags->reconfigure)
        diags_error(cli->diags, nowhere, "Invalid init options",
                    "The -migrate-state and -reconfigure options are mutually-exclusive.");
    flags->migrate_state = flags->migrate_state || flags->force_copy;
    return !diags_failed(cli->diags);
}

/* Is the backend that was set up before given up without a look at its state? */
static bool is_left_behind(const struct config *root, const struct flags *flags) {
    return !root->root->backend && flags->reconfigure;
}

/* What cannot be read is said now and not by the first plan. */
static bool check_state(struct session *s, bool backend, bool input) {
    const struct session_state_flags none = {0};
    struct str selected = s->workspace;
    struct state *state;
    if (!session_open_store(s, &none))
        return false;
    if (backend && !backend_ask_workspace(s, s->store, input))
        return false;
    if (!str_eq(s->workspace, selected)) {
        s->store->ops->close(s->store);
        if (!session_open_store(s, &none))
            return false;
    }
    if (!state_access_read(s->cli, s->store, &state))
        return false;
    s->store->ops->close(s->store);
    s->store = NULL;
    return true;
}

static bool set_up_backend(struct session *s, const struct root *root, const struct flags *flags) {
    const struct backend_setup_options how = {.overrides = &flags->backend_config,
                                              .reconfigure = flags->reconfigure,
                                              .migrate = flags->migrate_state,
                                              .force_copy = flags->force_copy,
                                              .input = flags->input};
    if (!flags->backend || !root->config || diags_failed(root->diags))
        return true;
    return backend_setup_init(s, root->config->root, &how) &&
           (is_left_behind(root->config, flags) ||
            check_state(s, root->config->root->backend != NULL, flags->input));
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    (void)rest;
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments. Did you mean to use -chdir?",
                              "%s", "");
    struct session s = session_start(cli);
    s.queries = true;
    cli->json = flags->json;
    if (cli->json)
        event_json_version(cli);
    if (!check_flags(cli, flags) ||
        (flags->from_module.len && !from_module_copy(&s, flags->from_module)))
        return fail(cli);
    if (!config_exists(S(".")) && !config_has_queries(S("."))) {
        ui_notice(cli, "output_init_empty_message", false,
                  S(UI_PRODUCT
                    " initialized in an empty directory!\n\nThe directory has no " UI_PRODUCT
                    " configuration files. You may begin working\nwith " UI_PRODUCT
                    " immediately by creating " UI_PRODUCT " configuration files."));
        return 0;
    }
    if (flags->backend)
        ui_notice(cli, "initializing_backend_message", true, S("Initializing the backend..."));
    struct install_options how = {.upgrade = flags->upgrade,
                                  .title = flags->upgrade ? "Upgrading modules..."
                                                          : "Initializing modules..."};
    struct root root = read_root(cli, flags);
    if (diags_failed(root.test_diags) && !has_modules(&root)) {
        cli->diags = root.test_diags;
        return config_problems(cli, &root);
    }
    how.tests = &root.tests;
    /* What is wrong with the backend is told once the modules are there. */
    struct diags *backend_diags = cli->diags;
    bool backend_ready = set_up_backend(&s, &root, flags);
    if (!backend_ready)
        cli->diags = diags_new(cli->arena);
    bool installed = flags->get ? install_modules(&s, &how) : session_load_config(&s);
    diags_append(cli->diags, root.test_diags);
    if (!installed || diags_failed(root.test_diags))
        return diags_failed(root.diags) || has_modules(&root) ? config_problems(cli, &root)
                                                              : fail(cli);
    if (!backend_ready) {
        cli->diags = backend_diags;
        return fail(cli);
    }
    ui_notice(cli, "initializing_provider_plugin_message", true,
              S("Initializing provider plugins..."));
    const struct provider_install_options providers = {
        .upgrade = flags->upgrade, .readonly = str_eq(flags->lockfile, S("readonly"))};
    s.plugin_dirs = flags->plugin_dirs;
    if (!provider_install_keep_dirs(&s, &flags->plugin_dirs) || !provider_install(&s, &providers))
        return fail(cli);
    int error = fs_mkdirs(s.data_dir, 0755);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        diags_error(cli->diags, nowhere, "Failed to create the data directory",
                    "Could not create %.*s: %.*s.", STR_ARG(s.data_dir), STR_ARG(why));
        return fail(cli);
    }
    session_check_test_directory(&s, flags->test_directory);
    ui_diags(cli);
    say_ready(cli);
    return 0;
}

static const struct flags defaults = {.backend = true, .input = true, .get = true, .lock = true};

const struct command command_init = {
    .name = "init",
    .synopsis = "[options]",
    .summary = "Prepare your working directory for other commands",
    .help = "  Installs modules and provider plugins and sets up the backend. Safe to run\n"
            "  again at any time.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_BARE,
    .main = true,
    .streams = true,
    .run = run,
};
