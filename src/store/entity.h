/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever has an id of its own: users, roles, policies, access keys, certificates ... All kinds
 * are rows of one table; `body` and `secret` are the caller's texts. A zero `limit` means all.
 */
#ifndef LOAM_ENTITY_H
#define LOAM_ENTITY_H

#include "base/str.h"

struct arena;
struct store_tx;

struct entity {
    struct str id;
    struct str account;
    int kind;       /* the caller's numbers */
    struct str key; /* unique within account and kind */
    struct str name;
    struct str path;
    struct str owner; /* id of what it belongs to, or empty */
    int64_t created_ms;
    struct str body, secret;
};

struct entity_page {
    struct entity *items;
    size_t n, cap;
};

void entity_add(struct store_tx *tx, const struct entity *entity);
/* Writes all but id, account, kind and created_ms. */
void entity_update(struct store_tx *tx, const struct entity *entity);
/* With its tags and documents; its links and what it owns are the caller's to judge. */
void entity_delete(struct store_tx *tx, struct str id);
/* NULL: there is none. */
struct entity *entity_by_id(struct store_tx *tx, struct arena *arena, struct str id);
struct entity *entity_by_key(struct store_tx *tx, struct arena *arena, struct str account, int kind,
                             struct str key);
/* In the order of their keys, behind `after`, with paths that start with `path`. */
struct entity_page entity_list(struct store_tx *tx, struct arena *arena, struct str account,
                               int kind, struct str path, struct str after, int64_t limit);
struct entity_page entity_owned(struct store_tx *tx, struct arena *arena, struct str owner,
                                int kind, struct str after, int64_t limit);

/* Whether there is room for a new entity, in one question. */
struct entity_room {
    bool taken;         /* one has the key */
    int64_t n;          /* of the kind there are */
    struct str setting; /* of the account, or empty */
};

struct entity_room entity_room(struct store_tx *tx, struct arena *arena, struct str account,
                               int kind, struct str key, struct str setting);
int64_t entity_count(struct store_tx *tx, struct str account, int kind);
int64_t entity_count_owned(struct store_tx *tx, struct str owner, int kind);

#endif
