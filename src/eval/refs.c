/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/refs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "eval/quote.h"
#include "hcl/body.h"

struct parser {
    struct arena *arena;
    const struct traversal *t;
    struct span span;
    struct diags *diags;
    struct ref ref;
};

static bool invalid(struct parser *p, struct span at, const char *detail, const char *word) {
    if (p->diags)
        diags_error(p->diags, at, "Invalid reference", detail, word);
    return false;
}

static void take(struct parser *p, uint32_t n, struct span end) {
    p->ref.span = span_join(p->t->root_span, end);
    p->ref.rest = p->t->steps ? p->t->steps + n : NULL;
    p->ref.n_rest = p->t->n - n;
}

/* var.x, local.x, path.x ...: one attribute. */
static bool single(struct parser *p, enum ref_kind kind) {
    const struct traversal *t = p->t;
    const char *root = quote_text(p->arena, t->root);
    p->ref.kind = kind;
    p->ref.span = t->root_span;
    if (t->n == 0)
        return invalid(p, t->root_span,
                       "The %s object cannot be accessed directly. Instead, access one of its "
                       "attributes.",
                       root);
    if (t->steps[0].kind != STEP_ATTR)
        return invalid(p, t->steps[0].span, "The %s object does not support this operation.", root);
    p->ref.name = t->steps[0].name;
    take(p, 1, t->steps[0].span);
    return true;
}

static void take_key(struct parser *p, uint32_t at) {
    const struct step *step = &p->t->steps[at];
    p->ref.has_key = true;
    p->ref.key = step->index;
    take(p, at + 1, step->span);
}

/* first: the step that holds the type name, or -1 when it is the root itself. */
static bool resource(struct parser *p, enum ref_kind kind, int first) {
    static const char *const what[] = {[REF_MANAGED] = "a resource type",
                                       [REF_DATA] = "a data source",
                                       [REF_EPHEMERAL] = "an ephemeral resource",
                                       [REF_LIST] = "a list resource"};
    const struct traversal *t = p->t;
    uint32_t name_at = (uint32_t)(first + 1);
    p->ref.kind = kind;
    if (t->n <= name_at)
        return invalid(p, p->span,
                       "A reference to a resource type must be followed by at least one attribute "
                       "access, specifying the resource name.%s",
                       "");
    if (first >= 0 && t->steps[first].kind != STEP_ATTR)
        return invalid(p, t->steps[first].span,
                       "The \"data\" object does not support this operation.%s", "");
    if (t->steps[name_at].kind != STEP_ATTR)
        return invalid(p, t->steps[name_at].span,
                       "A reference to %s must be followed by at least one attribute access, "
                       "specifying the resource name.",
                       what[kind]);
    p->ref.type = first < 0 ? t->root : t->steps[first].name;
    p->ref.name = t->steps[name_at].name;
    take(p, name_at + 1, t->steps[name_at].span);
    if (p->ref.n_rest && p->ref.rest[0].kind == STEP_INDEX)
        take_key(p, name_at + 1);
    return true;
}

static bool prefixed(struct parser *p, enum ref_kind kind, const char *what) {
    if (p->t->n < 2)
        return invalid(p, p->span, "The %s.", what);
    return resource(p, kind, 0);
}

static bool module(struct parser *p) {
    if (!single(p, REF_MODULE))
        return false;
    if (p->ref.n_rest && p->ref.rest[0].kind == STEP_INDEX)
        take_key(p, 1);
    if (p->ref.n_rest == 0)
        return true;
    if (p->ref.rest[0].kind != STEP_ATTR)
        return invalid(p, p->ref.rest[0].span,
                       "Module instance objects do not support this operation.%s", "");
    p->ref.span = span_join(p->ref.span, p->ref.rest[0].span);
    return true;
}

static bool reserved(struct parser *p) {
    if (p->diags)
        diags_error(p->diags, p->t->root_span, "Reserved symbol name",
                    "The symbol name %s is reserved for use in a future Terraform version. If you "
                    "are using a provider that already uses this as a resource type name, add the "
                    "prefix \"resource.\" to force interpretation as a resource type name.",
                    quote_text(p->arena, p->t->root));
    return false;
}

static const struct {
    struct str root;
    enum ref_kind kind;
} singles[] = {
    {STR("var"), REF_VARIABLE},        {STR("local"), REF_LOCAL},    {STR("path"), REF_PATH},
    {STR("terraform"), REF_TERRAFORM}, {STR("tofu"), REF_TERRAFORM}, {STR("count"), REF_COUNT},
    {STR("each"), REF_EACH},
};

static bool parse(struct parser *p) {
    struct str root = p->t->root;
    p->ref.root = root;
    for (size_t i = 0; i < COUNT(singles); i++)
        if (str_eq(root, singles[i].root))
            return single(p, singles[i].kind);
    if (str_eq(root, S("data")))
        return prefixed(p, REF_DATA,
                        "\"data\" object must be followed by two attribute names: the data source "
                        "type and the resource name");
    if (str_eq(root, S("resource")))
        return prefixed(p, REF_MANAGED,
                        "\"resource\" object must be followed by two attribute names: the resource "
                        "type and the resource name");
    if (str_eq(root, S("ephemeral")))
        return prefixed(p, REF_EPHEMERAL,
                        "\"ephemeral\" object must be followed by two attribute names: the "
                        "ephemeral resource type and the resource name");
    /* With one name behind it, it is a resource of a type "list". */
    if (str_eq(root, S("list")) && p->t->n >= 2 && p->t->steps[1].kind == STEP_ATTR)
        return resource(p, REF_LIST, 0);
    if (str_eq(root, S("module")))
        return module(p);
    if (str_eq(root, S("self"))) {
        p->ref.kind = REF_SELF;
        take(p, 0, p->t->root_span);
        return true;
    }
    if (str_eq(root, S("template")) || str_eq(root, S("lazy")) || str_eq(root, S("arg")))
        return reserved(p);
    return resource(p, REF_MANAGED, -1);
}

bool refs_parse(struct arena *arena, const struct traversal *traversal, struct span span,
                struct ref *ret_ref, struct diags *diags) {
    struct parser p = {.arena = arena, .t = traversal, .span = span, .diags = diags};
    if (!parse(&p))
        return false;
    *ret_ref = p.ref;
    return true;
}

/* Names bound around an expression, innermost first. */
struct bound {
    struct str name;
    const struct bound *next;
};

struct walk {
    struct arena *arena;
    struct refs *refs; /* NULL: only the first name that is not bound is wanted */
    struct diags *diags;
    int depth;
    const struct traversal *unbound;
    struct str function; /* looked for */
    bool found;
};

static bool walk(struct walk *w, const struct expr *expr, const struct bound *bound);

static bool is_bound(const struct bound *bound, struct str name) {
    for (; bound; bound = bound->next)
        if (str_eq(bound->name, name))
            return true;
    return false;
}

static void add_ref(struct walk *w, struct ref ref) {
    w->refs->at = arena_grow(w->arena, w->refs->at, w->refs->n, &w->refs->cap, sizeof *w->refs->at);
    w->refs->at[w->refs->n++] = ref;
}

static bool walk_traversal(struct walk *w, const struct expr *expr, const struct bound *bound) {
    const struct traversal *t = &expr->traversal;
    struct ref ref;
    if (is_bound(bound, t->root))
        return true;
    if (!w->refs) {
        w->unbound = w->unbound ? w->unbound : t;
        return true;
    }
    if (!refs_parse(w->arena, t, expr_span(expr), &ref, w->diags)) {
        for (size_t i = 0; t->n == 0 && i < COUNT(singles); i++)
            if (str_eq(t->root, singles[i].root))
                add_ref(w,
                        (struct ref){.kind = singles[i].kind, .root = t->root, .span = SPAN_VOID});
        return false;
    }
    add_ref(w, ref);
    return true;
}

static bool walk_list(struct walk *w, struct expr_list list, const struct bound *bound) {
    bool ok = true;
    for (uint32_t i = 0; i < list.n; i++)
        ok = walk(w, list.at[i], bound) && ok;
    return ok;
}

static bool walk_call(struct walk *w, const struct expr *expr, const struct bound *bound) {
    struct str name = expr->call.name, prefix = S("provider::");
    w->found = w->found || str_eq(name, w->function);
    if (w->function.len && str_eq(name, S("can")))
        return true;
    if (str_starts(name, prefix) && w->refs) {
        struct str rest = str_slice(name, prefix.len, name.len);
        ptrdiff_t colon = str_find(rest, S("::"));
        if (colon > 0) {
            struct ref ref = {.kind = REF_PROVIDER_FUNCTION, .span = expr->call.name_span};
            ref.root = name;
            ref.type = str_slice(rest, 0, (size_t)colon);
            ref.name = str_slice(rest, (size_t)colon + 2, rest.len);
            add_ref(w, ref);
        }
    }
    return walk_list(w, expr->call.args, bound);
}

static bool walk_loop(struct walk *w, const struct loop *loop, const struct bound *bound) {
    struct bound key = {loop->key_name, bound};
    struct bound value = {loop->value_name, loop->key_name.len ? &key : bound};
    bool ok = walk(w, loop->collection, bound);
    if (loop->key)
        ok = walk(w, loop->key, &value) && ok;
    ok = walk(w, loop->value, &value) && ok;
    if (loop->condition)
        ok = walk(w, loop->condition, &value) && ok;
    return ok;
}

static bool walk_items(struct walk *w, struct object_items items, const struct bound *bound) {
    bool ok = true;
    for (uint32_t i = 0; i < items.n; i++) {
        if (!items.at[i].bare_key)
            ok = walk(w, items.at[i].key, bound) && ok;
        ok = walk(w, items.at[i].value, bound) && ok;
    }
    return ok;
}

static bool walk_operands(struct walk *w, const struct expr *expr, int n,
                          const struct bound *bound) {
    bool ok = true;
    for (int i = 0; i < n; i++)
        ok = walk(w, expr->operand[i], bound) && ok;
    return ok;
}

static bool walk_kind(struct walk *w, const struct expr *expr, const struct bound *bound) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
    case EXPR_EACH:
    case EXPR_INVALID:
        return true;
    case EXPR_TRAVERSAL:
        return walk_traversal(w, expr, bound);
    case EXPR_RELATIVE:
        return walk(w, expr->relative.source, bound);
    case EXPR_CALL:
        return walk_call(w, expr, bound);
    case EXPR_TEMPLATE:
    case EXPR_TUPLE:
        return walk_list(w, expr->list, bound);
    case EXPR_OBJECT:
        return walk_items(w, expr->items, bound);
    case EXPR_FOR:
        return walk_loop(w, expr->loop, bound);
    case EXPR_WRAP:
    case EXPR_UNARY:
    case EXPR_PARENS:
    case EXPR_JOIN:
        return walk_operands(w, expr, 1, bound);
    case EXPR_INDEX:
    case EXPR_SPLAT:
    case EXPR_BINARY:
        return walk_operands(w, expr, 2, bound);
    case EXPR_CONDITIONAL:
        return walk_operands(w, expr, 3, bound);
    }
    return true;
}

static bool walk(struct walk *w, const struct expr *expr, const struct bound *bound) {
    if (!expr || w->depth > 5000)
        return true;
    w->depth++;
    bool ok = walk_kind(w, expr, bound);
    w->depth--;
    return ok;
}

bool refs_of_expr(struct arena *arena, const struct expr *expr, struct refs *refs,
                  struct diags *diags) {
    struct walk w = {.arena = arena, .refs = refs, .diags = diags};
    return walk(&w, expr, NULL);
}

bool refs_unbound(struct arena *scratch, const struct expr *expr, const struct str *names, size_t n,
                  struct str *ret_name, struct span *ret_span) {
    struct walk w = {.arena = scratch};
    struct bound *bound = arena_array(scratch, n + 1, sizeof *bound);
    for (size_t i = 0; i < n; i++)
        bound[i] = (struct bound){names[i], i + 1 < n ? &bound[i + 1] : NULL};
    walk(&w, expr, n ? bound : NULL);
    if (!w.unbound)
        return false;
    *ret_name = w.unbound->root;
    *ret_span = w.unbound->root_span;
    return true;
}

bool refs_calls(struct arena *scratch, const struct expr *expr, struct str function) {
    struct walk w = {.arena = scratch, .function = function};
    walk(&w, expr, NULL);
    return w.found;
}

static const struct attribute *native_attr(const struct body *body, struct str name) {
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (str_eq(body->attributes[i].name, name))
            return &body->attributes[i];
    return NULL;
}

static bool walk_body(struct walk *w, const struct body *body, const struct bound *bound);

/* dynamic "x": inside content the iterator's name is no reference. */
static bool walk_dynamic(struct walk *w, const struct block *block, const struct bound *bound) {
    const struct attribute *iterator = native_attr(block->body, S("iterator"));
    struct bound inner = {block->labels[0], bound};
    bool ok = true;
    if (iterator && body_keyword(iterator->expr).len)
        inner.name = body_keyword(iterator->expr);
    for (uint32_t i = 0; i < block->body->n_attributes; i++) {
        const struct attribute *attr = &block->body->attributes[i];
        if (attr != iterator)
            ok = walk(w, attr->expr, str_eq(attr->name, S("labels")) ? &inner : bound) && ok;
    }
    for (uint32_t i = 0; i < block->body->n_blocks; i++)
        ok = walk_body(w, block->body->blocks[i].body, &inner) && ok;
    return ok;
}

/* Nested blocks of the JSON syntax look like objects, so all of a JSON body reads as attributes. */
static bool walk_json_body(struct walk *w, const struct body *body, const struct bound *bound) {
    struct diags *diags = w->diags ? w->diags : diags_new(w->arena);
    struct body_content *content = body_attributes(w->arena, body, diags);
    bool ok = true;
    for (size_t i = 0; content && i < content->n_attrs; i++)
        ok = walk(w, content->attrs[i]->expr, bound) && ok;
    return ok;
}

static bool walk_body(struct walk *w, const struct body *body, const struct bound *bound) {
    bool ok = true;
    if (!body)
        return true;
    if (body->is_json && body->json)
        return walk_json_body(w, body, bound);
    for (uint32_t i = 0; i < body->n_attributes; i++)
        ok = walk(w, body->attributes[i].expr, bound) && ok;
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        if (str_eq(block->type, S("dynamic")) && block->n_labels == 1 && !block->body->is_json)
            ok = walk_dynamic(w, block, bound) && ok;
        else
            ok = walk_body(w, block->body, bound) && ok;
    }
    return ok;
}

bool refs_of_body(struct arena *arena, const struct body *body, struct refs *refs,
                  struct diags *diags) {
    struct walk w = {.arena = arena, .refs = refs, .diags = diags};
    return walk_body(&w, body, NULL);
}

struct str refs_text(struct arena *arena, const struct ref *ref) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    switch (ref->kind) {
    case REF_MANAGED:
        buf_addf(&out, "%.*s.%.*s", STR_ARG(ref->type), STR_ARG(ref->name));
        break;
    case REF_DATA:
        buf_addf(&out, "data.%.*s.%.*s", STR_ARG(ref->type), STR_ARG(ref->name));
        break;
    case REF_EPHEMERAL:
        buf_addf(&out, "ephemeral.%.*s.%.*s", STR_ARG(ref->type), STR_ARG(ref->name));
        break;
    case REF_LIST:
        buf_addf(&out, "list.%.*s.%.*s", STR_ARG(ref->type), STR_ARG(ref->name));
        break;
    case REF_SELF:
        buf_add(&out, S("self"));
        break;
    case REF_PROVIDER_FUNCTION:
        buf_addf(&out, "provider::%.*s::%.*s", STR_ARG(ref->type), STR_ARG(ref->name));
        break;
    default:
        buf_addf(&out, "%.*s.%.*s", STR_ARG(ref->root), STR_ARG(ref->name));
    }
    return buf_take(&out, arena);
}
