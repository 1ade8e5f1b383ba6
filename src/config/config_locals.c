/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static void add_local(const struct config_reader *reader, struct config_local *local) {
    struct map *locals = &reader->module->locals;
    struct config_local *existing = map_get(locals, local->name);
    if (reader->override && existing == NULL) {
        (void)diags_error(reader->diags, local->span,
                          "Missing base local value definition to override",
                          "There is no local value named \"%.*s\". An override file can only "
                          "override a local value that was already defined in a primary "
                          "configuration file.",
                          STR_ARG(local->name));
        return;
    }
    if (!reader->override && existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        (void)diags_error(reader->diags, local->span, "Duplicate local value definition",
                          "A local value named \"%.*s\" was already defined at %.*s. Local value "
                          "names must be unique within a module.",
                          STR_ARG(local->name), STR_ARG(place));
    }
    map_put(reader->arena, locals, local->name, local);
}

void config_locals_read(struct config_reader *reader, const struct block *block) {
    struct body_content *content = body_attributes(reader->arena, block->body, reader->diags);
    for (size_t i = 0; i < content->n_attrs; i++) {
        const struct attribute *attr = content->attrs[i];
        struct config_local *local = arena_alloc(reader->arena, sizeof *local);
        *local = (struct config_local){.name = attr->name, .expr = attr->expr, .span = attr->span};
        (void)config_static_is_name(reader, attr->name, attr->name_span,
                                    "Invalid local value name");
        add_local(reader, local);
    }
}
