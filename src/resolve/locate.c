/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/locate.h"

#include "config/decode.h"
#include "value/path.h"

/* Reads what path_text() writes: `.a[0]["k"]`, with or without the first dot. Elements of sets are
 * only told apart from the rest. */
static struct path parse_path(struct arena *arena, struct str text) {
    struct path path = {0};
    size_t i = 0;
    while (i < text.len) {
        if (text.at[i] == '[') {
            size_t end = i + 1;
            bool quoted = end < text.len && text.at[end] == '"';
            while (end < text.len && text.at[end] != ']')
                end++;
            struct str inner = str_slice(text, i + 1, end);
            int64_t index;
            if (quoted && inner.len >= 2)
                path = path_key(arena, path, str_slice(inner, 1, inner.len - 1));
            else if (str_to_int(inner, &index))
                path = path_index(arena, path, index);
            else
                path = path_element(arena, path, value_null(type_dynamic));
            i = end + 1;
            continue;
        }
        if (text.at[i] == '.')
            i++;
        size_t end = i;
        while (end < text.len && text.at[end] != '.' && text.at[end] != '[')
            end++;
        int64_t index;
        struct str name = str_slice(text, i, end);
        path = str_to_int(name, &index) ? path_index(arena, path, index)
                                        : path_attr(arena, path, name);
        i = end;
        if (name.len == 0)
            break;
    }
    return path;
}

void locate_diags(struct arena *arena, struct diags *diags, size_t first, struct str address,
                  const struct body *body, const struct schema_block *block) {
    for (size_t i = first; i < diags->n; i++) {
        struct diag *d = &diags->at[i];
        if (d->address.len == 0)
            d->address = address;
        if (d->subject.file == 0 && body && block)
            d->subject = decode_span(body, block, parse_path(arena, d->path));
    }
}
