/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any provider there is: one that runs as a process of its own and speaks plugin protocol 5 or 6,
 * seen as a struct provider like those inside loam. The process starts when it is first needed; its
 * schemas are read once and shared by all configurations of the provider.
 */
#ifndef LOAM_PLUGIN_H
#define LOAM_PLUGIN_H

#include "provider/provider.h"

/* The system that packages of providers are made for, in the words of registries. */
#define PLUGIN_OS "linux"
#if defined(__x86_64__)
#define PLUGIN_ARCH "amd64"
#elif defined(__aarch64__)
#define PLUGIN_ARCH "arm64"
#else
#define PLUGIN_ARCH "unknown"
#endif
#define PLUGIN_PLATFORM PLUGIN_OS "_" PLUGIN_ARCH

struct plugin_host;

/* One provider: a program to start, or one that runs already and is not ended. */
struct plugin_spec {
    struct str source; /* "registry.terraform.io/hashicorp/aws" */
    struct str name;   /* "aws" */
    struct str version;
    struct str program;           /* its binary; or empty: */
    struct str network, address;  /* "unix" and a path, or "tcp" and HOST:PORT */
    int protocol;                 /* 5 or 6, that it speaks there */
    struct str terraform_version; /* what it is told to work for */
    const _Atomic bool *aborted;  /* or NULL; true: do not wait any longer for it to start */
};

/* The host lives as long as arena; then its processes are ended. */
struct plugin_host *plugin_host(struct arena *arena, const struct plugin_spec *spec);
/* The `open` of a provider_factory whose context is the host. */
struct provider *plugin_open(struct arena *arena, void *host, struct diags *diags);

/* The program terraform-provider-TYPE* in a folder, or empty. */
struct str plugin_program(struct arena *arena, struct str folder, struct str type);

/* One release of a provider in a folder. */
struct plugin_release {
    struct str version; /* "5.100.0" */
    struct str program;
};

/*
 * Releases of a provider ("registry.terraform.io/hashicorp/aws") for a platform ("linux_amd64";
 * empty: for any) that lie unpacked in a folder as `terraform init` and filesystem mirrors lay them
 * out: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-TYPE*.
 */
void plugin_find(struct arena *arena, struct str folder, struct str source, struct str platform,
                 struct plugin_release **ret_releases, size_t *ret_n);

#endif
