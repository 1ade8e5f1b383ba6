/* SPDX-License-Identifier: Apache-2.0 */
/* State as rows of a PostgreSQL table, locked by advisory locks, as Terraform's pg backend has it.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "state/backend_int.h"
#include "store/libpq.h"

struct pg_store {
    struct state_store store;
    struct arena *arena;
    struct libpq lib;
    PGconn *connection;
    struct str table; /* quoted, with its schema */
    struct str schema;
    struct str workspace;
    struct str lock_key; /* the advisory lock's number as text, while it is held */
};

static struct pg_store *pg(struct state_store *store) {
    return (struct pg_store *)store;
}

/* "schema already exists, skipping" is nothing to tell. */
static void ignore_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

/* The rows of a statement; NULL with *ret_error. Free with lib.clear. */
static PGresult *run(struct pg_store *s, struct str sql, const char *const *params, int n,
                     struct str *ret_error) {
    PGresult *result =
        s->lib.exec_params(s->connection, str_c(s->arena, sql), n, NULL, params, NULL, NULL, 0);
    ExecStatusType status = s->lib.result_status(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    const char *primary = s->lib.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
    struct str whole = str_from(s->lib.result_error_message(result));
    *ret_error = primary != NULL ? str_format(s->arena, "pq: %s", primary)
                                 : str_dup(s->arena, str_trim(whole));
    s->lib.clear(result);
    return NULL;
}

static bool run_simple(struct pg_store *s, struct str sql, struct str *ret_error) {
    PGresult *result = run(s, sql, NULL, 0, ret_error);
    if (result != NULL)
        s->lib.clear(result);
    return result != NULL;
}

static struct str cell(struct pg_store *s, const PGresult *result, int row, int column) {
    return str_dup(s->arena, (struct str){s->lib.getvalue(result, row, column),
                                          (size_t)s->lib.getlength(result, row, column)});
}

static bool pg_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                    struct diags *diags) {
    struct pg_store *s = pg(store);
    struct str error;
    const char *params[] = {str_c(s->arena, s->workspace)};
    struct str sql =
        str_format(s->arena, "SELECT data FROM %.*s WHERE name = $1", STR_ARG(s->table));
    PGresult *result = run(s, sql, params, 1, &error);
    if (result == NULL)
        return backend_failed(diags, STATE_STORE_READ_FAILED, error);
    struct str bytes = S("");
    if (s->lib.ntuples(result) > 0 && !s->lib.getisnull(result, 0, 0)) {
        bytes = str_dup(arena, (struct str){s->lib.getvalue(result, 0, 0),
                                            (size_t)s->lib.getlength(result, 0, 0)});
    }
    s->lib.clear(result);
    return state_store_decode(store, arena, bytes, ret_state, diags);
}

static bool pg_write(struct state_store *store, const struct state *state, struct diags *diags) {
    struct pg_store *s = pg(store);
    struct arena *scratch = arena_new();
    struct str error;
    struct str bytes;
    if (!backend_print(store, scratch, state, &bytes, diags)) {
        arena_free(scratch);
        return false;
    }
    const char *params[] = {str_c(scratch, s->workspace), bytes.at};
    struct str sql = str_format(scratch,
                                "INSERT INTO %.*s (name, data) VALUES ($1, $2) "
                                "ON CONFLICT (name) DO UPDATE SET data = $2",
                                STR_ARG(s->table));
    PGresult *result = run(s, sql, params, 2, &error);
    if (result != NULL)
        s->lib.clear(result);
    arena_free(scratch);
    return result != NULL || backend_failed(diags, STATE_STORE_WRITE_FAILED, error);
}

/* One statement that gives true when the lock was taken. */
static bool try_advisory(struct pg_store *s, struct str key, bool *ret_taken,
                         struct str *ret_error) {
    const char *params[] = {str_c(s->arena, key)};
    PGresult *result = run(s, S("SELECT pg_try_advisory_lock($1::bigint)"), params, 1, ret_error);
    if (result == NULL)
        return false;
    *ret_taken = s->lib.ntuples(result) > 0 && s->lib.getvalue(result, 0, 0)[0] == 't';
    s->lib.clear(result);
    return true;
}

/* The number of the workspace's row; -1, the table's own lock, while it has none. */
static bool row_key(struct pg_store *s, struct str *ret_key, struct str *ret_error) {
    const char *params[] = {str_c(s->arena, s->workspace)};
    struct str sql = str_format(s->arena, "SELECT id FROM %.*s WHERE name = $1", STR_ARG(s->table));
    PGresult *result = run(s, sql, params, 1, ret_error);
    if (result == NULL)
        return false;
    *ret_key = s->lib.ntuples(result) > 0 ? cell(s, result, 0, 0) : S("-1");
    s->lib.clear(result);
    return true;
}

static bool lock_once(struct state_store *store, const struct state_lock_info *info,
                      bool *ret_again, struct diags *diags) {
    struct pg_store *s = pg(store);
    struct str error = S("");
    struct str key;
    bool taken = false;
    (void)info; /* an advisory lock cannot hold it */
    if (!row_key(s, &key, &error) || !try_advisory(s, key, &taken, &error)) {
        state_store_lock_error(s->arena, error, NULL, diags);
        return false;
    }
    if (!taken) {
        error =
            str_eq(key, S("-1"))
                ? str_format(s->arena, "Already locked for workspace creation: %.*s",
                             STR_ARG(s->workspace))
                : str_format(s->arena, "Workspace is already locked: %.*s", STR_ARG(s->workspace));
        state_store_lock_error(s->arena, error, NULL, diags);
        *ret_again = true;
        return false;
    }
    s->lock_key = key;
    return true;
}

static bool pg_lock(struct state_store *store, const struct state_lock_info *info,
                    int64_t timeout_ms, struct diags *diags) {
    return backend_lock_wait(store, info, timeout_ms, lock_once, diags);
}

static bool pg_unlock(struct state_store *store, struct diags *diags) {
    struct pg_store *s = pg(store);
    struct str error;
    if (s->lock_key.len == 0)
        return true;
    const char *params[] = {str_c(s->arena, s->lock_key)};
    PGresult *result = run(s, S("SELECT pg_advisory_unlock($1::bigint)"), params, 1, &error);
    s->lock_key = S("");
    if (result == NULL)
        return backend_failed(diags, "Failed to unlock", error);
    s->lib.clear(result);
    return true;
}

static bool pg_force_unlock(struct state_store *store, struct str id, struct diags *diags) {
    (void)store;
    (void)id;
    return backend_failed(diags, "Failed to unlock state",
                          S("Locks of the pg backend end with the connection that took them."));
}

static bool pg_workspaces(struct state_store *store, struct arena *arena, struct str **ret_names,
                          size_t *ret_n, struct diags *diags) {
    struct pg_store *s = pg(store);
    struct str error;
    struct str sql = str_format(
        s->arena, "SELECT name FROM %.*s WHERE name <> 'default' ORDER BY name", STR_ARG(s->table));
    PGresult *result = run(s, sql, NULL, 0, &error);
    if (result == NULL)
        return backend_failed(diags, "Failed to list workspaces", error);
    size_t n = (size_t)s->lib.ntuples(result);
    struct str *names = arena_array(arena, n + 1, sizeof *names);
    names[0] = S("default");
    for (size_t i = 0; i < n; i++)
        names[i + 1] = str_dup(arena, cell(s, result, (int)i, 0));
    s->lib.clear(result);
    *ret_names = names;
    *ret_n = n + 1;
    return true;
}

static bool pg_delete_workspace(struct state_store *store, struct str name, struct diags *diags) {
    struct pg_store *s = pg(store);
    struct str error;
    if (str_eq(name, S("default")) || name.len == 0)
        return backend_failed(diags, "Failed to delete workspace", S("can't delete default state"));
    const char *params[] = {str_c(s->arena, name)};
    PGresult *result =
        run(s, str_format(s->arena, "DELETE FROM %.*s WHERE name = $1", STR_ARG(s->table)), params,
            1, &error);
    if (result == NULL)
        return backend_failed(diags, "Failed to delete workspace", error);
    s->lib.clear(result);
    return true;
}

static void pg_close(struct state_store *store) {
    struct pg_store *s = pg(store);
    s->lib.finish(s->connection);
}

static const struct state_store_ops pg_ops = {
    .read = pg_read,
    .write = pg_write,
    .lock = pg_lock,
    .unlock = pg_unlock,
    .force_unlock = pg_force_unlock,
    .workspaces = pg_workspaces,
    .delete_workspace = pg_delete_workspace,
    .close = pg_close,
};

/* An SQL identifier in quotes. */
static struct str quoted(struct arena *arena, struct str name) {
    struct str inner = str_replace(arena, name, S("\""), S("\"\""));
    return str_format(arena, "\"%.*s\"", STR_ARG(inner));
}

/* Makes what is missing; several at once may race, which IF NOT EXISTS does not fully cover. */
static bool prepare(struct pg_store *s, struct value config, struct str *ret_error) {
    static const char *const table_variables[] = {"PG_TABLE_NAME", NULL};
    static const char *const index_variables[] = {"PG_INDEX_NAME", NULL};
    struct str table = backend_text(config, "table_name", table_variables);
    struct str index = backend_text(config, "index_name", index_variables);
    if (table.len == 0)
        table = S("states");
    if (index.len == 0)
        index = S("states_by_name");
    struct str schema = quoted(s->arena, s->schema);
    struct str plain = quoted(s->arena, table);
    s->table = str_format(s->arena, "%.*s.%.*s", STR_ARG(schema), STR_ARG(plain));
    if (!backend_flag(config, "skip_schema_creation", "PG_SKIP_SCHEMA_CREATION", false) &&
        !run_simple(s, str_format(s->arena, "CREATE SCHEMA IF NOT EXISTS %.*s", STR_ARG(schema)),
                    ret_error))
        return false;
    if (!backend_flag(config, "skip_table_creation", "PG_SKIP_TABLE_CREATION", false)) {
        if (!run_simple(s, S("CREATE SEQUENCE IF NOT EXISTS public.global_states_id_seq AS bigint"),
                        ret_error) ||
            !run_simple(s,
                        str_format(s->arena,
                                   "CREATE TABLE IF NOT EXISTS %.*s (id bigint NOT NULL DEFAULT "
                                   "nextval('public.global_states_id_seq') PRIMARY KEY, name text "
                                   "UNIQUE, data text)",
                                   STR_ARG(s->table)),
                        ret_error))
            return false;
    }
    if (backend_flag(config, "skip_index_creation", "PG_SKIP_INDEX_CREATION", false))
        return true;
    struct str name = quoted(s->arena, index);
    return run_simple(s,
                      str_format(s->arena, "CREATE UNIQUE INDEX IF NOT EXISTS %.*s ON %.*s (name)",
                                 STR_ARG(name), STR_ARG(s->table)),
                      ret_error);
}

/* The reference says why there is no connection in one line without a heading. */
static bool refuse(struct diags *diags, struct str text) {
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0}, text, S(""));
    return false;
}

static struct str connection_error(struct pg_store *s) {
    struct str text = str_trim(str_from(s->lib.error_message(s->connection)));
    struct str mark = S("FATAL:  ");
    ptrdiff_t end = str_find_byte(text, '\n');
    ptrdiff_t fatal = str_find(text, mark);
    struct str line = end < 0 ? text : str_slice(text, 0, (size_t)end);
    if (fatal < 0 || (end >= 0 && fatal > end))
        return str_dup(s->arena, line);
    return str_format(s->arena, "pq: %.*s",
                      STR_ARG(str_slice(line, (size_t)fatal + mark.len, line.len)));
}

struct state_store *state_store_pg(struct arena *arena, struct value config, struct str workspace,
                                   struct diags *diags) {
    static const char *const conn_variables[] = {"PG_CONN_STR", NULL};
    static const char *const schema_variables[] = {"PG_SCHEMA_NAME", NULL};
    struct pg_store *s = arena_alloc(arena, sizeof *s);
    struct str schema = backend_text(config, "schema_name", schema_variables);
    struct str error = S("");
    s->store.ops = &pg_ops;
    s->arena = arena;
    s->lock_key = S("");
    s->workspace = workspace.len > 0 ? str_dup(arena, workspace) : S("default");
    s->schema = schema.len > 0 ? str_dup(arena, schema) : S("terraform_remote_state");
    if (!libpq_open(&s->lib)) {
        (void)backend_failed(diags, "Failed to open the backend",
                             S("cannot load libpq; install libpq5"));
        return NULL;
    }
    struct str conn = backend_text(config, "conn_str", conn_variables);
    s->connection = s->lib.connect(str_c(arena, conn));
    if (s->lib.status(s->connection) != CONNECTION_OK) {
        (void)refuse(diags, connection_error(s));
        s->lib.finish(s->connection);
        return NULL;
    }
    s->lib.set_notice(s->connection, ignore_notice, NULL);
    if (!prepare(s, config, &error)) {
        (void)refuse(diags, error);
        s->lib.finish(s->connection);
        return NULL;
    }
    return &s->store;
}
