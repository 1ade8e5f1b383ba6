/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reattach.h"

#include "addr/addr.h"
#include "base/arena.h"
#include "base/json.h"
#include "cli/ui.h"

#define VARIABLE "TF_REATTACH_PROVIDERS"

static bool refuse(struct cli *cli, struct str why) {
    diags_error(cli->diags, (struct span){.file = 0}, "Invalid format for " VARIABLE,
                "The value of " VARIABLE " cannot be used: %.*s.", STR_ARG(why));
    return false;
}

static const struct json *object_of(const struct json *json, struct str name) {
    const struct json *found = json_get(json, name);
    return found && found->kind == JSON_OBJECT ? found : NULL;
}

/* {"Protocol": "grpc", "ProtocolVersion": 5, "Addr": {"Network": "unix", "String": "PATH"}} */
static bool read_entry(const struct json *entry, struct plugin_spec *spec) {
    const struct json *at = entry->kind == JSON_OBJECT ? object_of(entry, S("Addr")) : NULL;
    int64_t protocol = 0;
    if (!at || !str_eq(json_get_str(entry, S("Protocol")), S("grpc")))
        return false;
    struct str network = json_get_str(at, S("Network")), address = json_get_str(at, S("String"));
    bool known = str_eq(network, S("unix")) || str_eq(network, S("tcp"));
    json_get_int(entry, S("ProtocolVersion"), &protocol);
    if (!known || address.len == 0 || (protocol != 0 && protocol != 5 && protocol != 6))
        return false;
    spec->network = network;
    spec->address = address;
    /* Those of before protocol 6 did not say which they speak. */
    spec->protocol = protocol == 6 ? 6 : 5;
    return true;
}

static const struct json *read_variable(struct cli *cli, struct str *ret_error) {
    struct str text = ui_env(cli, VARIABLE);
    struct json_error error = {0};
    *ret_error = S("");
    if (text.len == 0)
        return NULL;
    const struct json *root = json_parse(cli->arena, text, &error);
    if (!root)
        *ret_error = error.text;
    else if (root->kind != JSON_OBJECT)
        *ret_error = S("a JSON object of providers is required");
    return root && root->kind == JSON_OBJECT ? root : NULL;
}

static bool names_provider(struct cli *cli, struct str name, struct str source) {
    struct provider_addr addr;
    struct addr_error error;
    return addr_provider_parse(cli->arena, name, &addr, &error) &&
           str_eq(addr_provider_text(cli->arena, addr), source);
}

bool reattach_find(struct cli *cli, struct str source, struct plugin_spec *spec) {
    struct str error;
    const struct json *root = read_variable(cli, &error);
    for (size_t i = 0; root && i < root->n; i++)
        if (names_provider(cli, root->members[i].name, source))
            return read_entry(&root->members[i].value, spec);
    return false;
}

bool reattach_check(struct cli *cli) {
    struct str error;
    const struct json *root = read_variable(cli, &error);
    if (error.len > 0)
        return refuse(cli, error);
    for (size_t i = 0; root && i < root->n; i++) {
        struct plugin_spec ignored;
        struct provider_addr addr;
        struct addr_error wrong;
        struct str name = root->members[i].name;
        if (!addr_provider_parse(cli->arena, name, &addr, &wrong))
            return refuse(cli,
                          str_format(cli->arena, "\"%.*s\" is no provider address", STR_ARG(name)));
        if (!read_entry(&root->members[i].value, &ignored))
            return refuse(cli, str_format(cli->arena,
                                          "the entry of %.*s needs Protocol \"grpc\", a "
                                          "ProtocolVersion of 5 or 6, and Addr with Network "
                                          "(unix or tcp) and String",
                                          STR_ARG(name)));
    }
    return true;
}
