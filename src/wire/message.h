/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request or response: a structure shape with a slot per member, addressed by the generated
 * member ids of model_ids.h (M_CreateUserRequest_UserName, M_User_Arn ...), which are positions.
 */
#ifndef LOAM_MESSAGE_H
#define LOAM_MESSAGE_H

#include "wire/model.h"

struct arena;
struct message;

struct field {
    bool set;
    enum shape_kind kind;
    union {
        struct str text; /* string, blob (decoded bytes) */
        int64_t number;  /* integer; timestamp in ms since 1970 */
        bool boolean;
        struct message *message; /* structure */
        struct {
            struct field *items;
            size_t n, cap;
        } list;
        struct {
            struct str *keys;
            struct field *items;
            size_t n, cap;
        } map;
    };
};

struct message {
    const struct model_api *api;
    const struct model_shape *shape;
    struct field *fields;
};

struct message *message_new(struct arena *arena, const struct model_api *api,
                            const struct model_shape *shape);
struct message *message_request(struct arena *arena, const struct model_action *action);
struct message *message_response(struct arena *arena, const struct model_action *action);

/* Slots by member id; reading an absent one gives empty / 0 / false / NULL. */
void message_set_str(struct message *m, int member, struct str text);
void message_set_int(struct message *m, int member, int64_t number);
void message_set_bool(struct message *m, int member, bool b);
struct str message_str(const struct message *m, int member);
int64_t message_int(const struct message *m, int member);
bool message_bool(const struct message *m, int member);
bool message_has(const struct message *m, int member);
struct message *message_get(const struct message *m, int member);
/* The nested structure, made when absent. */
struct message *message_make(struct arena *arena, struct message *m, int member);
/* Lists: adds an element and returns it; for structures the element's message is made too. */
struct field *message_add(struct arena *arena, struct message *m, int member);
struct message *message_add_message(struct arena *arena, struct message *m, int member);
void message_add_str(struct arena *arena, struct message *m, int member, struct str text);
/* Adds a structure that belongs to another message, too. */
void message_share(struct arena *arena, struct message *m, int member, struct message *element);
/* A list or map that is there though it may have nothing in it. */
void message_open(struct message *m, int member);
/* Maps: the value's slot under a new key. */
struct field *message_put(struct arena *arena, struct message *m, int member, struct str key);
/* Sets in `to` whatever `from` has under the same name and of the same kind; shares what is nested.
 */
void message_copy(struct message *to, const struct message *from);
void message_unset(struct message *m, int member);
/* A copy that shares nothing with `from`, without one of its members (-1: with all). */
struct message *message_clone(struct arena *arena, const struct message *from, int without);
size_t message_count(const struct message *m, int member);
struct message *message_at(const struct message *m, int member, size_t i);
struct str message_str_at(const struct message *m, int member, size_t i);

#endif
