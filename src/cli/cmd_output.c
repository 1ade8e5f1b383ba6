/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "cli/console_format.h"
#include "cli/session.h"
#include "cli/state_access.h"
#include "value/as_json.h"

struct flags {
    bool json, raw, show_sensitive;
    struct session_state_flags state;
    struct variable_list variables;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL, "Print the values as JSON."},
    {"raw", OPTION_BOOL, offsetof(struct flags, raw), NULL,
     "Print one string, number or boolean as it is,\nfor scripts."},
    {"show-sensitive", OPTION_BOOL, offsetof(struct flags, show_sensitive), NULL,
     "Show sensitive values."},
    {"state", OPTION_STR, offsetof(struct flags, state.state), "=path",
     "State file of the local backend."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct span nowhere = {0};

/* Re-indents the JSON that the value writers make. */
static void write_indented(struct buf *out, struct arena *scratch, struct str compact) {
    struct json_error error;
    struct json *json = json_parse(scratch, compact, &error);
    if (json)
        json_write(out, json, 2, true);
}

static void all_as_json(struct cli *cli, const struct map_entry *sorted, size_t n) {
    struct buf compact, out;
    buf_init(&compact, BUF_MAX_DOCUMENT);
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_byte(&compact, '{');
    for (size_t i = 0; i < n; i++) {
        const struct state_output *o = sorted[i].value;
        if (i)
            buf_byte(&compact, ',');
        json_write_string(&compact, o->name, true);
        buf_addf(&compact, ":{\"sensitive\":%s,\"type\":", o->sensitive ? "true" : "false");
        type_write_json(&compact, o->type);
        buf_add_c(&compact, ",\"value\":");
        as_json_write(&compact, o->value, o->type, true);
        buf_byte(&compact, '}');
    }
    buf_byte(&compact, '}');
    write_indented(&out, cli->arena, buf_str(&compact));
    buf_byte(&out, '\n');
    ui_out(buf_str(&out));
    buf_clear(&compact);
    buf_clear(&out);
}

static void print_value(const struct state_output *o, bool shown, struct buf *out) {
    if (o->sensitive && !shown)
        buf_add_c(out, "<sensitive>");
    else
        console_format_value(out, o->value, 0);
    buf_byte(out, '\n');
}

static int all_as_text(struct cli *cli, const struct flags *flags, const struct map_entry *sorted,
                       size_t n) {
    struct buf out;
    if (!n) {
        diags_warn(cli->diags, nowhere, "No outputs found",
                   "The state file either has no outputs defined, or all the defined outputs are "
                   "empty. Please define an output in your configuration with the `output` keyword "
                   "and run `" UI_PROGRAM
                   " refresh` for it to become available. If you are using interpolation, please "
                   "verify the interpolated value is not empty. You can use the `" UI_PROGRAM
                   " console` command to assist.");
        ui_diags(cli);
        return 0;
    }
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        const struct state_output *o = sorted[i].value;
        buf_addf(&out, "%.*s = ", STR_ARG(o->name));
        print_value(o, flags->show_sensitive, &out);
    }
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

static int fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

static int one_raw(struct cli *cli, const struct state_output *o) {
    struct convert_error error;
    struct value text;
    if (value_is_null(o->value)) {
        diags_error(cli->diags, nowhere, "Unsupported value for raw output",
                    "The value for output value \"%.*s\" is null, so -raw mode cannot print it.",
                    STR_ARG(o->name));
        return fail(cli);
    }
    if (!convert_value(cli->arena, value_unmark(o->value), type_string, &text, &error)) {
        struct str type = type_friendly(cli->arena, value_type(o->value));
        diags_error(cli->diags, nowhere, "Unsupported value for raw output",
                    "The -raw option only supports strings, numbers, and boolean values, but "
                    "output value \"%.*s\" is %.*s.\n\nUse the -json option for machine-readable "
                    "representations of output values that have complex types.",
                    STR_ARG(o->name), STR_ARG(type));
        return fail(cli);
    }
    ui_out(value_str(text));
    return 0;
}

static int one(struct cli *cli, const struct flags *flags, const struct state *state,
               struct str name) {
    const struct state_output *o = map_get(&state->outputs, name);
    struct buf out;
    if (!state->outputs.n && !flags->json && !flags->raw)
        return all_as_text(cli, flags, NULL, 0);
    if (!o) {
        diags_error(cli->diags, nowhere, "",
                    "The output variable requested could not be found in the state file. If you "
                    "recently added this to your configuration, be sure to run `" UI_PROGRAM
                    " apply`, since the state won't be updated with new output variables until "
                    "that command is run.")
            ->summary = str_format(cli->arena, "Output \"%.*s\" not found", STR_ARG(name));
        return fail(cli);
    }
    if (flags->raw)
        return one_raw(cli, o);
    buf_init(&out, BUF_MAX_DOCUMENT);
    if (flags->json) {
        as_json_write(&out, o->value, o->type, true);
        buf_byte(&out, '\n');
    } else {
        print_value(o, true, &out);
    }
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    if (n_rest > 1)
        return command_misuse(cli, "Unexpected argument",
                              "The output command expects exactly one argument with the name of an "
                              "output variable or no arguments to show all outputs.");
    if (flags->json && flags->raw)
        return command_misuse(cli, "Invalid output format",
                              "The -raw and -json options are mutually-exclusive.");
    if (flags->raw && !n_rest)
        return command_misuse(cli, "Output name required",
                              "You must give the name of a single output value when using the "
                              "-raw option.");
    struct session s = session_start(cli);
    struct state *state = NULL;
    if (!session_open_store(&s, &flags->state) || !state_access_read(cli, s.store, &state))
        return fail(cli);
    if (!state)
        state = state_new(cli->arena);
    if (n_rest && rest[0].len)
        return one(cli, flags, state, rest[0]);
    struct map_entry *sorted = map_sorted(cli->arena, &state->outputs);
    if (flags->json) {
        all_as_json(cli, sorted, state->outputs.n);
        return 0;
    }
    return all_as_text(cli, flags, sorted, state->outputs.n);
}

const struct command command_output = {
    .name = "output",
    .synopsis = "[options] [NAME]",
    .summary = "Show output values from your root module",
    .help = "  Reads the outputs from the state and prints them. With a NAME, prints only\n"
            "  the value of that output.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .run = run,
};
