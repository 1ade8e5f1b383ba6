/* SPDX-License-Identifier: Apache-2.0 */
#include "config/variables.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "eval/eval.h"
#include "hcl/body.h"
#include "hcl/parse.h"
#include "value/convert.h"

/* More warnings about one kind of slip than this are summed up in one. */
#define MAX_UNDECLARED_WARNINGS 2

static const struct span nowhere = {.file = 0};

struct collector {
    struct arena *arena;
    struct config *config;
    struct diags *diags;
    struct map inputs;
    size_t undeclared_in_files;
};

static struct value constant(struct collector *c, const struct expr *expr) {
    struct scope scope = {.sources = c->config->sources, .constant_only = true};
    return eval_expr(c->arena, &scope, expr, c->diags);
}

static void put_input(struct collector *c, const struct variable_input *input) {
    map_put(c->arena, &c->inputs, input->name, arena_copy(c->arena, input, sizeof *input));
}

static void collect_env(struct collector *c, char *const *environ_) {
    for (; environ_ != NULL && *environ_ != NULL; environ_++) {
        struct str entry = str_from(*environ_);
        ptrdiff_t equals = str_find_byte(entry, '=');
        if (!str_starts(entry, S("TF_VAR_")) || equals < 7)
            continue;
        put_input(
            c, &(struct variable_input){.name = str_slice(entry, 7, (size_t)equals),
                                        .origin = ORIGIN_ENV,
                                        .raw_text = true,
                                        .text = str_slice(entry, (size_t)equals + 1, entry.len)});
    }
}

/* A variable block in a values file: a common mix-up. */
static bool refuse_declarations(struct collector *c, const struct body *body, struct str path) {
    static const struct str name_label[] = {STR("name")};
    static const struct body_block_schema blocks[] = {
        {.type = STR("variable"), .label_names = name_label, .n_labels = 1}};
    static const struct body_schema schema = {.blocks = blocks, .n_blocks = COUNT(blocks)};
    struct diags ignored = {.arena = c->arena};
    struct body *remain = NULL;
    struct body_content *content = body_partial_content(c->arena, body, &schema, &remain, &ignored);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        (void)diags_error(c->diags, block->type_span, "Variable declaration in .tfvars file",
                          "A .tfvars file is used to assign values to variables that have already "
                          "been declared in .tf files, not to declare new variables. To declare "
                          "variable \"%.*s\", place this block in one of your .tf files, such as "
                          "variables.tf.\n\nTo set a value for this variable in %.*s, use the "
                          "definition syntax instead:\n    %.*s = <value>",
                          STR_ARG(block->labels[0]), STR_ARG(path), STR_ARG(block->labels[0]));
    }
    return content->n_blocks == 0;
}

static bool is_json(struct str path, struct str bytes) {
    if (str_ends(path, S(".json")))
        return true;
    return !str_ends(path, S(".tfvars")) && str_starts(str_trim(bytes), S("{"));
}

/* optional: need not be there. */
static void collect_file(struct collector *c, struct str path, enum variable_origin origin,
                         bool optional) {
    struct str bytes;
    int error = fs_read(c->arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error == ENOENT && optional)
        return;
    if (error != 0) {
        struct str why = fs_error_text(c->arena, error);
        if (error != ENOENT) {
            (void)diags_error(c->diags, nowhere, "Failed to read variables file",
                              "Error while reading %.*s: %.*s.", STR_ARG(path), STR_ARG(why));
        } else {
            (void)diags_error(c->diags, nowhere, "Failed to read variables file",
                              "Given variables file %.*s does not exist.", STR_ARG(path));
        }
        return;
    }
    uint32_t file = sources_add(c->config->sources, path, bytes);
    struct body *body = is_json(path, bytes)
                            ? parse_json_file(c->arena, c->config->sources, file, c->diags)
                            : parse_file(c->arena, c->config->sources, file, c->diags);
    if (!refuse_declarations(c, body, path))
        return;
    struct body_content *content = body_attributes(c->arena, body, c->diags);
    for (size_t i = 0; i < content->n_attrs; i++) {
        const struct attribute *attr = content->attrs[i];
        put_input(c, &(struct variable_input){.name = attr->name,
                                              .origin = origin,
                                              .expr = attr->expr,
                                              .span = expr_span(attr->expr),
                                              .text = path});
    }
}

static void collect_dir(struct collector *c, struct str dir) {
    static const struct str fixed[] = {STR("terraform.tfvars"), STR("terraform.tfvars.json")};
    struct str *names = NULL;
    size_t n = 0;
    for (size_t i = 0; i < COUNT(fixed); i++) {
        struct str path = fs_clean(c->arena, fs_join(c->arena, dir, fixed[i]));
        collect_file(c, path, ORIGIN_FILE, true);
    }
    if (fs_list(c->arena, dir, &names, &n) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (str_ends(names[i], S(".auto.tfvars")) || str_ends(names[i], S(".auto.tfvars.json"))) {
            collect_file(c, fs_clean(c->arena, fs_join(c->arena, dir, names[i])), ORIGIN_FILE,
                         false);
        }
    }
}

static void collect_flag(struct collector *c, struct str text) {
    ptrdiff_t equals = str_find_byte(text, '=');
    if (equals < 0) {
        (void)diags_error(c->diags, nowhere, "Invalid -var option",
                          "The given -var option \"%.*s\" is not correctly specified. Must be a "
                          "variable name and value separated by an equals sign, like "
                          "-var=\"key=value\".",
                          STR_ARG(text));
        return;
    }
    struct str name = str_slice(text, 0, (size_t)equals);
    struct str value = str_slice(text, (size_t)equals + 1, text.len);
    if (str_ends(name, S(" "))) {
        struct str before = str_slice(name, 0, name.len - 1);
        struct str trimmed = str_starts(value, S(" ")) ? str_slice(value, 1, value.len) : value;
        (void)diags_error(c->diags, nowhere, "Invalid -var option",
                          "Variable name \"%.*s\" is invalid due to trailing space. Did you mean "
                          "-var=\"%.*s=%.*s\"?",
                          STR_ARG(name), STR_ARG(before), STR_ARG(trimmed));
        return;
    }
    put_input(c, &(struct variable_input){
                     .name = name, .origin = ORIGIN_CLI, .raw_text = true, .text = value});
}

/* An argument of a primitive type is taken as it is; anything else is an expression. */
static bool parse_text(struct arena *arena, struct config *config,
                       const struct config_variable *variable, struct str text,
                       struct value *ret_value, struct diags *diags) {
    if (type_is_primitive(variable->type) || !variable->type_set) {
        *ret_value = value_string(arena, text);
        return true;
    }
    struct str name = str_format(arena, "<value for var.%.*s>", STR_ARG(variable->name));
    uint32_t file = sources_add_unseen(config->sources, name, text);
    size_t before = diags->n_errors;
    struct expr *expr = parse_expr(arena, config->sources, file, diags);
    if (diags->n_errors > before)
        return false;
    struct scope scope = {.sources = config->sources, .constant_only = true};
    *ret_value = eval_expr(arena, &scope, expr, diags);
    return diags->n_errors == before;
}

static void report_undeclared(struct collector *c, const struct variable_input *input) {
    switch (input->origin) {
    case ORIGIN_FILE:
        if (c->undeclared_in_files++ < MAX_UNDECLARED_WARNINGS) {
            (void)diags_warn(c->diags, nowhere, "Value for undeclared variable",
                             "The root module does not declare a variable named \"%.*s\" but a "
                             "value was found in file \"%.*s\". If you meant to use this value, "
                             "add a \"variable\" block to the configuration.\n\nTo silence these "
                             "warnings, use TF_VAR_... environment variables to provide certain "
                             "\"global\" settings to all configurations in your organization. To "
                             "reduce the verbosity of these warnings, use the -compact-warnings "
                             "option.",
                             STR_ARG(input->name), STR_ARG(input->text));
        }
        return;
    case ORIGIN_CLI:
        (void)diags_error(c->diags, nowhere, "Value for undeclared variable",
                          "A variable named \"%.*s\" was assigned on the command line, but the "
                          "root module does not declare a variable of that name. To use this "
                          "value, add a \"variable\" block to the configuration.",
                          STR_ARG(input->name));
        return;
    case ORIGIN_DEFAULT:
    case ORIGIN_ENV:
    case ORIGIN_PLAN:
    case ORIGIN_PROMPT:
        return;
    }
}

/* With a value that cannot be read, its variable counts as one that was not set. */
static void report_missing(struct collector *c, const struct map *declared) {
    const struct map *variables = &c->config->root->variables;
    for (size_t i = 0; i < variables->n; i++) {
        const struct config_variable *v = variables->entries[i].value;
        struct value ignored;
        if (!v->has_default && map_get(declared, v->name) == NULL)
            (void)variables_final(c->arena, c->config, v, NULL, &ignored, c->diags);
    }
}

static bool settle(struct collector *c, struct map *ret_declared) {
    struct map declared = {.n = 0};
    size_t before = c->diags->n_errors;
    bool unreadable = false;
    for (size_t i = 0; i < c->inputs.n; i++) {
        struct variable_input *input = c->inputs.entries[i].value;
        const struct config_variable *variable = map_get(&c->config->root->variables, input->name);
        if (variable == NULL) {
            report_undeclared(c, input);
            continue;
        }
        size_t errors = c->diags->n_errors;
        if (input->expr != NULL)
            input->value = constant(c, input->expr);
        else if (parse_text(c->arena, c->config, variable, input->text, &input->value, c->diags))
            input->raw_text = false;
        if (c->diags->n_errors == errors)
            map_put(c->arena, &declared, input->name, input);
        else
            unreadable = true;
    }
    if (c->undeclared_in_files > MAX_UNDECLARED_WARNINGS) {
        (void)diags_warn(c->diags, nowhere, "Values for undeclared variables",
                         "In addition to the other similar warnings shown, %zu other variable(s) "
                         "defined without being declared.",
                         c->undeclared_in_files - MAX_UNDECLARED_WARNINGS);
    }
    if (unreadable)
        report_missing(c, &declared);
    *ret_declared = declared;
    return c->diags->n_errors == before;
}

bool variables_collect(struct arena *arena, struct config *config, struct str dir,
                       char *const *environ_, const struct variable_arg *args, size_t n_args,
                       struct map *ret_inputs, struct diags *diags) {
    struct collector c = {.arena = arena, .config = config, .diags = diags};
    size_t before = diags->n_errors;
    collect_env(&c, environ_);
    collect_dir(&c, dir);
    for (size_t i = 0; i < n_args; i++)
        if (args[i].is_file)
            collect_file(&c, args[i].text, ORIGIN_FILE, false);
        else
            collect_flag(&c, args[i].text);
    return settle(&c, ret_inputs) && diags->n_errors == before;
}

/* " set using ..." for values that have no place in a file; empty for others. */
static struct str origin_text(struct arena *arena, const struct config_variable *v,
                              const struct variable_input *input) {
    switch (input->origin) {
    case ORIGIN_CLI:
        return str_format(arena, "set using -var=\"%.*s=...\"", STR_ARG(v->name));
    case ORIGIN_ENV:
        return str_format(arena, "set using the TF_VAR_%.*s environment variable",
                          STR_ARG(v->name));
    case ORIGIN_PROMPT:
        return S("set using an interactive prompt");
    case ORIGIN_FILE:
        return S("");
    case ORIGIN_DEFAULT:
    case ORIGIN_PLAN:
        break;
    }
    return S("set from outside of the configuration");
}

static void report_unsuitable(struct arena *arena, const struct config *config,
                              const struct config_variable *v, const struct variable_input *input,
                              struct str why, struct diags *diags) {
    struct str origin = origin_text(arena, v, input);
    struct str declared = sources_range(arena, config->sources, v->span);
    struct str defined = sources_range(arena, config->sources, input->span);
    if (origin.len > 0) {
        (void)diags_error(diags, v->span, "Invalid value for input variable",
                          "Unsuitable value for var.%.*s %.*s: %.*s.", STR_ARG(v->name),
                          STR_ARG(origin), STR_ARG(why));
    } else if (v->sensitive || v->ephemeral) {
        (void)diags_error(diags, v->span, "Invalid value for input variable",
                          "The given value is not suitable for var.%.*s, which is %s: %.*s. "
                          "Invalid value defined at %.*s.",
                          STR_ARG(v->name), v->ephemeral ? "ephemeral" : "sensitive", STR_ARG(why),
                          STR_ARG(defined));
    } else {
        (void)diags_error(diags, input->span, "Invalid value for input variable",
                          "The given value is not suitable for var.%.*s declared at %.*s: %.*s.",
                          STR_ARG(v->name), STR_ARG(declared), STR_ARG(why));
    }
}

static void report_null(struct arena *arena, const struct config *config,
                        const struct config_variable *v, const struct variable_input *input,
                        struct diags *diags) {
    struct str origin = origin_text(arena, v, input);
    struct str declared = sources_range(arena, config->sources, v->span);
    if (origin.len > 0) {
        (void)diags_error(diags, v->span, "Required variable not set",
                          "Unsuitable value for var.%.*s %.*s: required variable may not be set to "
                          "null.",
                          STR_ARG(v->name), STR_ARG(origin));
    } else {
        (void)diags_error(diags, input->span, "Required variable not set",
                          "The given value is not suitable for var.%.*s defined at %.*s: required "
                          "variable may not be set to null.",
                          STR_ARG(v->name), STR_ARG(declared));
    }
}

static struct value marked(const struct config_variable *v, struct value value) {
    unsigned marks = (v->sensitive ? VALUE_SENSITIVE : 0u) | (v->ephemeral ? VALUE_EPHEMERAL : 0u);
    return value_mark(value, marks);
}

/*
 * A default is converted when it is read and once more when it is used; with "any" in the type the
 * second time may fail, as in the reference.
 */
static bool final_default(struct arena *arena, const struct config_variable *v,
                          struct value *ret_value, struct diags *diags) {
    struct value value = v->default_value;
    struct convert_error error;
    if (v->defaults != NULL && !value_is_null(value))
        value = typeexpr_apply(arena, v->defaults, value);
    if (!convert_value(arena, value, v->type, &value, &error)) {
        struct str why = convert_error_text(arena, &error);
        (void)diags_error(diags, v->span, "Invalid default value for module argument",
                          "The default value for variable \"%.*s\" is incompatible with its type "
                          "constraint: %.*s.",
                          STR_ARG(v->name), STR_ARG(why));
        return false;
    }
    *ret_value = marked(v, value);
    return true;
}

bool variables_final(struct arena *arena, struct config *config, const struct config_variable *v,
                     const struct variable_input *input, struct value *ret_value,
                     struct diags *diags) {
    struct value value;
    struct convert_error error;
    if (input == NULL) {
        if (!v->has_default) {
            (void)diags_error(diags, v->span, "No value for required variable",
                              "The root module input variable \"%.*s\" is not set, and has no "
                              "default value. Use a -var or -var-file command line argument to "
                              "provide a value for this variable.",
                              STR_ARG(v->name));
            return false;
        }
        return final_default(arena, v, ret_value, diags);
    }
    value = input->value;
    if (input->raw_text && !parse_text(arena, config, v, input->text, &value, diags))
        return false;
    if (v->defaults != NULL && !value_is_null(value))
        value = typeexpr_apply(arena, v->defaults, value);
    if (!convert_value(arena, value, v->type, &value, &error)) {
        /* Where inside the value is not told here, as in the reference. */
        report_unsuitable(arena, config, v, input, error.text, diags);
        return false;
    }
    if (value_is_null(value) && !v->nullable) {
        if (!v->has_default) {
            report_null(arena, config, v, input, diags);
            return false;
        }
        value = v->default_value;
    }
    *ret_value = marked(v, value);
    return true;
}
