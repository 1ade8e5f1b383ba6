/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>

#include "aws/aws.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/rand.h"
#include "cli/backend_setup.h"
#include "cli/in_process.h"
#include "cli/plugins.h"
#include "cli/reattach.h"
#include "cli/session_hooks.h"
#include "cli/state_access.h"
#include "provider/builtin.h"
#include "state/state_file.h"

#define MAX_SMALL_FILE ((size_t)1 << 20)

static const struct span nowhere = {0};

struct session session_start(struct cli *cli) {
    struct session s = {.cli = cli, .config_dir = S(".")};
    struct str bytes;
    s.data_dir = ui_env(cli, "TF_DATA_DIR");
    if (!s.data_dir.len)
        s.data_dir = S(".terraform");
    s.workspace = ui_env(cli, "TF_WORKSPACE");
    if (!s.workspace.len && fs_read(cli->arena, fs_join(cli->arena, s.data_dir, S("environment")),
                                    MAX_SMALL_FILE, &bytes) == 0)
        s.workspace = str_trim(bytes);
    if (!s.workspace.len)
        s.workspace = S("default");
    return s;
}

bool session_load_config(struct session *s) {
    struct cli *cli = s->cli;
    s->config =
        s->queries
            ? config_load_query(cli->arena, cli->sources, s->config_dir, s->data_dir, cli->diags)
            : config_load(cli->arena, cli->sources, s->config_dir, s->data_dir, true, cli->diags);
    return s->config && !diags_failed(s->cli->diags);
}

void session_check_test_directory(struct session *s, struct str dir) {
    if (dir.len && !fs_is_dir(dir))
        diags_warn(s->cli->diags, nowhere, "Test directory does not exist",
                   "Requested test directory %.*s does not exist.", STR_ARG(dir));
}

static struct provider *open_builtin(struct arena *arena, void *context, struct diags *diags) {
    (void)diags;
    return builtin_open(arena, session_hooks_builtin(arena, context));
}

static struct provider *open_aws(struct arena *arena, void *context, struct diags *diags) {
    (void)context;
    (void)diags;
    return aws_open(arena, in_process_transport());
}

static bool is_aws(struct provider_addr addr) {
    return str_eq(addr.namespace_, S("hashicorp")) && str_eq(addr.type, S("aws"));
}

static struct str provider_version(struct session *s, const struct config_need *need) {
    if (!is_aws(need->addr) || plugins_are_unmanaged(s, need->addr))
        return plugins_version(s, need->addr, need->constraints, need->n_constraints);
    return aws_version(s->cli->arena, need->constraints, need->n_constraints);
}

void session_refuse_version(struct session *s, const struct config_need *need) {
    struct arena *arena = s->cli->arena;
    struct str wanted = str_join(arena, need->constraints, need->n_constraints, S(", "));
    if (is_aws(need->addr))
        diags_error(s->cli->diags, need->span, "Unsupported provider version",
                    UI_PRODUCT " answers for hashicorp/aws as releases 5.x and 6.x do, which the "
                               "constraint %.*s does not admit. Change the constraint, for example "
                               "to \"~> 6.0\".",
                    STR_ARG(wanted));
    else
        diags_error(s->cli->diags, need->span, "Failed to query available provider packages",
                    "Could not retrieve the list of available versions for provider %.*s: no "
                    "installed release matches %.*s.",
                    STR_ARG(addr_provider_display(arena, need->addr)),
                    STR_ARG(wanted.len ? wanted : S("this configuration")));
}

bool session_builtin_version(struct session *s, const struct config_need *need,
                             struct str *ret_version) {
    struct str version;
    if (!is_aws(need->addr))
        return false;
    version = aws_version(s->cli->arena, need->constraints, need->n_constraints);
    if (version.len)
        *ret_version = version;
    return version.len > 0;
}

struct factory_list {
    struct provider_factory *at;
    size_t n, cap;
};

static struct provider_factory *find_factory(const struct factory_list *list, struct str source) {
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->at[i].source, source))
            return &list->at[i];
    return NULL;
}

/* The provider built in knows IAM; what else the workspace has of AWS needs the real one. */
static bool native_suffices(struct session *s, struct provider_addr addr,
                            const struct state *state) {
    struct provider *aws = aws_open(s->cli->arena, in_process_transport());
    const struct provider_schema *known = aws->ops->schema(aws, s->cli->diags);
    bool needed = known && plugins_are_needed(s, addr, known, state);
    aws->ops->close(aws);
    return !needed;
}

bool session_is_native(struct session *s, const struct config_need *need) {
    return is_aws(need->addr) && !plugins_are_unmanaged(s, need->addr) &&
           native_suffices(s, need->addr, NULL);
}

/* false: no provider for this address is at hand. */
static bool add_factory(struct session *s, struct factory_list *list, const struct state *state,
                        const struct config_need *need, struct str version, bool listed) {
    struct provider_addr addr = need->addr;
    struct provider_factory f = {.source = addr_provider_text(s->cli->arena, addr),
                                 .listed = listed};
    struct provider_factory *have = find_factory(list, f.source);
    if (have) {
        have->listed = have->listed || listed;
        return true;
    }
    if (addr_provider_eq(addr, addr_provider_builtin)) {
        f.open = open_builtin;
        f.context = backend_setup_remote_encryption(s);
    } else if (is_aws(addr) && !plugins_are_unmanaged(s, addr) &&
               (native_suffices(s, addr, state) ||
                !plugins_factory(s, addr, need->constraints, need->n_constraints, &f))) {
        f.open = open_aws;
        f.version = version;
    } else if (!f.open && !plugins_factory(s, addr, need->constraints, need->n_constraints, &f)) {
        return false;
    }
    list->at = arena_grow(s->cli->arena, list->at, list->n, &list->cap, sizeof *list->at);
    list->at[list->n++] = f;
    return true;
}

static void missing_provider(struct session *s, const char *who, struct str name) {
    diags_error(s->cli->diags, nowhere, "Missing required provider",
                "This %s requires provider %.*s, but that provider isn't available. You "
                "may be able to install it automatically by running:\n  " UI_PROGRAM " init",
                who, STR_ARG(name));
}

static bool find_for_config(struct session *s, struct factory_list *list,
                            const struct state *state) {
    size_t n;
    bool ok = true;
    struct config_need *needs = config_needs(s->cli->arena, s->config, &n);
    for (size_t i = 0; i < n; i++) {
        struct str version = provider_version(s, &needs[i]);
        struct str name = addr_provider_text(s->cli->arena, needs[i].addr);
        if (is_aws(needs[i].addr) && !version.len) {
            session_refuse_version(s, &needs[i]);
            ok = false;
        } else if (!add_factory(s, list, state, &needs[i], version, true)) {
            missing_provider(s, "configuration", name);
            ok = false;
        }
    }
    return ok;
}

bool session_find_providers(struct session *s, const struct state *state) {
    struct factory_list list = {0};
    bool ok = true;
    plugins_warn_overrides(s);
    if (!reattach_check(s->cli))
        return false;
    struct config_need builtin = {.addr = addr_provider_builtin};
    add_factory(s, &list, state, &builtin, (struct str){NULL, 0}, false);
    if (s->config)
        ok = find_for_config(s, &list, state);
    for (size_t i = 0; state && i < state->resources.n; i++) {
        const struct state_resource *r = state->resources.entries[i].value;
        struct config_need need = {.addr = r->provider.provider};
        if (!add_factory(s, &list, state, &need, (struct str){NULL, 0}, true)) {
            missing_provider(s, "state", addr_provider_text(s->cli->arena, r->provider.provider));
            ok = false;
        }
    }
    s->providers = (struct provider_factories){list.at, list.n};
    return ok;
}

/* Letters, digits and what else a URL has without escapes. */
bool session_is_workspace_name(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (!plain)
            return false;
    }
    return true;
}

bool session_open_store(struct session *s, const struct session_state_flags *flags) {
    struct arena *arena = s->cli->arena;
    if (ui_env(s->cli, "TF_WORKSPACE").len && !session_is_workspace_name(s->workspace)) {
        diags_error(s->cli->diags, nowhere, "Invalid workspace name set using TF_WORKSPACE", NULL);
        return false;
    }
    if (!flags->state.len) {
        if (!backend_setup_open(s, &s->store))
            return false;
        if (s->store)
            return backend_setup_encryption(s, s->store);
    }
    if (flags->state.len)
        s->state_path = flags->state;
    else if (str_eq(s->workspace, S("default")))
        s->state_path = S("terraform.tfstate");
    else
        s->state_path =
            str_format(arena, "terraform.tfstate.d/%.*s/terraform.tfstate", STR_ARG(s->workspace));
    s->store = state_store_local(arena, s->state_path, flags->backup);
    s->must_write = flags->state_out.len > 0;
    if (s->must_write)
        state_store_local_output(s->store, flags->state_out);
    return backend_setup_encryption(s, s->store);
}

bool session_lock(struct session *s, const struct session_state_flags *flags, const char *what) {
    if (!flags->lock)
        return true;
    struct state_lock_info info = state_store_lock_info(s->cli->arena, str_from(what));
    s->locked = s->store->ops->lock(s->store, &info, flags->lock_timeout_ms, s->cli->diags);
    return s->locked;
}

void session_unlock(struct session *s) {
    if (s->locked)
        (void)state_access_unlock(s->cli, s->store);
    s->locked = false;
}

/* Says what became of an apply that was killed. */
static void tell_recovery(struct session *s) {
    const struct journal_recovery *r = &s->recovery;
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    buf_add_c(&text, "An earlier apply was stopped before it could write the state.");
    if (r->n_results)
        buf_addf(&text,
                 " From its journal, the results for %zu object%s were taken into the "
                 "state.",
                 r->n_results, r->n_results == 1 ? "" : "s");
    if (r->n_pending)
        buf_add_c(&text,
                  "\n\nThe outcome of these operations is not known; the objects may exist:");
    for (size_t i = 0; i < r->n_pending; i++)
        buf_addf(&text, "\n  - %.*s (%.*s)", STR_ARG(r->pending[i].address),
                 STR_ARG(r->pending[i].action));
    if (r->n_pending)
        buf_add_c(&text, "\n\nA new object that is found is adopted by the next plan.");
    diags_warn(s->cli->diags, nowhere, "Recovered an interrupted apply", "%.*s",
               STR_ARG(buf_str(&text)));
    buf_clear(&text);
}

static struct str lineage_of(struct state *state) {
    if (!state->lineage.len)
        state->lineage = rand_uuid(state->arena);
    return state->lineage;
}

struct journal *session_journal(struct session *s, const struct state *state) {
    struct str path = journal_path(s->cli->arena, s->state_path);
    struct journal *journal = journal_open(path, s->cli->diags);
    if (!journal)
        return NULL;
    journal_state(journal, lineage_of((struct state *)state), state->serial);
    for (size_t i = 0; i < s->recovery.n_pending; i++) {
        const struct journal_pending *p = &s->recovery.pending[i];
        journal_intent(journal, p->address, p->action, p->type, p->planned);
    }
    return journal;
}

/* Puts what was recovered on disk: the state with its next serial, then what is still unknown. */
static bool settle_recovery(struct session *s, struct state *state) {
    struct str path = journal_path(s->cli->arena, s->state_path);
    lineage_of(state);
    state->serial++;
    if (!state_access_write(s->cli, s->store, state))
        return false;
    if (!s->recovery.n_pending) {
        (void)fs_remove(path);
        return true;
    }
    struct journal *journal = session_journal(s, state);
    if (journal)
        journal_close(journal, false);
    return journal != NULL;
}

struct state *session_read_state(struct session *s) {
    struct state *state = NULL;
    if (!state_access_read(s->cli, s->store, &state))
        return NULL;
    if (!state)
        state = state_new(s->cli->arena);
    struct str path = journal_path(s->cli->arena, s->state_path);
    if (!fs_exists(path) || !journal_recover(path, state, &s->recovery, s->cli->diags))
        return state;
    if (!s->recovery.n_results && !s->recovery.n_pending)
        return state;
    tell_recovery(s);
    if (s->locked && s->recovery.n_results && !settle_recovery(s, state))
        return NULL;
    return state;
}

/* Equal but for the serial, which the writer alone decides. */
static bool same_state(const struct state *a, const struct state *b) {
    struct buf x, y;
    struct state left = *a, right = *b;
    left.serial = right.serial = 0;
    left.terraform_version = right.terraform_version;
    buf_init(&x, BUF_MAX_DOCUMENT);
    buf_init(&y, BUF_MAX_DOCUMENT);
    state_file_write(&x, &left);
    state_file_write(&y, &right);
    bool same = str_eq(buf_str(&x), buf_str(&y));
    buf_clear(&x);
    buf_clear(&y);
    return same;
}

bool session_write_state(struct session *s, const struct state *before, struct state *state) {
    if (!state->lineage.len)
        state->lineage = rand_uuid(state->arena);
    /* A state that was read names its writer; a new one has its lineage already from the journal.
     */
    bool stored = before && before->terraform_version.len;
    if (stored && before->lineage.len && !s->must_write && same_state(before, state))
        return true;
    struct str level = ui_env(s->cli, "LOAM_TERRAFORM_VERSION");
    state->terraform_version = level.len ? level : S(UI_TERRAFORM_VERSION);
    state->serial = (before ? before->serial : 0) + 1;
    return state_access_write(s->cli, s->store, state);
}

/* Asks for each required variable without a value, as the reference does on a terminal. */
static void ask_missing(struct session *s, struct map *inputs) {
    struct arena *arena = s->cli->arena;
    struct map_entry *sorted = map_sorted(arena, &s->config->root->variables);
    for (size_t i = 0; i < s->config->root->variables.n; i++) {
        const struct config_variable *v = sorted[i].value;
        struct str line;
        if (v->has_default || map_get(inputs, v->name))
            continue;
        struct buf prompt;
        buf_init(&prompt, BUF_MAX_TEXT);
        buf_addf(&prompt, "%svar.%.*s%s\n", ui_code(s->cli, UI_BOLD), STR_ARG(v->name),
                 ui_code(s->cli, UI_RESET));
        if (v->description.len)
            buf_addf(&prompt, "  %.*s\n\n", STR_ARG(v->description));
        buf_add_c(&prompt, "  Enter a value: ");
        bool got = ui_ask(s->cli, buf_str(&prompt), &line);
        buf_clear(&prompt);
        if (!got)
            continue;
        ui_out(S("\n"));
        struct variable_input *input = arena_alloc(arena, sizeof *input);
        input->name = v->name;
        input->origin = ORIGIN_PROMPT;
        input->raw_text = true;
        input->text = line;
        map_put(arena, inputs, v->name, input);
    }
}

bool session_variables(struct session *s, const struct variable_list *args,
                       enum session_missing missing, struct map *ret_inputs) {
    if (!variables_collect(s->cli->arena, s->config, S("."), s->cli->environ_, args->at, args->n,
                           ret_inputs, s->cli->diags))
        return false;
    if (missing == MISSING_UNKNOWN)
        return true;
    if (missing == MISSING_ASK)
        ask_missing(s, ret_inputs);
    for (size_t i = 0; i < s->config->root->variables.n; i++) {
        const struct config_variable *v = s->config->root->variables.entries[i].value;
        struct value value;
        if (!v->has_default && !map_get(ret_inputs, v->name))
            (void)variables_final(s->cli->arena, s->config, v, NULL, &value, s->cli->diags);
    }
    return !diags_failed(s->cli->diags);
}
