/* SPDX-License-Identifier: Apache-2.0 */
/* Every row against the API model and the schema, and what rows make of answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/listing.h"
#include "base/arena.h"
#include "wire/model_ids.h"

static const struct model_shape *inner(const struct model_action *action,
                                       const struct model_shape *shape, int member) {
    assert_in_range(member, 0, shape->n_members - 1);
    return &model_api(action->service)->shapes[shape->members[member].shape];
}

static bool has_attr(const struct list_row *row, const char *attr) {
    return facts_attr(&facts_resource(row->type)->block, str_from(attr)) != NULL;
}

static bool is_argument(const struct list_row *row, const char *attr) {
    return attr[0] == '.' && facts_attr(&row->config, str_from(attr + 1)) != NULL;
}

/* What requests are made of is an argument, or what an earlier level gave. */
static void check_request(const struct list_row *row, const struct list_level *level) {
    const struct model_action *action = api_action(level->call.action);
    const struct model_shape *in = model_shape(action, action->input);
    for (const struct bind *b = level->call.in; b && b->attr; b++) {
        assert_in_range(b->member, 0, in->n_members - 1);
        if (!b->text && !has_attr(row, b->attr) && !is_argument(row, b->attr))
            fail_msg("%s: nothing gives %s", row->type.at, b->attr);
    }
}

static void check_answer(const struct list_row *row, const struct list_level *level) {
    const struct model_action *action = api_action(level->call.action);
    const struct model_shape *list =
        inner(action, model_shape(action, action->output), level->items);
    assert_int_equal(list->kind, SHAPE_LIST);
    const struct model_shape *item = &model_api(action->service)->shapes[list->element];
    if (level->text) {
        assert_int_equal(item->kind, SHAPE_STRING);
        assert_true(has_attr(row, level->text));
        return;
    }
    for (const struct bind *b = level->out; b->attr; b++) {
        assert_in_range(b->member, 0, item->n_members - 1);
        assert_true(b->attr[0] == '.' || has_attr(row, b->attr));
    }
}

static bool gives(const struct list_row *row, struct str attr) {
    if (row->owner && str_eq(attr, str_from(row->owner)))
        return true;
    for (size_t i = 0; i < row->n_levels; i++) {
        if (row->levels[i].text && str_eq(attr, str_from(row->levels[i].text)))
            return true;
        for (const struct bind *b = row->levels[i].out; b && b->attr; b++)
            if (str_eq(attr, str_from(b->attr)))
                return true;
    }
    return false;
}

static void every_row_fits_the_model(void **state) {
    (void)state;
    for (size_t i = 0; i < list_table_n; i++) {
        const struct list_row *row = &list_table[i];
        assert_true(i == 0 || str_cmp(list_table[i - 1].type, row->type) < 0);
        assert_ptr_equal(listing_row(row->type), row);
        assert_non_null(facts_resource(row->type));
        for (size_t k = 0; k < row->n_levels; k++) {
            check_request(row, &row->levels[k]);
            check_answer(row, &row->levels[k]);
        }
    }
    assert_null(listing_row(S("aws_iam_nothing")));
}

/* Without its identity an object could not be imported. */
static void every_row_gives_the_identity(void **state) {
    (void)state;
    for (size_t i = 0; i < list_table_n; i++) {
        const struct fact_schema *facts = facts_resource(list_table[i].type);
        assert_true(facts->has_identity);
        for (const struct str *name = facts->identity_required; name->len > 0; name++)
            if (!gives(&list_table[i], *name))
                fail_msg("%s: nothing gives %s", list_table[i].type.at, name->at);
    }
}

static void arguments_make_a_schema(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct schema *schema = listing_schema(arena, listing_row(S("aws_iam_role_policy")));
    assert_int_equal(schema->block->n_attrs, 1);
    assert_true(schema_attr(schema->block, S("role_name"))->required);
    schema = listing_schema(arena, listing_row(S("aws_iam_role")));
    assert_int_equal(schema->block->n_attrs, 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest all[] = {
        cmocka_unit_test(every_row_fits_the_model),
        cmocka_unit_test(every_row_gives_the_identity),
        cmocka_unit_test(arguments_make_a_schema),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
