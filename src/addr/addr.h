/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses ("Resource Addressing"): modules, resources and their instances; printed, parsed,
 * ordered. Plain values whose texts live in an arena.
 */
#ifndef LOAM_ADDR_H
#define LOAM_ADDR_H

#include "diag/diag.h"
#include "value/value.h"

struct buf;
struct traversal;

enum key_kind { KEY_NONE, KEY_INT, KEY_STRING, KEY_ANY /* [*] or unknown */ };

struct key {
    enum key_kind kind;
    int64_t number;
    struct str text;
};

struct module_step {
    struct str name;
    struct key key;
};

/* Module instance; n = 0 is the root module. */
struct module_path {
    const struct module_step *at;
    size_t n;
};

enum resource_mode { MODE_MANAGED, MODE_DATA, MODE_EPHEMERAL, MODE_LIST };

struct resource_addr {
    enum resource_mode mode;
    struct str type;
    struct str name;
};

struct instance_addr {
    struct module_path module;
    struct resource_addr resource;
    struct key key;
};

/* "hashicorp/aws" with its host, lower case: registry.terraform.io is the default host. */
struct provider_addr {
    struct str host;
    struct str namespace_;
    struct str type;
};

/* provider["registry.terraform.io/hashicorp/aws"].west in a module */
struct provider_config_addr {
    struct module_path module; /* keys are not used */
    struct provider_addr provider;
    struct str alias; /* or empty */
    struct key key;   /* of for_each, or KEY_NONE */
};

/* What -target, state list and moved name. */
enum target_kind { TARGET_MODULE, TARGET_RESOURCE, TARGET_INSTANCE };

struct target {
    enum target_kind kind;
    struct instance_addr addr; /* module only, or without key, or whole */
};

extern const struct provider_addr addr_provider_builtin; /* terraform.io/builtin/terraform */

struct key addr_key_int(int64_t number);
struct key addr_key_string(struct str text);
struct key addr_key_of(struct value v); /* of a known string or number */

struct str addr_key_text(struct arena *arena, struct key key); /* "[0]", "[\"a\"]", "" */
struct str addr_module_text(struct arena *arena, struct module_path module);
struct str addr_resource_text(struct arena *arena, struct resource_addr resource);
struct str addr_instance_text(struct arena *arena, const struct instance_addr *instance);
void addr_instance_write(struct buf *out, const struct instance_addr *instance);
struct str addr_target_text(struct arena *arena, const struct target *target);
struct str addr_provider_text(struct arena *arena, struct provider_addr provider);
/* "hashicorp/aws" for the default host */
struct str addr_provider_display(struct arena *arena, struct provider_addr provider);
struct str addr_provider_config_text(struct arena *arena,
                                     const struct provider_config_addr *config);

/* Order as Terraform lists them: modules first by depth and name, data before managed, keys
 * (numbers before strings). */
int addr_instance_order(const struct instance_addr *a, const struct instance_addr *b);
int addr_key_order(struct key a, struct key b);
int addr_module_order(struct module_path a, struct module_path b);
int addr_resource_order(struct resource_addr a, struct resource_addr b);
int addr_provider_order(struct provider_addr a, struct provider_addr b);
bool addr_resource_eq(struct resource_addr a, struct resource_addr b);
bool addr_key_eq(struct key a, struct key b);
bool addr_module_eq(struct module_path a, struct module_path b);
bool addr_instance_eq(const struct instance_addr *a, const struct instance_addr *b);
bool addr_provider_eq(struct provider_addr a, struct provider_addr b);
/* Does target (module, resource, instance) contain the instance? */
bool addr_target_contains(const struct target *target, const struct instance_addr *instance);

struct module_path addr_module_child(struct arena *arena, struct module_path parent,
                                     struct str name, struct key key);
struct module_path addr_module_parent(struct module_path module);
struct instance_addr addr_instance_copy(struct arena *arena, const struct instance_addr *instance);

/* Parsing texts of flags and files; false adds an error in the reference's words. */
bool addr_parse_target(struct arena *arena, struct str text, struct target *ret_target,
                       struct diags *diags);
bool addr_parse_instance(struct arena *arena, struct str text, struct instance_addr *ret_instance,
                         struct diags *diags);
/* The whole text of a source; errors point into it. */
bool addr_parse_source(struct arena *arena, struct sources *sources, uint32_t file,
                       struct target *ret_target, struct diags *diags);
bool addr_parse_traversal(struct arena *arena, const struct traversal *traversal, struct span span,
                          struct target *ret_target, struct diags *diags);
/* "module.a[0].module.b" as the state has it; the empty text is the root. No diagnostics. */
bool addr_parse_module(struct arena *arena, struct str text, struct module_path *ret_module);

struct addr_error {
    struct str summary, detail;
};
/* "aws", "hashicorp/aws", "host/ns/type" */
bool addr_provider_parse(struct arena *arena, struct str text, struct provider_addr *ret_provider,
                         struct addr_error *ret_error);
/* module.m.provider["..."].alias as the state has it */
bool addr_provider_parse_config(struct arena *arena, struct str text,
                                struct provider_config_addr *ret_config);

#endif
