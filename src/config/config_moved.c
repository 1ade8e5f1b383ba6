/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema moved_attrs[] = {{STR("from"), true}, {STR("to"), true}};
static const struct body_schema moved_schema = {.attrs = moved_attrs,
                                                .n_attrs = COUNT(moved_attrs)};

static bool read_endpoint(const struct config_reader *reader, const struct attribute *attr,
                          struct target *ret_target) {
    struct traversal traversal;
    return config_static_address(reader, attr->expr, &traversal) &&
           addr_parse_traversal(reader->arena, &traversal, config_static_span(&traversal),
                                ret_target, reader->diags);
}

static bool is_module(const struct target *target) {
    return target->kind == TARGET_MODULE;
}

static void add_moved(const struct config_reader *reader, struct config_moved moved) {
    struct config_module *module = reader->module;
    module->moved =
        config_static_grow(reader, module->moved, module->n_moved, sizeof *module->moved);
    module->moved[module->n_moved++] = moved;
}

void config_moved_read(struct config_reader *reader, const struct block *block) {
    struct config_moved moved = {.span = block->header};
    struct body_content *content =
        body_content(reader->arena, block->body, &moved_schema, reader->diags);
    const struct attribute *from = body_attr(content, S("from"));
    const struct attribute *to = body_attr(content, S("to"));
    bool ok = from != NULL && read_endpoint(reader, from, &moved.from);
    ok = to != NULL && read_endpoint(reader, to, &moved.to) && ok;
    if (reader->override) {
        (void)diags_error(reader->diags, block->header, "Cannot override 'moved' blocks",
                          "Records of moved objects can appear only in normal files, not in "
                          "override files.");
        return;
    }
    if (!ok)
        return;
    moved.from_span = expr_span(from->expr);
    moved.to_span = expr_span(to->expr);
    if (is_module(&moved.from) != is_module(&moved.to)) {
        (void)diags_error(reader->diags, block->header, "Invalid \"moved\" addresses",
                          "The \"from\" and \"to\" addresses must either both refer to resources "
                          "or both refer to modules.");
        return;
    }
    add_moved(reader, moved);
}
