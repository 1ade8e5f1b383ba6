/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late.h"

#include <dlfcn.h>

bool late_open(const char *file, const struct late_symbol *symbols, size_t n) {
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; handle && i < n; i++)
        if (!(*symbols[i].to = dlsym(handle, symbols[i].name)))
            return false;
    return handle != NULL;
}

const char *late_error(void) {
    const char *why = dlerror();
    return why ? why : "unknown";
}
