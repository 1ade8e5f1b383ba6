/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lost_write.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/ui.h"
#include "state/state_file.h"

#define LOST_WRITE_FILE "errored.tfstate"
#define FORKED                                                                                     \
    "Running \"" UI_PROGRAM                                                                        \
    " apply\" again at this point will create a forked state, making it harder to recover.\n\n"

static const struct span nowhere = {0};

static int write_elsewhere(const struct state *after) {
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    state_file_write(&text, after);
    int error = text.overflow ? -1 : fs_write_atomic(S(LOST_WRITE_FILE), buf_str(&text), 0600);
    buf_clear(&text);
    return error;
}

/* Which object it is in the real world; attributes as such may be secret. */
static struct str id_of(struct arena *arena, const struct state_object *object) {
    const struct json *attrs = object ? state_attributes(arena, object) : NULL;
    return attrs && attrs->kind == JSON_OBJECT ? json_get_str(attrs, S("id")) : S("");
}

static struct str list_objects(struct arena *arena, const struct state *after) {
    struct buf list;
    size_t n;
    struct state_entry *entries = state_entries(arena, after, &n);
    buf_init(&list, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        struct str address = addr_instance_text(arena, &entries[i].addr);
        struct str id = id_of(arena, entries[i].instance->current);
        buf_addf(&list, "\n  %.*s%s%.*s", STR_ARG(address), id.len ? ", id " : "", STR_ARG(id));
    }
    return buf_take(&list, arena);
}

void lost_write_explain(struct cli *cli, const struct state *after, bool journaled) {
    size_t n;
    (void)state_entries(cli->arena, after, &n);
    if (n == 0 && after->outputs.n == 0)
        return;
    bool elsewhere = write_elsewhere(after) == 0;
    if (elsewhere)
        diags_error(cli->diags, nowhere, "Failed to persist state to backend",
                    "The error shown above has prevented " UI_PRODUCT
                    " from writing the updated state to the configured backend. To allow for "
                    "recovery, the state has been written to the file \"" LOST_WRITE_FILE
                    "\" in the current working directory.\n\n%sTo retry writing this state, use "
                    "the following command:\n    " UI_PROGRAM " state push " LOST_WRITE_FILE "\n",
                    journaled ? "" : FORKED);
    if (journaled)
        diags_warn(cli->diags, nowhere, "The results are in the journal",
                   "Everything that was done is recorded in the journal beside the state. Once the "
                   "state can be written again, the next command in this folder takes it in.");
    if (journaled || elsewhere)
        return;
    diags_warn(cli->diags, nowhere, "The state could not be kept",
               "Neither the journal nor the state could be written. These objects exist now; what "
               "the state does not have of them is to be imported:%.*s",
               STR_ARG(list_objects(cli->arena, after)));
}
