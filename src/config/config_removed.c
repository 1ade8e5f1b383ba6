/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema removed_attrs[] = {{STR("from"), true}};
static const struct str type_label[] = {STR("type")};
static const struct body_block_schema removed_blocks[] = {
    {.type = STR("lifecycle")},
    {.type = STR("provisioner"), .label_names = type_label, .n_labels = 1},
    {.type = STR("connection")},
};
static const struct body_schema removed_schema = {.attrs = removed_attrs,
                                                  .n_attrs = COUNT(removed_attrs),
                                                  .blocks = removed_blocks,
                                                  .n_blocks = COUNT(removed_blocks)};
static const struct body_attr_schema lifecycle_attrs[] = {{STR("destroy"), false}};
static const struct body_schema lifecycle_schema = {.attrs = lifecycle_attrs,
                                                    .n_attrs = COUNT(lifecycle_attrs)};

/* The first index of the traversal: neither modules nor resources may have one here. */
static bool refuse_keys(const struct config_reader *reader, const struct traversal *traversal,
                        const struct target *target) {
    for (uint32_t i = 0; i < traversal->n; i++) {
        const struct step *step = &traversal->steps[i];
        if (step->kind != STEP_INDEX)
            continue;
        if (target->kind == TARGET_INSTANCE && i + 1 == traversal->n) {
            (void)diags_error(reader->diags, step->span, "Resource instance keys not allowed",
                              "Resource address must be a resource (e.g. \"test_instance.foo\"), "
                              "not a resource instance (e.g. \"test_instance.foo[1]\").");
        } else {
            (void)diags_error(reader->diags, step->span, "Module instance keys not allowed",
                              "Module address must be a module (e.g. \"module.foo\"), not a module "
                              "instance (e.g. \"module.foo[1]\").");
        }
        return false;
    }
    return true;
}

/* The reference reads these words as types of resources, of which there are none. */
static bool is_no_resource(const struct traversal *traversal, struct target *ret_target) {
    static const struct str words[] = {STR("count"), STR("each"),      STR("local"), STR("path"),
                                       STR("self"),  STR("terraform"), STR("var")};
    for (size_t i = 0; i < COUNT(words); i++) {
        if (str_eq(words[i], traversal->root) && traversal->n == 1 &&
            traversal->steps[0].kind == STEP_ATTR) {
            ret_target->kind = TARGET_RESOURCE;
            ret_target->addr.resource = (struct resource_addr){
                .mode = MODE_MANAGED, .type = traversal->root, .name = traversal->steps[0].name};
            return true;
        }
    }
    return false;
}

/* Anything behind the resource is taken for a key. */
static bool refuse_rest(const struct config_reader *reader, const struct traversal *traversal) {
    uint32_t names = str_eq(traversal->root, S("data")) ? 2 : 1;
    if (str_eq(traversal->root, S("module")) || traversal->n <= names ||
        traversal->steps[names].kind != STEP_ATTR)
        return true;
    (void)diags_error(reader->diags, traversal->steps[names].span,
                      "Resource instance keys not allowed",
                      "Resource address must be a resource (e.g. \"test_instance.foo\"), not a "
                      "resource instance (e.g. \"test_instance.foo[1]\").");
    return false;
}

static bool read_from(const struct config_reader *reader, const struct attribute *attr,
                      struct target *ret_target) {
    struct traversal traversal;
    struct target target = {.kind = TARGET_RESOURCE};
    if (!config_static_address(reader, attr->expr, &traversal))
        return false;
    if (is_no_resource(&traversal, ret_target))
        return true;
    if (!refuse_rest(reader, &traversal) ||
        !addr_parse_traversal(reader->arena, &traversal, config_static_span(&traversal), &target,
                              reader->diags) ||
        !refuse_keys(reader, &traversal, &target))
        return false;
    if (target.kind != TARGET_MODULE && target.addr.resource.mode == MODE_DATA) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Data source address not allowed",
                          "Data sources are never destroyed, so they are not valid targets of "
                          "removed blocks. To remove the data source from state, remove the data "
                          "source block from configuration.");
        return false;
    }
    if (target.kind != TARGET_MODULE && target.addr.resource.mode == MODE_EPHEMERAL) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Ephemeral resource not allowed",
                          "Ephemeral resources are never destroyed, so they are not valid targets "
                          "of removed blocks. To remove the ephemeral resource from state, remove "
                          "the ephemeral resource block from configuration.");
        return false;
    }
    *ret_target = target;
    return true;
}

static void read_provisioner(const struct config_reader *reader, const struct block *block,
                             struct config_removed *removed, bool managed) {
    struct config_provisioner provisioner;
    if (!managed) {
        (void)diags_error(reader->diags, block->header, "Invalid provisioner block",
                          "Provisioners are valid only when a removed block targets a managed "
                          "resource.");
        return;
    }
    if (!config_provisioner_read(reader, block, &provisioner))
        return;
    if (!provisioner.when_destroy) {
        (void)diags_error(reader->diags, block->header, "Invalid provisioner block",
                          "Only destroy-time provisioners are valid in \"removed\" blocks. To "
                          "declare a destroy-time provisioner, use:\n    when = destroy");
        return;
    }
    removed->provisioners = config_static_grow(reader, removed->provisioners,
                                               removed->n_provisioners, sizeof provisioner);
    removed->provisioners[removed->n_provisioners++] = provisioner;
}

static void read_blocks(const struct config_reader *reader, const struct body_content *content,
                        struct config_removed *removed, bool managed) {
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (str_eq(block->type, S("provisioner"))) {
            read_provisioner(reader, block, removed, managed);
        } else if (str_eq(block->type, S("lifecycle"))) {
            struct body_content *inner =
                body_content(reader->arena, block->body, &lifecycle_schema, reader->diags);
            const struct attribute *destroy = body_attr(inner, S("destroy"));
            if (destroy != NULL) {
                (void)config_static_bool(reader, destroy->expr, &removed->destroy);
                removed->destroy_set = true;
            }
        }
    }
}

void config_removed_read(struct config_reader *reader, const struct block *block) {
    struct config_module *module = reader->module;
    /* Without a lifecycle block the object is destroyed. */
    struct config_removed removed = {.destroy = true, .span = block->header};
    struct body_content *content =
        body_content(reader->arena, block->body, &removed_schema, reader->diags);
    const struct attribute *from = body_attr(content, S("from"));
    bool ok = from != NULL && read_from(reader, from, &removed.from);
    read_blocks(reader, content, &removed, ok && removed.from.kind != TARGET_MODULE);
    /* One in an override file says nothing, as in the reference. */
    if (!ok || reader->override)
        return;
    removed.from_span = expr_span(from->expr);
    module->removed =
        config_static_grow(reader, module->removed, module->n_removed, sizeof *module->removed);
    module->removed[module->n_removed++] = removed;
}
