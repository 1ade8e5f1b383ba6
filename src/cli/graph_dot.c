/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/graph_dot.h"

#include <stdlib.h>

#include "base/arena.h"

/* A graph of texts: nodes, what a node looks like, and the edges that are drawn. */
struct picture {
    struct arena *arena;
    struct graph graph;
    struct str *texts;  /* by node */
    struct str *labels; /* with their shape, or empty: drawn by its edges alone */
    size_t cap_texts, cap_labels;
};

static void picture_init(struct picture *p, struct arena *arena) {
    *p = (struct picture){.arena = arena};
    graph_init(&p->graph, arena);
}

static uint32_t add_node(struct picture *p, struct str text, struct str label) {
    uint32_t node = graph_node(&p->graph);
    p->texts = arena_grow(p->arena, p->texts, node, &p->cap_texts, sizeof *p->texts);
    p->labels = arena_grow(p->arena, p->labels, node, &p->cap_labels, sizeof *p->labels);
    p->texts[node] = text;
    p->labels[node] = label;
    return node;
}

/*
 * What node needs directly and not by way of something else it needs. mark holds, by node, whether
 * it was reached; it is empty before and after.
 */
static uint32_t *direct_needs(const struct picture *p, uint32_t node, bool *mark, size_t *ret_n) {
    uint32_t n;
    const uint32_t *needs = graph_needs(&p->graph, node, &n);
    uint32_t *kept = arena_array(p->arena, n, sizeof *kept);
    uint32_t *stack = arena_array(p->arena, (size_t)p->graph.n + n, sizeof *stack);
    size_t depth = 0, count = 0;
    for (uint32_t i = 0; i < n; i++)
        stack[depth++] = needs[i];
    while (depth) {
        uint32_t inner, at = stack[--depth];
        const uint32_t *further = graph_needs(&p->graph, at, &inner);
        for (uint32_t i = 0; i < inner; i++)
            if (!mark[further[i]]) {
                mark[further[i]] = true;
                stack[depth++] = further[i];
            }
    }
    for (uint32_t i = 0; i < n; i++)
        if (!mark[needs[i]] && needs[i] != node)
            kept[count++] = needs[i];
    for (uint32_t i = 0; i < p->graph.n; i++)
        mark[i] = false;
    *ret_n = count;
    return kept;
}

static struct str quoted(struct arena *arena, struct str text) {
    struct str safe = str_replace(arena, text, S("\\"), S("\\\\"));
    return str_format(arena, "\"%.*s\"", STR_ARG(str_replace(arena, safe, S("\""), S("\\\""))));
}

static void print_sorted(struct buf *out, struct str *lines, size_t n, bool once) {
    if (n)
        qsort(lines, n, sizeof *lines, str_cmp_qsort);
    for (size_t i = 0; i < n; i++)
        if (!once || !i || !str_eq(lines[i], lines[i - 1]))
            buf_add(out, lines[i]);
}

static void print_nodes(struct buf *out, const struct picture *p) {
    struct str *lines = arena_array(p->arena, p->graph.n, sizeof *lines);
    size_t n = 0;
    for (uint32_t i = 0; i < p->graph.n; i++)
        if (p->labels[i].len)
            lines[n++] = str_format(p->arena, "\t\t%.*s [%.*s]\n",
                                    STR_ARG(quoted(p->arena, p->texts[i])), STR_ARG(p->labels[i]));
    print_sorted(out, lines, n, false);
}

static void print_edges(struct buf *out, const struct picture *p) {
    bool *mark = arena_array(p->arena, p->graph.n, sizeof *mark);
    struct str *lines = NULL;
    size_t n = 0, cap = 0;
    for (uint32_t i = 0; i < p->graph.n; i++) {
        size_t n_needs;
        uint32_t *needs = direct_needs(p, i, mark, &n_needs);
        for (size_t k = 0; k < n_needs; k++) {
            lines = arena_grow(p->arena, lines, n, &cap, sizeof *lines);
            lines[n++] =
                str_format(p->arena, "\t\t%.*s -> %.*s\n", STR_ARG(quoted(p->arena, p->texts[i])),
                           STR_ARG(quoted(p->arena, p->texts[needs[k]])));
        }
    }
    print_sorted(out, lines, n, true);
}

static void print_picture(struct buf *out, struct picture *p) {
    graph_freeze(&p->graph);
    buf_add_c(out,
              "digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n");
    print_nodes(out, p);
    print_edges(out, p);
    buf_add_c(out, "\t}\n}\n\n");
}

static struct str label(struct arena *arena, struct str text, const char *shape) {
    return str_format(arena, "label = %.*s, shape = \"%s\"", STR_ARG(quoted(arena, text)), shape);
}

/* ---- all units ---- */

static struct str unit_node_text(struct arena *arena, const struct unit *unit) {
    struct str text = unit_text(arena, unit);
    bool root = !unit->module->parent;
    if (unit->kind == UNIT_RESOURCE)
        text = str_cat(arena, unit_config_text(arena, unit), S(" (expand)"));
    else if (unit->kind == UNIT_VARIABLE && root)
        text = str_cat(arena, S("var."), unit->name);
    return str_cat(arena, S("[root] "), text);
}

static struct str unit_label(struct arena *arena, const struct unit *unit) {
    switch (unit->kind) {
    case UNIT_RESOURCE:
        return label(arena, unit_config_text(arena, unit), "box");
    case UNIT_PROVIDER:
        return label(arena, unit_text(arena, unit), "diamond");
    case UNIT_VARIABLE:
        if (!unit->module->parent)
            return label(arena, str_cat(arena, S("var."), unit->name), "note");
        return S("");
    default:
        return S("");
    }
}

static bool is_used_provider(const struct units *units, const struct unit *provider) {
    for (size_t i = 0; i < units->n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE && units->at[i]->provider_unit == provider)
            return true;
    return false;
}

/* Nodes with the numbers of their units, which an unused provider has as well but does not show. */
static void add_units(struct picture *p, const struct units *units) {
    uint32_t n;
    for (size_t i = 0; i < units->n; i++)
        add_node(p, unit_node_text(p->arena, units->at[i]), unit_label(p->arena, units->at[i]));
    for (size_t i = 0; i < units->n; i++) {
        const struct unit *unit = units->at[i];
        const uint32_t *needs = graph_needs(&units->graph, (uint32_t)i, &n);
        for (uint32_t k = 0; k < n; k++)
            graph_edge(&p->graph, (uint32_t)i, needs[k]);
        if (unit->kind == UNIT_RESOURCE && unit->provider_unit)
            graph_edge(&p->graph, (uint32_t)i, unit->provider_unit->index);
        if (unit->module->call) {
            graph_edge(&p->graph, (uint32_t)i, unit->module->call->index);
            if (unit->module->call->close)
                graph_edge(&p->graph, unit->module->call->close->index, (uint32_t)i);
        }
    }
}

static void add_close(struct picture *p, const struct units *units, uint32_t provider,
                      uint32_t root) {
    struct str text = str_cat(p->arena, p->texts[provider], S(" (close)"));
    uint32_t close = add_node(p, text, S(""));
    graph_edge(&p->graph, close, provider);
    graph_edge(&p->graph, root, close);
    for (size_t i = 0; i < units->n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE &&
            units->at[i]->provider_unit == units->at[provider])
            graph_edge(&p->graph, close, (uint32_t)i);
}

void graph_dot_units(struct buf *out, const struct units *units, bool reports) {
    struct arena *scratch = arena_new();
    struct picture p;
    picture_init(&p, scratch);
    add_units(&p, units);
    uint32_t root = add_node(&p, S("[root] root"), S(""));
    for (size_t i = 0; i < units->n; i++) {
        const struct unit *unit = units->at[i];
        if (unit->kind == UNIT_PROVIDER && !is_used_provider(units, unit)) {
            p.labels[i] = S("");
            continue;
        }
        graph_edge(&p.graph, root, (uint32_t)i);
        if (unit->kind == UNIT_PROVIDER)
            add_close(&p, units, (uint32_t)i, root);
        if (unit->kind != UNIT_CHECK || !reports)
            continue;
        struct str text = str_replace(scratch, p.texts[i], S(" (expand)"), S(" (report)"));
        graph_edge(&p.graph, (uint32_t)i, add_node(&p, text, S("")));
    }
    print_picture(out, &p);
    arena_free(scratch);
}

/* ---- what destroying takes ---- */

static bool is_of(struct str instance, struct str resource) {
    return str_starts(instance, resource) &&
           (instance.len == resource.len || instance.at[resource.len] == '[');
}

/* What an object depended on is destroyed after it. */
static void add_dependencies(struct picture *p, const struct state_entry *entry,
                             const struct map *nodes) {
    const struct state_object *object = entry->instance->current;
    const uint32_t *node = map_get(nodes, addr_instance_text(p->arena, &entry->addr));
    for (size_t i = 0; object && node && i < object->n_dependencies; i++)
        for (size_t k = 0; k < nodes->n; k++)
            if (is_of(nodes->entries[k].key, object->dependencies[i]))
                graph_edge(&p->graph, *(const uint32_t *)nodes->entries[k].value, *node);
}

/* The nodes of a provider: opened and closed. */
static const uint32_t *provider_nodes(struct picture *p, struct map *providers, uint32_t root,
                                      const struct provider_config_addr *addr) {
    struct str name = addr_provider_config_text(p->arena, addr);
    uint32_t *nodes = map_get(providers, name);
    if (nodes)
        return nodes;
    struct str text = str_cat(p->arena, S("[root] "), name);
    nodes = arena_array(p->arena, 2, sizeof *nodes);
    nodes[0] = add_node(p, text, label(p->arena, name, "diamond"));
    nodes[1] = add_node(p, str_cat(p->arena, text, S(" (close)")), S(""));
    graph_edge(&p->graph, root, nodes[1]);
    map_put(p->arena, providers, name, nodes);
    return nodes;
}

static void add_destroyed(struct picture *p, const struct state *state, uint32_t root) {
    size_t n;
    struct map nodes = {.n = 0}, providers = {.n = 0};
    struct state_entry *entries = state_entries(p->arena, state, &n);
    for (size_t i = 0; i < n; i++) {
        if (entries[i].addr.resource.mode != MODE_MANAGED)
            continue;
        struct str text = addr_instance_text(p->arena, &entries[i].addr);
        struct instance_addr whole = entries[i].addr;
        whole.key = (struct key){.kind = KEY_NONE};
        struct str shown = addr_instance_text(p->arena, &whole);
        const uint32_t *provider =
            provider_nodes(p, &providers, root, &entries[i].resource->provider);
        uint32_t *node = arena_alloc(p->arena, sizeof *node);
        *node = add_node(p, str_format(p->arena, "[root] %.*s (destroy)", STR_ARG(shown)),
                         label(p->arena, shown, "box"));
        graph_edge(&p->graph, *node, provider[0]);
        graph_edge(&p->graph, provider[1], *node);
        map_put(p->arena, &nodes, text, node);
    }
    for (size_t i = 0; i < n; i++)
        add_dependencies(p, &entries[i], &nodes);
}

void graph_dot_destroy(struct buf *out, const struct config *config, const struct state *state) {
    struct arena *scratch = arena_new();
    struct picture p;
    picture_init(&p, scratch);
    uint32_t root = add_node(&p, S("[root] root"), S(""));
    for (size_t i = 0; i < config->root->outputs.n; i++) {
        struct str text = str_format(scratch, "[root] output.%.*s (expand)",
                                     STR_ARG(config->root->outputs.entries[i].key));
        graph_edge(&p.graph, root, add_node(&p, text, S("")));
    }
    add_destroyed(&p, state, root);
    print_picture(out, &p);
    arena_free(scratch);
}

/* ---- resources alone ---- */

/* Adds edges from a resource to those it needs with nothing but other units between. */
static void connect_resource(struct picture *p, const struct units *units, uint32_t from,
                             bool *mark, uint32_t *stack) {
    size_t depth = 0;
    stack[depth++] = from;
    while (depth) {
        uint32_t n, at = stack[--depth];
        const uint32_t *needs = graph_needs(&units->graph, at, &n);
        for (uint32_t i = 0; i < n; i++) {
            if (mark[needs[i]])
                continue;
            mark[needs[i]] = true;
            if (units->at[needs[i]]->kind == UNIT_RESOURCE)
                graph_edge(&p->graph, from, needs[i]);
            else if (units->at[needs[i]]->kind != UNIT_PROVIDER)
                stack[depth++] = needs[i];
        }
    }
    for (size_t i = 0; i < units->n; i++)
        mark[i] = false;
}

static void print_cluster(struct buf *out, const struct picture *p,
                          const struct unit_module *module, int indent);

static void print_module(struct buf *out, const struct picture *p, const struct unit_module *module,
                         int indent) {
    struct map here = {.n = 0};
    for (size_t i = 0; i < module->n_units; i++) {
        const struct unit *unit = module->units[i];
        if (unit->kind == UNIT_RESOURCE)
            map_put(p->arena, &here, addr_resource_text(p->arena, unit->resource->addr),
                    module->units[i]);
    }
    struct map_entry *sorted = map_sorted(p->arena, &here);
    for (size_t i = 0; i < here.n; i++) {
        const struct unit *unit = sorted[i].value;
        buf_addf(out, "%*s%.*s [label=%.*s];\n", indent, "",
                 STR_ARG(quoted(p->arena, p->texts[unit->index])),
                 STR_ARG(quoted(p->arena, sorted[i].key)));
    }
    struct map_entry *calls = map_sorted(p->arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct unit *call = calls[i].value;
        if (call->child)
            print_cluster(out, p, call->child, indent);
    }
}

/* A module as a box; one without resources is left out. */
static void print_cluster(struct buf *out, const struct picture *p,
                          const struct unit_module *module, int indent) {
    struct buf inner;
    buf_init(&inner, BUF_MAX_TEXT);
    print_module(&inner, p, module, indent + 2);
    struct str path = addr_module_text(p->arena, module->path);
    if (inner.len)
        buf_addf(out,
                 "%*ssubgraph \"cluster_%.*s\" {\n%*slabel = \"%.*s\"\n%*sfontname = "
                 "\"sans-serif\"\n%.*s%*s}\n",
                 indent, "", STR_ARG(path), indent + 2, "", STR_ARG(path), indent + 2, "",
                 STR_ARG(buf_str(&inner)), indent, "");
    buf_clear(&inner);
}

struct resource_order {
    struct instance_addr addr;
    uint32_t node;
};

static int by_address(const void *a, const void *b) {
    const struct resource_order *x = a, *y = b;
    return addr_instance_order(&x->addr, &y->addr);
}

static struct resource_order *order_nodes(struct arena *scratch, const struct units *units,
                                          const uint32_t *nodes, size_t n) {
    struct resource_order *order = arena_array(scratch, n, sizeof *order);
    for (size_t i = 0; i < n; i++) {
        const struct unit *unit = units->at[nodes[i]];
        order[i].addr =
            (struct instance_addr){.module = unit->module->path, .resource = unit->resource->addr};
        order[i].node = nodes[i];
    }
    if (n)
        qsort(order, n, sizeof *order, by_address);
    return order;
}

static void print_resource_edges(struct buf *out, const struct picture *p,
                                 const struct units *units) {
    bool *mark = arena_array(p->arena, p->graph.n, sizeof *mark);
    uint32_t *resources = arena_array(p->arena, units->n, sizeof *resources);
    size_t n = 0;
    for (size_t i = 0; i < units->n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE)
            resources[n++] = (uint32_t)i;
    struct resource_order *from = order_nodes(p->arena, units, resources, n);
    for (size_t i = 0; i < n; i++) {
        size_t n_needs;
        uint32_t *needs = direct_needs(p, from[i].node, mark, &n_needs);
        struct resource_order *to = order_nodes(p->arena, units, needs, n_needs);
        for (size_t k = 0; k < n_needs; k++)
            buf_addf(out, "  %.*s -> %.*s;\n", STR_ARG(quoted(p->arena, p->texts[from[i].node])),
                     STR_ARG(quoted(p->arena, p->texts[to[k].node])));
    }
}

static size_t count_resources(const struct units *units) {
    size_t n = 0;
    for (size_t i = 0; i < units->n; i++)
        n += units->at[i]->kind == UNIT_RESOURCE;
    return n;
}

void graph_dot_resources(struct buf *out, const struct units *units) {
    struct arena *scratch = arena_new();
    struct picture p;
    bool *mark = arena_array(scratch, units->n, sizeof *mark);
    uint32_t *stack = arena_array(scratch, units->n + 1, sizeof *stack);
    picture_init(&p, scratch);
    for (size_t i = 0; i < units->n; i++)
        add_node(&p,
                 units->at[i]->kind == UNIT_RESOURCE ? unit_config_text(scratch, units->at[i])
                                                     : S(""),
                 S(""));
    for (size_t i = 0; i < units->n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE)
            connect_resource(&p, units, (uint32_t)i, mark, stack);
    graph_freeze(&p.graph);
    buf_add_c(out, "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = "
                   "\"sans-serif\"];\n");
    if (!count_resources(units))
        buf_add_c(out, "  /* This configuration does not contain any resources.         */\n"
                       "  /* For a more detailed graph, try: loam graph -type=plan */\n");
    print_module(out, &p, units->root, 2);
    print_resource_edges(out, &p, units);
    buf_add_c(out, "}\n");
    arena_free(scratch);
}
