/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

struct finding {
    struct arena *arena;
    struct str *at;
    size_t n, cap;
};

static void problem(struct finding *f, struct path path, const char *what) {
    f->at = arena_grow(f->arena, f->at, f->n, &f->cap, sizeof *f->at);
    struct str where = path_text(f->arena, path);
    f->at[f->n++] = str_format(f->arena, "%.*s: %s", STR_ARG(where), what);
}

static void check_attr(struct finding *f, const struct schema_attr *attr, struct path path,
                       struct value prior, struct value config, struct value planned) {
    if (value_same(planned, config) || !value_is_wholly_known(config))
        return;
    if (!value_is_null(prior) && !value_is_null(config) && value_same(planned, prior))
        return;
    if (value_is_null(config)) {
        if (!attr->computed && !value_is_null(planned))
            problem(f, path_attr(f->arena, path, attr->name),
                    "planned value for a non-computed attribute");
        return;
    }
    if (attr->nested || attr->write_only)
        return;
    problem(f, path_attr(f->arena, path, attr->name),
            value_is_null(prior) ? "planned value does not match config value"
                                 : "planned value does not match config value nor prior value");
}

static void check_block(struct finding *f, const struct schema_block *block, struct path path,
                        struct value prior, struct value config, struct value planned);

static struct value attr_of(struct value object, struct str name) {
    struct value v;
    if (object.kind == VALUE_OBJECT && value_get(object, name, &v))
        return v;
    return value_null(type_dynamic);
}

/* Blocks cannot be invented or dropped by a provider; sets cannot be matched one by one. */
static void check_nested(struct finding *f, const struct schema_nested *nested, struct path path,
                         struct value prior, struct value config, struct value planned) {
    if (!value_is_wholly_known(config) || value_is_null(config) || value_is_null(planned) ||
        !value_is_known(planned))
        return;
    if (nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP) {
        check_block(f, nested->block, path, prior, config, planned);
        return;
    }
    size_t n = value_count(config);
    if (nested->nesting == NESTING_SET)
        return;
    if (value_count(planned) != n) {
        problem(f, path, "block count in plan does not match count in config");
        return;
    }
    if (nested->nesting != NESTING_LIST)
        return;
    for (size_t i = 0; i < n; i++) {
        bool had = !value_is_null(prior) && value_is_known(prior) && i < value_count(prior);
        check_block(f, nested->block, path_index(f->arena, path, (int64_t)i),
                    had ? value_at(prior, i) : value_null(type_dynamic), value_at(config, i),
                    value_at(planned, i));
    }
}

static void check_block(struct finding *f, const struct schema_block *block, struct path path,
                        struct value prior, struct value config, struct value planned) {
    if (planned.kind != VALUE_OBJECT || config.kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < block->n_attrs; i++) {
        struct str name = block->attrs[i].name;
        check_attr(f, &block->attrs[i], path, attr_of(prior, name), attr_of(config, name),
                   attr_of(planned, name));
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        struct str name = block->blocks[i].name;
        check_nested(f, &block->blocks[i], path_attr(f->arena, path, name), attr_of(prior, name),
                     attr_of(config, name), attr_of(planned, name));
    }
}

bool plan_check_valid(struct arena *arena, const struct schema_block *block, struct value prior,
                      struct value config, struct value planned, struct str **ret_problems,
                      size_t *ret_n) {
    struct finding f = {.arena = arena};
    struct path root = {0};
    if (value_is_null(planned))
        problem(&f, root, "planned for absence but config wants existence");
    else if (value_type(planned) != schema_type(block) && !schema_type(block)->has_dynamic)
        problem(&f, root, "planned value is not of the schema's type");
    else
        check_block(&f, block, root, prior, config, planned);
    *ret_problems = f.at;
    *ret_n = f.n;
    return f.n == 0;
}
