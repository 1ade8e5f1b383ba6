/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/ui.h"
#include "eval/func.h"
#include "eval/func_doc.h"

struct flags {
    bool json;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Print the signatures as JSON; required."},
};

static void write_param(struct buf *out, const struct func_param *param, bool nullable) {
    buf_add_c(out, "{\"name\":");
    json_write_string(out, str_from(param->name), true);
    if (param->doc) {
        buf_add_c(out, ",\"description\":");
        json_write_string(out, str_from(param->doc), true);
    }
    if (nullable)
        buf_add_c(out, ",\"is_nullable\":true");
    buf_add_c(out, ",\"type\":");
    type_write_json(out, param->shown ? *param->shown : func_param_type(param));
    buf_byte(out, '}');
}

static bool is_nullable(const struct func *func, const struct func_param *param) {
    return func->special == FUNC_PLAIN && (param->allow & FUNC_NULL);
}

static void write_signature(struct buf *out, const struct func *func) {
    buf_add_c(out, "{\"description\":");
    json_write_string(out, func_doc_text(str_from(func->name)), true);
    buf_add_c(out, ",\"return_type\":");
    type_write_json(out, func_signature_type(func));
    for (size_t i = 0; i < func->n_params; i++) {
        buf_add_c(out, i ? "," : ",\"parameters\":[");
        write_param(out, &func->params[i], is_nullable(func, &func->params[i]));
    }
    if (func->n_params)
        buf_byte(out, ']');
    if (func->variadic) {
        buf_add_c(out, ",\"variadic_parameter\":");
        write_param(out, func->variadic, is_nullable(func, func->variadic));
    }
    buf_byte(out, '}');
}

/* Each function under its own name (prefix "") or with its namespace. */
static void write_all(struct buf *out, const char *prefix, bool *first) {
    size_t n;
    const struct func *const *all = func_all(&n);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->console_only || !func_doc_text(str_from(all[i]->name)).len)
            continue;
        buf_addf(out, "%s\"%s%s\":", *first ? "" : ",", prefix, all[i]->name);
        write_signature(out, all[i]);
        *first = false;
    }
}

static int run_functions(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct buf out;
    bool first = true;
    (void)rest;
    (void)n_rest; /* the reference ignores them, too */
    if (!flags->json) {
        ui_errf(cli,
                "The `" UI_PROGRAM " metadata functions` command requires the `-json` flag.\n\n");
        command_help(cli, cli->command, STDERR_FILENO);
        return 1;
    }
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "{\"format_version\":\"1.0\",\"function_signatures\":{");
    write_all(&out, "", &first);
    write_all(&out, "core::", &first);
    buf_add_c(&out, "}}\n");
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

const struct command command_metadata = {
    .name = "metadata",
    .synopsis = "",
    .summary = "Metadata related commands",
    .help = "  This command has subcommands for metadata related purposes.",
};

const struct command command_metadata_functions = {
    .name = "metadata functions",
    .synopsis = "-json",
    .summary = "Show signatures and descriptions for the available functions",
    .help = "  Prints the name, parameters and result of every function of the language.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run_functions,
};
