/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/level.h"
#include "state/state_int.h"
#include "state/state_field.h"
#include "state/state_old.h"
#include "state/state_scan.h"
#include "value/as_json.h"

#define UNSUPPORTED "Unsupported state file format"
#define INSTANCE "resources.instances."
#define INVALID "Invalid state file format"

static const struct span nowhere = {.file = 0};

struct reader {
    struct arena *arena;
    struct state *state;
    struct state_scan scan;
    struct diags *diags;
    int64_t version;
    struct str modules; /* of formats 1 to 3 */
    struct str misfit;  /* the first member of a wrong type; nothing else is told then */
    bool replace;       /* objects take the place of what is there */
    /* What repeats from entry to entry is parsed once. */
    struct str module_text, provider_text, dependencies_raw;
    struct module_path module;
    struct provider_config_addr provider;
    struct str *dependencies;
    size_t n_dependencies;
};

static bool bad(struct reader *r, const char *summary, struct str detail) {
    (void)diags_add(r->diags, SEVERITY_ERROR, nowhere, str_from(summary), detail);
    return false;
}

static bool no_version(struct reader *r) {
    return bad(r, UNSUPPORTED,
               S("The state file does not have a \"version\" attribute, which is required to "
                 "identify the format version."));
}

/* Offsets as the reference counts them: bytes read when the error showed. Nothing was understood
 * then, so it misses the version too. */
static bool syntax_error(struct reader *r) {
    size_t read = r->scan.at < r->scan.text.len ? r->scan.at + 1 : r->scan.text.len;
    (void)bad(r, UNSUPPORTED,
              str_format(r->arena,
                         "The state file could not be parsed as JSON: syntax error at byte offset "
                         "%zu.",
                         read));
    return no_version(r);
}

static void keep_extra(struct reader *r, struct str *extra, struct str name, struct str raw) {
    struct buf b;
    buf_init(&b, BUF_MAX_DOCUMENT);
    if (extra->len > 0) {
        buf_add(&b, *extra);
        buf_add_c(&b, ", ");
    }
    json_write_string(&b, name, false);
    buf_add_c(&b, ": ");
    buf_add(&b, raw);
    *extra = buf_take(&b, r->arena);
}

static void set_misfit(struct reader *r, struct str detail) {
    if (r->misfit.len == 0)
        r->misfit = detail;
}

static void check_field(struct reader *r, const char *path, struct str raw) {
    struct str found = state_field_misfit(r->arena, path, raw);
    if (found.len > 0)
        set_misfit(r, str_format(r->arena, "The state file field \"%s\" has invalid value %.*s",
                                 path, STR_ARG(found)));
}

static struct str text_of(struct reader *r, const char *path, struct str raw) {
    struct str text = S("");
    if (!state_scan_string(r->arena, raw, &text))
        check_field(r, path, raw);
    return text;
}

static int64_t int_of(struct reader *r, const char *path, struct str raw) {
    int64_t number = 0;
    if (!str_to_int(raw, &number) || number < 0)
        check_field(r, path, raw);
    return number;
}

/* An element that is no object, where only objects may stand; read over. */
static void skip_element(struct reader *r, const char *path) {
    struct str raw;
    if (!state_scan_raw(&r->scan, &raw) || state_scan_null(raw))
        return;
    struct str found = state_field_misfit(r->arena, "outputs", raw); /* of an object, too */
    set_misfit(r, str_format(r->arena, "The state file field \"%s\" has invalid value %.*s", path,
                             STR_ARG(found)));
}

/* One element of `instances` before it is known what it belongs to. */
struct raw_object {
    struct state_object object;
    struct str index_key, deposed, status, provider;
};

static void read_sensitive(struct reader *r, struct str raw, struct paths *ret_paths) {
    struct json_error error;
    if (raw.len == 2)
        return; /* [] */
    const struct json *list = json_parse(r->arena, raw, &error);
    /* What is not understood here would be shown. */
    if (list != NULL && list->kind != JSON_ARRAY && list->kind != JSON_NULL)
        set_misfit(r, S("Error unmarshaling path steps: no list"));
    for (size_t i = 0; list != NULL && list->kind == JSON_ARRAY && i < list->n; i++) {
        struct path path;
        if (path_from_json(r->arena, &list->items[i], &path))
            paths_add(r->arena, ret_paths, path);
        else
            set_misfit(r, S("Error unmarshaling path steps: no path"));
    }
}

static void read_dependencies(struct reader *r, struct str raw, struct state_object *object) {
    if (!str_eq(raw, r->dependencies_raw)) {
        check_field(r, INSTANCE "dependencies", raw);
        struct state_scan list = {.text = raw};
        struct str item;
        size_t n = 0;
        size_t cap = 0;
        struct str *names = NULL;
        if (state_scan_open(&list, '[')) {
            while (state_scan_item(&list) && state_scan_raw(&list, &item)) {
                names = arena_grow(r->arena, names, n, &cap, sizeof *names);
                names[n] = S("");
                (void)state_scan_string(r->arena, item, &names[n]);
                n++;
            }
        }
        r->dependencies_raw = raw;
        r->dependencies = names;
        r->n_dependencies = n;
    }
    object->dependencies = r->dependencies;
    object->n_dependencies = r->n_dependencies;
}

static bool flag_of(struct reader *r, const char *path, struct str raw) {
    bool on = str_eq(raw, S("true"));
    if (!on)
        check_field(r, path, raw);
    return on;
}

static void take_private(struct reader *r, struct str raw, struct state_object *object) {
    struct str text = text_of(r, INSTANCE "private", raw);
    if (!digest_from_base64(r->arena, text, &object->private_))
        set_misfit(r, S("The state file does not conform to the expected JSON data structure: "
                        "illegal base64 data."));
}

static void read_object_member(struct reader *r, struct str name, struct str raw,
                               struct raw_object *ret) {
    struct state_object *object = &ret->object;
    if (str_eq(name, S("attributes")))
        object->attributes = state_scan_null(raw) ? object->attributes : raw;
    else if (str_eq(name, S("index_key")))
        ret->index_key = raw;
    else if (str_eq(name, S("schema_version")))
        object->schema_version = int_of(r, INSTANCE "schema_version", raw);
    else if (str_eq(name, S("sensitive_attributes")))
        read_sensitive(r, raw, &object->sensitive);
    else if (str_eq(name, S("private")))
        take_private(r, raw, object);
    else if (str_eq(name, S("dependencies")))
        read_dependencies(r, raw, object);
    else if (str_eq(name, S("status")))
        ret->status = text_of(r, INSTANCE "status", raw);
    else if (str_eq(name, S("deposed")))
        ret->deposed = text_of(r, INSTANCE "deposed", raw);
    else if (str_eq(name, S("provider")))
        ret->provider = text_of(r, INSTANCE "provider", raw);
    else if (str_eq(name, S("create_before_destroy")))
        object->create_before_destroy = flag_of(r, INSTANCE "create_before_destroy", raw);
    else if (str_eq(name, S("identity")))
        object->identity = state_scan_null(raw) ? S("") : raw;
    else if (str_eq(name, S("identity_schema_version")))
        object->identity_schema_version = int_of(r, INSTANCE "identity_schema_version", raw);
    else
        keep_extra(r, &object->extra, name, raw);
}

static bool read_key(struct reader *r, const struct state_resource *resource, struct str raw,
                     struct key *ret_key) {
    struct key key = {.kind = KEY_NONE};
    if (raw.len > 0 && !state_scan_null(raw)) {
        key.kind = KEY_STRING;
        if (!state_scan_string(r->arena, raw, &key.text)) {
            key.kind = KEY_INT;
            if (!str_to_int(raw, &key.number)) {
                const struct instance_addr addr = {.module = resource->module,
                                                   .resource = resource->addr};
                struct str text = addr_instance_text(r->arena, &addr);
                return bad(r, "Invalid resource instance metadata in state",
                           str_format(r->arena,
                                      "Resource %.*s has an instance with the invalid instance key "
                                      "%.*s.",
                                      STR_ARG(text), STR_ARG(raw)));
            }
        }
    }
    *ret_key = key;
    return true;
}

static struct str instance_text(struct reader *r, const struct state_resource *resource,
                                struct key key) {
    const struct instance_addr addr = {
        .module = resource->module, .resource = resource->addr, .key = key};
    return addr_instance_text(r->arena, &addr);
}

static bool add_deposed(struct reader *r, const struct state_resource *resource,
                        struct state_instance *instance, const struct raw_object *raw) {
    struct str text = instance_text(r, resource, instance->key);
    if (raw->deposed.len != 8) {
        return bad(r, "Invalid resource instance metadata in state",
                   str_format(r->arena,
                              "Instance %.*s has an object with deposed key \"%.*s\", which is not "
                              "correctly formatted.",
                              STR_ARG(text), STR_ARG(raw->deposed)));
    }
    struct state_deposed *at = arena_array(r->arena, instance->n_deposed + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < instance->n_deposed; i++) {
        at[n++] = instance->deposed[i];
        if (!str_eq(at[i].key, raw->deposed))
            continue;
        if (!r->replace) {
            return bad(r, "Duplicate resource instance in state",
                       str_format(r->arena,
                                  "Instance %.*s deposed object \"%.*s\" appears multiple times in "
                                  "the state file.",
                                  STR_ARG(text), STR_ARG(raw->deposed)));
        }
        n--;
    }
    at[n++] = (struct state_deposed){.key = raw->deposed, .object = raw->object};
    instance->deposed = at;
    instance->n_deposed = n;
    return true;
}

static bool bad_provider(struct reader *r, struct str text) {
    return bad(r, "Invalid provider configuration address",
               str_format(r->arena,
                          "The provider configuration address \"%.*s\" in the state is not valid.",
                          STR_ARG(text)));
}

static bool resolve_provider(struct reader *r, struct str text) {
    if (text.len > 0 && str_eq(text, r->provider_text))
        return true;
    struct provider_config_addr provider;
    if (!addr_provider_parse_config(r->arena, text, &provider))
        return bad_provider(r, text);
    r->provider = provider;
    r->provider_text = text;
    return true;
}

/* Instances of a provider configuration with for_each name it themselves, with their key. */
static bool take_provider(struct reader *r, struct state_resource *resource,
                          struct state_instance *instance, struct str text) {
    if (text.len == 0)
        return true;
    if (!resolve_provider(r, text))
        return false;
    struct provider_config_addr whole = r->provider;
    whole.key = (struct key){.kind = KEY_NONE};
    if (resource->provider.provider.type.len == 0)
        resource->provider = whole;
    struct str first = addr_provider_config_text(r->arena, &resource->provider);
    struct str own = addr_provider_config_text(r->arena, &whole);
    if (!str_eq(first, own)) {
        struct str name = instance_text(r, resource, (struct key){.kind = KEY_NONE});
        return bad(r, "Provider instance field conflict in state",
                   str_format(r->arena,
                              "Resource %.*s has instances with different provider addresses: "
                              "\"%.*s\" != \"%.*s\".",
                              STR_ARG(name), STR_ARG(first), STR_ARG(own)));
    }
    instance->provider_key = r->provider.key;
    return true;
}

static bool add_object(struct reader *r, struct state_resource *resource,
                       const struct raw_object *raw) {
    struct key key;
    if (!read_key(r, resource, raw->index_key, &key))
        return false;
    struct state_instance *instance = state_find_instance(resource, key);
    if (instance == NULL)
        instance = state_add_instance(r->arena, resource, key);
    if (!take_provider(r, resource, instance, raw->provider))
        return false;
    if (raw->status.len > 0 && !raw->object.tainted) {
        struct str text = instance_text(r, resource, key);
        return bad(r, "Invalid resource instance metadata in state",
                   str_format(r->arena, "Instance %.*s has invalid status \"%.*s\".", STR_ARG(text),
                              STR_ARG(raw->status)));
    }
    if (raw->deposed.len > 0)
        return add_deposed(r, resource, instance, raw);
    if (instance->current != NULL && !r->replace) {
        struct str text = instance_text(r, resource, key);
        return bad(r, "Duplicate resource instance in state",
                   str_format(r->arena, "Instance %.*s appears multiple times in the state file.",
                              STR_ARG(text)));
    }
    instance->current = arena_copy(r->arena, &raw->object, sizeof raw->object);
    return true;
}

/* null, or what should be a list. */
static bool skip_list(struct reader *r, const char *path) {
    struct str raw;
    if (!state_scan_raw(&r->scan, &raw))
        return syntax_error(r);
    check_field(r, path, raw);
    return true;
}

static bool read_instances(struct reader *r, struct state_resource *resource) {
    if (!state_scan_open(&r->scan, '['))
        return skip_list(r, "resources.instances");
    bool ok = true;
    while (state_scan_item(&r->scan)) {
        struct raw_object raw = {
            .index_key = S(""), .deposed = S(""), .status = S(""), .provider = S("")};
        struct str name;
        struct str value;
        raw.object.attributes = S("{}");
        if (!state_scan_open(&r->scan, '{')) {
            skip_element(r, "resources.instances");
            continue;
        }
        while (state_scan_member(&r->scan, r->arena, &name) && state_scan_raw(&r->scan, &value))
            read_object_member(r, name, value, &raw);
        raw.object.tainted = str_eq(raw.status, S("tainted"));
        ok = !r->scan.failed && add_object(r, resource, &raw) && ok;
    }
    return !r->scan.failed ? ok : syntax_error(r);
}

/* The members of a resource's entry, which may come in any order. */
struct raw_resource {
    struct str module, mode, type, name, provider;
    struct str extra;
    bool instances_read;
    struct str instances; /* when they came before what they belong to */
};

static bool resolve_module(struct reader *r, struct str text) {
    if (str_eq(text, r->module_text))
        return true;
    struct module_path module;
    if (!addr_parse_module(r->arena, text, &module)) {
        return bad(
            r, "Invalid module instance address",
            str_format(r->arena, "\"%.*s\" is not a module instance address.", STR_ARG(text)));
    }
    r->module = module;
    r->module_text = text;
    return true;
}

static struct state_resource *make_resource(struct reader *r, const struct raw_resource *raw) {
    enum resource_mode mode = MODE_MANAGED;
    if (str_eq(raw->mode, S("data"))) {
        mode = MODE_DATA;
    } else if (!str_eq(raw->mode, S("managed"))) {
        (void)bad(r, "Invalid resource mode in state",
                  str_format(r->arena,
                             "State contains a resource with mode \"%.*s\" (\"%.*s\" \"%.*s\") "
                             "which is not supported.",
                             STR_ARG(raw->mode), STR_ARG(raw->type), STR_ARG(raw->name)));
        return NULL;
    }
    bool named = raw->provider.len > 0; /* else by the instances */
    if (!resolve_module(r, raw->module) || (named && !resolve_provider(r, raw->provider)))
        return NULL;
    if (named && r->provider.key.kind != KEY_NONE) {
        (void)bad_provider(r, raw->provider);
        return NULL;
    }
    const struct instance_addr addr = {
        .module = r->module, .resource = {.mode = mode, .type = raw->type, .name = raw->name}};
    struct str key = addr_instance_text(r->arena, &addr);
    struct state_resource *resource = map_get(&r->state->resources, key);
    if (resource == NULL) {
        resource = arena_alloc(r->arena, sizeof *resource);
        *resource = (struct state_resource){.module = addr.module, .addr = addr.resource};
        map_put(r->arena, &r->state->resources, key, resource);
    }
    resource->provider = named ? r->provider : (struct provider_config_addr){.alias = S("")};
    return resource;
}

static void read_resource_member(struct reader *r, struct str name, struct str value,
                                 struct raw_resource *raw) {
    struct str each;
    const struct {
        const char *path;
        struct str *text;
    } texts[] = {
        {"resources.module", &raw->module}, {"resources.mode", &raw->mode},
        {"resources.type", &raw->type},     {"resources.name", &raw->name},
        {"resources.each", &each},          {"resources.provider", &raw->provider},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (str_eq(str_from(texts[i].path + strlen("resources.")), name)) {
            *texts[i].text = text_of(r, texts[i].path, value);
            return;
        }
    }
    keep_extra(r, &raw->extra, name, value);
}

static bool is_complete(const struct raw_resource *raw) {
    return raw->mode.len > 0 && raw->type.len > 0 && raw->name.len > 0 && raw->provider.len > 0;
}

static bool read_resource(struct reader *r) {
    struct raw_resource raw = {.module = S(""),
                               .mode = S(""),
                               .type = S(""),
                               .name = S(""),
                               .provider = S(""),
                               .extra = S(""),
                               .instances = S("")};
    struct state_resource *resource = NULL;
    struct str name;
    struct str value;
    bool ok = true;
    if (!state_scan_open(&r->scan, '{')) {
        skip_element(r, "resources");
        return !r->scan.failed || syntax_error(r);
    }
    while (ok && state_scan_member(&r->scan, r->arena, &name)) {
        if (str_eq(name, S("instances")) && is_complete(&raw)) {
            resource = make_resource(r, &raw);
            if (resource == NULL)
                ok = state_scan_raw(&r->scan, &value) && false;
            else
                ok = read_instances(r, resource);
        } else if (!state_scan_raw(&r->scan, &value)) {
            break;
        } else if (str_eq(name, S("instances"))) {
            raw.instances = value;
        } else {
            read_resource_member(r, name, value, &raw);
        }
    }
    if (r->scan.failed)
        return ok ? syntax_error(r) : false;
    if (ok && resource == NULL) {
        struct state_scan outer = r->scan;
        resource = make_resource(r, &raw);
        r->scan = (struct state_scan){.text = raw.instances};
        ok = resource != NULL && (raw.instances.len == 0 || read_instances(r, resource));
        r->scan = outer;
    }
    if (ok && resource->provider.provider.type.len == 0)
        ok = bad_provider(r, raw.provider);
    if (resource != NULL && resource->n_instances == 0)
        resource->husk = true;
    if (resource != NULL && raw.extra.len > 0)
        resource->extra = raw.extra;
    return ok;
}

static bool read_resources(struct reader *r) {
    if (!state_scan_open(&r->scan, '['))
        return skip_list(r, "resources");
    bool ok = true;
    while (ok && state_scan_item(&r->scan))
        ok = read_resource(r);
    return ok && r->scan.failed ? syntax_error(r) : ok;
}

static const char *word_of(const struct json *json) {
    static const char *const words[] = {
        [JSON_BOOL] = "bool",   [JSON_NUMBER] = "number", [JSON_STRING] = "string",
        [JSON_ARRAY] = "array", [JSON_OBJECT] = "object", [JSON_NULL] = "null"};
    return words[json->kind];
}

static bool read_output(struct reader *r, struct str name, const struct json *json) {
    struct state_output *output = arena_alloc(r->arena, sizeof *output);
    const struct json *type = json_get(json, S("type"));
    const struct json *value = json_get(json, S("value"));
    const struct json *sensitive = json_get(json, S("sensitive"));
    struct convert_error error;
    if (sensitive && sensitive->kind != JSON_BOOL && sensitive->kind != JSON_NULL)
        set_misfit(r, str_format(r->arena,
                                 "The state file field \"outputs.sensitive\" has invalid value %s",
                                 word_of(sensitive)));
    output->name = name;
    output->sensitive = json_get_bool(json, S("sensitive"));
    output->type = type == NULL ? NULL : type_from_json(r->arena, type);
    if (output->type == NULL) {
        return bad(r, "Invalid output value type in state",
                   str_format(r->arena,
                              "The state file has an invalid type specification for output "
                              "\"%.*s\".",
                              STR_ARG(name)));
    }
    if (value == NULL || !as_json_read(r->arena, value, output->type, &output->value, &error)) {
        struct str why = value == NULL ? S("no value") : convert_error_text(r->arena, &error);
        return bad(r, "Invalid output value saved in state",
                   str_format(r->arena,
                              "The state file has an invalid value for output \"%.*s\": %.*s.",
                              STR_ARG(name), STR_ARG(why)));
    }
    map_put(r->arena, &r->state->outputs, name, output);
    return true;
}

static bool read_outputs(struct reader *r, struct str raw) {
    struct json_error error;
    struct json *outputs = json_parse(r->arena, raw, &error);
    bool ok = true;
    check_field(r, "outputs", raw);
    for (size_t i = 0; outputs != NULL && outputs->kind == JSON_OBJECT && i < outputs->n; i++) {
        struct json_member *member = &outputs->members[i];
        if (member->value.kind == JSON_OBJECT)
            ok = read_output(r, member->name, &member->value) && ok;
        else if (member->value.kind != JSON_NULL)
            set_misfit(r,
                       str_format(r->arena, "The state file field \"outputs\" has invalid value %s",
                                  word_of(&member->value)));
    }
    return ok;
}

static bool bad_version(struct reader *r, struct str found) {
    return bad(r, UNSUPPORTED,
               str_format(r->arena,
                          "The version in the state file is %.*s. A positive whole number is "
                          "required.",
                          STR_ARG(found)));
}

static bool check_version(struct reader *r, struct str raw) {
    int64_t version = -1;
    if (!str_to_int(raw, &version) || version < 0) {
        struct str found = state_field_misfit(r->arena, "serial", raw); /* of a number, too */
        if (state_scan_null(raw))
            return no_version(r);
        return bad_version(r, found);
    }
    r->version = version;
    if (version > 0 && version <= 4)
        return true;
    if (version == 0) {
        return bad(r, UNSUPPORTED,
                   S("The state file uses JSON syntax but has a version number of zero. There was "
                     "never a JSON-based state format zero, so this state file is invalid and "
                     "cannot be processed."));
    }
    return bad(r, UNSUPPORTED,
               str_format(r->arena,
                          "The state file uses format version %" PRId64
                          ", which is not supported by Terraform " LEVEL_TERRAFORM
                          ". This state file may have "
                          "been created by a newer version of Terraform.",
                          version));
}

static bool check_old(struct reader *r) {
    struct json_error error;
    r->state->outputs = (struct map){.n = 0};
    if (state_old_take(r->state,
                       r->modules.len > 0 ? json_parse(r->arena, r->modules, &error) : NULL))
        return true;
    return bad(r, UNSUPPORTED,
               str_format(r->arena,
                          "The state file uses format version %" PRId64
                          ", which only old releases of Terraform write. Run \"terraform apply\" "
                          "once with Terraform 0.12 or later to upgrade it.",
                          r->version));
}

/* Kept as they are, if they are what they should be. */
static void read_checks(struct reader *r, struct str raw) {
    static const char *const members[] = {"check_results.object_kind", "check_results.config_addr",
                                          "check_results.status", "check_results.objects"};
    struct state_scan outer = r->scan;
    struct str name;
    struct str value;
    r->state->check_results = state_scan_null(raw) ? S("") : raw;
    check_field(r, "check_results", raw);
    r->scan = (struct state_scan){.text = raw};
    bool list = state_scan_open(&r->scan, '[');
    while (list && state_scan_item(&r->scan)) {
        if (!state_scan_open(&r->scan, '{')) {
            skip_element(r, "check_results");
            continue;
        }
        while (state_scan_member(&r->scan, r->arena, &name) && state_scan_raw(&r->scan, &value))
            for (size_t i = 0; i < COUNT(members); i++)
                if (str_eq(str_from(members[i] + strlen("check_results.")), name))
                    check_field(r, members[i], value);
    }
    r->scan = outer;
}

static bool read_member(struct reader *r, struct str name, struct str raw, bool *seen_version) {
    struct state *state = r->state;
    if (str_eq(name, S("version"))) {
        *seen_version = true;
        return check_version(r, raw);
    }
    if (str_eq(name, S("modules")) && r->version != 4)
        r->modules = raw;
    else if (str_eq(name, S("terraform_version")))
        state->terraform_version = text_of(r, "terraform_version", raw);
    else if (str_eq(name, S("serial")))
        state->serial = int_of(r, "serial", raw);
    else if (str_eq(name, S("lineage")))
        state->lineage = text_of(r, "lineage", raw);
    else if (str_eq(name, S("outputs")))
        return read_outputs(r, raw);
    else if (str_eq(name, S("check_results")))
        read_checks(r, raw);
    else
        keep_extra(r, &state->extra, name, raw);
    return true;
}

/* JSON of another kind has no version, or is one itself. */
static bool not_object(struct reader *r) {
    struct state_scan whole = {.text = r->scan.text};
    struct str raw;
    if (!state_scan_raw(&whole, &raw) || !state_scan_end(&whole))
        return syntax_error(r);
    if (!state_scan_null(raw))
        (void)bad_version(r, state_field_misfit(r->arena, "outputs", raw)); /* of an object, too */
    return no_version(r);
}

static bool read_document(struct reader *r) {
    bool seen_version = false;
    bool ok = true;
    struct str name;
    struct str raw;
    struct state_scan later = {.text = S("")};
    if (!state_scan_open(&r->scan, '{'))
        return not_object(r);
    while (ok && state_scan_member(&r->scan, r->arena, &name))
        if (str_eq(name, S("resources")) && seen_version)
            ok = read_resources(r);
        else if (!state_scan_raw(&r->scan, &raw))
            break;
        else if (str_eq(name, S("resources")))
            later.text = raw;
        else
            ok = read_member(r, name, raw, &seen_version);
    if (!ok)
        return false;
    if (!state_scan_end(&r->scan))
        return syntax_error(r);
    if (!seen_version)
        return no_version(r);
    if (r->version < 4)
        return check_old(r);
    r->scan = later;
    return later.text.len == 0 || read_resources(r);
}

/* What was understood of the file, once its types hold. */
static bool check_whole(struct reader *r) {
    struct str version = r->state->terraform_version;
    if (r->misfit.len > 0)
        return bad(r, INVALID, r->misfit);
    if (version.len == 0 || state_field_is_version(version))
        return true;
    return bad(r, "Invalid Terraform version string",
               str_format(r->arena,
                          "State file claims to have been written by Terraform version \"%.*s\", "
                          "which is not a valid version string.",
                          STR_ARG(version)));
}

bool state_file_read(struct arena *arena, struct str bytes, struct str name,
                     struct state **ret_state, struct diags *diags) {
    struct diags found = {.arena = diags->arena};
    struct reader r = {.arena = arena,
                       .state = state_new(arena),
                       .scan = {.text = bytes},
                       .diags = &found,
                       .misfit = S(""),
                       .module_text = S(""),
                       .provider_text = S(""),
                       .dependencies_raw = S("")};
    (void)name; /* the reference's messages do not say it */
    bool ok = read_document(&r);
    if (r.misfit.len > 0)
        found = (struct diags){.arena = diags->arena};
    if (ok || r.misfit.len > 0)
        ok = check_whole(&r);
    diags_append(diags, &found);
    if (ok)
        *ret_state = r.state;
    return ok;
}

bool state_file_read_object(struct state *state, struct str line, struct diags *diags) {
    struct reader r = {.arena = state->arena,
                       .state = state,
                       .scan = {.text = line},
                       .diags = diags,
                       .misfit = S(""),
                       .replace = true,
                       .module_text = S(""),
                       .provider_text = S(""),
                       .dependencies_raw = S("")};
    return read_resource(&r) && (r.misfit.len == 0 || bad(&r, INVALID, r.misfit));
}
