/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IAM and STS API as data, one table for both ends: actions, shapes, members with their limits.
 * The tables (iam_model.c, sts_model.c and the id lists model_ids.h) are generated from AWS's
 * service description by tools/generate_model; see the notice there.
 */
#ifndef LOAM_MODEL_H
#define LOAM_MODEL_H

#include "base/str.h"

enum shape_kind {
    SHAPE_STRUCTURE,
    SHAPE_LIST,
    SHAPE_MAP,
    SHAPE_STRING,
    SHAPE_INTEGER,
    SHAPE_BOOLEAN,
    SHAPE_TIMESTAMP,
    SHAPE_BLOB,
};

struct model_member {
    struct str name;
    uint16_t shape; /* index into the service's shapes */
    bool required;
};

struct model_shape {
    struct str name;
    enum shape_kind kind;
    bool sensitive;
    const struct model_member *members; /* structure: in the order of the description */
    uint16_t n_members;
    uint16_t element;        /* list element; map value */
    uint16_t key;            /* map key */
    struct str element_name; /* "member", or the locationName */
    bool has_min, has_max;
    int64_t min, max;   /* length, size or value */
    struct str pattern; /* as described, or empty */
    const struct str *enums;
    uint16_t n_enums;
    /* exceptions: */
    struct str fault_code;
    uint16_t http_status;
};

struct model_action {
    struct str name;
    uint16_t service;          /* enum model_service */
    int32_t input;             /* shape index or -1 */
    int32_t output;            /* shape index or -1 */
    struct str result_wrapper; /* "CreateUserResult", or empty */
    const uint16_t *faults;    /* exception shapes */
    uint16_t n_faults;
    bool unsigned_;                   /* no signature (AssumeRoleWithSAML ...) */
    bool paged;                       /* has Marker and MaxItems, of these members: */
    int8_t marker, max_items;         /* in the request */
    int8_t is_truncated, next_marker; /* in the response */
};

enum model_service { SERVICE_IAM, SERVICE_STS, SERVICE_COUNT };

struct model_api {
    struct str id;         /* "iam" */
    struct str version;    /* "2010-05-08" */
    struct str namespace_; /* XML namespace */
    const struct model_shape *shapes;
    uint16_t n_shapes;
    const struct model_action *actions; /* sorted by name */
    uint16_t n_actions;
};

extern const struct model_api model_iam;
extern const struct model_api model_sts;

const struct model_api *model_api(enum model_service service);
/* By number from `enum action_id` of model_ids.h, and back. */
const struct model_action *model_by_id(int action_id);
int model_id(const struct model_action *action);
/* By action name and API version, or NULL. version may be empty. */
const struct model_action *model_action(struct str name, struct str version);
const struct model_shape *model_shape(const struct model_action *action, int32_t index);
/* Position of a member in a structure, or -1. */
int model_member(const struct model_shape *shape, struct str name);

#endif
