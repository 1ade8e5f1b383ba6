/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

const char *const statement_sql[STATEMENT_COUNT] = {
#define STATEMENT_TEXT(id, sql) [STATEMENT_##id] = sql,
    STATEMENT_LIST(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

/*
 * entity    whatever has an id of its own; `key` is what makes it unique among its kind in its
 *           account, `owner` the id of what it belongs to
 * link      attachments, memberships, boundaries: source has target
 * tag       of entities; `key` is `name` in lower case
 * document  inline policies and versions of managed ones
 * setting   one value of an account
 * tally     how many entities of a kind an account has, since counting them takes long
 */
const char *const statement_schema[] = {
    "CREATE TABLE entity (id TEXT PRIMARY KEY, account TEXT NOT NULL, kind BIGINT NOT NULL, "
    "key TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, owner TEXT NOT NULL, "
    "created BIGINT NOT NULL, body TEXT NOT NULL, secret TEXT NOT NULL, "
    "UNIQUE (account, kind, key));"
    "CREATE INDEX entity_owner ON entity (owner, kind, key);"
    "CREATE TABLE link (kind BIGINT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, "
    "created BIGINT NOT NULL, PRIMARY KEY (kind, source, target));"
    "CREATE INDEX link_target ON link (kind, target);"
    "CREATE TABLE tag (owner TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, "
    "value TEXT NOT NULL, PRIMARY KEY (owner, key));"
    "CREATE TABLE document (owner TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, "
    "created BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (owner, key));"
    "CREATE TABLE setting (account TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, "
    "PRIMARY KEY (account, name));",
    "CREATE TABLE tally (account TEXT NOT NULL, kind BIGINT NOT NULL, n BIGINT NOT NULL, "
    "PRIMARY KEY (account, kind));"
    "INSERT INTO tally (account, kind, n) SELECT account, kind, COUNT(*) FROM entity "
    "GROUP BY account, kind;",
};
const int statement_schema_n = COUNT(statement_schema);
