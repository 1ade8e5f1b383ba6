/* SPDX-License-Identifier: Apache-2.0 */
/* Every row against the API model and the schema: a slip in the table is found here, not in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/facts.h"
#include "aws/api.h"
#include "aws/resource_row.h"
#include "base/arena.h"
#include "wire/model_ids.h"

struct walk {
    const struct resource_row *row;
    const struct fact_schema *facts;
    bool written[64]; /* attribute by position in facts */
};

static const struct resource_row *all_rows(size_t i) {
    if (i < resource_table_n)
        return &resource_table[i];
    i -= resource_table_n;
    return i < link_table_n ? &link_table[i] : NULL;
}

static bool is_hidden(const char *attr) {
    return attr[0] == '.' || attr[0] == '=';
}

static void check_attr(struct walk *w, const char *attr, bool written) {
    if (is_hidden(attr))
        return;
    for (size_t i = 0; i < w->facts->block.n_facts; i++)
        if (str_eq(w->facts->block.facts[i].name, str_from(attr))) {
            w->written[i] = w->written[i] || written;
            return;
        }
    fail_msg("%s: no attribute %s", w->row->type.at, attr);
}

static void check_in(struct walk *w, const struct call_row *call) {
    if (call->action == 0)
        return;
    const struct model_action *action = api_action(call->action);
    for (const struct bind *b = call->in; b && b->attr; b++) {
        check_attr(w, b->attr, true);
        assert_true(action->input >= 0);
        const struct model_shape *in = model_shape(action, action->input);
        assert_in_range(b->member, 0, in->n_members - 1);
    }
}

static const struct model_shape *shape_at(const struct model_action *action,
                                          const struct model_shape *shape, int member) {
    assert_in_range(member, 0, shape->n_members - 1);
    return &model_api(action->service)->shapes[shape->members[member].shape];
}

static void check_out(struct walk *w, const struct model_action *action,
                      const struct model_shape *shape, const struct bind *out) {
    const struct model_api *api = model_api(action->service);
    for (const struct bind *b = out; b && b->attr; b++) {
        check_attr(w, b->attr, true);
        const struct model_shape *at = shape_at(action, shape, b->member);
        if (b->flags & BIND_FIRST)
            at = &api->shapes[at->element];
        bool text = b->flags & BIND_FIRST && at->kind == SHAPE_STRING;
        if (b->flags & (BIND_INNER | BIND_FIRST) && !text) {
            assert_int_equal(at->kind, SHAPE_STRUCTURE);
            at = shape_at(action, at, b->inner);
        }
        assert_int_not_equal(at->kind, SHAPE_STRUCTURE);
    }
}

static void check_time(const struct model_action *action, const struct model_shape *shape,
                       const struct bind *born) {
    const struct model_shape *at = shape_at(action, shape, born->member);
    if (born->flags & BIND_INNER)
        at = shape_at(action, at, born->inner);
    assert_int_equal(at->kind, SHAPE_TIMESTAMP);
}

/* What was lost is found by its time, or by what it holds. */
static void check_lost(struct walk *w, const struct resource_row *row) {
    const struct lost_row *lost = row->lost;
    if (lost->attr)
        check_attr(w, lost->attr, false);
    if (lost->same)
        check_attr(w, lost->same, false);
    if (lost->list.action == 0) {
        const struct model_action *action = api_action(row->reads[0].call.action);
        const struct model_shape *shape = model_shape(action, action->output);
        if (row->reads[0].result != WHOLE)
            shape = shape_at(action, shape, row->reads[0].result);
        if (lost->born)
            check_time(action, shape, lost->born);
        assert_true(lost->born || lost->same || lost->anew);
        return;
    }
    const struct model_action *action = api_action(lost->list.action);
    const struct model_shape *list =
        shape_at(action, model_shape(action, action->output), lost->items);
    check_in(w, &lost->list);
    assert_int_equal(list->kind, SHAPE_LIST);
    const struct model_shape *item = &model_api(action->service)->shapes[list->element];
    check_time(action, item, lost->born);
    assert_int_equal(shape_at(action, item, lost->item)->kind, SHAPE_STRING);
    assert_true(lost->attr && (lost->same || lost->anew));
}

static void check_read(struct walk *w, const struct read_row *read) {
    const struct model_action *action = api_action(read->call.action);
    const struct model_api *api = model_api(action->service);
    check_in(w, &read->call);
    const struct model_shape *shape = model_shape(action, action->output);
    if (read->result != WHOLE)
        shape = shape_at(action, shape, read->result);
    if (!read->match && shape->kind == SHAPE_LIST) /* the first of it */
        shape = model_shape(action, action->output);
    if (read->match) {
        check_attr(w, read->match, false);
        assert_int_equal(shape->kind, SHAPE_LIST);
        shape = &api->shapes[shape->element];
        if (read->match_member == WHOLE)
            return;
        shape_at(action, shape, read->match_member);
    }
    assert_int_equal(shape->kind, SHAPE_STRUCTURE);
    check_out(w, action, shape, read->out);
    if (read->tags != NO_TAGS)
        assert_int_equal(shape_at(action, shape, read->tags)->kind, SHAPE_LIST);
}

static void check_children(struct walk *w, const struct children_row *c) {
    check_attr(w, c->attr, true);
    check_in(w, &c->add);
    check_in(w, &c->remove);
    if (c->flags & CHILDREN_FROM_READ)
        return;
    check_in(w, &c->list);
    const struct model_action *action = api_action(c->list.action);
    const struct model_shape *list =
        shape_at(action, model_shape(action, action->output), c->items);
    assert_int_equal(list->kind, SHAPE_LIST);
    if (c->item != WHOLE)
        shape_at(action, &model_api(action->service)->shapes[list->element], c->item);
}

static void check_updates(struct walk *w) {
    for (const struct update_row *u = w->row->updates; u && u->attrs[0]; u++) {
        check_in(w, &u->call);
        check_in(w, &u->when_empty);
        for (size_t i = 0; i < COUNT(u->attrs) && u->attrs[i]; i++) {
            check_attr(w, u->attrs[i], false);
            const struct fact *f = facts_attr(&w->facts->block, str_from(u->attrs[i]));
            if (f->flags & FACT_FORCE_NEW)
                fail_msg("%s: %s replaces, yet has an update", w->row->type.at, u->attrs[i]);
        }
    }
}

static void check_row(const struct resource_row *row) {
    struct walk w = {.row = row, .facts = facts_resource(row->type)};
    if (!w.facts)
        fail_msg("no facts for %s", row->type.at);
    check_in(&w, &row->create);
    check_in(&w, &row->destroy);
    if (row->created) {
        const struct model_action *action = api_action(row->create.action);
        const struct model_shape *shape = model_shape(action, action->output);
        check_out(&w, action,
                  row->created_result == WHOLE ? shape
                                               : shape_at(action, shape, row->created_result),
                  row->created);
    }
    for (const struct read_row *r = row->reads; r && r->call.action; r++)
        check_read(&w, r);
    if (row->lost)
        check_lost(&w, row);
    struct str create = row->create.action ? api_action(row->create.action)->name : S("");
    bool makes = str_starts(create, S("Create")) || str_starts(create, S("Upload"));
    assert_int_equal(makes, row->lost != NULL); /* other calls may be repeated */
    for (const struct children_row *c = row->children; c && c->attr; c++)
        check_children(&w, c);
    for (const struct equal_row *e = row->equals; e && e->attr; e++)
        check_attr(&w, e->attr, false);
    check_updates(&w);
}

static void every_path_exists(void **state) {
    (void)state;
    for (size_t i = 0; all_rows(i); i++)
        check_row(all_rows(i));
}

static void every_fact_has_a_row(void **state) {
    (void)state;
    assert_int_equal(resource_table_n + link_table_n, facts_n_resources);
    assert_int_equal(data_table_n, facts_n_data_sources);
    for (size_t k = 0; k < facts_n_resources; k++) {
        bool found = false;
        for (size_t i = 0; all_rows(i); i++)
            found = found || str_eq(all_rows(i)->type, facts_resources[k].name);
        if (!found)
            fail_msg("no row for %s", facts_resources[k].name.at);
    }
}

/* A taggable type is one whose schema has tags_all, and the table must know how. */
static void tags_agree(void **state) {
    (void)state;
    for (size_t i = 0; all_rows(i); i++) {
        const struct resource_row *row = all_rows(i);
        const struct fact_schema *facts = facts_resource(row->type);
        assert_int_equal(row->has_tags, facts_attr(&facts->block, S("tags_all")) != NULL);
        if (!row->has_tags)
            continue;
        const struct model_action *tag = api_action(row->tags.tag);
        assert_true(str_starts(tag->name, S("Tag")));
        assert_true(str_starts(api_action(row->tags.untag)->name, S("Untag")));
        shape_at(tag, model_shape(tag, tag->input), row->tags.tag_tags);
    }
}

/* Arguments that force a new object need no change; all others must have one. */
static void every_argument_can_change(void **state) {
    static const char *const beside[] = {"id", "tags", "tags_all", "name_prefix"};
    (void)state;
    for (size_t i = 0; all_rows(i); i++) {
        const struct resource_row *row = all_rows(i);
        const struct fact_schema *facts = facts_resource(row->type);
        for (size_t k = 0; k < facts->block.n_facts; k++) {
            const struct fact *f = &facts->block.facts[k];
            bool known = f->flags & FACT_FORCE_NEW ||
                         !(f->flags & (FACT_OPTIONAL | FACT_REQUIRED)) ||
                         row->flags & ROW_UPDATE_ALL || row->before_update;
            for (size_t b = 0; b < COUNT(beside); b++)
                known = known || str_eq(f->name, str_from(beside[b]));
            for (const struct update_row *u = row->updates; u && u->attrs[0]; u++)
                for (size_t a = 0; a < COUNT(u->attrs) && u->attrs[a]; a++)
                    known = known || str_eq(f->name, str_from(u->attrs[a]));
            for (const struct children_row *c = row->children; c && c->attr; c++)
                known = known || str_eq(f->name, str_from(c->attr));
            for (const struct sweep_row *s = row->sweeps; s && s->remove.action; s++)
                known = known || (s->when && str_eq(f->name, str_from(s->when)));
            if (!known)
                fail_msg("%s: nothing changes %s", row->type.at, f->name.at);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_exists),
        cmocka_unit_test(every_fact_has_a_row),
        cmocka_unit_test(tags_agree),
        cmocka_unit_test(every_argument_can_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
