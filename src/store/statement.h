/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every SQL statement of loam, by number. Parameters are written ?1, ?2 ... and are all given; the
 * text is what SQLite, PostgreSQL, CockroachDB and YugabyteDB have in common.
 */
#ifndef LOAM_STATEMENT_H
#define LOAM_STATEMENT_H

#include "base/str.h"

#define STATEMENT_LIST(X)                                                                          \
    X(ENTITY_ADD, "INSERT INTO entity (id, account, kind, key, name, path, owner, created, body, " \
                  "secret) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                      \
    X(ENTITY_UPDATE, "UPDATE entity SET key = ?2, name = ?3, path = ?4, owner = ?5, body = ?6, "   \
                     "secret = ?7 WHERE id = ?1")                                                  \
    X(ENTITY_DELETE, "DELETE FROM entity WHERE id = ?1")                                           \
    X(ENTITY_BY_ID, "SELECT " ENTITY_COLUMNS " FROM entity WHERE id = ?1")                         \
    X(ENTITY_BY_KEY,                                                                               \
      "SELECT " ENTITY_COLUMNS " FROM entity WHERE account = ?1 AND kind = ?2 AND key = ?3")       \
    X(ENTITY_PAGE, "SELECT " ENTITY_COLUMNS " FROM entity WHERE account = ?1 AND kind = ?2 AND "   \
                   "key > ?3 AND path >= ?4 AND path < ?5 ORDER BY key LIMIT ?6")                  \
    X(ENTITY_OWNED, "SELECT " ENTITY_COLUMNS " FROM entity WHERE owner = ?1 AND kind = ?2 AND "    \
                    "key > ?3 ORDER BY key LIMIT ?4")                                              \
    X(ENTITY_ROOM, "SELECT (SELECT COUNT(*) FROM entity WHERE account = ?1 AND kind = ?2 AND "     \
                   "key = ?3), COALESCE((SELECT n FROM tally WHERE account = ?1 AND kind = ?2), "  \
                   "0), COALESCE((SELECT value FROM setting WHERE account = ?1 AND name = ?4), "   \
                   "'')")                                                                          \
    X(TALLY_ADD, "INSERT INTO tally (account, kind, n) VALUES (?1, ?2, 1) "                        \
                 "ON CONFLICT (account, kind) DO UPDATE SET n = tally.n + 1")                      \
    X(TALLY_TAKE, "UPDATE tally SET n = n - 1 WHERE (account, kind) = "                            \
                  "(SELECT account, kind FROM entity WHERE id = ?1)")                              \
    X(TALLY_GET, "SELECT n FROM tally WHERE account = ?1 AND kind = ?2")                           \
    X(ENTITY_COUNT_OWNED, "SELECT COUNT(*) FROM entity WHERE owner = ?1 AND kind = ?2")            \
    X(LINK_ADD, "INSERT INTO link (kind, source, target, created) VALUES (?1, ?2, ?3, ?4)")        \
    X(LINK_DELETE, "DELETE FROM link WHERE kind = ?1 AND source = ?2 AND target = ?3")             \
    X(LINK_FIND, "SELECT created FROM link WHERE kind = ?1 AND source = ?2 AND target = ?3")       \
    X(LINK_TARGETS, "SELECT " ENTITY_COLUMNS_E " FROM link l JOIN entity e ON e.id = l.target "    \
                    "WHERE l.kind = ?1 AND l.source = ?2 AND e.key > ?3 AND e.path >= ?4 AND "     \
                    "e.path < ?5 ORDER BY e.key LIMIT ?6")                                         \
    X(LINK_SOURCES, "SELECT " ENTITY_COLUMNS_E " FROM link l JOIN entity e ON e.id = l.source "    \
                    "WHERE l.kind = ?1 AND l.target = ?2 AND e.kind = ?7 AND e.key > ?3 AND "      \
                    "e.path >= ?4 AND e.path < ?5 ORDER BY e.key LIMIT ?6")                        \
    X(LINK_COUNT_TARGETS, "SELECT COUNT(*) FROM link WHERE kind = ?1 AND source = ?2")             \
    X(LINK_COUNT_SOURCES, "SELECT COUNT(*) FROM link WHERE kind = ?1 AND target = ?2")             \
    X(TAG_PUT, "INSERT INTO tag (owner, key, name, value) VALUES (?1, ?2, ?3, ?4) "                \
               "ON CONFLICT (owner, key) DO UPDATE SET name = excluded.name, "                     \
               "value = excluded.value")                                                           \
    X(TAG_DELETE, "DELETE FROM tag WHERE owner = ?1 AND key = ?2")                                 \
    X(TAG_DELETE_ALL, "DELETE FROM tag WHERE owner = ?1")                                          \
    X(TAG_PAGE, "SELECT key, name, value FROM tag WHERE owner = ?1 AND key > ?2 ORDER BY key "     \
                "LIMIT ?3")                                                                        \
    X(TAG_COUNT, "SELECT COUNT(*) FROM tag WHERE owner = ?1")                                      \
    X(DOCUMENT_PUT, "INSERT INTO document (owner, key, name, created, body) VALUES (?1, ?2, ?3, "  \
                    "?4, ?5) ON CONFLICT (owner, key) DO UPDATE SET name = excluded.name, "        \
                    "body = excluded.body")                                                        \
    X(DOCUMENT_DELETE, "DELETE FROM document WHERE owner = ?1 AND key = ?2")                       \
    X(DOCUMENT_DELETE_ALL, "DELETE FROM document WHERE owner = ?1")                                \
    X(DOCUMENT_FIND, "SELECT key, name, created, body FROM document WHERE owner = ?1 AND "         \
                     "key = ?2")                                                                   \
    X(DOCUMENT_PAGE, "SELECT key, name, created, body FROM document WHERE owner = ?1 AND "         \
                     "key > ?2 ORDER BY key LIMIT ?3")                                             \
    X(DOCUMENT_SIZE, "SELECT COUNT(*) FROM document WHERE owner = ?1")                             \
    X(SETTING_PUT, "INSERT INTO setting (account, name, value) VALUES (?1, ?2, ?3) "               \
                   "ON CONFLICT (account, name) DO UPDATE SET value = excluded.value")             \
    X(SETTING_GET, "SELECT value FROM setting WHERE account = ?1 AND name = ?2")                   \
    X(SETTING_DELETE, "DELETE FROM setting WHERE account = ?1 AND name = ?2")                      \
    X(SETTING_OWNER, "SELECT account FROM setting WHERE name = ?1 AND value = ?2")                 \
    X(SETTING_PAGE, "SELECT account, name, value FROM setting WHERE account = ?1 AND "             \
                    "name > ?2 ORDER BY name LIMIT ?3")                                            \
    X(DUMP_ENTITY, "SELECT " ENTITY_COLUMNS " FROM entity WHERE id > ?1 ORDER BY id LIMIT ?2")     \
    X(DUMP_LINK, "SELECT kind, source, target, created FROM link ORDER BY kind, source, target")   \
    X(DUMP_SETTING, "SELECT account, name, value FROM setting ORDER BY account, name")             \
    X(EMPTY_ENTITY, "DELETE FROM entity")                                                          \
    X(EMPTY_TALLY, "DELETE FROM tally")                                                            \
    X(EMPTY_LINK, "DELETE FROM link")                                                              \
    X(EMPTY_TAG, "DELETE FROM tag")                                                                \
    X(EMPTY_DOCUMENT, "DELETE FROM document")                                                      \
    X(EMPTY_SETTING, "DELETE FROM setting")

#define ENTITY_COLUMNS "id, account, kind, key, name, path, owner, created, body, secret"
#define ENTITY_COLUMNS_E                                                                           \
    "e.id, e.account, e.kind, e.key, e.name, e.path, e.owner, e.created, e.body, e.secret"

enum statement {
#define STATEMENT_ID(id, sql) STATEMENT_##id,
    STATEMENT_LIST(STATEMENT_ID)
#undef STATEMENT_ID
        STATEMENT_COUNT
};

extern const char *const statement_sql[STATEMENT_COUNT];
/* Schema changes in order; the schema's version is how many have been made. */
extern const char *const statement_schema[];
extern const int statement_schema_n;

/* A parameter or a column: text, or a number where `text.at` is NULL. */
struct statement_value {
    struct str text;
    int64_t number;
};

#endif
