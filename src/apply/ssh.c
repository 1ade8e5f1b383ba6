/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote-exec and file over the system's ssh: its agent, its ciphers, its FIPS rules. Keys given in
 * the configuration live in files of a folder that only this user can read, as long as needed.
 */
#include "apply/provision_int.h"

#include <stdlib.h>
#include <unistd.h>

#include "apply/subprocess.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/rand.h"

#define SSH_MAX_ARGS 64
#define SSH_TIMEOUT_MS (5 * 60 * 1000)
#define SSH_RETRY_MS 2000
#define SSH_CONNECT_S 15

/* ssh itself failed, as opposed to the remote command. */
#define SSH_FAILED "exit status 255"

struct session {
    struct provisioning *p;
    struct arena *arena;
    struct str folder; /* of keys, removed at the end */
    struct str options[SSH_MAX_ARGS];
    size_t n_options;
    struct str environment[4];
    size_t n_environment;
    struct str host, user, script_path;
    int64_t port;
    int64_t timeout_ms;
};

static struct str text_of(struct value v, struct str name, struct str otherwise) {
    struct value part = value_attr(v, name);
    return part.kind == VALUE_STRING && value_str(part).len > 0 ? value_str(part) : otherwise;
}

static int64_t number_of(struct value v, struct str name, int64_t otherwise) {
    int64_t number;
    struct value part = value_attr(v, name);
    return value_is_number(part) && value_to_int(part, &number) && number > 0 ? number : otherwise;
}

static bool is_false(struct value v, struct str name) {
    struct value part = value_attr(v, name);
    return part.kind == VALUE_BOOL && !part.boolean;
}

static void option(struct session *s, struct str text) {
    if (s->n_options < SSH_MAX_ARGS)
        s->options[s->n_options++] = text;
}

static void setting(struct session *s, const char *name, struct str value) {
    option(s, S("-o"));
    option(s, str_format(s->arena, "%s=%.*s", name, STR_ARG(value)));
}

/* Text kept in a file of the session's folder; its path. */
static struct str keep_file(struct session *s, struct str name, struct str text, unsigned mode) {
    struct str path = fs_join(s->arena, s->folder, name);
    if (!str_ends(text, S("\n")))
        text = str_cat(s->arena, text, S("\n"));
    fs_write(path, text, mode);
    return path;
}

/* "5m", "30s", "1h2m": Go's durations as far as connections use them. */
static int64_t parse_duration(struct str text, int64_t otherwise) {
    int64_t total = 0, number = 0;
    bool digits = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9') {
            if (number > INT32_MAX)
                return otherwise;
            number = number * 10 + (c - '0');
            digits = true;
            continue;
        }
        bool milli = c == 'm' && i + 1 < text.len && text.at[i + 1] == 's';
        int64_t unit = milli ? 1 : c == 'h' ? 3600000 : c == 'm' ? 60000 : c == 's' ? 1000 : 0;
        if (!digits || unit == 0)
            return otherwise;
        total += number * unit;
        number = 0;
        digits = false;
        i += milli;
    }
    return digits || total == 0 ? otherwise : total;
}

static struct str quoted(struct arena *arena, struct str text) {
    struct str inner = str_replace(arena, text, S("'"), S("'\\''"));
    return str_format(arena, "'%.*s'", STR_ARG(inner));
}

static void add_environment(struct session *s, struct str name, struct str value) {
    if (s->n_environment < COUNT(s->environment))
        s->environment[s->n_environment++] = str_cat(s->arena, name, value);
}

/* ssh asks a program of ours for the password, which gets it from its environment. */
static void add_askpass(struct session *s) {
    if (s->n_environment > 0)
        return;
    struct str program =
        keep_file(s, S("askpass"), S("#!/bin/sh\nprintf '%s\\n' \"$LOAM_SSH_PASSWORD\""), 0700);
    add_environment(s, S("SSH_ASKPASS="), program);
    add_environment(s, S("SSH_ASKPASS_REQUIRE="), S("force"));
}

/* What a known_hosts file of one key checks a host against; none: every key is taken. */
static struct str host_key_options(struct session *s, struct str key, const char *file) {
    if (key.len == 0)
        return S("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ");
    struct str line = str_format(s->arena, "loam %.*s", STR_ARG(key));
    return str_format(
        s->arena, "-o StrictHostKeyChecking=yes -o HostKeyAlias=loam -o UserKnownHostsFile=%.*s ",
        STR_ARG(quoted(s->arena, keep_file(s, str_from(file), line, 0600))));
}

/* How the bastion is told who comes. */
static struct str bastion_identity(struct session *s, struct value c) {
    struct str key = text_of(c, S("bastion_private_key"), text_of(c, S("private_key"), S("")));
    struct str certificate = text_of(c, S("bastion_certificate"), S(""));
    struct str options = S("");
    if (key.len > 0)
        options = str_format(s->arena, "-i %.*s -o IdentitiesOnly=yes ",
                             STR_ARG(quoted(s->arena, keep_file(s, S("bastion"), key, 0600))));
    if (certificate.len > 0)
        options = str_format(
            s->arena, "%.*s-o CertificateFile=%.*s ", STR_ARG(options),
            STR_ARG(quoted(s->arena, keep_file(s, S("bastion-cert.pub"), certificate, 0600))));
    return options;
}

/* The way through a bastion, with its own key. */
static void add_bastion(struct session *s, struct value c) {
    struct str host = text_of(c, S("bastion_host"), S(""));
    if (host.len == 0)
        return;
    struct str user = text_of(c, S("bastion_user"), s->user);
    struct str password = text_of(c, S("bastion_password"), text_of(c, S("password"), S("")));
    struct str prefix = S("");
    if (password.len > 0) {
        add_askpass(s);
        add_environment(s, S("LOAM_SSH_BASTION_PASSWORD="), password);
        prefix = S("env LOAM_SSH_PASSWORD=\"$LOAM_SSH_BASTION_PASSWORD\" ");
    }
    struct str identity = bastion_identity(s, c);
    struct str checks =
        host_key_options(s, text_of(c, S("bastion_host_key"), S("")), "bastion_hosts");
    setting(s, "ProxyCommand",
            str_format(s->arena, "%.*sssh %.*s%.*s-p %lld -l %.*s -W %%h:%%p %.*s", STR_ARG(prefix),
                       STR_ARG(identity), STR_ARG(checks),
                       (long long)number_of(c, S("bastion_port"), 22),
                       STR_ARG(quoted(s->arena, user)), STR_ARG(quoted(s->arena, host))));
}

static void add_host_key(struct session *s, struct value c) {
    struct str key = text_of(c, S("host_key"), S(""));
    if (key.len == 0) {
        setting(s, "StrictHostKeyChecking", S("no"));
        setting(s, "UserKnownHostsFile", S("/dev/null"));
        return;
    }
    struct str line = str_format(s->arena, "loam %.*s", STR_ARG(key));
    setting(s, "StrictHostKeyChecking", S("yes"));
    setting(s, "HostKeyAlias", S("loam"));
    setting(s, "UserKnownHostsFile", keep_file(s, S("known_hosts"), line, 0600));
}

static void add_password(struct session *s, struct value c) {
    struct str password = text_of(c, S("password"), S(""));
    if (password.len == 0) {
        setting(s, "BatchMode", S("yes"));
        return;
    }
    add_askpass(s);
    add_environment(s, S("LOAM_SSH_PASSWORD="), password);
    setting(s, "NumberOfPasswordPrompts", S("1"));
}

static void add_keys(struct session *s, struct value c) {
    struct str key = text_of(c, S("private_key"), S(""));
    struct str certificate = text_of(c, S("certificate"), S(""));
    if (key.len > 0) {
        setting(s, "IdentityFile", keep_file(s, S("key"), key, 0600));
        setting(s, "IdentitiesOnly", S("yes"));
    }
    if (certificate.len > 0)
        setting(s, "CertificateFile", keep_file(s, S("certificate"), certificate, 0600));
    if (is_false(c, S("agent")))
        setting(s, "IdentityAgent", S("none"));
}

static struct str make_script_path(struct arena *arena, struct value c) {
    struct str path = text_of(c, S("script_path"), S("/tmp/terraform_%RAND%.sh"));
    return str_replace(arena, path, S("%RAND%"), rand_text(arena, 9, S("0123456789")));
}

/* Not a file's name, say; none is no fault. */
static bool is_key(struct str text) {
    return text.len == 0 || str_find(text, S("PRIVATE KEY-----")) >= 0;
}

static bool open_session(struct session *s, struct provisioning *p, const char *summary) {
    struct value c = p->connection;
    *s = (struct session){.p = p, .arena = p->task->arena};
    struct str heading = str_from(summary);
    if (value_is_null(c))
        return provision_fail(p, heading, S("Missing connection configuration for provisioner."));
    struct str type = text_of(c, S("type"), S("ssh"));
    if (!str_eq(type, S("ssh")))
        return provision_fail(
            p, heading,
            str_format(s->arena, "connection type '%.*s' not supported", STR_ARG(type)));
    s->host = text_of(c, S("host"), S(""));
    if (s->host.len == 0)
        return provision_fail(p, heading, S("host for provisioner cannot be empty"));
    if (text_of(c, S("proxy_host"), S("")).len > 0)
        return provision_fail(p, heading,
                              S("connections through a proxy are not supported; name the proxy in "
                                "a ProxyCommand of the SSH configuration instead"));
    if (!is_key(text_of(c, S("private_key"), S(""))) ||
        !is_key(text_of(c, S("bastion_private_key"), S(""))))
        return provision_fail(p, heading, S("Failed to read ssh private key: no key found"));
    if (fs_make_temporary(s->arena, S("loam-ssh"), &s->folder) != 0)
        return provision_fail(p, heading, S("cannot make a temporary folder"));
    s->user = text_of(c, S("user"), S("root"));
    s->timeout_ms = parse_duration(text_of(c, S("timeout"), S("5m")), SSH_TIMEOUT_MS);
    s->script_path = make_script_path(s->arena, c);
    s->port = number_of(c, S("port"), 22);
    setting(s, "Port", str_format(s->arena, "%lld", (long long)s->port));
    setting(s, "User", s->user);
    setting(s, "ConnectTimeout", str_format(s->arena, "%d", SSH_CONNECT_S));
    setting(s, "LogLevel", S("ERROR"));
    add_host_key(s, c);
    add_keys(s, c);
    add_password(s, c);
    add_bastion(s, c);
    return true;
}

static bool run(struct session *s, struct str program, const struct str *args, size_t n,
                struct str input, bool show, struct str *ret_error) {
    struct str *argv = arena_array(s->arena, s->n_options + n + 1, sizeof *argv);
    size_t used = 0;
    argv[used++] = program;
    for (size_t i = 0; i < s->n_options; i++)
        argv[used++] = s->options[i];
    for (size_t i = 0; i < n; i++)
        argv[used++] = args[i];
    const struct subprocess what = {
        .argv = argv,
        .n_argv = used,
        .environment = s->environment,
        .n_environment = s->n_environment,
        .input = input,
        .line = show ? provision_line : NULL,
        .context = s->p,
        .abort_now = s->p->task->run->options->abort_now,
    };
    struct str tail = {0}, error = {0};
    if (subprocess_run(s->arena, &what, &tail, &error))
        return true;
    tail = str_trim(tail);
    bool tell = !show && tail.len > 0;
    *ret_error = tell ? str_format(s->arena, "%.*s: %.*s", STR_ARG(error), STR_ARG(tail)) : error;
    return false;
}

static bool remote(struct session *s, struct str command, struct str input, bool show,
                   struct str *ret_error) {
    const struct str args[] = {s->host, command};
    return run(s, S("ssh"), args, COUNT(args), input, show, ret_error);
}

static void announce(struct session *s) {
    struct value c = s->p->connection;
    bool checks = text_of(c, S("host_key"), S("")).len > 0;
    provision_line(
        s->p, str_format(s->arena,
                         "Connecting to remote host via SSH...\n  Host: %.*s\n  User: %.*s\n"
                         "  Password: %s\n  Private key: %s\n  Certificate: %s\n  SSH Agent: %s\n"
                         "  Checking Host Key: %s\n  Target Platform: %.*s",
                         STR_ARG(s->host), STR_ARG(s->user),
                         text_of(c, S("password"), S("")).len > 0 ? "true" : "false",
                         text_of(c, S("private_key"), S("")).len > 0 ? "true" : "false",
                         text_of(c, S("certificate"), S("")).len > 0 ? "true" : "false",
                         !is_false(c, S("agent")) && getenv("SSH_AUTH_SOCK") ? "true" : "false",
                         checks ? "true" : "false",
                         STR_ARG(text_of(c, S("target_platform"), S("unix")))));
}

/* What ssh says of the ways to fail, as Terraform words them. */
static struct str why_not(struct session *s, struct str error) {
    struct arena *arena = s->arena;
    bool bastion = text_of(s->p->connection, S("bastion_host"), S("")).len > 0;
    struct str who = str_format(arena,
                                "SSH authentication failed (%.*s@%.*s:%lld): ssh: handshake "
                                "failed: ",
                                STR_ARG(s->user), STR_ARG(s->host), (long long)s->port);
    if (str_find(error, S("Permission denied")) >= 0)
        return str_cat(arena, who,
                       S("ssh: unable to authenticate, attempted methods [none publickey], no "
                         "supported methods remain"));
    if (str_find(error, S("Host key verification failed")) >= 0)
        return str_cat(arena, who, S("knownhosts: key mismatch"));
    if (str_find(error, S("Connection refused")) >= 0)
        return str_format(
            arena, "%sdial tcp %.*s:%lld: connect: connection refused",
            bastion ? "Error connecting to bastion: " : "", STR_ARG(s->host),
            (long long)(bastion ? number_of(s->p->connection, S("bastion_port"), 22) : s->port));
    return error;
}

/* A new machine may take minutes before it answers: tries until the connection's timeout. */
static bool connect(struct session *s, bool aloud, struct str *ret_error) {
    const _Atomic bool *abort_now = s->p->task->run->options->abort_now;
    int64_t until = clock_monotonic_ms() + s->timeout_ms;
    for (;;) {
        if (aloud)
            announce(s);
        struct str error = {0};
        if (remote(s, S("true"), S(""), false, &error)) {
            if (aloud)
                provision_line(s->p, S("Connected!"));
            return true;
        }
        bool over = clock_monotonic_ms() + SSH_RETRY_MS > until || (abort_now && *abort_now);
        if (over || !str_starts(error, S(SSH_FAILED))) {
            *ret_error =
                str_format(s->arena, "timeout - last error: %.*s", STR_ARG(why_not(s, error)));
            return false;
        }
        clock_sleep_ms(SSH_RETRY_MS);
    }
}

static bool upload(struct session *s, struct str path, struct str bytes, struct str mode,
                   struct str *ret_error) {
    struct str target = quoted(s->arena, path);
    struct str command = str_format(s->arena, "cat > %.*s", STR_ARG(target));
    if (mode.len > 0)
        command = str_format(s->arena, "%.*s && chmod %.*s %.*s", STR_ARG(command), STR_ARG(mode),
                             STR_ARG(target));
    return remote(s, command, bytes, false, ret_error);
}

static bool run_script(struct session *s, struct str script, struct str *ret_error) {
    struct str ignored;
    if (!str_starts(script, S("#!")))
        script = str_cat(s->arena, S("#!/bin/sh\n"), script);
    if (!upload(s, s->script_path, script, S("0777"), ret_error)) {
        *ret_error = str_format(s->arena, "Failed to upload script: %.*s", STR_ARG(*ret_error));
        return false;
    }
    if (!remote(s, quoted(s->arena, s->script_path), S(""), true, ret_error)) {
        *ret_error =
            str_format(s->arena, "error executing \"%.*s\": Process exited with status %.*s",
                       STR_ARG(s->script_path),
                       STR_ARG(str_replace(s->arena, *ret_error, S("exit status "), S(""))));
        return false;
    }
    /* What the script held should not stay on the machine; best effort. */
    upload(s, s->script_path, S(""), S(""), &ignored);
    return true;
}

static bool script_of_inline(struct session *s, struct value lines, struct str *ret_script,
                             struct str *ret_error) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < value_count(lines); i++) {
        struct value line = value_at(lines, i);
        if (line.kind != VALUE_STRING || value_str(line).len == 0) {
            buf_clear(&out);
            *ret_error = line.kind == VALUE_STRING ? S("invalid empty string in 'scripts'")
                                                   : S("invalid null string in 'scripts'");
            return false;
        }
        buf_add(&out, value_str(line));
        buf_byte(&out, '\n');
    }
    *ret_script = buf_take(&out, s->arena);
    if (ret_script->len == 0) {
        *ret_error = S("Failed to upload script: Error reading script: EOF");
        return false;
    }
    return true;
}

static bool read_script(struct session *s, struct value path, struct str *ret_script,
                        struct str *ret_error) {
    if (path.kind != VALUE_STRING || value_str(path).len == 0) {
        *ret_error = path.kind == VALUE_STRING ? S("invalid empty string in 'script'")
                                               : S("invalid null string in 'script'");
        return false;
    }
    int error = fs_read(s->arena, value_str(path), BUF_MAX_DOCUMENT, ret_script);
    if (error == 0)
        return true;
    *ret_error = str_format(s->arena, "Failed to open script '%.*s': open %.*s: %.*s",
                            STR_ARG(value_str(path)), STR_ARG(value_str(path)),
                            STR_ARG(fs_error_text(s->arena, error)));
    return false;
}

/* All scripts are read before the first one runs. */
static bool collect_scripts(struct session *s, struct value config, struct str **ret_scripts,
                            size_t *ret_n, struct str *ret_error) {
    struct value lines = value_attr(config, S("inline"));
    struct value one = value_attr(config, S("script"));
    struct value many = value_attr(config, S("scripts"));
    size_t n = value_is_null(many) ? 0 : value_count(many);
    struct str *scripts = arena_array(s->arena, n + 1, sizeof *scripts);
    *ret_scripts = scripts;
    *ret_n = 1;
    if (!value_is_null(lines))
        return script_of_inline(s, lines, &scripts[0], ret_error);
    if (!value_is_null(one))
        return read_script(s, one, &scripts[0], ret_error);
    *ret_n = n;
    for (size_t i = 0; i < n; i++)
        if (!read_script(s, value_at(many, i), &scripts[i], ret_error))
            return false;
    return true;
}

bool ssh_remote_exec(struct provisioning *p) {
    static const char summary[] = "remote-exec provisioner error";
    struct session s;
    struct str error = {0}, *scripts = NULL;
    size_t n = 0;
    if (!open_session(&s, p, summary))
        return false;
    bool done = collect_scripts(&s, p->config, &scripts, &n, &error) && connect(&s, true, &error);
    for (size_t i = 0; done && i < n; i++)
        done = run_script(&s, scripts[i], &error);
    fs_remove_tree(s.folder);
    return done || provision_fail(p, str_from(summary), error);
}

/* A folder goes into the destination when that is one, and becomes it when there is none; its
 * content goes there when its name ends in a slash. */
static bool copy_folder(struct session *s, struct str source, struct str destination,
                        struct str *ret_error) {
    struct str unheard;
    struct str test = str_format(s->arena, "test -d %.*s", STR_ARG(quoted(s->arena, destination)));
    if (!str_ends(source, S("/")) && remote(s, test, S(""), false, &unheard))
        destination = fs_join(s->arena, destination, fs_basename(source));
    struct str target = quoted(s->arena, destination);
    struct str make = str_format(s->arena, "mkdir -p %.*s", STR_ARG(target));
    if (!remote(s, make, S(""), false, ret_error))
        return false;
    const struct str args[] = {
        S("-r"), S("-q"), str_cat(s->arena, source, S("/.")),
        str_format(s->arena, "%.*s:%.*s", STR_ARG(s->host), STR_ARG(destination))};
    return run(s, S("scp"), args, COUNT(args), S(""), false, ret_error);
}

static struct str expand_home(struct arena *arena, struct str path) {
    const char *home = getenv("HOME");
    if (!home || !str_starts(path, S("~/")))
        return path;
    return fs_join(arena, str_from(home), str_slice(path, 2, path.len));
}

static bool copy(struct session *s, struct value config, struct str *ret_error) {
    struct str destination = text_of(config, S("destination"), S(""));
    struct value content = value_attr(config, S("content"));
    struct str bytes;
    if (content.kind == VALUE_STRING) {
        bytes = value_str(content);
    } else {
        struct str source = expand_home(s->arena, text_of(config, S("source"), S("")));
        if (fs_is_dir(source))
            return copy_folder(s, source, destination, ret_error);
        int error = fs_read(s->arena, source, BUF_MAX_DOCUMENT, &bytes);
        if (error != 0) {
            *ret_error = str_format(s->arena, "stat %.*s: %.*s", STR_ARG(source),
                                    STR_ARG(fs_error_text(s->arena, error)));
            return false;
        }
    }
    if (upload(s, destination, bytes, S(""), ret_error))
        return true;
    *ret_error = str_format(s->arena, "Upload failed: %.*s", STR_ARG(*ret_error));
    return false;
}

bool ssh_copy_file(struct provisioning *p) {
    static const char summary[] = "file provisioner error";
    struct session s;
    struct str error = {0};
    if (text_of(p->config, S("destination"), S("")).len == 0)
        return provision_fail(p, S("Invalid file provisioner configuration"),
                              S("The destination must be a non-empty string."));
    if (!open_session(&s, p, summary))
        return false;
    bool done = connect(&s, false, &error) && copy(&s, p->config, &error);
    fs_remove_tree(s.folder);
    return done || provision_fail(p, str_from(summary), error);
}
