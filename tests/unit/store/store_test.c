/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/fs.h"
#include "store/row_document.h"
#include "store/entity.h"
#include "store/link.h"
#include "store/setting.h"
#include "store/store.h"
#include "store/tag.h"

static struct arena *arena;
static struct str folder, file;

static int set_up(void **state) {
    static char path[] = "/tmp/loam-store-XXXXXX";
    (void)state;
    strcpy(path, "/tmp/loam-store-XXXXXX");
    arena = arena_new();
    folder = str_from(mkdtemp(path));
    file = fs_join(arena, folder, S("loam.db"));
    return 0;
}

static int tear_down(void **state) {
    struct str *names;
    size_t n;
    (void)state;
    if (fs_list(arena, folder, &names, &n) == 0)
        for (size_t i = 0; i < n; i++)
            fs_remove(fs_join(arena, folder, names[i]));
    rmdir(str_c(arena, folder));
    arena_free(arena);
    return 0;
}

static struct store *open_store(void) {
    struct store_options options = {.file = file};
    bool is_new;
    struct str error;
    struct store *store = store_open(&options, arena, &is_new, &error);
    if (!store)
        fail_msg("%s", str_c(arena, error));
    return store;
}

static struct entity user(const char *name) {
    return (struct entity){.id = str_from(name),
                           .account = S("1"),
                           .kind = 1,
                           .key = str_from(name),
                           .name = str_from(name),
                           .path = S("/a/"),
                           .owner = S(""),
                           .created_ms = 1,
                           .body = S("{}"),
                           .secret = S("")};
}

static void what_is_committed_is_there_after_reopening(void **state) {
    (void)state;
    struct store *store = open_store();
    struct store_tx *tx = store_begin(store, true);
    struct entity alice = user("alice"), bob = user("bob");
    entity_add(tx, &alice);
    assert_int_equal(store_commit(tx), STORE_OK);
    tx = store_begin(store, true);
    entity_add(tx, &bob);
    store_rollback(tx);
    store_close(store);

    store = open_store();
    tx = store_begin(store, false);
    assert_non_null(entity_by_key(tx, arena, S("1"), 1, S("alice")));
    assert_null(entity_by_key(tx, arena, S("1"), 1, S("bob")));
    store_rollback(tx);
    store_close(store);
}

static void a_name_is_taken_once(void **state) {
    (void)state;
    struct store *store = open_store();
    struct store_tx *tx = store_begin(store, true);
    struct entity one = user("alice"), two = user("alice");
    two.id = S("other");
    entity_add(tx, &one);
    entity_add(tx, &two);
    assert_int_equal(store_status(tx), STORE_RETRY);
    assert_int_equal(store_commit(tx), STORE_RETRY);
    tx = store_begin(store, false);
    assert_int_equal(entity_count(tx, S("1"), 1), 0);
    store_rollback(tx);
    store_close(store);
}

static void of_two_who_make_a_store_one_runs_again(void **state) {
    (void)state;
    struct store *first = open_store(), *second = open_store();
    struct store_tx *one = store_begin(first, true), *two = store_begin(second, true);
    struct entity ada = user("ada"), bob = user("bob");
    assert_false(fs_exists(file));
    entity_add(one, &ada);
    entity_add(two, &bob);
    assert_int_equal(store_commit(one), STORE_OK);
    assert_int_equal(store_commit(two), STORE_RETRY);
    two = store_begin(second, true);
    assert_non_null(entity_by_id(two, arena, S("ada")));
    assert_null(entity_by_id(two, arena, S("bob")));
    entity_add(two, &bob);
    assert_int_equal(store_commit(two), STORE_OK);
    one = store_begin(first, false);
    assert_int_equal(entity_count(one, S("1"), 1), 2);
    store_rollback(one);
    store_close(first);
    store_close(second);
}

static void pages_go_on_where_they_ended(void **state) {
    (void)state;
    char name[16];
    struct store *store = open_store();
    struct store_tx *tx = store_begin(store, true);
    for (int i = 0; i < 25; i++) {
        snprintf(name, sizeof name, "u%02d", i);
        struct entity e = user(strdup(name));
        e.path = i % 2 ? S("/odd/") : S("/even/");
        entity_add(tx, &e);
        free((void *)(uintptr_t)e.name.at);
    }
    struct str after = S("");
    int seen = 0;
    for (;;) {
        struct entity_page page = entity_list(tx, arena, S("1"), 1, S("/odd/"), after, 5);
        if (!page.n)
            break;
        for (size_t i = 0; i < page.n; i++, seen++)
            assert_true(str_cmp(page.items[i].key, after) > 0);
        after = page.items[page.n - 1].key;
    }
    assert_int_equal(seen, 12);
    assert_int_equal(store_commit(tx), STORE_OK);
    store_close(store);
}

static void links_lead_both_ways(void **state) {
    (void)state;
    struct store *store = open_store();
    struct store_tx *tx = store_begin(store, true);
    struct entity a = user("a"), b = user("b"), group = user("g");
    group.kind = 2;
    entity_add(tx, &a);
    entity_add(tx, &b);
    entity_add(tx, &group);
    link_add(tx, 7, a.id, group.id, 1);
    link_add(tx, 7, b.id, group.id, 2);
    assert_true(link_exists(tx, 7, a.id, group.id));
    assert_false(link_exists(tx, 8, a.id, group.id));
    assert_int_equal(link_sources(tx, arena, 7, group.id, 1, S(""), S(""), 0).n, 2);
    assert_int_equal(link_targets(tx, arena, 7, a.id, S(""), S(""), 0).n, 1);
    assert_true(link_delete(tx, 7, a.id, group.id));
    assert_false(link_delete(tx, 7, a.id, group.id));
    assert_int_equal(link_count_sources(tx, 7, group.id), 1);
    store_rollback(tx);
    store_close(store);
}

static void tags_and_documents_go_with_their_owner(void **state) {
    (void)state;
    struct store *store = open_store();
    struct store_tx *tx = store_begin(store, true);
    struct entity a = user("a");
    struct document document = {S("p"), S("p"), 1, S("{}")};
    entity_add(tx, &a);
    tag_put(tx, arena, a.id, false, S("Team"), S("x"));
    tag_put(tx, arena, a.id, false, S("team"), S("y"));
    row_document_put(tx, a.id, &document);
    struct tag_page tags = tag_list(tx, arena, a.id, S(""), 0);
    assert_int_equal(tags.n, 1);
    assert_string_equal(tags.items[0].name.at, "team");
    assert_string_equal(tags.items[0].value.at, "y");
    entity_delete(tx, a.id);
    assert_int_equal(tag_count(tx, a.id), 0);
    assert_int_equal(row_document_count(tx, a.id), 0);
    store_rollback(tx);
    store_close(store);
}

static void settings_are_replaced_and_found_by_value(void **state) {
    (void)state;
    struct str value;
    struct store_options memory = {.file = S("")};
    bool is_new;
    struct str error;
    struct store *store = store_open(&memory, arena, &is_new, &error);
    assert_true(is_new);
    struct store_tx *tx = store_begin(store, true);
    setting_put(tx, S("1"), S("alias"), S("one"));
    setting_put(tx, S("1"), S("alias"), S("two"));
    assert_true(setting_get(tx, arena, S("1"), S("alias"), &value));
    assert_string_equal(value.at, "two");
    assert_string_equal(setting_owner(tx, arena, S("alias"), S("two")).at, "1");
    setting_delete(tx, S("1"), S("alias"));
    assert_false(setting_get(tx, arena, S("1"), S("alias"), &value));
    store_rollback(tx);
    store_close(store);
}

struct writer {
    struct store *store;
    int number, done;
};

static void *write_many(void *context) {
    struct writer *w = context;
    char name[32];
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "w%d-%d", w->number, i);
        struct entity e = user(name);
        struct store_tx *tx = store_begin(w->store, true);
        entity_add(tx, &e);
        if (i % 10 == 9)
            store_rollback(tx);
        else
            w->done += store_commit(tx) == STORE_OK;
    }
    return NULL;
}

/* Group commit: nobody's write is lost, nobody's rollback takes others along. */
static void many_writers_share_commits(void **state) {
    (void)state;
    struct writer writers[8];
    pthread_t threads[8];
    int done = 0;
    struct store *store = open_store();
    for (int i = 0; i < 8; i++) {
        writers[i] = (struct writer){store, i, 0};
        pthread_create(&threads[i], NULL, write_many, &writers[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        done += writers[i].done;
    }
    assert_int_equal(done, 8 * 45);
    store_close(store);
    store = open_store();
    struct store_tx *tx = store_begin(store, false);
    assert_int_equal(entity_count(tx, S("1"), 1), 8 * 45);
    store_rollback(tx);
    store_close(store);
}

static void a_damaged_file_is_refused(void **state) {
    (void)state;
    struct store_options options = {.file = file};
    bool is_new;
    struct str error = S("");
    assert_int_equal(
        fs_write(file, S("this is not a database, and it is long enough to see so"), 0600), 0);
    assert_null(store_open(&options, arena, &is_new, &error));
    assert_true(str_find(error, file) > 0);
}

static void a_truncated_file_is_refused(void **state) {
    (void)state;
    struct store_options options = {.file = file};
    bool is_new;
    struct str error = S(""), bytes;
    struct store *store = open_store();
    assert_int_equal(store_commit(store_begin(store, true)), STORE_OK);
    store_close(store);
    assert_int_equal(fs_read(arena, file, (size_t)1 << 24, &bytes), 0);
    assert_int_equal(fs_write(file, str_slice(bytes, 0, bytes.len / 2), 0600), 0);
    assert_null(store_open(&options, arena, &is_new, &error));
    assert_true(str_ends(error, S("the file is truncated")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_committed_is_there_after_reopening, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_two_who_make_a_store_one_runs_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_go_on_where_they_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_lead_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tags_and_documents_go_with_their_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_are_replaced_and_found_by_value, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_writers_share_commits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_truncated_file_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
