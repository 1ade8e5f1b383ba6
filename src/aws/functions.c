/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/functions.h"

#include "aws/arn.h"
#include "base/arena.h"

static const struct str arn_parts[] = {STR("account_id"), STR("partition"), STR("region"),
                                       STR("resource"), STR("service")};

static bool fail(struct diags *diags, struct str text) {
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, S("Error in function call"), text);
    return false;
}

static const struct type *arn_type(void) {
    const struct name *names[COUNT(arn_parts)];
    const struct type *types[COUNT(arn_parts)];
    for (size_t i = 0; i < COUNT(arn_parts); i++) {
        names[i] = intern_name(arn_parts[i]);
        types[i] = type_string;
    }
    return type_object(names, types, NULL, COUNT(arn_parts));
}

static bool parse(struct arena *arena, const struct value *args, struct value *ret,
                  struct diags *diags) {
    struct arn arn;
    if (!arn_parse(value_str(args[0]), &arn))
        return fail(diags, str_format(arena, "%s", arn_fault(value_str(args[0])).at));
    struct value at[] = {
        value_string(arena, arn.account), value_string(arena, arn.partition),
        value_string(arena, arn.region),  value_string(arena, arn.resource),
        value_string(arena, arn.service),
    };
    *ret = value_object_of(arena, arn_type(), at);
    return true;
}

static bool build(struct arena *arena, const struct value *args, struct value *ret,
                  struct diags *diags) {
    (void)diags;
    *ret = value_string(arena, str_format(arena, "arn:%.*s:%.*s:%.*s:%.*s:%.*s",
                                          STR_ARG(value_str(args[0])), STR_ARG(value_str(args[1])),
                                          STR_ARG(value_str(args[2])), STR_ARG(value_str(args[3])),
                                          STR_ARG(value_str(args[4]))));
    return true;
}

static bool trim_path(struct arena *arena, const struct value *args, struct value *ret,
                      struct diags *diags) {
    struct arn arn;
    struct str text = value_str(args[0]);
    if (!arn_parse(text, &arn))
        return fail(diags, arn_fault(text));
    if (!str_eq(arn.service, S("iam")))
        return fail(diags, S("service must be \"iam\""));
    if (arn.region.len > 0)
        return fail(diags, S("region must be empty"));
    if (!str_starts(arn.resource, S("role/")))
        return fail(diags, S("resource must begin with \"role/\""));
    struct str name = arn_name(arn.resource);
    *ret = value_string(arena,
                        str_format(arena, "arn:%.*s:iam::%.*s:role/%.*s", STR_ARG(arn.partition),
                                   STR_ARG(arn.account), STR_ARG(name)));
    return true;
}

static bool user_agent(struct arena *arena, const struct value *args, struct value *ret,
                       struct diags *diags) {
    struct str product = value_str(args[0]), version = value_str(args[1]);
    struct str comment = value_str(args[2]);
    (void)diags;
    *ret = value_string(arena, str_format(arena, "%.*s%s%.*s%s%.*s%s", STR_ARG(product),
                                          version.len > 0 ? "/" : "", STR_ARG(version),
                                          comment.len > 0 ? " (" : "", STR_ARG(comment),
                                          comment.len > 0 ? ")" : ""));
    return true;
}

static const struct {
    struct str name;
    struct str params[5];
    size_t n_params;
    struct str summary, description;
    bool (*run)(struct arena *, const struct value *, struct value *, struct diags *);
    bool gives_object;
} functions[] = {
    {STR("arn_build"),
     {STR("partition"), STR("service"), STR("region"), STR("account_id"), STR("resource")},
     5,
     STR("arn_build Function"),
     STR("Builds an ARN from its constituent parts"),
     build,
     false},
    {STR("arn_parse"),
     {STR("arn")},
     1,
     STR("arn_parse Function"),
     STR("Parses an ARN into its constituent parts"),
     parse,
     true},
    {STR("trim_iam_role_path"),
     {STR("arn")},
     1,
     STR("trim_iam_role_path Function"),
     STR("Trims the path prefix from an IAM role Amazon Resource Name (ARN). This function can be "
         "used when services require role ARNs to be passed without a path."),
     trim_path,
     false},
    {STR("user_agent"),
     {STR("product_name"), STR("product_version"), STR("comment")},
     3,
     STR("user_agent Function"),
     STR("Formats a User-Agent product from its parts"),
     user_agent,
     false},
};

void functions_list(struct arena *arena, struct map *map) {
    for (size_t i = 0; i < COUNT(functions); i++) {
        const struct type **types = arena_array(arena, functions[i].n_params, sizeof *types);
        for (size_t p = 0; p < functions[i].n_params; p++)
            types[p] = type_string;
        struct provider_function *f = arena_alloc(arena, sizeof *f);
        *f = (struct provider_function){
            .name = functions[i].name,
            .param_names = functions[i].params,
            .param_types = types,
            .n_params = functions[i].n_params,
            .result = functions[i].gives_object ? arn_type() : type_string,
            .summary = functions[i].summary,
            .description = functions[i].description,
        };
        map_put(arena, map, f->name, f);
    }
}

bool functions_call(struct arena *arena, struct str name, const struct value *args, size_t n,
                    struct value *ret_value, struct diags *diags) {
    for (size_t i = 0; i < COUNT(functions); i++)
        if (str_eq(functions[i].name, name) && n == functions[i].n_params)
            return functions[i].run(arena, args, ret_value, diags);
    return fail(diags, str_format(arena, "no function \"%.*s\"", STR_ARG(name)));
}
