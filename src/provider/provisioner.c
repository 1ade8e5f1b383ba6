/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/provisioner.h"

#include "base/arena.h"

enum column_type { COLUMN_STRING, COLUMN_NUMBER, COLUMN_BOOL, COLUMN_STRINGS, COLUMN_STRING_MAP };

struct column {
    struct str name;
    enum column_type type;
    bool required;
};

/* All sorted by name, as a schema wants its attributes. */
static const struct column local_exec[] = {
    {STR("command"), COLUMN_STRING, true},       {STR("environment"), COLUMN_STRING_MAP, false},
    {STR("interpreter"), COLUMN_STRINGS, false}, {STR("quiet"), COLUMN_BOOL, false},
    {STR("working_dir"), COLUMN_STRING, false},
};

static const struct column remote_exec[] = {
    {STR("inline"), COLUMN_STRINGS, false},
    {STR("script"), COLUMN_STRING, false},
    {STR("scripts"), COLUMN_STRINGS, false},
};

static const struct column file[] = {
    {STR("content"), COLUMN_STRING, false},
    {STR("destination"), COLUMN_STRING, true},
    {STR("source"), COLUMN_STRING, false},
};

static const struct column connection[] = {
    {STR("agent"), COLUMN_BOOL, false},
    {STR("agent_identity"), COLUMN_STRING, false},
    {STR("bastion_certificate"), COLUMN_STRING, false},
    {STR("bastion_host"), COLUMN_STRING, false},
    {STR("bastion_host_key"), COLUMN_STRING, false},
    {STR("bastion_password"), COLUMN_STRING, false},
    {STR("bastion_port"), COLUMN_NUMBER, false},
    {STR("bastion_private_key"), COLUMN_STRING, false},
    {STR("bastion_user"), COLUMN_STRING, false},
    {STR("cacert"), COLUMN_STRING, false},
    {STR("certificate"), COLUMN_STRING, false},
    {STR("host"), COLUMN_STRING, true},
    {STR("host_key"), COLUMN_STRING, false},
    {STR("https"), COLUMN_BOOL, false},
    {STR("insecure"), COLUMN_BOOL, false},
    {STR("password"), COLUMN_STRING, false},
    {STR("port"), COLUMN_NUMBER, false},
    {STR("private_key"), COLUMN_STRING, false},
    {STR("proxy_host"), COLUMN_STRING, false},
    {STR("proxy_port"), COLUMN_NUMBER, false},
    {STR("proxy_scheme"), COLUMN_STRING, false},
    {STR("proxy_user_name"), COLUMN_STRING, false},
    {STR("proxy_user_password"), COLUMN_STRING, false},
    {STR("script_path"), COLUMN_STRING, false},
    {STR("target_platform"), COLUMN_STRING, false},
    {STR("timeout"), COLUMN_STRING, false},
    {STR("type"), COLUMN_STRING, false},
    {STR("use_ntlm"), COLUMN_BOOL, false},
    {STR("user"), COLUMN_STRING, false},
};

static const struct type *column_type(enum column_type type) {
    switch (type) {
    case COLUMN_STRING:
        return type_string;
    case COLUMN_NUMBER:
        return type_number;
    case COLUMN_BOOL:
        return type_bool;
    case COLUMN_STRINGS:
        return type_list(type_string);
    case COLUMN_STRING_MAP:
        return type_map(type_string);
    }
    return type_dynamic;
}

static const struct schema_block *make_block(struct arena *arena, const struct column *columns,
                                             size_t n) {
    struct schema_attr *attrs = arena_array(arena, n, sizeof *attrs);
    for (size_t i = 0; i < n; i++) {
        attrs[i].name = columns[i].name;
        attrs[i].type = column_type(columns[i].type);
        attrs[i].required = columns[i].required;
        attrs[i].optional = !columns[i].required;
    }
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    block->attrs = attrs;
    block->n_attrs = n;
    return block;
}

const struct schema_block *provisioner_schema(struct arena *arena, struct str type) {
    if (str_eq(type, S("local-exec")))
        return make_block(arena, local_exec, COUNT(local_exec));
    if (str_eq(type, S("remote-exec")))
        return make_block(arena, remote_exec, COUNT(remote_exec));
    if (str_eq(type, S("file")))
        return make_block(arena, file, COUNT(file));
    return NULL;
}

const struct schema_block *provisioner_connection_schema(struct arena *arena) {
    return make_block(arena, connection, COUNT(connection));
}

static bool is_empty(struct value text) {
    return value_is_known(text) && (value_is_null(text) || value_str(text).len == 0);
}

static bool refuse(struct diags *diags, const char *summary, const char *detail) {
    diags_error(diags, (struct span){0}, summary, detail ? "%s" : NULL, detail);
    return false;
}

static bool validate_file(struct value config, struct diags *diags) {
    bool has_source = !value_is_null(value_attr(config, S("source")));
    bool has_content = !value_is_null(value_attr(config, S("content")));
    if (is_empty(value_attr(config, S("destination"))))
        return refuse(diags, "Invalid file provisioner configuration",
                      "The destination must be a non-empty string.");
    if (has_source && has_content)
        return refuse(diags, "Cannot set both 'source' and 'content'", NULL);
    if (!has_source && !has_content)
        return refuse(diags, "Must provide one of 'source' or 'content'", NULL);
    return true;
}

bool provisioner_validate(struct str type, struct value config, struct diags *diags) {
    if (value_is_null(config) || !value_is_known(config))
        return true;
    if (str_eq(type, S("file")))
        return validate_file(config, diags);
    if (str_eq(type, S("local-exec")))
        return !is_empty(value_attr(config, S("command"))) ||
               refuse(diags, "Invalid local-exec provisioner command",
                      "The command must be a non-empty string.");
    size_t set = 0;
    for (size_t i = 0; i < COUNT(remote_exec); i++)
        set += !value_is_null(value_attr(config, remote_exec[i].name));
    return set == 1 || refuse(diags, "Invalid remote-exec provisioner configuration",
                              "Only one of \"inline\", \"script\", or \"scripts\" must be set");
}
