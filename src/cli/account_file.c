/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/account_file.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"

struct policy_account *account_file_read(struct cli *cli, struct str path) {
    struct str text, why = S("this is no JSON");
    struct json_error error;
    int failed = str_eq(path, S("-")) ? fs_read_fd(cli->arena, 0, BUF_MAX_DOCUMENT, &text)
                                      : fs_read(cli->arena, path, BUF_MAX_DOCUMENT, &text);
    if (failed) {
        ui_errf(cli, "%.*s: %.*s\n", STR_ARG(path), STR_ARG(fs_error_text(cli->arena, failed)));
        return NULL;
    }
    struct json *details = json_parse(cli->arena, text, &error);
    struct policy_account *account =
        details ? policy_account_read(cli->arena, details, &why) : NULL;
    if (!account)
        ui_errf(cli, "%.*s: %.*s\n", STR_ARG(path), STR_ARG(why));
    return account;
}

bool account_file_context(struct cli *cli, const struct str_list *list,
                          struct policy_request *request) {
    struct policy_key *keys = arena_array(cli->arena, list->n, sizeof *keys);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        ptrdiff_t equals = str_find_byte(list->at[i], '=');
        if (equals <= 0) {
            ui_errf(cli, "-context takes key=value, not \"%.*s\".\n", STR_ARG(list->at[i]));
            return false;
        }
        struct str name = str_slice(list->at[i], 0, (size_t)equals);
        struct str value = str_slice(list->at[i], (size_t)equals + 1, list->at[i].len);
        size_t at = 0;
        while (at < n && !str_eq_nocase(keys[at].name, name))
            at++;
        struct str *values = arena_array(cli->arena, keys[at].n + 1, sizeof *values);
        for (size_t k = 0; k < keys[at].n; k++)
            values[k] = keys[at].values[k];
        values[keys[at].n] = value;
        keys[at] = (struct policy_key){name, values, keys[at].n + 1};
        n += at == n;
    }
    request->context = keys;
    request->n_context = n;
    return true;
}
