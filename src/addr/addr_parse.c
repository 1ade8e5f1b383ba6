/* SPDX-License-Identifier: Apache-2.0 */
#include "addr/addr.h"
#include "addr/addr_int.h"
#include "base/arena.h"
#include "hcl/ast.h"
#include "hcl/parse.h"

bool addr_parse_module(struct arena *arena, struct str text, struct module_path *ret_module) {
    struct addr_scan scan = {.text = text};
    struct module_step *steps = NULL;
    size_t n = 0;
    size_t cap = 0;
    while (scan.at < text.len) {
        struct module_step step = {.key = {.kind = KEY_NONE}};
        struct str word;
        if ((n > 0 && !addr_scan_byte(&scan, '.')) || !addr_scan_name(&scan, &word) ||
            !str_eq(word, S("module")) || !addr_scan_byte(&scan, '.') ||
            !addr_scan_name(&scan, &step.name))
            return false;
        if (scan.at < text.len && text.at[scan.at] == '[' &&
            !addr_scan_key(arena, &scan, &step.key))
            return false;
        steps = arena_grow(arena, steps, n, &cap, sizeof *steps);
        steps[n++] = step;
    }
    *ret_module = (struct module_path){.at = steps, .n = n};
    return true;
}

/* Words that a resource type cannot be in an address, because they mean something else. */
static const struct str reserved_words[] = {
    STR("count"), STR("each"), STR("local"),    STR("path"), STR("self"), STR("terraform"),
    STR("tofu"),  STR("var"),  STR("template"), STR("lazy"), STR("arg"),
};

static bool is_reserved(struct str word) {
    for (size_t i = 0; i < COUNT(reserved_words); i++)
        if (str_eq(reserved_words[i], word))
            return true;
    return false;
}

/* The traversal as a row of steps with the root as step 0, so that one index walks all. */
struct walk {
    const struct traversal *traversal;
    struct span whole;
    uint32_t at; /* 0 is the root */
    struct diags *diags;
};

static bool walk_done(const struct walk *walk) {
    return walk->at > walk->traversal->n;
}

static struct span walk_span(const struct walk *walk) {
    if (walk_done(walk))
        return walk->whole;
    return walk->at == 0 ? walk->traversal->root_span : walk->traversal->steps[walk->at - 1].span;
}

/* The name at the current step; false when it is an index or there is none. */
static bool walk_name(const struct walk *walk, struct str *ret_name) {
    if (walk_done(walk))
        return false;
    if (walk->at == 0) {
        *ret_name = walk->traversal->root;
        return true;
    }
    const struct step *step = &walk->traversal->steps[walk->at - 1];
    if (step->kind != STEP_ATTR)
        return false;
    *ret_name = step->name;
    return true;
}

static bool walk_index(struct walk *walk, struct key *ret_key) {
    if (walk_done(walk) || walk->at == 0)
        return false;
    const struct step *step = &walk->traversal->steps[walk->at - 1];
    if (step->kind != STEP_INDEX)
        return false;
    *ret_key = addr_key_of(step->index);
    walk->at++;
    return true;
}

static bool walk_fail(const struct walk *walk, struct span span, const char *detail) {
    (void)diags_error(walk->diags, span, "Invalid address", "%s", detail);
    return false;
}

static bool walk_refuse(const struct walk *walk, const char *detail) {
    (void)diags_error(walk->diags, walk_span(walk), "Invalid address operator", "%s", detail);
    return false;
}

/* Is the current step an index that can be no key? */
static bool walk_bad_index(const struct walk *walk, bool *ret_number) {
    const struct step *step =
        walk_done(walk) || walk->at == 0 ? NULL : &walk->traversal->steps[walk->at - 1];
    int64_t whole;
    if (!step || step->kind != STEP_INDEX || !value_is_known(step->index))
        return false;
    *ret_number = value_is_number(step->index);
    return *ret_number ? !value_to_int(step->index, &whole) : step->index.kind != VALUE_STRING;
}

static bool walk_module(struct walk *walk, struct module_step *ret_step) {
    bool number;
    struct span keyword = walk_span(walk);
    walk->at++;
    if (walk_done(walk)) {
        (void)diags_error(walk->diags, keyword, "Invalid address operator",
                          "Prefix \"module.\" must be followed by a module name.");
        return false;
    }
    if (!walk_name(walk, &ret_step->name))
        return walk_refuse(walk, "Prefix \"module.\" must be followed by a module name.");
    walk->at++;
    if (walk_bad_index(walk, &number))
        return walk_refuse(walk, number ? "Invalid module index: value must be a whole number, "
                                          "between -9223372036854775808 and "
                                          "9223372036854775807."
                                        : "Invalid module key: must be either a string or an "
                                          "integer.");
    (void)walk_index(walk, &ret_step->key);
    return true;
}

static bool walk_modules(struct arena *arena, struct walk *walk, struct module_path *ret_module) {
    struct module_step *steps = NULL;
    size_t n = 0;
    size_t cap = 0;
    struct str word;
    while (walk_name(walk, &word) && str_eq(word, S("module"))) {
        struct module_step step = {.key = {.kind = KEY_NONE}};
        if (!walk_module(walk, &step))
            return false;
        steps = arena_grow(arena, steps, n, &cap, sizeof *steps);
        steps[n++] = step;
    }
    if (n > 0 && !walk_done(walk) && !walk_name(walk, &word))
        return walk_refuse(walk, "Module address prefix must be followed by dot and then a name.");
    *ret_module = (struct module_path){.at = steps, .n = n};
    return true;
}

static bool walk_resource(struct walk *walk, struct resource_addr *ret_resource) {
    static const struct {
        struct str word;
        enum resource_mode mode;
    } modes[] = {
        {STR("data"), MODE_DATA},
        {STR("ephemeral"), MODE_EPHEMERAL},
        {STR("resource"), MODE_MANAGED},
    };
    struct resource_addr resource = {.mode = MODE_MANAGED};
    struct str word;
    bool named = walk_name(walk, &word);
    bool prefixed = false;
    for (size_t i = 0; named && i < COUNT(modes); i++) {
        if (str_eq(modes[i].word, word)) {
            resource.mode = modes[i].mode;
            prefixed = true;
        }
    }
    if (named && !prefixed && is_reserved(word)) {
        (void)diags_error(walk->diags, span_join(walk_span(walk), walk->whole), "Invalid address",
                          "The keyword \"%.*s\" is reserved and cannot be used to target a "
                          "resource address. If you are targeting a resource type that uses a "
                          "reserved keyword, please prefix your address with \"resource.\".",
                          STR_ARG(word));
        return false;
    }
    if (prefixed)
        walk->at++;
    if (walk->at + 1 > walk->traversal->n) {
        return walk_fail(walk,
                         walk_done(walk) ? walk->whole : span_join(walk_span(walk), walk->whole),
                         "Resource specification must include a resource type and name.");
    }
    if (!walk_name(walk, &resource.type)) {
        return walk_fail(walk, walk_span(walk),
                         resource.mode == MODE_DATA ? "A data source name is required."
                                                    : "A resource type name is required.");
    }
    walk->at++;
    if (!walk_name(walk, &resource.name))
        return walk_fail(walk, walk_span(walk), "A resource name is required.");
    walk->at++;
    *ret_resource = resource;
    return true;
}

bool addr_parse_traversal(struct arena *arena, const struct traversal *traversal, struct span span,
                          struct target *ret_target, struct diags *diags) {
    struct walk walk = {.traversal = traversal, .whole = span, .diags = diags};
    struct target target = {.kind = TARGET_MODULE, .addr = {.key = {.kind = KEY_NONE}}};
    if (!walk_modules(arena, &walk, &target.addr.module))
        return false;
    if (walk_done(&walk)) {
        *ret_target = target;
        return true;
    }
    if (!walk_resource(&walk, &target.addr.resource))
        return false;
    target.kind = TARGET_RESOURCE;
    if (!walk_done(&walk)) {
        struct span at = walk_span(&walk);
        bool number;
        if (walk_bad_index(&walk, &number))
            return walk_fail(&walk, at,
                             number ? "Invalid resource instance key: value must be a whole "
                                      "number, between -9223372036854775808 and "
                                      "9223372036854775807."
                                    : "Invalid resource instance key: either a string or an "
                                      "integer is required.");
        if (!walk_index(&walk, &target.addr.key)) {
            walk.at++;
            if (!walk_done(&walk)) {
                return walk_fail(&walk, walk_span(&walk),
                                 "Unexpected extra operators after address.");
            }
            return walk_fail(&walk, at, "Resource instance key must be given in square brackets.");
        }
        target.kind = TARGET_INSTANCE;
        if (!walk_done(&walk))
            return walk_fail(&walk, walk_span(&walk), "Unexpected extra operators after address.");
    }
    *ret_target = target;
    return true;
}

bool addr_parse_source(struct arena *arena, struct sources *sources, uint32_t file,
                       struct target *ret_target, struct diags *diags) {
    struct traversal traversal = {.steps = NULL};
    struct str text = sources_bytes(sources, file);
    struct span span = {.file = file, .start = 0, .end = (uint32_t)text.len};
    return parse_traversal(arena, sources, file, &traversal, diags) &&
           addr_parse_traversal(arena, &traversal, span, ret_target, diags);
}

bool addr_parse_target(struct arena *arena, struct str text, struct target *ret_target,
                       struct diags *diags) {
    struct sources *sources = sources_new(arena);
    size_t before = diags->n;
    bool ok =
        addr_parse_source(arena, sources, sources_add(sources, S(""), text), ret_target, diags);
    /* Their places are in a text that only this function knows. */
    for (size_t i = before; i < diags->n; i++)
        diags->at[i].subject = diags->at[i].context = (struct span){.file = 0};
    return ok;
}

bool addr_parse_instance(struct arena *arena, struct str text, struct instance_addr *ret_instance,
                         struct diags *diags) {
    struct target target;
    if (!addr_parse_target(arena, text, &target, diags))
        return false;
    if (target.kind == TARGET_MODULE) {
        (void)diags_error(diags, (struct span){.file = 0}, "Invalid address",
                          "A resource instance address is required here. The module path must be "
                          "followed by a resource instance specification.");
        return false;
    }
    *ret_instance = target.addr;
    return true;
}
