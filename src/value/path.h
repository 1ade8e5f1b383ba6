/* SPDX-License-Identifier: Apache-2.0 */
/* Where a value is inside another: steps by attribute name, index or key. */
#ifndef LOAM_PATH_H
#define LOAM_PATH_H

#include "value/value.h"

enum path_kind { PATH_ATTR, PATH_INDEX, PATH_KEY, PATH_ELEMENT /* of a set, by value */ };

struct path_step {
    enum path_kind kind;
    struct str name;      /* attribute or map key */
    int64_t index;        /* list or tuple */
    struct value element; /* set */
};

struct path {
    const struct path_step *at;
    size_t n;
};

struct paths {
    struct path *at;
    size_t n;
    size_t cap;
};

/* path + one step, as a new path in arena. */
struct path path_attr(struct arena *arena, struct path path, struct str name);
struct path path_index(struct arena *arena, struct path path, int64_t index);
struct path path_key(struct arena *arena, struct path path, struct str key);
struct path path_element(struct arena *arena, struct path path, struct value element);
struct path path_copy(struct arena *arena, struct path path);
bool path_eq(struct path a, struct path b);
void paths_add(struct arena *arena, struct paths *paths, struct path path);

/* The part at path; false when there is none. */
bool path_get(struct value whole, struct path path, struct value *ret_part);
/* whole with the part at path replaced. */
struct value path_set(struct arena *arena, struct value whole, struct path path, struct value part);
/* whole with `marks` added at each path that exists in it. */
struct value path_mark(struct arena *arena, struct value whole, const struct paths *paths,
                       unsigned marks);
/* Adds the path of each part that has one of `marks` on its own level. */
void path_marked(struct arena *arena, struct value whole, unsigned marks, struct paths *paths);

/* ".a[0][\"k\"]" as messages write it. */
struct str path_text(struct arena *arena, struct path path);
/* The list in state: [{"type":"get_attr","value":"a"},{"type":"index","value":...}] */
void path_write_json(struct buf *out, struct path path);
struct json;
bool path_from_json(struct arena *arena, const struct json *json, struct path *ret_path);

#endif
