/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_access.h"

#include "cli/ui.h"

#define NOT_SAVED                                                                                  \
    "\n\nThe state was not saved. No items were removed from the persisted\nstate. No backup was " \
    "created since no modification occurred. Please\nresolve the issue above and try again."

static const struct span nowhere = {0};

/* How a command begins the sentence of a failure; others tell it as the plan does. */
struct words {
    const char *command, *read, *write, *behind;
    bool boxed; /* a diagnostic, and of an unreadable file its own */
};

static const struct words all[] = {
    {"state list", "Failed to load state", NULL, "", false},
    {"state identities", "Failed to load state", NULL, "", false},
    {"state mv", "Failed to refresh source state", "Error saving the state", NOT_SAVED, false},
    {"state replace-provider", "Failed to refresh source state", "Error saving the state",
     NOT_SAVED, false},
    {"state rm", "Failed to refresh state", "Error saving the state", NOT_SAVED, false},
    {"state pull", "Failed to refresh state", NULL, "", false},
    {"state push", "Failed to refresh destination state", "Failed to persist state", "", false},
    {"taint", "Failed to load state", "Error writing state file", "", false},
    {"untaint", "Failed to load state", "Error writing state file", "", false},
    {"providers", "Failed to load state", NULL, "", false},
    {"output", "Failed to load state", NULL, "", true},
    {"show", "Failed to load state", NULL, "", true},
    {"init", "Error refreshing state", NULL, "", false},
};

static const struct words *words_of(const struct cli *cli) {
    struct str name = str_from(cli->command ? cli->command->name : "");
    for (size_t i = 0; i < COUNT(all); i++)
        if (str_eq(name, str_from(all[i].command)))
            return &all[i];
    return NULL;
}

/* What a store says of reading and writing is a reason alone; of a faulty file, a diagnostic. */
static bool is_reason(const struct diags *diags) {
    return diags->n == 1 && (str_eq(diags->at[0].summary, S(STATE_STORE_READ_FAILED)) ||
                             str_eq(diags->at[0].summary, S(STATE_STORE_WRITE_FAILED)));
}

static struct str reason(struct arena *arena, const struct diags *diags) {
    return is_reason(diags) ? diags->at[0].detail : diags_text(arena, diags);
}

static bool is_init(const struct cli *cli) {
    return cli->command && str_eq(str_from(cli->command->name), S("init"));
}

bool state_access_read(struct cli *cli, struct state_store *store, struct state **ret_state) {
    struct diags failed = {.arena = cli->diags->arena};
    const struct words *words = words_of(cli);
    if (store->ops->read(store, cli->arena, ret_state, &failed)) {
        diags_append(cli->diags, &failed);
        return true;
    }
    if (words && words->boxed && !is_reason(&failed)) {
        diags_append(cli->diags, &failed);
        return false;
    }
    struct str text =
        str_format(cli->arena, "%s: %.*s", words ? words->read : "error loading state",
                   STR_ARG(reason(cli->arena, &failed)));
    if (!words || words->boxed || is_init(cli))
        (void)diags_add(cli->diags, SEVERITY_ERROR, nowhere, text, S(""));
    else
        ui_errf(cli, "%.*s\n", STR_ARG(text));
    return false;
}

bool state_access_write(struct cli *cli, struct state_store *store, const struct state *state) {
    struct diags failed = {.arena = cli->diags->arena};
    const struct words *words = words_of(cli);
    if (store->ops->write(store, state, &failed)) {
        diags_append(cli->diags, &failed);
        return true;
    }
    struct str why = reason(cli->arena, &failed);
    if (words && words->write)
        ui_errf(cli, "%s: %.*s%s\n", words->write, STR_ARG(why), words->behind);
    else
        diags_error(cli->diags, nowhere, "Failed to save state", "Error saving state: %.*s",
                    STR_ARG(why));
    return false;
}

bool state_access_unlock(struct cli *cli, struct state_store *store) {
    struct diags failed = {.arena = cli->diags->arena};
    if (store->ops->unlock(store, &failed))
        return true;
    struct str why = failed.n == 1 && failed.at[0].detail.len ? failed.at[0].detail
                                                              : diags_text(cli->arena, &failed);
    diags_error(cli->diags, nowhere, "Error releasing the state lock",
                "Error message: %.*s\n\n" UI_PRODUCT
                " acquires a lock when accessing your state to prevent others\nrunning " UI_PRODUCT
                " to potentially modify the state at the same time. An\nerror occurred while "
                "releasing this lock. This could mean that the lock\ndid or did not release "
                "properly. If the lock didn't release properly,\n" UI_PRODUCT
                " may not be able to run future commands since it'll appear as if\nthe lock is "
                "held.\n\nIn this scenario, please call the \"force-unlock\" command to unlock "
                "the\nstate manually. This is a very dangerous operation since if it is done\n"
                "erroneously it could result in two people modifying state at the same time.\nOnly "
                "call this command if you're certain that the unlock above failed and\nthat no one "
                "else is holding a lock.",
                STR_ARG(why));
    return false;
}
