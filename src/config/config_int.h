/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the block readers share their work. Each reads one kind of block from its syntax and adds it
 * to the module, or merges it over what is there when its file is an override file.
 */
#ifndef LOAM_CONFIG_INT_H
#define LOAM_CONFIG_INT_H

#include "config/config.h"
#include "hcl/body.h"

struct config_reader {
    struct arena *arena;
    struct sources *sources;
    struct config_module *module;
    struct diags *diags;
    const struct map *files; /* path -> struct str *: instead of the disk; or NULL */
    bool override;
    bool queries;                  /* read query files too */
    bool seen_backend, seen_cloud; /* in this override file */
};

#define CONFIG_BAD_NAME                                                                            \
    "A name must start with a letter or underscore and may contain only letters, digits, "         \
    "underscores, and dashes."

/* config_static.c: arguments that must be known before anything is evaluated. */
struct value config_static_value(const struct config_reader *reader, const struct expr *expr);
bool config_static_string(const struct config_reader *reader, const struct expr *expr,
                          struct str *ret_string);
bool config_static_bool(const struct config_reader *reader, const struct expr *expr,
                        bool *ret_bool);
/* A version constraint given as text; wrong syntax is reported. */
bool config_static_version(const struct config_reader *reader, const struct attribute *attr,
                           struct str *ret_version);
/* A keyword, also one in quotes as it was long ago. */
struct str config_static_keyword(const struct config_reader *reader, const struct expr *expr);
/* An address that must not be in quotes, as moved and removed have it. */
bool config_static_address(const struct config_reader *reader, const struct expr *expr,
                           struct traversal *ret_traversal);
struct span config_static_span(const struct traversal *traversal);
void config_static_depends_on(const struct config_reader *reader, const struct attribute *attr,
                              struct refs *refs);
/* provider = aws.west; argument is its name for messages. */
bool config_static_provider(const struct config_reader *reader, const struct expr *expr,
                            const char *argument, struct config_provider_ref *ret_ref);
bool config_static_provider_name(const struct config_reader *reader, struct str name,
                                 struct span span);
bool config_static_is_name(const struct config_reader *reader, struct str name, struct span span,
                           const char *summary);
/* "main.tf:3,5-12" */
struct str config_static_range(const struct config_reader *reader, struct span span);
bool config_static_quoted(const struct expr *expr);

/* items with room for one more behind the n there are, so that adding n costs their number. */
void *config_static_grow(const struct config_reader *reader, void *items, size_t n, size_t size);

/* config_rule.c */
struct config_rule config_rule_read(const struct config_reader *reader, const struct block *block);
void config_rule_add(const struct config_reader *reader, struct config_rules *rules,
                     struct config_rule rule);

/* One function per block type at the top of a file. */
void config_terraform_read(struct config_reader *reader, const struct block *block);
void config_language_read(struct config_reader *reader, const struct block *block);
void config_variable_read(struct config_reader *reader, const struct block *block);
void config_locals_read(struct config_reader *reader, const struct block *block);
void config_output_read(struct config_reader *reader, const struct block *block);
void config_call_read(struct config_reader *reader, const struct block *block);
void config_provider_read(struct config_reader *reader, const struct block *block);
void config_resource_read(struct config_reader *reader, const struct block *block);
void config_moved_read(struct config_reader *reader, const struct block *block);
void config_removed_read(struct config_reader *reader, const struct block *block);
void config_import_read(struct config_reader *reader, const struct block *block);
void config_check_read(struct config_reader *reader, const struct block *block);
void config_list_read(struct config_reader *reader, const struct block *block);

/* config_resource.c: without adding it to the module. nested: inside a check block. */
struct config_resource *config_resource_parse(const struct config_reader *reader,
                                              const struct block *block, enum resource_mode mode,
                                              bool nested);
void config_resource_add(const struct config_reader *reader, struct config_resource *resource);
/* count, for_each and enabled exclude each other. */
void config_resource_repetition(const struct config_reader *reader, const struct attribute *count,
                                const struct attribute *enabled, const struct attribute *for_each);

/* config_lifecycle.c */
struct config_lifecycle_attrs {
    const struct attribute *enabled;
};
void config_lifecycle_read(const struct config_reader *reader, const struct block *block,
                           struct config_resource *resource,
                           struct config_lifecycle_attrs *ret_attrs);

/* config_provisioner.c */
bool config_provisioner_read(const struct config_reader *reader, const struct block *block,
                             struct config_provisioner *ret_provisioner);
void config_provisioner_only_self(const struct config_reader *reader, const struct body *body);

/* config_merge.c */
const struct body *config_merge_bodies(struct arena *arena, const struct body *base,
                                       const struct body *over, bool replace);
void config_merge_variable(const struct config_reader *reader, struct config_variable *base,
                           const struct config_variable *over);
void config_merge_output(const struct config_reader *reader, struct config_output *base,
                         const struct config_output *over);
void config_merge_call(const struct config_reader *reader, struct config_call *base,
                       const struct config_call *over);
void config_merge_resource(const struct config_reader *reader, struct config_resource *base,
                           const struct config_resource *over);

/* config_source.c: false when the text is no source; the error was added. */
bool config_source_check(const struct config_reader *reader, const struct config_call *call);

/* config_static_scope.c: a text made of the module's variables and locals; inputs are the root's.
 */
bool config_static_scope_text(struct config *config, const struct config_module *module,
                              const struct map *inputs, const struct config_call *call,
                              struct str *ret_text, struct diags *diags);

/* config_providers.c: the whole tree. */
void config_providers_check(struct arena *arena, const struct sources *sources,
                            const struct config_module *root, struct diags *diags);

/* config_file.c: all files of a folder into reader->module. */
bool config_file_read_dir(struct config_reader *reader);

#endif
