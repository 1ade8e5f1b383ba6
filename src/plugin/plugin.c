/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/plugin.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "plugin/plugin_int.h"
#include "plugin/protobuf.h"
#include "value/path.h"

#define PLUGIN_GRACE_MS 2000
/* A schema comes from no network, however large it is. */
#define PLUGIN_SCHEMA_MS 120000

/* ---- calls ---- */

/* Names in protocol 5 and 6, the name that messages give the call, and how long it may take. */
static const struct method {
    const char *name5, *name6, *shown;
    int64_t timeout_ms;
} methods[] = {
    [METHOD_SCHEMA] = {"GetSchema", "GetProviderSchema", "GetProviderSchema", PLUGIN_SCHEMA_MS},
    [METHOD_IDENTITIES] = {"GetResourceIdentitySchemas", "GetResourceIdentitySchemas",
                           "GetResourceIdentitySchemas", PLUGIN_SCHEMA_MS},
    [METHOD_VALIDATE_CONFIG] = {"PrepareProviderConfig", "ValidateProviderConfig",
                                "ValidateProviderConfig"},
    [METHOD_VALIDATE_RESOURCE] = {"ValidateResourceTypeConfig", "ValidateResourceConfig",
                                  "ValidateResourceConfig"},
    [METHOD_VALIDATE_DATA] = {"ValidateDataSourceConfig", "ValidateDataResourceConfig",
                              "ValidateDataResourceConfig"},
    [METHOD_CONFIGURE] = {"Configure", "ConfigureProvider", "ConfigureProvider"},
    [METHOD_UPGRADE] = {"UpgradeResourceState", "UpgradeResourceState", "UpgradeResourceState"},
    [METHOD_UPGRADE_IDENTITY] = {"UpgradeResourceIdentity", "UpgradeResourceIdentity",
                                 "UpgradeResourceIdentity"},
    [METHOD_READ] = {"ReadResource", "ReadResource", "ReadResource"},
    [METHOD_PLAN] = {"PlanResourceChange", "PlanResourceChange", "PlanResourceChange"},
    [METHOD_APPLY] = {"ApplyResourceChange", "ApplyResourceChange", "ApplyResourceChange"},
    [METHOD_IMPORT] = {"ImportResourceState", "ImportResourceState", "ImportResourceState"},
    [METHOD_MOVE] = {"MoveResourceState", "MoveResourceState", "MoveResourceState"},
    [METHOD_READ_DATA] = {"ReadDataSource", "ReadDataSource", "ReadDataSource"},
    [METHOD_VALIDATE_EPHEMERAL] = {"ValidateEphemeralResourceConfig",
                                   "ValidateEphemeralResourceConfig",
                                   "ValidateEphemeralResourceConfig"},
    [METHOD_OPEN] = {"OpenEphemeralResource", "OpenEphemeralResource", "OpenEphemeralResource"},
    [METHOD_RENEW] = {"RenewEphemeralResource", "RenewEphemeralResource", "RenewEphemeralResource"},
    [METHOD_CLOSE] = {"CloseEphemeralResource", "CloseEphemeralResource", "CloseEphemeralResource"},
    [METHOD_VALIDATE_LIST] = {"ValidateListResourceConfig", "ValidateListResourceConfig",
                              "ValidateListResourceConfig"},
    [METHOD_LIST] = {"ListResource", "ListResource", "ListResource"},
    [METHOD_CALL] = {"CallFunction", "CallFunction", "CallFunction"},
    [METHOD_STOP] = {"Stop", "StopProvider", "Stop", PLUGIN_GRACE_MS},
};

/* On a process, without making errors; a grpc_status. */
static int call(struct plugin_process *process, struct arena *arena, enum plugin_method method,
                struct str request, struct str *ret_answer, struct str *ret_message) {
    const struct method *m = &methods[method];
    struct str path = str_format(arena, "/tfplugin%d.Provider/%s", process->protocol,
                                 process->protocol == 5 ? m->name5 : m->name6);
    return (method == METHOD_LIST ? grpc_stream : grpc_call)(
        process->grpc, arena, path, request, m->timeout_ms, ret_answer, ret_message);
}

static void report_status(const struct plugin_process *process, int status,
                          enum plugin_method method, struct str message, struct diags *diags) {
    const struct span nowhere = {0};
    struct str call = str_format(diags->arena, "plugin%s.(*GRPCProvider).%s",
                                 process->protocol == 6 ? "6" : "", methods[method].shown);
    if (status == GRPC_UNAVAILABLE)
        diags_error(diags, nowhere, "Plugin did not respond",
                    "The plugin encountered an error, and failed to respond to the %.*s call. The "
                    "plugin logs may contain more details.",
                    STR_ARG(call));
    else if (status == GRPC_CANCELLED)
        diags_error(diags, nowhere, "Request cancelled", "The %.*s request was cancelled.",
                    STR_ARG(call));
    else if (status == GRPC_UNIMPLEMENTED)
        diags_error(diags, nowhere, "Unsupported plugin method",
                    "The %.*s method is not supported by this plugin.", STR_ARG(call));
    else
        diags_error(diags, nowhere, "Plugin error",
                    "The plugin returned an unexpected error from %.*s: rpc error: code = %s desc "
                    "= %.*s",
                    STR_ARG(call), grpc_code_name(status), STR_ARG(message));
}

static struct plugin_process *need_process(struct plugin *p, struct arena *arena,
                                           struct diags *diags);

bool plugin_call(struct plugin *p, struct arena *arena, enum plugin_method method,
                 const struct buf *request, struct str *ret_answer, struct diags *diags) {
    struct str message = {0};
    struct plugin_process *process = need_process(p, arena, diags);
    if (!process)
        return false;
    int status = call(process, arena, method, buf_str(request), ret_answer, &message);
    if (status != GRPC_OK)
        report_status(process, status, method, message, diags);
    return status == GRPC_OK;
}

struct path plugin_path(struct arena *arena, struct str message) {
    struct path path = {0};
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p)) {
        if (p.field != 1)
            continue;
        struct protobuf step = protobuf_reader(p.bytes);
        while (protobuf_next(&step))
            if (step.field == 1)
                path = path_attr(arena, path, step.bytes);
            else if (step.field == 2)
                path = path_key(arena, path, step.bytes);
            else if (step.field == 3)
                path = path_index(arena, path, (int64_t)step.number);
    }
    return path;
}

static void add_diag(struct arena *arena, struct str message, struct diags *diags) {
    struct protobuf p = protobuf_reader(message);
    enum severity severity = SEVERITY_ERROR;
    struct str summary = {0}, detail = {0}, path = {0};
    while (protobuf_next(&p))
        if (p.field == 1 && p.number == 2)
            severity = SEVERITY_WARNING;
        else if (p.field == 2)
            summary = p.bytes;
        else if (p.field == 3)
            detail = p.bytes;
        else if (p.field == 4)
            path = path_text(arena, plugin_path(arena, p.bytes));
    struct diag *diag = diags_add(diags, severity, (struct span){0}, summary, detail);
    diag->path = str_dup(diags->arena, path);
}

bool plugin_diags(struct arena *arena, struct str answer, uint32_t field, struct diags *diags) {
    struct protobuf p = protobuf_reader(answer);
    size_t before = diags->n_errors;
    while (protobuf_next(&p))
        if (p.field == field)
            add_diag(arena, p.bytes, diags);
    return diags->n_errors == before;
}

/* ---- processes ---- */

static void end_process(struct plugin_process *process) {
    struct arena *scratch = arena_new();
    struct str answer, message;
    if (process->launch)
        grpc_call(process->grpc, scratch, S("/plugin.GRPCController/Shutdown"), S(""),
                  PLUGIN_GRACE_MS, &answer, &message);
    grpc_close(process->grpc);
    launch_end(process->launch, PLUGIN_GRACE_MS);
    arena_free(scratch);
    free(process);
}

/* Sentences for what keeps a provider from telling its schemas; why ends without a full stop. */
static void report_start(struct plugin_host *host, const char *what, struct str why,
                         struct diags *diags) {
    diags_error(diags, (struct span){0}, "Failed to load plugin schemas",
                "Error while loading schemas for plugin components: Failed to obtain provider "
                "schema: Could not load the schema for provider %.*s: failed to %s \"%.*s\"%s: "
                "%.*s..",
                STR_ARG(host->spec.source), what, STR_ARG(host->spec.source),
                str_eq(str_from(what), S("instantiate provider")) ? " to obtain schema" : "",
                STR_ARG(why));
}

static bool start(struct plugin_host *host, struct arena *arena, struct plugin_process *process,
                  struct str *ret_error) {
    struct launch_greeting greeting = {host->spec.protocol,
                                       {host->spec.network, host->spec.address, S("")}};
    if (host->spec.program.len > 0) {
        if (!host->key)
            host->key = tls_key_new();
        struct str certificate = host->key ? tls_key_pem(host->key, arena) : S("");
        struct launch_order order = {host->spec.program, certificate, host->spec.aborted};
        process->launch = launch_start(arena, &order, &greeting, ret_error);
        if (!process->launch)
            return false;
    }
    process->grpc = grpc_open(arena, &greeting.address, host->key, ret_error);
    process->protocol = greeting.protocol;
    return process->grpc != NULL;
}

static struct plugin_process *start_process(struct plugin_host *host, struct arena *arena,
                                            struct diags *diags) {
    struct str error = {0};
    struct plugin_process *process = xmalloc(sizeof *process);
    *process = (struct plugin_process){0};
    if (start(host, arena, process, &error))
        return process;
    launch_end(process->launch, 0);
    free(process);
    report_start(host, "instantiate provider", error, diags);
    return NULL;
}

/* The plugin's process; starts one when no unconfigured one is at hand. */
static struct plugin_process *need_process(struct plugin *p, struct arena *arena,
                                           struct diags *diags) {
    struct plugin_host *host = p->host;
    pthread_mutex_lock(&host->lock);
    if (!p->process) {
        if (!host->spare)
            host->spare = start_process(host, arena, diags);
        p->process = host->spare;
        if (p->process)
            p->process->users++;
    }
    pthread_mutex_unlock(&host->lock);
    return p->process;
}

/* Before it is configured a process becomes this provider's own. */
static void claim_process(struct plugin *p) {
    pthread_mutex_lock(&p->host->lock);
    if (p->process && p->process->configured) {
        p->process->users--;
        p->process = NULL;
    }
    if (!p->process && p->host->spare) {
        p->process = p->host->spare;
        p->process->users++;
    }
    if (p->process == p->host->spare)
        p->host->spare = NULL;
    if (p->process)
        p->process->configured = true;
    pthread_mutex_unlock(&p->host->lock);
}

/* ---- verbs that are about the process ---- */

/* Errors of the call for schemas, as one sentence. */
static bool schema_failed(struct plugin_host *host, const struct diags *why, struct diags *diags) {
    struct str text = S("");
    for (size_t i = 0; i < why->n; i++)
        if (why->at[i].severity == SEVERITY_ERROR)
            text = str_format(diags->arena, "%.*s%s%.*s: %.*s", STR_ARG(text),
                              text.len > 0 ? "; " : "", STR_ARG(why->at[i].summary),
                              STR_ARG(why->at[i].detail));
    report_start(host, "retrieve schema from provider", text, diags);
    return false;
}

static bool load_schema(struct plugin *p, struct plugin_process *process, struct diags *diags) {
    struct plugin_host *host = p->host;
    struct diags *why = diags_new(diags->arena);
    struct str answer, identities = {0}, message;
    int status = call(process, host->arena, METHOD_SCHEMA, S(""), &answer, &message);
    if (status != GRPC_OK) {
        report_status(process, status, METHOD_SCHEMA, message, why);
        return schema_failed(host, why, diags);
    }
    if (!plugin_diags(host->arena, answer, 4, why))
        return schema_failed(host, why, diags);
    /* Providers from before identities do not know the call. */
    if (call(process, host->arena, METHOD_IDENTITIES, S(""), &identities, &message) != GRPC_OK)
        identities = S("");
    if (plugin_schema_read(host->arena, process->protocol, answer, identities, &host->schema))
        return true;
    diags_error(diags, (struct span){0}, "Failed to load plugin schemas",
                "The schema that provider %.*s sent is malformed.", STR_ARG(host->spec.source));
    return false;
}

static const struct provider_schema *get_schema(struct provider *provider, struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    struct plugin_host *host = p->host;
    struct arena *scratch = arena_new();
    struct plugin_process *process = host->has_schema ? NULL : need_process(p, scratch, diags);
    arena_free(scratch);
    pthread_mutex_lock(&host->lock);
    if (!host->has_schema && !host->failed) {
        host->has_schema = process && load_schema(p, process, diags);
        host->protocol = process ? process->protocol : 0;
        host->failed = !host->has_schema;
    }
    pthread_mutex_unlock(&host->lock);
    return host->has_schema ? &host->schema : NULL;
}

static bool configure(struct provider *provider, struct arena *arena, struct value config,
                      struct diags *diags) {
    struct plugin *p = (struct plugin *)provider;
    if (!get_schema(provider, diags))
        return false;
    claim_process(p);
    if (!p->process) {
        if (!need_process(p, arena, diags))
            return false;
        claim_process(p);
    }
    return plugin_verbs.configure(provider, arena, config, diags);
}

static void stop(struct provider *provider, bool at_once) {
    struct plugin *p = (struct plugin *)provider;
    struct str answer, message;
    if (!p->process)
        return;
    if (at_once) { /* it was told at the first interrupt, and has no stronger word */
        grpc_cancel(p->process->grpc);
        return;
    }
    struct arena *scratch = arena_new();
    call(p->process, scratch, METHOD_STOP, S(""), &answer, &message);
    arena_free(scratch);
}

static void close_provider(struct provider *provider) {
    struct plugin *p = (struct plugin *)provider;
    struct plugin_process *unused = NULL;
    pthread_mutex_lock(&p->host->lock);
    /* An unconfigured one is kept for the next plan or apply of this command. */
    if (p->process && --p->process->users == 0 && p->process != p->host->spare)
        unused = p->process;
    p->process = NULL;
    pthread_mutex_unlock(&p->host->lock);
    if (unused)
        end_process(unused);
}

/* ---- door ---- */

static void drop_host(void *object) {
    struct plugin_host *host = object;
    if (host->spare)
        end_process(host->spare);
    tls_key_free(host->key);
    pthread_mutex_destroy(&host->lock);
    arena_free(host->arena);
    free(host);
}

struct plugin_host *plugin_host(struct arena *arena, const struct plugin_spec *spec) {
    struct plugin_host *host = xmalloc(sizeof *host);
    *host = (struct plugin_host){.arena = arena_new(), .spec = *spec};
    struct str *const texts[] = {
        &host->spec.source,  &host->spec.name,    &host->spec.version,          &host->spec.program,
        &host->spec.network, &host->spec.address, &host->spec.terraform_version};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = str_dup(arena, *texts[i]);
    pthread_mutex_init(&host->lock, NULL);
    arena_hold(arena, drop_host, host);
    return host;
}

struct provider *plugin_open(struct arena *arena, void *host, struct diags *diags) {
    (void)diags;
    struct plugin *p = arena_alloc(arena, sizeof *p);
    struct provider_ops *ops = arena_copy(arena, &plugin_verbs, sizeof plugin_verbs);
    ops->schema = get_schema;
    ops->configure = configure;
    ops->stop = stop;
    ops->close = close_provider;
    p->host = host;
    p->base =
        (struct provider){.ops = ops, .name = p->host->spec.name, .version = p->host->spec.version};
    return &p->base;
}

struct str plugin_program(struct arena *arena, struct str folder, struct str type) {
    struct str *names, prefix = str_cat(arena, S("terraform-provider-"), type);
    size_t n = 0;
    if (fs_list(arena, folder, &names, &n) != 0)
        return S("");
    for (size_t i = 0; i < n; i++) {
        struct str path = fs_join(arena, folder, names[i]);
        if (str_starts(names[i], prefix) && access(str_c(arena, path), X_OK) == 0 &&
            !fs_is_dir(path))
            return path;
    }
    return S("");
}

/* The program of a version's folder for a platform, or for the first that has one. */
static struct str find_program(struct arena *arena, struct str version, struct str platform,
                               struct str type) {
    struct str *names, program = S("");
    size_t n = 0;
    if (platform.len > 0)
        return plugin_program(arena, fs_join(arena, version, platform), type);
    if (fs_list(arena, version, &names, &n) != 0)
        return S("");
    for (size_t i = 0; i < n && program.len == 0; i++)
        program = plugin_program(arena, fs_join(arena, version, names[i]), type);
    return program;
}

void plugin_find(struct arena *arena, struct str folder, struct str source, struct str platform,
                 struct plugin_release **ret_releases, size_t *ret_n) {
    struct str *versions, base = fs_join(arena, folder, source);
    size_t n = 0, found = 0;
    *ret_n = 0;
    *ret_releases = NULL;
    if (fs_list(arena, base, &versions, &n) != 0)
        return;
    struct plugin_release *releases = arena_array(arena, n, sizeof *releases);
    for (size_t i = 0; i < n; i++) {
        struct str program =
            find_program(arena, fs_join(arena, base, versions[i]), platform, fs_basename(source));
        if (program.len > 0)
            releases[found++] = (struct plugin_release){versions[i], program};
    }
    *ret_releases = releases;
    *ret_n = found;
}
