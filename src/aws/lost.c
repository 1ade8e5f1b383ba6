/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/lost.h"

#include "aws/resource_call.h"
#include "base/arena.h"
#include "base/clock.h"
#include "wire/model_ids.h"

#define ANEW_MAX 25
#define VISIBLE_MS (2 * 60 * 1000)

/* Times of making are whole seconds. */
static bool made_since(int64_t made_ms, int64_t began_ms) {
    return made_ms >= began_ms / 1000 * 1000;
}

/* What the rows' texts need to name an object before anything was read of it. */
static bool fill_made(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct str url = record_text(&op->now, S("url")), account = service_account(op->service);
    ptrdiff_t scheme = str_find(url, S("://"));
    if (!row->made)
        return true;
    if (account.len == 0)
        return false;
    record_set_text(&op->now, S(".partition"), service_partition(op->service));
    record_set_text(&op->now, S(".account"), account);
    record_set_text(&op->now, S(".host"),
                    scheme < 0 ? url : str_slice(url, (size_t)scheme + 3, url.len));
    record_set_text(&op->now, S("arn"), record_expand(&op->now, NULL, row->made));
    return true;
}

static struct message *list_candidates(struct op *op) {
    struct fault fault;
    record_set_text(&op->now, S(".service_path"),
                    str_format(op->arena, "/aws-service-role/%.*s/",
                               STR_ARG(record_text(&op->now, S("aws_service_name")))));
    return resource_try(op, &op->resource->row->lost->list, &fault);
}

/* Item i of the list is younger than the call and of nobody's making in this run. */
static bool is_candidate(struct op *op, const struct message *list, size_t i, int64_t began_ms,
                         struct str *ret_id) {
    const struct lost_row *lost = op->resource->row->lost;
    const struct message *item = message_at(list, lost->items, i);
    *ret_id = message_str(item, lost->item);
    return made_since(resource_call_time(item, lost->born), began_ms) &&
           !service_is_made(op->service, *ret_id);
}

static bool same_text(struct op *op, struct str attr, struct str read, struct str planned) {
    const struct equal_row *e = op->resource->row->equals;
    while (e && e->attr && !str_eq(str_from(e->attr), attr))
        e++;
    return e && e->attr ? e->same(op->arena, read, planned) : str_eq(read, planned);
}

/* Does the candidate hold what was to be made? op->now is as it was, then, but for what was unknown
 * and is known now. */
static bool holds_same(struct op *op) {
    const struct lost_row *lost = op->resource->row->lost;
    struct str attr = str_from(lost->same);
    const struct type *type = op->resource->type;
    struct value planned = record_value(&op->now);
    struct str wanted = record_text(&op->now, attr);
    size_t n = op->diags->n;
    record_set(&op->now, attr, value_null(type_string));
    op->gone = false;
    bool read = resource_read(op) && !op->gone;
    bool same = read && same_text(op, attr, record_text(&op->now, attr), wanted);
    diags_truncate(op->diags, n);
    op->gone = true;
    struct record read_one = op->now;
    record_init(&op->now, op->arena, type, planned);
    for (uint32_t i = 0; same && i < type->n; i++)
        if (!value_is_known(op->now.at[i]))
            op->now.at[i] = read_one.at[i];
    return same;
}

/* The first read shows an object of that name, and it is no older than the call or, where
 * that is not told, what was to be made. */
static bool recognise_named(struct op *op, int64_t began_ms, bool exists) {
    const struct resource_row *row = op->resource->row;
    const struct read_row *read = &row->reads[0];
    int64_t deadline = clock_monotonic_ms() + VISIBLE_MS;
    if (!fill_made(op))
        return false;
    for (int64_t attempt = 0;; attempt++) {
        struct fault fault;
        struct message *answer = resource_try(op, &read->call, &fault);
        const struct message *found = answer ? resource_call_find(op, answer, read) : NULL;
        if (found && !row->lost->born)
            return holds_same(op);
        if (found)
            return made_since(resource_call_time(found, row->lost->born), began_ms);
        if (!exists || (!answer && fault.code != FAULT_NO_SUCH_ENTITY) ||
            clock_monotonic_ms() > deadline)
            return false;
        resource_call_pause(attempt); /* it does not show yet */
    }
}

static bool recognise_listed(struct op *op, int64_t began_ms) {
    const struct lost_row *lost = op->resource->row->lost;
    struct str attr = str_from(lost->attr), id;
    struct message *list = list_candidates(op);
    for (size_t i = 0; list && i < message_count(list, lost->items); i++) {
        if (!is_candidate(op, list, i, began_ms, &id))
            continue;
        record_set_text(&op->now, attr, id);
        if (holds_same(op)) {
            service_note_made(op->service, id);
            return true;
        }
    }
    record_set(&op->now, attr, value_null(type_string));
    return false;
}

static bool remove_one(struct op *op) {
    struct fault fault;
    return resource_try(op, &op->resource->row->destroy, &fault) ||
           fault.code == FAULT_NO_SUCH_ENTITY;
}

/* Removes what an earlier attempt made and whose secret nobody knows; how many there were. */
static size_t remove_orphans(struct op *op, int64_t began_ms, bool exists) {
    const struct resource_row *row = op->resource->row;
    struct str attr = str_from(row->lost->attr), id;
    size_t removed = 0;
    if (row->lost->list.action == 0) {
        removed = exists && fill_made(op) && remove_one(op);
        record_set(&op->now, attr, value_null(type_string));
        return removed;
    }
    struct message *list = list_candidates(op);
    for (size_t i = 0; list && i < message_count(list, row->lost->items); i++) {
        if (!is_candidate(op, list, i, began_ms, &id))
            continue;
        record_set_text(&op->now, attr, id);
        removed += remove_one(op);
    }
    record_set(&op->now, attr, value_null(type_string));
    return removed;
}

/* The id in a create answer, as the row has it. */
static struct str id_in(const struct resource_row *row, const struct message *answer) {
    const struct message *made =
        row->created_result == WHOLE ? answer : message_get(answer, row->created_result);
    for (const struct bind *b = row->created; made && b && b->attr; b++)
        if (str_eq(str_from(b->attr), str_from(row->lost->attr)))
            return message_str(made, b->member);
    return S("");
}

/* A call of this run may not be taken for an orphan of another: while orphans are looked for, none
 * is under way, and what the others made is known. */
static struct message *send_known(struct op *op, struct message *request, struct fault *ret_fault) {
    const struct resource_row *row = op->resource->row;
    service_making(op->service, false);
    struct message *answer = resource_call_send(op, &row->create, request, ret_fault);
    if (answer)
        service_note_made(op->service, id_in(row, answer));
    service_made(op->service);
    return answer;
}

static bool create_anew(struct op *op, struct message *request, struct message **ret_answer,
                        struct fault *ret_fault) {
    int64_t began = service_now_ms(op->service);
    bool in_vain = false;
    for (int tries = 0; tries < ANEW_MAX; tries++) {
        *ret_answer = send_known(op, request, ret_fault);
        if (!ret_fault->repeated)
            return *ret_answer != NULL;
        service_making(op->service, true);
        size_t removed = remove_orphans(op, began, ret_fault->code == FAULT_ENTITY_ALREADY_EXISTS);
        service_made(op->service);
        if (*ret_answer)
            return true;
        bool over = ret_fault->http == 0 || ret_fault->http >= 500;
        if (over || (removed == 0 && in_vain))
            return false;
        in_vain = removed == 0; /* another may have made the room */
    }
    return false;
}

static bool create_once(struct op *op, struct message *request, struct message **ret_answer,
                        struct fault *ret_fault) {
    const struct resource_row *row = op->resource->row;
    int64_t began = service_now_ms(op->service);
    bool listed = row->lost && row->lost->list.action != 0;
    *ret_answer = listed ? send_known(op, request, ret_fault)
                         : resource_call_send(op, &row->create, request, ret_fault);
    if (*ret_answer)
        return true;
    if (!row->lost || !ret_fault->repeated)
        return false;
    if (!listed)
        return recognise_named(op, began, ret_fault->code == FAULT_ENTITY_ALREADY_EXISTS);
    service_making(op->service, true);
    bool found = recognise_listed(op, began);
    service_made(op->service);
    return found;
}

bool lost_create(struct op *op, struct message *request, struct message **ret_answer) {
    const struct resource_row *row = op->resource->row;
    struct fault fault = {0};
    bool done = row->lost && row->lost->anew ? create_anew(op, request, ret_answer, &fault)
                                             : create_once(op, request, ret_answer, &fault);
    if (!done)
        resource_fault(op, &row->create, &fault);
    return done;
}

struct str lost_versions(struct op *op, int64_t began_ms, struct str kept) {
    static const struct bind in[] = {{"arn", M_ListPolicyVersionsRequest_PolicyArn}, {0}};
    static const struct bind drop[] = {{"arn", M_DeletePolicyVersionRequest_PolicyArn},
                                       {".item", M_DeletePolicyVersionRequest_VersionId},
                                       {0}};
    struct call_row list = {.action = A_IAM_ListPolicyVersions, .in = in};
    struct call_row delete = {.action = A_IAM_DeletePolicyVersion, .in = drop};
    struct fault fault;
    struct message *answer = resource_try(op, &list, &fault);
    size_t n = message_count(answer, M_ListPolicyVersionsResponse_Versions);
    for (size_t i = 0; i < n; i++) { /* the newest comes first */
        const struct message *v = message_at(answer, M_ListPolicyVersionsResponse_Versions, i);
        struct str id = message_str(v, M_PolicyVersion_VersionId);
        if (!made_since(message_int(v, M_PolicyVersion_CreateDate), began_ms) || str_eq(id, kept))
            continue;
        if (kept.len == 0) {
            kept = id;
            continue;
        }
        record_set_text(&op->now, S(".item"), id);
        (void)resource_try(op, &delete, &fault); /* one too many does no harm */
    }
    return kept;
}
