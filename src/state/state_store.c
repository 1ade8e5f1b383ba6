/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_store.h"

#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/level.h"
#include "base/rand.h"
#include "state/encryption.h"
#include "state/state_file.h"

bool state_store_decode(const struct state_store *store, struct arena *arena, struct str bytes,
                        struct state **ret_state, struct diags *diags) {
    struct str plain;
    if (str_trim(bytes).len == 0) {
        *ret_state = NULL;
        return true;
    }
    return encryption_open(store->encryption, arena, bytes, &plain, diags) &&
           state_file_read(arena, plain, S("state"), ret_state, diags);
}

bool state_store_encode(const struct state_store *store, struct arena *scratch,
                        const struct state *state, struct buf *out, struct diags *diags) {
    state_file_write(out, state);
    if (out->overflow) {
        (void)diags_error(diags, (struct span){.file = 0}, STATE_STORE_WRITE_FAILED,
                          "The state is larger than loam can write.");
        return false;
    }
    if (store->encryption == NULL)
        return true;
    struct str sealed;
    if (!encryption_seal(store->encryption, scratch, buf_str(out), state->serial, state->lineage,
                         &sealed, diags))
        return false;
    sealed = str_dup(scratch, sealed); /* it may be a view of what is reset here */
    buf_reset(out);
    buf_add(out, sealed);
    return true;
}

struct str state_store_local_path(struct arena *arena, struct str path, struct str dir,
                                  struct str workspace) {
    if (workspace.len == 0 || str_eq(workspace, S("default")))
        return path.len > 0 ? path : S("terraform.tfstate");
    struct str folder = fs_join(arena, dir.len > 0 ? dir : S("terraform.tfstate.d"), workspace);
    return fs_join(arena, folder, S("terraform.tfstate"));
}

static struct str user_at_host(struct arena *arena) {
    char host[256] = "";
    struct passwd entry;
    struct passwd *found = NULL;
    char space[4096];
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    bool known = getpwuid_r(geteuid(), &entry, space, sizeof space, &found) == 0 && found != NULL;
    return str_format(arena, "%s@%s", known ? found->pw_name : "", host);
}

/* RFC 3339 with nanoseconds, as Go's time.Time in JSON. */
static struct str now_text(struct arena *arena) {
    struct timespec now;
    struct tm tm;
    char text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    return str_format(arena, "%s.%09ldZ", text, now.tv_nsec);
}

struct state_lock_info state_store_lock_info(struct arena *arena, struct str operation) {
    const char *version = getenv(LEVEL_VARIABLE);
    return (struct state_lock_info){
        .id = rand_uuid(arena),
        .operation = operation,
        .info = S(""),
        .who = user_at_host(arena),
        .version = str_from(version != NULL && version[0] != '\0' ? version : LEVEL_TERRAFORM),
        .created = now_text(arena),
        .path = S("")};
}

static void add_member(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    json_write_string(out, text, true);
}

struct str state_store_lock_json(struct arena *arena, const struct state_lock_info *info) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '{');
    add_member(&out, "ID", info->id);
    add_member(&out, "Operation", info->operation);
    add_member(&out, "Info", info->info);
    add_member(&out, "Who", info->who);
    add_member(&out, "Version", info->version);
    add_member(&out, "Created", info->created);
    add_member(&out, "Path", info->path);
    buf_byte(&out, '}');
    return buf_take(&out, arena);
}

bool state_store_lock_parse(struct arena *arena, struct str json,
                            struct state_lock_info *ret_info) {
    struct json_error error;
    const struct json *object = json_parse(arena, json, &error);
    if (object == NULL || object->kind != JSON_OBJECT)
        return false;
    *ret_info = (struct state_lock_info){.id = json_get_str(object, S("ID")),
                                         .operation = json_get_str(object, S("Operation")),
                                         .info = json_get_str(object, S("Info")),
                                         .who = json_get_str(object, S("Who")),
                                         .version = json_get_str(object, S("Version")),
                                         .created = json_get_str(object, S("Created")),
                                         .path = json_get_str(object, S("Path"))};
    return true;
}

/* "2006-01-02T15:04:05.9Z" as Go prints a time: "2006-01-02 15:04:05.9 +0000 UTC". */
static struct str created_text(struct arena *arena, struct str created) {
    ptrdiff_t t = str_find_byte(created, 'T');
    if (t < 0 || !str_ends(created, S("Z")))
        return created;
    struct str day = str_slice(created, 0, (size_t)t);
    struct str hour = str_slice(created, (size_t)t + 1, created.len - 1);
    if (str_find_byte(hour, '.') >= 0)
        while (hour.len > 0 && hour.at[hour.len - 1] == '0')
            hour.len--;
    return str_format(arena, "%.*s %.*s +0000 UTC", STR_ARG(day), STR_ARG(hour));
}

void state_store_lock_error(struct arena *arena, struct str error,
                            const struct state_lock_info *info, struct diags *diags) {
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    buf_addf(&text, "Error message: %.*s\n", STR_ARG(error));
    if (info != NULL) {
        struct str created = created_text(arena, info->created);
        buf_addf(&text,
                 "Lock Info:\n"
                 "  ID:        %.*s\n"
                 "  Path:      %.*s\n"
                 "  Operation: %.*s\n"
                 "  Who:       %.*s\n"
                 "  Version:   %.*s\n"
                 "  Created:   %.*s\n"
                 "  Info:      %.*s\n",
                 STR_ARG(info->id), STR_ARG(info->path), STR_ARG(info->operation),
                 STR_ARG(info->who), STR_ARG(info->version), STR_ARG(created), STR_ARG(info->info));
    }
    buf_add_c(&text, "\n\nLoam acquires a state lock to protect the state from being written\n"
                     "by multiple users at the same time. Please resolve the issue above and try\n"
                     "again. For most commands, you can disable locking with the \"-lock=false\"\n"
                     "flag, but this is not recommended.");
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0},
                    S("Error acquiring the state lock"), buf_str(&text));
    buf_clear(&text);
}
