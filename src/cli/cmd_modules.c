/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "cli/json_out.h"
#include "cli/session.h"
#include "config/config_manifest.h"

struct flags {
    bool json;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Print the modules as one JSON object."},
};

/* What walking the tree needs. */
struct listing {
    struct arena *arena;
    struct map installed;
    struct buf *out;
    struct json_out json;
};

static struct str version_of(struct listing *l, const struct config_call *call) {
    const struct config_installed *installed =
        call->module ? config_manifest_get(l->arena, &l->installed, call->module->path) : NULL;
    return installed ? installed->version : S("");
}

static void print_tree(struct listing *l, const struct config_module *module, struct str prefix) {
    struct map_entry *calls = map_sorted(l->arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = calls[i].value;
        bool last = i + 1 == module->calls.n;
        struct str version = version_of(l, call);
        buf_addf(l->out, "%.*s%s\"%.*s\"[%.*s]", STR_ARG(prefix), last ? "└── " : "├── ",
                 STR_ARG(call->name), STR_ARG(call->source));
        if (version.len)
            buf_addf(l->out, " %.*s", STR_ARG(version));
        if (call->version.len)
            buf_addf(l->out, " (%.*s)", STR_ARG(call->version));
        buf_byte(l->out, '\n');
        if (call->module)
            print_tree(l, call->module,
                       str_cat(l->arena, prefix, last ? S("    ") : S("│\u00a0\u00a0 ")));
    }
}

/* The key is the name in the calling module, however deep that is. */
static void write_modules(struct listing *l, const struct config_module *module) {
    struct map_entry *calls = map_sorted(l->arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = calls[i].value;
        json_out_item(&l->json);
        json_out_open(&l->json, '{');
        json_out_member(&l->json, S("key"), call->name);
        json_out_member(&l->json, S("source"), call->source);
        json_out_member(&l->json, S("version"), version_of(l, call));
        json_out_close(&l->json, '}');
        if (call->module)
            write_modules(l, call->module);
    }
}

static void list(struct listing *l, const struct config *config, bool json) {
    if (json) {
        l->json.to = l->out;
        json_out_open(&l->json, '{');
        json_out_member(&l->json, S("format_version"), S("1.0"));
        json_out_key(&l->json, S("modules"));
        json_out_open(&l->json, '[');
        if (config)
            write_modules(l, config->root);
        json_out_close(&l->json, ']');
        json_out_close(&l->json, '}');
        buf_byte(l->out, '\n');
    } else if (config && config->root->calls.n) {
        buf_add_c(l->out, "\nModules declared by configuration:\n.\n");
        print_tree(l, config->root, S(""));
        buf_byte(l->out, '\n');
    } else {
        buf_add_c(l->out, "No modules found in configuration.\n");
    }
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s = session_start(cli);
    struct buf out;
    struct listing l = {.arena = cli->arena, .out = &out};
    (void)rest;
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected no positional arguments");
    if (config_exists(S(".")) && !session_load_config(&s)) {
        ui_diags(cli);
        return 1;
    }
    if (flags->json && (!s.config || !s.config->root->calls.n)) {
        ui_out(S("{\"format_version\":\"1.0\",\"modules\":null}\n"));
        return 0;
    }
    config_manifest_read(cli->arena, s.data_dir, &l.installed);
    buf_init(&out, BUF_MAX_TEXT);
    list(&l, s.config, flags->json);
    ui_out(buf_str(&out));
    buf_clear(&out);
    return ui_diags(cli) ? 0 : 1;
}

const struct command command_modules = {
    .name = "modules",
    .synopsis = "[options]",
    .summary = "List the modules that the configuration calls",
    .help = "  Shows every module call of the configuration with its source and version.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .run = run,
};
