/* SPDX-License-Identifier: Apache-2.0 */
#include "server/aws_managed.h"

#include "base/arena.h"
#include "base/fs.h"
#include "server/aws_managed_int.h"
#include "server/ident.h"
#include "server/kind.h"
#include "server/server_int.h"
#include "store/row_document.h"
#include "wire/message_json.h"
#include "wire/model_ids.h"

#define MAX_DOCUMENT ((size_t)1 << 20)
#define MAX_DEPTH 4
#define FOUNDED_MS 1423247999000 /* 2015-02-06, when AWS began with them */

static void add(struct store_tx *tx, struct arena *arena, const struct managed *m) {
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body = message_new(arena, api, &api->shapes[T_IAM_Policy]);
    int64_t number = 1;
    (void)str_to_int(str_slice(m->version, 1, m->version.len), &number);
    message_set_str(body, M_Policy_DefaultVersionId, m->version);
    message_set_bool(body, M_Policy_IsAttachable, true);
    if (m->description.len)
        message_set_str(body, M_Policy_Description, m->description);
    message_set_int(body, M_Policy_UpdateDate, m->updated_ms);
    struct entity entity = {
        .id = m->id,
        .account = S(SERVER_AWS_ACCOUNT),
        .kind = KIND_POLICY,
        .key = str_lower(arena, m->name),
        .name = m->name,
        .path = m->path,
        .created_ms = m->created_ms,
        .body = message_json_text(arena, body),
        .secret = m->document,
    };
    struct document version = {str_format(arena, "%010lld", (long long)number), m->version,
                               m->updated_ms, m->document};
    entity_add(tx, &entity);
    row_document_put(tx, m->id, &version);
}

void aws_managed_add(struct store_tx *tx, struct arena *arena) {
    for (size_t i = 0; i < aws_managed_data_n; i++)
        add(tx, arena, &aws_managed_data[i]);
}

static void load_folder(struct store_tx *tx, struct arena *arena, struct str folder,
                        struct str path, int depth) {
    struct str *names, text;
    size_t n;
    if (depth > MAX_DEPTH || fs_list(arena, folder, &names, &n) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct str file = fs_join(arena, folder, names[i]);
        if (fs_is_dir(file)) {
            load_folder(tx, arena, file,
                        str_format(arena, "%.*s%.*s/", STR_ARG(path), STR_ARG(names[i])),
                        depth + 1);
            continue;
        }
        if (!str_ends(names[i], S(".json")) || fs_read(arena, file, MAX_DOCUMENT, &text) != 0)
            continue;
        struct managed m = {.name = str_slice(names[i], 0, names[i].len - 5),
                            .path = path,
                            .id = ident_new(arena, "ANPA"),
                            .version = S("v1"),
                            .document = text,
                            .created_ms = FOUNDED_MS,
                            .updated_ms = FOUNDED_MS};
        if (!entity_by_key(tx, arena, S(SERVER_AWS_ACCOUNT), KIND_POLICY, str_lower(arena, m.name)))
            add(tx, arena, &m);
    }
}

void aws_managed_load(struct store_tx *tx, struct arena *arena, struct str folder) {
    load_folder(tx, arena, folder, S("/"), 0);
}
